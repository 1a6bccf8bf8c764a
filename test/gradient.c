/* SPDX-License-Identifier: MIT
 *
 * Adjoint, central differences and one random direction; see gradient.h. */
#include "gradient.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void check_fill_uniform(float *x, size_t n, uint64_t seed)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_TEST, n, 0);
    for (size_t i = 0; i < n; i++) x[i] = (float)(2 * leadseq_random_uniform(&r) - 1);
}

void check_fill_normal(float *x, size_t n, double scale, uint64_t seed)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_TEST, n, 1);
    for (size_t i = 0; i < n; i++) x[i] = (float)(scale * leadseq_random_normal(&r));
}

double check_dot(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
    return sum;
}

double check_adjoint(const float *y, const float *jx, size_t n_y, const float *jty, const float *x,
                     size_t n_x)
{
    double left = check_dot(y, jx, n_y), right = check_dot(jty, x, n_x);
    double norm = fmax(sqrt(check_dot(y, y, n_y) * check_dot(jx, jx, n_y)),
                       sqrt(check_dot(jty, jty, n_x) * check_dot(x, x, n_x)));
    return fabs(left - right) / fmax(norm, 1e-30);
}

/* (f(v + h) - f(v - h)) / 2h along one value; h is what float32 made of it. */
static double central(const struct check_function *f, size_t i)
{
    float old = f->value[i];
    volatile float up = old + (float)f->step, down = old - (float)f->step;
    f->value[i] = up;
    double above = f->loss(f->user);
    f->value[i] = down;
    double below = f->loss(f->user);
    f->value[i] = old;
    return (above - below) / ((double)up - down);
}

double check_differences(const struct check_function *f, size_t most)
{
    double worst = 0, scale = 1e-30;
    size_t checked = f->count < most ? f->count : most;
    for (size_t i = 0; i < f->count; i++) scale = fmax(scale, fabs(f->gradient[i]));
    for (size_t j = 0; j < checked; j++) {
        size_t i = j * f->count / checked;
        double error = fabs(central(f, i) - f->gradient[i]);
        if (!(error <= worst)) worst = error; // NaN stays
    }
    return worst / scale;
}

static double loss_along(const struct check_function *f, const float *old, const float *u, double h)
{
    for (size_t i = 0; i < f->count; i++) f->value[i] = old[i] + (float)(h * u[i]);
    return f->loss(f->user);
}

double check_direction(const struct check_function *f, uint64_t seed)
{
    float *u = malloc(f->count * sizeof *u), *old = malloc(f->count * sizeof *old);
    if (!u || !old) abort();
    check_fill_normal(u, f->count, 1, seed);
    memcpy(old, f->value, f->count * sizeof *old);
    double slope = loss_along(f, old, u, f->step) - loss_along(f, old, u, -f->step);
    slope /= 2 * f->step;
    memcpy(f->value, old, f->count * sizeof *old);
    double claimed = check_dot(f->gradient, u, f->count);
    double norm = sqrt(check_dot(f->gradient, f->gradient, f->count));
    free(u);
    free(old);
    return fabs(slope - claimed) / fmax(norm, 1e-30);
}
