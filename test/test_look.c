/* SPDX-License-Identifier: MIT
 *
 * What diagnostics look at in a model: features, the images' gradient, where a
 * value first was not finite, the ConvLSTM's step as a map. */
#include "gradient.h"
#include "trial.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* NULL: there is none. */
static const float *slice_of(const struct leadseq_params *p, const char *name)
{
    for (size_t i = 0; i < p->n_slices; i++)
        if (!strcmp(p->slice[i].name, name)) return p->value + p->slice[i].offset;
    return NULL;
}

Test(look, nothing_can_be_seen_before_a_training_pass)
{
    struct trial t;
    float phi[1024], x[1024];
    int layer;
    trial_open(&t, &variants[0], variants[0].batch, variants[0].batch);
    cr_assert_eq(leadseq_model_get_features(t.model, phi), -1);
    cr_assert_eq(leadseq_model_nonfinite(t.model, &layer), -1);
    cr_assert_eq(leadseq_model_get_cell_input(t.model, 0, 0, x), -1);
    trial_close(&t);
}

/* z = w φ + b, also after dropout. */
Test(look, the_features_are_what_the_head_reads)
{
    for (int v = 0; v < n_variants; v++) {
        struct trial t;
        trial_open(&t, &variants[v], variants[v].batch, variants[v].batch);
        size_t n = leadseq_model_features(t.model);
        float *phi = malloc(n * t.n * sizeof *phi);
        trial_forward(&t, LEADSEQ_TRAINING);
        cr_assert_eq(leadseq_model_get_features(t.model, phi), 0, "%s", leadseq_error());
        const float *w = slice_of(t.params, "head.weight"), *bias = slice_of(t.params, "head.bias");
        cr_assert(w);
        float b = bias ? bias[0] : 0;
        for (int i = 0; i < t.n; i++)
            cr_assert_float_eq(check_dot(w, phi + (size_t)i * n, n) + b, t.logits[i], 2e-5,
                               "variant %d", v);
        trial_backward(&t); // the features are still to be seen
        float *again = malloc(n * t.n * sizeof *again);
        cr_assert_eq(leadseq_model_get_features(t.model, again), 0);
        cr_assert(!memcmp(phi, again, n * t.n * sizeof *phi), "variant %d", v);
        free(phi), free(again);
        trial_close(&t);
    }
}

static double sum_of_logits(void *user)
{
    struct trial *t = user;
    double sum = 0;
    trial_forward(t, LEADSEQ_TRAINING);
    for (int i = 0; i < t->n; i++) sum += (double)t->dlogits[i] * t->logits[i];
    return sum;
}

Test(look, the_gradient_of_the_images_is_the_slope_in_every_direction)
{
    for (int v = 0; v < n_variants; v++) {
        struct trial t;
        trial_open(&t, &variants[v], variants[v].batch, variants[v].batch);
        size_t n = t.record * (size_t)t.n;
        float *dx = malloc(n * sizeof *dx);
        cr_assert_eq(leadseq_model_image_gradient(t.model, 3, t.n, t.images, t.dlogits, dx), 0,
                     "%s", leadseq_error());
        struct check_function f = {.loss = sum_of_logits,
                                   .user = &t,
                                   .value = t.images,
                                   .gradient = dx,
                                   .count = n,
                                   .step = trial_is_deep(&variants[v]) ? 5e-4 : 5e-3};
        cr_assert_gt(check_dot(dx, dx, n), 0, "variant %d", v);
        const struct leadseq_model_spec *s = &variants[v].spec;
        bool smooth =
            !trial_bends(&variants[v]) && (leadseq_model_spec_is(s, "model.head", "flatten") ||
                                           leadseq_model_spec_is(s, "model.head", "mean"));
        double off = check_direction(&f, 17); // maxima and ReLUs have kinks on the way
        cr_assert_lt(off, smooth ? 0.02 : 0.2, "variant %d: %g", v, off);
        free(dx);
        trial_close(&t);
    }
}

Test(look, the_layer_where_numbers_stop_being_finite_is_found)
{
    struct trial t;
    int layer;
    trial_open(&t, &variants[4], variants[4].batch, variants[4].batch); // two ConvLSTM layers
    trial_forward(&t, LEADSEQ_TRAINING);
    cr_assert_eq(leadseq_model_nonfinite(t.model, &layer), 0);
    cr_assert_eq(layer, -1);
    *(float *)(uintptr_t)slice_of(t.params, "convlstm1.weight") = NAN;
    trial_forward(&t, LEADSEQ_TRAINING);
    cr_assert_eq(leadseq_model_nonfinite(t.model, &layer), 0);
    cr_assert_str_eq(leadseq_model_layer_name(t.model, layer), "convlstm1");
    t.images[1] = INFINITY;
    trial_forward(&t, LEADSEQ_TRAINING);
    cr_assert_eq(leadseq_model_nonfinite(t.model, &layer), 0);
    cr_assert_eq(layer, -2);
    trial_close(&t);
}

struct last {
    float h[4096];
};
static void keep_last(void *user, const char *name, int step, enum leadseq_observed what,
                      const struct leadseq_view *v)
{
    struct last *l = user;
    (void)step;
    if (what != LEADSEQ_OBSERVED_H || strcmp(name, "convlstm1") != 0) return;
    size_t n = (size_t)v->c * (size_t)v->h * (size_t)v->w;
    memcpy(l->h, v->data + n, n * sizeof *l->h); // the second record
}

/* Through the upper of two layers, for the second record: its inputs, its map, its last h. */
Test(look, the_steps_of_a_layer_follow_the_forward_pass)
{
    struct trial t;
    static struct last last;
    trial_open(&t, &variants[4], variants[4].batch, variants[4].batch);
    leadseq_model_observe(t.model, keep_last, &last);
    trial_forward(&t, LEADSEQ_TRAINING);
    struct leadseq_cell_map *m = leadseq_model_cell_map(t.model, 1);
    cr_assert(m, "%s", leadseq_error());
    size_t n = leadseq_cell_map_state(m), input = leadseq_model_cell(t.model, 1).inputs;
    float *zero = calloc(n, sizeof *zero), *x = calloc(3 * input, sizeof *x);
    const float *state = zero;
    cr_assert_eq(leadseq_model_get_cell_input(t.model, 1, 1, x), 0, "%s", leadseq_error());
    for (size_t lead = 0; lead < 3; lead++)
        state = leadseq_cell_map_step(m, x + lead * input, state);
    for (size_t i = 0; i < n / 2; i++) cr_assert_float_eq(state[i], last.h[i], 2e-6);
    cr_assert_null(leadseq_model_cell_map(t.model, 2));
    free(zero), free(x);
    leadseq_cell_map_free(m);
    trial_close(&t);
}
