/* SPDX-License-Identifier: MIT */
#include "crowd.h"
#include "gradient.h"
#include "nn/conv_few.h"
#include "reference.h"
#include "rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sizes that are and are not multiples of a vector, one pixel, one channel,
 * kernels larger than the image, strides that leave a rest. */
static const struct shape {
    int n, c, h, w, k, kernel, stride, pad;
    bool bias;
} shapes[] = {
    {1, 1, 1, 1, 1, 1, 1, 0, true},     {1, 1, 1, 1, 1, 3, 1, -1, true},
    {2, 3, 7, 5, 4, 3, 1, -1, true},    {2, 11, 9, 13, 40, 3, 1, -1, true},
    {3, 16, 8, 8, 32, 3, 2, -1, false}, {1, 17, 6, 10, 33, 5, 1, -1, true},
    {2, 1, 3, 2, 5, 7, 1, -1, true},    {2, 1, 31, 17, 8, 3, 2, -1, true},
    {1, 5, 6, 6, 3, 3, 3, 0, false},    {2, 20, 4, 4, 10, 1, 1, 0, true},
    {2, 4, 11, 10, 6, 2, 2, 0, true},   {1, 2, 33, 18, 7, 5, 2, -1, true},
    {2, 32, 9, 13, 48, 3, 1, -1, true}, {1, 48, 16, 7, 32, 3, 1, -1, false}, /* Winograd */
    {2, 12, 9, 37, 32, 3, 1, -1, true}, {1, 5, 40, 16, 16, 3, 1, -1, false}, /* our own */
};

static void build_on(struct rig *r, const struct leadseq_engine_options *engine,
                     const struct shape *s, int batch)
{
    rig_open(r, engine);
    struct nn_conv_options o = {
        .channels = s->k, .kernel = s->kernel, .stride = s->stride, .pad = s->pad, .bias = s->bias};
    rig_add(r, nn_conv_new(&r->store, "conv", (struct nn_shape){1, s->c, s->h, s->w}, &o));
    rig_build(r, 1);
    rig_bind(r, batch, true);
}

static void build(struct rig *r, const struct shape *s, int batch)
{
    build_on(r, &(struct leadseq_engine_options){.threads = 2}, s, batch);
}

static struct ref_conv reference(const struct shape *s)
{
    int pad = s->pad < 0 ? (s->kernel - 1) / 2 : s->pad;
    return (struct ref_conv){s->n, s->c, s->h, s->w, s->k, s->kernel, s->stride, pad, false};
}

static void compare(const struct shape *s)
{
    struct rig r;
    build(&r, s, s->n);
    size_t n_w = r.params.slice[0].count;
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
    float *y = rig_floats(r.n_y), *dx = rig_floats(r.n_x);
    rig_forward(&r, x, y);
    rig_backward(&r, dy, dx);

    struct ref_conv c = reference(s);
    double *xx = ref_widen(x, r.n_x), *w = ref_widen(rig_value(&r, "conv.weight"), n_w);
    double *dd = ref_widen(dy, r.n_y), *b = ref_zeros((size_t)s->k), *yy = ref_zeros(r.n_y);
    double *dxx = ref_zeros(r.n_x), *dw = ref_zeros(n_w), *db = ref_zeros((size_t)s->k);
    for (int k = 0; s->bias && k < s->k; k++) b[k] = rig_value(&r, "conv.bias")[k];
    ref_conv_forward(&c, xx, w, b, yy);
    ref_conv_backward(&c, xx, w, dd, dxx, dw, db);
    cr_expect_lt(ref_difference(y, yy, r.n_y), 1e-5);
    cr_expect_lt(ref_difference(dx, dxx, r.n_x), 1e-5);
    cr_expect_lt(ref_difference(rig_gradient(&r, "conv.weight"), dw, n_w), 1e-5);
    if (s->bias)
        cr_expect_lt(ref_difference(rig_gradient(&r, "conv.bias"), db, (size_t)s->k), 1e-5);
    rig_bind(&r, s->n, false);
    rig_forward(&r, x, y);
    cr_expect_lt(ref_difference(y, yy, r.n_y), 1e-5, "evaluation");
    void *all[] = {x, dy, y, dx, xx, w, dd, b, yy, dxx, dw, db};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
    rig_clear(&r);
}

