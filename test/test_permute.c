/* SPDX-License-Identifier: MIT */
#include "models_sample.h"

#include <string.h>

enum { FEW = 12 };

static struct models_sample sample;

/* Differences of twelve records; an exchanged one turns its sign. */
static void mean_difference(double *value, const uint32_t *swapped, const void *state,
                            void *scratch)
{
    const double *d = state;
    (void)scratch;
    value[0] = 0;
    for (size_t i = 0; i < FEW; i++) value[0] += swapped[i] ? -d[i] : d[i];
}

static void never_defined(double *value, const uint32_t *swapped, const void *state, void *scratch)
{
    (void)state, (void)scratch;
    value[0] = NAN;
    value[1] = swapped[0] ? NAN : 1;
}

static const double differences[FEW] = {.5, .31, -.2, .44, .12, -.05, .27, .6, -.33, .08, .41, .19};

/* p over all signs of clusters of `size` neighbours. */
static double p_of_all_signs(size_t size)
{
    size_t clusters = FEW / size, extreme = 0;
    double found = 0;
    for (size_t i = 0; i < FEW; i++) found += differences[i];
    for (size_t signs = 0; signs < (size_t)1 << clusters; signs++) {
        double d = 0;
        for (size_t i = 0; i < FEW; i++)
            d += signs >> (i / size) & 1 ? -differences[i] : differences[i];
        extreme += fabs(d) >= fabs(found) - 1e-12;
    }
    return (double)extreme / (double)((size_t)1 << clusters);
}

Test(permute, what_is_not_defined_has_no_p)
{
    const struct leadseq_statistic statistic = {.figures = 2, .n = 3, .measure = never_defined};
    const struct leadseq_bootstrap_options options = {.resamples = 100};
    const struct leadseq_statistic nothing = {.figures = 1, .measure = never_defined};
    double p[2];
    cr_assert_eq(leadseq_permute(p, &statistic, &options), 0);
    cr_assert(isnan(p[0]) && isnan(p[1]));
    cr_assert_eq(leadseq_permute(p, &nothing, &options), -1);
    cr_assert(strstr(leadseq_error(), "no records"));
}

Test(permute, p_is_near_that_of_all_exchanges)
{
    const struct leadseq_statistic mean = {
        .figures = 1, .n = FEW, .measure = mean_difference, .state = differences};
    int patient[FEW];
    for (size_t size = 1; size <= 3; size++) {
        for (size_t i = 0; i < FEW; i++) patient[i] = (int)(i / size);
        const struct leadseq_bootstrap_options options = {.resamples = 40000, .cluster = patient};
        double p, all = p_of_all_signs(size);
        cr_assert_eq(leadseq_permute(&p, &mean, &options), 0);
        cr_assert_float_eq(p, all, 4 * sqrt(all * (1 - all) / 40000), "%zu: %g, all %g", size, p,
                           all);
    }
}

static void permute(double *p, const double *a, const double *b, double threshold_b, int threads)
{
    struct leadseq_scored s[2];
    const struct leadseq_bootstrap_options options = {
        .resamples = 400, .seed = 3, .cluster = sample.patient, .threads = threads};
    cr_assert_eq(leadseq_scored_init(&s[0], a, sample.label, sample.n, .5), 0);
    cr_assert_eq(leadseq_scored_init(&s[1], b, sample.label, sample.n, threshold_b), 0);
    cr_assert_eq(leadseq_permute_models(p, &s[0], &s[1], &options), 0);
    leadseq_scored_clear(&s[0]);
    leadseq_scored_clear(&s[1]);
}

Test(permute, models_of_other_records_are_refused)
{
    const double p[] = {.1, .5, .9};
    const uint8_t label[] = {0, 1, 1}, other[] = {1, 1, 0};
    const struct leadseq_bootstrap_options options = {.resamples = 5};
    struct leadseq_scored a, b;
    double value[LEADSEQ_METRICS];
    cr_assert_eq(leadseq_scored_init(&a, p, label, 3, .5), 0);
    cr_assert_eq(leadseq_scored_init(&b, p, other, 3, .5), 0);
    cr_assert_eq(leadseq_permute_models(value, &a, &b, &options), -1);
    cr_assert(strstr(leadseq_error(), "other labels"));
    leadseq_scored_clear(&a);
    leadseq_scored_clear(&b);
}

