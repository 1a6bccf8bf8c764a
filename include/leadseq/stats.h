/* SPDX-License-Identifier: MIT
 *
 * Statistics of classifiers: metrics, ranks and AUC, intervals, paired tests,
 * resampling of patients, calibration, decision curves, several classes, seeds.
 * Definitions with formulas and sources: doc/statistics.md. A figure that the
 * data cannot give is NaN, never invented; where it has a `method`, that says why.
 *
 * Letters: n records, of which m positive and n - m negative. score: any finite
 * number, higher is more positive; label: 0 or 1; a record is called positive
 * where score >= threshold. The public part of
 * the statistics; comparisons of whole models are in <leadseq/compare.h>.
 *
 * Ownership: what init fills is freed by clear, which takes zeros.
 *
 * Threads: reentrant. */
#ifndef LEADSEQ_STATS_PUBLIC_H
#define LEADSEQ_STATS_PUBLIC_H

#include <leadseq/base.h>

LEADSEQ_BEGIN

/* --- Of the order of the scores ------------------------------------------------------- */

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
double leadseq_precision(const struct leadseq_confusion *c);   /* tp/(tp + fp), PPV */
double leadseq_npv(const struct leadseq_confusion *c);         /* tn/(tn + fn) */
double leadseq_accuracy(const struct leadseq_confusion *c);    /* (tp + tn)/n */
double leadseq_f1(const struct leadseq_confusion *c);          /* 2·tp/(2·tp + fp + fn) */
/* (sensitivity + specificity)/2 */
double leadseq_balanced_accuracy(const struct leadseq_confusion *c);
/* (tp·tn - fp·fn)/√((tp + fp)(tp + fn)(tn + fp)(tn + fn)) (Matthews 1975) */
double leadseq_mcc(const struct leadseq_confusion *c);
/* (observed - expected)/(1 - expected agreement), Cohen's (1960) */
double leadseq_kappa(const struct leadseq_confusion *c);
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

/* sensitivity/(1 - specificity) and (1 - sensitivity)/specificity, value·exp(± z·error of
 * its logarithm) (Simel, Samsa & Matchar 1991). A ratio by nothing is NaN; where a count
 * of the ratio is zero there is no interval. */
struct leadseq_estimate leadseq_lr_positive(const struct leadseq_confusion *c);
struct leadseq_estimate leadseq_lr_negative(const struct leadseq_confusion *c);

/* The AUC with the interval that reports show: variance V after DeLong, DeLong & Clarke-Pearson
 * (1988), where patients have several records clustered by patient (Obuchowski 1997), by midranks
 * (Sun & Xu 2014) in O(n log n); on the logit scale (Pepe 2003),
 *   logit AUC ± t·√V/(AUC·(1 - AUC)), turned back,
 * t the quantile of k - 1 degrees of freedom, k the patients of the rarer class. Of an AUC of 0 or
 * 1 the exact bound of k in k, (α/2)^(1/k). cluster: (n) patients; NULL: each record is its own. */
int leadseq_auc_interval(struct leadseq_estimate *auc, const double *score, const uint8_t *label,
                         const int *cluster, size_t n) LEADSEQ_CHECKED;
/* The AUC of a minus that of b, of two scores of the same records: the ends of its interval from
 * those of both intervals above and their correlation (Zou & Donner 2008); p: the level at which
 * it ends at 0. */
int leadseq_auc_difference(struct leadseq_difference *difference, const double *a, const double *b,
                           const uint8_t *label, const int *cluster, size_t n) LEADSEQ_CHECKED;

/* DeLong's plain interval, value ± z·√V cut at 0 and 1, as most programs give it, of records that
 * are all independent: too narrow for AUCs near 1 and few positives (doc/statistics.md). */
int leadseq_auc_delong(struct leadseq_estimate *auc, const double *score, const uint8_t *label,
                       size_t n) LEADSEQ_CHECKED;
/* Its difference of two scores of the same records. */
int leadseq_auc_delong_paired(struct leadseq_difference *difference, const double *a,
                              const double *b, const uint8_t *label, size_t n) LEADSEQ_CHECKED;

/* p of b against c discordant pairs: 2·P(X <= min(b, c)), X ~ Binomial(b + c, 1/2),
 * at most 1 (McNemar 1947, exact). */
double leadseq_mcnemar(size_t b, size_t c);
/* The same less P(X = min(b, c)); 1 - P(X = b)/2 where b = c (Fagerland, Lydersen & Laake
 * 2013): not conservative. Both are 1 where no pair is discordant. */
double leadseq_mcnemar_mid(size_t b, size_t c);

/* Two deciders on the same records: how often right. */
struct leadseq_pairs {
    size_t both, only_a, only_b, neither;
};
/* Share of a less share of b: Newcombe's (1998) method 10 for paired proportions; p: exact
 * McNemar. */
struct leadseq_difference leadseq_newcombe(const struct leadseq_pairs *pairs);
/* a of n less b of m, of different records: Newcombe's (1998) method 10 for independent
 * proportions; no p. */
struct leadseq_difference leadseq_newcombe_independent(size_t a, size_t n, size_t b, size_t m);

/* adjusted[i]: p[i] corrected for n looks (Holm 1979): the step-down maximum of
 * (n - rank + 1)·p, at most 1. A p that is NaN was no look and stays NaN. May be in place. */
int leadseq_holm(double *adjusted, const double *p, size_t n) LEADSEQ_CHECKED;

/* --- Seeds ------------------------------------------------------------------------------------ */

/* mean ± t·sd/√n, t of n - 1 degrees of freedom. One value: no sd, no interval. */
struct leadseq_spread {
    size_t n;
    double mean, sd, least, most, low, high;
    const char *method;
};
struct leadseq_spread leadseq_spread_of(const double *value, size_t n);
/* Difference of means of two sets of seeds, Welch's (1947) t; each needs two values. */
struct leadseq_difference leadseq_welch(const struct leadseq_spread *a,
                                        const struct leadseq_spread *b);

LEADSEQ_END

#endif
