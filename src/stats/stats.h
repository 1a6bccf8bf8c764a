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

#include <leadseq/stats.h>

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

#include "metric_table.h"

/* --- Metrics: one row each of metric_table.h ------------------------------------------ */

/* LEADSEQ_AUC, LEADSEQ_AVERAGE_PRECISION …: a row of the table of metrics each. */
#define LEADSEQ_METRIC_ROW(NAME, name) LEADSEQ_##NAME,
enum leadseq_metric {
    LEADSEQ_METRIC_TABLE(LEADSEQ_METRIC_ROW, LEADSEQ_METRIC_ROW) LEADSEQ_METRICS
};

/* What a metric is computed from, and so the section of a report that shows it. */
enum leadseq_metric_needs {
    LEADSEQ_OF_ORDER,         /* the order of the scores: discrimination */
    LEADSEQ_OF_PROBABILITIES, /* their values: calibration */
    LEADSEQ_OF_DECISIONS,     /* the decisions at a threshold; undefined without one */
};
/* Where a metric is shown besides its section. */
enum leadseq_metric_place {
    LEADSEQ_IN_DETAIL,  /* nowhere */
    LEADSEQ_IN_SUMMARY, /* in short tables: on the terminal, over seeds */
    LEADSEQ_IN_HEADLINE /* there and in tables of pairs and of subgroups */
};

/* One model's predictions of n records, in any order. threshold: NaN without one. */
struct leadseq_predicted {
    size_t n;
    const double *probability; /* (n) borrowed, as label */
    const uint8_t *label;
    double threshold;
    const int *cluster; /* (n) borrowed: patients; NULL: each record is its own */
};

/* A score of one question; terms of one question have the same records and labels. */
struct leadseq_output_term {
    struct leadseq_predicted of;
    const size_t *record; /* (of.n) borrowed: its places among all records; NULL: the same */
    size_t question;
    double factor;
};

struct stats_sample; /* what `value` reads: src/stats/metric.h */

/* A metric. Functions may be called from several threads at once. */
struct leadseq_metric_type {
    const char *name, *title; /* for programs ("precision") and people ("PPV (precision)") */
    enum leadseq_metric_needs needs;
    enum leadseq_metric_place place;
    int decimals;                          /* shown to people; 0: 3 */
    bool lower_is_better;                  /* a slope is best at 1, an intercept at 0 */
    bool needs_positives, needs_negatives; /* which an interval by resampling needs enough of */
    /* Of a constant classifier it follows from the definition, whatever the records: it is
     * shown without an interval. */
    bool fixed_for_constant;
    /* Of a weighted resample; NaN where it is not defined. O(n) at most: called per resample. */
    double (*value)(const struct stats_sample *sample);
    /* The same of records that each count once, for callers that have no resamples. NULL: by
     * `value`. */
    double (*plain)(const struct leadseq_predicted *predicted);
    /* The value with its customary interval; NULL: that of the bootstrap. needs_many: it is
     * asymptotic, and dropped where the bootstrap's would be for too few patients of a class. */
    int (*interval)(struct leadseq_estimate *estimate, const struct leadseq_predicted *predicted);
    bool needs_many;
    /* Why its bootstrap interval is not given, as a `method`; NULL: it is. */
    const char *no_interval;
    /* The customary test of two models on the same records; NULL: by the bootstrap. */
    int (*paired)(struct leadseq_difference *difference, const struct leadseq_predicted *a,
                  const struct leadseq_predicted *b);
    /* Of a sum over outputs, as leadseq_auc_sum(); NULL: by the bootstrap. */
    int (*sum)(struct leadseq_difference *sum, const struct leadseq_output_term *term, size_t terms,
               const int *cluster, size_t records);
};
extern const struct leadseq_metric_type *const leadseq_metrics[LEADSEQ_METRICS];

/* What training may choose its best epoch by: the table's MONITOR rows, and its own loss. */
#define LEADSEQ_MONITOR_NONE(NAME, name)
#define LEADSEQ_MONITOR_ROW(NAME, name) LEADSEQ_MONITOR_##NAME,
enum leadseq_monitor {
    LEADSEQ_METRIC_TABLE(LEADSEQ_MONITOR_NONE, LEADSEQ_MONITOR_ROW) LEADSEQ_MONITOR_LOSS,
    LEADSEQ_MONITORS
};
extern const char *const leadseq_monitor_name[LEADSEQ_MONITORS + 1]; /* "auc" …, "loss", NULL */
/* The metric of each monitor but the loss. */
extern const enum leadseq_metric leadseq_monitor_metric[LEADSEQ_MONITOR_LOSS];

/* One metric of records that each count once, into *value: NaN where it is not defined. */
int leadseq_metric_of(double *value, enum leadseq_metric metric,
                      const struct leadseq_predicted *predicted) LEADSEQ_CHECKED;

