/* SPDX-License-Identifier: MIT
 *
 * The table of formats that `leadseq export` writes. */
#include "exchange/exchange.h"

/* clang-format off */
#define FORMATS(ROW) \
    ROW("safetensors", "parameters and running statistics under the names of other programs", write_weights) \
    ROW("onnx", "the network as a graph, from a stack's images to logits and probabilities", leadseq_onnx_write)
/* clang-format on */

static int write_weights(const struct leadseq_export *what, FILE *out)
{
    return leadseq_weights_write(what->model, out);
}

#define FORMAT(name, help, write) {name, help, write},
#define NAME(name, help, write)   name,
static const struct leadseq_export_format formats[] = {FORMATS(FORMAT)};
const char *const leadseq_export_format_names[] = {FORMATS(NAME) NULL};

const struct leadseq_export_format *leadseq_export_format_at(size_t i)
{
    return i < LEADSEQ_COUNT(formats) ? &formats[i] : NULL;
}