Test(permute, a_model_does_not_differ_from_itself)
{
    double p[LEADSEQ_METRICS];
    models_sample_init(&sample, 200, .3, 2, 1);
    permute(p, sample.a, sample.a, .5, 1);
    for (int k = 0; k < LEADSEQ_METRICS; k++)
        cr_assert_eq(p[k], 1, "%s: %g", leadseq_metrics[k]->name, p[k]);
}

Test(permute, a_clear_difference_has_the_least_p_there_is)
{
    static double noise[SAMPLE_MAX];
    double p[LEADSEQ_METRICS];
    models_sample_init(&sample, 600, .4, 12, 2);
    struct leadseq_random r;
    leadseq_random_init(&r, 8, LEADSEQ_STREAM_TEST, 0, 0);
    for (size_t i = 0; i < sample.n; i++) noise[i] = leadseq_random_uniform(&r);
    permute(p, sample.a, noise, .5, 0);
    static const enum leadseq_metric clear[] = {LEADSEQ_AUC,
                                                LEADSEQ_AVERAGE_PRECISION,
                                                LEADSEQ_BRIER,
                                                LEADSEQ_ECE_MASS,
                                                LEADSEQ_SLOPE,
                                                LEADSEQ_ACCURACY,
                                                LEADSEQ_MCC,
                                                LEADSEQ_F1,
                                                LEADSEQ_SENSITIVITY_AT_90};
    for (size_t k = 0; k < LEADSEQ_COUNT(clear); k++)
        cr_assert_float_eq(p[clear[k]], 1. / 401, 1e-15, "%s: %g", leadseq_metrics[clear[k]]->name,
                           p[clear[k]]);
}

/* Metrics of order see ranks, decisions see what was called: another scale of one model (here
 * the cube, its threshold too) changes neither. */
Test(permute, a_monotone_scale_changes_only_what_looks_at_probabilities)
{
    static double cubed[SAMPLE_MAX];
    double p[LEADSEQ_METRICS], q[LEADSEQ_METRICS];
    models_sample_init(&sample, 300, .3, 12, 3);
    for (size_t i = 0; i < sample.n; i++) cubed[i] = pow(sample.b[i], 3);
    permute(p, sample.a, sample.b, .5, 1);
    permute(q, sample.a, cubed, .125, 1);
    for (int k = LEADSEQ_AUC; k <= LEADSEQ_F_MAX; k++) cr_assert_eq(p[k], q[k]);
    for (int k = LEADSEQ_SENSITIVITY; k < LEADSEQ_METRICS; k++) cr_assert_eq(p[k], q[k]);
    cr_assert_neq(p[LEADSEQ_INTERCEPT], q[LEADSEQ_INTERCEPT]);
}

Test(permute, threads_change_no_bit)
{
    double one[LEADSEQ_METRICS], three[LEADSEQ_METRICS];
    models_sample_init(&sample, 200, .3, 2, 4);
    permute(one, sample.a, sample.b, .5, 1);
    permute(three, sample.a, sample.b, .5, 3);
    cr_assert_eq(memcmp(one, three, sizeof one), 0);
}

/* Two models of equal worth: p below .1 in a tenth of trials, within what 200 can tell. */
Test(permute, p_is_uniform_where_nothing_differs)
{
    enum { TRIALS = 200, RECORDS = 80 };
    size_t below[LEADSEQ_METRICS] = {0};
    for (size_t t = 0; t < TRIALS; t++) {
        struct leadseq_random r;
        leadseq_random_init(&r, 23, LEADSEQ_STREAM_TEST, t, 0);
        sample.n = RECORDS;
        for (size_t i = 0; i < RECORDS; i++) {
            double z = (sample.label[i] = i % 2) + leadseq_random_normal(&r) - .5;
            sample.patient[i] = (int)i / 2;
            sample.a[i] = leadseq_temper(z + leadseq_random_normal(&r), 1);
            sample.b[i] = leadseq_temper(z + leadseq_random_normal(&r), 1);
        }
        double p[LEADSEQ_METRICS];
        permute(p, sample.a, sample.b, .5, 0);
        for (int k = 0; k < LEADSEQ_METRICS; k++) below[k] += p[k] <= .1;
    }
    static const enum leadseq_metric told[] = {LEADSEQ_AUC, LEADSEQ_AVERAGE_PRECISION,
                                               LEADSEQ_BRIER, LEADSEQ_SLOPE};
    for (size_t k = 0; k < LEADSEQ_COUNT(told); k++) {
        double share = (double)below[told[k]] / TRIALS;
        cr_assert(share > .1 - 3.5 * .0212 && share < .1 + 3.5 * .0212, "%s: %g",
                  leadseq_metrics[told[k]]->name, share);
    }
}
