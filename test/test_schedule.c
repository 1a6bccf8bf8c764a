/* SPDX-License-Identifier: MIT */
#include "train/train_private.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

static struct leadseq_experiment one_cycle(enum leadseq_optimizer optimizer)
{
    struct leadseq_experiment e;
    leadseq_experiment_default(&e);
    e.train.schedule = LEADSEQ_ONE_CYCLE;
    e.train.optimizer = optimizer;
    e.train.lr = 3e-3;
    return e;
}

Test(schedule, constant_stays_and_leaves_the_momentum_alone)
{
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAM);
    e.train.schedule = LEADSEQ_CONSTANT;
    for (uint64_t step = 0; step < 100; step++) {
        struct train_rate rate = train_schedule(&e, step, 10, 100);
        cr_assert_eq(rate.lr, 3e-3);
        cr_assert_eq(rate.beta1, 0.9);
    }
}

Test(schedule, warm_up_rises_in_equal_parts_and_then_stays)
{
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAM);
    e.train.schedule = LEADSEQ_CONSTANT;
    e.train.warmup = 4;
    static const double expected[] = {0.25, 0.5, 0.75, 1, 1, 1};
    for (uint64_t step = 0; step < LEADSEQ_COUNT(expected); step++)
        cr_assert_float_eq(train_schedule(&e, step, 10, 100).lr, expected[step] * 3e-3, 1e-15);
}

Test(schedule, every_schedule_warms_up_to_the_same_rate_at_the_same_step)
{
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAM);
    e.train.warmup = 10;
    for (int k = LEADSEQ_CONSTANT; k <= LEADSEQ_ONE_CYCLE; k++) {
        e.train.schedule = (enum leadseq_schedule)k;
        cr_assert_float_eq(train_schedule(&e, 9, 50, 100).lr, 3e-3, 1e-15, "schedule %d", k);
        for (uint64_t step = 1; step < 10; step++)
            cr_assert(train_schedule(&e, step, 50, 100).lr >
                          train_schedule(&e, step - 1, 50, 100).lr,
                      "schedule %d, step %d", k, (int)step);
    }
}

/* StepLR(step_size=2, gamma=.3), stepped once an epoch of 7 steps. */
Test(schedule, step_falls_every_so_many_epochs_and_not_below_its_floor)
{
    struct leadseq_experiment e = one_cycle(LEADSEQ_SGD);
    e.train.schedule = LEADSEQ_STEPPED;
    e.train.step_size = 2;
    e.train.gamma = 0.3;
    for (uint64_t step = 0; step < 70; step++) {
        double expected = 3e-3;
        for (uint64_t epoch = 2; epoch <= step / 7; epoch += 2) expected *= 0.3;
        cr_assert_float_eq(train_schedule(&e, step, 7, 70).lr, expected, 1e-15, "step %d",
                           (int)step);
    }
    e.train.min_lr = 1e-4;
    cr_assert_eq(train_schedule(&e, 69, 7, 70).lr, 1e-4);
    cr_assert_eq(train_schedule(&e, 0, 7, 70).lr, 3e-3);
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
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAM);
    e.train.schedule = LEADSEQ_COSINE;
    e.train.min_lr = 1e-4;
    for (size_t i = 0; i < LEADSEQ_COUNT(expected); i++) {
        e.train.warmup = 0;
        cr_assert_float_eq(train_schedule(&e, expected[i].step, 10, 40).lr, expected[i].lr, 1e-16);
        e.train.warmup = 13; // the same behind the rise
        cr_assert_float_eq(train_schedule(&e, expected[i].step + 13, 10, 53).lr, expected[i].lr,
                           1e-16);
    }
    cr_assert_eq(train_schedule(&e, 99, 10, 53).lr, 1e-4); // past its end it stays there
}

Test(schedule, a_floor_above_the_rate_is_refused)
{
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAM);
    e.train.min_lr = 1e-2;
    cr_assert_eq(leadseq_experiment_check(&e), -1);
    cr_assert(strstr(leadseq_error(), "train.min_lr: expected at most train.lr"), "%s",
              leadseq_error());
}

/* OneCycleLR(max_lr=3e-3, total_steps=100): a peak at step .3·100 - 1 = 29. */
Test(schedule, one_cycle_begins_at_a_25th_peaks_and_ends_at_a_250000th)
{
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAMW);
    struct train_rate first = train_schedule(&e, 0, 10, 100),
                      peak = train_schedule(&e, 29, 10, 100),
                      last = train_schedule(&e, 99, 10, 100);
    cr_assert_float_eq(first.lr, 3e-3 / 25, 1e-15);
    cr_assert_float_eq(peak.lr, 3e-3, 1e-15);
    cr_assert_float_eq(last.lr, 3e-3 / 25 / 1e4, 1e-15);
    cr_assert_float_eq(first.beta1, 0.95, 1e-12);
    cr_assert_float_eq(peak.beta1, 0.85, 1e-12);
    cr_assert_float_eq(last.beta1, 0.95, 1e-12);
    for (uint64_t step = 1; step < 100; step++) {
        double change =
            train_schedule(&e, step, 10, 100).lr - train_schedule(&e, step - 1, 10, 100).lr;
        cr_assert(step <= 29 ? change > 0 : change < 0, "step %d", (int)step);
    }
    cr_assert_eq(train_schedule(&e, 100, 10, 100).lr, last.lr); // past its end it stays there
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
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAM);
    for (size_t i = 0; i < LEADSEQ_COUNT(expected); i++) {
        struct train_rate rate = train_schedule(&e, expected[i].step, 10, expected[i].total);
        cr_assert_float_eq(rate.lr, expected[i].lr, 1e-12 * 3e-3, "row %zu: %.17g", i, rate.lr);
        cr_assert_float_eq(rate.beta1, expected[i].beta1, 1e-12, "row %zu", i);
    }
}

Test(schedule, the_shortest_trainings_have_finite_rates)
{
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAM);
    for (uint64_t total = 1; total <= 12; total++)
        for (uint64_t step = 0; step < total; step++) {
            double lr = train_schedule(&e, step, 10, total).lr;
            cr_assert(isfinite(lr) && lr > 0 && lr <= 3e-3, "%d of %d", (int)step, (int)total);
        }
}

Test(schedule, momentum_stays_where_it_is_not_to_cycle)
{
    struct leadseq_experiment e = one_cycle(LEADSEQ_ADAM);
    e.train.cycle_momentum = false;
    cr_assert_eq(train_schedule(&e, 29, 10, 100).beta1, 0.9);
    e = one_cycle(LEADSEQ_SGD);
    cr_assert_eq(train_schedule(&e, 29, 10, 100).beta1, 0); // plain SGD stays plain
    e.train.momentum = 0.9;
    cr_assert_float_eq(train_schedule(&e, 29, 10, 100).beta1, 0.85, 1e-12);
}
