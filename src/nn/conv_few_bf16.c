/* SPDX-License-Identifier: MIT
 *
 * The kernels of conv_few.c in bfloat16, on AVX-512's vdpbf16ps: a lane adds two products to a
 * float32 sum.
 *
 *   forward    the two products are of two channels; a row of the ring is pairs of channels
 *   gradient   they are of two neighbouring pixels; a row of the ring is one channel
 *
 * A pair of x is broadcast from memory as the instruction reads it. Registers as in float32. */
#include "conv_few_row.h"

#ifdef __x86_64__
#include "target.h"
#include <immintrin.h>
#include <string.h>

bool nn_few_bf16_runs(void)
{
    return nn_cpu_has(dnnl_cpu_isa_avx512_core_bf16) && __builtin_cpu_supports("avx512bf16");
}

NN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")
enum { WIDTH = 16, TAPS = NN_FEW_TAPS, PAIR = sizeof(uint32_t) };
#define UNROLL _Pragma("GCC unroll 32")
/* sum += both products of a lane's pair and the pair at `pair`, in all lanes. */
#define ADD_PRODUCTS(sum, vector, pair)                                                            \
    __asm__("vdpbf16ps %2%{1to16%}, %1, %0"                                                        \
            : "+v"(sum)                                                                            \
            : "v"(vector), "m"(*(const uint32_t(*)[1])(const void *)(pair)))

/* Lanes of two vectors side by side: the low half's i-th and the high half's. */
static inline __m512i interleaved(__m512i both)
{
    const __m512i low = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    const __m512i place =
        _mm512_or_si512(low, _mm512_slli_epi32(_mm512_add_epi32(low, _mm512_set1_epi32(16)), 16));
    return _mm512_permutexvar_epi16(place, both);
}

/* Up to sixteen floats. */
static inline __m512 load(const float *p, size_t count)
{
    if (count >= WIDTH) return _mm512_loadu_ps(p);
    return _mm512_maskz_loadu_ps((__mmask16)((1U << count) - 1), p);
}

/* --- Forward ---------------------------------------------------------------------------------- */

/* Pairs of channels; the last of an odd number has a zero beside it. */
static void fill_pairs(const struct nn_conv_few *f, const float *row, size_t length, float *to)
{
    const size_t plane = f->rows * f->columns;
    for (size_t c = 0; c < f->inputs; c += 2, to += length)
        for (size_t at = 0; at < f->columns; at += WIDTH) {
            const size_t count = f->columns - at;
            const __m512 even = load(row + c * plane + at, count);
            const __m512 odd =
                c + 1 < f->inputs ? load(row + (c + 1) * plane + at, count) : _mm512_setzero_ps();
            const __m512i both = (__m512i)_mm512_cvtne2ps_pbh(odd, even);
            _mm512_storeu_si512(to + 1 + at, interleaved(both));
        }
}

/* Sixteen pixels from column `at` on, of one block; `count` of them exist. */
static inline void convolve(const struct nn_few_row *r, const float *w, __m512 bias, size_t at,
                            size_t count, uint16_t *out)
{
    __m512 s[WIDTH];
    UNROLL for (int p = 0; p < WIDTH; p++) s[p] = bias;
    for (size_t pair = 0; pair < (r->f->inputs + 1) / 2; pair++)
        for (int ky = 0; ky < 3; ky++) {
            const float *x = r->in[ky] + pair * r->length + at;
            for (int kx = 0; kx < 3; kx++, w += WIDTH, x++) {
                const __m512i weight = _mm512_loadu_si512(w);
                UNROLL for (int p = 0; p < WIDTH; p++) ADD_PRODUCTS(s[p], weight, x + p);
            }
        }
    UNROLL for (int p = 0; p < WIDTH; p++) if ((size_t)p < count)
        _mm256_storeu_si256((void *)(out + p * WIDTH), (__m256i)_mm512_cvtneps_pbh(s[p]));
}

static void convolve_row(const struct nn_few_row *r)
{
    const struct nn_conv_few *f = r->f;
    const size_t weights = (f->inputs + 1) / 2 * TAPS * WIDTH;
    for (size_t k = 0; k < f->blocks; k++) {
        const __m512 bias = _mm512_loadu_ps(f->bias + k * WIDTH);
        uint16_t *out = (void *)(r->out + k * r->block);
        for (size_t at = 0; at < f->columns; at += WIDTH)
            convolve(r, f->weights + k * weights, bias, at, f->columns - at, out + at * WIDTH);
    }
}

