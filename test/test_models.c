/* SPDX-License-Identifier: MIT */
#include "models_sample.h"

#include <string.h>

enum { DRAWN = 40 };

static struct models_sample sample, copies;

static void score(struct leadseq_scored *s, const struct models_sample *of)
{
    cr_assert_eq(leadseq_scored_init(&s[0], of->a, of->label, of->n, .5), 0);
    cr_assert_eq(leadseq_scored_init(&s[1], of->b, of->label, of->n, .3), 0);
}

static void tell_weights(double *value, const uint32_t *weight, const void *state, void *scratch)
{
    (void)state, (void)scratch;
    for (size_t i = 0; i < sample.n; i++) value[i] = weight[i];
}

/* The sample with record i as often as draw d has it. */
static void copy_drawn(const struct leadseq_resampled *weights, size_t d)
{
    copies.n = 0;
    for (size_t i = 0; i < sample.n; i++)
        for (double k = 0; k < weights->draws[i * DRAWN + d]; k++) {
            cr_assert_lt(copies.n, SAMPLE_MAX);
            copies.a[copies.n] = sample.a[i];
            copies.b[copies.n] = sample.b[i];
            copies.label[copies.n++] = sample.label[i];
        }
}

Test(models, of_other_numbers_of_records_are_refused)
{
    const double p[] = {.1, .5, .9};
    const uint8_t label[] = {0, 1, 1};
    struct leadseq_scored s[2];
    struct leadseq_resampled r;
    const struct leadseq_bootstrap_options options = {.resamples = 5};
    cr_assert_eq(leadseq_scored_init(&s[0], p, label, 3, .5), 0);
    cr_assert_eq(leadseq_scored_init(&s[1], p, label, 2, .5), 0);
    cr_assert_eq(leadseq_resample_models(&r, s, 2, &options), -1);
    cr_assert(strstr(leadseq_error(), "the same records, found 3 and 2"));
    leadseq_resampled_clear(&r);
    cr_assert_eq(leadseq_resample_models(&r, s, 0, &options), -1);
    leadseq_scored_clear(&s[0]);
    leadseq_scored_clear(&s[1]);
}

/* A statistic that returns the weights of its draw gives those of every draw; each record is then
 * copied that number of times, and the copies are measured as an ordinary sample. */
Test(models, a_draw_is_measured_as_a_sample_of_copies_would_be)
{
    static const int decimals[] = {1, 12};
    for (size_t k = 0; k < LEADSEQ_COUNT(decimals); k++) {
        models_sample_init(&sample, 300, .3, decimals[k], k);
        struct leadseq_scored s[2], copied[2];
        score(s, &sample);
        const struct leadseq_bootstrap_options options = {
            .resamples = DRAWN, .seed = 11, .cluster = sample.patient};
        const struct leadseq_statistic tell = {.figures = 300, .n = 300, .measure = tell_weights};
        struct leadseq_resampled weights, figures;
        cr_assert_eq(leadseq_resample(&weights, &tell, &options), 0);
        cr_assert_eq(leadseq_resample_models(&figures, s, 2, &options), 0);
        for (size_t d = 0; d < DRAWN; d++) {
            double value[2 * LEADSEQ_METRICS];
            copy_drawn(&weights, d);
            score(copied, &copies);
            leadseq_measure(value, &copied[0]);
            leadseq_measure(value + LEADSEQ_METRICS, &copied[1]);
            for (size_t f = 0; f < 2 * LEADSEQ_METRICS; f++)
                cr_assert(same_figure(figures.draws[f * DRAWN + d], value[f], 1e-8),
                          "%s of draw %zu: %.12g, of copies %.12g",
                          leadseq_metrics[f % LEADSEQ_METRICS]->name, d,
                          figures.draws[f * DRAWN + d], value[f]);
            leadseq_scored_clear(&copied[0]);
            leadseq_scored_clear(&copied[1]);
        }
        leadseq_resampled_clear(&weights);
        leadseq_resampled_clear(&figures);
        leadseq_scored_clear(&s[0]);
        leadseq_scored_clear(&s[1]);
    }
}

Test(models, threads_change_no_bit)
{
    models_sample_init(&sample, 250, .3, 3, 4);
    struct leadseq_scored s[2];
    score(s, &sample);
    struct leadseq_bootstrap_options options = {.resamples = 200, .seed = 1, .threads = 1};
    struct leadseq_resampled one, three;
    cr_assert_eq(leadseq_resample_models(&one, s, 2, &options), 0);
    options.threads = 3;
    cr_assert_eq(leadseq_resample_models(&three, s, 2, &options), 0);
    cr_assert_eq(memcmp(one.draws, three.draws, one.figures * 200 * sizeof(double)), 0);
    cr_assert_eq(memcmp(one.left, three.left, one.figures * one.groups * sizeof(double)), 0);
    leadseq_resampled_clear(&one);
    leadseq_resampled_clear(&three);
    leadseq_scored_clear(&s[0]);
    leadseq_scored_clear(&s[1]);
}

