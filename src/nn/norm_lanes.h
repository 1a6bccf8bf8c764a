/* SPDX-License-Identifier: MIT
 *
 * Vectors of a norm's passes: sums in double, the coefficients of some lanes. */
#ifndef NN_NORM_LANES_H
#define NN_NORM_LANES_H

#include "halves.h"
#include "norm.h"

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
