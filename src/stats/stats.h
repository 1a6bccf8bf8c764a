/* SPDX-License-Identifier: MIT
 *
 * Statistics of classifiers: metrics, ranks and AUC, intervals, paired tests,
 * resampling of patients, calibration, decision curves, several classes, seeds.
 * Definitions with formulas and sources: doc/statistics.md. A figure that the
 * data cannot give is NaN, never invented; where it has a `method`, that says why.
 *
 * Letters: n records, of which m positive and n - m negative. score: any finite
 * number, higher is more positive; label: 0 or 1; a record is called positive
 * where score >= threshold. */
#ifndef LEADSEQ_STATS_H
#define LEADSEQ_STATS_H

#include "base/base.h"

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

/* Operating points of the curve as it is, nothing between them. *threshold, where asked
 * for, is the point's: +INFINITY where nothing may be called positive. NaN where a
 * class is absent (F-max: where no positive is). Of equals the highest threshold.
 * Largest tp/m with specificity >= the one asked for; largest specificity with tp/m >=;
 * largest 2·tp/(tp + fp + m). */
double leadseq_curve_sensitivity_at(const struct leadseq_curve *curve, double specificity,
                                    double *threshold);
double leadseq_curve_specificity_at(const struct leadseq_curve *curve, double sensitivity,
                                    double *threshold);
double leadseq_curve_f_max(const struct leadseq_curve *curve, double *threshold);

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

/* AUC, its variance after DeLong, DeLong & Clarke-Pearson (1988) by midranks (Sun
 * & Xu 2014) in O(n log n), and value ± z·√variance cut at 0 and 1. */
int leadseq_auc_delong(struct leadseq_estimate *auc, const double *score, const uint8_t *label,
                       size_t n) LEADSEQ_CHECKED;
/* The same variance on the logit scale: stays within (0, 1), better near 1 (Pepe 2003). */
int leadseq_auc_delong_logit(struct leadseq_estimate *auc, const double *score,
                             const uint8_t *label, size_t n) LEADSEQ_CHECKED;
/* The AUC of a minus that of b, of two scores of the same records. */
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

/* adjusted[i]: p[i] corrected for n looks (Holm 1979): the step-down maximum of
 * (n - rank + 1)·p, at most 1. A p that is NaN was no look and stays NaN. May be in place. */
int leadseq_holm(double *adjusted, const double *p, size_t n) LEADSEQ_CHECKED;

/* --- A model's probabilities, made ready for measuring ------------------------------- */

enum leadseq_metric {
    /* Of the order of the scores; points of the curve as leadseq_curve_*. */
    LEADSEQ_AUC,
    LEADSEQ_AVERAGE_PRECISION,
    LEADSEQ_SENSITIVITY_AT_90, /* largest sensitivity with specificity >= .90 */
    LEADSEQ_SENSITIVITY_AT_95,
    LEADSEQ_SPECIFICITY_AT_90, /* largest specificity with sensitivity >= .90 */
    LEADSEQ_SPECIFICITY_AT_95,
    LEADSEQ_F_MAX,
    /* Of the probabilities. */
    LEADSEQ_BRIER,
    LEADSEQ_ECE_MASS, /* expected calibration error, LEADSEQ_BINS bins of equal mass */
    LEADSEQ_ECE_WIDTH,
    LEADSEQ_SLOPE,     /* of the logistic recalibration */
    LEADSEQ_INTERCEPT, /* calibration in the large: of the recalibration with slope 1 */
    /* Of the decisions at the threshold. */
    LEADSEQ_SENSITIVITY,
    LEADSEQ_SPECIFICITY,
    LEADSEQ_PPV,
    LEADSEQ_NPV,
    LEADSEQ_ACCURACY,
    LEADSEQ_BALANCED_ACCURACY,
    LEADSEQ_F1,
    LEADSEQ_MCC,
    LEADSEQ_KAPPA,
    LEADSEQ_LR_POSITIVE,
    LEADSEQ_LR_NEGATIVE,
    LEADSEQ_METRICS
};
struct leadseq_metric_info {
    const char *name, *title;              /* for programs ("precision") and people ("PPV") */
    bool needs_threshold, lower_is_better; /* a slope is best at 1, an intercept at 0 */
    bool needs_positives, needs_negatives; /* what an interval by resampling wants enough of */
};
extern const struct leadseq_metric_info leadseq_metric_info[LEADSEQ_METRICS];

/* Read only. Position r runs from the highest probability to the lowest. */
struct leadseq_scored {
    size_t n;
    const double *probability; /* borrowed, (n) by record, as label */
    const uint8_t *label;
    double threshold;                 /* NaN: none */
    uint32_t *order;                  /* the record at position r */
    double *sorted, *logit, *against; /* its probability, leadseq_logit() of that, exp(-logit) */
    uint8_t *truth;                   /* its label */
    size_t positives, called;         /* the first `called` have probability >= threshold */
    size_t clamped;                   /* logits that were clamped */
    double slope, offset, intercept;  /* of the recalibrations, where Newton starts; NaN: none */
};
/* Fails where there is no record, a probability is NaN or outside [0, 1], a label is
 * neither 0 nor 1. One class only is no failure. O(n log n). */
