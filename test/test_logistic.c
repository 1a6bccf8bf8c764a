/* SPDX-License-Identifier: MIT */
#include "models_sample.h"

static struct models_sample sample;

static struct leadseq_recalibration recalibrate(const double *p, const uint8_t *label, size_t n)
{
    struct leadseq_scored s;
    cr_assert_eq(leadseq_scored_init(&s, p, label, n, NAN), 0);
    struct leadseq_recalibration r = leadseq_recalibrate(&s);
    leadseq_scored_clear(&s);
    return r;
}

static void assert_none(struct leadseq_estimate e, const char *words)
{
    cr_assert(isnan(e.value) && isnan(e.low) && isnan(e.high));
    cr_assert(strstr(e.method, words), "%s", e.method);
}

Test(logistic, one_class_only_has_no_recalibration)
{
    const double p[] = {.1, .5, .7};
    const uint8_t all[] = {1, 1, 1};
    struct leadseq_recalibration r = recalibrate(p, all, 3);
    assert_none(r.slope, "one class");
    assert_none(r.offset, "one class");
    assert_none(r.in_the_large, "one class");
}

Test(logistic, a_constant_has_no_slope_but_an_intercept)
{
    const double p[] = {.5, .5, .5, .5};
    const uint8_t label[] = {1, 0, 0, 0};
    struct leadseq_recalibration r = recalibrate(p, label, 4);
    assert_none(r.slope, "constant");
    cr_assert_float_eq(r.in_the_large.value, log(1. / 3), 1e-9);
    cr_assert_float_eq(r.in_the_large.high - r.in_the_large.value, 1.959964 / sqrt(.75), 1e-5);
}

Test(logistic, separated_classes_have_no_slope)
{
    const double p[] = {.1, .2, .3, .8, .9}, touching[] = {.1, .3, .3, .3, .9};
    const uint8_t label[] = {0, 0, 0, 1, 1}, turned[] = {1, 1, 1, 0, 0};
    assert_none(recalibrate(p, label, 5).slope, "separated");
    assert_none(recalibrate(p, turned, 5).slope, "separated");
    assert_none(recalibrate(touching, label, 5).slope, "separated");
    cr_assert(!isnan(recalibrate(p, label, 5).in_the_large.value));
}

/* Hours of study and passed exams of twenty students, the example of many texts: offset
 * -4.0777 (error 1.7610), slope 1.5046 (.6287). */
Test(logistic, the_students_of_the_textbook_have_its_coefficients)
{
    const double hours[] = {.5,   .75, 1,    1.25, 1.5, 1.75, 1.75, 2,    2.25, 2.5,
                            2.75, 3,   3.25, 3.5,  4,   4.25, 4.5,  4.75, 5,    5.5};
    const uint8_t passed[] = {0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1};
    double p[20];
    for (int i = 0; i < 20; i++) p[i] = leadseq_temper(hours[i], 1);
    struct leadseq_recalibration r = recalibrate(p, passed, 20);
    cr_assert_float_eq(r.offset.value, -4.0777, 5e-5);
    cr_assert_float_eq(r.slope.value, 1.5046, 5e-5);
    cr_assert_float_eq((r.offset.high - r.offset.low) / 2 / 1.959964, 1.7610, 5e-5);
    cr_assert_float_eq((r.slope.high - r.slope.low) / 2 / 1.959964, .6287, 5e-5);
}

Test(logistic, probabilities_recalibrated_have_slope_one_and_intercept_zero)
{
    static double again[SAMPLE_MAX];
    models_sample_init(&sample, 900, .3, 12, 9);
    struct leadseq_recalibration r = recalibrate(sample.b, sample.label, 900);
    cr_assert_gt(fabs(r.slope.value - 1), .05);
    for (size_t i = 0; i < 900; i++)
        again[i] = leadseq_temper(r.offset.value + r.slope.value * leadseq_logit(sample.b[i]), 1);
    r = recalibrate(again, sample.label, 900);
    cr_assert_float_eq(r.slope.value, 1, 1e-7);
    cr_assert_float_eq(r.offset.value, 0, 1e-7);
    cr_assert_float_eq(r.in_the_large.value, 0, 1e-7);
}

/* The mean prediction of the shifted logits is the share of positives. */
Test(logistic, calibration_in_the_large_moves_the_mean_to_the_share)
{
    double predicted = 0, positives = 0;
    models_sample_init(&sample, 500, .2, 12, 4);
    double shift = recalibrate(sample.b, sample.label, 500).in_the_large.value;
    for (size_t i = 0; i < 500; i++) {
        predicted += leadseq_temper(leadseq_logit(sample.b[i]) + shift, 1);
        positives += sample.label[i];
    }
    cr_assert_float_eq(predicted, positives, 1e-6);
}

/* Nearly separated: the slope is large and Newton's full step would leap. */
Test(logistic, overlap_of_two_records_still_converges)
{
    const double p[] = {1e-7, 1e-6, .4999, .5001, .50005, .5003, 1 - 1e-6, 1 - 1e-7};
    const uint8_t label[] = {0, 0, 0, 0, 1, 1, 1, 1};
    struct leadseq_recalibration r = recalibrate(p, label, 8);
    cr_assert(isfinite(r.slope.value), "%s", r.slope.method);
    cr_assert_gt(r.slope.value, 100);
    cr_assert_lt(r.slope.low, r.slope.value);
}

Test(logistic, logits_are_inverse_to_probabilities_within_their_clamp)
{
    cr_assert_eq(leadseq_logit(.5), 0);
    cr_assert_float_eq(leadseq_temper(leadseq_logit(.2), 1), .2, 1e-15);
    cr_assert_eq(leadseq_logit(0), leadseq_logit(1e-7));
    cr_assert_eq(leadseq_logit(1), leadseq_logit(1 - 1e-7));
    cr_assert(isnan(leadseq_logit(NAN)));
    cr_assert_float_eq(leadseq_temper(2, 2), leadseq_temper(1, 1), 1e-15);
}
