/* SPDX-License-Identifier: MIT
 *
 * Every value is a feature: the dense layer has a weight for each channel, row and
 * column, and of each image if the record still has several. */
#include "build.h"

static int build(struct model_builder *b)
{
    return model_add(b, nn_flatten_new(b->store, "flatten", b->shape));
}

const struct leadseq_head_type model_head_flatten = {
    .name = "flatten", .help = "every value is a feature", .build = build};
