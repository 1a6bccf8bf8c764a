/* SPDX-License-Identifier: MIT
 *
 * The band's kernels on AVX-512 with bf16 instructions: vdpbf16ps adds both products of a pair to a
 * float32 sum. Registers as in kernel_avx512.c, each with twice the values. */
#ifdef __x86_64__
#include "kernel.h"
#include "nn/target.h"
#include <immintrin.h>
#include <string.h>
NN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,avx2,fma")
#include "kernel_reciprocal.h"
#define NN_LANES 16
#define OUTS     12
#define SUMS     8
#define PAIRS    1
#define MULTIPLY_ADD(sum, a, b)                                                                    \
    (sum) = (vec)_mm512_dpbf16_ps((__m512)(sum), (__m512bh)(a), (__m512bh)(b))
#define AT_LEAST(x, low) (vec) _mm512_max_ps((__m512)(low), (__m512)(x))
#define AT_MOST(x, high) (vec) _mm512_min_ps((__m512)(high), (__m512)(x))
#define RECIPROCAL(x)    (vec) reciprocal((__m512)(x))
#define NARROW(x)        (halves) _mm512_cvtneps_pbh((__m512)(x))
#define STREAM(p, h)     _mm256_stream_si256((__m256i *)(void *)(p), (__m256i)(h))
#define IN_REGISTER(v)   __asm__("" : "+v"(v))
#define KERNELS          nn_band_bf16_avx512
#define NAME             "AVX-512 with bf16"
#include "kernel_code.h"
NN_TARGET_END
#endif
