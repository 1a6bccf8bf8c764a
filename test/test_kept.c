/* SPDX-License-Identifier: MIT
 *
 * What the ConvLSTM's kernels keep in bf16, and the bounds that kernel.h states for it. */
#include "nn/convlstm/kernel.h"
#include "recurrent.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { K = 2, STRIDE = 64, GATES = 4 * K, PLANES = GATES * STRIDE };
static const double unit = 0x1p-8; /* the most by which bf16 is off, relative */

static int tables(const struct nn_band_kernels *found[3])
{
    int n = 0;
    found[n++] = &nn_band_bf16_base;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found[n++] = &nn_band_bf16_avx2;
    if (leadseq_bf16_is_native() && __builtin_cpu_supports("avx512bf16"))
        found[n++] = &nn_band_bf16_avx512;
#endif
    return n;
}

/* A row of K channels, forward, and what it is backward of. Gates from saturated to saturated. */
struct row {
    int count;
    _Alignas(64) float a[PLANES], rounded[PLANES]; /* gates as used forward; as computed again */
    _Alignas(64) uint16_t kept[PLANES], kept_h[PLANES];
    float c_before[K * STRIDE], c[K * STRIDE], h[K * STRIDE], dh[K * STRIDE], dc[K * STRIDE];
};

static void draw(float *to, size_t n, uint64_t seed, float scale)
{
    float *x = rig_random(n, seed);
    for (size_t i = 0; i < n; i++) to[i] = scale * x[i];
    free(x);
}

static void run_forward(const struct nn_band_kernels *k, struct row *r, int count)
{
    static const float rare[] = {0, 30, -30, 90, -90, 1e-3f, -1e-3f, 17};
    *r = (struct row){.count = count};
    draw(r->a, PLANES, 1, 9);
    for (size_t i = 0; i < PLANES; i += 5) r->a[i] = rare[i / 5 % 8];
    draw(r->c_before, K * STRIDE, 2, 3);
    draw(r->dh, K * STRIDE, 3, 1), draw(r->dc, K * STRIDE, 4, 1);
    memcpy(r->rounded, r->a, sizeof r->a);
    k->activate(r->rounded, STRIDE, K, count, true);
    const struct nn_band_gates g = {.hidden = K,
                                    .count = count,
                                    .sums = r->a,
                                    .sums_stride = STRIDE,
                                    .plane = STRIDE,
                                    .gates = r->kept,
                                    .c_before = r->c_before,
                                    .c = r->c,
                                    .h = r->h,
                                    .kept_h = r->kept_h};
    k->forward(&g);
}

static void run_backward(const struct nn_band_kernels *k, const struct row *r, const void *kept,
                         float *d, float *dc_before)
{
    const struct nn_band_back g = {.hidden = K,
                                   .count = r->count,
                                   .gates = r->rounded,
                                   .gates_stride = STRIDE,
                                   .kept = kept,
                                   .c = {r->c, STRIDE},
                                   .c_before = {r->c_before, STRIDE},
                                   .dh = {r->dh, STRIDE},
                                   .dc = {r->dc, STRIDE},
                                   .dc_before = dc_before,
                                   .plane = STRIDE,
                                   .d = d,
                                   .d_stride = STRIDE};
    k->backward(&g);
}

/* Every table, with rows that end within a vector and rows that do not. */
static void each(void (*check)(const struct nn_band_kernels *k, const struct row *r))
{
    static const int counts[] = {STRIDE, 37};
    const struct nn_band_kernels *table[3];
    for (int i = 0, n = tables(table); i < n; i++)
        for (int j = 0; j < 2; j++) {
            struct row r;
            run_forward(table[i], &r, counts[j]);
            check(table[i], &r);
        }
}

static void near_gates(const struct nn_band_kernels *k, const struct row *r)
{
    for (int q = 0; q < GATES; q++)
        for (int p = 0; p < r->count; p++) {
            const double a = (double)r->a[q * STRIDE + p];
            const double size = q / K == 3 ? fabs(a) : fmin(a, 1 - a);
            cr_expect_leq(fabs((double)r->rounded[q * STRIDE + p] - a), unit * size + 0x1p-25,
                          "%s: gate %d of %g", k->name, q, a);
        }
}

Test(kept, gates_are_within_their_bound)
{
    each(near_gates);
}

static void same_bits(const struct nn_band_kernels *k, const struct row *r)
{
    float d[2][PLANES] = {{0}}, dc[2][K * STRIDE] = {{0}};
    run_backward(k, r, r->kept, d[0], dc[0]);
    run_backward(k, r, NULL, d[1], dc[1]);
    cr_expect_arr_eq(d[0], d[1], sizeof d[0], "%s", k->name);
    cr_expect_arr_eq(dc[0], dc[1], sizeof dc[0], "%s", k->name);
}

