/* SPDX-License-Identifier: MIT
 *
 * Every metric of one model in passes over its records in the order of their
 * scores, with weights, so that a resample costs O(n). */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>

#define ORDER    .needs_positives = true, .needs_negatives = true
#define DECISION .needs_threshold = true
#define BOTH     .needs_threshold = true, ORDER
const struct leadseq_metric_info leadseq_metric_info[LEADSEQ_METRICS] = {
    [LEADSEQ_AUC] = {"auc", "AUC", ORDER},
    [LEADSEQ_AVERAGE_PRECISION] = {"average_precision", "Average precision", ORDER},
    [LEADSEQ_SENSITIVITY_AT_90] = {"sensitivity_at_90_specificity",
                                   "Sensitivity at 90 % specificity", ORDER},
    [LEADSEQ_SENSITIVITY_AT_95] = {"sensitivity_at_95_specificity",
                                   "Sensitivity at 95 % specificity", ORDER},
    [LEADSEQ_SPECIFICITY_AT_90] = {"specificity_at_90_sensitivity",
                                   "Specificity at 90 % sensitivity", ORDER},
    [LEADSEQ_SPECIFICITY_AT_95] = {"specificity_at_95_sensitivity",
                                   "Specificity at 95 % sensitivity", ORDER},
    [LEADSEQ_F_MAX] = {"f_max", "F-max", ORDER},
    [LEADSEQ_BRIER] = {"brier", "Brier score", .lower_is_better = true},
    [LEADSEQ_ECE_MASS] = {"ece_equal_mass", "ECE, bins of equal mass", .lower_is_better = true},
    [LEADSEQ_ECE_WIDTH] = {"ece_equal_width", "ECE, bins of equal width", .lower_is_better = true},
    [LEADSEQ_SLOPE] = {"calibration_slope", "Calibration slope", ORDER},
    [LEADSEQ_INTERCEPT] = {"calibration_intercept", "Calibration intercept", ORDER},
    [LEADSEQ_SENSITIVITY] = {"sensitivity", "Sensitivity", DECISION, .needs_positives = true},
    [LEADSEQ_SPECIFICITY] = {"specificity", "Specificity", DECISION, .needs_negatives = true},
    [LEADSEQ_PPV] = {"precision", "PPV (precision)", BOTH},
    [LEADSEQ_NPV] = {"npv", "NPV", BOTH},
    [LEADSEQ_ACCURACY] = {"accuracy", "Accuracy", DECISION},
    [LEADSEQ_BALANCED_ACCURACY] = {"balanced_accuracy", "Balanced accuracy", BOTH},
    [LEADSEQ_F1] = {"f1", "F1", BOTH},
    [LEADSEQ_MCC] = {"mcc", "MCC", BOTH},
    [LEADSEQ_KAPPA] = {"kappa", "Cohen's kappa", BOTH},
    [LEADSEQ_LR_POSITIVE] = {"lr_positive", "LR+", BOTH},
    [LEADSEQ_LR_NEGATIVE] = {"lr_negative", "LR\xe2\x88\x92", .lower_is_better = true, BOTH},
};
#undef ORDER
#undef DECISION
#undef BOTH

/* Where a sweep from the highest threshold to the lowest has come to. Counts are whole numbers. */
struct sweep {
    double positives, negatives;
    double tp, fp, tp_before, fp_before;
    double twice_area, precisions, f_max, sensitivity[2], specificity[2];
    double fp_most[2], tp_least[2]; /* where specificity and sensitivity are as wanted */
};
static const double wanted[2] = {.90, .95};

/* The least count of n whose share is at least `share`, as the division has it. */
static double least_count(double share, double n)
{
    double k = floor(share * n);
    while (k > 0 && (k - 1) / n >= share) k--;
    while (k / n < share) k++;
    return k;
}

static void sweep_init(struct sweep *s, const struct stats_view *v)
{
    double positives = 0, all = 0;
    for (size_t r = 0; r < v->n; r++) {
        positives += stats_weight(v, r) * v->truth[r];
        all += stats_weight(v, r);
    }
    *s = (struct sweep){.positives = positives, .negatives = all - positives};
    for (int k = 0; k < 2; k++) {
        s->specificity[k] = NAN;
        s->fp_most[k] = s->negatives - least_count(wanted[k], s->negatives);
        s->tp_least[k] = least_count(wanted[k], positives);
    }
}

