/* SPDX-License-Identifier: MIT */
#include "optim/optim.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "optim_options.h"

static struct leadseq_optim one_cycle(const char *optimizer)
{
    struct leadseq_optim how = optim_of(optimizer, "one-cycle");
    how.lr = 3e-3;
    return how;
}

static struct leadseq_rate rate_at(const struct leadseq_optim *how, uint64_t step,
                                   uint64_t epoch_steps, uint64_t total)
{
    return leadseq_rate_at(how, &(struct leadseq_training_place){step, epoch_steps, total, false});
}

Test(schedule, constant_stays_and_leaves_the_momentum_alone)
{
    struct leadseq_optim e = one_cycle("adam");
    optim_schedule(&e, "constant");
    for (uint64_t step = 0; step < 100; step++) {
        struct leadseq_rate rate = rate_at(&e, step, 10, 100);
        cr_assert_eq(rate.lr, 3e-3);
        cr_assert_eq(rate.momentum, 0.9);
    }
}

Test(schedule, warm_up_rises_in_equal_parts_and_then_stays)
{
    struct leadseq_optim e = one_cycle("adam");
    optim_schedule(&e, "constant");
    e.warmup = 4;
    static const double expected[] = {0.25, 0.5, 0.75, 1, 1, 1};
    for (uint64_t step = 0; step < LEADSEQ_COUNT(expected); step++)
        cr_assert_float_eq(rate_at(&e, step, 10, 100).lr, expected[step] * 3e-3, 1e-15);
}

Test(schedule, every_schedule_warms_up_to_the_same_rate_at_the_same_step)
{
    struct leadseq_optim e = one_cycle("adam");
    e.warmup = 10;
    for (size_t k = 0; leadseq_schedule_at(k); k++) {
        optim_schedule(&e, leadseq_schedule_name(k));
        cr_assert_float_eq(rate_at(&e, 9, 50, 100).lr, 3e-3, 1e-15, "%s", e.schedule->name);
        for (uint64_t step = 1; step < 10; step++)
            cr_assert(rate_at(&e, step, 50, 100).lr > rate_at(&e, step - 1, 50, 100).lr,
                      "%s, step %d", e.schedule->name, (int)step);
    }
}

/* StepLR(step_size=2, gamma=.3), stepped once an epoch of 7 steps. */
Test(schedule, step_falls_every_so_many_epochs_and_not_below_its_floor)
{
    struct leadseq_optim e = one_cycle("sgd");
    optim_schedule(&e, "step");
    optim_set(&e, "train.step_size", "2");
    optim_set(&e, "train.gamma", "0.3");
    for (uint64_t step = 0; step < 70; step++) {
        double expected = 3e-3;
        for (uint64_t epoch = 2; epoch <= step / 7; epoch += 2) expected *= 0.3;
        cr_assert_float_eq(rate_at(&e, step, 7, 70).lr, expected, 1e-15, "step %d", (int)step);
    }
    optim_set(&e, "train.min_lr", "1e-4");
    cr_assert_eq(rate_at(&e, 69, 7, 70).lr, 1e-4);
    cr_assert_eq(rate_at(&e, 0, 7, 70).lr, 3e-3);
}

/* Printed by torch 1.13: CosineAnnealingLR(T_max=40, eta_min=1e-4), lr 3e-3. */
Test(schedule, cosine_has_torchs_values)
{
    static const struct {
        uint64_t step;
        double lr;
    } expected[] = {
        {0, 0.0030000000000000001},
        {1, 0.0029955301339130358},
        {7, 0.0027863282383134339},
        {20, 0.0015499999999999997},
        {33, 0.00031367176168656626},
        {39, 0.00010446986608696445},
        {40, 0.0001},
    };
    struct leadseq_optim e = one_cycle("adam");
    optim_schedule(&e, "cosine");
    optim_set(&e, "train.min_lr", "1e-4");
    for (size_t i = 0; i < LEADSEQ_COUNT(expected); i++) {
        e.warmup = 0;
        cr_assert_float_eq(rate_at(&e, expected[i].step, 10, 40).lr, expected[i].lr, 1e-16);
        e.warmup = 13; // the same after the rise
        cr_assert_float_eq(rate_at(&e, expected[i].step + 13, 10, 53).lr, expected[i].lr, 1e-16);
    }
    cr_assert_eq(rate_at(&e, 99, 10, 53).lr, 1e-4); // past its end it stays there
}

