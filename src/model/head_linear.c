/* SPDX-License-Identifier: MIT
 *
 * The mean of each channel and nothing else before the last dense layer, as torchvision's networks
 * end. */
#include "build.h"

static int build(struct model_builder *b)
{
    struct nn_global_options o = {.mean = true};
    return model_add(b, nn_global_new(b->store, "pool", b->shape, &o));
}

const struct leadseq_head_type model_head_linear = {
    .name = "linear", .help = "the mean of each channel, under torchvision's name", .build = build};
