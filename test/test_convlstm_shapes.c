/* SPDX-License-Identifier: MIT
 *
 * The ConvLSTM over many shapes, because kernels are chosen by shape: hidden
 * channels that fill a vector, miss it or exceed it, images narrower than a
 * vector and wider than a slab of rows, one pixel, one lead, one record. Every
 * size of image meets every number of hidden channels; the other properties take
 * turns, so that each value of one meets each value of the others. */
#include "crowd.h"
#include "recurrent.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const int hidden[] = {1, 2, 3, 5, 8, 10, 16, 17};
static const int size[][2] = {{1, 1},   {1, 7},   {7, 1},   {5, 33},  {17, 31},
                              {31, 64}, {33, 48}, {64, 64}, {20, 512}};
static const int inputs[] = {1, 2, 3, 16};
static const int kernels[] = {3, 1, 5};
static const int leads[] = {2, 1, 3, 12};

enum { HIDDEN = LEADSEQ_COUNT(hidden), SIZES = LEADSEQ_COUNT(size) };

/* What the plain loops cost: multiply-adds of forward. */
static double cost(const struct recurrent *s)
{
    return 4.0 * s->k * (s->c + s->k) * s->kernel * s->kernel * s->t * s->n * s->h * s->w;
}

/* Large images leave out what would only repeat the work: leads beyond three, then records. */
static struct recurrent shape_of(int i, int j)
{
    struct recurrent s = {.k = hidden[i],
                          .h = size[j][0],
                          .w = size[j][1],
                          .c = inputs[(i + j) % 4],
                          .kernel = kernels[(i / 2 + j) % 3],
                          .t = leads[(i + j / 2) % 4],
                          .n = 1 + (i + j / 3) % 3,
                          .bias = (i + j) % 5 != 0,
                          .last_only = (i + j / 2) % 2,
                          .without_dx = (i / 2 + j) % 2};
#ifdef __SANITIZE_ADDRESS__ /* makes the plain loops slow, and needs no large image */
    const double most = 5e6;
#else
    const double most = 4e7;
#endif
    if (cost(&s) > most && s.t > 3) s.t = 3;
    if (cost(&s) > most && s.n > 1) s.n = 1;
    if (cost(&s) > most && s.t > 2) s.t = 2;
    if (cost(&s) > most && s.kernel > 3) s.kernel = 3;
    return s;
}

/* Shapes `first`, `first` + `stride` … of all of them, each in every way; fewer where the
 * sanitizers make everything slow. */
static void compare(const struct recurrent_way *ways, int n_ways, int first, int stride)
{
#ifdef __SANITIZE_ADDRESS__
    stride = 2 * stride + 1;
#endif
    for (int at = first; at < HIDDEN * SIZES; at += stride) {
        struct recurrent s = shape_of(at % HIDDEN, at / HIDDEN);
        struct recurrent_way way[4];
        cr_assert(n_ways <= 4);
        for (int i = 0; i < n_ways; i++) {
            way[i] = ways[i];
            way[i].threads = 1 + (at + i) % 3;
        }
        recurrent_compare(&s, way, n_ways);
    }
}

/* Before anything asks which instructions there are; each test is a process of its own. */
static void limit(dnnl_cpu_isa_t isa)
{
    if (dnnl_set_max_cpu_isa(isa) != dnnl_success)
        cr_skip_test("this oneDNN does not limit instruction sets");
}

/* With layer norm of the gates: kernels of our own for every shape. Where a gate has one channel
 * its mean takes b away and db is nothing but rounding; where it has two values, they are near ±1
 * whatever the sums are, and gradients of the sums are differences of nearly equal numbers. */
static struct recurrent normed_shape(int at)
{
    struct recurrent s = shape_of(at % HIDDEN, at / HIDDEN);
    s.norm = true;
    if (s.k == 1) s.bias = false;
    return s;
}

static void compare_normed(const struct recurrent_way *ways, int n_ways, int first, int stride)
{
#ifdef __SANITIZE_ADDRESS__
    stride = 3 * stride + 1;
#endif
    for (int at = first; at < HIDDEN * SIZES; at += stride) {
        struct recurrent s = normed_shape(at);
        struct recurrent_way way = ways[at % n_ways];
        int values = s.k * s.h * s.w;
        if (values == 1) continue; /* test_convlstm.c */
        if (values < 8) way.bound *= 20;
        way.threads = 1 + at % 3;
        recurrent_compare(&s, &way, 1);
    }
}

