/* SPDX-License-Identifier: MIT
 *
 * Reference, adjoint, differences, remainder; see checks.h. */
#include "checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The subject in double precision. */
struct wide {
    double *x, *dy, *params, *state, *y, *dx, *dparams;
};

static struct wide widen(const struct check_subject *s)
{
    const struct leadseq_params *state = s->net->state;
    size_t n = s->params->count, n_state = s->state && state ? state->count : 0;
    return (struct wide){.x = ref_widen(s->x, s->n_x),
                         .dy = ref_widen(s->dy, s->n_y),
                         .params = ref_widen(s->params->value, n),
                         .state = ref_widen(s->state, n_state),
                         .y = ref_zeros(s->n_y),
                         .dx = ref_zeros(s->n_x),
                         .dparams = ref_zeros(n)};
}

static void forget(struct wide *w)
{
    double *all[] = {w->x, w->dy, w->params, w->state, w->y, w->dx, w->dparams};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
}

static void run_in(const struct ref_net *net, const struct check_subject *s, struct wide *w,
                   bool training, bool backward)
{
    struct ref_net_pass p = {.batch = s->batch,
                             .training = training,
                             .x = w->x,
                             .params = w->params,
                             .state = w->state,
                             .dy = backward ? w->dy : NULL,
                             .y = w->y,
                             .dx = w->dx,
                             .dparams = w->dparams};
    ref_net_run(net, &p);
}

static void run(const struct check_subject *s, struct wide *w, bool backward)
{
    run_in(s->net, s, w, true, backward);
}

/* --- Reference ---------------------------------------------------------------------------- */

static double largest(const double *x, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
    return most;
}

struct worst {
    double error;
    char *where;
};

/* `least`: values below this scale are only rounding errors. */
static void note(struct worst *w, const char *name, const float *a, const double *b, size_t n,
                 double least)
{
    double scale = largest(b, n), error = ref_difference(a, b, n);
    if (scale < least) error *= fmax(scale, 1e-30) / least;
    if (error <= w->error) return;
    w->error = error;
    snprintf(w->where, 96, "%s", name);
}

double check_reference(const struct check_subject *s, char where[96])
{
    struct wide w = widen(s);
    struct worst worst = {.where = where};
    *where = '\0';
    run(s, &w, true);
    double least = 1e-3 * largest(w.dparams, s->params->count);
    note(&worst, "y", s->y, w.y, s->n_y, 0);
    if (s->dx) note(&worst, "dx", s->dx, w.dx, s->n_x, 0);
    for (size_t i = 0; i < s->params->n_slices; i++) {
        const struct leadseq_slice *slice = &s->params->slice[i];
        note(&worst, slice->name, s->params->gradient + slice->offset, w.dparams + slice->offset,
             slice->count, least);
    }
    forget(&w);
    return worst.error;
}

static double cosine(const double *a, const double *b, size_t n)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) ab += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
    return ab / fmax(sqrt(aa * bb), 1e-60);
}

struct check_rounding check_rounding(const struct check_subject *s, bool training)
{
    struct wide exact = widen(s), rounded = widen(s);
    struct ref_net net = *s->net;
    double most = 0;
    net.rounds = false;
    run_in(&net, s, &exact, training, true);
    net.rounds = true;
    run_in(&net, s, &rounded, training, true);
    for (size_t i = 0; i < s->n_y; i++) most = fmax(most, fabs(rounded.y[i] - exact.y[i]));
    const struct check_rounding found = {
        .y = most / fmax(largest(exact.y, s->n_y), 1e-30),
        .same = cosine(exact.dparams, rounded.dparams, s->params->count)};
    forget(&exact), forget(&rounded);
    return found;
}

/* --- Directions ----------------------------------------------------------------------------- */

/* One of x and parameters together, in which slices weigh alike; gaps stay zero. */
struct direction {
    float *x, *params;
};

