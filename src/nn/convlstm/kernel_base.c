/* SPDX-License-Identifier: MIT
 *
 * The band's kernels on vectors of four, float32: any CPU. */
#define NN_LANES 4
#if defined __aarch64__
#define OUTS 12 /* 32 registers */
#define SUMS 8
#else
#define OUTS 6
#define SUMS 4
#endif
#define PAIRS                   0
#define MULTIPLY_ADD(sum, a, b) (sum) += (a) * (b)
#define IN_REGISTER(v)          (void)(v)
#define KERNELS                 nn_band_base
#define NAME                    "four lanes"
#include "kernel_code.h"
