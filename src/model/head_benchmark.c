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

struct benchmark {
    int features;
    float dropout;
};

// clang-format off
static const struct leadseq_option rows[] = {
    {"model.head_features", &leadseq_option_integer, LEADSEQ_FIELD(struct benchmark, features),
     .standard = "128", .least = 1, .most = 65536, .help = "features of the hidden layer"},
    {"model.head_dropout", &leadseq_option_number32, LEADSEQ_FIELD(struct benchmark, dropout),
     .unit = "share of features", .standard = "0.5", .least = 0, .most = 0.99,
     .help = "share dropped before the last dense layer, and half of it before the hidden one"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static int add_norm(struct model_builder *b, const char *name, const char *drop, float rate)
{
    if (model_add(b, nn_norm_new(b->store, name, b->shape, &(struct nn_norm_options){0})))
        return -1;
    return rate > 0 ? model_add(b, nn_dropout_new(b->store, drop, b->shape, rate)) : 0;
}

static int build_after(struct model_builder *b, const struct nn_global_options *pool)
{
    const struct benchmark *o = (const void *)b->spec->head;
    if (model_add(b, nn_global_new(b->store, "pool", b->shape, pool)) ||
        add_norm(b, "head_norm1", "head_dropout1", o->dropout / 2))
        return -1;
    const struct nn_dense_options dense = {
        .features = o->features, .bias = true, .deviation = model_head_deviation(b->shape.c)};
    if (model_add(b, nn_dense_new(b->store, "head_linear1", b->shape, &dense)) ||
        model_add(b, nn_relu_new(b->store, "head_relu", b->shape)))
        return -1;
    return add_norm(b, "head_norm2", "head_dropout2", o->dropout);
}

static int build(struct model_builder *b)
{
    return build_after(b,
                       &(struct nn_global_options){.mean = true, .max = true, .max_first = true});
}

static int build_last(struct model_builder *b)
{
    return build_after(b, &(struct nn_global_options){.mean = true, .max = true, .last = true});
}

const struct leadseq_head_type model_head_benchmark = {
    .name = "benchmark",
    .help = "maximum and mean of each channel, two dense layers with biases, batch norm and "
            "dropout before each",
    .bytes = sizeof(struct benchmark),
    .options = groups,
    .build = build,
    .kaiming = true,
    .has_norm = true,
};

const struct leadseq_head_type model_head_benchmark_last = {
    .name = "benchmark-last",
    .help = "the same of mean, maximum and last value",
    .bytes = sizeof(struct benchmark),
    .options = groups,
    .build = build_last,
    .kaiming = true,
    .has_norm = true,
};
