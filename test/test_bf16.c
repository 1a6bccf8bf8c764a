/* SPDX-License-Identifier: MIT
 *
 * Layers in bfloat16, native where the CPU has it and emulated everywhere, each
 * value within a bound that follows from its mantissa of 8 bits: a value is off
 * by u = 2^-8 of itself, a product of two by 2u + u², a sum of float32 by less
 * than 2^-24 of what is summed for each term. doc/mathematics.md derives them. */
#include "bench.h"
#include "gradient.h"
#include "reference.h"
#include "rig.h"

#include <criterion/criterion.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double U = 0x1p-8, SUM = 0x1p-24;

/* Those that can be tested here; emulation always. */
static int precisions(enum leadseq_precision found[2])
{
    int n = 0;
    found[n++] = LEADSEQ_BF16_EMULATED;
    if (leadseq_bf16_is_native()) found[n++] = LEADSEQ_BF16;
    return n;
}

/* --- Rounding --------------------------------------------------------------------------- */

Test(bf16, rounds_to_nearest_and_ties_to_even)
{
    static const struct {
        float from, to;
    } row[] = {
        {0, 0},
        {-0.0f, -0.0f},
        {1, 1},
        {1 + 0x1p-8f, 1},               /* a tie: down to even */
        {1 + 0x1.8p-7f, 1 + 0x1p-6f},   /* a tie: up to even */
        {1 + 0x1.02p-8f, 1 + 0x1p-7f},  /* just above a tie */
        {-1 - 0x1.8p-7f, -1 - 0x1p-6f}, /* signs alike */
        {0x1.fep+127f, 0x1.fep+127f},   /* the largest */
        {FLT_MAX, INFINITY},            /* nothing finite is near */
        {-INFINITY, -INFINITY},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        float x = row[i].from;
        nn_round_bf16(&x, 1);
        cr_expect(x == row[i].to && !signbit(x) == !signbit(row[i].to), "%a became %a", row[i].from,
                  x);
    }
}

Test(bf16, a_nan_stays_one_wherever_its_bits_are)
{
    static const uint32_t nan[] = {0x7f800001u, 0x7fffffffu, 0xff80ffffu, 0x7fc00000u};
    for (size_t i = 0; i < LEADSEQ_COUNT(nan); i++) {
        float x;
        memcpy(&x, &nan[i], sizeof x);
        nn_round_bf16(&x, 1);
        cr_expect(isnan(x), "%x", nan[i]);
    }
}

/* A bfloat16 tensor of oneDNN, where it has them, holds the same values. */
Test(bf16, rounds_as_onednn_does)
{
    struct bench r;
    struct nn_tensor t = {0};
    struct nn_shape s = {2, 5, 7, 11};
    enum { N = 2 * 5 * 7 * 11 };
    float x[N], y[N];
    bench_open(&r);
    check_fill_normal(x, N, 3, 1);
    dnnl_dims_t dims = {s.n, s.c, s.h, s.w};
    nn_md md;
    cr_assert_eq(dnnl_memory_desc_create_with_tag(&md, 4, dims, dnnl_bf16, dnnl_nhwc),
                 dnnl_success);
    cr_assert_eq(nn_tensor_init(&t, r.engine, s, md), 0, "%s", leadseq_error());
    cr_assert_eq(t.values, NN_BF16);
    cr_assert_eq(t.bytes, N * 2);
    cr_assert(!nn_tensor_is_plain(&t));
    cr_assert_eq(nn_tensor_set(r.engine, &t, x), 0, "%s", leadseq_error());
    cr_assert_eq(nn_tensor_get(r.engine, &t, y), 0, "%s", leadseq_error());
    nn_round_bf16(x, N);
    cr_assert_arr_eq(x, y, sizeof x);
    nn_tensor_clear(&t);
    dnnl_memory_desc_destroy(md);
    bench_close(&r);
}

/* --- Convolution ------------------------------------------------------------------------ */

static const struct shape {
    int n, c, h, w, k, kernel, stride;
} shapes[] = {
    {1, 1, 1, 1, 1, 1, 1},    {1, 1, 1, 1, 1, 3, 1},   {2, 3, 7, 5, 4, 3, 1},
    {2, 12, 9, 13, 16, 3, 1}, {3, 16, 8, 8, 32, 3, 2}, {1, 17, 6, 10, 33, 5, 1},
    {2, 1, 31, 17, 8, 3, 2},  {2, 20, 4, 4, 10, 1, 1}, {1, 5, 40, 64, 16, 3, 1}, /* our own: */
    {2, 15, 3, 81, 48, 3, 1}, {3, 4, 33, 1, 16, 3, 1},
};

struct sums { /* of a convolution, in double */
    double *y, *dx, *dw, *db;
};

