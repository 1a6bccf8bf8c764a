/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's step with kernels of our own. A band is a run of rows of one image; its
 * convolution, gates and gradients are computed row by row while their rows are in the cache,
 * so that the gates' sums, the largest tensor of a step, never reach memory.
 *
 *   image n    rows 0 … 15    band 0 ──► one thread
 *              rows 16 … 31   band 1 ──► another thread
 *              …
 *
 * Inside a band rows are processed in units: one row or, with 3 × 3 kernels in float32, two at once
 * (kernel.h, "Two rows"). They are in rings of padded rows in the thread's scratch (nn_band_work):
 * of a kernel of side κ only κ rows are needed at a time, with two at once κ + 1, and row y is at
 * place y mod that. All tensors in memory are plain NCHW. doc/convlstm.md explains the engine with
 * an example.
 *
 * Bits do not depend on the number of threads: gradients are summed separately for each band, whose
 * rows follow from the shape alone, and for each of at most 32 slots, in a fixed order. Where
 * nothing is summed over rows, more threads take fewer rows each. Backward, more threads than slots
 * take two passes: derivatives in fine bands, then the weights' gradients, a slot for several
 * threads, each of which sums other gates.
 *
 * K hidden channels, C inputs. A word is a float or a pair of bf16 (kernel.h). */
#ifndef NN_BAND_H
#define NN_BAND_H

#include "kernel.h"
#include "nn/layers.h"

_Static_assert((int)NN_BAND_KERNEL == (int)LEADSEQ_NORMED_KERNEL_MAX, "layer norm needs the bands");

/* `total` channels in groups of at most `widest`; sizes of groups differ by at most one. */
struct nn_band_groups {
    int total, count;
};
/* First channel of group i; of i = count: total. */
int nn_band_group_at(const struct nn_band_groups *g, int i);

/* The weights in the kernels' order, for one kind of step: with [h, x] as input or, at the first
 * step, where h is zero, with x alone. */
struct nn_band_weights {
    int hidden, channels; /* K or 0; with inputs */
    int words;            /* of a pixel of [h, x] */
    /* groups of (words, kernel, kernel, outs), or of products (4, words, kernel, outs) */
    uint32_t *forward;
    uint32_t *to_h, *to_x; /* the same from the gates' words, flipped */
};

struct nn_band_options {
    int n, hidden, inputs, h, w, kernel, threads;
    bool training, need_dx;
    bool in_place; /* gradients of h and c are written over those they follow from (band_step.h) */
    const struct nn_band_kernels *kernels;
    const float *weight, *bias; /* borrowed parameters, order [x, h]; bias NULL: none */
};
struct nn_band {
    struct nn_band_options o;
    int pad;
    int rows, per_image, pieces; /* rows of a band; bands of an image, of the batch */
    int slots;     /* number of groups of bands whose gradients are summed separately */
    int fine;      /* rows of a band where nothing is summed over rows, by the number of threads */
    int shares;    /* threads of a slot, each with some of `sums`; 0: all in one pass over bands */
    int unit;      /* rows that are processed at once: 1 or 2; bands begin at multiples of it */
    int ring;      /* rows of the ring of [h, x]: κ - 1 + unit */
    int d_ring;    /* of dgates: κ, or the two rows of a unit */
    int d_words;   /* of a pixel of dgates */
    size_t stride; /* words, and bf16 elements, of a padded row */
    struct nn_band_groups gates, to_h, to_x, sums;
    struct nn_band_weights first, rest;
    size_t n_weights;          /* 4K (C + K) kernel² + 4K biases */
    float *edges;              /* in place alone: (bands, 2, 2·pad, K, W) (band_edges.c) */
    double *partial;           /* (slots, n_weights): gradients in the parameters' order */
    float *dgates;             /* (N, 4K, H, W) between two passes; shares = 0: NULL */
    struct nn_band_work *work; /* (threads): a thread uses its own alone, so no locks are needed */
};
/* What follows from the layer; kernels, weights and training are left for the caller. */
struct nn_band_options nn_band_options(const struct nn_convlstm_options *o, struct nn_shape in,
                                       int batch, const struct leadseq_engine *engine);
/* The kernels for a shape (o->kernels is not read), or NULL where oneDNN is better: with wide
 * channels, whose sums would not stay in the cache, and kernels above NN_BAND_KERNEL. */
const struct nn_band_kernels *nn_band_choose(const struct leadseq_engine *engine,
                                             const struct nn_band_options *o);
/* Allocates all weights and scratch; on failure (memory) the caller clears. */
int nn_band_init(struct nn_band *b, const struct nn_band_options *o) LEADSEQ_CHECKED;
void nn_band_clear(struct nn_band *b);                      /* takes zeros */
size_t nn_band_bytes(const struct nn_band_options *o);      /* what nn_band_init() will allocate */
size_t nn_band_norm_bytes(const struct nn_band_options *o); /* and nn_band_norm_init() */
/* Brings the parameters into the kernels' order: before the first step of a forward pass. */
void nn_band_load(struct nn_band *b);

/* The scratch of one thread. */
struct nn_band_work {
    uint32_t *in, *d;               /* rings (rows, words, stride) of [h, x] and dgates */
    uint16_t *in_planar, *d_planar; /* pairs alone: (ring, K + C, stride), (4K, stride) */
    void *ones;                     /* a row of elements, for the gradient of the biases */
    float *row;                     /* of a channel */
    float *gates;                   /* (unit, 4K, stride): sums of rows, forward */
    float *d_row;                   /* pairs alone: (4K, stride): dgates before rounding */
    float *out;                     /* (2, outs, tile); two rows at once: and that again */
    float *sums;                    /* vectors: (groups, K + C, kernel, kernel), then (4K) */
    /* two rows at once alone: mixed rows u0 … u3 (4, K + C, stride) of [h, x], u1 and u2 (2, 4K,
     * stride) of dgates; the next rows' first shares of dh, dx (2, K + C, stride) */
    float *in_mixed, *d_mixed, *carry;
};
int nn_band_tile_width(const struct nn_band *b);          /* pixels: two vectors */
int nn_band_per_image(const struct nn_band *b, int rows); /* bands of that many rows */
int nn_band_rows_back(const struct nn_band *b);           /* of a band's derivatives */
/* Bytes of an element of what is kept; element `at` of such a tensor, NULL of none. */
size_t nn_band_element_bytes(const struct nn_band_kernels *kernels);
void *nn_band_element(const struct nn_band *b, void *kept, size_t at);

#endif