Test(conv, outputs_and_all_gradients_equal_plain_loops)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) compare(&shapes[i]);
}

Test(conv, backward_is_the_adjoint_of_forward)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) {
        struct rig r;
        struct shape s = shapes[i];
        s.bias = false;
        build(&r, &s, s.n);
        size_t n_w = r.params.slice[0].count;
        float *x = rig_random(r.n_x, 3), *y = rig_random(r.n_y, 4);
        float *jx = rig_floats(r.n_y), *jty = rig_floats(r.n_x);
        rig_forward(&r, x, jx);
        rig_backward(&r, y, jty);
        cr_expect_lt(check_adjoint(y, jx, r.n_y, jty, x, r.n_x), 1e-6, "shape %zu, data", i);
        cr_expect_lt(check_adjoint(y, jx, r.n_y, rig_gradient(&r, "conv.weight"),
                                   rig_value(&r, "conv.weight"), n_w),
                     1e-6, "shape %zu, weights", i);
        free(x), free(y), free(jx), free(jty);
        rig_clear(&r);
    }
}

Test(conv, backward_adds_to_gradients)
{
    struct rig r;
    build(&r, &shapes[2], shapes[2].n);
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
    float *once = rig_floats(r.params.count);
    rig_forward(&r, x, NULL);
    rig_backward(&r, dy, NULL);
    memcpy(once, r.params.gradient, r.params.count * sizeof *once);
    cr_assert_eq(nn_chain_backward(&r.bound), 0);
    for (size_t i = 0; i < r.params.count; i++)
        cr_assert_float_eq(r.params.gradient[i], 2 * once[i], 1e-6);
    free(x), free(dy), free(once);
    rig_clear(&r);
}

/* y, dx and gradients of a pass, one after the other; the caller frees. */
static float *all_of(const struct shape *s, const struct leadseq_engine_options *engine,
                     size_t *count)
{
    struct rig r;
    build_on(&r, engine, s, s->n);
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
    *count = r.n_y + r.n_x + r.params.count;
    float *all = rig_floats(*count);
    rig_forward(&r, x, all);
    rig_backward(&r, dy, all + r.n_y);
    memcpy(all + r.n_y + r.n_x, r.params.gradient, r.params.count * sizeof *all);
    free(x), free(dy);
    rig_clear(&r);
    return all;
}

/* Pieces of sums are added in their order, whichever thread computed them. */
static void expect_bits(const struct shape *s, enum leadseq_precision precision)
{
    size_t count;
    float *one =
        all_of(s, &(struct leadseq_engine_options){.threads = 1, .precision = precision}, &count);
    for (size_t k = 0; k < LEADSEQ_COUNT(crowds); k++) {
        float *more = all_of(
            s, &(struct leadseq_engine_options){.threads = crowds[k], .precision = precision},
            &count);
        cr_expect_arr_eq(more, one, count * sizeof *one,
                         "%d threads, precision %d, %d to %d channels", crowds[k], (int)precision,
                         s->c, s->k);
        free(more);
    }
    free(one);
}

/* Our own kernels; blocks of 16; NHWC; three channels; groups of several images; a prime number of
 * images; parts of an image. */
static const struct shape divided[] = {
    {3, 7, 70, 20, 16, 3, 1, -1, true},   {5, 16, 33, 31, 32, 3, 1, -1, true},
    {4, 20, 24, 25, 12, 3, 1, -1, false}, {6, 1, 40, 44, 16, 3, 2, -1, true},
    {12, 32, 8, 8, 48, 3, 1, -1, true},   {7, 16, 9, 9, 16, 5, 2, -1, true},
    {2, 32, 40, 24, 64, 3, 1, -1, true},  {1, 64, 23, 31, 96, 3, 1, -1, false},
};

