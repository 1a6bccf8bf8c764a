/* SPDX-License-Identifier: MIT
 *
 * The pass over the gates of one step, after oneDNN's convolution: activations, c and h, and the
 * same backward, in one sweep over memory. cell.c divides the pixels among threads;
 * cell_last.c (channels last) and cell_planes.c (plain NCHW) do the work. */
#ifndef NN_CELL_H
#define NN_CELL_H

#include "nn/layers.h"

/* What the pass knows of the shape; all tensors in the same layout. Scratch is divided among
 * threads, so passes of one nn_cell must not overlap; nothing fails after nn_cell_init(). */
struct nn_cell {
    int n, hidden, inputs, pixels; /* N, K, C, H·W */
    bool channels_last;
    int threads;
    float *scratch;      /* a tile for each thread */
    int32_t *tanh_lanes; /* (a tile's gates): -1 where the activation is tanh, else 0 */
};
int nn_cell_init(struct nn_cell *cell) LEADSEQ_CHECKED; /* all but the pointers are given */
void nn_cell_clear(struct nn_cell *cell);
/* Forward, after the convolution has written the sums:
 *   c = σ(f) c_before + σ(i) tanh(g),   h = σ(o) tanh(c)
 * h goes where it is needed next: into the [h, x] of the following convolution, into y, or both. */
struct nn_cell_forward {
    float *gates;          /* in: sums; out, with keep: after activation */
    const float *c_before; /* NULL: zero */
    float *c;              /* may be c_before */
    float *next;           /* [h, x] of the next step, NULL: none */
    const float *x_next;   /* x of the next step */
    float *y;              /* h once more, NULL: none */
    bool keep;
};
void nn_cell_forward(const struct nn_cell *cell, const struct nn_cell_forward *f);
/* Backward of the same step, from dh = dy + the h part of dnext, and dc of the next step. */
struct nn_cell_backward {
    float *gates;              /* in: after activation; out: derivative of the sums */
    const float *c, *c_before; /* c_before NULL: zero */
    const float *dnext;        /* of [h, x] of the next step, NULL: none */
    const float *dy;           /* NULL: none */
    float *dc; /* in: of c from the next step (not read with `last`); out: of c_before */
    bool last;
};
void nn_cell_backward(const struct nn_cell *cell, const struct nn_cell_backward *f);
/* dx of a step from the derivative of its [h, x]. */
void nn_cell_split(const struct nn_cell *cell, const float *dhx, float *dx);

/* --- Between the files of the pass --------------------------------------------------------- */

/* A thread's scratch for sixteen pixels, channels last. */
enum { NN_CELL_TILE = 16 };
struct nn_cell_tile {
    float *gates, *d;                       /* (16, 4K) */
    float *before, *c, *t, *dc, *dc_before; /* (16, K) */
    float *h;                               /* (16, K + C): h, [h, x] or dh */
};
/* A piece of the pass: pixels of one image. */
struct nn_cell_range {
    int n;
    size_t begin, end;
    struct nn_cell_tile tile;
};
void nn_cell_last_forward(const struct nn_cell *cell, const struct nn_cell_forward *f,
                          const struct nn_cell_range *r);
void nn_cell_last_backward(const struct nn_cell *cell, const struct nn_cell_backward *f,
                           const struct nn_cell_range *r);
void nn_cell_last_split(const struct nn_cell *cell, const float *dhx, float *dx,
                        const struct nn_cell_range *r);
void nn_cell_planes_forward(const struct nn_cell *cell, const struct nn_cell_forward *f,
                            const struct nn_cell_range *r);
void nn_cell_planes_backward(const struct nn_cell *cell, const struct nn_cell_backward *f,
                             const struct nn_cell_range *r);
void nn_cell_planes_split(const struct nn_cell *cell, const float *dhx, float *dx,
                          const struct nn_cell_range *r);
/* σ and tanh as the pass computes them, n values; within 2e-7 relative (x > -87 for σ). */
void nn_cell_sigmoid(const float *x, size_t n, float *y);
void nn_cell_tanh(const float *x, size_t n, float *y);

#endif
