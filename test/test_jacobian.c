/* SPDX-License-Identifier: MIT
 *
 * Jacobian products of a ConvLSTM's step: against each other, against differences
 * of the plain double loops, against the gradients that training computes. */
#include "gradient.h"
#include "reference.h"
#include "rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct shape {
    int k, c, kernel, h, w;
    bool bias, norm;
};
static const struct shape shapes[] = {
    {10, 1, 3, 7, 9, true, false}, {3, 2, 5, 6, 5, false, false},  {16, 4, 1, 3, 3, true, false},
    {1, 1, 3, 1, 1, true, false},  {5, 3, 3, 17, 18, true, false}, {10, 1, 3, 7, 9, true, true},
    {3, 2, 5, 6, 5, false, true},
};

struct trial {
    struct leadseq_engine *engine;
    struct leadseq_cell_map *map;
    struct shape s;
    float *weight, *bias, *gain, *shift, *x, *state, *next;
    size_t n; /* values of a state */
};

static void open_trial(struct trial *t, const struct shape *s)
{
    *t = (struct trial){.s = *s};
    size_t pixels = (size_t)s->h * s->w, taps = (size_t)s->kernel * s->kernel;
    t->engine = leadseq_engine_open(&(struct leadseq_engine_options){.threads = 2});
    cr_assert(t->engine, "%s", leadseq_error());
    t->weight = rig_random((size_t)4 * s->k * (s->c + s->k) * taps, 1);
    t->bias = rig_random((size_t)4 * s->k, 2);
    t->x = rig_random((size_t)s->c * pixels, 3);
    t->gain = rig_random((size_t)4 * s->k, 10);
    t->shift = rig_random((size_t)4 * s->k, 11);
    struct leadseq_cell_map_options o = {.hidden = s->k,
                                         .inputs = s->c,
                                         .kernel = s->kernel,
                                         .height = s->h,
                                         .width = s->w,
                                         .weight = t->weight,
                                         .bias = s->bias ? t->bias : NULL,
                                         .gain = s->norm ? t->gain : NULL,
                                         .shift = s->norm ? t->shift : NULL};
    t->map = leadseq_cell_map_new(t->engine, &o);
    cr_assert(t->map, "%s", leadseq_error());
    t->n = leadseq_cell_map_state(t->map);
    cr_assert_eq(t->n, 2 * s->k * pixels);
    t->state = rig_random(t->n, 4);
    const float *next = leadseq_cell_map_step(t->map, t->x, t->state);
    cr_assert(next, "%s", leadseq_error());
    t->next = rig_floats(t->n);
    memcpy(t->next, next, t->n * sizeof *next);
}

static void close_trial(struct trial *t)
{
    leadseq_cell_map_free(t->map);
    leadseq_engine_close(t->engine);
    free(t->gain), free(t->shift);
    free(t->weight), free(t->bias), free(t->x), free(t->state), free(t->next);
}

/* The step in double: two steps of the reference would begin at zero, so its sums are here. */
static void step_in_double(const struct trial *t, const double *state, double *next)
{
    const struct shape *s = &t->s;
    size_t pixels = (size_t)s->h * s->w, n = s->k * pixels, in = (size_t)s->c * pixels;
    struct ref_conv conv = {1,         s->c + s->k, s->h,          s->w, 4 * s->k,
                            s->kernel, 1,           s->kernel / 2, false};
    double *xh = ref_zeros(in + n), *a = ref_zeros(4 * n);
    double *w = ref_widen(t->weight, (size_t)4 * s->k * (s->c + s->k) * s->kernel * s->kernel);
    double *b = s->bias ? ref_widen(t->bias, (size_t)4 * s->k) : ref_zeros((size_t)4 * s->k);
    for (size_t i = 0; i < in; i++) xh[i] = t->x[i];
    memcpy(xh + in, state, n * sizeof *xh);
    ref_conv_forward(&conv, xh, w, b, a);
    double *gain = ref_widen(t->gain, (size_t)4 * s->k);
    double *shift = ref_widen(t->shift, (size_t)4 * s->k);
    if (s->norm) ref_layer_norm_forward(4, s->k, s->h * s->w, a, gain, shift, a);
    for (size_t i = 0; i < n; i++) {
        double c = ref_apply(REF_SIGMOID, a[n + i]) * state[n + i] +
                   ref_apply(REF_SIGMOID, a[i]) * tanh(a[3 * n + i]);
        next[i] = ref_apply(REF_SIGMOID, a[2 * n + i]) * tanh(c);
        next[n + i] = c;
    }
    free(xh), free(a), free(w), free(b), free(gain), free(shift);
}

Test(jacobian, the_step_is_that_of_plain_double_loops)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) {
        struct trial t;
        open_trial(&t, &shapes[i]);
        double *state = ref_widen(t.state, t.n), *next = ref_zeros(t.n);
        step_in_double(&t, state, next);
        cr_assert_lt(ref_difference(t.next, next, t.n), 2e-6, "shape %zu", i);
        free(state), free(next);
        close_trial(&t);
    }
}

Test(jacobian, forward_and_reverse_products_are_each_others_adjoints)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) {
        struct trial t;
        open_trial(&t, &shapes[i]);
        float *v = rig_random(t.n, 5), *w = rig_random(t.n, 6);
        float *jv = rig_floats(t.n), *jw = rig_floats(t.n);
        cr_assert_eq(leadseq_cell_map_forward(t.map, v, jv), 0);
        cr_assert_eq(leadseq_cell_map_reverse(t.map, w, jw), 0);
        cr_assert_lt(check_adjoint(w, jv, t.n, jw, v, t.n), 1e-6, "shape %zu", i);
        cr_assert_gt(check_dot(jv, jv, t.n), 0);
        free(v), free(w), free(jv), free(jw);
        close_trial(&t);
    }
}

