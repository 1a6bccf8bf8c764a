/* SPDX-License-Identifier: MIT
 *
 * Sums of AUCs: the difference of two scores, the mean of several outputs of the same records,
 * the difference of two such means. The interval is made of those of the AUCs and of their
 * correlations (Zou & Donner, Statistics in Medicine 2008); doc/statistics.md derives the
 * covariance of two outputs, whose labels differ. */
#include "stats/stats.h"

#include "delong.h"

#include <math.h>
#include <stdlib.h>

/* The terms with all that an interval of any confidence needs. */
struct sum {
    size_t terms, patients;
    const struct leadseq_output_term *term;
    struct stats_placements *placed; /* (terms) */
    struct stats_area *area;         /* (terms) */
    double *influence;               /* (terms, patients) */
    double *covariance, *r;          /* (terms, terms); r: correlations */
    double *down, *up;               /* (terms) */
    const char *obstacle;
};

static void sum_clear(struct sum *s)
{
    for (size_t t = 0; s->placed && t < s->terms; t++) stats_placements_clear(&s->placed[t]);
    free(s->placed);
    free(s->area);
    free(s->influence);
    free(s->covariance);
    free(s->down);
}

static int allocate(struct sum *s)
{
    s->placed = leadseq_calloc(s->terms, sizeof *s->placed);
    s->area = leadseq_calloc(s->terms, sizeof *s->area);
    s->influence = leadseq_calloc(s->terms, s->patients * sizeof *s->influence);
    s->covariance = leadseq_calloc(2 * s->terms, s->terms * sizeof *s->covariance);
    s->down = leadseq_calloc(2 * s->terms, sizeof *s->down);
    if (!s->placed || !s->area || !s->influence || !s->covariance || !s->down) return -1;
    s->r = s->covariance + s->terms * s->terms;
    s->up = s->down + s->terms;
    return 0;
}

/* --- Covariances -------------------------------------------------------------------------- */

/* What the AUC owes to each patient: Σ (V10 - AUC)/m of the positive records, Σ (V01 - AUC)/n of
 * the negative ones. */
static void fill_influence(struct sum *s, size_t t, const size_t *member)
{
    const struct leadseq_output_term *term = &s->term[t];
    const struct stats_placements *v = &s->placed[t];
    double *influence = s->influence + t * s->patients;
    size_t positive = 0, negative = 0;
    for (size_t i = 0; i < term->of.n; i++) {
        double *of = &influence[member[term->record ? term->record[i] : i]];
        if (term->of.label[i])
            *of += (v->v10[positive++] - v->auc) / (double)v->positives;
        else
            *of += (v->v01[negative++] - v->auc) / (double)v->negatives;
    }
}

/* Of AUCs of different outputs, by the patients of both; I/(I - 1) as in Obuchowski's sum across
 * classes. */
static double across(const struct sum *s, size_t a, size_t b)
{
    const double *x = s->influence + a * s->patients, *y = s->influence + b * s->patients;
    double sum = 0, n = (double)s->patients;
    for (size_t i = 0; i < s->patients; i++) sum += x[i] * y[i];
    return sum * n / (n - 1);
}

/* An area without variance moves alone. */
static double correlation(const struct sum *s, size_t a, size_t b)
{
    double errors = s->area[a].error * s->area[b].error;
    if (a == b) return 1;
    return errors > 0 ? fmax(-1, fmin(1, s->covariance[a * s->terms + b] / errors)) : 0;
}

static int fill_covariances(struct sum *s)
{
    size_t most = 0;
    for (size_t t = 0; t < s->terms; t++)
        if (s->placed[t].patients > most) most = s->placed[t].patients;
    double *memory = leadseq_calloc(4 * most + 1, sizeof *memory);
    if (!memory) return -1;
    for (size_t a = 0; a < s->terms; a++)
        for (size_t b = 0; b < s->terms; b++) {
            bool same = s->term[a].question == s->term[b].question;
            s->covariance[a * s->terms + b] =
                same ? stats_auc_covariance(&s->placed[a], &s->placed[b], memory) : across(s, a, b);
        }
    free(memory);
    for (size_t t = 0; t < s->terms; t++)
        s->area[t] =
            (struct stats_area){s->placed[t].auc, sqrt(fmax(0, s->covariance[t * s->terms + t])),
                                stats_auc_rarer(&s->placed[t])};
    for (size_t a = 0; a < s->terms; a++)
        for (size_t b = 0; b < s->terms; b++) s->r[a * s->terms + b] = correlation(s, a, b);
    return 0;
}

static int place_terms(struct sum *s)
{
    for (size_t t = 0; t < s->terms; t++) {
        const struct leadseq_predicted *of = &s->term[t].of;
        if (stats_placements_init(&s->placed[t], of->probability, of->label, of->cluster, of->n))
            return -1;
        const char *why = stats_auc_obstacle(&s->placed[t]);
        if (why) s->obstacle = why;
    }
    return 0;
}

static int sum_init(struct sum *s, const struct leadseq_output_term *term, size_t terms,
                    const int *cluster, size_t records)
{
    struct stats_clusters clusters;
    *s = (struct sum){.terms = terms, .term = term};
    if (stats_clusters_init(&clusters, cluster, records)) return -1;
    s->patients = clusters.count;
    int status = allocate(s);
    if (!status) status = place_terms(s);
    if (!status && !s->obstacle) {
        for (size_t t = 0; t < terms; t++) fill_influence(s, t, clusters.member);
        status = fill_covariances(s);
    }
    stats_clusters_clear(&clusters);
    return status;
}