static const struct recurrent_way normed[] = {
    {.name = "normal memory", .bound = 5e-6},
    {.name = "low memory", .memory = LEADSEQ_MEMORY_LOW, .bound = 5e-6},
};

Test(convlstm_shapes, with_layer_norm_every_shape_equals_plain_loops)
{
    compare_normed(normed, 2, 0, 1);
}

Test(convlstm_shapes, so_it_does_with_layer_norm_on_avx2)
{
    limit(dnnl_cpu_isa_avx2);
    compare_normed(normed, 2, 1, 5);
}

Test(convlstm_shapes, so_it_does_with_layer_norm_without_wide_vectors)
{
    limit(dnnl_cpu_isa_sse41);
    compare_normed(normed, 2, 2, 5);
}

static const struct recurrent_way float32[] = {
    {.name = "own kernels", .bound = 5e-6},
    {.name = "own kernels, low memory", .memory = LEADSEQ_MEMORY_LOW, .bound = 5e-6},
    {.name = "own kernels, high memory", .memory = LEADSEQ_MEMORY_HIGH, .bound = 5e-6},
    {.name = "composed of oneDNN's layers", .compose = true, .bound = 5e-5},
};

Test(convlstm_shapes, every_shape_in_every_way_equals_plain_loops)
{
    compare(float32, LEADSEQ_COUNT(float32), 0, 1);
}

Test(convlstm_shapes, so_it_does_on_avx2)
{
    limit(dnnl_cpu_isa_avx2);
    compare(float32, 3, 0, 3);
}

Test(convlstm_shapes, so_it_does_without_wide_vectors)
{
    limit(dnnl_cpu_isa_sse41);
    compare(float32, 3, 1, 3);
}

/* bfloat16 has 8 bits of mantissa: each factor of the convolution is off by up to 2^-9 of
 * itself, at random, and so are sums. Through a dozen leads this grows, so the bound is on
 * the largest error of a tensor, over its largest value. */
static const struct recurrent_way bf16[] = {
    {.name = "bf16 in float32", .precision = LEADSEQ_BF16_EMULATED, .bound = 0.015},
    {.name = "bf16 in float32, low memory",
     .precision = LEADSEQ_BF16_EMULATED,
     .memory = LEADSEQ_MEMORY_LOW,
     .bound = 0.015},
    {.name = "bf16", .precision = LEADSEQ_BF16, .bound = 0.015},
    {.name = "bf16, low memory",
     .precision = LEADSEQ_BF16,
     .memory = LEADSEQ_MEMORY_LOW,
     .bound = 0.015},
};

Test(convlstm_shapes, in_bf16_every_shape_is_near_plain_loops)
{
    compare(bf16, leadseq_bf16_is_native() ? 4 : 2, 0, 3);
}

static const struct recurrent_way bf16_onednn[] = {
    {.name = "oneDNN, bf16 in float32",
     .compose = true,
     .precision = LEADSEQ_BF16_EMULATED,
     .bound = 0.015},
    {.name = "oneDNN, bf16", .compose = true, .precision = LEADSEQ_BF16, .bound = 0.015},
};

Test(convlstm_shapes, in_bf16_so_it_is_on_onednn)
{
    compare(bf16_onednn, leadseq_bf16_is_native() ? 2 : 1, 1, 3);
}

Test(convlstm_shapes, in_bf16_it_is_near_without_wide_vectors)
{
    limit(dnnl_cpu_isa_sse41);
    compare(bf16, 2, 1, 4);
}

/* What is rounded is as large as without; a norm of few values makes more of it. */
Test(convlstm_shapes, with_layer_norm_in_bf16_it_is_near_plain_loops)
{
    struct recurrent_way ways[] = {bf16[0], bf16[1], bf16[2], bf16[3]};
    for (size_t i = 0; i < LEADSEQ_COUNT(ways); i++) ways[i].bound = 0.03;
    compare_normed(ways, leadseq_bf16_is_native() ? 4 : 2, 3, 4);
}

/* The paper's channels, leads and batch, on images of every width around a vector's. */
Test(convlstm_shapes, the_papers_network_equals_plain_loops_on_images_of_any_width)
{
    static const int widths[] = {2, 8, 15, 16, 17, 30, 32, 34, 47, 49, 63, 65, 96, 100};
    for (size_t i = 0; i < LEADSEQ_COUNT(widths); i++) {
        struct recurrent s = {.t = 12,
                              .n = 2,
                              .c = 1,
                              .h = 3 + (int)i % 5,
                              .w = widths[i],
                              .k = 10,
                              .kernel = 3,
                              .bias = true,
                              .last_only = true,
                              .without_dx = i % 2};
        struct recurrent_way way = float32[i % 2];
        way.threads = 2;
        recurrent_compare(&s, &way, 1);
    }
}

