/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "gradient.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    struct nn_shape in; /* n: images a record */
    int batch;
    dnnl_format_tag_t tag;
    bool relu;
} row[] = {
    {{1, 3, 5, 7}, 2, 0, false},
    {{1, 3, 5, 7}, 2, 0, true},
    {{3, 10, 4, 4}, 2, dnnl_nChw16c, true},
    {{1, 16, 6, 5}, 3, dnnl_nChw16c, true},
    {{1, 10, 5, 5}, 2, dnnl_nhwc, true},
    {{1, 1, 1, 4}, 1, 0, false},
    {{2, 20, 3, 3}, 1, dnnl_nChw16c, false},
    {{1, 5, 1, 1}, 4, dnnl_nChw16c, true},
};

/* Parts of a batch, summed: this one alone; this one and another of the same records. */
static void once(double *value, size_t n)
{
    (void)value, (void)n;
}

static void twice(double *value, size_t n)
{
    for (size_t i = 0; i < n; i++) value[i] *= 2;
}

static void open_row(struct bench *r, size_t i, bool evaluate, leadseq_sum *sum)
{
    bench_open(r);
    r->engine->sum = sum;
    bench_add(r, nn_norm_new(&r->store, "norm", row[i].in,
                             &(struct nn_norm_options){.relu = row[i].relu}));
    bench_bind(
        r, &(struct bench_bind){.batch = row[i].batch, .tag = row[i].tag, .evaluate = evaluate});
    check_fill_uniform(r->params.value, r->params.count, 3); /* not ones and zeros */
    for (size_t s = 0; s < r->state.n_slices; s++)
        for (size_t c = 0; c < r->state.slice[s].count; c++)
            r->state.value[r->state.slice[s].offset + c] = 0.5f + 0.1f * (float)c;
}

struct expected {
    struct ref_norm s;
    double *x, *dy, *scale, *shift, *mean, *var, *y, *dx, *dscale, *dshift;
};

static struct expected expect(const struct bench *r, size_t i, bool training)
{
    struct nn_shape in = row[i].in;
    struct expected e = {.s = {.n = in.n * row[i].batch,
                               .c = in.c,
                               .hw = in.h * in.w,
                               .epsilon = 1e-5,
                               .momentum = 0.1,
                               .training = training}};
    size_t c = (size_t)in.c;
    e.x = ref_widen(r->in, r->n_in), e.dy = ref_widen(r->dout, r->n_out);
    e.scale = ref_widen(nn_params_value(&r->params, 0), c);
    e.shift = ref_widen(nn_params_value(&r->params, 1), c);
    e.mean = ref_widen(nn_params_value(&r->state, 0), c);
    e.var = ref_widen(nn_params_value(&r->state, 1), c);
    e.y = ref_zeros(r->n_in), e.dx = ref_zeros(r->n_in);
    e.dscale = ref_zeros(c), e.dshift = ref_zeros(c);
    ref_norm_forward(&e.s, e.x, e.scale, e.shift, e.mean, e.var, e.y);
    for (size_t j = 0; row[i].relu && j < r->n_in; j++) {
        e.dy[j] *= e.y[j] > 0;
        e.y[j] = ref_apply(REF_RELU, e.y[j]);
    }
    ref_norm_backward(&e.s, e.x, e.scale, e.dy, e.dx, e.dscale, e.dshift);
    return e;
}

static void forget(struct expected *e)
{
    double *all[] = {e->x,   e->dy, e->scale, e->shift,  e->mean,
                     e->var, e->y,  e->dx,    e->dscale, e->dshift};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
}