Test(kept, gates_that_are_computed_again_have_the_bits_of_those_kept)
{
    each(same_bits);
}

static void nearest_h(const struct nn_band_kernels *k, const struct row *r)
{
    for (int i = 0; i < K; i++)
        for (int p = 0; p < r->count; p++) {
            const int at = i * STRIDE + p;
            if (fabsf(r->h[at]) < 0x1p-126f) continue; /* instructions write 0 */
            cr_expect_eq(r->kept_h[at], nn_bf16_of(r->h[at]), "%s: %g", k->name, (double)r->h[at]);
        }
}

Test(kept, h_is_what_a_convolution_rounds_it_to)
{
    each(nearest_h);
}

/* The largest error of one derivative over its bound. */
static double worst;

static void expect(const char *what, double found, double exact, double bound)
{
    const double error = fabs(found - exact), most = bound + 1e-6 * (1 + fabs(exact));
    cr_expect_leq(error, most, "%s: %g for %g, bound %g", what, found, exact, bound);
    if (bound > 1e-5) worst = fmax(worst, error / bound);
}

/* All derivatives of a value in double from gates that were not rounded, and what rounding them may
 * change: to first order in u, and a hundredth of it for the rest. */
static void near_derivatives(const struct nn_band_kernels *k, const struct row *r)
{
    const double u = 1.01 * unit;
    float d[PLANES], dc_before[K * STRIDE];
    run_backward(k, r, r->kept, d, dc_before);
    for (int at = 0; at < K * STRIDE; at++) {
        if (at % STRIDE >= r->count) continue;
        double i = (double)r->a[at], f = (double)r->a[at + K * STRIDE];
        double o = (double)r->a[at + 2 * K * STRIDE], g = (double)r->a[at + 3 * K * STRIDE];
        double t = tanh((double)r->c[at]), before = (double)r->c_before[at];
        double dh = (double)r->dh[at], dc = (double)r->dc[at] + dh * o * (1 - t * t);
        double moved = u * fabs(dh * o * (1 - t * t)); /* of dc */
        expect("dc", (double)dc_before[at], dc * f, f * (moved + u * fabs(dc)));
        expect("di", (double)d[at], dc * g * i * (1 - i),
               fabs(g * i * (1 - i)) * (moved + 2 * u * fabs(dc)));
        expect("df", (double)d[at + K * STRIDE], dc * before * f * (1 - f),
               fabs(before * f * (1 - f)) * (moved + u * fabs(dc)));
        expect("do", (double)d[at + 2 * K * STRIDE], dh * t * o * (1 - o),
               u * fabs(dh * t * o * (1 - o)));
        expect("dg", (double)d[at + 3 * K * STRIDE], dc * i * (1 - g * g),
               i * ((1 - g * g) * moved + fabs(dc) * u * (1 + g * g)));
    }
}

Test(kept, derivatives_are_within_their_bound_and_reach_most_of_it)
{
    each(near_derivatives);
    cr_expect_gt(worst, 0.5);
}

/* --- A whole layer --------------------------------------------------------------------------- */

static float *gradient(enum leadseq_precision precision, size_t *n)
{
    const struct recurrent s = {.t = 12,
                                .n = 2,
                                .c = 1,
                                .h = 40,
                                .w = 48,
                                .k = 10,
                                .kernel = 3,
                                .bias = true,
                                .last_only = true,
                                .without_dx = true};
    const struct recurrent_way way = {.precision = precision, .threads = 1};
    struct rig r;
    recurrent_build(&r, &s, &way);
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
    rig_forward(&r, x, NULL);
    rig_backward(&r, dy, NULL);
    *n = r.params.count;
    float *all = rig_floats(*n);
    memcpy(all, r.params.gradient, *n * sizeof *all);
    free(x), free(dy);
    rig_clear(&r);
    return all;
}

/* doc/convlstm.md, "Precision": what is multiplied is rounded, too, which this bound has room for.
 */
Test(kept, a_layers_gradient_is_within_the_bound_of_the_documentation)
{
    size_t n;
    float *exact = gradient(LEADSEQ_F32, &n), *found = gradient(LEADSEQ_BF16_EMULATED, &n);
    double off = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        off += pow((double)found[i] - (double)exact[i], 2);
        all += pow((double)exact[i], 2);
    }
    cr_expect_gt(off, 0);
    cr_expect_lt(sqrt(off / all), 1.5 * unit);
    free(exact), free(found);
}