/* --- Intervals ------------------------------------------------------------------------------ */

/* √ΣΣ ±r·d·d: how far an end is from the sum. */
static double distance(const struct sum *s, const double *d)
{
    double squares = 0;
    for (size_t a = 0; a < s->terms; a++)
        for (size_t b = 0; b < s->terms; b++) {
            double sign = s->term[a].factor * s->term[b].factor < 0 ? -1 : 1;
            squares += sign * s->r[a * s->terms + b] * d[a] * d[b];
        }
    return sqrt(fmax(0, squares));
}

/* Of one question two complete separations on the same side, one less the other: they rank the
 * classes alike, and differ by nothing. */
static bool is_cancelled(const struct sum *s, size_t t)
{
    for (size_t u = 0; u < s->terms; u++)
        if (s->term[u].question == s->term[t].question && s->area[u].auc == s->area[t].auc &&
            stats_area_separated(&s->area[t]) && s->term[u].factor == -s->term[t].factor)
            return true;
    return false;
}

/* Below and above the sum at two-sided level alpha. */
static void distances(const struct sum *s, double alpha, double *below, double *above)
{
    for (size_t t = 0; t < s->terms; t++) {
        double low, high, factor = s->term[t].factor, auc = s->area[t].auc;
        stats_area_ends(&s->area[t], alpha, &low, &high);
        s->down[t] = factor > 0 ? factor * (auc - low) : -factor * (high - auc);
        s->up[t] = factor > 0 ? factor * (high - auc) : -factor * (auc - low);
        if (is_cancelled(s, t)) s->down[t] = s->up[t] = 0;
    }
    *below = distance(s, s->down);
    *above = distance(s, s->up);
}

/* The level at which the interval ends at 0, by bisection of its logarithm: the interval shrinks
 * as alpha grows. */
static double p_of_zero(const struct sum *s, double value)
{
    double low = log(1e-300), high = 0, below, above;
    for (int i = 0; i < 100; i++) {
        double middle = (low + high) / 2;
        distances(s, exp(middle), &below, &above);
        if (value - below <= 0 && value + above >= 0)
            low = middle;
        else
            high = middle;
    }
    return exp(low);
}

/* Whether nothing varies, but for rounding: constants, the same order twice. A complete separation
 * has bounds though no variance. */
static bool is_fixed(const struct sum *s)
{
    double variance = 0, size = 0;
    for (size_t a = 0; a < s->terms; a++) {
        if (stats_area_separated(&s->area[a]) && !is_cancelled(s, a)) return false;
        for (size_t b = 0; b < s->terms; b++) {
            double product =
                s->term[a].factor * s->term[b].factor * s->covariance[a * s->terms + b];
            variance += product;
            size += fabs(product);
        }
    }
    return variance <= 1e-14 * size;
}

static bool is_difference(const struct sum *s)
{
    for (size_t t = 0; t < s->terms; t++)
        if (s->term[t].factor < 0) return true;
    return false;
}

static const char *method_of(const struct sum *s, bool clustered, bool difference)
{
    if (s->terms > 2 || !difference)
        return clustered ? "DeLong by patients, of outputs, logit" : "DeLong, of outputs, logit";
    return clustered ? "DeLong by patients, paired, logit" : "DeLong, paired, logit";
}

static void tell(struct leadseq_difference *d, const struct sum *s, bool clustered)
{
    double below, above;
    const bool difference = is_difference(s);
    d->difference = 0;
    for (size_t t = 0; t < s->terms; t++) d->difference += s->term[t].factor * s->placed[t].auc;
    if (fabs(d->difference) < 1e-15) d->difference = 0;
    d->method = s->obstacle;
    if (d->method) return;
    distances(s, 1 - LEADSEQ_CONFIDENCE, &below, &above);
    if (is_fixed(s)) {
        d->method = "no interval: its variance is zero";
        if (difference && d->difference == 0) d->p = 1;
        return;
    }
    d->low = d->difference - below;
    d->high = d->difference + above;
    if (difference) d->p = p_of_zero(s, d->difference);
    d->method = method_of(s, clustered, difference);
}

int leadseq_auc_sum(struct leadseq_difference *sum, const struct leadseq_output_term *term,
                    size_t terms, const int *cluster, size_t records)
{
    struct sum s;
    *sum = (struct leadseq_difference){NAN, NAN, NAN, NAN, NULL};
    int status = sum_init(&s, term, terms, cluster, records);
    if (!status) tell(sum, &s, cluster);
    sum_clear(&s);
    return status;
}

int leadseq_auc_difference(struct leadseq_difference *d, const double *a, const double *b,
                           const uint8_t *label, const int *cluster, size_t n)
{
    const struct leadseq_output_term term[] = {{{n, a, label, NAN, cluster}, NULL, 0, 1},
                                               {{n, b, label, NAN, cluster}, NULL, 0, -1}};
    *d = (struct leadseq_difference){NAN, NAN, NAN, NAN, NULL};
    return n ? leadseq_auc_sum(d, term, 2, cluster, n)
             : leadseq_auc_delong_paired(d, a, b, label, n);
}