/* To (K / 16, pairs of channels, 3, 3, 16, two channels). */
static void arrange(const struct nn_conv_few *f, const float *w)
{
    uint16_t pair[2];
    float *to = f->weights;
    for (size_t k = 0; k < f->blocks; k++)
        for (size_t c = 0; c < f->inputs; c += 2)
            for (size_t tap = 0; tap < TAPS; tap++)
                for (size_t lane = 0; lane < WIDTH; lane++, to++) {
                    const float *of = w + ((k * WIDTH + lane) * f->inputs + c) * TAPS + tap;
                    pair[0] = nn_bf16_of(of[0]);
                    pair[1] = c + 1 < f->inputs ? nn_bf16_of(of[TAPS]) : 0;
                    memcpy(to, pair, PAIR);
                }
}

/* --- Gradient --------------------------------------------------------------------------------- */

static void fill_rows(const struct nn_conv_few *f, const float *row, size_t length, float *to)
{
    for (size_t c = 0; c < f->inputs; c++, to += length) {
        uint16_t *half = (uint16_t *)(void *)to + 1;
        const float *from = row + c * f->rows * f->columns;
        for (size_t at = 0; at < f->columns; at += WIDTH)
            _mm256_storeu_si256((void *)(half + at),
                                (__m256i)_mm512_cvtneps_pbh(load(from + at, f->columns - at)));
    }
}

/* A pixel of dy and the next one, which is zero beyond the row, channel by channel. */
static inline __m512i two_pixels(const uint16_t *dy, bool both)
{
    return interleaved(both ? _mm512_loadu_si512(dy)
                            : _mm512_zextsi256_si512(_mm256_loadu_si256((const void *)dy)));
}

/* Adds some pixels of a row to the sums of `channels` channels of x from `c` on; their own sums
 * begin at zero, so that float32 adds few terms to few. */
static inline __attribute__((always_inline)) void correlate(const struct nn_few_row *r,
                                                            const uint16_t *dy, size_t c, size_t at,
                                                            size_t end, float *sums, int channels)
{
    __m512 s[2 * TAPS];
    UNROLL for (int i = 0; i < channels * TAPS; i++) s[i] = _mm512_setzero_ps();
    const uint16_t *x[3];
    for (int k = 0; k < 3; k++) x[k] = (const void *)(r->in[k] + c * r->length);
#define ADD_PIXELS(p, both)                                                                        \
    do {                                                                                           \
        const __m512i d = two_pixels(dy + (p)*WIDTH, both);                                        \
        UNROLL for (int i = 0; i < channels * TAPS; i++) ADD_PRODUCTS(                             \
            s[i], d, x[i % TAPS / 3] + (size_t)(i / TAPS) * 2 * r->length + (p) + i % 3);          \
    } while (0)
    size_t p = at;
    for (; p + 1 < end; p += 2) ADD_PIXELS(p, true);
    if (p < end) ADD_PIXELS(p, false);
    UNROLL for (int i = 0; i < channels * TAPS; i++)
        _mm512_storeu_ps(sums + i * WIDTH, _mm512_add_ps(_mm512_loadu_ps(sums + i * WIDTH), s[i]));
}

/* The same of all channels, and of dy for the biases. */
static void correlate_pixels(const struct nn_few_row *r, const uint16_t *dy, size_t at, size_t end,
                             float *sums)
{
    static const uint32_t ones = 0x3f803f80;
    const size_t inputs = r->f->inputs;
    __m512 whole = _mm512_setzero_ps();
    size_t c = 0;
    for (; c + 2 <= inputs; c += 2) correlate(r, dy, c, at, end, sums + c * TAPS * WIDTH, 2);
    if (c < inputs) correlate(r, dy, c, at, end, sums + c * TAPS * WIDTH, 1);
    for (size_t p = at; p < end; p += 2)
        ADD_PRODUCTS(whole, two_pixels(dy + p * WIDTH, p + 1 < end), &ones);
    sums += TAPS * inputs * WIDTH;
    _mm512_storeu_ps(sums, _mm512_add_ps(_mm512_loadu_ps(sums), whole));
}

static void correlate_row(const struct nn_few_row *r)
{
    const struct nn_conv_few *f = r->f;
    for (size_t k = 0; k < f->blocks; k++) {
        const uint16_t *dy = (const void *)(r->out + k * r->block);
        float *sums = r->partial + k * (TAPS * f->inputs + 1) * WIDTH;
        for (size_t at = 0; at < f->columns; at += NN_FEW_RUN)
            correlate_pixels(r, dy, at, at + NN_FEW_RUN < f->columns ? at + NN_FEW_RUN : f->columns,
                             sums);
    }
}
NN_TARGET_END

const struct nn_few_kernels nn_few_bf16 = {.forward = {fill_pairs, convolve_row},
                                           .gradient = {fill_rows, correlate_row},
                                           .arrange = arrange};
#else
bool nn_few_bf16_runs(void)
{
    return false;
}
const struct nn_few_kernels nn_few_bf16 = {.arrange = NULL};
#endif
