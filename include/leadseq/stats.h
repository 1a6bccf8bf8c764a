/* SPDX-License-Identifier: MIT
 *
 * Statistics of classifiers: metrics, ranks and AUC, intervals, paired tests.
 * Definitions with formulas and sources: doc/statistics.md. A figure that the
 * data cannot give is NaN, never invented.
 *
 * Letters: n records, of which m positive and n - m negative. score: any finite
 * number, higher is more positive; label: 0 or 1; a record is called positive
 * where score >= threshold. */
#ifndef LEADSEQ_STATS_H
#define LEADSEQ_STATS_H

#include <leadseq/base.h>

/* --- Curves: the operating points of a score ----------------------------------- */

/* Point k calls positive what scores at least threshold[k]; thresholds fall
 * strictly, so that equal scores make one point and the last point is (1, 1).
 * ROC: x = fp/negatives, y = tp/positives. Precision: tp/(tp + fp). */
struct leadseq_curve {
    size_t n; /* points */
    double *threshold;
    size_t *tp, *fp;
    size_t positives, negatives;
};
/* Fails where a score is NaN or a label is neither 0 nor 1. O(n log n). */
int leadseq_curve_init(struct leadseq_curve *curve, const double *score, const uint8_t *label,
                       size_t n) LEADSEQ_CHECKED;
void leadseq_curve_clear(struct leadseq_curve *curve);
double leadseq_curve_auc(const struct leadseq_curve *curve);
double leadseq_curve_average_precision(const struct leadseq_curve *curve);
double leadseq_curve_youden(const struct leadseq_curve *curve);

/* Area under the ROC curve, ties counted half (Mann-Whitney); NaN where a class
 * is absent or a score is NaN. */
double leadseq_auc(const double *score, const uint8_t *label, size_t n);

/* Σ_k (recall_k - recall_{k-1})·precision_k, not interpolated; NaN without positives. */
double leadseq_average_precision(const double *score, const uint8_t *label, size_t n);

/* The threshold that maximises sensitivity + specificity - 1 (Youden 1950), one
 * of the scores themselves, of several the highest; NaN where a class is absent. */
double leadseq_threshold_youden(const double *score, const uint8_t *label, size_t n);

/* --- Decisions at a threshold ---------------------------------------------------- */

struct leadseq_confusion {
    size_t tp, fp, fn, tn;
};
struct leadseq_confusion leadseq_confusion_at(const double *score, const uint8_t *label, size_t n,
                                              double threshold);

/* NaN where nothing is counted in the denominator. */
double leadseq_sensitivity(const struct leadseq_confusion *c); /* tp/(tp + fn), recall */
double leadseq_specificity(const struct leadseq_confusion *c); /* tn/(tn + fp) */
double leadseq_precision(const struct leadseq_confusion *c);   /* tp/(tp + fp) */
double leadseq_accuracy(const struct leadseq_confusion *c);    /* (tp + tn)/n */
double leadseq_f1(const struct leadseq_confusion *c);          /* 2·tp/(2·tp + fp + fn) */
/* Mean of (probability - label)². */
double leadseq_brier(const double *probability, const uint8_t *label, size_t n);

#endif
