/* SPDX-License-Identifier: MIT
 *
 * What the files of the statistics share. */
#ifndef STATS_PRIVATE_H
#define STATS_PRIVATE_H

#include "stats/stats.h"

/* Scores are numbers and labels are 0 or 1, or a message. */
int stats_check(const double *score, const uint8_t *label, size_t n) LEADSEQ_CHECKED;

/* The normal quantile of LEADSEQ_CONFIDENCE, two-sided: 1.96. */
double stats_z(void);
/* P(|Z| >= |z|) of a standard normal Z. */
double stats_p_normal(double z);
/* Where leadseq_logit() clamps: this and 1 less this. */
#define STATS_LOGIT_EDGE 1e-7

/* k/n, NaN where n is 0. */
double stats_share(double k, double n);

/* n records from the highest score to the lowest; record r counts weight[r] times (NULL: once). */
struct stats_view {
    size_t n;
    const double *sorted, *logit, *against; /* against: exp(-logit) */
    const uint8_t *truth;
    const uint32_t *weight;
};
static inline double stats_weight(const struct stats_view *v, size_t r)
{
    return v->weight ? v->weight[r] : 1;
}
struct stats_view stats_view_of(const struct leadseq_scored *scored);
/* order: the records from the highest score to the lowest. */
int stats_order(uint32_t *order, const double *score, size_t n) LEADSEQ_CHECKED;

/* value[LEADSEQ_METRICS]: all metrics of a view of the records of `of` whose first `called` are
 * called positive. */
void stats_measure(double *value, const struct stats_view *view, size_t called,
                   const struct leadseq_scored *of);
/* Counts of the view whose first `called` are called positive. */
struct leadseq_confusion stats_counts(const struct stats_view *view, size_t called);

/* What falls into a bin, with weights. */
struct stats_bin {
    double n, positives, sum, least, most; /* sum: of probabilities */
};
/* [binning][bin] */
void stats_bins_fill(struct stats_bin bin[2][LEADSEQ_BINS], const struct stats_view *view);
/* The debiased ECE; *plain, where asked for: Σ n_b/n |o_b - p_b|. */
double stats_bins_ece(const struct stats_bin bin[LEADSEQ_BINS], double *plain);

/* A logistic regression of truth on the logits: P(1) = 1/(1 + exp(-offset - slope·logit)). */
struct stats_logistic {
    double offset, slope;
    double information[3]; /* -∂²loglik: offset², offset·slope, slope² */
    const char *obstacle;  /* why there is none (offset and slope are NaN), or NULL */
};
/* Newton's method ends where its next step is no more standard errors than this. It squares
 * what is left, so that CLOSE leaves 1e-8 of them. */
#define STATS_EXACT 1e-9
#define STATS_CLOSE 1e-4
/* offset and slope: where to start, NaN: nowhere. shift: of the offset alone, slope 1. */
void stats_logistic_fit(struct stats_logistic *fit, const struct stats_view *view, double close);
void stats_shift_fit(struct stats_logistic *fit, const struct stats_view *view, double close);
/* How much of the step (offset, slope) to take, where no linear predictor moves by more than
 * `move`: all of it, or of its halves the first at which the likelihood does not fall. */
double stats_newton_fraction(const struct stats_view *view, const struct stats_logistic *at,
                             double offset, double slope, double move);

/* Records gathered into clusters, in the order of their keys. */
struct stats_clusters {
    size_t n, count;
    size_t *member; /* (n) in 0 … count-1 */
};
/* key: NULL where every record is a cluster. Fails where there is no record. */
int stats_clusters_init(struct stats_clusters *clusters, const int *key, size_t n) LEADSEQ_CHECKED;
void stats_clusters_clear(struct stats_clusters *clusters);

/* Threads and what each of them works in. */
struct stats_workers {
    int threads;
    size_t n, figures, scratch;
    uint32_t *weight, *times; /* (threads, n) */
    double *value;            /* (threads, figures) */
    char *memory;             /* (threads, scratch) */
};
int stats_workers_init(struct stats_workers *w, const struct leadseq_statistic *statistic,
                       int threads) LEADSEQ_CHECKED;
void stats_workers_clear(struct stats_workers *w);

#endif
