/* SPDX-License-Identifier: MIT */
#include "models_sample.h"

#include <string.h>

static struct models_sample sample;

static struct leadseq_scored scored_of(const double *probability, double threshold)
{
    struct leadseq_scored s;
    cr_assert_eq(leadseq_scored_init(&s, probability, sample.label, sample.n, threshold), 0, "%s",
                 leadseq_error());
    return s;
}

Test(metrics, what_is_no_probability_is_refused_by_its_place)
{
    static const struct refused {
        double probability;
        uint8_t label;
        size_t n;
        const char *words;
    } refused[] = {
        {NAN, 0, 3, "probability 2 of 3: expected 0 to 1, found nan"},
        {-1e-9, 0, 3, "probability 2 of 3"},
        {1.5, 0, 3, "found 1.5"},
        {INFINITY, 0, 3, "found inf"},
        {.5, 2, 3, "label 2 of 3: expected 0 or 1, found 2"},
        {.5, 0, 0, "no records"},
    };
    for (size_t k = 0; k < LEADSEQ_COUNT(refused); k++) {
        double probability[] = {.1, refused[k].probability, .9};
        uint8_t label[] = {0, refused[k].label, 1};
        struct leadseq_scored s;
        cr_assert_eq(leadseq_scored_init(&s, probability, label, refused[k].n, .5), -1);
        cr_assert(strstr(leadseq_error(), refused[k].words), "%zu: %s", k, leadseq_error());
        leadseq_scored_clear(&s); // may follow a refusal
    }
}

Test(metrics, one_class_only_leaves_what_needs_no_other)
{
    double probability[] = {.1, .4, .8}, value[LEADSEQ_METRICS];
    uint8_t none[] = {0, 0, 0};
    struct leadseq_scored s;
    cr_assert_eq(leadseq_scored_init(&s, probability, none, 3, .5), 0);
    leadseq_measure(value, &s);
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        if (leadseq_metrics[k]->needs_positives && k != LEADSEQ_PPV && k != LEADSEQ_NPV &&
            k != LEADSEQ_F1 && k != LEADSEQ_KAPPA)
            cr_assert(isnan(value[k]), "%s", leadseq_metrics[k]->name);
    }
    cr_assert_eq(value[LEADSEQ_PPV], 0);
    cr_assert_eq(value[LEADSEQ_NPV], 1);
    cr_assert_eq(value[LEADSEQ_F1], 0);
    cr_assert_eq(value[LEADSEQ_KAPPA], 0);
    cr_assert(isnan(value[LEADSEQ_SENSITIVITY]));
    cr_assert_float_eq(value[LEADSEQ_SPECIFICITY], 2. / 3, 1e-15);
    cr_assert_float_eq(value[LEADSEQ_BRIER], (.01 + .16 + .64) / 3, 1e-15);
    leadseq_scored_clear(&s);
}

Test(metrics, without_a_threshold_nothing_is_decided)
{
    models_sample_init(&sample, 200, .3, 3, 1);
    struct leadseq_scored s = scored_of(sample.a, NAN);
    double value[LEADSEQ_METRICS];
    leadseq_measure(value, &s);
    for (int k = 0; k < LEADSEQ_METRICS; k++)
        cr_assert_eq(isnan(value[k]), leadseq_metrics[k]->needs == LEADSEQ_OF_DECISIONS, "%s",
                     leadseq_metrics[k]->name);
    leadseq_scored_clear(&s);
}

