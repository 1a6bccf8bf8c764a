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

/* --- The interval that reports show ----------------------------------------------------------- */

static const double some[] = {.8, .4, .6, .2, .7, .1, .55, .3},
                    other[] = {.1, .5, .6, .2, .7, .3, .9, .4};
static const uint8_t truth[] = {1, 1, 0, 0, 1, 0, 1, 0};
enum { SOME = sizeof truth };

Test(delong, patients_of_one_record_each_are_records)
{
    const int patient[SOME] = {7, 3, 900, -4, 1, 2, 11, 5};
    struct leadseq_estimate by_records, by_patients;
    struct leadseq_difference d, e;
    cr_assert_eq(leadseq_auc_interval(&by_records, some, truth, NULL, SOME), 0);
    cr_assert_eq(leadseq_auc_interval(&by_patients, some, truth, patient, SOME), 0);
    cr_assert_float_eq(by_records.low, by_patients.low, 1e-14);
    cr_assert_float_eq(by_records.high, by_patients.high, 1e-14);
    cr_assert_eq(leadseq_auc_difference(&d, some, other, truth, NULL, SOME), 0);
    cr_assert_eq(leadseq_auc_difference(&e, some, other, truth, patient, SOME), 0);
    cr_assert_float_eq(d.low, e.low, 1e-14);
    cr_assert_float_eq(d.p, e.p, 1e-12);
}

/* A second copy of every record of a patient tells nothing new. */
Test(delong, copies_of_a_patients_records_do_not_narrow_its_interval)
{
    double a[2 * SOME], b[2 * SOME];
    uint8_t label[2 * SOME];
    int patient[2 * SOME];
    for (int i = 0; i < 2 * SOME; i++) {
        a[i] = some[i / 2], b[i] = other[i / 2];
        label[i] = truth[i / 2], patient[i] = i / 2;
    }
    struct leadseq_estimate once, twice, unclustered;
    struct leadseq_difference d, e;
    cr_assert_eq(leadseq_auc_interval(&once, some, truth, NULL, SOME), 0);
    cr_assert_eq(leadseq_auc_interval(&twice, a, label, patient, 2 * SOME), 0);
    cr_assert_eq(leadseq_auc_interval(&unclustered, a, label, NULL, 2 * SOME), 0);
    cr_assert_float_eq(once.low, twice.low, 1e-14);
    cr_assert_gt(unclustered.low, twice.low);
    cr_assert_eq(leadseq_auc_difference(&d, some, other, truth, NULL, SOME), 0);
    cr_assert_eq(leadseq_auc_difference(&e, a, b, label, patient, 2 * SOME), 0);
    cr_assert_float_eq(d.high, e.high, 1e-14);
}

Test(delong, complete_separation_has_an_exact_bound)
{
    const double score[] = {.9, .8, .7, .2, .1, .3, .15};
    const uint8_t label[] = {1, 1, 1, 0, 0, 0, 0}, against[] = {0, 0, 0, 1, 1, 1, 1};
    struct leadseq_estimate auc;
    cr_assert_eq(leadseq_auc_interval(&auc, score, label, NULL, 7), 0);
    cr_assert_float_eq(auc.low, cbrt(.025), 1e-12);
    cr_assert_eq(auc.high, 1);
    cr_assert(strstr(auc.method, "exact"));
    cr_assert_eq(leadseq_auc_interval(&auc, score, against, NULL, 7), 0);
    cr_assert_float_eq(auc.high, 1 - cbrt(.025), 1e-12);
    cr_assert_eq(auc.low, 0);
}

/* Bounds x = (.025)^(1/3) and 1 - x on either side: from 1 - √2 (1 - x) to 1; at p it is 0. */
Test(delong, opposite_separations_differ_by_one_within_bounds)
{
    const double score[] = {.9, .8, .7, .2, .1, .3, .15}, turned[] = {1, 2, 3, 7, 8, 9, 6};
    const uint8_t label[] = {1, 1, 1, 0, 0, 0, 0};
    struct leadseq_difference d;
    cr_assert_eq(leadseq_auc_difference(&d, score, turned, label, NULL, 7), 0);
    cr_assert_eq(d.difference, 1);
    cr_assert_float_eq(d.low, 1 - sqrt(2) * (1 - cbrt(.025)), 1e-12);
    cr_assert_eq(d.high, 1);
    cr_assert_float_eq(d.p, 2 * pow(1 - sqrt(.5), 3), 1e-9);
    cr_assert_eq(leadseq_auc_difference(&d, score, score, label, NULL, 7), 0);
    cr_assert(isnan(d.low) && d.p == 1, "the same order has no variance, and does not differ");
}

Test(delong, the_interval_of_a_difference_ends_at_zero_at_its_p)
{
    struct leadseq_difference ab, ba;
    cr_assert_eq(leadseq_auc_difference(&ab, some, other, truth, NULL, SOME), 0);
    cr_assert_eq(leadseq_auc_difference(&ba, other, some, truth, NULL, SOME), 0);
    cr_assert_float_eq(ab.low, -ba.high, 1e-14);
    cr_assert_float_eq(ab.p, ba.p, 1e-12);
    cr_assert_eq(ab.p<.05, ab.low> 0 || ab.high < 0);
}