int leadseq_scored_init(struct leadseq_scored *scored, const double *probability,
                        const uint8_t *label, size_t n, double threshold) LEADSEQ_CHECKED;
void leadseq_scored_clear(struct leadseq_scored *scored);

/* All metrics, in O(n). NaN where one is not defined. */
void leadseq_measure(double value[LEADSEQ_METRICS], const struct leadseq_scored *scored);
/* Decisions at the models' own thresholds on records of that label (any: -1); all 0 where a
 * model has no threshold. */
struct leadseq_pairs leadseq_pairs_right(const struct leadseq_scored *a,
                                         const struct leadseq_scored *b, int label);

/* --- Resampling of patients: the bootstrap, and exchange of two models -------------------- */

enum {
    LEADSEQ_RESAMPLES = 2000,
    LEADSEQ_JACKKNIFE =
        2000, /* more clusters than these are left out in LEADSEQ_JACKKNIFE_GROUPS */
    LEADSEQ_JACKKNIFE_GROUPS = 500,
    LEADSEQ_FEWEST = 10, /* clusters with a positive (negative) record that an interval wants */
};

struct leadseq_bootstrap_options {
    size_t resamples;   /* 0: LEADSEQ_RESAMPLES */
    uint64_t seed;      /* resample r draws from a stream of its own, keyed by seed and r */
    const int *cluster; /* (n) whose records are drawn together, as patient ids; NULL: each alone */
    int threads;        /* 0: as many as processors; the same bits for any number */
    struct leadseq_progress *bar; /* counts every draw, group left out and exchange; NULL: none */
};
/* How many draws and groups left out a bootstrap of so many clusters is. */
size_t leadseq_bootstrap_steps(const struct leadseq_bootstrap_options *options, size_t clusters);

/* What is measured, `figures` values at once. weight: (n) how often each record counts.
 * Called from several threads at once; scratch: that many bytes of the thread's own. */
struct leadseq_statistic {
    size_t figures, n, scratch;
    void (*measure)(double *value, const uint32_t *weight, const void *state, void *scratch);
    const void *state;
};

