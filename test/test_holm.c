/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

Test(holm, nothing_looked_at_is_nothing_corrected)
{
    cr_assert_eq(leadseq_holm(NULL, NULL, 0), 0);
}

Test(holm, what_was_no_look_is_not_counted)
{
    const double p[] = {.01, NAN, .04, NAN};
    double adjusted[4];
    cr_assert_eq(leadseq_holm(adjusted, p, 4), 0);
    cr_assert_float_eq(adjusted[0], .02, 1e-15);
    cr_assert_float_eq(adjusted[2], .04, 1e-15);
    cr_assert(isnan(adjusted[1]) && isnan(adjusted[3]));
}

/* What R's p.adjust(method = "holm") gives. */
Test(holm, steps_down_and_never_falls)
{
    const double p[] = {.03, .01, .05, .02, .04}, expected[] = {.09, .05, .09, .08, .09};
    double adjusted[5];
    cr_assert_eq(leadseq_holm(adjusted, p, 5), 0);
    for (int i = 0; i < 5; i++) cr_assert_float_eq(adjusted[i], expected[i], 1e-15);
}

Test(holm, one_is_the_most_and_it_may_be_in_place)
{
    double p[] = {.6, .5, .0001};
    cr_assert_eq(leadseq_holm(p, p, 3), 0);
    cr_assert_eq(p[0], 1);
    cr_assert_eq(p[1], 1);
    cr_assert_float_eq(p[2], .0003, 1e-15);
}
