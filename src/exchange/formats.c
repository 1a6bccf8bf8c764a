/* SPDX-License-Identifier: MIT
 *
 * The table of formats that `leadseq export` writes. */
#include "formats.h"

#include "weights.h"

/* clang-format off */
#define FORMATS(ROW) \
    ROW("safetensors", "parameters and running statistics under the names of other programs", leadseq_weights_write)
/* clang-format on */

#define FORMAT(name, help, write) {name, help, write},
#define NAME(name, help, write)   name,
static const struct exchange_format formats[] = {FORMATS(FORMAT)};
const char *const exchange_format_names[] = {FORMATS(NAME) NULL};

const struct exchange_format *exchange_format_at(size_t i)
{
    return i < LEADSEQ_COUNT(formats) ? &formats[i] : NULL;
}
