/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <criterion/criterion.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

Test(backend, a_number_of_threads_out_of_range_is_refused)
{
    static const int bad[] = {-1, 5000};
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        cr_assert_null(leadseq_engine_open(&(struct leadseq_engine_options){.threads = bad[i]}));
        cr_assert(strstr(leadseq_error(), "threads"), "%s", leadseq_error());
    }
    leadseq_engine_close(NULL);
}

Test(backend, the_engine_says_what_it_is)
{
    struct leadseq_engine *e = leadseq_engine_open(&(struct leadseq_engine_options){.threads = 2});
    cr_assert(e, "%s", leadseq_error());
    cr_assert_eq(leadseq_engine_threads(e), 2);
    cr_assert(strstr(leadseq_engine_describe(e), "oneDNN "));
    cr_assert(strstr(leadseq_engine_describe(e), "2 threads"));
    leadseq_engine_close(e);
    e = leadseq_engine_open(NULL);
    cr_assert(e, "%s", leadseq_error());
    cr_assert_eq(leadseq_engine_threads(e), leadseq_threads_share(1));
    leadseq_engine_close(e);
}

Test(backend, bf16_is_refused_where_the_cpu_has_no_instructions_for_it_and_emulation_is_named)
{
    struct leadseq_engine_options o = {.threads = 1, .precision = LEADSEQ_BF16};
    if (dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2) != dnnl_success)
        cr_skip_test("this oneDNN does not limit instruction sets");
    cr_assert(!leadseq_bf16_is_native());
    cr_assert_null(leadseq_engine_open(&o));
    cr_assert(strstr(leadseq_error(), "precision: bf16 needs a CPU"), "%s", leadseq_error());
    cr_assert(strstr(leadseq_error(), "bf16-emulated"), "%s", leadseq_error());
    o.precision = LEADSEQ_BF16_EMULATED;
    struct leadseq_engine *e = leadseq_engine_open(&o);
    cr_assert(e, "%s", leadseq_error());
    cr_assert_eq(leadseq_engine_precision(e), LEADSEQ_BF16_EMULATED);
    cr_assert(strstr(leadseq_engine_describe(e), "bf16, emulated in f32"));
    leadseq_engine_close(e);
}

Test(backend, bf16_runs_where_it_is_native)
{
    if (!leadseq_bf16_is_native()) cr_skip_test("this CPU has no bf16");
    struct leadseq_engine_options o = {.threads = 1, .precision = LEADSEQ_BF16};
    struct leadseq_engine *e = leadseq_engine_open(&o);
    cr_assert(e, "%s", leadseq_error());
    cr_assert(strstr(leadseq_engine_describe(e), "bf16, native"), "%s", leadseq_engine_describe(e));
    leadseq_engine_close(e);
}

/* oneDNN would wait forever for threads that its plans count on. */
Test(backend, nothing_runs_where_openmp_gives_fewer_threads_than_planned)
{
    struct rig r;
    rig_init(&r, 2);
    struct nn_shape s = {2, 16, 8, 8};
    struct nn_tensor t = {0}, other = {0};
    struct nn_adapter a = {0};
    cr_assert_eq(nn_tensor_init_as(&t, r.engine, s, false), 0);
    cr_assert_eq(nn_tensor_init_as(&other, r.engine, s, true), 0);
    cr_assert_eq(nn_adapter_init(&a, r.engine, &t, other.md, false), 0);
    omp_set_dynamic(1);
    cr_expect_eq(nn_adapter_run(&a, r.engine), 0);
    cr_expect_eq(omp_get_dynamic(), 0);
    omp_set_max_active_levels(0);
    cr_expect_eq(nn_adapter_run(&a, r.engine), -1);
    cr_expect(strstr(leadseq_error(), "OpenMP no longer gives the 2"), "%s", leadseq_error());
    omp_set_max_active_levels(1);
    cr_expect_eq(nn_adapter_run(&a, r.engine), 0);
    nn_adapter_clear(&a), nn_tensor_clear(&t), nn_tensor_clear(&other);
    rig_clear(&r);
}

Test(backend, an_error_of_onednn_says_where)
{
    cr_assert_eq(nn_check(dnnl_success, "nothing"), 0);
    cr_assert_eq(nn_check(dnnl_out_of_memory, "convolution (N=%d)", 3), -1);
    cr_assert(strstr(leadseq_error(), "convolution (N=3)"), "%s", leadseq_error());
    cr_assert(strstr(leadseq_error(), "out_of_memory"), "%s", leadseq_error());
}

