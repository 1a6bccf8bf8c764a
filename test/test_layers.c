/* SPDX-License-Identifier: MIT
 *
 * The gradient checks on every kind of layer, one table: sizes that fill no
 * block, one pixel, one row, one column, one channel, one record, one lead. */
#include "checks.h"
#include "rig.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Layers that bend (ReLU, maximum) have a derivative, but Taylor's second term and
 * large differences step over the bends; linear ones have no remainder. */
enum curvature { LINEAR, SMOOTH, BENT };

static const struct row {
    struct ref_layer layer;
    struct nn_shape in; /* n: images a record */
    int batch;
    enum curvature curvature;
} rows[] = {
#define CONV(K, KERNEL, STRIDE, PAD, BIAS)                                                         \
    {                                                                                              \
        .kind = REF_KIND_CONV, .k = K, .kernel = KERNEL, .stride = STRIDE, .pad = PAD,             \
        .bias = BIAS                                                                               \
    }
    {CONV(1, 1, 1, 0, true), {1, 1, 1, 1}, 1, SMOOTH},
    {CONV(5, 3, 1, -1, true), {1, 1, 1, 9}, 2, SMOOTH},
    {CONV(17, 3, 1, -1, true), {1, 3, 17, 31}, 1, SMOOTH},
    {CONV(16, 3, 2, -1, false), {3, 16, 8, 9}, 2, SMOOTH},
    {CONV(9, 5, 1, -1, true), {1, 17, 7, 1}, 3, SMOOTH},
    {CONV(6, 2, 2, 0, true), {1, 4, 11, 10}, 2, SMOOTH},
    {CONV(7, 8, 8, 0, false), {2, 1, 17, 24}, 2, SMOOTH},
#define LSTM(K, KERNEL, BIAS, LAST)                                                                \
    {                                                                                              \
        .kind = REF_KIND_CONVLSTM, .k = K, .kernel = KERNEL, .bias = BIAS, .last_only = LAST       \
    }
#define NORMED(K, KERNEL, BIAS, LAST)                                                              \
    {                                                                                              \
        .kind = REF_KIND_CONVLSTM, .k = K, .kernel = KERNEL, .bias = BIAS, .last_only = LAST,      \
        .cell_norm = true                                                                          \
    }
    {LSTM(1, 1, true, true), {1, 1, 1, 1}, 1, SMOOTH},
    {LSTM(10, 3, true, true), {12, 1, 5, 7}, 2, SMOOTH},
    {LSTM(17, 3, true, false), {3, 3, 9, 5}, 1, SMOOTH},
    {LSTM(2, 5, false, false), {4, 2, 1, 7}, 3, SMOOTH},
    {LSTM(16, 3, true, true), {2, 16, 7, 1}, 2, SMOOTH},
    {LSTM(3, 3, true, true), {1, 1, 8, 33}, 1, SMOOTH},
    {NORMED(10, 3, true, true), {12, 1, 5, 7}, 2, SMOOTH},
    {NORMED(17, 3, true, false), {3, 3, 9, 5}, 1, SMOOTH},
    {NORMED(2, 5, false, false), {4, 2, 1, 7}, 3, SMOOTH},
    {NORMED(3, 3, true, true), {1, 1, 8, 33}, 1, SMOOTH},
#define DENSE(K, BIAS)                                                                             \
    {                                                                                              \
        .kind = REF_KIND_DENSE, .k = K, .bias = BIAS                                               \
    }
    {DENSE(1, true), {1, 1, 1, 1}, 1, SMOOTH},
    {DENSE(1, true), {1, 533, 1, 1}, 2, SMOOTH},
    {DENSE(17, false), {1, 31, 1, 1}, 5, SMOOTH},
#define NORM                                                                                       \
    {                                                                                              \
        .kind = REF_KIND_NORM                                                                      \
    }
    {NORM, {1, 1, 1, 5}, 1, SMOOTH},
    {NORM, {3, 17, 5, 7}, 2, SMOOTH},
    {NORM, {1, 16, 6, 1}, 3, SMOOTH},
    {NORM, {1, 5, 1, 1}, 4, SMOOTH},
#define RELU                                                                                       \
    {                                                                                              \
        .kind = REF_KIND_RELU                                                                      \
    }
    {RELU, {1, 1, 1, 1}, 1, BENT},
    {RELU, {2, 17, 5, 3}, 2, BENT},
#define POOL(KERNEL, STRIDE)                                                                       \
    {                                                                                              \
        .kind = REF_KIND_POOL, .kernel = KERNEL, .stride = STRIDE                                  \
    }
    {POOL(2, 2), {1, 1, 2, 2}, 1, BENT},
    {POOL(2, 2), {2, 17, 9, 7}, 2, BENT},
    {POOL(3, 2), {1, 16, 8, 13}, 1, BENT},
#define GLOBAL(MEAN, MAX)                                                                          \
    {                                                                                              \
        .kind = REF_KIND_GLOBAL, .mean = MEAN, .max = MAX                                          \
    }
    {GLOBAL(true, false), {1, 1, 1, 1}, 1, LINEAR},
    {GLOBAL(true, false), {12, 10, 5, 7}, 2, LINEAR},
    {GLOBAL(false, true), {3, 17, 7, 1}, 2, BENT},
    {GLOBAL(true, true), {2, 16, 1, 9}, 3, BENT},
#define FLATTEN                                                                                    \
    {                                                                                              \
        .kind = REF_KIND_FLATTEN                                                                   \
    }
    {FLATTEN, {1, 1, 1, 1}, 1, LINEAR},
    {FLATTEN, {3, 17, 5, 3}, 2, LINEAR},
#define DROPOUT(RATE)                                                                              \
    {                                                                                              \
        .kind = REF_KIND_DROPOUT, .rate = RATE                                                     \
    }
    {DROPOUT(0), {1, 1, 1, 1}, 1, LINEAR},
    {DROPOUT(0.4), {1, 333, 1, 1}, 3, LINEAR},
};

