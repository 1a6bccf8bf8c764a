/* SPDX-License-Identifier: MIT
 *
 * The band's kernels on AVX-512, float32. Of 32 registers a convolution takes 12 channels × 2
 * vectors of sums, 2 of pixels and 1 for the weight; the weights' gradient 8 × 3 sums, 3 shifted
 * inputs and 1 derivative. */
#ifdef __x86_64__
#include "kernel.h"
#include "nn/target.h"
#include <immintrin.h>
#include <string.h>
NN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
#include "kernel_reciprocal.h"
#define NN_LANES                16
#define OUTS                    12
#define SUMS                    8
#define PAIRS                   0
#define MULTIPLY_ADD(sum, a, b) (sum) += (a) * (b)
#define AT_LEAST(x, low)        (vec) _mm512_max_ps((__m512)(low), (__m512)(x))
#define AT_MOST(x, high)        (vec) _mm512_min_ps((__m512)(high), (__m512)(x))
#define RECIPROCAL(x)           (vec) reciprocal((__m512)(x))
#define STREAM(p, v)            _mm512_stream_ps(p, (__m512)(v))
#define IN_REGISTER(v)          __asm__("" : "+v"(v))
#define KERNELS                 nn_band_avx512
#define NAME                    "AVX-512"
#include "kernel_code.h"
NN_TARGET_END
#endif
