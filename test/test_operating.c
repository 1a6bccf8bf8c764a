/* SPDX-License-Identifier: MIT */
#include "stats/stats.h"

#include <criterion/criterion.h>
#include <math.h>

/* Ten negatives, four positives: points (fp, tp) of falling threshold. */
static const double score[] = {.95, .9, .8, .8, .7, .6, .5, .4, .3, .3, .2, .1, .05, .01};
static const uint8_t label[] = {1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0};
enum { N = LEADSEQ_COUNT(score) };

static struct leadseq_curve curve_of(const uint8_t *labels, size_t n)
{
    struct leadseq_curve curve;
    cr_assert_eq(leadseq_curve_init(&curve, score, labels, n), 0);
    return curve;
}

Test(operating, one_class_only_has_no_point)
{
    const uint8_t none[N] = {0};
    struct leadseq_curve curve = curve_of(none, N);
    double threshold = 7;
    cr_assert(isnan(leadseq_curve_sensitivity_at(&curve, .9, &threshold)) && isnan(threshold));
    threshold = 7;
    cr_assert(isnan(leadseq_curve_specificity_at(&curve, .9, &threshold)) && isnan(threshold));
    threshold = 7;
    cr_assert(isnan(leadseq_curve_f_max(&curve, &threshold)) && isnan(threshold));
    leadseq_curve_clear(&curve);
}

Test(operating, what_cannot_be_asked_for_has_no_answer)
{
    struct leadseq_curve curve = curve_of(label, N);
    cr_assert(isnan(leadseq_curve_sensitivity_at(&curve, 1.01, NULL)));
    cr_assert(isnan(leadseq_curve_sensitivity_at(&curve, NAN, NULL)));
    cr_assert(isnan(leadseq_curve_specificity_at(&curve, 1.01, NULL)));
    cr_assert(isnan(leadseq_curve_specificity_at(&curve, NAN, NULL)));
    leadseq_curve_clear(&curve);
}

Test(operating, points_are_the_best_that_keep_what_is_wanted)
{
    /* (fp, tp): .95 (0, 1), .9 (1, 1), .8 (2, 2), .7 (2, 3), .6 (3, 3) … .4 (5, 3), .3 (6, 4) */
    static const struct wanted {
        double wanted, sensitivity, at, specificity, at_too;
    } wanted[] = {
        {1, .25, .95, .4, .3},   {.9, .25, .95, .4, .3}, {.8, .75, .7, .4, .3},
        {.75, .75, .7, .8, .7},  {.4, 1, .3, .8, .8},    {.25, 1, .3, 1, .95},
        {0, 1, .3, 1, INFINITY},
    };
    struct leadseq_curve curve = curve_of(label, N);
    for (size_t k = 0; k < LEADSEQ_COUNT(wanted); k++) {
        const struct wanted *w = &wanted[k];
        double threshold;
        cr_assert_eq(leadseq_curve_sensitivity_at(&curve, w->wanted, &threshold), w->sensitivity);
        cr_assert_eq(threshold, w->at, "row %zu: %g", k, threshold);
        cr_assert_eq(leadseq_curve_specificity_at(&curve, w->wanted, &threshold), w->specificity);
        cr_assert_eq(threshold, w->at_too, "row %zu: %g", k, threshold);
    }
    leadseq_curve_clear(&curve);
}

Test(operating, where_a_negative_is_on_top_nothing_may_be_called)
{
    const uint8_t worst[] = {0, 1, 0, 1};
    struct leadseq_curve curve = curve_of(worst, 4);
    double threshold;
    cr_assert_eq(leadseq_curve_sensitivity_at(&curve, .95, &threshold), 0);
    cr_assert_eq(threshold, INFINITY);
    leadseq_curve_clear(&curve);
}

Test(operating, f_max_is_the_largest_f1_and_its_threshold_gives_it)
{
    struct leadseq_curve curve = curve_of(label, N);
    double threshold, best = 0;
    double f = leadseq_curve_f_max(&curve, &threshold);
    for (size_t k = 0; k < N; k++) {
        struct leadseq_confusion c = leadseq_confusion_at(score, label, N, score[k]);
        best = fmax(best, leadseq_f1(&c));
    }
    struct leadseq_confusion there = leadseq_confusion_at(score, label, N, threshold);
    cr_assert_eq(f, best);
    cr_assert_eq(f, leadseq_f1(&there));
    cr_assert_eq(threshold, .7);
    leadseq_curve_clear(&curve);
}
