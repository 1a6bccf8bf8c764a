/* SPDX-License-Identifier: MIT
 *
 * Between the metrics (metric_*.c) and what measures them (measure.c): what a metric may
 * read of one resample of the records. */
#ifndef STATS_METRIC_H
#define STATS_METRIC_H

#include "stats_private.h"

/* Sums over the points of the curves, from the highest threshold to the lowest: one pass that
 * the metrics of order share. Counts are whole numbers. */
struct stats_sweep {
    double positives, negatives;
    double tp, fp, tp_before, fp_before; /* of the current point and of the previous one */
    double twice_area;                   /* below the ROC curve, times positives·negatives */
    double precisions;                   /* Σ (tp - tp_before)·tp/(tp + fp) */
    double f_max;                        /* the largest F1 */
    double sensitivity[2];          /* positives found where specificity is at least .90, .95 */
    double specificity[2];          /* negatives left where sensitivity is at least .90, .95 */
    double fp_most[2], tp_least[2]; /* the counts those two conditions ask for */
};
/* Each record counts as often as the view's weights say. O(n). */
void stats_sweep_run(struct stats_sweep *sweep, const struct stats_view *view);

/* One resample. A metric of order reads `view` and `sweep`, one of the probabilities `view` and
 * `ece` to `intercept`, one of the decisions `decisions`. In the exchange of two models the
 * view of the metrics of order has midranks in place of probabilities. */
struct stats_sample {
    struct stats_view view; /* the records by falling score, with their weights */
    struct stats_sweep sweep;
    double ece[2];                      /* by enum leadseq_binning */
    double slope, intercept;            /* of the logistic recalibrations */
    struct leadseq_confusion decisions; /* all counts 0 without a threshold */
};
void stats_sample_order(struct stats_sample *sample, const struct stats_view *view);
/* start: where the recalibrations' Newton iterations start. */
void stats_sample_probabilities(struct stats_sample *sample, const struct stats_view *view,
                                const struct leadseq_scored *start);
/* value[LEADSEQ_METRICS]: those of the metrics with these needs are set. */
void stats_sample_measure(double *value, const struct stats_sample *sample,
                          enum leadseq_metric_needs needs);

#endif
