/* SPDX-License-Identifier: MIT
 *
 * Vectors of a norm's passes: sixteen values of float32 or bfloat16 read and written, sums in
 * double, the coefficients of some lanes. */
#ifndef NN_NORM_LANES_H
#define NN_NORM_LANES_H

#include "lanes.h"
#include "norm.h"

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

/* x of some lanes minus their mean, and what y is before ReLU. */
struct lanes {
    vec mean, scale, shift;
};

INLINE struct lanes lanes_at(const struct nn_norm_map *m, size_t lane)
{
    return (struct lanes){load(m->mean + lane), load(m->scale + lane), load(m->shift + lane)};
}

/* Σ a and Σ a b. */
struct two_sums {
    struct doubles first, second;
};

INLINE void count_two(struct two_sums *t, vec a, vec b)
{
    const struct doubles x = doubled(a), y = doubled(b);
    t->first.low += x.low;
    t->first.high += x.high;
    t->second.low += x.low * y.low;
    t->second.high += x.high * y.high;
}

/* Adds to the sums of a piece, the second `width` after the first. */
INLINE void add_two(double *partial, const struct two_sums *t, size_t width)
{
    add_doubles(partial, t->first);
    add_doubles(partial + width, t->second);
}

#endif
