/* SPDX-License-Identifier: MIT
 *
 * The table of metrics: one row each, in the order in which they are reported.
 *
 *   METRIC(NAME, name)   defined by `leadseq_metric_name` in one of the files metric_*.c
 *   MONITOR(NAME, name)  the same, and training may choose its best epoch by it
 *
 * `name` is also the key of the metric in report.json and the word for it in the option
 * train.monitor. To add a metric, write its `const struct leadseq_metric_type` in a file
 * of its own and add its row here; nothing else names it. */
#ifndef LEADSEQ_METRIC_TABLE_H
#define LEADSEQ_METRIC_TABLE_H

/* clang-format off */
#define LEADSEQ_METRIC_TABLE(METRIC, MONITOR)                                                      \
    /* Of the order of the scores: metric_ranking.c. */                                            \
    MONITOR(AUC, auc)                                                                              \
    MONITOR(AVERAGE_PRECISION, average_precision)                                                  \
    METRIC(SENSITIVITY_AT_90, sensitivity_at_90_specificity)                                       \
    METRIC(SENSITIVITY_AT_95, sensitivity_at_95_specificity)                                       \
    METRIC(SPECIFICITY_AT_90, specificity_at_90_sensitivity)                                       \
    METRIC(SPECIFICITY_AT_95, specificity_at_95_sensitivity)                                       \
    METRIC(F_MAX, f_max)                                                                           \
    /* Of the probabilities: metric_calibration.c. */                                              \
    MONITOR(BRIER, brier)                                                                          \
    METRIC(ECE_MASS, ece_equal_mass)                                                               \
    METRIC(ECE_WIDTH, ece_equal_width)                                                             \
    METRIC(SLOPE, calibration_slope)                                                               \
    METRIC(INTERCEPT, calibration_intercept)                                                       \
    /* Of the decisions at the threshold: metric_decision.c. */                                    \
    MONITOR(SENSITIVITY, sensitivity)                                                              \
    MONITOR(SPECIFICITY, specificity)                                                              \
    MONITOR(PPV, precision)                                                                        \
    METRIC(NPV, npv)                                                                               \
    MONITOR(F1, f1)                                                                                \
    MONITOR(ACCURACY, accuracy)                                                                    \
    METRIC(BALANCED_ACCURACY, balanced_accuracy)                                                   \
    METRIC(MCC, mcc)                                                                               \
    METRIC(KAPPA, kappa)                                                                           \
    METRIC(LR_POSITIVE, lr_positive)                                                               \
    METRIC(LR_NEGATIVE, lr_negative)
/* clang-format on */

#endif
