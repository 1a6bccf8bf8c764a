/* SPDX-License-Identifier: MIT
 *
 * The heads of the PTB-XL benchmark's networks on signals (Strodthoff et al. 2020), which are
 * fastai 1's:
 *
 *   [maximum, mean] of each channel, or [mean, maximum, last]
 *     -> norm1 -> dropout p/2 -> linear1, ReLU -> norm2 -> dropout p -> head
 *
 * Norms begin at 1 and 0; dense weights are normal with √(2 / inputs), their biases begin at 0. */
#include "build.h"

// clang-format off
static const struct leadseq_option rows[] = {
    {"model.head_features", &leadseq_option_integer, LEADSEQ_FIELD(struct model_hidden, features),
     .standard = "128", .least = 1, .most = 65536, .help = "features of the hidden layer"},
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
                                       .bias = true});
}

static int build_last(struct model_builder *b)
{
    return model_add_hidden(
        b, &(struct model_hidden_plan){.pool = {.mean = true, .max = true, .last = true},
                                       .bias = true});
}

const struct leadseq_head_type model_head_benchmark = {
    .name = "benchmark",
    .help = "maximum and mean of each channel, two dense layers with biases, batch norm and "
            "dropout before each",
    .bytes = sizeof(struct model_hidden),
    .options = groups,
    .build = build,
    .kaiming = true,
    .has_norm = true,
};

const struct leadseq_head_type model_head_benchmark_last = {
    .name = "benchmark-last",
    .help = "the same of mean, maximum and last value",
    .bytes = sizeof(struct model_hidden),
    .options = groups,
    .build = build_last,
    .kaiming = true,
    .has_norm = true,
};
