/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

Test(curve, one_class_only_has_no_area_and_no_threshold)
{
    double score[] = {.1, .4, .7};
    uint8_t none[] = {0, 0, 0}, all[] = {1, 1, 1};
    cr_assert(isnan(leadseq_auc(score, none, 3)));
    cr_assert(isnan(leadseq_auc(score, all, 3)));
    cr_assert(isnan(leadseq_auc(score, all, 0)));
    cr_assert(isnan(leadseq_threshold_youden(score, none, 3)));
    cr_assert(isnan(leadseq_threshold_youden(score, all, 3)));
    cr_assert(isnan(leadseq_average_precision(score, none, 3)));
}

Test(curve, a_score_that_is_not_a_number_gives_no_number)
{
    double score[] = {.1, NAN, .7};
    uint8_t label[] = {0, 1, 1};
    struct leadseq_curve curve;
    cr_assert(isnan(leadseq_auc(score, label, 3)));
    cr_assert_eq(leadseq_curve_init(&curve, score, label, 3), -1);
    cr_assert(strstr(leadseq_error(), "score 2 of 3"));
}

Test(curve, a_label_beyond_one_is_refused)
{
    double score[] = {.1, .2};
    uint8_t label[] = {0, 255};
    struct leadseq_curve curve;
    cr_assert_eq(leadseq_curve_init(&curve, score, label, 2), -1);
    cr_assert(strstr(leadseq_error(), "found 255"));
}

Test(curve, constant_scores_have_half_the_area)
{
    double score[] = {.3, .3, .3, .3, .3};
    uint8_t label[] = {0, 1, 0, 0, 1};
    cr_assert_eq(leadseq_auc(score, label, 5), .5);
    cr_assert_float_eq(leadseq_average_precision(score, label, 5), .4, 1e-15);
    cr_assert_eq(leadseq_threshold_youden(score, label, 5), .3);
}

Test(curve, order_alone_counts)
{
    double rising[] = {-9, 0, 1e-9, 4e8}, falling[] = {4, 3, 2, 1};
    uint8_t label[] = {0, 0, 1, 1};
    cr_assert_eq(leadseq_auc(rising, label, 4), 1);
    cr_assert_eq(leadseq_auc(falling, label, 4), 0);
    cr_assert_eq(leadseq_average_precision(rising, label, 4), 1);
    cr_assert_eq(leadseq_threshold_youden(rising, label, 4), 1e-9);
}

Test(curve, ties_count_half)
{
    double score[] = {.1, .4, .35, .8, .4};
    uint8_t label[] = {0, 0, 1, 1, 1};
    /* pairs: .35>.1, .35<.4, .8>.1, .8>.4, .4>.1, .4=.4 */
    cr_assert_float_eq(leadseq_auc(score, label, 5), 4.5 / 6, 1e-15);
    /* recall thirds at precisions 1 (.8), 2/3 (two at .4: one true), 3/4 (.35) */
    cr_assert_float_eq(leadseq_average_precision(score, label, 5), (1 + 2. / 3 + .75) / 3, 1e-15);
}

Test(curve, points_fall_in_threshold_and_end_at_one)
{
    double score[] = {.1, .4, .35, .8, .4};
    uint8_t label[] = {0, 0, 1, 1, 1};
    struct leadseq_curve curve;
    cr_assert_eq(leadseq_curve_init(&curve, score, label, 5), 0);
    const double threshold[] = {.8, .4, .35, .1};
    const size_t tp[] = {1, 2, 3, 3}, fp[] = {0, 1, 1, 2};
    cr_assert_eq(curve.n, 4);
    for (size_t k = 0; k < 4; k++) {
        cr_assert_eq(curve.threshold[k], threshold[k]);
        cr_assert_eq(curve.tp[k], tp[k]);
        cr_assert_eq(curve.fp[k], fp[k]);
    }
    leadseq_curve_clear(&curve);
}

Test(curve, youden_takes_the_highest_of_equal_thresholds)
{
    double score[] = {.9, .8, .7, .6};
    uint8_t label[] = {1, 0, 1, 0}; /* J: .5, 0, .5, 0 */
    cr_assert_eq(leadseq_threshold_youden(score, label, 4), .9);
}

/* m records of each class, J is 1/m at the first and 3/m - 2/m at the fifth: 1 - 2/3 > 1/3 in
 * floating point. */
Test(curve, youden_holds_equal_indices_of_other_counts_equal)
{
    enum { MOST = 60 };
    size_t lower = 0;
    for (size_t m = 3; m < MOST; m++) {
        double score[2 * MOST];
        uint8_t label[2 * MOST] = {1, 0, 0, 1, 1}; // then m - 2 negatives, m - 3 positives
        for (size_t i = 0; i < 2 * m; i++) score[i] = -(double)i;
        for (size_t i = m + 3; i < 2 * m; i++) label[i] = 1;
        lower += leadseq_threshold_youden(score, label, 2 * m) != 0;
    }
    cr_assert_eq(lower, 0, "the lower of two equal ones for %zu sizes", lower);
}

Test(curve, an_inverted_score_calls_everything_positive)
{
    double score[] = {.1, .2, .8, .9};
    uint8_t label[] = {1, 1, 0, 0};
    cr_assert_eq(leadseq_threshold_youden(score, label, 4), .1);
}