/* --- Sums of AUCs ----------------------------------------------------------------------- */

/* Σ factor·AUC, of `records` in all (a mean of outputs: 1/k each; a difference of two of them),
 * cluster (records) as in the terms: ends from those of leadseq_auc_interval() and their
 * correlations (Zou & Donner 2008); p, where a factor is negative: the level at which it ends at
 * 0. */
int leadseq_auc_sum(struct leadseq_difference *sum, const struct leadseq_output_term *term,
                    size_t terms, const int *cluster, size_t records) LEADSEQ_CHECKED;

/* --- A model's probabilities, made ready for measuring ------------------------------- */

/* Read only. Position r runs from the highest probability to the lowest. */
struct leadseq_scored {
    size_t n;
    const double *probability; /* borrowed, (n) by record, as label */
    const uint8_t *label;
    double threshold;                 /* NaN: none */
    uint32_t *order;                  /* the record at position r */
    double *sorted, *logit, *against; /* its probability, leadseq_logit() of that, exp(-logit) */
    uint8_t *truth;                   /* its label */
    /* (n) borrowed: its places among the records that are resampled; NULL: the same. Set by the
     * caller after init, where models know the labels of different records. */
    const size_t *record;
    size_t positives, called;        /* the first `called` have probability >= threshold */
    size_t clamped;                  /* logits that were clamped */
    double slope, offset, intercept; /* of the recalibrations, where Newton starts; NaN: none */
};
/* Fails where there is no record, a probability is NaN or outside [0, 1], a label is
 * neither 0 nor 1. One class only is no failure. O(n log n). */
int leadseq_scored_init(struct leadseq_scored *scored, const double *probability,
                        const uint8_t *label, size_t n, double threshold) LEADSEQ_CHECKED;
void leadseq_scored_clear(struct leadseq_scored *scored);

/* All metrics, in O(n). NaN where one is not defined. */
void leadseq_measure(double value[LEADSEQ_METRICS], const struct leadseq_scored *scored);
/* Decisions at the models' own thresholds on the same records, those of that label (any: -1);
 * all 0 where a model has no threshold. */
struct leadseq_pairs leadseq_pairs_right(const struct leadseq_predicted *a,
                                         const struct leadseq_predicted *b, int label);

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
    size_t records;     /* that are drawn from; 0: those of the first model */
    struct leadseq_progress *bar; /* counts every draw, group left out and exchange; NULL: none */
};
/* How many draws and groups left out a bootstrap of that many clusters has. */
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
 * classes of one-against-rest), or with some of options->records of them (scored->record); figure
 * model·LEADSEQ_METRICS + metric. Metrics whose class has fewer than LEADSEQ_FEWEST clusters get
 * that obstacle. */
