/* SPDX-License-Identifier: MIT
 *
 * Statistics of classifiers: metrics, ranks and AUC, intervals, paired tests.
 * Definitions with formulas and sources: doc/statistics.md. A figure that the
 * data cannot give is NaN, never invented. */
#ifndef LEADSEQ_STATS_H
#define LEADSEQ_STATS_H

#include <leadseq/base.h>

/* Area under the ROC curve, ties counted half (Mann-Whitney); NaN where a class is absent.
 * label: 0 or 1. */
double leadseq_auc(const double *score, const uint8_t *label, size_t n);

/* The threshold that maximises sensitivity + specificity - 1 (Youden 1950): a
 * record is positive where score >= threshold. NaN where a class is absent. */
double leadseq_threshold_youden(const double *score, const uint8_t *label, size_t n);

struct leadseq_confusion {
    size_t tp, fp, fn, tn;
};
struct leadseq_confusion leadseq_confusion_at(const double *score, const uint8_t *label, size_t n,
                                              double threshold);

#endif
