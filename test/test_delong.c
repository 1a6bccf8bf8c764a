/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

Test(delong, one_class_only_has_no_area_and_says_so)
{
    double score[] = {.1, .4, .7};
    uint8_t label[] = {0, 0, 0};
    struct leadseq_estimate auc;
    struct leadseq_difference d;
    cr_assert_eq(leadseq_auc_delong(&auc, score, label, 3), 0);
    cr_assert(isnan(auc.value) && isnan(auc.low) && isnan(auc.high));
    cr_assert(strstr(auc.method, "one class"));
    cr_assert_eq(leadseq_auc_delong_paired(&d, score, score, label, 3), 0);
    cr_assert(isnan(d.p) && strstr(d.method, "one class"));
}

Test(delong, a_score_that_is_not_a_number_is_refused)
{
    double good[] = {.1, .4, .7}, bad[] = {.1, .4, NAN};
    uint8_t label[] = {0, 0, 1};
    struct leadseq_estimate auc;
    struct leadseq_difference d;
    cr_assert_eq(leadseq_auc_delong(&auc, bad, label, 3), -1);
    cr_assert_eq(leadseq_auc_delong_paired(&d, good, bad, label, 3), -1);
    cr_assert(strstr(leadseq_error(), "score 3 of 3"));
}

Test(delong, a_single_positive_gives_an_area_without_interval)
{
    double score[] = {.1, .4, .7};
    uint8_t label[] = {0, 1, 0};
    struct leadseq_estimate auc;
    cr_assert_eq(leadseq_auc_delong(&auc, score, label, 3), 0);
    cr_assert_eq(auc.value, .5);
    cr_assert(isnan(auc.low) && strstr(auc.method, "fewer than two"));
}

Test(delong, constant_scores_are_one_half_without_interval)
{
    double score[] = {.2, .2, .2, .2, .2};
    uint8_t label[] = {0, 1, 0, 1, 0};
    struct leadseq_estimate auc;
    cr_assert_eq(leadseq_auc_delong(&auc, score, label, 5), 0);
    cr_assert_eq(auc.value, .5);
    cr_assert(isnan(auc.low) && isnan(auc.high) && strstr(auc.method, "variance is zero"));
}

Test(delong, complete_separation_claims_no_certainty)
{
    double score[] = {.1, .2, .3, .8, .9};
    uint8_t label[] = {0, 0, 0, 1, 1};
    struct leadseq_estimate auc;
    cr_assert_eq(leadseq_auc_delong(&auc, score, label, 5), 0);
    cr_assert_eq(auc.value, 1);
    cr_assert(isnan(auc.low));
}

/* Positives .8 .4, negatives .6 .2: placements of the positives 1 and 1/2, of the
 * negatives 1/2 and 1: the variance is (1/8)/2 + (1/8)/2 = 1/8. */
Test(delong, the_variance_of_four_records_is_that_done_by_hand)
{
    double score[] = {.8, .4, .6, .2};
    uint8_t label[] = {1, 1, 0, 0};
    struct leadseq_estimate auc;
    cr_assert_eq(leadseq_auc_delong(&auc, score, label, 4), 0);
    cr_assert_float_eq(auc.value, .75, 1e-15);
    cr_assert_float_eq(auc.low, .75 - 1.959963984540054 * sqrt(1. / 8), 1e-12);
    cr_assert_eq(auc.high, 1); // cut: .75 + .69
    cr_assert_str_eq(auc.method, "DeLong");
}

Test(delong, a_score_does_not_differ_from_its_own_ranks)
{
    double a[] = {.8, .4, .6, .2, .5}, b[] = {8, 4, 6, 2, 5};
    uint8_t label[] = {1, 1, 0, 0, 1};
    struct leadseq_difference d;
    cr_assert_eq(leadseq_auc_delong_paired(&d, a, b, label, 5), 0);
    cr_assert_eq(d.difference, 0);
    cr_assert_eq(d.p, 1);
    cr_assert(isnan(d.low) && strstr(d.method, "no interval"));
}

Test(delong, a_constant_partner_leaves_the_variance_of_the_other)
{
    double a[] = {.8, .4, .6, .2}, flat[] = {.3, .3, .3, .3};
    uint8_t label[] = {1, 1, 0, 0};
    struct leadseq_difference d;
    cr_assert_eq(leadseq_auc_delong_paired(&d, a, flat, label, 4), 0);
    cr_assert_float_eq(d.difference, .25, 1e-15);
    cr_assert_float_eq(d.p, erfc(.25 / sqrt(1. / 8) / sqrt(2)), 1e-12);
}

Test(delong, the_order_of_the_pair_is_the_sign_of_the_difference)
{
    double a[] = {.8, .4, .6, .2, .7, .1}, b[] = {.1, .5, .6, .2, .7, .3};
    uint8_t label[] = {1, 1, 0, 0, 1, 0};
    struct leadseq_difference ab, ba;
    cr_assert_eq(leadseq_auc_delong_paired(&ab, a, b, label, 6), 0);
    cr_assert_eq(leadseq_auc_delong_paired(&ba, b, a, label, 6), 0);
    cr_assert_eq(ab.difference, -ba.difference);
    cr_assert_float_eq(ab.p, ba.p, 1e-15);
    cr_assert_float_eq(ab.low, -ba.high, 1e-15);
}