/* Twelve positives of three patients: fewer than ten patients. */
Test(models, too_few_positive_patients_are_said_where_the_interval_would_stand)
{
    models_sample_init(&sample, 120, 0, 3, 5);
    for (size_t i = 0; i < sample.n; i++) {
        sample.patient[i] = (int)(i / 4);
        sample.label[i] = i < 12;
    }
    struct leadseq_scored s[2];
    score(s, &sample);
    struct leadseq_bootstrap_options options = {.resamples = 100, .cluster = sample.patient};
    struct leadseq_resampled r;
    struct leadseq_estimate e;
    cr_assert_eq(leadseq_resample_models(&r, s, 2, &options), 0);
    cr_assert_eq(leadseq_resampled_estimate(&e, &r, LEADSEQ_METRICS + LEADSEQ_AUC), 0);
    cr_assert(!isnan(e.value) && isnan(e.low) && strstr(e.method, "fewer than 10 patients"));
    cr_assert_eq(leadseq_resampled_estimate(&e, &r, LEADSEQ_SENSITIVITY), 0);
    cr_assert(isnan(e.low));
    cr_assert_eq(leadseq_resampled_estimate(&e, &r, LEADSEQ_SPECIFICITY), 0);
    cr_assert(e.low < e.value && e.value < e.high, "%s", e.method);
    cr_assert_eq(leadseq_resampled_estimate(&e, &r, LEADSEQ_BRIER), 0);
    cr_assert(e.low < e.value && e.value < e.high, "%s", e.method);
    leadseq_resampled_clear(&r);
    options.cluster = NULL; // twelve records are enough
    cr_assert_eq(leadseq_resample_models(&r, s, 2, &options), 0);
    cr_assert_eq(leadseq_resampled_estimate(&e, &r, LEADSEQ_AUC), 0);
    cr_assert(e.low < e.value && e.value < e.high, "%s", e.method);
    leadseq_resampled_clear(&r);
    leadseq_scored_clear(&s[0]);
    leadseq_scored_clear(&s[1]);
}

/* Probabilities of saturated, constant, coarse and skewed models. */
static double hostile(struct leadseq_random *r, uint64_t kind)
{
    double u = leadseq_random_uniform(r);
    switch (kind) {
    case 0:
        return u < .5 ? 0 : 1;
    case 1:
        return .25;
    case 2:
        return round(4 * u) / 4;
    case 3:
        return pow(u, 60);
    case 4:
        return 1 - pow(u, 60);
    case 5:
        return u < .3 ? 0 : u < .6 ? 5e-324 : u < .7 ? 1 - 1e-16 : u;
    default:
        return u;
    }
}

static void assert_in_range(enum leadseq_metric metric, struct leadseq_estimate e)
{
    bool unbounded = metric == LEADSEQ_SLOPE || metric == LEADSEQ_INTERCEPT ||
                     metric == LEADSEQ_LR_POSITIVE || metric == LEADSEQ_LR_NEGATIVE;
    double least = metric == LEADSEQ_MCC || metric == LEADSEQ_KAPPA ? -1 : 0;
    const char *name = leadseq_metrics[metric]->name;
    cr_assert(e.method, "%s", name);
    cr_assert(!isinf(e.value) && !isinf(e.low) && !isinf(e.high), "%s", name);
    cr_assert_eq(isnan(e.low), isnan(e.high), "%s", name);
    cr_assert(!(e.low > e.high), "%s: %g to %g", name, e.low, e.high);
    if (unbounded) return;
    cr_assert(!(e.value < least - 1e-12) && !(e.value > 1 + 1e-12), "%s: %g", name, e.value);
    cr_assert(!(e.low < least - 1e-12) && !(e.high > 1 + 1e-12), "%s", name);
}

static void assert_p(double p, enum leadseq_metric metric)
{
    cr_assert(isnan(p) || (p > 0 && p <= 1), "%s: p %g", leadseq_metrics[metric]->name, p);
}

static void assert_sane(const struct leadseq_scored *s,
                        const struct leadseq_bootstrap_options *options)
{
    struct leadseq_resampled r;
    double p[LEADSEQ_METRICS];
    cr_assert_eq(leadseq_resample_models(&r, s, 2, options), 0);
    cr_assert_eq(leadseq_permute_models(p, &s[0], &s[1], options), 0);
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_estimate e;
        struct leadseq_difference d;
        cr_assert_eq(leadseq_resampled_estimate(&e, &r, k), 0);
        cr_assert_eq(leadseq_resampled_difference(&d, &r, k, LEADSEQ_METRICS + k), 0);
        assert_in_range((enum leadseq_metric)k, e);
        assert_p(d.p, (enum leadseq_metric)k);
        assert_p(p[k], (enum leadseq_metric)k);
    }
    leadseq_resampled_clear(&r);
}

