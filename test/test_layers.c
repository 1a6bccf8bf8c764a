/* SPDX-License-Identifier: MIT
 *
 * What every type of layer must pass, on the samples its row of nn_layer_types brings: sizes that
 * fill no block, one pixel, one row, one column, one channel, one record, one lead. Gradients are
 * held against central differences and Taylor's remainder and, where double precision knows the
 * type (reference_layer.c), against that. */
#include "checks.h"
#include "reference_layer.h"
#include "rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct setup {
    struct rig rig;
    struct ref_net net;
    uint8_t *mask;
    float *x, *dy, *y, *dx;
    bool has_reference;
    struct check_subject subject;
    char name[96];
};

static double loss_of(void *user)
{
    struct setup *s = user;
    rig_forward(&s->rig, s->x, s->y);
    return check_dot(s->y, s->dy, s->rig.n_y);
}

/* The mask is what dropout leaves of ones. */
static void see_mask(struct setup *s)
{
    float *ones = rig_floats(s->rig.n_x);
    for (size_t i = 0; i < s->rig.n_x; i++) ones[i] = 1;
    rig_forward(&s->rig, ones, s->y);
    s->mask = malloc(s->rig.n_y);
    cr_assert(s->mask);
    for (size_t i = 0; i < s->rig.n_y; i++) s->mask[i] = s->y[i] != 0;
    free(ones);
}

static void make_arrays(struct setup *s)
{
    struct rig *r = &s->rig;
    s->x = rig_random(r->n_x, 1), s->dy = rig_random(r->n_y, 2);
    s->y = rig_floats(r->n_y), s->dx = rig_floats(r->n_x);
    if (r->n_x == 1) s->x[0] = fabsf(s->x[0]); /* a ReLU of one value below 0 would check nothing */
}

/* What is computed with: the engine, and how the sample is bound. */
struct way {
    enum leadseq_precision precision;
    bool evaluation;
};

static void open_sample(struct setup *s, const struct nn_layer_type *type,
                        const struct nn_layer_sample *sample, const struct way *way)
{
    *s = (struct setup){0};
    const struct nn_shape in = sample->in;
    snprintf(s->name, sizeof s->name, "%s, sample %td (%d x %d x %d x %d, batch %d)", type->name,
             sample - type->samples, in.n, in.c, in.h, in.w, sample->batch);
    rig_open(&s->rig, &(struct leadseq_engine_options){.threads = 2, .precision = way->precision});
    struct nn_layer *layer = nn_layer_new(type, &s->rig.store, "layer", in, sample->options);
    rig_add(&s->rig, layer);
    rig_build(&s->rig, 1);
    if (s->rig.state.count) /* a norm: not ones and zeros */
        check_fill_uniform(s->rig.params.value, s->rig.params.count, 3);
    rig_bind(&s->rig, sample->batch, !way->evaluation);
    make_arrays(s);
    s->net = (struct ref_net){.params = &s->rig.params,
                              .state = &s->rig.state,
                              .images = in.n,
                              .c = in.c,
                              .h = in.h,
                              .w = in.w};
    s->has_reference = ref_net_add_chain(&s->net, &s->rig.chain);
    if (s->has_reference && s->net.layer[0].kind == REF_KIND_DROPOUT && !way->evaluation) {
        see_mask(s);
        s->net.layer[0].mask = s->mask;
    }
    rig_forward(&s->rig, s->x, s->y);
    if (!way->evaluation) rig_backward(&s->rig, s->dy, s->dx);
    s->subject = (struct check_subject){.net = &s->net,
                                        .batch = sample->batch,
                                        .x = s->x,
                                        .dy = s->dy,
                                        .y = s->y,
                                        .dx = s->dx,
                                        .n_x = s->rig.n_x,
                                        .n_y = s->rig.n_y,
                                        .params = &s->rig.params,
                                        .state = s->rig.state.value,
                                        .loss = loss_of,
                                        .user = s};
}

static void close_sample(struct setup *s)
{
    free(s->x), free(s->dy), free(s->y), free(s->dx), free(s->mask);
    rig_clear(&s->rig);
}

typedef void check(struct setup *s, const struct nn_layer_type *type,
                   const struct nn_layer_sample *sample);

static void each_sample(check *run)
{
    for (size_t i = 0; nn_layer_types[i]; i++)
        for (const struct nn_layer_sample *at = nn_layer_types[i]->samples; at->batch; at++) {
            struct setup s;
            open_sample(&s, nn_layer_types[i], at, &(struct way){0});
            run(&s, nn_layer_types[i], at);
            close_sample(&s);
        }
}

/* --- Rows ------------------------------------------------------------------------------------- */