static struct direction draw(const struct check_subject *s, uint64_t seed)
{
    size_t n = s->params->count;
    struct direction v = {calloc(s->n_x, sizeof *v.x), calloc(n ? n : 1, sizeof *v.params)};
    if (!v.x || !v.params) abort();
    if (s->dx) check_fill_normal(v.x, s->n_x, 1, seed);
    for (size_t i = 0; i < s->params->n_slices; i++) {
        const struct leadseq_slice *slice = &s->params->slice[i];
        check_fill_normal(v.params + slice->offset, slice->count, 1, seed + 100 + i);
    }
    return v;
}

static void drop(struct direction *v)
{
    free(v->x), free(v->params);
}

static double along(const struct check_subject *s, const struct direction *v)
{
    double sum = check_dot(s->params->gradient, v->params, s->params->count);
    return s->dx ? sum + check_dot(s->dx, v->x, s->n_x) : sum;
}

static double norm_of_gradient(const struct check_subject *s)
{
    double sum = check_dot(s->params->gradient, s->params->gradient, s->params->count);
    if (s->dx) sum += check_dot(s->dx, s->dx, s->n_x);
    return fmax(sqrt(sum), 1e-30);
}

static double reference_loss(const struct check_subject *s, const struct direction *v, double h)
{
    struct wide w = widen(s);
    double loss = 0;
    for (size_t i = 0; i < s->n_x; i++) w.x[i] += h * (double)v->x[i];
    for (size_t i = 0; i < s->params->count; i++) w.params[i] += h * (double)v->params[i];
    run(s, &w, false);
    for (size_t i = 0; i < s->n_y; i++) loss += w.dy[i] * w.y[i];
    forget(&w);
    return loss;
}

double check_adjoint_map(const struct check_subject *s, uint64_t seed)
{
    const double h = 1e-8;
    struct direction v = draw(s, seed);
    double jv = (reference_loss(s, &v, h) - reference_loss(s, &v, -h)) / (2 * h);
    double error = fabs(jv - along(s, &v)) / norm_of_gradient(s);
    drop(&v);
    return error;
}

/* --- The code's own loss --------------------------------------------------------------------- */

double check_own_differences(const struct check_subject *s, double step, size_t most)
{
    struct check_function f = {.loss = s->loss,
                               .user = s->user,
                               .value = s->params->value,
                               .gradient = s->params->gradient,
                               .count = s->params->count,
                               .step = step};
    double worst = f.count ? check_differences(&f, most) : 0;
    if (!s->dx) return worst;
    f.value = s->x, f.gradient = s->dx, f.count = s->n_x;
    return fmax(worst, check_differences(&f, most));
}

static void move(float *to, const float *from, const float *v, size_t n, double h)
{
    for (size_t i = 0; i < n; i++) to[i] = (float)((double)from[i] + h * (double)v[i]);
}

static double own_loss(const struct check_subject *s, const struct direction *from,
                       const struct direction *v, double h)
{
    move(s->x, from->x, v->x, s->n_x, h);
    move(s->params->value, from->params, v->params, s->params->count, h);
    return s->loss(s->user);
}

struct check_remainder check_taylor(const struct check_subject *s, double h, uint64_t seed)
{
    struct direction v = draw(s, seed), at = draw(s, seed); /* at: memory for where we are */
    memcpy(at.x, s->x, s->n_x * sizeof *at.x);
    memcpy(at.params, s->params->value, s->params->count * sizeof *at.params);
    double slope = along(s, &v), unit = norm_of_gradient(s) * h;
    double here = own_loss(s, &at, &v, 0);
    double whole = fabs(own_loss(s, &at, &v, h) - here - h * slope);
    double half = fabs(own_loss(s, &at, &v, h / 2) - here - h / 2 * slope);
    (void)own_loss(s, &at, &v, 0);
    drop(&v), drop(&at);
    return (struct check_remainder){whole / unit, half / unit, whole / fmax(half, 1e-30)};
}
