/* SPDX-License-Identifier: MIT
 *
 * AUC with DeLong's variance, of one score or of two on the same records, by
 * midranks (Sun & Xu, IEEE Signal Processing Letters 2014). Where the variance
 * vanishes no interval is given. */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

/* The placements of one score: V10 (m) of the positives, V01 (n - m) of the negatives. */
struct placements {
    size_t positives, negatives;
    double *v10, *v01, auc;
};

/* rank[i]: place of x[i] among x (n), from 1; equal values share the mean of their places. */
static void midranks(double *rank, size_t *order, const double *x, size_t n)
{
    gsl_sort_index(order, x, 1, n);
    for (size_t i = 0, j; i < n; i = j) {
        for (j = i + 1; j < n && x[order[j]] == x[order[i]]; j++) continue;
        for (size_t k = i; k < j; k++) rank[order[k]] = (double)(i + j + 1) / 2;
    }
}

/* Positives first, then negatives. */
static void gather(double *z, const double *score, const uint8_t *label, size_t n, size_t positives)
{
    size_t p = 0, q = positives;
    for (size_t i = 0; i < n; i++) z[label[i] ? p++ : q++] = score[i];
}

static void place(struct placements *v, const double *z, double *all, double *own, size_t *order)
{
    size_t m = v->positives, n = v->negatives;
    midranks(all, order, z, m + n);
    midranks(own, order, z, m);
    midranks(own + m, order, z + m, n);
    for (size_t i = 0; i < m; i++) v->v10[i] = (all[i] - own[i]) / (double)n;
    for (size_t j = m; j < m + n; j++) v->v01[j - m] = 1 - (all[j] - own[j]) / (double)m;
    v->auc = gsl_stats_mean(v->v10, 1, m);
}

static void placements_clear(struct placements *v)
{
    free(v->v10);
    *v = (struct placements){0};
}

static int placements_init(struct placements *v, const double *score, const uint8_t *label,
                           size_t n)
{
    *v = (struct placements){0};
    if (stats_check(score, label, n)) return -1;
    for (size_t i = 0; i < n; i++) v->positives += label[i];
    v->negatives = n - v->positives;
    v->auc = NAN;
    double *z = leadseq_calloc(3 * n, sizeof *z);
    size_t *order = leadseq_calloc(n, sizeof *order);
    v->v10 = leadseq_calloc(n, sizeof *v->v10);
    if (z && order && v->v10) {
        v->v01 = v->v10 + v->positives;
        gather(z, score, label, n, v->positives);
        if (v->positives && v->negatives) place(v, z, z + n, z + 2 * n, order);
    }
    bool whole = z && order && v->v10;
    free(z);
    free(order);
    if (!whole) placements_clear(v);
    return whole ? 0 : -1;
}

/* Covariance of the AUCs of a and b, and their variance where a is b. */
static double covariance(const struct placements *a, const struct placements *b)
{
    size_t m = a->positives, n = a->negatives;
    return gsl_stats_covariance(a->v10, 1, b->v10, 1, m) / (double)m +
           gsl_stats_covariance(a->v01, 1, b->v01, 1, n) / (double)n;
}

/* Why there is no interval, NULL where there is one. */
static const char *obstacle(const struct placements *v)
{
    if (!v->positives || !v->negatives) return "one class only";
    if (v->positives < 2 || v->negatives < 2) return "no interval: fewer than two of a class";
    return NULL;
}

/* The area and its standard error; NaN, and a method that says why, where there is none. */
static int measure(struct leadseq_estimate *auc, double *error, const double *score,
                   const uint8_t *label, size_t n)
{
    struct placements v;
    *auc = (struct leadseq_estimate){NAN, NAN, NAN, NULL};
    *error = NAN;
    if (placements_init(&v, score, label, n)) return -1;
    auc->value = v.auc;
    auc->method = obstacle(&v);
    double variance = auc->method ? NAN : covariance(&v, &v);
    if (variance > 0)
        *error = sqrt(variance);
    else if (!auc->method)
        auc->method = "no interval: DeLong's variance is zero";
    placements_clear(&v);
    return 0;
}

int leadseq_auc_delong(struct leadseq_estimate *auc, const double *score, const uint8_t *label,
                       size_t n)
{
    double error;
    if (measure(auc, &error, score, label, n)) return -1;
    if (isnan(error)) return 0;
    auc->low = fmax(0, auc->value - stats_z() * error);
    auc->high = fmin(1, auc->value + stats_z() * error);
    auc->method = "DeLong";
    return 0;
}

int leadseq_auc_delong_logit(struct leadseq_estimate *auc, const double *score,
                             const uint8_t *label, size_t n)
{
    double error;
    if (measure(auc, &error, score, label, n)) return -1;
    if (isnan(error)) return 0;
    double a = auc->value, odds = a / (1 - a), factor = exp(stats_z() * error / (a * (1 - a)));
    auc->low = odds / factor / (1 + odds / factor);
    auc->high = odds * factor / (1 + odds * factor);
    auc->method = "DeLong, logit";
    return 0;
}

static void compare(struct leadseq_difference *d, const struct placements *a,
                    const struct placements *b)
{
    d->difference = a->auc - b->auc;
    d->method = obstacle(a);
    if (d->method) return;
    double variance = covariance(a, a) + covariance(b, b) - 2 * covariance(a, b);
    if (variance > 1e-15 * (covariance(a, a) + covariance(b, b))) {
        double error = sqrt(variance);
        d->low = fmax(-1, d->difference - stats_z() * error);
        d->high = fmin(1, d->difference + stats_z() * error);
        d->p = stats_p_normal(d->difference / error);
        d->method = "DeLong, paired";
    } else {
        if (d->difference == 0) d->p = 1;
        d->method = "no interval: its variance is zero";
    }
}

int leadseq_auc_delong_paired(struct leadseq_difference *difference, const double *a,
                              const double *b, const uint8_t *label, size_t n)
{
    struct placements va, vb;
    *difference = (struct leadseq_difference){NAN, NAN, NAN, NAN, NULL};
    if (placements_init(&va, a, label, n)) return -1;
    if (placements_init(&vb, b, label, n)) {
        placements_clear(&va);
        return -1;
    }
    compare(difference, &va, &vb);
    placements_clear(&va);
    placements_clear(&vb);
    return 0;
}
