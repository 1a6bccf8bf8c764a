/* SPDX-License-Identifier: MIT */
#include "gradient.h"
#include "recurrent.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Odd sizes, one pixel, one step, one channel, hidden channels around and
 * beyond a vector, x plain and in blocks, kernel larger than the image. */
static const struct recurrent shapes[] = {
    {1, 1, 1, 1, 1, 1, 3, true, true, false, false},
    {3, 1, 1, 1, 1, 2, 3, true, false, false, false},
    {12, 2, 1, 9, 13, 10, 3, true, true, false, false},
    {4, 3, 1, 7, 5, 10, 3, true, false, false, false},
    {3, 2, 3, 8, 16, 16, 3, false, true, false, false},
    {3, 2, 4, 6, 6, 17, 5, true, false, false, false},
    {2, 1, 16, 5, 7, 20, 3, true, true, false, false},
    {5, 2, 2, 3, 2, 5, 7, true, true, false, false},
    {3, 2, 10, 17, 3, 40, 1, true, false, false, false},
    {2, 2, 7, 33, 18, 8, 3, true, true, false, false},
    {3, 1, 1, 2, 3, 2, 3, false, false, false, true},
    {4, 3, 1, 7, 5, 10, 3, true, false, false, true},
    {3, 2, 4, 6, 6, 17, 5, true, true, false, true},
    {12, 2, 1, 9, 13, 10, 3, true, true, false, true},
};

static const struct recurrent_way two_threads = {
    .name = "two threads", .threads = 2, .bound = 1e-5};

static void build(struct rig *r, const struct recurrent *s, int batch)
{
    recurrent_build(r, s, &two_threads);
    if (batch != s->n) rig_bind(r, batch, true);
}

/* --- Against plain loops --------------------------------------------------------------- */

Test(convlstm, outputs_and_all_gradients_equal_plain_loops)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++)
        recurrent_compare(&shapes[i], &two_threads, 1);
}

/* Forward and to dx, weights are in two layouts at once. */
Test(convlstm, by_winograds_algorithm_where_that_is_it_equals_plain_loops)
{
    const struct recurrent wide = {2, 3, 48, 6, 6, 16, 3, true, true, false, false};
    recurrent_compare(&wide, &two_threads, 1);
}

/* --- Central differences, one direction ---------------------------------------------------- */

struct probe {
    struct rig *r;
    const float *x, *dy;
    float *y;
};

static double weighted_sum(void *user)
{
    struct probe *p = user;
    rig_forward(p->r, p->x, p->y);
    return check_dot(p->y, p->dy, p->r->n_y);
}

Test(convlstm, gradients_equal_central_differences)
{
    static const int tiny[] = {1, 3, 5, 10, 11};
    for (size_t i = 0; i < LEADSEQ_COUNT(tiny); i++) {
        struct rig r;
        build(&r, &shapes[tiny[i]], shapes[tiny[i]].n);
        float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2), *y = rig_floats(r.n_y);
        struct probe p = {&r, x, dy, y};
        rig_forward(&r, x, y);
        rig_backward(&r, dy, NULL);
        struct check_function f = {.loss = weighted_sum,
                                   .user = &p,
                                   .value = r.params.value,
                                   .gradient = r.params.gradient,
                                   .count = r.params.count,
                                   .step = shapes[tiny[i]].norm ? 1e-3 : 1e-2};
        cr_expect_lt(check_differences(&f, 40), 3e-3, "shape %d", tiny[i]);
        cr_expect_lt(check_direction(&f, 5), 3e-3, "shape %d", tiny[i]);
        free(x), free(dy), free(y);
        rig_clear(&r);
    }
}

/* --- The same bits ---------------------------------------------------------------------------- */

Test(convlstm, repetition_gives_the_same_bits)
{
    struct rig r;
    build(&r, &shapes[2], shapes[2].n);
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2), *y = rig_floats(r.n_y);
    float *again = rig_floats(r.n_y), *gradient = rig_floats(r.params.count);
    rig_forward(&r, x, y);
    rig_backward(&r, dy, NULL);
    memcpy(gradient, r.params.gradient, r.params.count * sizeof *gradient);
    for (int i = 0; i < 3; i++) {
        rig_forward(&r, x, again);
        rig_backward(&r, dy, NULL);
        cr_assert_arr_eq(again, y, r.n_y * sizeof *y);
        cr_assert_arr_eq(r.params.gradient, gradient, r.params.count * sizeof *gradient);
    }
    free(x), free(dy), free(y), free(again), free(gradient);
    rig_clear(&r);
}