Test(conv, the_number_of_threads_changes_no_bit)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(divided); i++) {
        expect_bits(&divided[i], LEADSEQ_F32);
        expect_bits(&divided[i], LEADSEQ_BF16_EMULATED);
        if (leadseq_bf16_is_native()) expect_bits(&divided[i], LEADSEQ_BF16);
    }
}

/* --- Long sums -------------------------------------------------------------------------------
 * White paper before batch norm: x is nearly constant, and so is dy, which sums to zero, so that
 * weights' gradients are what remains of terms a hundred times as large. */

static void fill_paper(const struct rig *r, const struct shape *s, float *x, float *dy)
{
    const size_t pixels = r->n_y / (size_t)(s->n * s->k);
    for (size_t i = 0; i < r->n_x; i++)
        x[i] = leadseq_hash(LEADSEQ_HASH_START, &i, sizeof i) % 20 ? 1 : 0.5f + 0.25f * x[i];
    for (int k = 0; k < s->k; k++) {
        double sum = 0;
        size_t ink = 0;
        for (size_t n = 0; n < (size_t)s->n; n++)
            for (size_t p = 0; p < pixels; p++) {
                size_t at = (n * (size_t)s->k + (size_t)k) * pixels + p;
                bool paper = leadseq_hash(LEADSEQ_HASH_START, &at, sizeof at) % 20;
                dy[at] = paper ? 0 : 1 + 0.5f * dy[at];
                sum += (double)dy[at], ink += !paper;
            }
        const float rest = (float)(-sum / (double)((size_t)s->n * pixels - ink));
        for (size_t n = 0; n < (size_t)s->n; n++)
            for (size_t p = 0; p < pixels; p++) {
                float *one = &dy[(n * (size_t)s->k + (size_t)k) * pixels + p];
                if (*one == 0) *one = rest;
            }
    }
}

/* Of a vector's length. */
static double apart(const float *found, const double *expected, size_t n)
{
    double sum = 0, whole = 0;
    for (size_t i = 0; i < n; i++) {
        sum += ((double)found[i] - expected[i]) * ((double)found[i] - expected[i]);
        whole += expected[i] * expected[i];
    }
    return sqrt(sum / whole);
}

static bool is_our_own(const struct shape *s)
{
    return nn_conv_few_suits(&(struct nn_convolution){.x = {s->n, s->c, s->h, s->w},
                                                      .y = {s->n, s->k, s->h, s->w},
                                                      .kernel = s->kernel,
                                                      .stride = s->stride,
                                                      .pad = 1});
}

/* In one float32 sum each, or in one of 2048 terms in our own kernels, which the first has with
 * AVX-512, they were off by 1.6e-4, 2.7e-4 and 1.5e-3. */
Test(conv, gradients_of_white_paper_keep_their_digits)
{
    static const struct shape large[] = {{16, 5, 64, 64, 16, 3, 1, -1, false},
                                         {32, 16, 32, 32, 16, 3, 1, -1, false},
                                         {48, 1, 64, 64, 16, 3, 2, -1, false}};
    const double bound[] = {is_our_own(&large[0]) ? 5e-5 : 4e-4, 3e-5, 4e-4};
    for (size_t i = 0; i < LEADSEQ_COUNT(large); i++) {
        const struct shape *s = &large[i];
        struct rig r;
        build(&r, s, s->n);
        float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
        fill_paper(&r, s, x, dy);
        const size_t weights = r.params.slice[0].count;
        double *wide_x = ref_widen(x, r.n_x), *wide_dy = ref_widen(dy, r.n_y);
        double *w = ref_widen(rig_value(&r, "conv.weight"), weights);
        double *dw = ref_zeros(weights), *dx = ref_zeros(r.n_x), *db = ref_zeros((size_t)s->k);
        const struct ref_conv c = reference(s);
        ref_conv_backward(&c, wide_x, w, wide_dy, dx, dw, db);
        rig_forward(&r, x, NULL);
        rig_backward(&r, dy, NULL);
        const double off = apart(rig_gradient(&r, "conv.weight"), dw, weights);
        cr_expect_lt(off, bound[i], "shape %zu: %g", i, off);
        void *all[] = {x, dy, wide_x, wide_dy, w, dw, dx, db};
        for (size_t j = 0; j < LEADSEQ_COUNT(all); j++) free(all[j]);
        rig_clear(&r);
    }
}

