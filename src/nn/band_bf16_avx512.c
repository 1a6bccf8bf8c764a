/* SPDX-License-Identifier: MIT
 *
 * The band's kernels on AVX-512 with bf16 instructions. */
#ifdef __x86_64__
#include "band.h"
#include "band_target.h"
#include <immintrin.h>
#include <string.h>
NN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")
#define NN_LANES 16
#define OUTS     12
#define SUMS     8
#define PAIRS    1
#define MULTIPLY_ADD(sum, a, b)                                                                    \
    (sum) = (vec)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(a), (__m512bh)(b))
#define IN_REGISTER(v) __asm__("" : "+v"(v))
#define KERNELS        nn_band_bf16_avx512
#define NAME           "AVX-512 with bf16"
#include "band_kernels.h"
NN_TARGET_END
#endif