/* In double the differences are exact to 1e-8: each product by its own. */
Test(jacobian, the_forward_product_is_the_difference_of_two_steps)
{
    const double step = 1e-5;
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) {
        struct trial t;
        open_trial(&t, &shapes[i]);
        float *v = rig_random(t.n, 7), *jv = rig_floats(t.n);
        cr_assert_eq(leadseq_cell_map_forward(t.map, v, jv), 0);
        double *up = ref_widen(t.state, t.n), *down = ref_widen(t.state, t.n);
        double *high = ref_zeros(t.n), *low = ref_zeros(t.n);
        for (size_t k = 0; k < t.n; k++) up[k] += step * v[k], down[k] -= step * v[k];
        step_in_double(&t, up, high);
        step_in_double(&t, down, low);
        for (size_t k = 0; k < t.n; k++) high[k] = (high[k] - low[k]) / (2 * step);
        cr_assert_lt(ref_difference(jv, high, t.n), 5e-6, "shape %zu", i);
        free(v), free(jv), free(up), free(down), free(high), free(low);
        close_trial(&t);
    }
}

/* --- Against training ------------------------------------------------------------------------- */

enum { T = 4, K = 5, C = 2, H = 6, W = 7, STATE = K * H * W };
struct seen {
    float h[T][STATE], c[T][STATE], dh[T][STATE], dc[T][STATE], gates[T][4 * STATE];
};

static void see(void *user, const char *layer, int t, enum leadseq_observed what,
                const struct leadseq_view *v)
{
    struct seen *s = user;
    (void)layer;
    size_t n = (size_t)v->c * (size_t)v->h * (size_t)v->w;
    float *to = what == LEADSEQ_OBSERVED_H       ? s->h[t]
                : what == LEADSEQ_OBSERVED_C     ? s->c[t]
                : what == LEADSEQ_OBSERVED_GATES ? s->gates[t]
                : what == LEADSEQ_OBSERVED_DH    ? s->dh[t]
                : what == LEADSEQ_OBSERVED_DC    ? s->dc[t]
                                                 : NULL;
    if (to) memcpy(to, v->data, n * sizeof *to);
}

/* dL/d(h, c) of the last step but one is J' of the last one's; c's part is complete with what
 * h' = o tanh c hands down. */
static void expect_training_s_own(bool norm)
{
    static struct seen seen;
    struct rig r;
    struct nn_convlstm_options o = {
        .hidden = K, .kernel = 3, .bias = true, .last_only = true, .norm = norm};
    rig_init(&r, 1);
    rig_add(&r, nn_convlstm_new(&r.store, "convlstm0", (struct nn_shape){T, C, H, W}, &o));
    rig_build(&r, 3);
    if (norm) {
        check_fill_uniform(rig_value(&r, "convlstm0.norm_weight"), 4 * K, 12);
        check_fill_uniform(rig_value(&r, "convlstm0.norm_bias"), 4 * K, 13);
    }
    rig_bind(&r, 1, true);
    float *x = rig_random((size_t)T * C * H * W, 8), *dy = rig_random(STATE, 9);
    r.bound.pass.observer = see;
    r.bound.pass.user = &seen;
    rig_forward(&r, x, NULL);
    rig_backward(&r, dy, NULL);
    struct leadseq_cell_map_options map = {
        .hidden = K,
        .inputs = C,
        .kernel = 3,
        .height = H,
        .width = W,
        .weight = rig_value(&r, "convlstm0.weight"),
        .bias = rig_value(&r, "convlstm0.bias"),
        .gain = norm ? rig_value(&r, "convlstm0.norm_weight") : NULL,
        .shift = norm ? rig_value(&r, "convlstm0.norm_bias") : NULL,
    };
    struct leadseq_cell_map *m = leadseq_cell_map_new(r.engine, &map);
    float state[2 * STATE], w[2 * STATE] = {0}, jw[2 * STATE];
    memcpy(state, seen.h[T - 2], sizeof seen.h[0]);
    memcpy(state + STATE, seen.c[T - 2], sizeof seen.c[0]);
    const float *next = leadseq_cell_map_step(m, x + (size_t)(T - 1) * C * H * W, state);
    memcpy(w, dy, sizeof seen.dh[0]);
    cr_assert_eq(leadseq_cell_map_reverse(m, w, jw), 0);
    for (int i = 0; i < STATE; i++) {
        float o_gate = seen.gates[T - 2][2 * STATE + i], tangent = tanhf(seen.c[T - 2][i]);
        cr_assert_float_eq(next[i], seen.h[T - 1][i], 1e-6);
        cr_assert_float_eq(jw[i], seen.dh[T - 2][i], 2e-6);
        cr_assert_float_eq(jw[STATE + i] + jw[i] * o_gate * (1 - tangent * tangent),
                           seen.dc[T - 2][i], 2e-6);
    }
    free(x), free(dy);
    leadseq_cell_map_free(m);
    rig_clear(&r);
}

Test(jacobian, reverse_products_carry_gradients_back_as_training_does)
{
    expect_training_s_own(false);
}

Test(jacobian, so_they_do_with_layer_norm)
{
    expect_training_s_own(true);
}
