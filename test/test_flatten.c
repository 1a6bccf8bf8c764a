/* SPDX-License-Identifier: MIT */
#include "bench.h"
#include "gradient.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct {
    struct nn_shape in;
    int batch;
    dnnl_format_tag_t tag;
} row[] = {{{1, 3, 2, 5}, 2, 0},         {{1, 10, 3, 4}, 2, dnnl_nChw16c},
           {{3, 2, 3, 2}, 2, 0},         {{12, 10, 2, 2}, 3, dnnl_nChw16c},
           {{2, 3, 2, 2}, 1, dnnl_nhwc}, {{1, 1, 1, 1}, 1, 0}};

static void open_row(struct bench *r, size_t i)
{
    bench_open(r);
    bench_add(r, nn_flatten_new(&r->store, "flatten", row[i].in));
    bench_bind(r, &(struct bench_bind){.batch = row[i].batch, .tag = row[i].tag});
}

Test(flatten, features_stand_in_the_order_steps_channels_rows_columns)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct bench r;
        open_row(&r, i);
        bench_forward(&r);
        size_t steps = (size_t)row[i].in.n, n = (size_t)row[i].batch;
        size_t image = nn_shape_count(row[i].in) / steps;
        for (size_t j = 0; j < r.n_in; j++) {
            size_t t = j / (n * image), record = j / image % n;
            cr_assert_eq(r.out[(record * steps + t) * image + j % image], r.in[j], "row %zu", i);
        }
        bench_close(&r);
    }
}

Test(flatten, backward_is_the_adjoint)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct bench r;
        open_row(&r, i);
        bench_forward(&r);
        bench_backward(&r);
        cr_assert_lt(check_adjoint(r.dout, r.out, r.n_out, r.din, r.in, r.n_in), 1e-12, "row %zu",
                     i);
        bench_close(&r);
    }
}

Test(flatten, one_plain_image_is_not_copied)
{
    struct bench r;
    open_row(&r, 0);
    cr_assert_eq(nn_chain_y(&r.bound)->data, r.x.data);
    bench_close(&r);
}

Test(flatten, more_features_than_a_dense_layer_can_index_are_refused)
{
    struct bench r;
    bench_open(&r);
    cr_assert_null(nn_flatten_new(&r.store, "flatten", (struct nn_shape){12, 64, 2048, 2048}));
    cr_assert(strstr(leadseq_error(), "too many"));
    bench_close(&r);
}
