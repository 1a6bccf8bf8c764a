/* SPDX-License-Identifier: MIT
 *
 * The same experiment under several seeds: mean, spread and interval by Student's
 * t, and Welch's comparison of two such sets. */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

static double t_quantile(double freedom)
{
    return gsl_cdf_tdist_Qinv((1 - LEADSEQ_CONFIDENCE) / 2, freedom);
}

struct leadseq_spread leadseq_spread_of(const double *value, size_t n)
{
    struct leadseq_spread s = {n, NAN, NAN, NAN, NAN, NAN, NAN, "no seeds"};
    if (!n) return s;
    s.method = "a seed has no figure";
    for (size_t i = 0; i < n; i++)
        if (!isfinite(value[i])) return s;
    s.mean = gsl_stats_mean(value, 1, n);
    s.least = gsl_stats_min(value, 1, n);
    s.most = gsl_stats_max(value, 1, n);
    s.method = "one seed: no spread";
    if (n < 2) return s;
    s.sd = gsl_stats_sd(value, 1, n);
    s.method = "no interval: the seeds do not vary";
    if (s.least == s.most) return s;
    double half = t_quantile((double)n - 1) * s.sd / sqrt((double)n);
    s.low = s.mean - half;
    s.high = s.mean + half;
    s.method = "t interval of seeds";
    return s;
}

struct leadseq_difference leadseq_welch(const struct leadseq_spread *a,
                                        const struct leadseq_spread *b)
{
    struct leadseq_difference d = {a->mean - b->mean, NAN, NAN, NAN,
                                   "a set has fewer than two seeds"};
    if (isnan(a->sd) || isnan(b->sd)) return d;
    double va = a->sd * a->sd / (double)a->n, vb = b->sd * b->sd / (double)b->n;
    d.method = "no interval: the seeds do not vary";
    if (!(va + vb > 0)) return d;
    double freedom =
        (va + vb) * (va + vb) / (va * va / ((double)a->n - 1) + vb * vb / ((double)b->n - 1));
    double error = sqrt(va + vb), half = t_quantile(freedom) * error;
    d.low = d.difference - half;
    d.high = d.difference + half;
    d.p = 2 * gsl_cdf_tdist_Q(fabs(d.difference) / error, freedom);
    d.method = "Welch's t of seeds";
    return d;
}