/* --- From a row to a layer, and to the same layer in double ------------------------------- */

static struct nn_layer *layer_of(const struct nn_store *store, const struct ref_layer *l,
                                 struct nn_shape in)
{
    switch (l->kind) {
    case REF_KIND_CONV: {
        struct nn_conv_options o = {l->k, l->kernel, l->stride, l->pad, l->bias};
        return nn_conv_new(store, "layer", in, &o);
    }
    case REF_KIND_CONVLSTM: {
        struct nn_convlstm_options o = {.hidden = l->k,
                                        .kernel = l->kernel,
                                        .bias = l->bias,
                                        .last_only = l->last_only,
                                        .norm = l->cell_norm};
        return nn_convlstm_new(store, "layer", in, &o);
    }
    case REF_KIND_DENSE:
        return nn_dense_new(store, "layer", in, &(struct nn_dense_options){l->k, l->bias});
    case REF_KIND_NORM:
        return nn_norm_new(store, "layer", in, &(struct nn_norm_options){0});
    case REF_KIND_RELU:
        return nn_relu_new(store, "layer", in);
    case REF_KIND_POOL:
        return nn_pool_new(store, "layer", in, &(struct nn_pool_options){l->kernel, l->stride});
    case REF_KIND_GLOBAL:
        return nn_global_new(store, "layer", in, &(struct nn_global_options){l->mean, l->max});
    case REF_KIND_FLATTEN:
        return nn_flatten_new(store, "layer", in);
    default:
        return nn_dropout_new(store, "layer", in, (float)l->rate);
    }
}