/* `sum` NULL: a batch in one piece. */
static void expect_training(size_t i, leadseq_sum *sum)
{
    struct bench r;
    open_row(&r, i, false, sum);
    size_t c = (size_t)row[i].in.c;
    struct expected e = expect(&r, i, true);
    bench_forward(&r);
    bench_backward(&r);
    cr_assert_lt(ref_difference(r.out, e.y, r.n_out), 2e-5, "row %zu", i);
    cr_assert_lt(ref_difference(r.din, e.dx, r.n_in), 2e-4, "row %zu", i);
    cr_assert_lt(ref_difference(nn_params_gradient(&r.params, 0), e.dscale, c), 2e-5, "%zu", i);
    cr_assert_lt(ref_difference(nn_params_gradient(&r.params, 1), e.dshift, c), 2e-5, "%zu", i);
    cr_assert_lt(ref_difference(nn_params_value(&r.state, 0), e.mean, c), 1e-6, "row %zu", i);
    if (sum != twice) // of twice as many values the unbiased variance is another
        cr_assert_lt(ref_difference(nn_params_value(&r.state, 1), e.var, c), 1e-6, "row %zu", i);
    forget(&e);
    bench_close(&r);
}

Test(norm, training_agrees_with_plain_loops_in_every_layout)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) expect_training(i, NULL);
}

Test(norm, sums_over_the_parts_of_a_batch_give_the_same_in_every_layout)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) expect_training(i, once);
}

Test(norm, a_second_part_of_equal_records_changes_no_gradient)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) expect_training(i, twice);
}

Test(norm, evaluation_uses_the_running_statistics_and_leaves_them)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct bench r;
        open_row(&r, i, true, NULL);
        struct expected e = expect(&r, i, false);
        float before = nn_params_value(&r.state, 0)[0];
        bench_forward(&r);
        cr_assert_lt(ref_difference(r.out, e.y, r.n_out), 1e-5, "row %zu", i);
        cr_assert_eq(nn_params_value(&r.state, 0)[0], before);
        forget(&e);
        bench_close(&r);
    }
}

Test(norm, a_small_spread_about_a_large_mean_keeps_its_digits)
{
    enum { C = 16, HW = 256 * 256, N = 2 };
    struct bench r;
    bench_open(&r);
    bench_add(&r, nn_norm_new(&r.store, "norm", (struct nn_shape){1, C, 256, 256},
                              &(struct nn_norm_options){0}));
    bench_bind(&r, &(struct bench_bind){.batch = N, .tag = dnnl_nChw16c});
    for (size_t i = 0; i < r.n_in; i++) r.in[i] = 10 + 0.05f * r.in[i];
    struct ref_norm s = {N, C, HW, 1e-5, 0.1, true};
    double one[C], zero[C] = {0}, mean[C] = {0}, var[C] = {0};
    for (int c = 0; c < C; c++) one[c] = 1;
    double *x = ref_widen(r.in, r.n_in), *y = ref_zeros(r.n_in);
    ref_norm_forward(&s, x, one, zero, mean, var, y);
    bench_forward(&r);
    cr_assert_lt(ref_difference(r.out, y, r.n_out), 2e-3, "%g", ref_difference(r.out, y, r.n_out));
    free(x), free(y);
    bench_close(&r);
}

Test(norm, central_differences_agree)
{
    struct bench r;
    open_row(&r, 0, false, NULL);
    cr_assert_lt(bench_differences(&r, 1e-2), 2e-3);
    bench_close(&r);
}

Test(norm, a_single_value_a_channel_becomes_the_shift_and_has_no_gradient)
{
    struct bench r;
    bench_open(&r);
    bench_add(&r, nn_norm_new(&r.store, "norm", (struct nn_shape){1, 4, 1, 1},
                              &(struct nn_norm_options){0}));
    bench_bind(&r, &(struct bench_bind){.batch = 1});
    bench_forward(&r);
    bench_backward(&r);
    for (int c = 0; c < 4; c++) cr_assert(r.out[c] == 0 && fabsf(r.din[c]) < 1e-3f);
    cr_assert(isfinite(nn_params_value(&r.state, 1)[0]));
    bench_close(&r);
}

Test(norm, neither_scale_nor_shift_decays)
{
    struct bench r;
    open_row(&r, 0, false, NULL);
    cr_assert_eq(r.params.n_slices, 2);
    cr_assert(!r.params.slice[0].decays && !r.params.slice[1].decays);
    cr_assert_str_eq(r.params.slice[0].name, "norm.weight");
    cr_assert_str_eq(r.state.slice[1].name, "norm.running_var");
    bench_close(&r);
}
