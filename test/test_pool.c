/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "gradient.h"
#include "reference.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void open_pool(struct bench *r, struct nn_shape in, int kernel, int stride,
                      struct bench_bind o)
{
    bench_open(r);
    bench_add(r, nn_pool_new(&r->store, "pool", in,
                             &(struct nn_pool_options){.kernel = kernel, .stride = stride}));
    bench_bind(r, &o);
}

/* ReLU's zeros make equal maxima the rule: half of the input is set to 0. */
static void flatten_half(struct bench *r)
{
    for (size_t i = 0; i < r->n_in; i++)
        if (r->in[i] < 0) r->in[i] = 0;
}

Test(pool, agrees_with_plain_loops_in_every_layout_and_for_odd_sizes)
{
    static const struct {
        struct nn_shape in;
        int kernel, stride, batch;
        dnnl_format_tag_t tag;
    } row[] = {{{1, 3, 7, 9}, 2, 2, 2, 0},
               {{1, 10, 6, 5}, 2, 2, 2, dnnl_nChw16c},
               {{2, 16, 9, 9}, 3, 2, 1, dnnl_nChw16c},
               {{1, 5, 8, 8}, 2, 2, 3, dnnl_nhwc},
               {{1, 1, 2, 2}, 2, 2, 1, 0},
               {{1, 2, 5, 5}, 3, 1, 1, 0}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct bench r;
        open_pool(&r, row[i].in, row[i].kernel, row[i].stride,
                  (struct bench_bind){.batch = row[i].batch, .tag = row[i].tag});
        flatten_half(&r);
        struct ref_pool s = {row[i].in.n * row[i].batch,
                             row[i].in.c,
                             row[i].in.h,
                             row[i].in.w,
                             row[i].kernel,
                             row[i].stride,
                             true,
                             0,
                             false,
                             false};
        double *x = ref_widen(r.in, r.n_in), *dy = ref_widen(r.dout, r.n_out);
        double *y = ref_zeros(r.n_out), *dx = ref_zeros(r.n_in);
        ref_pool_forward(&s, x, y);
        ref_pool_backward(&s, x, dy, dx);
        bench_forward(&r);
        bench_backward(&r);
        cr_assert_eq(ref_difference(r.out, y, r.n_out), 0, "row %zu", i);
        cr_assert_lt(ref_difference(r.din, dx, r.n_in), 1e-6, "row %zu", i);
        free(x), free(dy), free(y), free(dx);
        bench_close(&r);
    }
}

Test(pool, evaluation_gives_the_same_maxima)
{
    struct bench a, b;
    struct nn_shape in = {1, 10, 7, 6};
    open_pool(&a, in, 2, 2, (struct bench_bind){.batch = 2});
    open_pool(&b, in, 2, 2, (struct bench_bind){.batch = 2, .evaluate = true});
    bench_forward(&a);
    bench_forward(&b);
    cr_assert_eq(memcmp(a.out, b.out, a.n_out * sizeof *a.out), 0);
    bench_close(&a);
    bench_close(&b);
}

Test(pool, central_differences_agree)
{
    struct bench r;
    open_pool(&r, (struct nn_shape){1, 2, 6, 6}, 2, 2, (struct bench_bind){.batch = 2});
    for (size_t i = 0; i < r.n_in; i++) r.in[i] = (float)(i * 37 % r.n_in) * 0.1f; /* no ties */
    cr_assert_lt(bench_differences(&r, 1e-2), 1e-3);
    bench_close(&r);
}

Test(pool, an_image_smaller_than_the_window_is_refused)
{
    struct bench r;
    bench_open(&r);
    cr_assert_null(nn_pool_new(&r.store, "pool3", (struct nn_shape){1, 4, 1, 8},
                               &(struct nn_pool_options){.kernel = 2, .stride = 2}));
    cr_assert(strstr(leadseq_error(), "pool3: images of 8 x 1"));
    bench_close(&r);
}
