/* SPDX-License-Identifier: MIT
 *
 * A ConvLSTM against plain loops; see recurrent.h. */
#include "recurrent.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

void recurrent_build(struct rig *r, const struct recurrent *s,
                     const struct leadseq_engine_options *engine)
{
    rig_open(r, engine);
    struct nn_convlstm_options o = {
        .hidden = s->k, .kernel = s->kernel, .bias = s->bias, .last_only = s->last_only};
    rig_add(r, nn_convlstm_new(&r->store, "lstm", (struct nn_shape){s->t, s->c, s->h, s->w}, &o));
    rig_build(r, 1);
    r->without_dx = s->without_dx;
    rig_bind(r, s->n, true);
}

void recurrent_truth_init(struct recurrent_truth *u, struct rig *r, const struct recurrent *s,
                          const float *x, const float *dy)
{
    size_t T = (size_t)s->t;
    u->s = (struct ref_convlstm){s->t, s->n, s->c, s->h, s->w, s->k, s->kernel};
    u->n_w = r->params.slice[0].count;
    u->n_b = 4 * (size_t)s->k;
    u->n_h = (size_t)s->n * (size_t)s->k * (size_t)s->h * (size_t)s->w;
    u->x = ref_widen(x, r->n_x);
    u->w = ref_widen(rig_value(r, "lstm.weight"), u->n_w);
    u->b = s->bias ? ref_widen(rig_value(r, "lstm.bias"), u->n_b) : NULL;
    u->h = ref_zeros(T * u->n_h), u->c = ref_zeros(T * u->n_h);
    u->gates = ref_zeros(4 * T * u->n_h);
    u->dy = ref_zeros(T * u->n_h);
    u->d = (struct ref_convlstm_gradients){s->without_dx ? NULL : ref_zeros(r->n_x),
                                           ref_zeros(u->n_w),
                                           ref_zeros(u->n_b),
                                           ref_zeros(T * u->n_h),
                                           ref_zeros(T * u->n_h),
                                           ref_zeros(4 * T * u->n_h)};
    for (size_t i = 0; i < r->n_y; i++) u->dy[T * u->n_h - r->n_y + i] = (double)dy[i];
    ref_convlstm_forward(&u->s, u->x, u->w, u->b, u->h, u->c, u->gates);
    struct ref_convlstm_saved saved = {u->h, u->c, u->gates};
    ref_convlstm_backward(&u->s, u->x, u->w, &saved, u->dy, &u->d);
}

void recurrent_truth_clear(struct recurrent_truth *u)
{
    double *all[] = {u->x,    u->w,    u->b,    u->h,    u->c,    u->gates, u->dy,
                     u->d.dx, u->d.dw, u->d.db, u->d.dh, u->d.dc, u->d.da};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
}

static struct recurrent_errors differences(const struct recurrent_truth *u, struct rig *r,
                                           const float *y, const float *dx)
{
    size_t before = (size_t)u->s.t * u->n_h - r->n_y; /* with last_only */
    struct recurrent_errors e = {
        .y = ref_difference(y, u->h + before, r->n_y),
        .dw = ref_difference(rig_gradient(r, "lstm.weight"), u->d.dw, u->n_w)};
    if (dx) e.dx = ref_difference(dx, u->d.dx, r->n_x);
    if (u->b) e.db = ref_difference(rig_gradient(r, "lstm.bias"), u->d.db, u->n_b);
    return e;
}

struct recurrent_errors recurrent_measure(const struct recurrent *s,
                                          const struct leadseq_engine_options *engine)
{
    struct rig r;
    struct recurrent_truth u;
    recurrent_build(&r, s, engine);
    float *x = rig_random(r.n_x, 1), *dy = rig_random(r.n_y, 2), *y = rig_floats(r.n_y);
    float *dx = s->without_dx ? NULL : rig_floats(r.n_x), *evaluated = rig_floats(r.n_y);
    rig_forward(&r, x, y);
    rig_backward(&r, dy, dx);
    recurrent_truth_init(&u, &r, s, x, dy);
    struct recurrent_errors e = differences(&u, &r, y, dx);
    recurrent_truth_clear(&u);
    rig_bind(&r, s->n, false);
    rig_forward(&r, x, evaluated);
    e.evaluation_differs = memcmp(evaluated, y, r.n_y * sizeof *y) != 0;
    free(x), free(dy), free(y), free(dx), free(evaluated);
    rig_clear(&r);
    return e;
}

void recurrent_compare(const struct recurrent *s, const struct leadseq_engine_options *engine,
                       const char *name)
{
    struct recurrent_errors e = recurrent_measure(s, engine);
    cr_expect_lt(e.y, 1e-5, "y of %s: %g", name, e.y);
    cr_expect_lt(e.dx, 1e-5, "dx of %s: %g", name, e.dx);
    cr_expect_lt(e.dw, 1e-5, "dw of %s: %g", name, e.dw);
    cr_expect_lt(e.db, 1e-5, "db of %s: %g", name, e.db);
    cr_expect(!e.evaluation_differs, "evaluation of %s has other bits than training", name);
}