Test(metrics, the_constant_classifier_has_its_defined_figures)
{
    models_sample_init(&sample, 400, .25, 3, 2);
    static double constant[400];
    size_t positives = 0;
    for (size_t i = 0; i < 400; i++) positives += sample.label[i];
    double share = (double)positives / 400, value[LEADSEQ_METRICS];
    for (size_t i = 0; i < 400; i++) constant[i] = share;
    struct leadseq_scored s = scored_of(constant, .5);
    leadseq_measure(value, &s);
    cr_assert_eq(value[LEADSEQ_AUC], .5);
    cr_assert_float_eq(value[LEADSEQ_AVERAGE_PRECISION], share, 1e-15);
    cr_assert_float_eq(value[LEADSEQ_F_MAX], 2 * share / (1 + share), 1e-15);
    cr_assert_eq(value[LEADSEQ_SENSITIVITY_AT_95], 0);
    cr_assert_eq(value[LEADSEQ_SPECIFICITY_AT_95], 0);
    cr_assert_float_eq(value[LEADSEQ_BRIER], share * (1 - share), 1e-15);
    cr_assert_float_eq(value[LEADSEQ_ECE_MASS], 0, 1e-12);
    cr_assert_float_eq(value[LEADSEQ_ECE_WIDTH], 0, 1e-12);
    cr_assert(isnan(value[LEADSEQ_SLOPE]));
    cr_assert_float_eq(value[LEADSEQ_INTERCEPT], 0, 1e-9);
    cr_assert_eq(value[LEADSEQ_SENSITIVITY], 0);
    cr_assert_eq(value[LEADSEQ_SPECIFICITY], 1);
    cr_assert(isnan(value[LEADSEQ_PPV]));
    cr_assert(isnan(value[LEADSEQ_MCC]));
    cr_assert_eq(value[LEADSEQ_KAPPA], 0);
    cr_assert_eq(value[LEADSEQ_LR_NEGATIVE], 1);
    leadseq_scored_clear(&s);
}

static void assert_curve_figures(const double *value)
{
    struct leadseq_curve curve;
    cr_assert_eq(leadseq_curve_init(&curve, sample.a, sample.label, sample.n), 0);
    const double expected[] = {
        [LEADSEQ_AUC] = leadseq_curve_auc(&curve),
        [LEADSEQ_AVERAGE_PRECISION] = leadseq_curve_average_precision(&curve),
        [LEADSEQ_SENSITIVITY_AT_90] = leadseq_curve_sensitivity_at(&curve, .90, NULL),
        [LEADSEQ_SENSITIVITY_AT_95] = leadseq_curve_sensitivity_at(&curve, .95, NULL),
        [LEADSEQ_SPECIFICITY_AT_90] = leadseq_curve_specificity_at(&curve, .90, NULL),
        [LEADSEQ_SPECIFICITY_AT_95] = leadseq_curve_specificity_at(&curve, .95, NULL),
        [LEADSEQ_F_MAX] = leadseq_curve_f_max(&curve, NULL),
    };
    for (size_t k = 0; k < LEADSEQ_COUNT(expected); k++)
        cr_assert_float_eq(value[k], expected[k], 1e-12, "%s of %zu: %g, expected %g",
                           leadseq_metrics[k]->name, sample.n, value[k], expected[k]);
    leadseq_curve_clear(&curve);
}

static void assert_decision_figures(const double *value, double threshold)
{
    const struct leadseq_confusion c =
        leadseq_confusion_at(sample.a, sample.label, sample.n, threshold);
    cr_assert_eq(value[LEADSEQ_SENSITIVITY], leadseq_sensitivity(&c));
    cr_assert_eq(value[LEADSEQ_SPECIFICITY], leadseq_specificity(&c));
    cr_assert_eq(value[LEADSEQ_PPV], leadseq_precision(&c));
    cr_assert_eq(value[LEADSEQ_NPV], leadseq_npv(&c));
    cr_assert_eq(value[LEADSEQ_ACCURACY], leadseq_accuracy(&c));
    cr_assert_eq(value[LEADSEQ_BALANCED_ACCURACY], leadseq_balanced_accuracy(&c));
    cr_assert_eq(value[LEADSEQ_F1], leadseq_f1(&c));
    cr_assert_eq(value[LEADSEQ_MCC], leadseq_mcc(&c));
    cr_assert_eq(value[LEADSEQ_KAPPA], leadseq_kappa(&c));
    cr_assert_eq(value[LEADSEQ_LR_POSITIVE], leadseq_lr_positive(&c).value);
    cr_assert_eq(value[LEADSEQ_LR_NEGATIVE], leadseq_lr_negative(&c).value);
}