/* OneCycleLR(max_lr=3e-3, total_steps=100): a peak at step .3·100 - 1 = 29. */
Test(schedule, one_cycle_begins_at_a_25th_peaks_and_ends_at_a_250000th)
{
    struct leadseq_optim e = one_cycle("adamw");
    struct leadseq_rate first = rate_at(&e, 0, 10, 100), peak = rate_at(&e, 29, 10, 100),
                        last = rate_at(&e, 99, 10, 100);
    cr_assert_float_eq(first.lr, 3e-3 / 25, 1e-15);
    cr_assert_float_eq(peak.lr, 3e-3, 1e-15);
    cr_assert_float_eq(last.lr, 3e-3 / 25 / 1e4, 1e-15);
    cr_assert_float_eq(first.momentum, 0.95, 1e-12);
    cr_assert_float_eq(peak.momentum, 0.85, 1e-12);
    cr_assert_float_eq(last.momentum, 0.95, 1e-12);
    for (uint64_t step = 1; step < 100; step++) {
        double change = rate_at(&e, step, 10, 100).lr - rate_at(&e, step - 1, 10, 100).lr;
        cr_assert(step <= 29 ? change > 0 : change < 0, "step %d", (int)step);
    }
    cr_assert_eq(rate_at(&e, 100, 10, 100).lr, last.lr); // past its end it stays there
}

/* Printed by torch 1.13 for the same arguments. */
Test(schedule, one_cycle_has_torchs_values_between)
{
    static const struct {
        uint64_t step, total;
        double lr, beta1;
    } expected[] = {
        {7, 100, 0.0005145664916306916, 0.9362997745961565},
        {15, 100, 0.0016379600283630011, 0.897293054570729},
        {29, 100, 0.003, 0.85},
        {30, 100, 0.002998489605853573, 0.8500503466729342},
        {64, 100, 0.001500006, 0.8999999999999999},
        {98, 100, 1.5223941464273639e-06, 0.9499496533270657},
        {0, 37, 0.00011999999999999988, 0.95},
        {10, 37, 0.002999303446500463, 0.8500241858854005},
        {11, 37, 0.0029910707823160203, 0.8502976417800331},
        {36, 37, 1.2e-08, 0.95},
        {0, 3, 0.0029832463063527354, 0.8505584586887436},
        {1, 3, 0.001387911308000925, 0.9037365046793212},
        {2, 3, 1.2e-08, 0.95},
        {0, 1, 1.2e-08, 0.95},
    };
    struct leadseq_optim e = one_cycle("adam");
    for (size_t i = 0; i < LEADSEQ_COUNT(expected); i++) {
        struct leadseq_rate rate = rate_at(&e, expected[i].step, 10, expected[i].total);
        cr_assert_float_eq(rate.lr, expected[i].lr, 1e-12 * 3e-3, "row %zu: %.17g", i, rate.lr);
        cr_assert_float_eq(rate.momentum, expected[i].beta1, 1e-12, "row %zu", i);
    }
}

/* Step k of n at k/n: the first at lr / start_div, the end at lr / end_div one step after the last;
 * of frozen epochs the rise is .99 and the first rate lr / 25. */
Test(schedule, fastais_one_cycle_has_its_positions_and_ends)
{
    struct leadseq_optim e = optim_of("adamw", "one-cycle-fastai");
    e.lr = 1e-3;
    optim_set(&e, "train.rise", "0.3");
    optim_set(&e, "train.start_div", "5");
    const struct leadseq_rate first = rate_at(&e, 0, 10, 100), peak = rate_at(&e, 30, 10, 100),
                              last = rate_at(&e, 99, 10, 100);
    cr_assert_float_eq(first.lr, 2e-4, 1e-15);
    cr_assert_float_eq(peak.lr, 1e-3, 1e-15);
    cr_assert_float_eq(first.momentum, 0.95, 1e-12);
    cr_assert_float_eq(peak.momentum, 0.85, 1e-12);
    const double share = 69.0 / 70, to = 1e-3 / 1e5;
    cr_assert_float_eq(last.lr, 1e-3 + (1 + cos(M_PI * (1 - share))) * (to - 1e-3) / 2, 1e-15);
    cr_assert(last.lr > to);
    const struct leadseq_training_place frozen = {0, 10, 10, true}, up = {5, 10, 10, true};
    cr_assert_float_eq(leadseq_rate_at(&e, &frozen).lr, 1e-3 / 25, 1e-15);
    cr_assert_float_eq(leadseq_rate_at(&e, &up).lr,
                       1e-3 / 25 + (1 + cos(M_PI * (1 - 0.5 / 0.99))) * (1e-3 - 1e-3 / 25) / 2,
                       1e-15);
}

Test(schedule, the_shortest_trainings_have_finite_rates)
{
    struct leadseq_optim e = one_cycle("adam");
    for (uint64_t total = 1; total <= 12; total++)
        for (uint64_t step = 0; step < total; step++) {
            double lr = rate_at(&e, step, 10, total).lr;
            cr_assert(isfinite(lr) && lr > 0 && lr <= 3e-3, "%d of %d", (int)step, (int)total);
        }
}

Test(schedule, momentum_stays_where_it_is_not_to_cycle)
{
    struct leadseq_optim e = one_cycle("adam");
    optim_set(&e, "train.cycle_momentum", "false");
    cr_assert_eq(rate_at(&e, 29, 10, 100).momentum, 0.9);
    e = one_cycle("sgd");
    cr_assert_eq(rate_at(&e, 29, 10, 100).momentum, 0); // plain SGD stays plain
    optim_set(&e, "train.momentum", "0.9");
    cr_assert_float_eq(rate_at(&e, 29, 10, 100).momentum, 0.85, 1e-12);
}