Test(layers, every_row_is_complete_and_its_name_is_its_own)
{
    for (size_t i = 0; nn_layer_types[i]; i++) {
        const struct nn_layer_type *t = nn_layer_types[i];
        cr_assert(t->name && t->help && t->check && t->init && t->bind && t->bind_backward &&
                      t->forward && t->backward && t->unbind,
                  "row %zu (%s) lacks a function", i, t->name ? t->name : "no name");
        cr_assert(t->samples && t->samples->batch, "%s has no sample to be tested on", t->name);
        cr_assert_geq(t->size, sizeof(struct nn_layer));
        cr_expect_eq(nn_layer_type_named(t->name), t, "%s is the name of two rows", t->name);
    }
    cr_expect_null(nn_layer_type_named("no such layer"));
}

Test(layers, a_refused_input_leaves_a_message_and_no_parameters)
{
    for (size_t i = 0; nn_layer_types[i]; i++) {
        const struct nn_layer_type *t = nn_layer_types[i];
        struct leadseq_params params = {0}, state = {0};
        struct nn_store store = {&params, &state};
        struct nn_shape in = t->samples->in;
        in.h = 0;
        cr_expect_null(nn_layer_new(t, &store, "odd", in, t->samples->options));
        cr_expect(strstr(leadseq_error(), "layer odd"), "%s: %s", t->name, leadseq_error());
        cr_expect_eq(params.n_slices, 0);
        cr_expect_eq(state.n_slices, 0);
    }
}

Test(layers, the_shape_a_check_promises_is_the_one_that_is_bound)
{
    for (size_t i = 0; nn_layer_types[i]; i++)
        for (const struct nn_layer_sample *at = nn_layer_types[i]->samples; at->batch; at++) {
            struct nn_shape out;
            struct setup s;
            cr_assert_eq(nn_layer_check(nn_layer_types[i], "l", at->in, at->options, &out), 0);
            open_sample(&s, nn_layer_types[i], at, &(struct way){0});
            cr_expect_eq(nn_shape_count(out) * (size_t)at->batch, s.rig.n_y, "%s", s.name);
            close_sample(&s);
        }
}

/* --- Gradients -------------------------------------------------------------------------------- */

static void reference(struct setup *s, const struct nn_layer_type *type,
                      const struct nn_layer_sample *sample)
{
    char where[96];
    (void)type, (void)sample;
    if (!s->has_reference) return;
    double error = check_reference(&s->subject, where);
    cr_expect_lt(error, 1e-4, "%s, %s: %g", s->name, where, error);
}

Test(layers, outputs_and_every_gradient_equal_double_precision)
{
    each_sample(reference);
}

static void adjoint(struct setup *s, const struct nn_layer_type *type,
                    const struct nn_layer_sample *sample)
{
    (void)type, (void)sample;
    if (!s->has_reference) return;
    double error = check_adjoint_map(&s->subject, 4);
    cr_expect_lt(error, 1e-4, "%s: %g", s->name, error);
}

Test(layers, backward_is_the_adjoint_of_the_derivative_of_forward)
{
    each_sample(adjoint);
}

/* What the first two checks would say of gradients that are off by a hundredth. */
static void off_by_a_hundredth(struct setup *s, const struct nn_layer_type *type,
                               const struct nn_layer_sample *sample)
{
    char where[96];
    struct leadseq_params *p = &s->rig.params;
    (void)type, (void)sample;
    if (!s->has_reference) return;
    for (size_t i = 0; i < p->count; i++) p->gradient[i] *= 1.01f;
    for (size_t i = 0; i < s->rig.n_x; i++) s->dx[i] *= 1.01f;
    cr_expect_gt(check_reference(&s->subject, where), 1e-4, "%s: reference", s->name);
    cr_expect_gt(check_adjoint_map(&s->subject, 4), 1e-4, "%s: adjoint", s->name);
}

Test(layers, gradients_off_by_a_hundredth_fail_both_checks_in_every_row)
{
    each_sample(off_by_a_hundredth);
}

/* A step over a bend is an error as large as the slope, so bent layers take small ones. */
static double differences_of(struct setup *s, bool bent)
{
    return check_own_differences(&s->subject, bent ? 1e-4 : 1e-2, 25);
}

static void differences(struct setup *s, const struct nn_layer_type *type,
                        const struct nn_layer_sample *sample)
{
    double error = differences_of(s, type->bent);
    (void)sample;
    cr_expect_lt(error, type->bent ? 2e-2 : 4e-3, "%s: %g", s->name, error);
}

Test(layers, gradients_equal_central_differences)
{
    each_sample(differences);
}

/* Of a maximum most derivatives are zero, and so may be all that are looked at in one sample. */
Test(layers, gradients_off_by_a_tenth_fail_against_central_differences_of_every_type)
{
    for (size_t i = 0; nn_layer_types[i]; i++) {
        const struct nn_layer_type *type = nn_layer_types[i];
        double worst = 0;
        for (const struct nn_layer_sample *at = type->samples; at->batch; at++) {
            struct setup s;
            open_sample(&s, type, at, &(struct way){0});
            for (size_t k = 0; k < s.rig.n_x; k++) s.dx[k] *= 1.1f;
            worst = fmax(worst, differences_of(&s, type->bent));
            close_sample(&s);
        }
        cr_expect_gt(worst, type->bent ? 2e-2 : 4e-3, "%s: %g", type->name, worst);
    }
}

