/* SPDX-License-Identifier: MIT
 *
 * The band's kernels on AVX2, float32. */
#ifdef __x86_64__
#include "band.h"
#include "band_target.h"
#include <string.h>
NN_TARGET("avx2,fma")
#define NN_LANES                8
#define OUTS                    6
#define SUMS                    4
#define PAIRS                   0
#define MULTIPLY_ADD(sum, a, b) (sum) += (a) * (b)
#define IN_REGISTER(v)          __asm__("" : "+x"(v))
#define KERNELS                 nn_band_avx2
#define NAME                    "AVX2"
#include "band_kernels.h"
NN_TARGET_END
#endif
