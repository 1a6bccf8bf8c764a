/* SPDX-License-Identifier: MIT
 *
 * Layers that one before them takes: the same numbers as each alone, in every layout. */
#include "bench.h"
#include "checks.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* norm [relu] [pool]; `relu`: 1 an option of the norm, 2 a layer. */
static const struct row {
    struct nn_shape in;
    int batch;
    dnnl_format_tag_t tag;
    int relu, pool; /* pool: its kernel and stride, 0: none */
    int takes;
} row[] = {
    {{1, 3, 5, 7}, 2, 0, 1, 2, 1},
    {{1, 3, 6, 70}, 1, 0, 0, 2, 1},
    {{2, 10, 4, 4}, 2, dnnl_nChw16c, 1, 2, 1},
    {{1, 32, 9, 11}, 2, dnnl_nChw16c, 2, 2, 2},
    {{1, 12, 7, 18}, 2, dnnl_nChw8c, 1, 2, 1},
    {{1, 4, 7, 10}, 2, dnnl_nChw4c, 1, 2, 1},
    {{1, 20, 5, 6}, 2, dnnl_nhwc, 1, 2, 1},
    {{1, 2, 6, 6}, 1, dnnl_nhwc, 2, 2, 2},
    {{1, 16, 140, 37}, 1, dnnl_nChw16c, 1, 2, 1}, /* more than one piece */
    {{1, 16, 2, 3}, 1, dnnl_nChw16c, 2, 0, 1},
    {{1, 5, 9, 9}, 2, 0, 1, 3, 0},
    {{1, 1, 2, 2}, 1, 0, 0, 2, 1},
};

static void open_row(struct bench *b, const struct row *r, bool alone, bool evaluate,
                     enum nn_values values)
{
    bench_open(b);
    b->engine->compose = alone;
    bench_add(
        b, nn_norm_new(&b->store, "norm", r->in, &(struct nn_norm_options){.relu = r->relu == 1}));
    if (r->relu == 2) bench_add(b, nn_relu_new(&b->store, "relu", r->in));
    if (r->pool)
        bench_add(b, nn_pool_new(&b->store, "pool", r->in,
                                 &(struct nn_pool_options){.kernel = r->pool, .stride = r->pool}));
    bench_bind(b, &(struct bench_bind){
                      .batch = r->batch, .tag = r->tag, .evaluate = evaluate, .values = values});
    float *weight = nn_params_value(&b->params, 0), *bias = nn_params_value(&b->params, 1);
    for (int c = 0; c < r->in.c; c++) { /* also falling lines, and lines that ReLU cuts */
        weight[c] = c % 3 == 1 ? -0.7f : 1.2f;
        bias[c] = 0.3f * (float)(c % 4) - 0.4f;
    }
    for (size_t i = 0; i < b->n_in; i += 5) b->in[i] = 0.25f; /* equal maxima */
}

static void run(struct bench *b, bool evaluate)
{
    bench_forward(b);
    if (!evaluate) bench_backward(b);
}

static void expect_equal(const float *a, const float *b, size_t n, double bound, size_t i,
                         const char *what)
{
    double *wide = ref_widen(b, n);
    cr_expect_leq(ref_difference(a, wide, n), bound, "row %zu, %s: %g", i, what,
                  ref_difference(a, wide, n));
    free(wide);
}

static void compare(size_t i, bool evaluate, enum nn_values values, double bound)
{
    struct bench one, each;
    open_row(&one, &row[i], false, evaluate, values);
    open_row(&each, &row[i], true, evaluate, values);
    cr_assert_eq(one.bound.bound[0].takes, row[i].takes, "row %zu", i);
    cr_assert_eq(each.bound.bound[0].takes, 0);
    memcpy(each.in, one.in, one.n_in * sizeof *one.in);
    run(&one, evaluate);
    run(&each, evaluate);
    expect_equal(one.out, each.out, one.n_out, bound, i, "y");
    if (!evaluate) {
        expect_equal(one.din, each.din, one.n_in, bound, i, "dx");
        expect_equal(one.params.gradient, each.params.gradient, one.params.count, bound, i,
                     "gradients");
    }
    bench_close(&one);
    bench_close(&each);
}

Test(taken, passes_are_those_of_the_layers_alone)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        compare(i, false, NN_F32, 2e-6);
        compare(i, true, NN_F32, 2e-6);
    }
}

