/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

Test(benefit, outside_its_range_there_is_none)
{
    const struct leadseq_confusion c = {.tp = 3, .fp = 1, .fn = 2, .tn = 4}, none = {0};
    cr_assert(isnan(leadseq_net_benefit(&c, 1)));
    cr_assert(isnan(leadseq_net_benefit(&c, -.1)));
    cr_assert(isnan(leadseq_net_benefit(&c, NAN)));
    cr_assert(isnan(leadseq_net_benefit(&none, .5)));
    cr_assert(isnan(leadseq_net_benefit_all(3, 2, .5)));
    cr_assert(isnan(leadseq_net_benefit_all(0, 0, .5)));
}

/* At 20 % a false alarm costs a quarter of a hit. */
Test(benefit, false_alarms_cost_the_odds_of_the_threshold)
{
    const struct leadseq_confusion c = {.tp = 30, .fp = 20, .fn = 10, .tn = 40};
    cr_assert_float_eq(leadseq_net_benefit(&c, .2), (30 - 20 / 4.) / 100, 1e-15);
    cr_assert_float_eq(leadseq_net_benefit(&c, 0), .3, 1e-15);
    cr_assert_float_eq(leadseq_net_benefit_all(40, 100, .2), (40 - 60 / 4.) / 100, 1e-15);
    cr_assert_float_eq(leadseq_net_benefit_all(40, 100, .4), 0, 1e-15); // at the prevalence
}

Test(benefit, the_curve_is_that_of_the_decisions_at_each_threshold)
{
    const double p[] = {.05, .2, .2, .4, .6, .6, .9, 1};
    const uint8_t label[] = {0, 0, 1, 0, 1, 0, 1, 1};
    const double threshold[] = {0, .05, .2, .200001, .5, .6, .95, 1};
    double curve[8];
    struct leadseq_scored s;
    cr_assert_eq(leadseq_scored_init(&s, p, label, 8, NAN), 0);
    leadseq_decision_curve(curve, &s, threshold, 8);
    for (int k = 0; k < 7; k++) {
        struct leadseq_confusion c = leadseq_confusion_at(p, label, 8, threshold[k]);
        cr_assert_eq(curve[k], leadseq_net_benefit(&c, threshold[k]), "threshold %g", threshold[k]);
    }
    cr_assert_eq(curve[0], leadseq_net_benefit_all(4, 8, 0));
    cr_assert(isnan(curve[7]));
    leadseq_scored_clear(&s);
}