/* Two rows at once: images of one row, of whole pairs and of a row too many, bands of which the
 * last is one row or two; each with every width around a vector's of any instruction set. */
static void compare_rows(void)
{
    static const int heights[] = {1, 2, 3, 4, 9, 10, 11};
    static const int widths[] = {1, 3, 4, 5, 9, 16, 33};
    for (int i = 0; i < 7; i++)
        for (int j = 0; j < 7; j++) {
            const struct recurrent s = {.t = 3,
                                        .n = 1 + (i + j) % 2,
                                        .c = 1 + j % 3,
                                        .h = heights[i],
                                        .w = widths[j],
                                        .k = 3 + (i + j) % 4,
                                        .kernel = 3,
                                        .bias = true,
                                        .last_only = j % 2};
            struct recurrent_way way = float32[(i + j) % 3];
            way.threads = 1 + j % 2;
            recurrent_compare(&s, &way, 1);
        }
}

Test(convlstm_shapes, few_rows_equal_plain_loops)
{
    compare_rows();
}

Test(convlstm_shapes, so_they_do_on_avx2)
{
    limit(dnnl_cpu_isa_avx2);
    compare_rows();
}

Test(convlstm_shapes, so_they_do_without_wide_vectors)
{
    limit(dnnl_cpu_isa_sse41);
    compare_rows();
}

/* --- Bits ---------------------------------------------------------------------------------- */

/* y, dx and all gradients of a run, one after the other; the caller frees. */
static float *all_of(const struct recurrent *s, const struct recurrent_way *way, size_t *count)
{
    struct rig r;
    recurrent_build(&r, s, way);
    size_t n_dx = s->without_dx ? 0 : r.n_x;
    *count = r.n_y + n_dx + r.params.count;
    float *all = rig_floats(*count), *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
    rig_forward(&r, x, all);
    rig_backward(&r, dy, n_dx ? all + r.n_y : NULL);
    memcpy(all + r.n_y + n_dx, r.params.gradient, r.params.count * sizeof *all);
    free(x), free(dy);
    rig_clear(&r);
    return all;
}

static void expect_same_bits(const struct recurrent_way *a, const struct recurrent_way *b,
                             bool norm)
{
    for (int at = 2; at < HIDDEN * SIZES; at += 5) {
        struct recurrent s = shape_of(at % HIDDEN, at / HIDDEN);
        s.norm = norm;
        size_t count, count_b;
        float *of_a = all_of(&s, a, &count), *of_b = all_of(&s, b, &count_b);
        cr_assert_eq(count, count_b);
        cr_expect_arr_eq(of_a, of_b, count * sizeof *of_a,
                         "%s and %s: hidden %d, inputs %d, %d x %d, leads %d, batch %d", a->name,
                         b->name, s.k, s.c, s.h, s.w, s.t, s.n);
        free(of_a), free(of_b);
    }
}

/* Of the own kernels, whose sums follow from the shape; oneDNN's follow from the threads. */
static void expect_bits_of_the_shape(bool norm)
{
    const enum leadseq_precision precision[] = {LEADSEQ_F32, LEADSEQ_BF16_EMULATED};
    for (size_t i = 0; i < LEADSEQ_COUNT(precision); i++) {
        struct recurrent_way way = {.name = "one thread", .precision = precision[i], .threads = 1};
        struct recurrent_way more = way, low = way, high = way;
        low.name = "low memory", low.memory = LEADSEQ_MEMORY_LOW, low.threads = 2;
        more.name = "more threads";
        for (size_t k = 1; k < LEADSEQ_COUNT(crowds); k++) {
            more.threads = crowds[k];
            expect_same_bits(&way, &more, norm);
        }
        high.name = "high memory", high.memory = LEADSEQ_MEMORY_HIGH;
        expect_same_bits(&way, &low, norm);
        expect_same_bits(&way, &high, norm);
    }
}

Test(convlstm_shapes, neither_threads_nor_memory_change_a_bit_of_the_own_kernels)
{
    expect_bits_of_the_shape(false);
}

Test(convlstm_shapes, nor_do_they_with_layer_norm)
{
    expect_bits_of_the_shape(true);
}