Test(backend, tensors_keep_their_values_through_every_layout)
{
    struct rig r;
    rig_init(&r, 2);
    struct nn_shape s = {2, 5, 3, 7};
    size_t n = nn_shape_count(s);
    float *x = rig_random(n, 1), *y = rig_floats(n);
    for (int last = 0; last < 2; last++) {
        struct nn_tensor t = {0};
        cr_assert_eq(nn_tensor_init_as(&t, r.engine, s, last), 0);
        cr_assert_eq(nn_tensor_is_plain(&t), !last);
        cr_assert_eq(nn_tensor_set(r.engine, &t, x), 0);
        cr_assert_eq(nn_tensor_get(r.engine, &t, y), 0);
        cr_assert_arr_eq(x, y, n * sizeof *x);
        if (last) cr_assert_eq(t.data[1], x[3 * 7]);
        nn_tensor_clear(&t);
        nn_tensor_clear(&t);
    }
    free(x), free(y);
    rig_clear(&r);
}

Test(backend, an_adapter_copies_only_where_layouts_differ)
{
    struct rig r;
    rig_init(&r, 1);
    struct nn_shape s = {1, 3, 4, 4};
    struct nn_tensor t = {0}, other = {0};
    struct nn_adapter same = {0}, in = {0}, out = {0};
    cr_assert_eq(nn_tensor_init_as(&t, r.engine, s, false), 0);
    cr_assert_eq(nn_tensor_init_as(&other, r.engine, s, true), 0);
    cr_assert_eq(nn_adapter_init(&same, r.engine, &t, t.md, false), 0);
    cr_assert_eq(same.tensor, &t);
    cr_assert_eq(nn_adapter_run(&same, r.engine), 0);
    cr_assert_eq(nn_adapter_init(&in, r.engine, &t, other.md, false), 0);
    cr_assert_eq(in.tensor, &in.own);
    t.data[16] = 5; /* channel 1 of pixel 0 */
    cr_assert_eq(nn_adapter_run(&in, r.engine), 0);
    cr_assert_eq(in.own.data[1], 5);
    cr_assert_eq(nn_adapter_init(&out, r.engine, &t, other.md, true), 0);
    out.own.data[2] = 7; /* channel 2 of pixel 0 */
    cr_assert_eq(nn_adapter_run(&out, r.engine), 0);
    cr_assert_eq(t.data[32], 7);
    nn_adapter_clear(&same), nn_adapter_clear(&in), nn_adapter_clear(&out);
    nn_tensor_clear(&t), nn_tensor_clear(&other);
    rig_clear(&r);
}

Test(backend, sixteen_channels_last_are_a_block_of_16_without_a_copy)
{
    struct rig r;
    rig_init(&r, 1);
    for (int c = 15; c <= 17; c++) {
        struct nn_shape s = {2, c, 3, 5};
        size_t n = nn_shape_count(s);
        struct nn_tensor t = {0};
        struct nn_adapter in = {0}, out = {0};
        dnnl_dims_t dims = {s.n, s.c, s.h, s.w};
        nn_md blocks;
        float *x = rig_random(n, 1), *y = rig_floats(n);
        cr_assert_eq(dnnl_memory_desc_create_with_tag(&blocks, 4, dims, dnnl_f32, dnnl_nChw16c),
                     dnnl_success);
        cr_assert_eq(nn_tensor_init_as(&t, r.engine, s, true), 0);
        cr_assert_eq(nn_adapter_init(&in, r.engine, &t, blocks, false), 0);
        cr_assert_eq(nn_adapter_init(&out, r.engine, &t, blocks, true), 0);
        cr_expect_eq(in.viewed == &t, c == 16, "%d channels", c);
        cr_assert_eq(nn_tensor_set(r.engine, &t, x), 0);
        cr_assert_eq(nn_adapter_run(&in, r.engine), 0);
        cr_assert_eq(nn_tensor_get(r.engine, in.tensor, y), 0);
        cr_expect_arr_eq(x, y, n * sizeof *x, "%d channels, read", c);
        for (size_t i = 0; i < n; i++) x[i] = -x[i];
        cr_assert_eq(nn_adapter_point(&out), 0);
        cr_assert_eq(nn_tensor_set(r.engine, out.tensor, x), 0);
        cr_assert_eq(nn_adapter_run(&out, r.engine), 0);
        cr_assert_eq(nn_tensor_get(r.engine, &t, y), 0);
        cr_expect_arr_eq(x, y, n * sizeof *x, "%d channels, written", c);
        nn_adapter_clear(&in), nn_adapter_clear(&out);
        nn_tensor_clear(&t);
        dnnl_memory_desc_destroy(blocks);
        free(x), free(y);
    }
    rig_clear(&r);
}