static struct sums sums_of(const struct ref_conv *c, size_t n_y, const double *x, const double *w,
                           const double *b, const double *dy)
{
    size_t n_x = (size_t)c->n * c->c * c->h * c->w,
           n_w = (size_t)c->k * c->c * c->kernel * c->kernel;
    struct sums s = {ref_zeros(n_y), ref_zeros(n_x), ref_zeros(n_w), ref_zeros((size_t)c->k)};
    ref_conv_forward(c, x, w, b, s.y);
    ref_conv_backward(c, x, w, dy, s.dx, s.dw, s.db);
    return s;
}

static void sums_free(struct sums *s)
{
    free(s->y), free(s->dx), free(s->dw), free(s->db);
}

static double *magnitudes(const double *x, size_t n)
{
    double *a = ref_zeros(n);
    for (size_t i = 0; i < n; i++) a[i] = fabs(x[i]);
    return a;
}

/* Worst |found - exact| over inner · Σ|terms| + outer · |exact|; at most 1 is within the bound. */
static double excess(const float *found, const double *exact, const double *terms, size_t n,
                     double inner, double outer)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double bound = inner * terms[i] + outer * fabs(exact[i]) + 1e-30;
        double part = fabs(found[i] - exact[i]) / bound;
        if (!(part <= worst)) worst = part; // NaN stays
    }
    return worst;
}

static bool all_rounded(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float rounded = x[i];
        nn_round_bf16(&rounded, 1);
        if (rounded != x[i]) return false;
    }
    return true;
}

struct case_of {
    enum leadseq_precision precision;
    bool rounded; /* hold it against loops over rounded x, w and dy: only results are rounded */
};

static void compare(const struct shape *s, struct case_of how)
{
    struct rig r;
    rig_open(&r, &(struct leadseq_engine_options){.threads = 2, .precision = how.precision});
    struct nn_conv_options o = {
        .channels = s->k, .kernel = s->kernel, .stride = s->stride, .pad = -1, .bias = true};
    rig_add(&r, nn_conv_new(&r.store, "conv", (struct nn_shape){1, s->c, s->h, s->w}, &o));
    rig_build(&r, 1);
    rig_bind(&r, s->n, true);
    size_t n_w = r.params.slice[0].count, k = (size_t)s->k;
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2), *y = rig_floats(r.n_y),
          *dx = rig_floats(r.n_x), *w = rig_value(&r, "conv.weight");
    rig_forward(&r, x, y);
    rig_backward(&r, dy, dx);
    cr_expect(all_rounded(y, r.n_y) && all_rounded(dx, r.n_x));
    if (how.rounded) nn_round_bf16(x, r.n_x), nn_round_bf16(dy, r.n_y), nn_round_bf16(w, n_w);

    struct ref_conv c = {s->n, s->c, s->h, s->w, s->k, s->kernel, s->stride, (s->kernel - 1) / 2,
                         false};
    double *xx = ref_widen(x, r.n_x), *ww = ref_widen(w, n_w), *dd = ref_widen(dy, r.n_y),
           *b = ref_widen(rig_value(&r, "conv.bias"), k);
    double *ax = magnitudes(xx, r.n_x), *aw = magnitudes(ww, n_w), *ad = magnitudes(dd, r.n_y),
           *ab = magnitudes(b, k);
    struct sums e = sums_of(&c, r.n_y, xx, ww, b, dd), t = sums_of(&c, r.n_y, ax, aw, ab, ad);
    double terms = (double)s->n * s->h * s->w + (double)s->c * s->kernel * s->kernel + s->k;
    double sum = SUM * terms, inner = how.rounded ? sum : 2 * U + U * U + sum;
    cr_expect_leq(excess(y, e.y, t.y, r.n_y, inner, 1.01 * U), 1, "y");
    cr_expect_leq(excess(dx, e.dx, t.dx, r.n_x, inner, 1.01 * U), 1, "dx");
    cr_expect_leq(excess(rig_gradient(&r, "conv.weight"), e.dw, t.dw, n_w, inner, 0), 1, "dw");
    cr_expect_leq(excess(rig_gradient(&r, "conv.bias"), e.db, t.db, k, inner, 0), 1, "db");
    void *all[] = {x, dy, y, dx, xx, ww, dd, b, ax, aw, ad, ab};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
    sums_free(&e), sums_free(&t);
    rig_clear(&r);
}

Test(bf16, a_convolution_is_within_the_rounding_of_what_it_multiplies)
{
    enum leadseq_precision found[2];
    for (int p = precisions(found); p--;)
        for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++)
            compare(&shapes[i], (struct case_of){found[p], false});
}