struct setup {
    struct rig rig;
    struct ref_net net;
    uint8_t *mask;
    float *x, *dy, *y, *dx;
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

static void open_row(struct setup *s, size_t i)
{
    const struct row *row = &rows[i];
    struct ref_layer layer = row->layer;
    *s = (struct setup){0};
    snprintf(layer.name, sizeof layer.name, "layer");
    snprintf(s->name, sizeof s->name, "row %zu (kind %d, %d x %d x %d x %d, batch %d)", i,
             (int)layer.kind, row->in.n, row->in.c, row->in.h, row->in.w, row->batch);
    rig_init(&s->rig, 2);
    rig_add(&s->rig, layer_of(&s->rig.store, &layer, row->in));
    rig_build(&s->rig, 1);
    rig_bind(&s->rig, row->batch, true);
    make_arrays(s);
    if (layer.kind == REF_KIND_NORM) /* not ones and zeros */
        check_fill_uniform(s->rig.params.value, s->rig.params.count, 3);
    if (layer.kind == REF_KIND_DROPOUT) see_mask(s);
    layer.mask = s->mask;
    s->net = (struct ref_net){.params = &s->rig.params,
                              .state = &s->rig.state,
                              .images = row->in.n,
                              .c = row->in.c,
                              .h = row->in.h,
                              .w = row->in.w};
    ref_net_add(&s->net, &layer);
    cr_assert_eq(ref_net_count(&s->net, row->batch), s->rig.n_y, "%s", s->name);
    rig_forward(&s->rig, s->x, s->y);
    rig_backward(&s->rig, s->dy, s->dx);
    s->subject = (struct check_subject){.net = &s->net,
                                        .batch = row->batch,
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

static void close_row(struct setup *s)
{
    free(s->x), free(s->dy), free(s->y), free(s->dx), free(s->mask);
    rig_clear(&s->rig);
}

static void each_row(void (*check)(struct setup *s, const struct row *row))
{
    for (size_t i = 0; i < LEADSEQ_COUNT(rows); i++) {
        struct setup s;
        open_row(&s, i);
        check(&s, &rows[i]);
        close_row(&s);
    }
}

/* --- The checks ------------------------------------------------------------------------------ */

static void reference(struct setup *s, const struct row *row)
{
    char where[96];
    double error = check_reference(&s->subject, where);
    (void)row;
    cr_expect_lt(error, 1e-4, "%s, %s: %g", s->name, where, error);
}

Test(layers, outputs_and_every_gradient_equal_double_precision)
{
    each_row(reference);
}

static void adjoint(struct setup *s, const struct row *row)
{
    double error = check_adjoint_map(&s->subject, 4);
    (void)row;
    cr_expect_lt(error, 1e-4, "%s: %g", s->name, error);
}

Test(layers, backward_is_the_adjoint_of_the_derivative_of_forward)
{
    each_row(adjoint);
}

/* What the first two checks would say of gradients that are off by a hundredth. */
static void off_by_a_hundredth(struct setup *s, const struct row *row)
{
    char where[96];
    struct leadseq_params *p = &s->rig.params;
    for (size_t i = 0; i < p->count; i++) p->gradient[i] *= 1.01f;
    for (size_t i = 0; i < s->rig.n_x; i++) s->dx[i] *= 1.01f;
    (void)row;
    cr_expect_gt(check_reference(&s->subject, where), 1e-4, "%s: reference", s->name);
    cr_expect_gt(check_adjoint_map(&s->subject, 4), 1e-4, "%s: adjoint", s->name);
}

Test(layers, gradients_off_by_a_hundredth_fail_both_checks_in_every_row)
{
    each_row(off_by_a_hundredth);
}

/* A step over a bend is an error as large as the slope, so bent layers take small ones. */
static void differences(struct setup *s, const struct row *row)
{
    double step = row->curvature == BENT ? 1e-4 : 1e-2;
    double error = check_own_differences(&s->subject, step, 25);
    cr_expect_lt(error, row->curvature == BENT ? 2e-2 : 4e-3, "%s: %g", s->name, error);
}

Test(layers, gradients_equal_central_differences)
{
    each_row(differences);
}

static void taylor(struct setup *s, const struct row *row)
{
    struct check_remainder r = check_taylor(&s->subject, row->layer.cell_norm ? 0.001 : 0.02, 5);
    const double rounding = 3e-4;
    if (row->curvature == LINEAR)
        cr_expect(r.at_h < rounding && r.at_half < rounding, "%s: %g, %g", s->name, r.at_h,
                  r.at_half);
    else if (row->curvature == SMOOTH && r.at_h > 10 * rounding)
        cr_expect(r.fall > 3, "%s: %g to %g falls by %g", s->name, r.at_h, r.at_half, r.fall);
}

Test(layers, taylors_remainder_falls_with_the_square_of_the_step)
{
    each_row(taylor);
}
