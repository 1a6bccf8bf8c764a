/* SPDX-License-Identifier: MIT
 *
 * The maximum of each channel over rows, columns and images. */
#include "build.h"

static int build(struct model_builder *b)
{
    struct nn_global_options o = {.max = true};
    return model_add(b, nn_global_new(b->store, "pool", b->shape, &o));
}

const struct leadseq_head_type model_head_max = {
    .name = "max", .help = "the maximum of each channel", .build = build};
