/* SPDX-License-Identifier: MIT */
#include "models_sample.h"

static struct models_sample sample;

static struct leadseq_reliability reliability(const double *p, const uint8_t *label, size_t n,
                                              enum leadseq_binning binning)
{
    struct leadseq_scored s;
    cr_assert_eq(leadseq_scored_init(&s, p, label, n, NAN), 0);
    struct leadseq_reliability r = leadseq_reliability_of(&s, binning);
    leadseq_scored_clear(&s);
    return r;
}

Test(bins, a_constant_is_one_bin)
{
    const double p[] = {.3, .3, .3, .3, .3};
    const uint8_t label[] = {0, 1, 0, 0, 1};
    for (int how = LEADSEQ_EQUAL_MASS; how <= LEADSEQ_EQUAL_WIDTH; how++) {
        struct leadseq_reliability r = reliability(p, label, 5, (enum leadseq_binning)how);
        cr_assert_eq(r.n_bins, 1);
        cr_assert(r.bin[0].n == 5 && r.bin[0].positives == 2);
        cr_assert_float_eq(r.ece_plain, .1, 1e-15);
        cr_assert_float_eq(r.largest, .1, 1e-15);
        cr_assert_eq(r.resolution, 0);
        cr_assert_float_eq(r.reliability, .01, 1e-15);
    }
}

Test(bins, one_class_only_has_no_skill)
{
    const double p[] = {.1, .2, .9};
    const uint8_t none[] = {0, 0, 0};
    struct leadseq_reliability r = reliability(p, none, 3, LEADSEQ_EQUAL_MASS);
    cr_assert(isnan(r.skill));
    cr_assert_eq(r.uncertainty, 0);
    cr_assert_float_eq(r.brier, (.01 + .04 + .81) / 3, 1e-15);
}

/* Edges belong to the bin below them, zero to the first. */
Test(bins, of_equal_width_end_at_tenths)
{
    const double p[] = {0, .1, .1000001, .2, .3, .95, 1};
    const uint8_t label[] = {0, 0, 0, 1, 0, 1, 1};
    struct leadseq_reliability r = reliability(p, label, 7, LEADSEQ_EQUAL_WIDTH);
    const size_t n[] = {2, 2, 1, 2}, positives[] = {0, 1, 0, 2};
    cr_assert_eq(r.n_bins, 4);
    for (size_t b = 0; b < 4; b++) {
        cr_assert_eq(r.bin[b].n, n[b]);
        cr_assert_eq(r.bin[b].positives, positives[b]);
    }
    cr_assert_eq(r.bin[1].least, .1000001);
    cr_assert_eq(r.bin[1].most, .2);
    double ece = (.1 + fabs(1 - .3000001) + .3 + fabs(2 - 1.95)) / 7;
    cr_assert_float_eq(r.ece_plain, ece, 1e-12);
}

Test(bins, of_equal_mass_hold_a_tenth_each)
{
    models_sample_init(&sample, 1000, .3, 12, 1);
    struct leadseq_reliability r = reliability(sample.a, sample.label, 1000, LEADSEQ_EQUAL_MASS);
    cr_assert_eq(r.n_bins, LEADSEQ_BINS);
    for (size_t b = 0; b < LEADSEQ_BINS; b++) {
        cr_assert_eq(r.bin[b].n, 100);
        if (b) cr_assert_gt(r.bin[b].least, r.bin[b - 1].most);
    }
}

Test(bins, equal_probabilities_stay_together)
{
    double p[100];
    uint8_t label[100];
    for (int i = 0; i < 100; i++) {
        p[i] = i < 55 ? .2 : .3 + i / 1000.;
        label[i] = i % 3 == 0;
    }
    struct leadseq_reliability r = reliability(p, label, 100, LEADSEQ_EQUAL_MASS);
    size_t n = 0;
    cr_assert_eq(r.bin[0].n, 55);
    cr_assert_eq(r.bin[0].least, r.bin[0].most);
    for (size_t b = 0; b < r.n_bins; b++) n += r.bin[b].n;
    cr_assert_eq(n, 100);
}

/* Places 8 to 13 of 100 are equal: their middle, 11, lies in the second bin. */
Test(bins, equal_probabilities_across_an_edge_go_where_their_middle_is)
{
    double p[100];
    uint8_t label[100];
    for (int i = 0; i < 100; i++) {
        p[i] = i >= 8 && i < 14 ? .1 : i / 1000. + (i >= 14 ? .1 : 0);
        label[i] = i % 2 == 0;
    }
    struct leadseq_reliability r = reliability(p, label, 100, LEADSEQ_EQUAL_MASS);
    cr_assert_eq(r.n_bins, LEADSEQ_BINS);
    cr_assert(r.bin[0].n == 8 && r.bin[1].n == 12 && r.bin[2].n == 10);
}