/* bfloat16 is compared before it is rounded, so that a maximum may be elsewhere; y is the same. */
Test(taken, evaluation_in_bf16_gives_the_same_maxima)
{
    if (!leadseq_bf16_is_native()) cr_skip_test("oneDNN has no maximum of bfloat16 here");
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) compare(i, true, NN_BF16, 0);
}

Test(taken, the_number_of_threads_changes_no_bit)
{
    const int threads = omp_get_max_threads();
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct bench b;
        open_row(&b, &row[i], false, false, NN_F32);
        float *dx = leadseq_calloc(b.n_in, sizeof *dx);
        float *gradient = leadseq_calloc(b.params.count, sizeof *gradient);
        cr_assert(dx && gradient);
        omp_set_num_threads(1);
        run(&b, false);
        memcpy(dx, b.din, b.n_in * sizeof *dx);
        memcpy(gradient, b.params.gradient, b.params.count * sizeof *gradient);
        omp_set_num_threads(3);
        run(&b, false);
        cr_expect_arr_eq(dx, b.din, b.n_in * sizeof *dx, "row %zu", i);
        cr_expect_arr_eq(gradient, b.params.gradient, b.params.count * sizeof *gradient, "row %zu",
                         i);
        omp_set_num_threads(threads);
        free(dx), free(gradient);
        bench_close(&b);
    }
}

/* What a taken layer would keep is not kept, and estimates know that. */
Test(taken, only_the_smaller_output_is_kept)
{
    struct bench one, each;
    open_row(&one, &row[8], false, false, NN_F32);
    open_row(&each, &row[8], true, false, NN_F32);
    size_t kept[2] = {0}, estimate[2] = {0};
    for (int i = 0; i < 2; i++) {
        kept[0] += nn_bound_kept(&one.bound.bound[i]);
        kept[1] += nn_bound_kept(&each.bound.bound[i]);
        estimate[0] += nn_chain_kept(&one.chain, one.engine, i, 1);
        estimate[1] += nn_chain_kept(&each.chain, each.engine, i, 1);
    }
    cr_expect_eq(kept[0], 16 * 70 * 18 * sizeof(float));
    cr_expect_geq(kept[1], kept[0] + 16 * 140 * 37 * sizeof(float));
    cr_expect_eq(estimate[0], kept[0]);
    cr_expect_geq(estimate[1], kept[1]);
    bench_close(&one);
    bench_close(&each);
}

/* conv norm [relu]: the line of the norm and the ReLU in the convolution. */
static void open_folded(struct bench *b, bool alone, bool relu_layer, bool bias)
{
    bench_open(b);
    b->engine->compose = alone;
    struct nn_shape in = {2, 5, 9, 8}, out = {2, 32, 5, 4};
    bench_add(b,
              nn_conv_new(&b->store, "conv", in,
                          &(struct nn_conv_options){
                              .channels = 32, .kernel = 3, .stride = 2, .pad = -1, .bias = bias}));
    bench_add(b,
              nn_norm_new(&b->store, "norm", out, &(struct nn_norm_options){.relu = !relu_layer}));
    if (relu_layer) bench_add(b, nn_relu_new(&b->store, "relu", out));
    bench_bind(b, &(struct bench_bind){.batch = 2, .evaluate = true});
}

/* As after reading a checkpoint: everything is another value. */
static void load_others(struct bench *b, uint64_t seed)
{
    check_fill_uniform(b->params.value, b->params.count, seed);
    check_fill_uniform(b->state.value, b->state.count, seed + 1);
    for (size_t i = 0; i < b->state.count; i++) b->state.value[i] = fabsf(b->state.value[i]) + 0.1f;
}

Test(taken, a_norm_is_folded_into_the_convolution_before_it_as_it_is_now)
{
    for (int way = 0; way < 4; way++) {
        struct bench one, each;
        open_folded(&one, false, way & 1, way & 2);
        open_folded(&each, true, way & 1, way & 2);
        cr_assert_eq(one.bound.bound[0].takes, 1 + (way & 1));
        memcpy(each.in, one.in, one.n_in * sizeof *one.in);
        for (uint64_t seed = 1; seed < 6; seed += 2) {
            load_others(&one, seed);
            load_others(&each, seed);
            bench_forward(&one);
            bench_forward(&each);
            expect_equal(one.out, each.out, one.n_out, 2e-6, (size_t)way, "folded");
        }
        bench_close(&one);
        bench_close(&each);
    }
}