/* All records with one score have been counted: a point of the curves. */
static inline void sweep_point(struct sweep *s)
{
    double called = s->tp + s->fp, f = 2 * s->tp / (called + s->positives);
    s->twice_area += (s->fp - s->fp_before) * (s->tp + s->tp_before);
    s->precisions += (s->tp - s->tp_before) * s->tp / called;
    s->f_max = f > s->f_max ? f : s->f_max;
    for (int k = 0; k < 2; k++) {
        if (s->fp <= s->fp_most[k]) s->sensitivity[k] = s->tp;
        if (s->tp_before < s->tp_least[k] && s->tp >= s->tp_least[k])
            s->specificity[k] = s->negatives - s->fp;
    }
    s->tp_before = s->tp;
    s->fp_before = s->fp;
}

void stats_order_figures(double *value, const struct stats_view *v)
{
    struct sweep s;
    sweep_init(&s, v);
    for (size_t r = 0; r < v->n; r++) {
        double weight = stats_weight(v, r), tp = weight * v->truth[r];
        s.tp += tp;
        s.fp += weight - tp;
        if (r + 1 < v->n && v->sorted[r + 1] == v->sorted[r]) continue;
        if (s.tp + s.fp > 0) sweep_point(&s);
    }
    bool both = s.positives > 0 && s.negatives > 0;
    value[LEADSEQ_AUC] = both ? s.twice_area / (2 * s.positives * s.negatives) : NAN;
    value[LEADSEQ_AVERAGE_PRECISION] = stats_share(s.precisions, s.positives);
    value[LEADSEQ_F_MAX] = s.positives > 0 ? s.f_max : NAN;
    value[LEADSEQ_SENSITIVITY_AT_90] = both ? s.sensitivity[0] / s.positives : NAN;
    value[LEADSEQ_SENSITIVITY_AT_95] = both ? s.sensitivity[1] / s.positives : NAN;
    value[LEADSEQ_SPECIFICITY_AT_90] = both ? s.specificity[0] / s.negatives : NAN;
    value[LEADSEQ_SPECIFICITY_AT_95] = both ? s.specificity[1] / s.negatives : NAN;
}

static double brier(const struct stats_view *v)
{
    double sum = 0, count = 0;
    for (size_t r = 0; r < v->n; r++) {
        double d = v->sorted[r] - v->truth[r], weight = stats_weight(v, r);
        sum += weight * d * d;
        count += weight;
    }
    return stats_share(sum, count);
}

void stats_probability_figures(double *value, const struct stats_view *v,
                               const struct leadseq_scored *start)
{
    struct stats_bin bin[2][LEADSEQ_BINS];
    struct stats_logistic both = {start->offset, start->slope, {0}, NULL};
    value[LEADSEQ_BRIER] = brier(v);
    stats_bins_fill(bin, v);
    value[LEADSEQ_ECE_MASS] = stats_bins_ece(bin[LEADSEQ_EQUAL_MASS]);
    value[LEADSEQ_ECE_WIDTH] = stats_bins_ece(bin[LEADSEQ_EQUAL_WIDTH]);
    stats_logistic_fit(&both, v, STATS_CLOSE);
    value[LEADSEQ_SLOPE] = both.slope;
    struct stats_logistic shift = {start->intercept, 1, {0}, NULL};
    stats_shift_fit(&shift, v, STATS_CLOSE);
    value[LEADSEQ_INTERCEPT] = shift.offset;
}

struct leadseq_confusion stats_counts(const struct stats_view *v, size_t called)
{
    size_t count[2][2] = {{0}};
    for (size_t r = 0; r < v->n; r++)
        count[r < called][v->truth[r]] += v->weight ? v->weight[r] : 1;
    return (struct leadseq_confusion){
        .tp = count[1][1], .fp = count[1][0], .fn = count[0][1], .tn = count[0][0]};
}

void stats_measure(double *value, const struct stats_view *view, size_t called,
                   const struct leadseq_scored *of)
{
    stats_order_figures(value, view);
    stats_probability_figures(value, view, of);
    struct leadseq_confusion c = {0};
    if (!isnan(of->threshold)) c = stats_counts(view, called);
    stats_decision_figures(value, &c); // of no counts: all NaN
}

void leadseq_measure(double value[LEADSEQ_METRICS], const struct leadseq_scored *scored)
{
    struct stats_view view = stats_view_of(scored);
    stats_measure(value, &view, scored->called, scored);
}
