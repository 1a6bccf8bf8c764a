/* SPDX-License-Identifier: MIT
 *
 * Which parts of the probes run in which step. A preset is a share of the run's
 * time; a part's cost is estimated in training steps from shapes, never timed, so
 * that the same experiment is measured in the same steps on every machine. */
#include "probe_private.h"

/* Each part has its own share of the preset's, so that none eats another's. The sum of the shares
 * is 1, and what is planned is kept below what is promised by the same factor. */
static const double SHARE[DIAG_PARTS] = {0, 0.15, 0.15, 0.25, 0.15, 0.1, 0.1, 0.05, 0.05};
static const double ECONOMY = 0.018, STANDARD = 0.16;
/* A part may run ahead of its allowance by what so many steps will bring. */
static const double AHEAD_STEPS = 300;

/* Seconds on the processors this was measured on; only their ratios count. */
static const double FLOP_S = 1 / 100e9, STEP_S = 150e-6; /* a training step */
static const double PASS_S = 12e-9, ROW_S = 60e-6;       /* a parameter passed over; a row */
static const double PIXEL_S = 3e-9;                      /* a pixel copied or read */
static const double VALUE_S = 1.5e-9;                    /* a value of h, c, gates or theirs */

static double step_seconds(const struct leadseq_training *t)
{
    struct leadseq_work work = leadseq_model_work(t->model);
    return STEP_S + FLOP_S * t->e->train.batch * (work.forward + work.data + work.weights);
}

/* Values observers see in a step: h, c, four gates and as many derivatives. */
static double observed_values(const struct leadseq_model_spec *spec, int batch)
{
    double pixels = (double)spec->height * spec->width, values = 0;
    for (int i = 0; spec->stem == LEADSEQ_STEM_CONV && i < spec->n_stem; i++) pixels /= 4;
    for (int i = 0; i < spec->n_layers; i++) values += 12.0 * spec->hidden[i];
    return values * pixels * batch * spec->leads;
}

static void set_costs(struct diag_plan *p, const struct leadseq_training *t)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    double step = step_seconds(t), batch = t->e->train.batch;
    double count = (double)leadseq_model_params(t->model)->count;
    double passes = (ROW_S + PASS_S * count) / step, forward = 0.35 + ROW_S / step;
    double features = PASS_S * batch * (double)leadseq_model_features(t->model) / step;
    double images =
        PIXEL_S * batch * spec->leads * spec->channels * spec->height * spec->width / step;
    p->cost[DIAG_PASSES] = passes + features;
    p->cost[DIAG_MEASURED] = forward + features;
    p->cost[DIAG_OBSERVED] = (ROW_S + VALUE_S * observed_values(spec, t->e->train.batch)) / step;
    p->cost[DIAG_HALVES] = 1.2 + passes;
    p->cost[DIAG_LINE] = (DIAG_POINTS - 1) * forward + passes;
    p->cost[DIAG_INPUT] = 1.5 + images;
    p->cost[DIAG_ORDER] = diag_order_passes(t) * (forward + images);
    p->cost[DIAG_RECURRENCE] = diag_recurrence_seconds(t) / step;
}

/* The parts whose groups are on and apply. */
static uint32_t parts_of(const struct leadseq_training *t)
{
    static const enum leadseq_group group[DIAG_PARTS] = {
        LEADSEQ_GROUP_OUTPUT,     LEADSEQ_GROUPS,      LEADSEQ_GROUP_HEAD,
        LEADSEQ_GROUPS,           LEADSEQ_GROUP_STEP,  LEADSEQ_GROUP_STEP,
        LEADSEQ_GROUP_RECURRENCE, LEADSEQ_GROUP_INPUT, LEADSEQ_GROUP_INPUT};
    uint32_t parts = 0;
    for (int i = 0; i < DIAG_PARTS; i++)
        if (group[i] != LEADSEQ_GROUPS && !diag_absent(t, group[i])) parts |= UINT32_C(1) << i;
    if (!diag_absent(t, LEADSEQ_GROUP_HEAD) || !diag_absent(t, LEADSEQ_GROUP_PARAMETERS))
        parts |= UINT32_C(1) << DIAG_PASSES;
    if (!diag_absent(t, LEADSEQ_GROUP_FLOW) || !diag_absent(t, LEADSEQ_GROUP_GATES))
        parts |= UINT32_C(1) << DIAG_OBSERVED;
    // a second pass on one rank would have other statistics of batch norm
    if (t->ranks > 1 && leadseq_model_state(t->model)->count)
        parts &= ~(UINT32_C(1) << DIAG_MEASURED);
    return parts;
}

void diag_plan_init(struct diag_plan *p, const struct leadseq_training *t)
{
    *p = (struct diag_plan){.e = t->e, .total = t->total, .parts = parts_of(t)};
    set_costs(p, t);
}

/* first, every and growth of the experiment. */
static bool is_due(const struct leadseq_experiment *e, uint64_t step)
{
    if (step <= (uint64_t)e->diagnose.first) return true;
    if (e->diagnose.every && step % (uint64_t)e->diagnose.every == 0) return true;
    if (e->diagnose.growth <= 1) return false;
    double rung = 1;
    while (round(rung) < (double)step) rung *= e->diagnose.growth;
    return round(rung) == (double)step;
}

/* What the run's time up to here allows, and somewhat ahead; the first step is always measured
 * by what the verdict cannot do without. */
static bool is_allowed(const struct diag_plan *p, enum diag_part part)
{
    enum leadseq_probe_preset preset = p->e->diagnose.probes;
    if (preset == LEADSEQ_PROBES_FULL || part == DIAG_OUTPUT) return true;
    if (p->step == 1 && part <= DIAG_OBSERVED) return true;
    double left = (double)p->total - (double)p->step;
    double steps = (double)p->step + (left < AHEAD_STEPS ? left : AHEAD_STEPS);
    double budget = preset == LEADSEQ_PROBES_ECONOMY ? ECONOMY : STANDARD;
    return p->spent[part] + p->cost[part] <= budget * SHARE[part] * steps;
}

static uint32_t plan_next(struct diag_plan *p)
{
    uint32_t parts = p->parts & UINT32_C(1) << DIAG_OUTPUT;
    p->step++;
    if (!is_due(p->e, p->step)) return parts;
    for (int part = DIAG_OUTPUT + 1; part < DIAG_PARTS; part++) {
        if (!(p->parts >> part & 1) || !is_allowed(p, part)) continue;
        p->spent[part] += p->cost[part];
        parts |= UINT32_C(1) << part;
    }
    return parts;
}

uint32_t diag_plan_step(struct diag_plan *p, uint64_t step)
{
    uint32_t parts = 0;
    while (p->step < step) parts = plan_next(p);
    return parts;
}
