/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "reference.h"

#include <criterion/criterion.h>

static void check_relu(struct nn_shape in, dnnl_format_tag_t tag)
{
    struct bench r;
    bench_open(&r);
    bench_add(&r, nn_relu_new(&r.store, "relu", in));
    bench_bind(&r, &(struct bench_bind){.batch = 2, .tag = tag});
    r.in[0] = 0;
    bench_forward(&r);
    bench_backward(&r);
    for (size_t i = 0; i < r.n_in; i++) {
        cr_assert_eq(r.out[i], ref_apply(REF_RELU, r.in[i]));
        cr_assert_eq(r.din[i], ref_slope(REF_RELU, r.in[i]) * r.dout[i]);
    }
    bench_close(&r);
}

Test(relu, agrees_with_plain_loops_in_every_layout)
{
    check_relu((struct nn_shape){1, 3, 5, 7}, 0);
    check_relu((struct nn_shape){2, 10, 4, 3}, dnnl_nChw16c);
    check_relu((struct nn_shape){1, 5, 4, 3}, dnnl_nhwc);
    check_relu((struct nn_shape){1, 1, 1, 1}, 0);
}

Test(relu, central_differences_agree)
{
    struct bench r;
    bench_open(&r);
    bench_add(&r, nn_relu_new(&r.store, "relu", (struct nn_shape){1, 3, 4, 4}));
    bench_bind(&r, &(struct bench_bind){.batch = 1});
    for (size_t i = 0; i < r.n_in; i++) r.in[i] += r.in[i] > 0 ? 0.1f : -0.1f; /* off the kink */
    cr_assert_lt(bench_differences(&r, 1e-2), 1e-3);
    bench_close(&r);
}
