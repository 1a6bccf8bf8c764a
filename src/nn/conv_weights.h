/* SPDX-License-Identifier: MIT
 *
 * The gradient of a convolution's weights and biases, Σ over images and pixels, by oneDNN's
 * primitive on a few images at a time:
 *
 *   images 0 … g - 1   one thread ─► dw in float32 ─┐
 *   images g … 2g - 1  another    ─► dw in float32 ─┼─► added in double, group after group
 *   …
 *
 * With fewer groups than threads, of an image each, several threads take an image, each for some
 * channels of dy and so for other weights: a piece is a group and such a part.
 *
 * White paper gives 10^5 to 10^6 terms that are nearly equal and cancel between one another: in
 * float32 alone the later ones lose digits. A float32 sum runs over a group only. Groups follow
 * from the shape, and they are added in their order, so the number of threads changes no bit. */
#ifndef NN_CONV_WEIGHTS_H
#define NN_CONV_WEIGHTS_H

#include "conv_groups.h"

struct nn_conv_weights {
    bool at_once;             /* what follows is in engine->turn */
    bool begun;               /* there are sums since the last nn_conv_weights_take() */
    struct nn_conv_groups of; /* pieces: the parts of a group, then those of the next */
    int parts;
    size_t x_bytes;          /* of a group */
    char *memory;            /* of all below, unless it is at_once */
    float *all, *plain;      /* dw in oneDNN's layout, and dw's memory */
    float **values;          /* of each lane: dw of a part in oneDNN's layout, then db */
    double *sum;             /* of each part: of dw, then of db, rounded up to whole vectors */
    size_t weights, vectors; /* of a part */
    struct nn_tensor dw;     /* (K, C, kernel, kernel) plain: what nn_conv_weights_take() leaves */
    struct nn_adapter dw_out;
    float *db; /* (K) */
};

/* x and dy: the batch as oneDNN's primitive reads it, in named layouts. at_once: each batch is
 * taken before anything else runs, so that sums and dw need no memory of their own. */
int nn_conv_weights_init(struct nn_conv_weights *w, struct leadseq_engine *engine,
                         const struct nn_convolution *s, const struct nn_tensor *x,
                         const struct nn_tensor *dy, bool at_once) LEADSEQ_CHECKED;
void nn_conv_weights_clear(struct nn_conv_weights *w); /* takes zeros */
/* Bytes of the above. */
size_t nn_conv_weights_bytes(const struct nn_convolution *s, const struct leadseq_engine *engine);
/* Adds a batch to the sums. */
int nn_conv_weights_run(struct nn_conv_weights *w, const struct nn_tensor *x,
                        const struct nn_tensor *dy) LEADSEQ_CHECKED;
/* The sums, rounded, into `dw` and `db`; they begin again. */
int nn_conv_weights_take(struct nn_conv_weights *w, struct leadseq_engine *engine) LEADSEQ_CHECKED;

#endif