/* Where the remainder is above rounding it must fall by four; linear layers have none. */
static void taylor(struct setup *s, const struct nn_layer_type *type,
                   const struct nn_layer_sample *sample)
{
    const bool steep = s->has_reference && s->net.layer[0].cell_norm;
    struct check_remainder r = check_taylor(&s->subject, steep ? 0.001 : 0.02, 5);
    const double rounding = 3e-4;
    (void)sample;
    if (!type->bent && r.at_h > 10 * rounding)
        cr_expect(r.fall > 3, "%s: %g to %g falls by %g", s->name, r.at_h, r.at_half, r.fall);
}

Test(layers, taylors_remainder_falls_with_the_square_of_the_step)
{
    each_sample(taylor);
}

/* --- Precision, modes, memory ----------------------------------------------------------------- */

/* The largest |a - b| over the largest |b|. */
static double distance(const float *a, const float *b, size_t n)
{
    double most = 0, scale = 1e-30;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs((double)a[i] - (double)b[i]));
        scale = fmax(scale, fabs((double)b[i]));
    }
    return most / scale;
}

/* The norm of a - b over that of b: where a ReLU within a layer lets pass what it did not, one
 * value changes altogether. */
static double apart(const float *a, const float *b, size_t n)
{
    double difference = 0, norm = 1e-60;
    for (size_t i = 0; i < n; i++) {
        difference += pow((double)a[i] - (double)b[i], 2);
        norm += pow((double)b[i], 2);
    }
    return sqrt(difference / norm);
}

/* Eight bits of mantissa in what convolutions multiply, over a dozen steps at most. */
static void bf16(struct setup *s, const struct nn_layer_type *type,
                 const struct nn_layer_sample *sample)
{
    struct setup low;
    open_sample(&low, type, sample, &(struct way){.precision = LEADSEQ_BF16_EMULATED});
    cr_expect_lt(distance(low.y, s->y, s->rig.n_y), 0.03, "%s: y", s->name);
    const double dx = apart(low.dx, s->dx, s->rig.n_x);
    cr_expect_lt(dx, 0.06, "%s: dx %g", s->name, dx);
    const double gradients =
        apart(low.rig.params.gradient, s->rig.params.gradient, s->rig.params.count);
    cr_expect_lt(gradients, 0.06, "%s: gradients %g", s->name, gradients);
    close_sample(&low);
}

Test(layers, in_bf16_outputs_and_gradients_stay_within_its_rounding)
{
    each_sample(bf16);
}

static void evaluation(struct setup *s, const struct nn_layer_type *type,
                       const struct nn_layer_sample *sample)
{
    struct setup other;
    if (type->differs_in_training) return;
    open_sample(&other, type, sample, &(struct way){.evaluation = true});
    cr_expect_eq(memcmp(other.y, s->y, s->rig.n_y * sizeof *s->y), 0, "%s", s->name);
    close_sample(&other);
}

Test(layers, evaluation_gives_the_bits_of_training_unless_the_type_says_otherwise)
{
    each_sample(evaluation);
}

static void again(struct setup *s, const struct nn_layer_type *type,
                  const struct nn_layer_sample *sample)
{
    struct setup other;
    const size_t bytes = s->rig.params.count * sizeof(float);
    open_sample(&other, type, sample, &(struct way){0});
    cr_expect_eq(memcmp(other.y, s->y, s->rig.n_y * sizeof *s->y), 0, "%s: y", s->name);
    cr_expect_eq(memcmp(other.dx, s->dx, s->rig.n_x * sizeof *s->dx), 0, "%s: dx", s->name);
    cr_expect(!bytes || !memcmp(other.rig.params.gradient, s->rig.params.gradient, bytes),
              "%s: gradients", s->name);
    close_sample(&other);
}

Test(layers, a_second_binding_gives_the_same_bits)
{
    each_sample(again);
}

/* An estimate: it may be too large by padding (a block of 16 channels where there is one) and too
 * small by half and two kilobytes, as small tensors are rounded up. */
static void memory(struct setup *s, const struct nn_layer_type *type,
                   const struct nn_layer_sample *sample)
{
    const size_t kept = nn_bound_kept(&s->rig.bound.bound[0]), slack = 2048;
    const size_t said = nn_chain_kept(&s->rig.chain, s->rig.engine, 0, sample->batch);
    const size_t y = 16 * s->rig.n_y * sizeof(float), x = 16 * s->rig.n_x * sizeof(float);
    (void)type;
    cr_expect_leq(kept, said + said / 2 + slack, "%s: keeps %zu bytes, its need says %zu", s->name,
                  kept, said);
    cr_expect_leq(said, kept + y + x + slack, "%s: keeps %zu bytes, its need says %zu", s->name,
                  kept, said);
}

Test(layers, what_a_binding_keeps_is_what_its_need_says)
{
    each_sample(memory);
}