Test(bins, the_brier_score_is_the_sum_of_its_parts)
{
    static const int decimals[] = {1, 2, 12};
    for (size_t k = 0; k < LEADSEQ_COUNT(decimals); k++) {
        models_sample_init(&sample, 777, .3, decimals[k], k);
        for (int how = LEADSEQ_EQUAL_MASS; how <= LEADSEQ_EQUAL_WIDTH; how++) {
            struct leadseq_reliability r =
                reliability(sample.b, sample.label, 777, (enum leadseq_binning)how);
            double sum = r.reliability - r.resolution + r.uncertainty + r.within_variance -
                         r.within_covariance;
            cr_assert_float_eq(r.brier, leadseq_brier(sample.b, sample.label, 777), 1e-14);
            cr_assert_float_eq(sum, r.brier, 1e-14);
            cr_assert_float_eq(r.skill, 1 - r.brier / r.uncertainty, 1e-14);
            if (decimals[k] == 1 && how == LEADSEQ_EQUAL_WIDTH)
                cr_assert_lt(r.within_variance, .01);
        }
    }
}

Test(bins, shares_have_wilsons_interval)
{
    models_sample_init(&sample, 200, .3, 12, 5);
    struct leadseq_reliability r = reliability(sample.a, sample.label, 200, LEADSEQ_EQUAL_MASS);
    for (size_t b = 0; b < r.n_bins; b++) {
        struct leadseq_estimate wilson = leadseq_wilson(r.bin[b].positives, r.bin[b].n);
        cr_assert_eq(r.bin[b].share.low, wilson.low);
        cr_assert_eq(r.bin[b].share.high, wilson.high);
    }
}

/* Labels drawn from the probabilities themselves: the error is 0 in truth. Of what sampling adds to
 * it two fifths are taken away, 2 √(2/π) s - √2 √(2/π) s being left of √(2/π) s; of a real error of
 * a tenth nothing is. */
Test(bins, a_part_of_what_sampling_adds_to_the_error_is_taken_away)
{
    enum { N = 400, TIMES = 200 };
    double p[N], plain = 0, debiased = 0, wrong = 0;
    uint8_t label[N], off[N];
    for (uint64_t k = 0; k < TIMES; k++) {
        struct leadseq_random random;
        leadseq_random_init(&random, 5, LEADSEQ_STREAM_TEST, k, 0);
        for (int i = 0; i < N; i++) {
            p[i] = .2 + .6 * leadseq_random_uniform(&random);
            double u = leadseq_random_uniform(&random);
            label[i] = u < p[i];
            off[i] = u < p[i] - .1;
        }
        struct leadseq_reliability r = reliability(p, label, N, LEADSEQ_EQUAL_MASS);
        plain += r.ece_plain / TIMES;
        debiased += r.ece / TIMES;
        wrong += reliability(p, off, N, LEADSEQ_EQUAL_MASS).ece / TIMES;
    }
    cr_assert_gt(plain, .05);
    cr_assert_float_eq(debiased / plain, 2 - sqrt(2), .03, "%g", debiased / plain);
    cr_assert_float_eq(wrong, .1, .01, "%g", wrong);
}

/* Its draws are biased, so that no interval of theirs is shown. */
Test(bins, a_calibration_error_has_no_interval)
{
    struct leadseq_scored s;
    struct leadseq_resampled r;
    struct leadseq_estimate e;
    const struct leadseq_bootstrap_options few = {.resamples = 100, .seed = 1};
    models_sample_init(&sample, 300, .4, 12, 1);
    cr_assert_eq(leadseq_scored_init(&s, sample.a, sample.label, sample.n, NAN), 0);
    cr_assert_eq(leadseq_resample_models(&r, &s, 1, &few), 0);
    cr_assert_eq(leadseq_resampled_estimate(&e, &r, LEADSEQ_ECE_MASS), 0);
    cr_assert(isfinite(e.value) && isnan(e.low) && strstr(e.method, "no interval"));
    cr_assert_eq(leadseq_resampled_estimate(&e, &r, LEADSEQ_BRIER), 0);
    cr_assert(isfinite(e.low));
    leadseq_resampled_clear(&r);
    leadseq_scored_clear(&s);
}
