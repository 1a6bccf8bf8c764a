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
    size_t *order; /* records from the highest score to the lowest; point k ends at tp[k] + fp[k] */
};
/* Fails where a score is NaN or a label is neither 0 nor 1. O(n log n). */
int leadseq_curve_init(struct leadseq_curve *curve, const double *score, const uint8_t *label,
                       size_t n) LEADSEQ_CHECKED;
void leadseq_curve_clear(struct leadseq_curve *curve);
double leadseq_curve_auc(const struct leadseq_curve *curve);
double leadseq_curve_average_precision(const struct leadseq_curve *curve);
double leadseq_curve_youden(const struct leadseq_curve *curve);
/* The same precision where record i counts weight[i] times. label: as at init. */
double leadseq_curve_average_precision_of(const struct leadseq_curve *curve, const uint8_t *label,
                                          const uint32_t *weight);

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

/* --- Intervals and tests: all at this confidence, two-sided ------------------------ */

#define LEADSEQ_CONFIDENCE .95

/* low and high are NaN where there is no honest interval; `method` then says why.
 * method: text that lives as long as the program. */
struct leadseq_estimate {
    double value, low, high;
    const char *method;
};
struct leadseq_difference {
    double difference, low, high, p; /* of a - b; p of "no difference" */
    const char *method;
};

/* k of n (Wilson 1927): (p + z²/2n ± z√(p(1-p)/n + z²/4n²))/(1 + z²/n). */
struct leadseq_estimate leadseq_wilson(size_t k, size_t n);

/* AUC, its variance after DeLong, DeLong & Clarke-Pearson (1988) by midranks (Sun
 * & Xu 2014) in O(n log n), and value ± z·√variance cut at 0 and 1. */
int leadseq_auc_delong(struct leadseq_estimate *auc, const double *score, const uint8_t *label,
                       size_t n) LEADSEQ_CHECKED;
/* The AUC of a minus that of b, of two scores of the same records. */
int leadseq_auc_delong_paired(struct leadseq_difference *difference, const double *a,
                              const double *b, const uint8_t *label, size_t n) LEADSEQ_CHECKED;

/* p of b against c discordant pairs: 2·P(X <= min(b, c)), X ~ Binomial(b + c, 1/2),
 * at most 1 (McNemar 1947, exact). */
double leadseq_mcnemar(size_t b, size_t c);

/* --- Bootstrap ----------------------------------------------------------------------- */

enum { LEADSEQ_RESAMPLES = 2000 };

struct leadseq_bootstrap_options {
    size_t resamples;   /* 0: LEADSEQ_RESAMPLES */
    uint64_t seed;      /* resample r draws from the stream (seed, BOOTSTRAP, r, 0) */
    const int *cluster; /* (n) whose records are drawn together, as patient ids; NULL: each alone */
};
/* Draws clusters with replacement, as many as there are, and has `measure` write
 * `figures` values of the records weighted so. draws: (figures, resamples). */
int leadseq_bootstrap(double *draws, size_t figures, size_t n,
                      void (*measure)(double *value, const uint32_t *weight, const void *state),
                      const void *state,
                      const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;
/* Percentile interval of draws (resamples), which are sorted on the way; NaN where
 * more than one draw in twenty is NaN (the others are left out), and where it has no
 * width. */
void leadseq_percentiles(double *low, double *high, double *draws, size_t resamples);
/* 2·min(#(draws <= 0) + 1, #(draws >= 0) + 1)/(resamples + 1), at most 1; NaN as above. */
double leadseq_bootstrap_p(const double *draws, size_t resamples);

#endif
