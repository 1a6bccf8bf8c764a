/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM's step with kernels of our own: bands of rows whose convolutions,
 * gates and gradients are computed while their rows are in the cache. For the
 * ConvLSTM's own files alone.
 *
 * A band's rows live in rings of padded rows in a thread's scratch; all tensors
 * in memory are plain NCHW. A word is 32 bits: a float, or two bf16 of
 * neighbouring channels ("pairs"). K hidden channels, C inputs. */
#ifndef NN_BAND_H
#define NN_BAND_H

#include "convlstm.h"

/* --- Kernels, once for each instruction set (band_kernels.h) ------------------------------ */

enum { NN_BAND_OUTS = 12, NN_BAND_SUMS = 8, NN_BAND_SHIFTS = 3, NN_BAND_KERNEL = 15 };
enum { NN_BAND_LEFT = 32 }; /* zeros before a padded row: aligned, and wider than any tap */

/* `outs` channels of a convolution, for one or two vectors of pixels of a row:
 *   out[g][x] = bias[g] + sum over words c, rows ky, columns kx of w · in[ky][c][x + kx]
 * in[ky] is at the first pixel's leftmost tap; weights (words, kernel, kernel, outs). */
struct nn_band_tile {
    const uint32_t *in[NN_BAND_KERNEL];
    size_t stride; /* words between channels of `in` */
    int words, kernel;
    const uint32_t *w;
    const float *bias; /* NULL: none */
    float *out;
    size_t out_stride;
};
typedef void nn_band_conv(const struct nn_band_tile *t);

/* sums[g][s] += sum over a row of d[g][x] · in[x + s], of float32 or of bf16 elements; a
 * vector of partial sums each. `vectors` >= 1. */
struct nn_band_row {
    const void *d;
    size_t stride; /* elements between channels of d */
    const void *in;
    int vectors;
    float *sums;
};
typedef void nn_band_sum(const struct nn_band_row *r);

/* The gates of `count` pixels of a row; strides in floats between channels. */
struct nn_band_gates {
    int hidden, count;
    const float *sums; /* (4K): of the convolution, or after activation (backward) */
    size_t sums_stride;
    size_t plane;          /* stride of all that follows */
    float *gates;          /* out: after activation; NULL: not kept */
    const float *c_before; /* NULL: zero */
    float *c, *h;          /* out */
};
struct nn_band_back {
    int hidden, count;
    const float *gates; /* (4K), after activation */
    size_t gates_stride;
    size_t plane;                             /* stride of what follows */
    const float *c, *c_before, *dh, *dy, *dc; /* c_before, dh, dy, dc may be NULL: zero */
    float *dc_before;                         /* NULL: not wanted */
    float *d;                                 /* out (4K): derivatives of the sums */
    size_t d_stride;
};

struct nn_band_kernels {
    const char *name;
    int lanes;                                              /* floats of a vector */
    int outs, sums;                                         /* the widest groups */
    bool pairs;                                             /* words are pairs of bf16 */
    nn_band_conv *conv[NN_BAND_OUTS + 1][2];                /* by outs, by vectors - 1 */
    nn_band_sum *sum[NN_BAND_SUMS + 1][NN_BAND_SHIFTS + 1]; /* by channels, by shifts */
    void (*activate)(float *sums, size_t stride, int hidden, int count); /* in place */
    void (*forward)(const struct nn_band_gates *g);
    void (*backward)(const struct nn_band_back *g);
    void (*hidden)(const float *o, const float *c, size_t n, float *h); /* h = o tanh(c) */
    float (*total)(const float *vector);                                /* of its lanes */
    /* pairs alone: n bf16 of a row; words of two such rows (high NULL: zero) */
    void (*narrow)(const float *row, size_t n, uint16_t *element);
    void (*join)(const uint16_t *low, const uint16_t *high, size_t n, uint32_t *word);
};
extern const struct nn_band_kernels nn_band_base, nn_band_avx2, nn_band_avx512;
extern const struct nn_band_kernels nn_band_bf16_base, nn_band_bf16_avx2, nn_band_bf16_avx512;

/* --- The band (band.c) ----------------------------------------------------------------------- */

/* `total` channels in groups of at most `widest`, their sizes differing by one at most. */
struct nn_band_groups {
    int total, count;
};
struct nn_band_groups nn_band_groups(int total, int widest);
/* First channel of group i; of i = count: total. */
int nn_band_group_at(const struct nn_band_groups *g, int i);

