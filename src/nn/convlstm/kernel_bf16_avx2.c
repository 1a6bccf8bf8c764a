/* SPDX-License-Identifier: MIT
 *
 * The band's kernels in bf16 emulated on AVX2: the two bf16 of a word are widened to floats by a
 * shift and a mask, and multiplied one after the other. */
#ifdef __x86_64__
#include "kernel.h"
#include "nn/target.h"
#include <immintrin.h>
#include <string.h>
NN_TARGET("avx2,fma")
#define NN_LANES                8
#define OUTS                    6
#define SUMS                    4
#define PAIRS                   1
#define MULTIPLY_ADD(sum, a, b) (sum) = multiply_add(sum, a, b)
#define EMULATED                1
#define AT_LEAST(x, low)        (vec) _mm256_max_ps((__m256)(low), (__m256)(x))
#define AT_MOST(x, high)        (vec) _mm256_min_ps((__m256)(high), (__m256)(x))
#define STREAM(p, h)            _mm_stream_si128((__m128i *)(void *)(p), (__m128i)(h))
#define IN_REGISTER(v)          __asm__("" : "+x"(v))
#define KERNELS                 nn_band_bf16_avx2
#define NAME                    "AVX2, bf16 emulated"
#include "kernel_code.h"
NN_TARGET_END
#endif
