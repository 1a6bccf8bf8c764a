/* SPDX-License-Identifier: MIT
 *
 * Factors per lead on series whose answer is known, the ends of Arnoldi's
 * iteration, and the plan of probes. */
#include "probe/arnoldi.h"
#include "probe/file.h"

#include <criterion/criterion.h>

Test(flow, a_geometric_series_gives_its_factor_without_error)
{
    double y[12], factor, error;
    for (int t = 0; t < 12; t++) y[t] = 1e-4 * pow(1 / 0.6, t); // grows towards the last lead
    probe_flow_factor(y, 12, &factor, &error);
    cr_assert_float_eq(factor, 0.6, 1e-12);
    cr_assert_lt(error, 1e-12);
    for (int t = 0; t < 12; t++) y[t] = pow(1.3, -t);
    probe_flow_factor(y, 12, &factor, &error);
    cr_assert_float_eq(factor, 1.3, 1e-12);
}

/* log y = 0 1 1 2 3: slope .7, residual sum .3, se(b) = sqrt(.3/3/10) = .1 by hand. */
Test(flow, the_standard_error_is_that_of_the_regression)
{
    const double y[] = {1, exp(1), exp(1), exp(2), exp(3)};
    double factor, error;
    probe_flow_factor(y, 5, &factor, &error);
    cr_assert_float_eq(factor, exp(-0.7), 1e-12);
    cr_assert_float_eq(error, exp(-0.7) * 0.1, 1e-12);
}

Test(flow, zeros_and_what_is_not_finite_are_left_out_and_too_few_give_nan)
{
    const double dead[] = {0, 0, 0}, one[] = {0, 2, NAN}, two[] = {0, 4, 2, INFINITY};
    double factor, error;
    probe_flow_factor(dead, 3, &factor, &error);
    cr_assert(isnan(factor) && isnan(error));
    probe_flow_factor(one, 3, &factor, &error);
    cr_assert(isnan(factor) && isnan(error));
    probe_flow_factor(two, 4, &factor, &error);
    cr_assert_float_eq(factor, 2, 1e-12);
    cr_assert(isnan(error));
}

/* (0 -2; 2 0) turns by a right angle and doubles: eigenvalues ±2i. */
Test(flow, the_largest_eigenvalue_may_be_complex)
{
    const double h[] = {0, -2, 2, 0, 0, 0.5};
    struct probe_ritz ritz;
    cr_assert_eq(probe_ritz(h, 2, 2, &ritz), 0);
    cr_assert_float_eq(ritz.radius, 2, 1e-12);
    cr_assert_float_eq(ritz.residual, 0.5 * sqrt(0.5) / 2, 1e-12);
    cr_assert_float_eq(ritz.error, ritz.residual, 1e-6, "a normal matrix");
    const double broken[] = {0, NAN, 2, 0, 0, 0.5};
    cr_assert_eq(probe_ritz(broken, 2, 2, &ritz), 0);
    cr_assert(isnan(ritz.radius) && isnan(ritz.residual) && isnan(ritz.error));
}

/* A plan by hand: an output measured in every step, and nine works of the same cost, whose shares
 * add up to 1. */
enum { WORKS = 9 };
static const double share[WORKS] = {.1, .1, .1, .1, .1, .1, .1, .15, .15};
static struct probe_work work[WORKS], every_step = {.name = "output"};

static struct probe_plan plan_of(struct leadseq_experiment *e, enum leadseq_probe_preset preset,
                                 uint64_t total, double cost)
{
    leadseq_experiment_default(e);
    e->diagnose.probes = preset;
    struct probe_plan p = {.e = e, .total = total, .n = WORKS + 1};
    p.row[0].work = &every_step;
    for (int i = 0; i < WORKS; i++) {
        work[i] = (struct probe_work){.share = share[i], .first = i == 0};
        p.row[i + 1].work = &work[i];
        p.row[i + 1].cost = cost;
    }
    return p;
}

