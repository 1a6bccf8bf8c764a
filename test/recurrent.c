/* SPDX-License-Identifier: MIT
 *
 * A ConvLSTM against plain loops; see recurrent.h. */
#include "recurrent.h"
#include "gradient.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void recurrent_build(struct rig *r, const struct recurrent *s, const struct recurrent_way *way)
{
    rig_open(r, &(struct leadseq_engine_options){
                    .threads = way->threads, .precision = way->precision, .memory = way->memory});
    r->engine->compose = way->compose;
    struct nn_convlstm_options o = {.hidden = s->k,
                                    .kernel = s->kernel,
                                    .bias = s->bias,
                                    .last_only = s->last_only,
                                    .norm = s->norm};
    rig_add(r, nn_convlstm_new(&r->store, "lstm", (struct nn_shape){s->t, s->c, s->h, s->w}, &o));
    rig_build(r, 1);
    if (s->norm) {
        check_fill_uniform(rig_value(r, "lstm.norm_weight"), 4 * (size_t)s->k, 11);
        check_fill_uniform(rig_value(r, "lstm.norm_bias"), 4 * (size_t)s->k, 12);
    }
    r->without_dx = s->without_dx;
    rig_bind(r, s->n, true);
}

void recurrent_truth_init(struct recurrent_truth *u, struct rig *r, const struct recurrent *s,
                          const float *x, const float *dy)
{
    size_t T = (size_t)s->t;
    u->n_w = r->params.slice[0].count;
    u->n_b = 4 * (size_t)s->k;
    u->gain = s->norm ? ref_widen(rig_value(r, "lstm.norm_weight"), u->n_b) : NULL;
    u->shift = s->norm ? ref_widen(rig_value(r, "lstm.norm_bias"), u->n_b) : NULL;
    u->s = (struct ref_convlstm){s->t, s->n, s->c, s->h, s->w, s->k, s->kernel, u->gain, u->shift};
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
                                           ref_zeros(4 * T * u->n_h),
                                           ref_zeros(u->n_b),
                                           ref_zeros(u->n_b)};
    for (size_t i = 0; i < r->n_y; i++) u->dy[T * u->n_h - r->n_y + i] = (double)dy[i];
    ref_convlstm_forward(&u->s, u->x, u->w, u->b, u->h, u->c, u->gates);
    struct ref_convlstm_saved saved = {u->h, u->c, u->gates, u->b};
    ref_convlstm_backward(&u->s, u->x, u->w, &saved, u->dy, &u->d);
}

void recurrent_truth_clear(struct recurrent_truth *u)
{
    double *all[] = {u->x,    u->w,    u->b,       u->h,        u->c,    u->gates,
                     u->dy,   u->gain, u->d.dx,    u->d.dw,     u->d.db, u->d.dh,
                     u->d.dc, u->d.da, u->d.dgain, u->d.dshift, u->shift};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
}

struct run { /* of a layer in one way */
    struct rig rig;
    float *x, *dy, *y, *dx, *evaluated;
};

static void run_init(struct run *r, const struct recurrent *s, const struct recurrent_way *way)
{
    recurrent_build(&r->rig, s, way);
    r->x = rig_random(r->rig.n_x, 1), r->dy = rig_random(r->rig.n_y, 2);
    r->y = rig_floats(r->rig.n_y), r->evaluated = rig_floats(r->rig.n_y);
    r->dx = s->without_dx ? NULL : rig_floats(r->rig.n_x);
    rig_forward(&r->rig, r->x, r->y);
    rig_backward(&r->rig, r->dy, r->dx);
}

static void run_clear(struct run *r)
{
    free(r->x), free(r->dy), free(r->y), free(r->dx), free(r->evaluated);
    rig_clear(&r->rig);
}

static void expect(double error, const char *what, const struct recurrent *s,
                   const struct recurrent_way *way)
{
    cr_expect_lt(error, way->bound,
                 "%s is off by %g: hidden %d, inputs %d, %d x %d, kernel %d, leads %d, batch %d, "
                 "%s, %s, %s, %s, %d threads",
                 what, error, s->k, s->c, s->h, s->w, s->kernel, s->t, s->n,
                 s->last_only ? "last h" : "every h", s->without_dx ? "without dx" : "with dx",
                 s->norm ? "layer norm" : "no norm", way->name, way->threads);
}

static void judge(struct run *r, const struct recurrent_truth *u, const struct recurrent *s,
                  const struct recurrent_way *way)
{
    struct rig *rig = &r->rig;
    const double *h = u->h + (size_t)u->s.t * u->n_h - rig->n_y; /* the last of it, or all */
    expect(ref_difference(r->y, h, rig->n_y), "y", s, way);
    expect(ref_difference(rig_gradient(rig, "lstm.weight"), u->d.dw, u->n_w), "dw", s, way);
    if (r->dx) expect(ref_difference(r->dx, u->d.dx, rig->n_x), "dx", s, way);
    if (u->b) expect(ref_difference(rig_gradient(rig, "lstm.bias"), u->d.db, u->n_b), "db", s, way);
    if (s->norm) {
        expect(ref_difference(rig_gradient(rig, "lstm.norm_weight"), u->d.dgain, u->n_b), "dgain",
               s, way);
        expect(ref_difference(rig_gradient(rig, "lstm.norm_bias"), u->d.dshift, u->n_b), "dshift",
               s, way);
    }
    rig_bind(rig, s->n, false);
    rig_forward(rig, r->x, r->evaluated);
    expect(ref_difference(r->evaluated, h, rig->n_y), "y in evaluation", s, way);
    /* blocks of 16 are there for Winograd's algorithm, which training plans for groups of images */
    if (!strcmp(nn_tensor_layout(nn_chain_y(&rig->bound)), "nChw16c")) return;
    bool same = !memcmp(r->evaluated, r->y, rig->n_y * sizeof *r->y);
    expect(same ? 0 : INFINITY, "evaluation, which has other bits than training,", s, way);
}

void recurrent_compare(const struct recurrent *s, const struct recurrent_way *ways, int n_ways)
{
    struct recurrent_truth u;
    for (int i = 0; i < n_ways; i++) {
        struct run r;
        run_init(&r, s, &ways[i]);
        if (i == 0) recurrent_truth_init(&u, &r.rig, s, r.x, r.dy); /* the same for all */
        judge(&r, &u, s, &ways[i]);
        run_clear(&r);
    }
    recurrent_truth_clear(&u);
}
