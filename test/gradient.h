/* SPDX-License-Identifier: MIT
 *
 * The gradient checks every layer passes. Each returns a relative error; the
 * test holds the bound, because it knows the layer. */
#ifndef TEST_GRADIENT_H
#define TEST_GRADIENT_H

#include "nn/nn.h"

/* Fills x with draws from [-1, 1), or with `scale` times a standard normal;
 * keyed by (seed, count). */
void check_fill_uniform(float *x, size_t n, uint64_t seed);
void check_fill_normal(float *x, size_t n, double scale, uint64_t seed);

/* Σ a b in double. */
double check_dot(const float *a, const float *b, size_t n);

/* Adjoint: |⟨y, Jx⟩ - ⟨Jᵀy, x⟩| over the product of norms of the larger pair. */
double check_adjoint(const float *y, const float *jx, size_t n_y, const float *jty, const float *x,
                     size_t n_x);

/* A scalar function of `value`, summed in double, and the gradient claimed for it. */
struct check_function {
    double (*loss)(void *user);
    void *user;
    float *value;          /* perturbed in place, and restored */
    const float *gradient; /* (count); must not change while loss() runs */
    size_t count;
    double step; /* h of the central difference, in units of value */
};
/* Central differences of at most `most` values spread over the whole block:
 * the worst |numeric - claimed| over the largest |claimed|. */
double check_differences(const struct check_function *f, size_t most);
/* One random direction u of unit length per value: |numeric - ⟨gradient, u⟩| over
 * ‖gradient‖ (what ⟨gradient, u⟩ is on average). */
double check_direction(const struct check_function *f, uint64_t seed);

#endif
