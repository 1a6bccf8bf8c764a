/* SPDX-License-Identifier: MIT
 *
 * The band's kernels on AVX2, float32. Of 16 registers a convolution takes 6 channels × 2 vectors
 * of sums, 2 of pixels and 1 for the weight; the weights' gradient 4 × 3 sums, 3 shifted inputs and
 * 1 derivative. */
#ifdef __x86_64__
#include "kernel.h"
#include "nn/target.h"
#include <immintrin.h>
#include <string.h>
NN_TARGET("avx2,fma")
#define NN_LANES                8
#define OUTS                    6
#define SUMS                    4
#define PAIRS                   0
#define MULTIPLY_ADD(sum, a, b) (sum) += (a) * (b)
#define AT_LEAST(x, low)        (vec) _mm256_max_ps((__m256)(low), (__m256)(x))
#define AT_MOST(x, high)        (vec) _mm256_min_ps((__m256)(high), (__m256)(x))
#define STREAM(p, v)            _mm256_stream_ps(p, (__m256)(v))
#define IN_REGISTER(v)          __asm__("" : "+x"(v))
#define KERNELS                 nn_band_avx2
#define NAME                    "AVX2"
#include "kernel_code.h"
NN_TARGET_END
#endif