/* Copies record n of a batch from (T, N, one) to (T, one). */
static void pick(const float *all, int steps, int n, int batch, size_t one, float *out)
{
    for (size_t t = 0; t < (size_t)steps; t++)
        memcpy(out + t * one, all + (t * (size_t)batch + (size_t)n) * one, one * sizeof *all);
}

Test(convlstm, a_record_gives_the_same_bits_in_any_batch_and_in_evaluation)
{
    const struct recurrent *s = &shapes[3];
    struct rig r;
    build(&r, s, s->n);
    float *x = rig_random(r.n_x, 1), *y = rig_floats(r.n_y);
    size_t one_x = r.n_x / (size_t)(s->t * s->n), one_y = r.n_y / (size_t)(s->t * s->n);
    float *x1 = rig_floats(r.n_x), *y1 = rig_floats(r.n_y), *want = rig_floats(r.n_y);
    rig_forward(&r, x, y);
    rig_bind(&r, 1, false);
    for (int n = 0; n < s->n; n++) {
        pick(x, s->t, n, s->n, one_x, x1);
        pick(y, s->t, n, s->n, one_y, want);
        rig_forward(&r, x1, y1);
        cr_assert_arr_eq(y1, want, r.n_y * sizeof *y);
    }
    free(x), free(y), free(x1), free(y1), free(want);
    rig_clear(&r);
}

Test(convlstm, threads_change_no_bit)
{
    struct recurrent s = shapes[2];
    float *y[2], *g[2];
    size_t n_y = 0, n_g = 0;
    for (int i = 0; i < 2; i++) {
        struct rig r;
        build(&r, &s, s.n);
        leadseq_engine_close(r.engine);
        r.engine = leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1 + 2 * i});
        rig_bind(&r, s.n, true);
        float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
        n_y = r.n_y, n_g = r.params.count;
        y[i] = rig_floats(n_y), g[i] = rig_floats(n_g);
        rig_forward(&r, x, y[i]);
        rig_backward(&r, dy, NULL);
        memcpy(g[i], r.params.gradient, n_g * sizeof *g[i]);
        free(x), free(dy);
        rig_clear(&r);
    }
    cr_expect_arr_eq(y[0], y[1], n_y * sizeof **y);
    cr_expect_arr_eq(g[0], g[1], n_g * sizeof **g);
    free(y[0]), free(y[1]), free(g[0]), free(g[1]);
}

/* A gate of one value is nothing but its shift, whatever its sum. */
Test(convlstm, with_layer_norm_a_gate_of_one_value_is_its_shift)
{
    const struct recurrent s = {.t = 2,
                                .n = 1,
                                .c = 1,
                                .h = 1,
                                .w = 1,
                                .k = 1,
                                .kernel = 3,
                                .bias = true,
                                .last_only = true,
                                .norm = true};
    struct rig r;
    build(&r, &s, 1);
    const float *shift = rig_value(&r, "lstm.norm_bias"), dy = 1;
    float x[2] = {0.3f, -0.7f}, y, dx[2];
    rig_forward(&r, x, &y);
    rig_backward(&r, &dy, dx);
    double i = ref_apply(REF_SIGMOID, shift[0]), f = ref_apply(REF_SIGMOID, shift[1]);
    double o = ref_apply(REF_SIGMOID, shift[2]), g = tanh(shift[3]), c = i * g * (1 + f);
    cr_expect_float_eq(y, o * tanh(c), 1e-6);
    cr_expect_float_eq(rig_gradient(&r, "lstm.norm_bias")[2], o * (1 - o) * tanh(c), 1e-6);
    cr_expect_float_eq(dx[0], 0, 1e-6);
    cr_expect_float_eq(rig_gradient(&r, "lstm.norm_weight")[2], 0, 1e-6);
    rig_clear(&r);
}

/* --- Initialisation and options --------------------------------------------------------------- */