struct leadseq_resampled {
    size_t figures, resamples, clusters, groups;
    bool clustered;
    double *value;         /* (figures) of the records as they are */
    double *draws;         /* (figures, resamples) of as many clusters, drawn with replacement */
    double *left;          /* (figures, groups) without one group of clusters each: every cluster
                            * is a group, or more than LEADSEQ_JACKKNIFE are dealt into groups */
    const char **obstacle; /* (figures) why there shall be no interval; NULL: nothing known */
};
int leadseq_resample(struct leadseq_resampled *resampled, const struct leadseq_statistic *statistic,
                     const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;
/* Metrics of models with the same n records in the same order (their labels may differ: the
 * classes of one-against-rest); figure model·LEADSEQ_METRICS + metric. Metrics whose class
 * has fewer than LEADSEQ_FEWEST clusters get that obstacle. */
int leadseq_resample_models(struct leadseq_resampled *resampled, const struct leadseq_scored *model,
                            size_t models,
                            const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;
void leadseq_resampled_clear(struct leadseq_resampled *resampled);

/* value with its BCa interval (Efron 1987), acceleration from the jackknife of clusters.
 * No interval where more than one draw in twenty is NaN (the others are left out), the
 * draws have no width, or all lie on one side of the value. */
int leadseq_resampled_estimate(struct leadseq_estimate *estimate,
                               const struct leadseq_resampled *resampled,
                               size_t figure) LEADSEQ_CHECKED;
/* Figure a less figure b, drawn together: BCa, and the p at which that interval meets 0. */
int leadseq_resampled_difference(struct leadseq_difference *difference,
                                 const struct leadseq_resampled *resampled, size_t a,
                                 size_t b) LEADSEQ_CHECKED;
/* The same of Σ factor·figure: a macro mean (1/k each), a difference of two of them. */
struct leadseq_term {
    size_t figure;
    double factor;
};
int leadseq_resampled_sum(struct leadseq_difference *sum, const struct leadseq_resampled *resampled,
                          const struct leadseq_term *term, size_t terms) LEADSEQ_CHECKED;

/* p (figures) of each difference that `measure` gives, two-sided: (1 + #{|d*| >= |d|})/(1 +
 * resamples), where d* has the two models exchanged in clusters by toss of a coin: weight is
 * 1 where a record is exchanged, else 0. NaN where d is, or where more than one d* in
 * twenty is. */
int leadseq_permute(double *p, const struct leadseq_statistic *difference,
                    const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;
/* p of every metric's difference of two models with the same records and labels. Exchanged
 * are midranks (metrics of order), probabilities, or decisions: what the metric is made of. */
int leadseq_permute_models(double p[LEADSEQ_METRICS], const struct leadseq_scored *a,
                           const struct leadseq_scored *b,
                           const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;

/* --- Calibration -------------------------------------------------------------------------- */

/* log(p/(1 - p)), p clamped to [1e-7, 1 - 1e-7], about float32's resolution at 1. */
double leadseq_logit(double p);
/* 1/(1 + exp(-logit/temperature)) */
double leadseq_temper(double logit, double temperature);

enum { LEADSEQ_BINS = 10 };
/* Equal mass: as many records in each, where equal probabilities, which stay together, allow
 * it. Equal width: (0.1, 0.2] and so on, 0 in the first. */
enum leadseq_binning { LEADSEQ_EQUAL_MASS, LEADSEQ_EQUAL_WIDTH };

struct leadseq_bin {
    size_t n, positives;
    double least, most;            /* the probabilities in it */
    double probability;            /* their mean */
    struct leadseq_estimate share; /* of positives, Wilson */
};
/* Bins rise in probability; empty ones are left out. With mean probability p_b and share of
 * positives o_b of the n_b records of bin b, o of all:
 *   ece = Σ n_b/n |o_b - p_b|, largest: its largest |o_b - p_b|;
 *   brier = reliability - resolution + uncertainty + within_variance - within_covariance,
 *   Σ n_b/n (p_b - o_b)², Σ n_b/n (o_b - o)², o(1 - o), mean of (p_i - p_b)², and of
 *   2(p_i - p_b)(y_i - o_b): exact (Murphy 1973; Stephenson, Coelho & Jolliffe 2008).
 *   skill = 1 - brier/uncertainty, NaN with one class only. */
struct leadseq_reliability {
    size_t n_bins;
    struct leadseq_bin bin[LEADSEQ_BINS];
    double ece, largest;
    double brier, reliability, resolution, uncertainty, within_variance, within_covariance, skill;
};
struct leadseq_reliability leadseq_reliability_of(const struct leadseq_scored *scored,
                                                  enum leadseq_binning binning);

/* Logistic recalibration (Cox 1958), by Newton's method, Wald intervals:
 * logit P(1) = offset + slope·logit(p), and logit P(1) = in_the_large + logit(p).
 * NaN, and `method` says so, with one class only, for a constant prediction (slope), where
 * the logits separate the classes (slope: has no bound). */
struct leadseq_recalibration {
    struct leadseq_estimate slope, offset, in_the_large;
};
struct leadseq_recalibration leadseq_recalibrate(const struct leadseq_scored *scored);

/* The temperature T > 0 that minimises the mean cross-entropy of temper(logit, T) (Guo et al.
 * 2017), with Wald's interval of 1/T turned over. To be fitted on validation. NaN, and
 * `method` says so, where there is none: a logit not finite, a label that is neither 0 nor 1,
 * one class only, all logits right (T -> 0) or no more than wrong (T -> infinity). */
struct leadseq_estimate leadseq_temperature(const double *logit, const uint8_t *label, size_t n);

/* --- Decision curve (Vickers & Elkin 2006) -------------------------------------------------- */

/* tp/n - fp/n·t/(1 - t), per record, at the threshold probability 0 <= t < 1 (else NaN). */
double leadseq_net_benefit(const struct leadseq_confusion *c, double threshold);
/* Of calling all positive; that of calling none is 0. */
double leadseq_net_benefit_all(size_t positives, size_t n, double threshold);
/* benefit[k] of the model at threshold[k], k < points. */
void leadseq_decision_curve(double *benefit, const struct leadseq_scored *scored,
                            const double *threshold, size_t points);

/* --- Several classes: k, numbered 0 … k-1 --------------------------------------------------- */

/* The class of the largest probability (n, k), of equals the first; -1 where one is NaN. */
void leadseq_classes_call(int *called, const double *probability, size_t n, size_t k);
/* count (k, k): records of class `row` called `column`, each weight times (NULL: once). Fails
 * where a class is not in 0 … k-1. */
int leadseq_classes_count(size_t *count, const int *truth, const int *called,
                          const uint32_t *weight, size_t n, size_t k) LEADSEQ_CHECKED;
/* One class against the rest. */
struct leadseq_confusion leadseq_classes_one(const size_t *count, size_t k, size_t class);
/* Macro: the mean over classes, NaN where one of them is (macro F1: mean of the F1).
 * balanced_accuracy: macro sensitivity. kappa: Cohen's; mcc: Gorodkin's (2004). */
struct leadseq_classes_figures {
    double accuracy, balanced_accuracy, macro_precision, macro_f1, kappa, mcc;
};
struct leadseq_classes_figures leadseq_classes_measure(const size_t *count, size_t k);
/* Mean of values (k) of one-against-rest; NaN where one of them is. */
double leadseq_macro(const double *value, size_t k);

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

#endif
