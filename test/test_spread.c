/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

Test(spread, of_no_seed_and_of_one_is_not_known)
{
    const double one[] = {.8}, missing[] = {.8, NAN};
    struct leadseq_spread none = leadseq_spread_of(one, 0), s = leadseq_spread_of(one, 1);
    cr_assert(isnan(none.mean) && strstr(none.method, "no seeds"));
    cr_assert(s.mean == .8 && s.least == .8 && isnan(s.sd) && isnan(s.low));
    cr_assert(strstr(s.method, "one seed"));
    s = leadseq_spread_of(missing, 2);
    cr_assert(isnan(s.mean) && strstr(s.method, "no figure"));
}

Test(spread, seeds_that_agree_claim_no_certainty)
{
    const double same[] = {.8, .8, .8}, other[] = {.7, .7};
    struct leadseq_spread s = leadseq_spread_of(same, 3), t = leadseq_spread_of(other, 2);
    cr_assert(s.sd < 1e-15 && isnan(s.low) && strstr(s.method, "do not vary"));
    struct leadseq_difference d = leadseq_welch(&s, &t);
    cr_assert_float_eq(d.difference, .1, 1e-15);
    cr_assert(isnan(d.low) && isnan(d.p));
}

/* t of 4 degrees of freedom at 97.5 %: 2.776445. */
Test(spread, one_to_five_has_its_t_interval)
{
    const double x[] = {3, 1, 5, 2, 4};
    struct leadseq_spread s = leadseq_spread_of(x, 5);
    cr_assert(s.mean == 3 && s.least == 1 && s.most == 5);
    cr_assert_float_eq(s.sd, sqrt(2.5), 1e-15);
    cr_assert_float_eq(s.high - 3, 2.776445 * sqrt(.5), 1e-5);
    cr_assert_float_eq(3 - s.low, s.high - 3, 1e-14);
}

Test(spread, one_seed_a_side_has_no_test)
{
    const double x[] = {.8, .9}, y[] = {.7};
    struct leadseq_spread a = leadseq_spread_of(x, 2), b = leadseq_spread_of(y, 1);
    struct leadseq_difference d = leadseq_welch(&a, &b);
    cr_assert_float_eq(d.difference, .15, 1e-15);
    cr_assert(isnan(d.p) && isnan(d.low) && strstr(d.method, "fewer than two"));
}

/* Equal spreads and sizes: Student's t of 2n - 2 degrees of freedom; t = 2/√(1/3 + 1/3). */
Test(spread, welch_of_equal_spreads_is_students)
{
    const double x[] = {3, 4, 5}, y[] = {1, 2, 3};
    struct leadseq_spread a = leadseq_spread_of(x, 3), b = leadseq_spread_of(y, 3);
    struct leadseq_difference d = leadseq_welch(&a, &b);
    cr_assert_float_eq(d.difference, 2, 1e-15);
    cr_assert_float_eq(d.high - 2, 2.776445 * sqrt(2. / 3), 1e-5);
    cr_assert_float_eq(d.p, .0705, 5e-5);
}