int leadseq_resample_models(struct leadseq_resampled *resampled, const struct leadseq_scored *model,
                            size_t models,
                            const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;
void leadseq_resampled_clear(struct leadseq_resampled *resampled);

/* value with its BCa interval (Efron 1987), acceleration from the jackknife of clusters.
 * No interval where more than one draw in twenty is NaN (the others are left out), the
 * draws have no width, all lie on one side of the value, the bias correction |z0| is above 1, or
 * the interval would not hold the value. */
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
/* The same of several outputs of two models, (outputs) each, exchanged together in the clusters of
 * options->records: p (outputs + 1, LEADSEQ_METRICS), the last row of the means over the outputs.
 */
int leadseq_permute_outputs(double *p, const struct leadseq_scored *const *a,
                            const struct leadseq_scored *const *b, size_t outputs,
                            const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;

/* --- Calibration -------------------------------------------------------------------------- */

/* log(p/(1 - p)), p clamped to [1e-7, 1 - 1e-7], about float32's resolution at 1. */
double leadseq_logit(double p);
bool leadseq_is_clamped(double p);
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
 *   ece_plain = Σ n_b/n |o_b - p_b|, largest: its largest |o_b - p_b|;
 *   ece = Σ n_b/n (2 |d| - E|X|), at least 0, d = o_b - p_b, X normal with mean d and variance
 *   o_b(1 - o_b)/n_b: less what sampling adds to |d| (Kumar, Liang & Ma 2019);
 *   brier = reliability - resolution + uncertainty + within_variance - within_covariance,
 *   Σ n_b/n (p_b - o_b)², Σ n_b/n (o_b - o)², o(1 - o), mean of (p_i - p_b)², and of
 *   2(p_i - p_b)(y_i - o_b): exact (Murphy 1973; Stephenson, Coelho & Jolliffe 2008).
 *   skill = 1 - brier/uncertainty, NaN with one class only. */
struct leadseq_reliability {
    size_t n_bins;
    struct leadseq_bin bin[LEADSEQ_BINS];
    double ece, ece_plain, largest;
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

/* The one true class of labels (k), each 0, 1 or above where it is not known; -1 where none,
 * several or an unknown one is. */
int leadseq_classes_single(const uint8_t *label, size_t k);

/* --- Several outputs of the same records, judged together ------------------------------------- */

/* ROW(NAME, name, title, of_calls, of_every_class): the first six are of the calls by the largest
 * probability of records with exactly one true output; F-max over records (Radivojac et al. 2013)
 * is the largest 2PR/(P + R) over one threshold for all outputs, P the mean precision of records
 * with an output called, R the mean recall of records with a true output. */
#define LEADSEQ_JOINT_TABLE(ROW)                                                                   \
    ROW(ACCURACY, accuracy, "Accuracy", true, false)                                               \
    ROW(BALANCED_ACCURACY, balanced_accuracy, "Balanced accuracy", true, true)                     \
    ROW(MACRO_PRECISION, macro_precision, "Mean precision", true, true)                            \
    ROW(MACRO_F1, macro_f1, "Mean F1", true, true)                                                 \
    ROW(KAPPA, kappa, "Cohen's kappa", true, false)                                                \
    ROW(MCC, mcc, "MCC", true, false)                                                              \
    ROW(F_MAX, f_max_samples, "F-max over records", false, false)
#define LEADSEQ_JOINT_ROW(NAME, name, title, of_calls, of_every_class) LEADSEQ_JOINT_##NAME,
enum leadseq_joint_figure { LEADSEQ_JOINT_TABLE(LEADSEQ_JOINT_ROW) LEADSEQ_JOINTS };
struct leadseq_joint_type {
    const char *name, *title;
    bool of_calls;       /* of the calls by the largest probability */
    bool of_every_class; /* needs records of every class, and an interval enough of them */
};
extern const struct leadseq_joint_type leadseq_joint_types[LEADSEQ_JOINTS];

/* Read only. */
struct leadseq_joint {
    size_t n, k;               /* records, outputs */
    const double *probability; /* borrowed, (n, k) as label */
    const uint8_t *label;      /* 0, 1; above 1: not known */
    int *truth, *called;       /* (n) the one true output or -1; that of the largest probability */
    size_t single;             /* records with exactly one true output */
    uint32_t *positives;       /* (n) true outputs */
    uint32_t *cell;            /* (cells) i·k + c of known labels by falling probability */
    size_t cells;
    double *share; /* (k + 1) 1/c; 0 of 0 */
};
int leadseq_joint_init(struct leadseq_joint *joint, const double *probability, const uint8_t *label,
                       size_t n, size_t k) LEADSEQ_CHECKED;
void leadseq_joint_clear(struct leadseq_joint *joint);
/* (k, k) records of class `row` called `column`. */
void leadseq_joint_count(size_t *count, const struct leadseq_joint *joint);
int leadseq_joint_measure(double value[LEADSEQ_JOINTS],
                          const struct leadseq_joint *joint) LEADSEQ_CHECKED;
/* Calls by the largest probability of two models, of records with one true output. */
struct leadseq_pairs leadseq_joint_right(const struct leadseq_joint *a,
                                         const struct leadseq_joint *b);
/* Figure model·LEADSEQ_JOINTS + figure; the draws are those of leadseq_resample_models() with the
 * same options. */
int leadseq_resample_joint(struct leadseq_resampled *resampled, const struct leadseq_joint *model,
                           size_t models,
                           const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;
/* Exchanged are calls, and probabilities of all outputs. */
int leadseq_permute_joint(double p[LEADSEQ_JOINTS], const struct leadseq_joint *a,
                          const struct leadseq_joint *b,
                          const struct leadseq_bootstrap_options *options) LEADSEQ_CHECKED;

/* --- Order ------------------------------------------------------------------------------------ */

int leadseq_ascending(const void *a, const void *b); /* of doubles, for qsort() */
/* Of the finite values, which come to the front in ascending order; NaN of none. */
double leadseq_median(double *value, size_t n);

/* --- As words of a sentence ------------------------------------------------------------------- */

enum { LEADSEQ_ESTIMATE_TEXT = 192 };
/* "0.912", "–" */
void leadseq_number_text(char text[32], double value, int decimals);
/* "0.912 [0.881, 0.940]"; without an interval "0.912 (why)", without a value "– (why)". */
void leadseq_estimate_text(char text[LEADSEQ_ESTIMATE_TEXT],
                           const struct leadseq_estimate *estimate, int decimals);
/* "+0.021 [-0.004, +0.046], p = 0.101 (method)"; what is not defined is left out. */
void leadseq_difference_text(char text[LEADSEQ_ESTIMATE_TEXT],
                             const struct leadseq_difference *difference, int decimals);
/* "0.013", "< 0.0001", "–" */
void leadseq_p_text(char text[32], double p);

#endif
