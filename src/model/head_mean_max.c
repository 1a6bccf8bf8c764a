/* SPDX-License-Identifier: MIT
 *
 * Mean and maximum of each channel over rows, columns and images: two features each. */
#include "build.h"

static int build(struct model_builder *b)
{
    struct nn_global_options o = {.mean = true, .max = true};
    return model_add(b, nn_global_new(b->store, "pool", b->shape, &o));
}

const struct leadseq_head_type model_head_mean_max = {
    .name = "mean-max", .help = "both of each channel", .build = build};
