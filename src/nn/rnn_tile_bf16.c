/* SPDX-License-Identifier: MIT
 *
 * The kernels of rnn_tile.h in bfloat16, on AVX-512's vdpbf16ps: a lane adds two products to a
 * float32 sum. */
#include "rnn_tile.h"

#include "tensor.h"

#ifdef __x86_64__
#include "target.h"
#include <immintrin.h>
#include <stdint.h>

bool nn_rnn_bf16_runs(void)
{
    return nn_cpu_has(dnnl_cpu_isa_avx512_core_bf16) && __builtin_cpu_supports("avx512bf16");
}

NN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")
enum { ROWS = 6 };
#define UNROLL _Pragma("GCC unroll 32")
#define INLINE static inline __attribute__((always_inline))

/* As in rnn_tile.c. */
INLINE void tile(const struct nn_tiles *t, size_t first, int rows, int vectors)
{
    const size_t third = (t->without == 2 ? 3 : 2) * NN_UNITS;
    const size_t at[NN_GATES] = {0, NN_UNITS, third, 3 * NN_UNITS};
    float *c = t->c + first * t->c_row;
    __m512 s[ROWS * NN_GATES];
    UNROLL for (int i = 0; i < rows * vectors; i++) s[i] =
        _mm512_loadu_ps(c + (size_t)(i / vectors) * t->c_row + at[i % vectors]);
    for (size_t block = 0; block < t->blocks; block++) {
        const int *a = (const int *)t->a + block * t->a_block + first * t->a_row;
        const int *half = a + 3 * t->a_row, *b = (const int *)t->b + block * t->b_block;
        for (size_t k = 0; k < t->k; k++, a += t->a_k, half += t->a_k, b += NN_PANEL) {
            __m512bh w[NN_GATES];
            UNROLL for (int v = 0; v < vectors; v++) w[v] = (__m512bh)_mm512_loadu_si512(b + at[v]);
            UNROLL for (int r = 0; r < rows; r++)
            {
                const __m512bh x =
                    (__m512bh)_mm512_set1_epi32((r < 3 ? a : half)[(size_t)(r % 3) * t->a_row]);
                UNROLL for (int v = 0; v < vectors; v++) s[r * vectors + v] =
                    _mm512_dpbf16_ps(s[r * vectors + v], w[v], x);
            }
        }
    }
    UNROLL for (int i = 0; i < rows * vectors; i++)
        _mm512_storeu_ps(c + (size_t)(i / vectors) * t->c_row + at[i % vectors], s[i]);
}

INLINE void run(const struct nn_tiles *t, int vectors)
{
    size_t row = 0;
    for (; row + ROWS <= t->rows; row += ROWS) tile(t, row, ROWS, vectors);
    for (; row + 2 <= t->rows; row += 2) tile(t, row, 2, vectors);
    for (; row < t->rows; row++) tile(t, row, 1, vectors);
}

static void run_bf16(const struct nn_tiles *t)
{
    if (t->without)
        run(t, NN_GATES - 1);
    else
        run(t, NN_GATES);
}

/* Up to sixteen floats. */
INLINE __m512 load(const float *x, size_t count)
{
    if (count >= NN_UNITS) return _mm512_loadu_ps(x);
    return _mm512_maskz_loadu_ps((__mmask16)((1U << count) - 1), x);
}

static void along(const float *x, size_t n, void *to)
{
    uint16_t *h = to;
    for (size_t i = 0; i < n; i += NN_UNITS, h += NN_UNITS) {
        const size_t count = (n - i + 1) / 2 * 2; // whole pairs
        const __mmask16 mask = count >= NN_UNITS ? 0xffff : (__mmask16)((1U << count) - 1);
        _mm256_mask_storeu_epi16(h, mask, (__m256i)_mm512_cvtneps_pbh(load(x + i, n - i)));
    }
}

static void across(const float *x, const float *next, size_t n, void *to)
{
    uint32_t *h = to;
    for (size_t i = 0; i < n; i += NN_UNITS, h += NN_UNITS) {
        const size_t count = n - i;
        const __mmask16 mask = count >= NN_UNITS ? 0xffff : (__mmask16)((1U << count) - 1);
        const __m512 low = load(x + i, count);
        const __m512 high = next ? load(next + i, count) : _mm512_setzero_ps();
        const __m512i a = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(low));
        const __m512i b = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(high));
        _mm512_mask_storeu_epi32(h, mask, _mm512_or_si512(a, _mm512_slli_epi32(b, 16)));
    }
}
NN_TARGET_END

const struct nn_rnn_kernels nn_rnn_bf16 = {
    .pair = 2, .run = run_bf16, .along = along, .across = across};
#else
bool nn_rnn_bf16_runs(void)
{
    return false;
}
const struct nn_rnn_kernels nn_rnn_bf16 = {.pair = 2};
#endif
