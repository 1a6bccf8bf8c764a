/* SPDX-License-Identifier: MIT
 *
 * A convolution's primitive on a few images of a batch at a time, each call on one thread:
 *
 *   images 0 … g - 1   one thread
 *   images g … 2g - 1  another
 *   …
 *
 * oneDNN plans Winograd's algorithm, and sums over images, by the number of threads, and other
 * plans give other bits. Here the plan is for one thread and the groups follow from the shape, so
 * that the number of threads changes no bit. */
#ifndef NN_CONV_GROUPS_H
#define NN_CONV_GROUPS_H

#include "tensor.h"

enum { NN_GROUP_ARGUMENTS = 4 };

struct nn_group_argument {
    int argument; /* DNNL_ARG_SRC and so on */
    const_dnnl_memory_desc_t md;
    size_t step; /* bytes from a group to the next; 0: all read, or a lane writes, the same */
};

/* What a thread uses alone. */
struct nn_group_lane {
    dnnl_memory_t memory[NN_GROUP_ARGUMENTS], scratch;
    dnnl_stream_t stream;
    struct nn_plan plan;
};

struct nn_conv_groups {
    struct leadseq_engine *engine;
    int groups, threads, lanes, arguments;
    size_t step[NN_GROUP_ARGUMENTS];
    struct nn_plan plan; /* for one thread */
    struct nn_group_lane *lane;
};

/* The largest divisor of the batch up to the images that have as many pixels in y. */
int nn_group_images(const struct nn_convolution *s, int pixels);
/* Threads that have a group. */
int nn_group_lanes(int groups, int threads);
/* Some images of a batch, in its layout. */
int nn_group_describe(struct nn_tensor *t, struct leadseq_engine *engine,
                      const struct nn_tensor *batch, int images) LEADSEQ_CHECKED;

/* `pd`: of a group, planned for one thread, its scratch memory the caller's. */
int nn_conv_groups_init(struct nn_conv_groups *g, struct leadseq_engine *engine,
                        const_dnnl_primitive_desc_t pd, int groups,
                        const struct nn_group_argument *argument, int n) LEADSEQ_CHECKED;
void nn_conv_groups_clear(struct nn_conv_groups *g); /* takes zeros */
/* One group on the calling thread; `data`: of each argument, that of the first group. */
dnnl_status_t nn_conv_groups_run_one(const struct nn_conv_groups *g, int lane, int group,
                                     void *const *data);
/* All groups. */
int nn_conv_groups_run(const struct nn_conv_groups *g, void *const *data) LEADSEQ_CHECKED;

/* Forward or to dx, in training: by Winograd's algorithm in groups where that is
 * faster; else `groups` stays 0 and the whole batch is one primitive's. x and y: the batch as it is
 * read and written, in named layouts. `w` becomes `weight` as the primitive reads it; `at_once`: it
 * is read right after each copy alone, so that the copy is in engine->turn. */
int nn_conv_winograd_init(struct nn_conv_groups *g, struct leadseq_engine *engine,
                          const struct nn_convolution *s, enum nn_way way,
                          const struct nn_tensor *x, const struct nn_tensor *y,
                          struct nn_adapter *w, struct nn_tensor *weight,
                          bool at_once) LEADSEQ_CHECKED;
/* `in` and `out` are y and x to dx; bias may be NULL. */
int nn_conv_winograd_run(const struct nn_conv_groups *g, const struct nn_tensor *in,
                         const struct nn_adapter *w, const struct nn_tensor *bias,
                         const struct nn_tensor *out) LEADSEQ_CHECKED;
/* Bytes of scratch, one after the other in the same, where any direction is so computed. */
size_t nn_conv_winograd_bytes(const struct nn_convolution *s, const struct leadseq_engine *engine);

#endif