static void expect_forget_bias(bool norm, const char *slice)
{
    float *bias[2];
    for (int i = 0; i < 2; i++) {
        struct rig r;
        rig_init(&r, 1);
        struct nn_convlstm_options o = {
            .hidden = 3, .kernel = 3, .bias = true, .forget_bias = 2 * i, .norm = norm};
        rig_add(&r, nn_convlstm_new(&r.store, "lstm", (struct nn_shape){2, 1, 4, 4}, &o));
        rig_build(&r, 7);
        bias[i] = rig_floats(12);
        memcpy(bias[i], rig_value(&r, slice), 12 * sizeof(float));
        rig_clear(&r);
    }
    for (int k = 0; k < 12; k++)
        cr_expect_float_eq(bias[1][k] - bias[0][k], k >= 3 && k < 6 ? 2.0f : 0.0f, 1e-6);
    free(bias[0]), free(bias[1]);
}

Test(convlstm, forget_bias_is_added_to_the_second_quarter_of_the_bias)
{
    expect_forget_bias(false, "lstm.bias");
}

Test(convlstm, with_layer_norm_forget_bias_is_added_after_it)
{
    expect_forget_bias(true, "lstm.norm_bias");
}

Test(convlstm, options_that_make_no_layer_are_refused)
{
    struct leadseq_params p = {0};
    struct nn_store store = {&p, &p};
    const struct nn_convlstm_options bad[] = {
        {.hidden = 0, .kernel = 3},
        {.hidden = 4, .kernel = 2},
        {.hidden = 4, .kernel = 0},
        {.hidden = 4, .kernel = 3, .forget_bias = 1},
        {.hidden = 4, .kernel = 17, .norm = true},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        cr_assert_null(nn_convlstm_new(&store, "lstm", (struct nn_shape){2, 1, 4, 4}, &bad[i]));
        cr_assert(strstr(leadseq_error(), "layer lstm"), "%s", leadseq_error());
    }
    nn_params_clear(&p);
}

/* --- Observers -------------------------------------------------------------------------------- */

enum { KINDS = LEADSEQ_OBSERVED_DGATES + 1 };
struct seen {
    const struct recurrent_truth *truth;
    int calls[KINDS];
    double worst[KINDS];
};

static void watch(void *user, const char *layer, int step, enum leadseq_observed what,
                  const struct leadseq_view *v)
{
    struct seen *seen = user;
    const struct recurrent_truth *u = seen->truth;
    size_t n = (size_t)v->n * (size_t)v->c * (size_t)v->h * (size_t)v->w, t = (size_t)step;
    cr_assert_str_eq(layer, "lstm");
    seen->calls[what]++;
    const double *want[KINDS] = {
        [LEADSEQ_OBSERVED_H] = u->h + t * u->n_h,
        [LEADSEQ_OBSERVED_C] = u->c + t * u->n_h,
        [LEADSEQ_OBSERVED_GATES] = u->gates + 4 * t * u->n_h,
        [LEADSEQ_OBSERVED_DH] = u->d.dh + t * u->n_h,
        [LEADSEQ_OBSERVED_DC] = u->d.dc + t * u->n_h,
        [LEADSEQ_OBSERVED_DGATES] = u->d.da + 4 * t * u->n_h,
    };
    seen->worst[what] = fmax(seen->worst[what], ref_difference(v->data, want[what], n));
}

static void compare_observed(const struct recurrent *s)
{
    struct rig r;
    struct recurrent_truth u;
    build(&r, s, s->n);
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2);
    recurrent_truth_init(&u, &r, s, x, dy);
    struct seen seen = {.truth = &u};
    r.bound.pass.observer = watch;
    r.bound.pass.user = &seen;
    rig_forward(&r, x, NULL);
    rig_backward(&r, dy, NULL);
    for (int k = 0; k < KINDS; k++) {
        cr_expect_eq(seen.calls[k], s->t, "kind %d", k);
        cr_expect_lt(seen.worst[k], 1e-5, "kind %d", k);
    }
    recurrent_truth_clear(&u);
    free(x), free(dy);
    rig_clear(&r);
}

Test(convlstm, observers_see_every_step_as_plain_loops_compute_it)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(shapes); i++) compare_observed(&shapes[i]);
}
