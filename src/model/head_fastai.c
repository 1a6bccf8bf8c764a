/* SPDX-License-Identifier: MIT
 *
 * The head that fastai 2 puts on a network that is fine-tuned:
 *
 *   [maximum, mean] of each channel -> norm1 -> dropout p/2 -> linear1 without bias, ReLU
 *                                   -> norm2 -> dropout p   -> head without bias
 *
 * Norms begin at weight 1 and bias 1e-3; dense weights are normal with √(2 / inputs). */
#include "build.h"

// clang-format off
static const struct leadseq_option rows[] = {
    {"model.head_features", &leadseq_option_integer, LEADSEQ_FIELD(struct model_hidden, features),
     .standard = "512", .least = 1, .most = 65536, .help = "features of the hidden layer"},
    {"model.head_dropout", &leadseq_option_number32, LEADSEQ_FIELD(struct model_hidden, dropout),
     .unit = "share of features", .standard = "0.5", .least = 0, .most = 0.99,
     .help = "share dropped before the last dense layer, and half of it before the hidden one"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static int build(struct model_builder *b)
{
    return model_add_hidden(
        b, &(struct model_hidden_plan){.pool = {.mean = true, .max = true, .max_first = true},
                                       .norm = {.bias = 1e-3f}});
}

/* As torchvision's fc where that is fastai's head, and as fastai's own files have it. */
static const struct leadseq_model_alias aliases[] = {
    {"head_norm1.", "fc.2.", false},
    {"head_linear1.", "fc.4.", false},
    {"head_norm2.", "fc.6.", false},
    {"head.", "fc.8.", false},
    {"head_norm1.", "1.2.", true},
    {"head_linear1.", "1.4.", true},
    {"head_norm2.", "1.6.", true},
    {"head.", "1.8.", true},
    {NULL, NULL, false},
};

const struct leadseq_head_type model_head_fastai = {
    .name = "fastai",
    .help = "maximum and mean of each channel, two dense layers with batch norm and dropout before "
            "each",
    .bytes = sizeof(struct model_hidden),
    .options = groups,
    .build = build,
    .aliases = aliases,
    .kaiming = true,
    .has_norm = true,
    .no_bias = true,
};
