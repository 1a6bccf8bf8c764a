/* SPDX-License-Identifier: MIT
 *
 * The band's kernels on AVX-512, float32. */
#ifdef __x86_64__
#include "band.h"
#include "band_target.h"
#include <string.h>
NN_TARGET("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
#define NN_LANES                16
#define OUTS                    12
#define SUMS                    8
#define PAIRS                   0
#define MULTIPLY_ADD(sum, a, b) (sum) += (a) * (b)
#define IN_REGISTER(v)          __asm__("" : "+v"(v))
#define KERNELS                 nn_band_avx512
#define NAME                    "AVX-512"
#include "band_kernels.h"
NN_TARGET_END
#endif
