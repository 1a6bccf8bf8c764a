/* SPDX-License-Identifier: MIT
 *
 * A head with an option of its own: the mean of each channel, then a hidden dense layer of
 * model.head_features with ReLU before the last one.
 *
 * file  src/model/head_hidden.c
 * row   src/model/heads.c HEADS ROW(hidden)
 */
#include "build.h"

struct hidden {
    int features;
};

// clang-format off
static const struct leadseq_option rows[] = {
    {"model.head_features", &leadseq_option_integer, LEADSEQ_FIELD(struct hidden, features),
     .standard = "16", .least = 1, .most = 4096, .help = "features of the hidden layer"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {LEADSEQ_GROUP(rows, 0), {0}};

static int build(struct model_builder *b)
{
    const struct hidden *o = (const void *)b->spec->head;
    struct nn_global_options mean = {.mean = true};
    struct nn_dense_options dense = {.features = o->features, .bias = true};
    if (model_add(b, nn_global_new(b->store, "pool", b->shape, &mean)) ||
        model_add(b, nn_dense_new(b->store, "hidden", b->shape, &dense)))
        return -1;
    return model_add(b, nn_relu_new(b->store, "hidden_relu", b->shape));
}

const struct leadseq_head_type model_head_hidden = {
    .name = "hidden",
    .help = "the mean of each channel, then a hidden layer",
    .bytes = sizeof(struct hidden),
    .options = groups,
    .build = build,
};
