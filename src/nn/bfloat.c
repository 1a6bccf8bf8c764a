/* SPDX-License-Identifier: MIT
 *
 * bfloat16: the upper half of a float32, rounded to nearest, ties to even. What
 * an engine holds in it, and its emulation: float32 rounded to its values.
 *
 * A product of two such values has 16 bits of mantissa and is exact in float32,
 * so a float32 convolution of rounded values gives the same numbers as bf16 except for the order of
 * sums. */
#include "tensor.h"

#include <string.h>

enum nn_values nn_values_of(const struct leadseq_engine *engine)
{
    static const enum nn_values values[] = {NN_F32, NN_BF16, NN_ROUNDED};
    return values[engine->precision];
}

const char *const leadseq_precision_names[] = {"f32", "bf16", "bf16-emulated", NULL};

/* Adding 0x7fff, and the last bit that stays, carries into the upper half exactly when rounding up
 * is right. */
static inline uint32_t nearest(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    bool nan = (u & 0x7fffffffu) > 0x7f800000u; // stays one: rounding up could make it infinite
    u = nan ? u | 0x400000u : u + 0x7fffu + (u >> 16 & 1);
    return u >> 16;
}

uint16_t nn_bf16_of(float x)
{
    return (uint16_t)nearest(x);
}

static inline float round_one(float x)
{
    uint32_t u = nearest(x) << 16;
    memcpy(&x, &u, sizeof x);
    return x;
}

void nn_round_bf16(float *x, size_t n)
{
#pragma omp parallel for simd
    for (size_t i = 0; i < n; i++) x[i] = round_one(x[i]);
}

void nn_tensor_round(struct nn_tensor *t)
{
    if (t->values == NN_ROUNDED) nn_round_bf16(t->data, t->bytes / sizeof(float));
}
