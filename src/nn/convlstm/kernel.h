/* SPDX-License-Identifier: MIT
 *
 * The innermost loops of the ConvLSTM, as a table of functions for each instruction set. A
 * kernel works on one row of one image and knows neither bands nor steps; band_*.c decide what
 * it is given. kernel_code.h is the one text of all tables, compiled by each kernel_*.c for its
 * instruction set; kernel.c chooses the table of this CPU.
 *
 * A vector has `lanes` floats. A word is 32 bits: a float or, in tables with `pairs`, two bf16
 * of neighbouring channels, as the instructions that multiply bf16 want them:
 *
 *   float words     channel 0: x0 x1 x2 …       channel 1: x0 x1 x2 …
 *   pairs           channels 0 and 1: (x0|x0) (x1|x1) …     one word per pixel and pair
 *
 * Kernels keep no state: they may run concurrently on different outputs. Nothing is checked and
 * nothing fails. */
#ifndef NN_KERNEL_H
#define NN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes of the tables: widest groups of any instruction set, and the largest kernel side whose
 * rows a tile can point to. */
enum { NN_BAND_OUTS = 12, NN_BAND_SUMS = 8, NN_BAND_SHIFTS = 3, NN_BAND_KERNEL = 15 };
enum { NN_BAND_LEFT = 32 }; /* zeros before a padded row: aligned, and wider than any tap */

/* `outs` channels of a convolution, for one or two vectors of pixels of a row:
 *   out[g][x] = bias[g] + Σ over words c, rows ky, columns kx of w · in[ky][c][x + kx]
 * in[ky] points to the leftmost tap of the first pixel; weights (words, kernel, kernel, outs). */
struct nn_band_tile {
    const uint32_t *in[NN_BAND_KERNEL];
    size_t stride; /* words between channels of `in` */
    int words, kernel;
    const uint32_t *w;
    const float *bias; /* NULL: none */
    float *out;
    size_t out_stride; /* floats between channels of `out` */
};
typedef void nn_band_conv(const struct nn_band_tile *t);

/* Two rows at once with a 3 × 3 kernel, by four products per column and pair of channels in place
 * of six (Winograd's F(2, 3) along y; floats alone). All are rows, none are within a row:
 *
 *   mix       u0 = r0 - r2,  u1 = r1 + r2,  u2 = r2 - r1,  u3 = r3 - r1
 *   gather    from rows r0 … r3, those above, of and below rows 1 and 2, to the two:
 *               out   = Σ g0 u0 + A + B      A = Σ (g0 + g1 + g2) / 2 · u1
 *               below = Σ g2 u3 + A - B      B = Σ (g0 - g1 + g2) / 2 · u2
 *   scatter   from rows r1, r2 to their share of four, of which the last two, `carry`, wait for
 *             the shares of the next two rows:
 *               p0 = Σ g2 r1,  p3 = Σ g0 r2,  A as above,  B = Σ (g1 - g0 - g2) / 2 · u2
 *               out   = carry[0] + p0              carry[0] = A + B - p0
 *               below = carry[1] + A - B - p3      carry[1] = p3
 *
 * Additions are on the side of fewer channels: gather's are four to a channel in and three to a
 * channel out, scatter's two and six. What is added up over rows is (doc/convlstm.md) the weights'
 * gradient, which shares u1, u2 of both. */
enum { NN_BAND_MIXED = 4 };
struct nn_band_mix {
    const float *row[NN_BAND_MIXED];
    size_t row_stride;           /* floats between channels */
    float *mixed[NN_BAND_MIXED]; /* out; 0 and 3 may be NULL: not wanted, their rows not read */
    size_t mixed_stride;
    int channels, vectors;
};
struct nn_band_two {
    /* u0 … u3, or r1, u1, u2, r2, at the leftmost tap. For scatter: NULL but for the first: the
     * rows are outside, only the last `out` is left; NULL but for the last: only carry[1] begins */
    const uint32_t *in[NN_BAND_MIXED];
    size_t stride;
    int words;
    const uint32_t *w;  /* of each product, in the order 2, 1, 0, 3: (words, 3, outs) */
    const float *bias;  /* gather; NULL: none */
    float *out, *below; /* NULL: not wanted */
    size_t out_stride;
    float *carry[2]; /* scatter */
    size_t carry_stride;
    float *spare; /* room for twice (outs of the table, two vectors) */
};
typedef void nn_band_two_rows(const struct nn_band_two *t);

