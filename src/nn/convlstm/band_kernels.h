/* SPDX-License-Identifier: MIT
 *
 * The band's kernels as one text for every instruction set. Who includes it has
 * chosen the target and defines
 *   NN_LANES      floats of a vector
 *   OUTS, SUMS    widest groups whose sums stay in registers: of channels out, and of
 *                 channels of the weights' gradient (three shifts each)
 *   PAIRS         1: words are pairs of bf16, 0: floats
 *   MULTIPLY_ADD(sum, a, b)   on vectors of words
 *   IN_REGISTER(v)            keeps the compiler from loading v once for each use
 *   KERNELS, NAME             the table to define, and its name in words */
#include "band.h"
#include "cell_math.h"

#if PAIRS
typedef uint16_t element;
#else
typedef float element;
#endif
enum { ELEMENTS = WIDTH * 4 / (int)sizeof(element) };

INLINE vec words_at(const void *p)
{
    vec v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE vec broadcast(uint32_t word)
{
    return (vec)((bits){0} + word);
}

#ifdef EMULATED
/* The products of the low and of the high bf16 of a and b, exact in float, added in turn. */
INLINE vec multiply_add(vec sum, vec a, vec b)
{
    const bits high = (bits){0} + 0xffff0000u;
    sum += (vec)((bits)a << 16) * (vec)((bits)b << 16);
    return sum + (vec)((bits)a & high) * (vec)((bits)b & high);
}
#endif

/* --- Convolution -------------------------------------------------------------------------- */

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

INLINE void conv(const struct nn_band_tile *t, const int outs, const int vectors)
{
    vec sum[OUTS][2];
    const uint32_t *w = t->w;
    UNROLL for (int g = 0; g < outs; g++) UNROLL for (int v = 0; v < vectors; v++) sum[g][v] =
        t->bias ? t->bias[g] - (vec){0} : (vec){0};
    for (int c = 0; c < t->words; c++)
        for (int ky = 0; ky < t->kernel; ky++) {
            const uint32_t *row = t->in[ky] + (size_t)c * t->stride;
            for (int kx = 0; kx < t->kernel; kx++, w += outs) {
                vec x[2];
                UNROLL for (int v = 0; v < vectors; v++) x[v] = words_at(row + kx + v * WIDTH);
                UNROLL for (int g = 0; g < outs; g++)
                {
                    vec weight = broadcast(w[g]);
                    UNROLL for (int v = 0; v < vectors; v++) MULTIPLY_ADD(sum[g][v], x[v], weight);
                }
            }
        }
    UNROLL for (int g = 0; g < outs; g++) UNROLL for (int v = 0; v < vectors; v++)
        store(t->out + (size_t)g * t->out_stride + v * WIDTH, sum[g][v]);
}

/* --- Weights' gradient -------------------------------------------------------------------- */

INLINE void sum(const struct nn_band_row *r, const int channels, const int shifts)
{
    vec s[SUMS][NN_BAND_SHIFTS];
    const element *d = r->d, *in = r->in;
    UNROLL for (int g = 0; g < channels; g++) UNROLL for (int k = 0; k < shifts; k++) s[g][k] =
        load(r->sums + (g * shifts + k) * WIDTH);
    int left = r->vectors;
    do {
        vec x[NN_BAND_SHIFTS];
        UNROLL for (int k = 0; k < shifts; k++) x[k] = words_at(in + k);
        UNROLL for (int g = 0; g < channels; g++)
        {
            vec y = words_at(d + (size_t)g * r->stride);
            IN_REGISTER(y);
            UNROLL for (int k = 0; k < shifts; k++) MULTIPLY_ADD(s[g][k], x[k], y);
        }
        d += ELEMENTS;
        in += ELEMENTS;
    } while (--left);
    UNROLL for (int g = 0; g < channels; g++) UNROLL for (int k = 0; k < shifts; k++)
        store(r->sums + (g * shifts + k) * WIDTH, s[g][k]);
}

static float total(const float *vector)
{
    float s[WIDTH];
    memcpy(s, vector, sizeof s);
    for (int half = WIDTH / 2; half; half /= 2)
        for (int i = 0; i < half; i++) s[i] += s[i + half];
    return s[0];
}

/* --- Each width by itself ------------------------------------------------------------------- */

#define CONV(outs)                                                                                 \
    static void conv_##outs##_1(const struct nn_band_tile *t)                                      \
    {                                                                                              \
        conv(t, outs, 1);                                                                          \
    }                                                                                              \
    static void conv_##outs##_2(const struct nn_band_tile *t)                                      \
    {                                                                                              \
        conv(t, outs, 2);                                                                          \
    }
#define SUM(channels)                                                                              \
    static void sum_##channels##_1(const struct nn_band_row *r)                                    \
    {                                                                                              \
        sum(r, channels, 1);                                                                       \
    }                                                                                              \
    static void sum_##channels##_2(const struct nn_band_row *r)                                    \
    {                                                                                              \
        sum(r, channels, 2);                                                                       \
    }                                                                                              \
    static void sum_##channels##_3(const struct nn_band_row *r)                                    \
    {                                                                                              \
        sum(r, channels, 3);                                                                       \
    }

CONV(1)
CONV(2)
CONV(3)
CONV(4)
CONV(5)
CONV(6)
SUM(1)
SUM(2)
SUM(3)
SUM(4)
#if OUTS > 6
CONV(7)
CONV(8)
CONV(9)
CONV(10)
CONV(11)
CONV(12)
#endif
#if SUMS > 4
SUM(5)
SUM(6)
SUM(7)
SUM(8)
#endif

#include "band_gates.h"

#define CONVS(outs) [outs] = {conv_##outs##_1, conv_##outs##_2}
#define SUM_OF(channels)                                                                           \
    [channels] = {NULL, sum_##channels##_1, sum_##channels##_2, sum_##channels##_3}

const struct nn_band_kernels KERNELS = {
    .name = NAME,
    .lanes = WIDTH,
    .outs = OUTS,
    .sums = SUMS,
    .pairs = PAIRS,
    .conv = {CONVS(1), CONVS(2), CONVS(3), CONVS(4), CONVS(5), CONVS(6),
#if OUTS > 6
             CONVS(7), CONVS(8), CONVS(9), CONVS(10), CONVS(11), CONVS(12)
#endif
    },
    .sum = {SUM_OF(1), SUM_OF(2), SUM_OF(3), SUM_OF(4),
#if SUMS > 4
            SUM_OF(5), SUM_OF(6), SUM_OF(7), SUM_OF(8)
#endif
    },
    .activate = activate_row,
    .forward = forward_row,
    .backward = backward_row,
    .hidden = hidden_row,
    .total = total,
#if PAIRS
    .narrow = narrow_row,
    .join = join_row,
#endif
};
