/* SPDX-License-Identifier: MIT
 *
 * AUC with DeLong's variance, of one score or of two on the same records, by
 * midranks (Sun & Xu, IEEE Signal Processing Letters 2014), and with the variance
 * of patients with several records (Obuchowski, Biometrics 1997), which is
 * DeLong's where each has one. */
#include "stats/stats.h"

#include "delong.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

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

static void place(struct stats_placements *v, const double *z, double *all, double *own,
                  size_t *order)
{
    size_t m = v->positives, n = v->negatives;
    midranks(all, order, z, m + n);
    midranks(own, order, z, m);
    midranks(own + m, order, z + m, n);
    for (size_t i = 0; i < m; i++) v->v10[i] = (all[i] - own[i]) / (double)n;
    for (size_t j = m; j < m + n; j++) v->v01[j - m] = 1 - (all[j] - own[j]) / (double)m;
    v->auc = gsl_stats_mean(v->v10, 1, m);
}

/* Patients in the order of gather(), and how many have a record of each class. */
static int gather_patients(struct stats_placements *v, const int *cluster, const uint8_t *label,
                           size_t n)
{
    struct stats_clusters c;
    v->patients = n;
    v->with_positive = v->positives;
    v->with_negative = v->negatives;
    if (!cluster || !n) return 0;
    if (stats_clusters_init(&c, cluster, n)) return -1;
    v->member = leadseq_calloc(n, sizeof *v->member);
    bool *seen = leadseq_calloc(2 * c.count, sizeof *seen);
    if (v->member && seen) {
        v->patients = c.count;
        v->with_positive = v->with_negative = 0;
        size_t at[] = {v->positives, 0};
        for (size_t i = 0; i < n; i++) {
            bool *has = &seen[2 * c.member[i] + label[i]];
            if (!*has) label[i] ? v->with_positive++ : v->with_negative++;
            *has = true;
            v->member[at[label[i]]++] = c.member[i];
        }
    }
    bool whole = v->member && seen;
    free(seen);
    stats_clusters_clear(&c);
    return whole ? 0 : -1;
}

void stats_placements_clear(struct stats_placements *v)
{
    free(v->v10);
    free(v->member);
    *v = (struct stats_placements){0};
}

int stats_placements_init(struct stats_placements *v, const double *score, const uint8_t *label,
                          const int *cluster, size_t n)
{
    *v = (struct stats_placements){0};
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
    bool whole = z && order && v->v10 && !gather_patients(v, cluster, label, n);
    free(z);
    free(order);
    if (!whole) stats_placements_clear(v);
    return whole ? 0 : -1;
}

/* --- Variance ------------------------------------------------------------------------------- */

/* Σ (V - AUC) of each patient's records of a class: v (n) are those of the class, member their
 * patients. */
static void sum_by_patient(double *sum, const double *v, const size_t *member, size_t n, double auc)
{
    for (size_t i = 0; i < n; i++) sum[member[i]] += v[i] - auc;
}

/* With sums s10_i and s01_i of patient i, of I10 patients with a positive record, I01 with a
 * negative one and I in all:
 *   Σ s10_i² I10/(I10 - 1)/m² + Σ s01_i² I01/(I01 - 1)/n² + 2 Σ s10_i s01_i I/(I - 1)/(m n)
 * for one score, and products of a's sums with b's for two. */
static double patients_covariance(const struct stats_placements *a,
                                  const struct stats_placements *b, double *memory)
{
    const size_t count = a->patients, m = a->positives, n = a->negatives;
    double *a10 = memory, *a01 = a10 + count, *b10 = a01 + count, *b01 = b10 + count;
    double both10 = 0, both01 = 0, across = 0;
    for (size_t i = 0; i < 4 * count; i++) memory[i] = 0;
    sum_by_patient(a10, a->v10, a->member, m, a->auc);
    sum_by_patient(a01, a->v01, a->member + m, n, a->auc);
    sum_by_patient(b10, b->v10, b->member, m, b->auc);
    sum_by_patient(b01, b->v01, b->member + m, n, b->auc);
    for (size_t i = 0; i < count; i++) {
        both10 += a10[i] * b10[i];
        both01 += a01[i] * b01[i];
        across += a10[i] * b01[i] + a01[i] * b10[i];
    }
    const double p = (double)a->with_positive, q = (double)a->with_negative, all = (double)count;
    const double md = (double)m, nd = (double)n;
    return both10 * p / (p - 1) / (md * md) + both01 * q / (q - 1) / (nd * nd) +
           across * all / (all - 1) / (md * nd);
}

double stats_auc_covariance(const struct stats_placements *a, const struct stats_placements *b,
                            double *memory)
{
    size_t m = a->positives, n = a->negatives;
    if (a->member) return patients_covariance(a, b, memory);
    return gsl_stats_covariance(a->v10, 1, b->v10, 1, m) / (double)m +
           gsl_stats_covariance(a->v01, 1, b->v01, 1, n) / (double)n;
}

const char *stats_auc_obstacle(const struct stats_placements *v)
{
    if (!v->positives || !v->negatives) return "one class only";
    if (v->with_positive < 2 || v->with_negative < 2)
        return v->member ? "no interval: fewer than two patients of a class"
                         : "no interval: fewer than two of a class";
    return NULL;
}

size_t stats_auc_rarer(const struct stats_placements *v)
{
    return v->with_positive < v->with_negative ? v->with_positive : v->with_negative;
}

/* --- One score ------------------------------------------------------------------------------ */

/* The area; *error its standard error, or NaN and a method that says why there is none; *rarer:
 * patients of the rarer class. */
