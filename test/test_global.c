/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "gradient.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static void open_global(struct bench *r, struct nn_shape in, struct nn_global_options o,
                        struct bench_bind b)
{
    bench_open(r);
    bench_add(r, nn_global_new(&r->store, "pool", in, &o));
    bench_bind(r, &b);
}

/* x (T·N, C, HW), step outermost, to (N·C, T·HW): what a feature is pooled over. */
static double *gathered(const float *x, int steps, int batch, int channels, int hw)
{
    double *y = ref_zeros((size_t)steps * batch * channels * hw);
    for (int t = 0; t < steps; t++)
        for (int m = 0; m < batch * channels; m++)
            for (int p = 0; p < hw; p++)
                y[((size_t)m * steps + t) * hw + p] =
                    x[((size_t)t * batch * channels + m) * hw + p];
    return y;
}

static const struct {
    struct nn_shape in;
    int batch;
    dnnl_format_tag_t tag;
} row[] = {{{1, 3, 5, 7}, 2, 0},           {{3, 10, 4, 5}, 2, dnnl_nChw16c}, {{2, 16, 3, 3}, 1, 0},
           {{12, 10, 3, 3}, 2, dnnl_nhwc}, {{1, 9, 2, 2}, 2, dnnl_nChw8c},   {{1, 1, 1, 1}, 1, 0},
           {{2, 6, 3, 4}, 2, dnnl_nChw4c}};

static void compare(struct bench *r, size_t i, bool mean, bool max)
{
    int c = row[i].in.c, steps = row[i].in.n, hw = row[i].in.h * row[i].in.w, n = row[i].batch;
    int planes = n * c, features = c * (mean + max);
    double *x = gathered(r->in, steps, n, c, hw), *dx = ref_zeros(r->n_in);
    double *y = ref_zeros(planes), *dy = ref_zeros(planes);
    for (int part = 0; part < mean + max; part++) {
        bool by_max = max && part == mean;
        for (int m = 0; m < planes; m++) dy[m] = r->dout[m / c * features + part * c + m % c];
        ref_global_forward(by_max, planes, steps * hw, x, y);
        ref_global_backward(by_max, planes, steps * hw, x, dy, dx);
        for (int m = 0; m < planes; m++)
            cr_assert_float_eq(r->out[m / c * features + part * c + m % c], y[m], 1e-6, "row %zu",
                               i);
    }
    double *din = gathered(r->din, steps, n, c, hw);
    for (size_t j = 0; j < r->n_in; j++) cr_assert_float_eq(din[j], dx[j], 1e-6, "row %zu", i);
    free(x), free(dx), free(y), free(dy), free(din);
}

Test(global, mean_max_and_both_agree_with_plain_loops_in_every_layout)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++)
        for (int kind = 1; kind <= 3; kind++) {
            struct bench r;
            open_global(&r, row[i].in,
                        (struct nn_global_options){.mean = kind & 1, .max = kind & 2},
                        (struct bench_bind){.batch = row[i].batch, .tag = row[i].tag});
            bench_forward(&r);
            bench_backward(&r);
            compare(&r, i, kind & 1, kind & 2);
            bench_close(&r);
        }
}

Test(global, the_mean_is_linear_so_its_backward_is_the_adjoint)
{
    struct bench r;
    open_global(&r, row[1].in, (struct nn_global_options){.mean = true},
                (struct bench_bind){.batch = 2, .tag = dnnl_nChw16c});
    bench_forward(&r);
    bench_backward(&r);
    cr_assert_lt(check_adjoint(r.dout, r.out, r.n_out, r.din, r.in, r.n_in), 1e-6);
    bench_close(&r);
}

Test(global, central_differences_agree)
{
    struct bench r;
    open_global(&r, (struct nn_shape){2, 3, 3, 3},
                (struct nn_global_options){.mean = true, .max = true},
                (struct bench_bind){.batch = 2});
    for (size_t i = 0; i < r.n_in; i++) r.in[i] = (float)(i * 37 % r.n_in) * 0.1f; /* no ties */
    cr_assert_lt(bench_differences(&r, 1e-2), 1e-3);
    bench_close(&r);
}

Test(global, the_mean_of_a_large_image_keeps_its_digits)
{
    struct bench r;
    open_global(&r, (struct nn_shape){1, 1, 512, 512}, (struct nn_global_options){.mean = true},
                (struct bench_bind){.batch = 1, .evaluate = true});
    for (size_t i = 0; i < r.n_in; i++) r.in[i] = 0.1f + 1e-4f * (float)(i % 3);
    bench_forward(&r);
    double exact = 0;
    for (size_t i = 0; i < r.n_in; i++) exact += r.in[i];
    cr_assert_float_eq(r.out[0], exact / (double)r.n_in, 1e-8);
    bench_close(&r);
}

Test(global, a_value_that_is_not_a_number_is_not_hidden_by_the_maximum)
{
    struct bench r;
    open_global(&r, (struct nn_shape){1, 1, 2, 2}, (struct nn_global_options){.max = true},
                (struct bench_bind){.batch = 1});
    r.in[1] = NAN;
    bench_forward(&r);
    cr_assert(isnan(r.out[0]));
    bench_close(&r);
}
