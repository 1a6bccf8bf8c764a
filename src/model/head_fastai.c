/* SPDX-License-Identifier: MIT
 *
 * The head that fastai 2 puts on a network that is fine-tuned:
 *
 *   [maximum, mean] of each channel -> norm1 -> dropout p/2 -> linear1 without bias, ReLU
 *                                   -> norm2 -> dropout p   -> head without bias
 *
 * Norms begin at weight 1 and bias 1e-3; dense weights are normal with √(2 / inputs). */
#include "build.h"

struct fastai {
    int features;
    float dropout;
};

// clang-format off
static const struct leadseq_option rows[] = {
    {"model.head_features", &leadseq_option_integer, LEADSEQ_FIELD(struct fastai, features),
     .standard = "512", .least = 1, .most = 65536, .help = "features of the hidden layer"},
    {"model.head_dropout", &leadseq_option_number32, LEADSEQ_FIELD(struct fastai, dropout),
     .unit = "share of features", .standard = "0.5", .least = 0, .most = 0.99,
     .help = "share dropped before the last dense layer, and half of it before the hidden one"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static int add_norm(struct model_builder *b, const char *name, const char *drop, float rate)
{
    const struct nn_norm_options norm = {.bias = 1e-3f};
    if (model_add(b, nn_norm_new(b->store, name, b->shape, &norm))) return -1;
    return rate > 0 ? model_add(b, nn_dropout_new(b->store, drop, b->shape, rate)) : 0;
}

static int build(struct model_builder *b)
{
    const struct fastai *o = (const void *)b->spec->head;
    const struct nn_global_options pool = {.mean = true, .max = true, .max_first = true};
    if (model_add(b, nn_global_new(b->store, "pool", b->shape, &pool)) ||
        add_norm(b, "head_norm1", "head_dropout1", o->dropout / 2))
        return -1;
    const struct nn_dense_options dense = {.features = o->features,
                                           .deviation = model_head_deviation(b->shape.c)};
    if (model_add(b, nn_dense_new(b->store, "head_linear1", b->shape, &dense)) ||
        model_add(b, nn_relu_new(b->store, "head_relu", b->shape)))
        return -1;
    return add_norm(b, "head_norm2", "head_dropout2", o->dropout);
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
    .bytes = sizeof(struct fastai),
    .options = groups,
    .build = build,
    .aliases = aliases,
    .kaiming = true,
    .has_norm = true,
    .no_bias = true,
};