static int measure(struct leadseq_estimate *auc, double *error, size_t *rarer, const double *score,
                   const uint8_t *label, const int *cluster, size_t n)
{
    struct stats_placements v;
    *auc = (struct leadseq_estimate){NAN, NAN, NAN, NULL};
    *error = NAN;
    if (stats_placements_init(&v, score, label, cluster, n)) return -1;
    double *memory = leadseq_calloc(4 * v.patients + 1, sizeof *memory);
    if (memory) {
        *rarer = stats_auc_rarer(&v);
        auc->value = v.auc;
        auc->method = stats_auc_obstacle(&v);
        double variance = auc->method ? NAN : stats_auc_covariance(&v, &v, memory);
        if (variance > 0)
            *error = sqrt(variance);
        else if (!auc->method)
            auc->method = "no interval: DeLong's variance is zero";
    }
    stats_placements_clear(&v);
    free(memory);
    return memory ? 0 : -1;
}

int leadseq_auc_delong(struct leadseq_estimate *auc, const double *score, const uint8_t *label,
                       size_t n)
{
    double error;
    size_t rarer;
    if (measure(auc, &error, &rarer, score, label, NULL, n)) return -1;
    if (isnan(error)) return 0;
    auc->low = fmax(0, auc->value - stats_z() * error);
    auc->high = fmin(1, auc->value + stats_z() * error);
    auc->method = "DeLong";
    return 0;
}

bool stats_area_separated(const struct stats_area *a)
{
    return a->auc <= 0 || a->auc >= 1;
}

void stats_area_ends(const struct stats_area *a, double alpha, double *low, double *high)
{
    if (stats_area_separated(a)) {
        double bound = pow(alpha / 2, 1 / (double)a->rarer);
        *low = a->auc >= 1 ? bound : 0;
        *high = a->auc >= 1 ? 1 : 1 - bound;
        return;
    }
    double t = gsl_cdf_tdist_Qinv(alpha / 2, (double)a->rarer - 1);
    double odds = a->auc / (1 - a->auc), factor = exp(t * a->error / (a->auc * (1 - a->auc)));
    *low = odds / (odds + factor);
    *high = odds / (odds + 1 / factor);
}

int leadseq_auc_interval(struct leadseq_estimate *auc, const double *score, const uint8_t *label,
                         const int *cluster, size_t n)
{
    struct stats_area a;
    if (measure(auc, &a.error, &a.rarer, score, label, cluster, n)) return -1;
    a.auc = auc->value;
    bool separated = a.rarer >= 2 && stats_area_separated(&a);
    if (isnan(a.error) && !separated) return 0;
    stats_area_ends(&a, 1 - LEADSEQ_CONFIDENCE, &auc->low, &auc->high);
    auc->method = separated ? "exact bound, complete separation"
                  : cluster ? "DeLong by patients, logit"
                            : "DeLong, logit";
    return 0;
}

/* --- Two scores ----------------------------------------------------------------------------- */

struct pair {
    double a, b, both; /* variances, covariance */
    struct stats_area area_a, area_b;
    const char *obstacle;
};

static int measure_pair(struct pair *pair, const double *a, const double *b, const uint8_t *label,
                        const int *cluster, size_t n)
{
    struct stats_placements va, vb;
    *pair = (struct pair){0};
    if (stats_placements_init(&va, a, label, cluster, n)) return -1;
    if (stats_placements_init(&vb, b, label, cluster, n)) {
        stats_placements_clear(&va);
        return -1;
    }
    double *memory = leadseq_calloc(4 * va.patients + 1, sizeof *memory);
    pair->obstacle = stats_auc_obstacle(&va);
    const size_t rarer = stats_auc_rarer(&va);
    if (memory && !pair->obstacle) {
        pair->a = stats_auc_covariance(&va, &va, memory);
        pair->b = stats_auc_covariance(&vb, &vb, memory);
        pair->both = stats_auc_covariance(&va, &vb, memory);
    }
    pair->area_a = (struct stats_area){va.auc, sqrt(fmax(0, pair->a)), rarer};
    pair->area_b = (struct stats_area){vb.auc, sqrt(fmax(0, pair->b)), rarer};
    free(memory);
    stats_placements_clear(&va);
    stats_placements_clear(&vb);
    return memory ? 0 : -1;
}

/* The variance of the difference, 0 where it is so but for rounding. */
static double difference_variance(const struct pair *p)
{
    double variance = p->a + p->b - 2 * p->both;
    return variance > 1e-15 * (p->a + p->b) ? variance : 0;
}

static void begin_difference(struct leadseq_difference *d, const struct pair *p)
{
    *d = (struct leadseq_difference){p->area_a.auc - p->area_b.auc, NAN, NAN, NAN, p->obstacle};
    if (d->method || difference_variance(p) > 0) return;
    if (d->difference == 0) d->p = 1;
    d->method = "no interval: its variance is zero";
}

int leadseq_auc_delong_paired(struct leadseq_difference *d, const double *a, const double *b,
                              const uint8_t *label, size_t n)
{
    struct pair p;
    *d = (struct leadseq_difference){NAN, NAN, NAN, NAN, NULL};
    if (measure_pair(&p, a, b, label, NULL, n)) return -1;
    begin_difference(d, &p);
    if (d->method) return 0;
    double error = sqrt(difference_variance(&p));
    d->low = fmax(-1, d->difference - stats_z() * error);
    d->high = fmin(1, d->difference + stats_z() * error);
    d->p = stats_p_normal(d->difference / error);
    d->method = "DeLong, paired";
    return 0;
}