/* So that nothing in between, sums least of all, is bfloat16. */
Test(bf16, a_convolution_is_that_of_rounded_values_but_for_the_rounding_of_its_result)
{
    enum leadseq_precision found[2];
    for (int p = precisions(found); p--;)
        for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++)
            compare(&shapes[i], (struct case_of){found[p], true});
}

Test(bf16, the_parameters_and_their_gradients_stay_float32)
{
    enum leadseq_precision found[2];
    for (int p = precisions(found); p--;) {
        struct rig r;
        rig_open(&r, &(struct leadseq_engine_options){.threads = 2, .precision = found[p]});
        struct nn_conv_options o = {.channels = 4, .kernel = 3, .stride = 1, .pad = -1};
        rig_add(&r, nn_conv_new(&r.store, "conv", (struct nn_shape){1, 3, 6, 6}, &o));
        rig_build(&r, 1);
        rig_bind(&r, 2, true);
        size_t n_w = r.params.slice[0].count, fine = 0, fine_gradients = 0;
        float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2), *before = rig_floats(n_w);
        memcpy(before, rig_value(&r, "conv.weight"), n_w * sizeof *before);
        rig_forward(&r, x, NULL);
        rig_backward(&r, dy, NULL);
        cr_assert_arr_eq(rig_value(&r, "conv.weight"), before, n_w * sizeof *before);
        for (size_t i = 0; i < n_w; i++) {
            float w = before[i], g = rig_gradient(&r, "conv.weight")[i], dw = g;
            nn_round_bf16(&before[i], 1), nn_round_bf16(&dw, 1);
            fine += w != before[i], fine_gradients += g != dw;
        }
        cr_assert(fine > n_w / 2 && fine_gradients > n_w / 2);
        free(x), free(dy), free(before);
        rig_clear(&r);
    }
}

/* --- Layers that keep what they are given ----------------------------------------------- */

enum kind { NORM, NORM_RELU, RELU, POOL, KINDS };

static struct nn_layer *layer_of(struct bench *r, enum kind kind, struct nn_shape in)
{
    switch (kind) {
    case RELU:
        return nn_relu_new(&r->store, "relu", in);
    case POOL:
        return nn_pool_new(&r->store, "pool", in,
                           &(struct nn_pool_options){.kernel = 2, .stride = 2});
    default:
        return nn_norm_new(&r->store, "norm", in,
                           &(struct nn_norm_options){.relu = kind == NORM_RELU});
    }
}

static void open_kind(struct bench *r, enum kind kind, enum nn_values values)
{
    bench_open(r);
    bench_add(r, layer_of(r, kind, (struct nn_shape){1, 10, 6, 9}));
    bench_bind(r, &(struct bench_bind){.batch = 3, .tag = dnnl_nChw16c, .values = values});
    nn_round_bf16(r->in, r->n_in); /* both are given the same */
    nn_round_bf16(r->dout, r->n_out);
    bench_forward(r);
    bench_backward(r);
}

static double difference(const float *a, const float *b, size_t n)
{
    double *exact = ref_widen(b, n), found = ref_difference(a, exact, n);
    free(exact);
    return found;
}

/* Every value rounded once, and float32's own rounding twice, where it sums in another order. */
static void expect_rounded(const float *a, const float *b, size_t n, const char *what, int kind)
{
    double *exact = ref_widen(b, n), *one = ref_zeros(n), most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(exact[i]));
    for (size_t i = 0; i < n; i++) one[i] = most;
    cr_expect_leq(excess(a, exact, one, n, 1e-5, U), 1, "%s of kind %d", what, kind);
    free(exact), free(one);
}

Test(bf16, norm_relu_and_pooling_compute_in_float32_and_round_what_they_write)
{
    enum leadseq_precision found[2];
    for (int p = precisions(found); p--;)
        for (int kind = 0; kind < KINDS; kind++) {
            struct bench a, b;
            open_kind(&a, kind, found[p] == LEADSEQ_BF16 ? NN_BF16 : NN_ROUNDED);
            open_kind(&b, kind, NN_F32);
            cr_expect_eq(nn_chain_y(&a.bound)->values, a.x.values);
            cr_expect_eq(nn_chain_dx(&a.bound)->values, a.x.values);
            cr_expect(all_rounded(a.out, a.n_out) && all_rounded(a.din, a.n_in));
            expect_rounded(a.out, b.out, a.n_out, "y", kind);
            expect_rounded(a.din, b.din, a.n_in, "dx", kind);
            if (a.params.count)
                cr_expect_lt(difference(a.params.gradient, b.params.gradient, a.params.count),
                             1e-5);
            if (a.state.count)
                cr_expect_lt(difference(a.state.value, b.state.value, a.state.count), 1e-6);
            bench_close(&a), bench_close(&b);
        }
}
