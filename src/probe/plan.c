/* SPDX-License-Identifier: MIT
 *
 * Which work of the probes is done in which step. A preset is a share of the run's
 * time; what a work costs is estimated in training steps from shapes, never timed,
 * so that the same experiment is measured in the same steps on every machine.
 *
 * An example: economy plans 1.3 % of the time. Observing the recurrent steps has a
 * quarter of that, 0.325 %, so that after 1,000 steps (and 300 ahead) it may have cost
 * 1300 * 0.00325 = 4.2 steps. If one observation costs 0.9 of a step, four of them
 * fit; the fifth waits until the allowance has grown to 4.5, at step 1,085. */
#include "file.h"

/* What is planned; the presets promise 3 % and 25 %. */
static const double ECONOMY = 0.013, STANDARD = 0.16;
/* A work may run ahead of its allowance by what this many steps will bring. */
static const double AHEAD_STEPS = 300;

/* Seconds on the processors this was measured on; only their ratios count. */
static const double FLOP_S = 1 / 100e9, STEP_S = 150e-6;

static struct probe_prices prices_of(const struct leadseq_training *t)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    struct leadseq_work work = leadseq_model_work(t->model);
    double batch = t->e->train.batch, count = (double)leadseq_model_params(t->model)->count;
    double step = STEP_S + FLOP_S * t->e->train.batch * (work.forward + work.data + work.weights);
    return (struct probe_prices){
        .step_s = step,
        .passes = (PROBE_ROW_S + PROBE_PASS_S * count) / step,
        .forward = 0.35 + PROBE_ROW_S / step,
        .features = PROBE_PASS_S * batch * (double)leadseq_model_features(t->model) / step,
        .images = PROBE_PIXEL_S * batch * spec->leads * spec->channels * spec->height *
                  spec->width / step,
    };
}

void probe_plan_init(struct probe_plan *plan, const struct leadseq_training *t)
{
    *plan = (struct probe_plan){.e = t->e, .total = t->total};
}

/* Works of the type that the plan does not have yet. Several types may name the same work; it has
 * one row, so its cost is counted once and it is done for all of them in the same steps. */
void probe_plan_add(struct probe_plan *plan, const struct leadseq_probe_type *type,
                    const struct leadseq_training *t)
{
    const struct probe_prices in = prices_of(t);
    for (size_t i = 0; i < type->n_works; i++) {
        const struct probe_work *work = type->work[i];
        if (probe_plan_bit(plan, work) || plan->n == PROBE_WORKS_MOST) continue;
        if (work->possible && !work->possible(t)) continue;
        plan->row[plan->n].cost = work->cost ? work->cost(t, &in) : 0;
        plan->row[plan->n].spent = 0;
        plan->row[plan->n++].work = work;
    }
}

uint32_t probe_plan_all(const struct probe_plan *plan)
{
    return (uint32_t)((UINT64_C(1) << plan->n) - 1);
}

uint32_t probe_plan_bit(const struct probe_plan *plan, const struct probe_work *work)
{
    for (size_t i = 0; i < plan->n; i++)
        if (plan->row[i].work == work) return UINT32_C(1) << i;
    return 0;
}

uint32_t probe_plan_on_failure(const struct probe_plan *plan)
{
    uint32_t works = 0;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->row[i].work->on_failure) works |= UINT32_C(1) << i;
    return works;
}

/* diagnose.first, every and growth. */
static bool is_due(const struct leadseq_experiment *e, uint64_t step)
{
    if (step <= (uint64_t)e->diagnose.first) return true;
    if (e->diagnose.every && step % (uint64_t)e->diagnose.every == 0) return true;
    if (e->diagnose.growth <= 1) return false;
    double rung = 1; // growth 1.5: steps 1, 2 (1.5), 2 (2.25), 3 (3.4), 5 (5.1), 8 (7.6), ...
    while (round(rung) < (double)step) rung *= e->diagnose.growth;
    return round(rung) == (double)step;
}

/* Whether what the row has cost so far, with this step, stays below its share of the time of the
 * steps up to here, and of at most AHEAD_STEPS ahead. */
static bool is_allowed(const struct probe_plan *plan, size_t row)
{
    const struct probe_work *work = plan->row[row].work;
    enum leadseq_probe_preset preset = plan->e->diagnose.probes;
    if (preset == LEADSEQ_PROBES_FULL) return true;
    if (plan->step == 1 && work->first) return true;
    double left = (double)plan->total - (double)plan->step;
    double steps = (double)plan->step + (left < AHEAD_STEPS ? left : AHEAD_STEPS);
    double budget = preset == LEADSEQ_PROBES_ECONOMY ? ECONOMY : STANDARD;
    return plan->row[row].spent + plan->row[row].cost <= budget * work->share * steps;
}

/* The works of the next step, as bits. A work without a share is done in every step and does not
 * wait until it is due; all others must be both due and affordable. */
static uint32_t plan_next(struct probe_plan *plan)
{
    uint32_t works = 0;
    plan->step++;
    bool due = is_due(plan->e, plan->step);
    for (size_t i = 0; i < plan->n; i++) {
        if (plan->row[i].work->share > 0) {
            if (!due || !is_allowed(plan, i)) continue;
            plan->row[i].spent += plan->row[i].cost;
        }
        works |= UINT32_C(1) << i;
    }
    return works;
}

uint32_t probe_plan_step(struct probe_plan *plan, uint64_t step)
{
    uint32_t works = 0;
    while (plan->step < step) works = plan_next(plan);
    return works;
}