/* The weights of one kind of step: [h, x] or, at the first, where h is zero, x alone. */
struct nn_band_weights {
    int hidden, channels;  /* K or 0; with inputs */
    int words;             /* of a pixel of [h, x] */
    uint32_t *forward;     /* groups of (words, kernel, kernel, outs) */
    uint32_t *to_h, *to_x; /* groups of (gates' words, kernel, kernel, outs), flipped */
};

struct nn_band_options {
    int n, hidden, inputs, h, w, kernel, threads;
    bool training, need_dx;
    const struct nn_band_kernels *kernels;
    const float *weight, *bias; /* of the parameters, order [x, h]; bias NULL: none */
};
struct nn_band {
    struct nn_band_options o;
    int pad;
    int rows, per_image, pieces, slots; /* rows of a band; bands; sums kept apart */
    int ring;                           /* rows of a ring */
    int d_words;                        /* of a pixel of dgates */
    size_t stride;                      /* words, and bf16 elements, of a padded row */
    struct nn_band_groups gates, to_h, to_x, sums;
    struct nn_band_weights first, rest;
    size_t n_weights;          /* 4K (C + K) kernel² + 4K biases */
    double *partial;           /* (slots, n_weights): gradients in the parameters' order */
    struct nn_band_work *work; /* (threads) */
};
struct nn_band_options nn_steps_band_options(const struct nn_convlstm_options *o,
                                             struct nn_shape in, int batch,
                                             const struct leadseq_engine *engine);
/* The kernels of this CPU for the engine's precision. */
const struct nn_band_kernels *nn_band_kernels(const struct leadseq_engine *engine);
/* The same, but NULL where the shape (o->kernels is not read) is for oneDNN: wide channels, whose
 * sums would not stay in the cache. */
const struct nn_band_kernels *nn_band_choose(const struct leadseq_engine *engine,
                                             const struct nn_band_options *o);
int nn_band_init(struct nn_band *b, const struct nn_band_options *o) LEADSEQ_CHECKED;
void nn_band_clear(struct nn_band *b);                 /* takes zeros */
size_t nn_band_bytes(const struct nn_band_options *o); /* what nn_band_init() will allocate */
void nn_band_load(struct nn_band *b);                  /* the parameters, before the first step */

/* What a thread works in. */
struct nn_band_work {
    uint32_t *in, *d;               /* rings (ring, words, stride) of [h, x] and dgates */
    uint16_t *in_planar, *d_planar; /* pairs alone: (ring, K + C, stride), (4K, stride) */
    void *ones;                     /* a row of elements, for the biases */
    float *row;                     /* of a channel */
    float *gates, *d_row;           /* (4K, stride): sums or gates of a row; pairs: dgates */
    float *out;                     /* (outs, tile) */
    float *sums;                    /* vectors: (groups, K + C, kernel, kernel), then (4K) */
};
int nn_band_tile_width(const struct nn_band *b);

/* Where a step's [h, x] comes from, plain NCHW. With h NULL, h = o tanh(c). */
struct nn_band_source {
    const float *h;
    const float *gates, *c; /* of the step before */
    const float *x;
};
struct nn_band_place {
    int n, y; /* image, row */
};
/* Packs a row of [h, x] into its place in the rings; zeros outside of the image. */
void nn_band_pack(const struct nn_band *b, const struct nn_band_work *w,
                  const struct nn_band_weights *k, const struct nn_band_source *s,
                  const struct nn_band_place *at);
/* The rows above, at and below row y in a ring, at the leftmost tap of column x. */
void nn_band_taps(const struct nn_band *b, const uint32_t *ring, int words, int y, int x,
                  struct nn_band_tile *t);
int nn_band_vectors(const struct nn_band *b, int x); /* that the tile at column x needs */
/* The sums of the gates of row y, into work->gates. */
void nn_band_sums(const struct nn_band *b, const struct nn_band_work *w,
                  const struct nn_band_weights *k, int y);

/* --- A step (band_forward.c, band_backward.c) --------------------------------------------------
 */

/* All (N, ·, H, W), plain. The first step has source.h and c_before NULL and `first`. */
struct nn_band_forward {
    bool first;
    struct nn_band_source source;
    const float *c_before;
    float *c, *h;    /* c may be c_before */
    float *gates;    /* NULL: not kept */
    float *sums;     /* not NULL: the gates' sums (N, 4K, H, W) are wanted, and nothing else */
    double *moments; /* of those, NULL: not wanted; (pieces, 4K, 2): Σa, Σa² of a band's rows */
};
void nn_band_forward(struct nn_band *b, const struct nn_band_forward *f);