static void assert_probability_figures(const double *value, const struct leadseq_scored *s)
{
    struct leadseq_recalibration r = leadseq_recalibrate(s);
    cr_assert_float_eq(value[LEADSEQ_BRIER], leadseq_brier(sample.a, sample.label, sample.n),
                       1e-14);
    cr_assert_float_eq(value[LEADSEQ_ECE_MASS], leadseq_reliability_of(s, LEADSEQ_EQUAL_MASS).ece,
                       1e-14);
    cr_assert_float_eq(value[LEADSEQ_ECE_WIDTH], leadseq_reliability_of(s, LEADSEQ_EQUAL_WIDTH).ece,
                       1e-14);
    cr_assert_float_eq(value[LEADSEQ_SLOPE], r.slope.value, 1e-9);
    cr_assert_float_eq(value[LEADSEQ_INTERCEPT], r.in_the_large.value, 1e-9);
}

Test(metrics, every_metric_is_what_its_own_function_says)
{
    static const struct {
        size_t n;
        int decimals;
    } cases[] = {{40, 1}, {200, 2}, {999, 12}, {20, 12}};
    for (size_t k = 0; k < LEADSEQ_COUNT(cases); k++) {
        models_sample_init(&sample, cases[k].n, .4, cases[k].decimals, k);
        struct leadseq_scored s = scored_of(sample.a, .5);
        double value[LEADSEQ_METRICS];
        leadseq_measure(value, &s);
        assert_curve_figures(value);
        assert_decision_figures(value, .5);
        assert_probability_figures(value, &s);
        leadseq_scored_clear(&s);
    }
}

Test(metrics, logits_beyond_float_are_clamped_and_counted)
{
    models_sample_init(&sample, 100, .4, 12, 3);
    sample.a[3] = 0;
    sample.a[5] = 1;
    sample.a[7] = 1e-9;
    struct leadseq_scored s = scored_of(sample.a, .5);
    cr_assert_eq(s.clamped, 3);
    for (size_t r = 0; r < s.n; r++) cr_assert(fabs(s.logit[r]) < 16.2);
    leadseq_scored_clear(&s);
}

Test(metrics, names_tell_the_metrics_apart)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        const struct leadseq_metric_type *type = leadseq_metrics[k];
        cr_assert(type && type->name && type->title && type->value);
        for (int j = 0; j < k; j++) {
            cr_assert_str_neq(type->name, leadseq_metrics[j]->name);
            cr_assert_str_neq(type->title, leadseq_metrics[j]->title);
        }
    }
}

Test(metrics, a_row_names_the_metric_as_its_type_does)
{
#define NAME(NAME, name) #name,
    static const char *const names[] = {LEADSEQ_METRIC_TABLE(NAME, NAME)};
#undef NAME
    cr_assert_eq(LEADSEQ_COUNT(names), LEADSEQ_METRICS);
    for (int k = 0; k < LEADSEQ_METRICS; k++) cr_assert_str_eq(names[k], leadseq_metrics[k]->name);
}

Test(metrics, plain_values_intervals_and_resamples_agree)
{
    models_sample_init(&sample, 300, .4, 2, 5);
    struct leadseq_scored s = scored_of(sample.a, .4);
    const struct leadseq_predicted p = {sample.n, sample.a, sample.label, .4, NULL};
    double value[LEADSEQ_METRICS], alone;
    leadseq_measure(value, &s);
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_estimate e = {value[k], NAN, NAN, NULL};
        cr_assert_eq(leadseq_metric_of(&alone, (enum leadseq_metric)k, &p), 0);
        cr_assert_float_eq(alone, value[k], 1e-12, "%s", leadseq_metrics[k]->name);
        if (leadseq_metrics[k]->interval) cr_assert_eq(leadseq_metrics[k]->interval(&e, &p), 0);
        cr_assert_float_eq(e.value, value[k], 1e-8, "%s", leadseq_metrics[k]->name);
    }
    leadseq_scored_clear(&s);
}

Test(metrics, without_a_threshold_a_decision_is_undefined_by_every_function)
{
    models_sample_init(&sample, 100, .4, 2, 6);
    const struct leadseq_predicted p = {sample.n, sample.a, sample.label, NAN, NULL};
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        double alone;
        if (leadseq_metrics[k]->needs != LEADSEQ_OF_DECISIONS) continue;
        cr_assert_eq(leadseq_metric_of(&alone, (enum leadseq_metric)k, &p), 0);
        cr_assert(isnan(alone), "%s", leadseq_metrics[k]->name);
    }
}
