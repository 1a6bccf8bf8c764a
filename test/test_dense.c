/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "gradient.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void open_dense(struct bench *r, int in, int out, bool bias, int batch)
{
    bench_open(r);
    bench_add(r, nn_dense_new(&r->store, "head", (struct nn_shape){1, in, 1, 1},
                              &(struct nn_dense_options){.features = out, .bias = bias}));
    bench_bind(r, &(struct bench_bind){.batch = batch});
}

/* One of a float32 value, whatever was added. */
static const double ROUNDING = 1.2e-7;

static void compare(int in, int out, bool bias, int batch)
{
    struct bench r;
    open_dense(&r, in, out, bias, batch);
    size_t weights = (size_t)in * out;
    double *x = ref_widen(r.in, r.n_in), *w = ref_widen(nn_params_value(&r.params, 0), weights);
    double *b = bias ? ref_widen(nn_params_value(&r.params, 1), out) : NULL;
    double *dy = ref_widen(r.dout, r.n_out), *y = ref_zeros(r.n_out), *dx = ref_zeros(r.n_in);
    double *dw = ref_zeros(weights), *db = ref_zeros(out);
    struct ref_dense s = {batch, in, out};
    ref_dense_forward(&s, x, w, b, y);
    ref_dense_backward(&s, x, w, dy, dx, dw, db);
    bench_forward(&r);
    bench_backward(&r);
    cr_assert_lt(ref_difference(r.out, y, r.n_out), ROUNDING, "%d to %d", in, out);
    cr_assert_lt(ref_difference(r.din, dx, r.n_in), ROUNDING, "%d to %d", in, out);
    cr_assert_lt(ref_difference(nn_params_gradient(&r.params, 0), dw, weights), ROUNDING);
    if (bias) cr_assert_lt(ref_difference(nn_params_gradient(&r.params, 1), db, out), ROUNDING);
    void *all[] = {x, w, b, dy, y, dx, dw, db};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
    bench_close(&r);
}

Test(dense, agrees_with_plain_loops)
{
    compare(1, 1, true, 1);
    compare(7, 3, true, 2);
    compare(33, 1, false, 5);
    compare(200, 17, true, 4);
    compare(100003, 1, true, 2);
}

/* A value that float32 cannot add to others: 1 + 2^-24 - 1. */
Test(dense, sums_over_a_batch_that_cancel_keep_their_digits)
{
    enum { N = 3 };
    struct bench r;
    open_dense(&r, 40, 2, true, N);
    static const float dy[N] = {1, 0x1p-24f, -1};
    for (size_t i = 0; i < r.n_in; i++) r.in[i] = 1;
    for (size_t i = 0; i < r.n_out; i++) r.dout[i] = dy[i / 2];
    bench_forward(&r);
    bench_backward(&r);
    for (size_t i = 0; i < 80; i++)
        cr_assert_eq(nn_params_gradient(&r.params, 0)[i], 0x1p-24f, "weight %zu", i);
    for (size_t k = 0; k < 2; k++) cr_assert_eq(nn_params_gradient(&r.params, 1)[k], 0x1p-24f);
    bench_close(&r);
}

Test(dense, backward_is_the_adjoint_for_x_and_for_the_weights)
{
    struct bench r;
    open_dense(&r, 301, 4, false, 3);
    bench_forward(&r);
    bench_backward(&r);
    cr_assert_lt(check_adjoint(r.dout, r.out, r.n_out, r.din, r.in, r.n_in), 1e-6);
    cr_assert_lt(check_adjoint(r.dout, r.out, r.n_out, nn_params_gradient(&r.params, 0),
                               nn_params_value(&r.params, 0), 301 * 4),
                 1e-6);
    bench_close(&r);
}

Test(dense, central_differences_agree)
{
    struct bench r;
    open_dense(&r, 6, 3, true, 2);
    cr_assert_lt(bench_differences(&r, 1e-2), 1e-4);
    bench_close(&r);
}

Test(dense, backward_adds_to_the_gradients)
{
    struct bench r;
    open_dense(&r, 5, 2, true, 3);
    bench_forward(&r);
    bench_backward(&r);
    float once = nn_params_gradient(&r.params, 0)[3];
    cr_assert_eq(nn_chain_backward(&r.bound), 0);
    cr_assert_float_eq(nn_params_gradient(&r.params, 0)[3], 2 * once, 1e-6);
    bench_close(&r);
}

Test(dense, images_are_refused_until_they_are_flattened)
{
    struct bench r;
    bench_open(&r);
    cr_assert_null(nn_dense_new(&r.store, "head", (struct nn_shape){1, 4, 3, 2},
                                &(struct nn_dense_options){.features = 1}));
    cr_assert(strstr(leadseq_error(), "2 x 3"));
    bench_close(&r);
}