struct nn_band_backward {
    bool first;
    struct nn_band_source source;
    const float *gates; /* NULL: computed again */
    const float *c, *c_before;
    const float *dh, *dy, *dc;    /* of this step's h and c; NULL: zero */
    float *dh_before, *dc_before; /* NULL at the first step; not dh, dc */
    float *dx;                    /* NULL: not wanted */
    float *dgates;                /* NULL: not wanted */
    /* not NULL: the derivatives of the sums are there, by its layer norm; the gates, c, dh, dy, dc
     * and what would come of them are not read */
    const struct nn_band_norm_back *norm;
};
/* Adds to the gradients. */
void nn_band_backward(struct nn_band *b, const struct nn_band_backward *f);
void nn_band_gradients_clear(struct nn_band *b);
void nn_band_gradients_add(const struct nn_band *b, float *dweight, float *dbias);

/* --- Layer norm of the gates' sums (band_norm.c) ------------------------------------------------
 *
 * Each gate of a record, its K channels over all rows and columns (M = K·H·W), is brought to mean 0
 * and variance 1 and then scaled and shifted channel by channel:
 *   μ = mean a,  r = 1 / √(mean (a - μ)² + ε),  â = (a - μ) r,  y = γ â + β
 * Means are of the whole image, so a step goes over its sums twice: nn_band_forward() writes them
 * and adds up their moments, nn_band_norm_forward() does the rest. */

struct nn_band_norm {
    const struct nn_band *b;
    const float *gain, *shift; /* γ, β (4K), of the parameters */
    double *partial;           /* (pieces, 4K, 2): sums of a pass, added in the order of pieces */
    float *affine;             /* (N, 4K, 4): a pass's coefficients */
};
int nn_band_norm_init(struct nn_band_norm *m, const struct nn_band *b, const float *gain,
                      const float *shift) LEADSEQ_CHECKED;
void nn_band_norm_clear(struct nn_band_norm *m); /* takes zeros */
size_t nn_band_norm_bytes(const struct nn_band_options *o);
/* (N, 4) of {μ, r} from partial, which nn_band_forward() has filled with moments. */
void nn_band_norm_statistics(const struct nn_band_norm *m, double *statistic);

struct nn_band_norm_step { /* all (N, ·, H, W), plain */
    const float *sums;
    const double *statistic;
    const float *c_before;     /* NULL: zero */
    float *c, *h;              /* out, forward; in (c alone), backward */
    float *gates;              /* out, forward: after activation; NULL: not wanted */
    const float *dh, *dy, *dc; /* NULL: zero */
    float *dc_before;          /* NULL: not wanted; may be dc */
    float *d;                  /* out, backward: of y, what the activations see */
};
void nn_band_norm_forward(const struct nn_band_norm *m, const struct nn_band_norm_step *s);
/* What nn_band_backward() computes the derivatives of the sums from: u d + v (a - μ) + w. */
struct nn_band_norm_back {
    const float *d, *sums; /* (N, 4K, H, W) */
    const float *affine;   /* (N, 4K, 4): μ, u, v, w */
};
/* Writes d and fills m->affine; adds to dgain and dshift (4K). */
void nn_band_norm_backward(const struct nn_band_norm *m, const struct nn_band_norm_step *s,
                           float *dgain, float *dshift);
/* `count` values of a row: y = (a - μ) k[1] + k[2] with μ = k[0]. */
void nn_band_norm_row(const float *k, const float *a, size_t count, float *y);
/* da = k[1] d + k[2] (a - μ) + k[3] */
void nn_band_norm_row_back(const float *k, const float *d, const float *a, size_t count, float *da);
/* sum[0] += Σ a, sum[1] += Σ a². */
void nn_band_norm_moments(const float *a, size_t count, double sum[2]);

/* --- Inside of a step backward (band_backward.c, band_sums.c) ------------------------------------
 */

/* One band of one step. */
struct nn_band_step {
    const struct nn_band *b;
    const struct nn_band_work *w;
    const struct nn_band_weights *k;
    const struct nn_band_backward *f;
    int n, begin, end; /* image; rows */
    size_t plane;
};
/* Row y of dgates in its ring. */
uint32_t *nn_band_d_row(const struct nn_band_step *s, int y);
/* Adds row y, whose dgates and [h, x] are in the rings, to the weights' sums of the thread. */
void nn_band_sum_row(const struct nn_band_step *s, int y);
void nn_band_sums_clear(const struct nn_band_step *s);
/* Adds the thread's sums to gradients in the parameters' order. */
void nn_band_sums_add(const struct nn_band_step *s, double *to);

#endif
