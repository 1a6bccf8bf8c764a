/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

Test(interval, a_proportion_of_nothing_is_not_defined)
{
    struct leadseq_estimate e = leadseq_wilson(0, 0);
    cr_assert(isnan(e.value) && isnan(e.low) && isnan(e.high));
    cr_assert(strstr(e.method, "no record"));
}

Test(interval, wilson_of_the_published_recall)
{
    struct leadseq_estimate e = leadseq_wilson(771, 1085);
    cr_assert_float_eq(e.value, .7106, 5e-5);
    cr_assert_float_eq(e.low, .6829, 5e-5);
    cr_assert_float_eq(e.high, .7368, 5e-5);
}

Test(interval, wilson_reaches_but_does_not_pass_the_ends)
{
    struct leadseq_estimate none = leadseq_wilson(0, 10), all = leadseq_wilson(10, 10);
    double z2 = 1.959963984540054 * 1.959963984540054;
    cr_assert_eq(none.low, 0);
    cr_assert_float_eq(none.high, z2 / (10 + z2), 1e-12);
    cr_assert_eq(all.high, 1);
    cr_assert_float_eq(all.low, 10 / (10 + z2), 1e-12);
}

Test(interval, mcnemar_of_ten_against_two)
{
    cr_assert_float_eq(leadseq_mcnemar(10, 2), 2.0 * (1 + 12 + 66) / 4096, 1e-12);
    cr_assert_float_eq(leadseq_mcnemar(10, 2), .0386, 5e-5);
}

Test(interval, mcnemar_is_symmetric_and_at_most_one)
{
    cr_assert_eq(leadseq_mcnemar(2, 10), leadseq_mcnemar(10, 2));
    cr_assert_eq(leadseq_mcnemar(0, 0), 1);
    cr_assert_eq(leadseq_mcnemar(7, 7), 1);
    cr_assert_float_eq(leadseq_mcnemar(0, 1), 1, 1e-12);
    cr_assert_float_eq(leadseq_mcnemar(0, 6), 2. / 64, 1e-12);
    cr_assert_leq(leadseq_mcnemar(8, 7), 1);
}

/* The eight examples of Newcombe 1998, table II, method 10. */
Test(interval, newcombe_of_independent_shares_as_published)
{
    static const struct {
        size_t a, n, b, m;
        double low, high;
    } of[] = {{56, 70, 48, 80, .0524, .3339}, {9, 10, 3, 10, .1705, .8090},
              {6, 7, 2, 7, .0582, .8062},     {5, 56, 0, 29, -.0381, .1926},
              {0, 10, 0, 20, -.1611, .2775},  {0, 10, 0, 10, -.2775, .2775},
              {10, 10, 0, 20, .6791, 1},      {10, 10, 0, 10, .6075, 1}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct leadseq_difference d =
            leadseq_newcombe_independent(of[i].a, of[i].n, of[i].b, of[i].m);
        cr_expect_float_eq(d.low, of[i].low, 5.1e-5, "%zu: %g", i, d.low);
        cr_expect_float_eq(d.high, of[i].high, 5.1e-5, "%zu: %g", i, d.high);
        cr_expect(isnan(d.p));
    }
    cr_assert(isnan(leadseq_newcombe_independent(0, 0, 1, 2).difference));
    cr_assert(isnan(leadseq_newcombe_independent(1, 2, 0, 0).low));
}
