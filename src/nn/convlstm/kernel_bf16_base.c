/* SPDX-License-Identifier: MIT
 *
 * The band's kernels in bf16 emulated on vectors of four: any CPU. */
#include "kernel.h"
#include <string.h>
#define NN_LANES                4
#define OUTS                    6
#define SUMS                    4
#define PAIRS                   1
#define MULTIPLY_ADD(sum, a, b) (sum) = multiply_add(sum, a, b)
#define EMULATED                1
#define IN_REGISTER(v)          (void)(v)
#define KERNELS                 nn_band_bf16_base
#define NAME                    "four lanes, bf16 emulated"
#include "kernel_code.h"
