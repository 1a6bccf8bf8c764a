/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

Test(paired, no_record_has_no_difference)
{
    const struct leadseq_pairs none = {0};
    struct leadseq_difference d = leadseq_newcombe(&none);
    cr_assert(isnan(d.difference) && isnan(d.low) && isnan(d.high) && isnan(d.p));
    cr_assert(strstr(d.method, "no record"));
}

Test(paired, mcnemar_of_ten_against_two)
{
    cr_assert_float_eq(leadseq_mcnemar(10, 2), 2. * (1 + 12 + 66) / 4096, 1e-15);
    cr_assert_float_eq(leadseq_mcnemar(10, 2), .0386, 5e-5);
    cr_assert_eq(leadseq_mcnemar(2, 10), leadseq_mcnemar(10, 2));
    cr_assert_float_eq(leadseq_mcnemar_mid(10, 2), (2. * (1 + 12 + 66) - 66) / 4096, 1e-15);
    cr_assert_eq(leadseq_mcnemar_mid(2, 10), leadseq_mcnemar_mid(10, 2));
}

Test(paired, without_discordant_pairs_nothing_speaks_against_equality)
{
    cr_assert_eq(leadseq_mcnemar(0, 0), 1);
    cr_assert_eq(leadseq_mcnemar_mid(0, 0), 1);
    cr_assert_eq(leadseq_mcnemar(3, 3), 1);
    cr_assert_float_eq(leadseq_mcnemar_mid(3, 3), 1 - 20. / 64 / 2, 1e-15);
    cr_assert_float_eq(leadseq_mcnemar(0, 5), 2. / 32, 1e-15);
    cr_assert_float_eq(leadseq_mcnemar_mid(0, 5), 1. / 32, 1e-15);
}

/* Two tables of Fagerland, Lydersen & Laake (Statistics in Medicine 2014): Bentur et al. 2009
 * with its mid-p of .039, Cavo et al. 2012. */
Test(paired, published_tables_have_their_published_intervals)
{
    const struct leadseq_pairs bentur = {1, 1, 7, 12}, cavo = {59, 6, 16, 80};
    struct leadseq_difference d = leadseq_newcombe(&bentur);
    cr_assert_float_eq(d.difference, -.286, 5e-4);
    cr_assert_float_eq(d.low, -.507, 5e-4);
    cr_assert_float_eq(d.high, -.026, 5e-4);
    cr_assert_float_eq(d.p, .0703, 5e-5);
    cr_assert_float_eq(leadseq_mcnemar_mid(1, 7), .0391, 5e-5);
    d = leadseq_newcombe(&cavo);
    cr_assert_float_eq(d.difference, -.0621, 5e-5);
    cr_assert_float_eq(d.low, -.1186, 5e-5);
    cr_assert_float_eq(d.high, -.0046, 5e-5);
}

Test(paired, exchanging_the_two_turns_the_interval_over)
{
    const struct leadseq_pairs t = {20, 9, 3, 8}, turned = {20, 3, 9, 8};
    struct leadseq_difference d = leadseq_newcombe(&t), e = leadseq_newcombe(&turned);
    cr_assert_float_eq(d.difference, -e.difference, 1e-15);
    cr_assert_float_eq(d.low, -e.high, 1e-15);
    cr_assert_float_eq(d.high, -e.low, 1e-15);
    cr_assert_eq(d.p, e.p);
}

Test(paired, shares_of_nothing_and_of_all_keep_a_width)
{
    static const struct leadseq_pairs edge[] = {{10, 0, 0, 0}, {0, 0, 0, 10}, {0, 10, 0, 0},
                                                {0, 0, 10, 0}, {5, 0, 0, 5},  {0, 5, 5, 0}};
    for (size_t k = 0; k < LEADSEQ_COUNT(edge); k++) {
        struct leadseq_difference d = leadseq_newcombe(&edge[k]);
        cr_assert(d.low >= -1 - 1e-12 && d.high <= 1 + 1e-12, "row %zu", k);
        cr_assert(d.low <= d.difference && d.difference <= d.high, "row %zu", k);
        cr_assert_gt(d.high - d.low, .05, "row %zu", k);
    }
}

Test(paired, right_and_wrong_are_counted_at_each_models_own_threshold)
{
    const double a[] = {.9, .2, .6, .1, .8}, b[] = {.3, .2, .1, .05, .01};
    const uint8_t label[] = {1, 1, 0, 0, 1};
    struct leadseq_predicted sa = {5, a, label, .5, NULL}, sb = {5, b, label, .2, NULL};
    struct leadseq_pairs all = leadseq_pairs_right(&sa, &sb, -1);
    struct leadseq_pairs positive = leadseq_pairs_right(&sa, &sb, 1);
    struct leadseq_pairs negative = leadseq_pairs_right(&sa, &sb, 0);
    cr_assert(all.both == 2 && all.only_a == 1 && all.only_b == 2 && all.neither == 0);
    cr_assert(positive.both == 1 && positive.only_a == 1 && positive.only_b == 1);
    cr_assert(negative.both == 1 && negative.only_a == 0 && negative.only_b == 1);
    sb.threshold = NAN;
    all = leadseq_pairs_right(&sa, &sb, -1);
    cr_assert(all.both + all.only_a + all.only_b + all.neither == 0);
}
