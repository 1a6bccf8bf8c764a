/* SPDX-License-Identifier: MIT
 *
 * Batch norm's passes over memory, for norm.c: sums of each channel and what is
 * computed from them, value by value.
 *
 * Sums are double: float32 sums of 10^6 and more values of one sign lose digits, and at 2^24
 * equal terms they stop growing. A product of two floats is exact in double, and so is its place
 * in a sum of 10^9 terms to about 1e-13 of the sum of absolute terms. An image is divided into
 * pieces of a fixed number of pixels; each piece is summed by one thread, and the pieces are
 * added in their order, so the number of threads changes no bit. */
#ifndef NN_NORM_H
#define NN_NORM_H

#include "layer.h"

/* How the values of a tensor in a named layout are walked through, sixteen at a time. Layouts
 * whose blocks have 1, 2, 4, 8 or 16 channels are contiguous: lane i of a vector is channel
 * i % block. In the others (NHWC) a pixel's channels are taken in groups of up to sixteen. */
struct nn_norm_walk {
    struct nn_blocks g;
    size_t images, channels;
    size_t pieces;         /* of a block of an image */
    size_t width;          /* lanes per block: 16, or the channels rounded up to whole vectors */
    bool contiguous, half; /* half: values are bfloat16 */
    double *partial;       /* (images, blocks, pieces, 2, width): the two sums of each piece */
};
/* `t` is described; its layout has a name (nn_tensor_blocks()). */
int nn_norm_walk_init(struct nn_norm_walk *w, const struct nn_tensor *t) LEADSEQ_CHECKED;
/* The same with another number of pieces of an image's block. */
int nn_norm_walk_init_pieces(struct nn_norm_walk *w, const struct nn_tensor *t,
                             size_t pieces) LEADSEQ_CHECKED;
void nn_norm_walk_clear(struct nn_norm_walk *w); /* takes zeros */
/* Bytes of `partial` for images of such a shape in blocks of that many channels. */
size_t nn_norm_walk_bytes(struct nn_shape s, int block);
/* Lanes of all blocks: the length of the arrays below. */
size_t nn_norm_lanes(const struct nn_norm_walk *w);
/* to[lane] = from[channel] in every lane of that channel; lanes of padding are zero. */
void nn_norm_spread(const struct nn_norm_walk *w, const double *from, float *to);

/* Per lane. y = (x - mean) scale + shift, or max(that, 0) with relu, where NaN stays NaN. d is dy
 * where y lets it pass: 0 where that is <= 0 with relu, else dy. */
struct nn_norm_map {
    const float *mean, *scale, *shift;
    bool relu;
};

/* first[c] = Σ x, second[c] = Σ x² of channel c. */
void nn_norm_moments(const struct nn_norm_walk *w, const void *x, double *first, double *second);
/* `added`, in x's layout or NULL: y = (x - mean) scale + shift + added, or max(that, 0). */
void nn_norm_apply(const struct nn_norm_walk *w, const struct nn_norm_map *m, const void *x,
                   const void *added, void *y);
/* first[c] = Σ d, second[c] = Σ d (x - mean). */
void nn_norm_products(const struct nn_norm_walk *w, const struct nn_norm_map *m, const void *x,
                      const void *dy, double *first, double *second);
/* dx = scale d + slope (x - mean) + at. dx may be dy. */
void nn_norm_derive(const struct nn_norm_walk *w, const struct nn_norm_map *m, const float *slope,
                    const float *at, const void *x, const void *dy, void *dx);
/* Adds up the pieces of a pass: of channel c the sums of its lanes. */
void nn_norm_totals(const struct nn_norm_walk *w, double *first, double *second);

/* --- For layers around it (norm.c) ------------------------------------------------------------ */

/* ReLU, its own or of a layer after it, and the maximum over 2 x 2 pixels, where they follow. */
struct nn_norm_taken {
    bool relu, pool;
    int layers; /* how many of those after it they are */
};
struct nn_norm_taken nn_norm_takes(const struct nn_layer *norm, struct nn_after after);
/* Lets a binding of a norm add `t` to its y, as y is described, and then take the ReLU of the sum
 * where asked for; its dy is that of the sum, ReLU's mask applied. False: this binding cannot. */
bool nn_norm_adds(struct nn_bound *norm, const struct nn_tensor *t, bool relu);
/* Evaluation's y = scale x + shift of each channel, as parameters and running statistics are now.
 */
void nn_norm_line(const struct nn_layer *norm, double *scale, double *shift);

/* --- With the maximum over 2 x 2 pixels after it (norm_pool.c) -------------------------------- */

/* x as above; y and dy have half of its rows and columns, rounded down, in the same layout. */
struct nn_norm_pool {
    struct nn_norm_walk walk; /* its pieces are `band` rows of windows */
    size_t rows, columns;     /* of x */
    size_t band;
};
int nn_norm_pool_init(struct nn_norm_pool *q, const struct nn_tensor *t) LEADSEQ_CHECKED;
void nn_norm_pool_clear(struct nn_norm_pool *q); /* takes zeros */
/* As the functions above: y is the maximum of what theirs would be, d is dy where that was and 0
 * elsewhere. dx must not be dy. */
void nn_norm_pool_apply(const struct nn_norm_pool *q, const struct nn_norm_map *m, const void *x,
                        void *y);
void nn_norm_pool_products(const struct nn_norm_pool *q, const struct nn_norm_map *m, const void *x,
                           const void *dy, double *first, double *second);
void nn_norm_pool_derive(const struct nn_norm_pool *q, const struct nn_norm_map *m,
                         const float *slope, const float *at, const void *x, const void *dy,
                         void *dx);

#endif
