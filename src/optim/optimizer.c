/* SPDX-License-Identifier: MIT
 *
 * An optimiser of any type over the flat block: its moments, a step, and the step before it is
 * taken. What the step does to one slice is the type's; decay reaches weights only. */
#include "optim.h"

#include <stdlib.h>
#include <string.h>

size_t leadseq_optimizer_moments(const struct leadseq_optimizer_type *type)
{
    size_t n = 0;
    while (type->moments[n]) n++;
    return n;
}

int leadseq_optimizer_init(struct leadseq_optimizer *o, const struct leadseq_optim *how,
                           size_t count)
{
    *o = (struct leadseq_optimizer){.how = *how, .count = count};
    for (int i = 0; i < LEADSEQ_PARAMETER_GROUPS_MOST; i++) o->share[i] = 1;
    for (size_t i = 0; how->optimizer->moments[i]; i++) {
        o->moment[i] = leadseq_calloc(count, sizeof *o->moment[i]);
        if (o->moment[i]) continue;
        leadseq_optimizer_clear(o);
        return -1;
    }
    return 0;
}

void leadseq_optimizer_clear(struct leadseq_optimizer *o)
{
    if (!o) return;
    for (int i = 0; i < LEADSEQ_MOMENTS_MOST; i++) free(o->moment[i]);
    *o = (struct leadseq_optimizer){0};
}

void leadseq_optimizer_restart(struct leadseq_optimizer *o)
{
    for (int i = 0; i < LEADSEQ_MOMENTS_MOST; i++)
        if (o->moment[i]) memset(o->moment[i], 0, o->count * sizeof *o->moment[i]);
    o->step = 0;
}

bool leadseq_optimizer_moves(const struct leadseq_optimizer *o, const struct leadseq_slice *s)
{
    return (!o->frozen || s->group >= o->last || s->norm) && o->share[s->group] > 0;
}

void leadseq_optimizer_mask(const struct leadseq_optimizer *o, struct leadseq_params *params)
{
    for (size_t i = 0; i < params->n_slices; i++) {
        const struct leadseq_slice *s = &params->slice[i];
        if (!leadseq_optimizer_moves(o, s))
            memset(params->gradient + s->offset, 0, s->count * sizeof *params->gradient);
    }
}

static struct leadseq_update update_of(const struct leadseq_optimizer *o,
                                       const struct leadseq_params *params,
                                       const struct leadseq_slice *s)
{
    struct leadseq_update u = {
        .value = params->value + s->offset,
        .gradient = params->gradient + s->offset,
        .count = s->count,
        .decays = s->decays,
    };
    for (size_t i = 0; o->how.optimizer->moments[i]; i++) u.moment[i] = o->moment[i] + s->offset;
    return u;
}

void leadseq_optimizer_step(struct leadseq_optimizer *o, struct leadseq_params *params, double lr,
                            double momentum)
{
    o->step++;
    for (size_t i = 0; i < params->n_slices; i++) {
        const struct leadseq_slice *s = &params->slice[i];
        if (!leadseq_optimizer_moves(o, s)) continue;
        struct leadseq_update u = update_of(o, params, s);
        u.lr = lr * o->share[s->group];
        u.momentum = momentum;
        u.step = o->step;
        o->how.optimizer->step(&o->how, &u);
    }
}

int leadseq_optimizer_preview(const struct leadseq_optimizer *o,
                              const struct leadseq_params *params, size_t slice, double lr,
                              double momentum, float *delta)
{
    const struct leadseq_slice *s = &params->slice[slice];
    size_t n = s->count, moments = leadseq_optimizer_moments(o->how.optimizer);
    struct leadseq_update u = update_of(o, params, s);
    const float *value = u.value;
    if (!leadseq_optimizer_moves(o, s)) {
        memset(delta, 0, n * sizeof *delta);
        return 0;
    }
    float *copy = leadseq_calloc(n, (1 + moments) * sizeof *copy);
    if (!copy) return -1;
    u.value = memcpy(copy, value, n * sizeof *copy);
    for (size_t i = 0; i < moments; i++)
        u.moment[i] = memcpy(copy + (i + 1) * n, u.moment[i], n * sizeof *copy);
    u.lr = lr * o->share[s->group];
    u.momentum = momentum;
    u.step = o->step + 1;
    o->how.optimizer->step(&o->how, &u);
    for (size_t i = 0; i < n; i++) delta[i] = copy[i] - value[i];
    free(copy);
    return 0;
}
