/* SPDX-License-Identifier: MIT
 *
 * Vectors of values that are float32 or bfloat16 in memory: read and written. */
#ifndef NN_HALVES_H
#define NN_HALVES_H

#include "lanes.h"

#include <stdbool.h>

typedef uint16_t halves __attribute__((vector_size(WIDTH * sizeof(uint16_t))));

INLINE vec widened(const uint16_t *p, size_t count)
{
    halves h = {0};
    memcpy(&h, p, (count < WIDTH ? count : WIDTH) * sizeof *p);
    return (vec)(__builtin_convertvector(h, bits) << 16);
}

/* Values `i` and on: up to a vector's; the rest is zero. */
INLINE vec get(const void *p, size_t i, size_t count, bool half)
{
    return half ? widened((const uint16_t *)p + i, count) : load_some((const float *)p + i, count);
}

/* As nn_bf16_of(), lane by lane. */
INLINE halves narrowed(vec v)
{
    const bits u = (bits)v;
    const mask nan = (mask)((u & 0x7fffffffu) > 0x7f800000u);
    const bits kept = u | 0x400000u, rounded = u + 0x7fffu + (u >> 16 & 1);
    const bits chosen = (bits)choose(nan, (vec)kept, (vec)rounded);
    return __builtin_convertvector(chosen >> 16, halves);
}

INLINE void put(void *p, size_t i, vec v, size_t count, bool half)
{
    if (!half) {
        store_some((float *)p + i, v, count);
        return;
    }
    halves h = narrowed(v);
    memcpy((uint16_t *)p + i, &h, (count < WIDTH ? count : WIDTH) * sizeof(uint16_t));
}

#endif