Test(conv, in_evaluation_a_record_gives_the_same_bits_in_any_batch)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) {
        struct rig r;
        build(&r, &shapes[i], 3);
        rig_bind(&r, 3, false);
        size_t one_x = r.n_x / 3, one_y = r.n_y / 3;
        float *x = rig_random(r.n_x, 1), *y = rig_floats(r.n_y), *alone = rig_floats(one_y);
        rig_forward(&r, x, y);
        rig_bind(&r, 1, false);
        for (size_t n = 0; n < 3; n++) {
            rig_forward(&r, x + n * one_x, alone);
            cr_expect_arr_eq(alone, y + n * one_y, one_y * sizeof *y, "shape %zu", i);
        }
        free(x), free(y), free(alone);
        rig_clear(&r);
    }
}

/* Planned for several threads its bits would depend on their number. */
Test(conv, winograds_algorithm_trains_in_groups_of_images_alone)
{
    struct rig r;
    build(&r, &shapes[12], shapes[12].n);
    const struct nn_shape w = {1, 32, 9, 13}, y = {1, 48, 9, 13};
    dnnl_primitive_desc_t evaluate, pd[3];
    struct nn_convolution s = {.x = w, .y = y, .kernel = 3, .stride = 1, .pad = 1};
    const unsigned wide = dnnl_cpu_isa_avx512_core;
    const bool has = (dnnl_get_effective_cpu_isa() & wide) == wide;
    cr_assert_eq(nn_convolution_create(&evaluate, r.engine, &s, NN_FORWARD, NULL, NULL, NULL), 0);
    cr_expect_eq(nn_is_winograd(evaluate), has);
    dnnl_primitive_desc_destroy(evaluate);
    s.training = true;
    for (int k = 0; k < 3; k++) {
        const bool grouped = s.one_thread = k > 0;
        s.exact = k > 1; /* forward alone, and in training */
        for (enum nn_way i = 0; i < NN_WAYS; i++)
            cr_assert_eq(
                nn_convolution_create(&pd[i], r.engine, &s, i, NULL, NULL, i ? pd[0] : NULL), 0);
        for (int i = 0; i < 3; i++) {
            cr_expect_eq(nn_is_winograd(pd[i]), grouped && has && (i || !s.exact), "direction %d",
                         i);
            dnnl_primitive_desc_destroy(pd[i]);
        }
    }
    s.training = false;
    cr_assert_eq(nn_convolution_create(&evaluate, r.engine, &s, NN_FORWARD, NULL, NULL, NULL), 0);
    cr_expect_eq(nn_is_winograd(evaluate), has);
    dnnl_primitive_desc_destroy(evaluate);
    rig_clear(&r);
}

Test(conv, options_that_make_no_layer_are_refused)
{
    struct leadseq_params p = {0};
    struct nn_store store = {&p, &p};
    struct nn_shape in = {1, 1, 4, 4};
    const struct nn_conv_options bad[] = {
        {.channels = 0, .kernel = 3, .stride = 1, .pad = -1},
        {.channels = 1, .kernel = 0, .stride = 1},
        {.channels = 1, .kernel = 3, .stride = -1},
        {.channels = 1, .kernel = 5, .stride = 1},
        {.channels = 1, .kernel = 3, .stride = 1, .pad = -2},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        cr_assert_null(nn_conv_new(&store, "conv", in, &bad[i]));
        cr_assert(strstr(leadseq_error(), "layer conv"), "%s", leadseq_error());
    }
    nn_params_clear(&p);
}

Test(conv, a_long_name_is_refused)
{
    struct leadseq_params p = {0};
    struct nn_store store = {&p, &p};
    struct nn_conv_options o = {.channels = 1, .kernel = 1, .stride = 1};
    cr_assert_null(nn_conv_new(&store, "a-name-that-is-much-longer-than-a-layer-of-a-net-may-have",
                               (struct nn_shape){1, 1, 4, 4}, &o));
    cr_assert(strstr(leadseq_error(), "longer"));
}