static void assert_calibrated(const struct leadseq_scored *s)
{
    struct leadseq_recalibration r = leadseq_recalibrate(s);
    cr_assert(!strstr(r.slope.method, "converge"), "%s", r.slope.method);
    for (int k = 0; k < 2; k++) {
        struct leadseq_reliability q = leadseq_reliability_of(s, (enum leadseq_binning)k);
        double sum =
            q.reliability - q.resolution + q.uncertainty + q.within_variance - q.within_covariance;
        cr_assert_float_eq(sum, q.brier, 1e-12);
    }
}

Test(models, whatever_they_say_figures_keep_their_ranges_and_have_a_method)
{
    for (uint64_t trial = 0; trial < 300; trial++) {
        struct leadseq_random r;
        struct leadseq_scored s[2];
        leadseq_random_init(&r, 31, LEADSEQ_STREAM_TEST, trial, 0);
        sample.n = 1 + leadseq_random_below(&r, 60);
        double share = leadseq_random_uniform(&r);
        for (size_t i = 0; i < sample.n; i++) {
            sample.label[i] = leadseq_random_uniform(&r) < share;
            sample.patient[i] = (int)leadseq_random_below(&r, 1 + sample.n / 2);
            sample.a[i] = hostile(&r, trial % 7);
            sample.b[i] = hostile(&r, trial / 7 % 7);
        }
        const struct leadseq_bootstrap_options options = {
            .resamples = 50, .threads = 1, .cluster = trial % 2 ? sample.patient : NULL};
        score(s, &sample);
        assert_sane(s, &options);
        assert_calibrated(&s[0]);
        assert_calibrated(&s[1]);
        leadseq_scored_clear(&s[0]);
        leadseq_scored_clear(&s[1]);
    }
}

/* In 300 samples of a population whose AUC is Φ(2/√(1 + 1)) of two normals: 95 % intervals contain
 * it in 95 % of the samples, within the precision of 300 trials (.95 ± 3·.0126). */
Test(models, intervals_cover_as_often_as_they_say)
{
    enum { TRIALS = 300, RECORDS = 150 };
    double truth = .5 * erfc(-sqrt(2) / sqrt(2)), probability[RECORDS];
    uint8_t label[RECORDS];
    size_t covered = 0;
    for (size_t t = 0; t < TRIALS; t++) {
        struct leadseq_random random;
        leadseq_random_init(&random, 17, LEADSEQ_STREAM_TEST, t, 0);
        for (size_t i = 0; i < RECORDS; i++) {
            label[i] = i % 3 == 0;
            probability[i] =
                leadseq_temper(leadseq_random_normal(&random) + (label[i] ? 2 : 0) - 1, 1);
        }
        struct leadseq_scored s;
        struct leadseq_resampled r;
        struct leadseq_estimate e;
        struct leadseq_bootstrap_options options = {.resamples = 400, .seed = t};
        cr_assert_eq(leadseq_scored_init(&s, probability, label, RECORDS, NAN), 0);
        cr_assert_eq(leadseq_resample_models(&r, &s, 1, &options), 0);
        cr_assert_eq(leadseq_resampled_estimate(&e, &r, LEADSEQ_AUC), 0);
        covered += e.low <= truth && truth <= e.high;
        leadseq_resampled_clear(&r);
        leadseq_scored_clear(&s);
    }
    double share = (double)covered / TRIALS;
    cr_assert(share > .95 - 3 * .0126 && share < .95 + 3 * .0126, "%g", share);
}

/* Macro: the mean of one-against-rest figures, each class with labels of its own. */
Test(models, a_macro_figure_has_an_interval_from_the_same_draws)
{
    models_sample_init(&sample, 300, .3, 12, 6);
    static uint8_t other[300];
    for (size_t i = 0; i < 300; i++) other[i] = sample.b[i] + .3 * sample.label[i] > .5;
    struct leadseq_scored s[2];
    cr_assert_eq(leadseq_scored_init(&s[0], sample.a, sample.label, 300, NAN), 0);
    cr_assert_eq(leadseq_scored_init(&s[1], sample.a, other, 300, NAN), 0);
    struct leadseq_bootstrap_options options = {.resamples = 500, .cluster = sample.patient};
    struct leadseq_resampled r;
    struct leadseq_difference macro;
    const struct leadseq_term mean[] = {{LEADSEQ_AUC, .5}, {LEADSEQ_METRICS + LEADSEQ_AUC, .5}};
    cr_assert_eq(leadseq_resample_models(&r, s, 2, &options), 0);
    cr_assert_eq(leadseq_resampled_sum(&macro, &r, mean, 2), 0);
    cr_assert_float_eq(
        macro.difference,
        (leadseq_auc(sample.a, sample.label, 300) + leadseq_auc(sample.a, other, 300)) / 2, 1e-12);
    cr_assert(macro.low < macro.difference && macro.difference < macro.high);
    cr_assert_lt(macro.high - macro.low, .15);
    leadseq_resampled_clear(&r);
    leadseq_scored_clear(&s[0]);
    leadseq_scored_clear(&s[1]);
}