Test(flow, a_preset_is_kept_for_every_length_of_a_run)
{
    static const struct {
        enum leadseq_probe_preset preset;
        double most;
    } presets[] = {{LEADSEQ_PROBES_ECONOMY, 0.03}, {LEADSEQ_PROBES_STANDARD, 0.25}};
    for (size_t i = 0; i < LEADSEQ_COUNT(presets); i++)
        for (uint64_t total = 200; total <= 200000; total *= 10) {
            struct leadseq_experiment e;
            struct probe_plan p = plan_of(&e, presets[i].preset, total, 0.9);
            e.diagnose.every = 1;
            probe_plan_step(&p, total);
            double spent = 0;
            for (size_t k = 0; k < p.n; k++) spent += p.row[k].spent;
            cr_assert_leq(spent, presets[i].most * (double)total);
            cr_assert_geq(p.row[1].spent, 0.9, "the first step is measured");
        }
}

Test(flow, the_plan_depends_on_the_step_alone_and_not_on_which_were_asked_for)
{
    struct leadseq_experiment e;
    struct probe_plan whole = plan_of(&e, LEADSEQ_PROBES_ECONOMY, 5000, 0.7);
    uint32_t parts[5001];
    for (uint64_t step = 1; step <= 5000; step++) parts[step] = probe_plan_step(&whole, step);
    for (uint64_t from = 1; from <= 5000; from += 617) {
        struct probe_plan late = plan_of(&e, LEADSEQ_PROBES_ECONOMY, 5000, 0.7);
        probe_plan_step(&late, from - 1);
        for (uint64_t step = from; step <= 5000; step++)
            cr_assert_eq(probe_plan_step(&late, step), parts[step]);
    }
}

Test(flow, the_first_steps_every_kth_and_a_growing_ladder_are_due)
{
    struct leadseq_experiment e;
    struct probe_plan p = plan_of(&e, LEADSEQ_PROBES_FULL, 1000, 1);
    e.diagnose.first = 3;
    e.diagnose.every = 100;
    e.diagnose.growth = 2.5; // 1 2.5 6.25 15.6 39.1 97.7
    static const uint64_t due[] = {1, 2, 3, 6, 16, 39, 98, 100, 200};
    size_t k = 0;
    for (uint64_t step = 1; step <= 200; step++) {
        bool all = probe_plan_step(&p, step) == probe_plan_all(&p);
        cr_assert_eq(all, k < LEADSEQ_COUNT(due) && due[k] == step, "step %d", (int)step);
        k += all;
    }
    e.diagnose.first = e.diagnose.every = 0;
    e.diagnose.growth = 0;
    for (uint64_t step = 201; step <= 300; step++)
        cr_assert_eq(probe_plan_step(&p, step), probe_plan_bit(&p, &every_step));
}

/* The table itself: names are unique, what a type measures is described, and the shares of all
 * works that are planned add up to what the presets promise. */
Test(flow, the_table_of_probes_is_whole)
{
    const struct probe_work *seen[PROBE_WORKS_MOST] = {NULL};
    size_t n = 0;
    double shares = 0;
    for (size_t i = 0; i < probe_n_types; i++) {
        const struct leadseq_probe_type *type = probe_types[i];
        for (size_t k = 0; k < i; k++) cr_assert(strcmp(type->name, probe_types[k]->name));
        cr_assert(type->n_quantities && type->n_works);
        for (size_t k = 0; k < type->n_quantities; k++)
            cr_assert(strchr(type->quantity[k].name, '/') && *type->quantity[k].unit &&
                          *type->quantity[k].meaning,
                      "%s", type->quantity[k].name);
        for (size_t k = 0; k < type->n_works; k++) {
            bool known = false;
            for (size_t j = 0; j < n; j++) known |= seen[j] == type->work[k];
            if (known) continue;
            seen[n++] = type->work[k];
            shares += type->work[k]->share;
        }
    }
    /* What is shipped adds up to 1; a type that is added may ask for a little of its own. */
    cr_assert(shares > 1 - 1e-12 && shares < 1.5, "the shares of all works add up to %g", shares);
    size_t count = 0;
    while (leadseq_quantity(count)) count++;
    cr_assert_geq(count, 98);
}