/* A row's share of the weights' gradient, for a group of channels g and up to three shifts s:
 *   sums[g][s] += Σ over a row of d[g][x] · in[x + s], elements being float32 or bf16.
 * Each sum is a vector of partial sums, one per lane; `total` adds them up at the end of a band.
 * Reads whole vectors, so rows are padded with zeros. `vectors` >= 1. */
struct nn_band_row {
    const void *d;
    size_t stride; /* elements between channels of d */
    const void *in;
    int vectors;
    float *sums;
};
typedef void nn_band_sum(const struct nn_band_row *r);

/* What is kept from forward to backward is in elements of the table: float32 or, with pairs, bf16,
 * whose 8 significant bits are within u = 2^-8 of a value. A gate σ, which is as often near 1 as
 * near 0, is kept as a or, above 1/2, as -(1 - a), so that both factors of its derivative a (1 - a)
 * are near; tanh's as it is:
 *
 *   i, f, o   |δa| <= u min(a, 1 - a),  so |δ(a (1 - a))| <= u a (1 - a)
 *   g         |δg| <= u |g|,            so |δ(1 - g²)|    <= 2 u g²
 *
 * activate() rounds in the same way where it is told to, so that gates have the same bits whether
 * they were kept or are computed again. h, which is kept for convolutions that round it anyway,
 * loses nothing; c is float32, since steps are computed again from it. doc/convlstm.md says what
 * that does to a gradient. */

/* The gates of `count` pixels of a row, forward:
 *   c = σ(f) c_before + σ(i) tanh(g),  h = σ(o) tanh(c)
 * Strides are in floats between channels; channels are in the order i f o g. */
struct nn_band_gates {
    int hidden, count;
    float *sums; /* (4K): of the convolution; the gates replace them */
    size_t sums_stride;
    size_t plane;          /* stride of all that follows */
    void *gates;           /* out: after activation, as kept values; NULL: not kept */
    const float *c_before; /* NULL: zero */
    float *c;              /* out */
    float *h;              /* out; NULL: not wanted */
    void *kept_h;          /* out: elements; NULL: not wanted */
};
/* A row of each channel. */
struct nn_band_rows {
    const float *at; /* NULL: zeros */
    size_t stride;
};
/* The same row backward (doc/mathematics.md, "ConvLSTM"). dh + dy is the derivative of h. */
struct nn_band_back {
    int hidden, count;
    const float *gates; /* (4K), from activate() */
    size_t gates_stride;
    const void *kept; /* (4K, plane); NULL: `gates` are read */
    struct nn_band_rows c, c_before, dh, dy, dc;
    float *dc_before; /* NULL: not wanted; may be dc or c */
    size_t plane;     /* stride of `kept` and dc_before */
    float *d;         /* out (4K): derivatives of the sums */
    size_t d_stride;
};

struct nn_band_kernels {
    const char *name;                        /* for people: "AVX-512" */
    int lanes;                               /* floats of a vector */
    int outs, sums;                          /* the widest groups */
    bool pairs;                              /* words are pairs of bf16 */
    nn_band_conv *conv[NN_BAND_OUTS + 1][2]; /* by outs, by vectors - 1 */
    nn_band_two_rows *gather[NN_BAND_OUTS + 1][2], *scatter[NN_BAND_OUTS + 1][2]; /* NULL: pairs */
    void (*mix)(const struct nn_band_mix *m);
    nn_band_sum *sum[NN_BAND_SUMS + 1][NN_BAND_SHIFTS + 1]; /* by channels, by shifts */
    /* in place; as_kept: to what they would be after they were kept */
    void (*activate)(float *sums, size_t stride, int hidden, int count, bool as_kept);
    void (*forward)(const struct nn_band_gates *g);
    void (*backward)(const struct nn_band_back *g);
    /* h = o tanh(c); NULL: pairs */
    void (*hidden)(const float *o, const float *c, size_t n, float *h);
    float (*total)(const float *vector); /* Σ of its lanes */
    /* pairs alone: n bf16 of a row; words of two such rows (high NULL: zero) */
    void (*narrow)(const float *row, size_t n, uint16_t *element);
    void (*join)(const uint16_t *low, const uint16_t *high, size_t n, uint32_t *word);
};
extern const struct nn_band_kernels nn_band_base, nn_band_avx2, nn_band_avx512;
extern const struct nn_band_kernels nn_band_bf16_base, nn_band_bf16_avx2, nn_band_bf16_avx512;

/* The table of this CPU for the engine's precision; respects oneDNN's limit of the instruction
 * set (ONEDNN_MAX_CPU_ISA). */
struct leadseq_engine;
const struct nn_band_kernels *nn_band_kernels(const struct leadseq_engine *engine);

#endif
