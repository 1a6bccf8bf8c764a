/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "crowd.h"
#include "gradient.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
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

/* --- Long sums --------------------------------------------------------------------------------
 * Paper: nearly all values equal, so that a mean is large against the deviation. */

static const struct {
    int c, side, batch;
    dnnl_format_tag_t tag;
    enum nn_values values;
} large[] = {{2, 512, 4, 0, NN_F32},         {16, 512, 1, dnnl_nChw16c, NN_F32},
             {3, 384, 3, dnnl_nhwc, NN_F32}, {20, 256, 4, dnnl_nhwc, NN_F32},
             {2, 512, 2, 0, NN_BF16},        {16, 512, 1, dnnl_nChw16c, NN_BF16}};

static void fill_paper(struct bench *r, enum nn_values values)
{
    for (size_t i = 0; i < r->n_in; i++) {
        bool ink = leadseq_hash(LEADSEQ_HASH_START, &i, sizeof i) % 20 == 0;
        r->in[i] = ink ? 5 + 0.125f * r->in[i] : 5.5f + 0.0625f * r->in[i];
        r->dout[i] = 1 + 0.5f * r->dout[i];
    }
    if (values != NN_BF16) return;
    nn_round_bf16(r->in, r->n_in);
    nn_round_bf16(r->dout, r->n_out);
}

/* A channel of plain arrays: values of channel c are in images of `pixels`, C apart. */
struct channel {
    double mean, deviation, dshift, dscale, size_shift, size_scale;
};

static struct channel channel_of(const struct bench *r, size_t i, int c)
{
    const size_t pixels = (size_t)large[i].side * (size_t)large[i].side, n = (size_t)large[i].batch;
    struct channel k = {0};
    double m = (double)(n * pixels), second = 0;
    for (int pass = 0; pass < 3; pass++) {
        for (size_t image = 0; image < n; image++)
            for (size_t p = 0; p < pixels; p++) {
                size_t at = (image * (size_t)large[i].c + (size_t)c) * pixels + p;
                double x = (double)r->in[at];
                double dy = (double)r->dout[at];
                if (pass == 0) k.mean += x / m;
                if (pass == 1) second += (x - k.mean) * (x - k.mean) / m;
                if (pass < 2) continue;
                double unit = (x - k.mean) / k.deviation;
                k.dshift += dy;
                k.dscale += dy * unit;
                k.size_shift += fabs(dy);
                k.size_scale += fabs(dy * unit);
            }
        if (pass == 1) k.deviation = sqrt(second + 1e-5);
    }
    return k;
}

/* Outputs have weight 1 and bias 0 in float32: y is (x - mean) / deviation to its own rounding, so
 * that a mean off by 1e-6 of the deviation, or a deviation off by 1e-6, is seen. */
static void expect_digits(const struct bench *r, size_t i, int c)
{
    const struct channel k = channel_of(r, i, c);
    const size_t pixels = (size_t)large[i].side * (size_t)large[i].side;
    const double tolerance = large[i].values == NN_BF16 ? 1.0 / 250 : 1e-6;
    for (size_t p = 0; p < pixels; p++) {
        size_t at = (size_t)c * pixels + p;
        double x = (double)r->in[at], y = (x - k.mean) / k.deviation;
        cr_assert_lt(fabs((double)r->out[at] - y), tolerance * fmax(1, fabs(y)),
                     "row %zu channel %d: %.9g, %.9g", i, c, (double)r->out[at], y);
    }
    double dscale = (double)nn_params_gradient(&r->params, 0)[c];
    double dshift = (double)nn_params_gradient(&r->params, 1)[c];
    cr_assert_lt(fabs(dshift - k.dshift), 1e-6 * k.size_shift, "row %zu channel %d", i, c);
    cr_assert_lt(fabs(dscale - k.dscale), 1e-6 * k.size_scale, "row %zu channel %d", i, c);
    double var = (double)nn_params_value(&r->state, 1)[c] - 0.9, unbiased = var / 0.1;
    double m = (double)pixels * large[i].batch, expected = k.deviation * k.deviation - 1e-5;
    cr_assert_lt(fabs(unbiased - expected * m / (m - 1)), 1e-6, "row %zu channel %d", i, c);
}

static void open_large(struct bench *r, size_t i)
{
    bench_open(r);
    bench_add(r, nn_norm_new(&r->store, "norm",
                             (struct nn_shape){1, large[i].c, large[i].side, large[i].side},
                             &(struct nn_norm_options){0}));
    bench_bind(r, &(struct bench_bind){
                      .batch = large[i].batch, .tag = large[i].tag, .values = large[i].values});
    fill_paper(r, large[i].values);
}

Test(norm, sums_of_hundreds_of_thousands_of_values_keep_six_digits)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(large); i++) {
        struct bench r;
        open_large(&r, i);
        bench_forward(&r);
        bench_backward(&r);
        for (int c = 0; c<large[i].c; c += large[i].c> 3 ? 7 : 1) expect_digits(&r, i, c);
        bench_close(&r);
    }
}

static uint64_t hash_of_a_pass(size_t i, int threads)
{
    struct bench r;
    open_large(&r, i);
    omp_set_num_threads(threads);
    bench_forward(&r);
    bench_backward(&r);
    uint64_t hash = leadseq_hash(LEADSEQ_HASH_START, r.out, r.n_out * sizeof *r.out);
    hash = leadseq_hash(hash, r.din, r.n_in * sizeof *r.din);
    hash = leadseq_hash(hash, r.params.gradient, r.params.count * sizeof(float));
    hash = leadseq_hash(hash, r.state.value, r.state.count * sizeof(float));
    bench_close(&r);
    return hash;
}

Test(norm, the_number_of_threads_changes_no_bit)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(large); i++) {
        uint64_t one = hash_of_a_pass(i, 1);
        for (size_t k = 0; k < LEADSEQ_COUNT(crowds); k++)
            cr_assert_eq(hash_of_a_pass(i, crowds[k]), one, "row %zu, %d threads", i, crowds[k]);
    }
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
