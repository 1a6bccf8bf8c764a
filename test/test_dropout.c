/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "gradient.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FEATURES = 5000 };

static void open_dropout(struct bench *r, const char *name, float rate, int batch, bool evaluate)
{
    bench_open(r);
    bench_add(r, nn_dropout_new(&r->store, name, (struct nn_shape){1, FEATURES, 1, 1}, rate));
    bench_bind(r, &(struct bench_bind){.batch = batch, .evaluate = evaluate});
    for (size_t i = 0; i < r->n_in; i++) r->in[i] = 1 + (float)i;
}

static void run(struct bench *r, uint64_t seed, uint64_t step)
{
    r->bound.pass.seed = seed;
    r->bound.pass.step = step;
    bench_forward(r);
}

Test(dropout, drops_its_share_and_scales_the_rest)
{
    struct bench r;
    open_dropout(&r, "dropout", 0.3f, 2, false);
    run(&r, 1, 1);
    size_t dropped = 0;
    for (size_t i = 0; i < r.n_in; i++) {
        dropped += r.out[i] == 0;
        cr_assert(r.out[i] == 0 || fabs(r.out[i] / r.in[i] - 1 / 0.7) < 1e-6);
    }
    cr_assert_float_eq((double)dropped / (double)r.n_in, 0.3, 5 * sqrt(.3 * .7 / 2 / FEATURES));
    bench_close(&r);
}

Test(dropout, backward_applies_the_mask_of_forward)
{
    struct bench r;
    open_dropout(&r, "dropout", 0.5f, 3, false);
    run(&r, 1, 1);
    bench_backward(&r);
    uint8_t *mask = malloc(r.n_in);
    for (size_t i = 0; i < r.n_in; i++) mask[i] = r.out[i] != 0;
    double *dy = ref_widen(r.dout, r.n_out), *dx = ref_zeros(r.n_in);
    ref_dropout(mask, 0.5, dy, r.n_in, dx);
    cr_assert_lt(ref_difference(r.din, dx, r.n_in), 1e-6);
    free(mask), free(dy), free(dx);
    cr_assert_lt(check_adjoint(r.dout, r.out, r.n_out, r.din, r.in, r.n_in), 1e-6);
    bench_close(&r);
}

static float *mask_of(const char *name, uint64_t seed, uint64_t step, int batch)
{
    struct bench r;
    open_dropout(&r, name, 0.5f, batch, false);
    run(&r, seed, step);
    float *out = malloc(FEATURES * sizeof *out);
    for (size_t i = 0; i < FEATURES; i++) out[i] = r.out[i] != 0;
    bench_close(&r);
    return out;
}

Test(dropout, draws_are_keyed_by_seed_layer_step_and_record)
{
    float *first = mask_of("dropout", 1, 1, 1);
    const struct {
        const char *name;
        uint64_t seed, step;
        int batch;
        bool same;
    } row[] = {{"dropout", 1, 1, 1, true},
               {"dropout", 1, 1, 3, true},
               {"dropout", 2, 1, 1, false},
               {"dropout", 1, 2, 1, false},
               {"dropout2", 1, 1, 1, false}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        float *other = mask_of(row[i].name, row[i].seed, row[i].step, row[i].batch);
        cr_assert_eq(!memcmp(first, other, FEATURES * sizeof *other), row[i].same, "row %zu", i);
        free(other);
    }
    free(first);
}

Test(dropout, evaluation_leaves_x_as_it_is)
{
    struct bench r;
    open_dropout(&r, "dropout", 0.9f, 2, true);
    run(&r, 1, 1);
    cr_assert_eq(memcmp(r.in, r.out, r.n_in * sizeof *r.in), 0);
    bench_close(&r);
}

Test(dropout, a_rate_of_one_or_more_is_refused)
{
    struct bench r;
    bench_open(&r);
    static const float bad[] = {1, -0.1f, NAN};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++)
        cr_assert_null(nn_dropout_new(&r.store, "dropout", (struct nn_shape){1, 4, 1, 1}, bad[i]));
    bench_close(&r);
}
