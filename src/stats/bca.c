/* SPDX-License-Identifier: MIT
 *
 * Bias-corrected and accelerated intervals (Efron, JASA 1987) of resampled
 * figures and of sums of them, and the p at which such an interval meets 0. */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

static const char *const by_patients = "BCa bootstrap of patients";
static const char *const by_records = "BCa bootstrap of records";
static const char *const undefined = "no figure: it is not defined here";
static const char *const too_few = "no interval: too few resamples have the figure";
static const char *const no_width = "no interval: resamples do not vary";
static const char *const one_side = "no interval: all resamples on one side of the figure";
static const char *const far_off = "no interval: the resamples are biased, |z0| > 1";
static const char *const outside = "no interval: it would not hold the figure itself";

/* One figure, or a sum of several, with its own copies. */
struct sample {
    double value, *draws, *left, bias, acceleration;
    size_t n_draws, n_left;
};

/* Share of the sorted draws below x, those equal counted half. Counts make many draws equal;
 * in differences they are so but for rounding. */
static double share_below(const struct sample *s, double x)
{
    double most = fmax(fabs(s->draws[0]), fabs(s->draws[s->n_draws - 1]));
    double near = 1e-12 * fmax(most, fabs(x)), below = 0;
    for (size_t i = 0; i < s->n_draws && s->draws[i] <= x + near; i++)
        below += s->draws[i] < x - near ? 1 : .5;
    return below / (double)s->n_draws;
}

/* Σd³/(6(Σd²)^1.5), d: the mean of the figures with one group left out less each. */
static double accelerate(const struct sample *s)
{
    double mean = gsl_stats_mean(s->left, 1, s->n_left), cubes = 0, squares = 0;
    for (size_t i = 0; i < s->n_left; i++) {
        double d = mean - s->left[i];
        squares += d * d;
        cubes += d * d * d;
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

/* Moves the numbers to the front and says how many there are; 0 where more than one in twenty
 * is NaN. */
static size_t keep_numbers(double *x, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) x[kept++] = x[i];
    return 20 * (n - kept) > n ? 0 : kept;
}

/* Why there is no interval, or NULL; else draws are sorted, bias and acceleration known. */
static const char *prepare(struct sample *s)
{
    if (isnan(s->value)) return undefined;
    s->n_draws = keep_numbers(s->draws, s->n_draws);
    s->n_left = keep_numbers(s->left, s->n_left);
    if (!s->n_draws || !s->n_left) return too_few;
    gsl_sort(s->draws, 1, s->n_draws);
    double width = s->draws[s->n_draws - 1] - s->draws[0];
    if (width <= 1e-14 * (fabs(s->value) + fabs(s->draws[0]))) return no_width;
    double below = share_below(s, s->value);
    if (below <= 0 || below >= 1) return one_side;
    s->bias = gsl_cdf_ugaussian_Pinv(below);
    if (fabs(s->bias) > 1) return far_off;
    s->acceleration = accelerate(s);
    return NULL;
}

/* The percentile in place of the normal quantile z. */
static double percentile(const struct sample *s, double z)
{
    double u = s->bias + z, shrink = 1 - s->acceleration * u;
    double level = shrink > 0 ? gsl_cdf_ugaussian_P(s->bias + u / shrink) : u > 0;
    return gsl_stats_quantile_from_sorted_data(s->draws, 1, s->n_draws, level);
}

/* The level of the interval that ends at 0, turned into a two-sided p. At least one draw is
 * taken to lie beyond. */
static double p_of_zero(const struct sample *s)
{
    double least = 1 / ((double)s->n_draws + 1), below = share_below(s, 0);
    double w = gsl_cdf_ugaussian_Pinv(fmin(fmax(below, least), 1 - least)) - s->bias;
    return fmin(1, fmax(2 * least, stats_p_normal(w / (1 + s->acceleration * w) - s->bias)));
}

/* Whether a sum is 0 but for the rounding of its terms; that of a NaN might be. of[k · step]:
 * figure k. */
static bool is_rounding(double sum, const double *of, size_t step, const struct leadseq_term *term,
                        size_t terms)
{
    double size = 0;
    for (size_t t = 0; t < terms; t++) size += fabs(term[t].factor * of[term[t].figure * step]);
    return !(fabs(sum) > 1e-14 * size * (double)terms);
}

/* Rounding that is all there is, of the sum and of its draws, is no difference: all become 0. */
static void settle(struct sample *s, const struct leadseq_resampled *r,
                   const struct leadseq_term *term, size_t terms)
{
    if (isnan(s->value) || !is_rounding(s->value, r->value, 1, term, terms)) return;
    for (size_t i = 0; i < r->resamples; i++)
        if (!is_rounding(s->draws[i], r->draws + i, r->resamples, term, terms)) return;
    s->value = 0;
    for (size_t i = 0; i < r->resamples; i++)
        if (!isnan(s->draws[i])) s->draws[i] = 0;
}

static int sample_init(struct sample *s, const struct leadseq_resampled *r,
                       const struct leadseq_term *term, size_t terms)
{
    *s = (struct sample){.n_draws = r->resamples, .n_left = r->groups};
    s->draws = leadseq_calloc(r->resamples, sizeof *s->draws);
    s->left = leadseq_calloc(r->groups, sizeof *s->left);
    if (!s->draws || !s->left) return -1;
    for (size_t t = 0; t < terms; t++) {
        size_t k = term[t].figure;
        s->value += term[t].factor * r->value[k];
        for (size_t i = 0; i < r->resamples; i++)
            s->draws[i] += term[t].factor * r->draws[k * r->resamples + i];
        for (size_t i = 0; i < r->groups; i++)
            s->left[i] += term[t].factor * r->left[k * r->groups + i];
    }
    settle(s, r, term, terms);
    return 0;
}

static void tell(struct leadseq_difference *to, struct sample *s, const struct leadseq_resampled *r,
                 const char *why)
{
    to->difference = s->value;
    const char *unfit = isnan(s->value) ? undefined : why ? why : prepare(s);
    if (unfit == no_width && s->value == 0) to->p = 1; // both the same everywhere
    to->method = unfit ? unfit : r->clustered ? by_patients : by_records;
    if (unfit) return;
    double low = percentile(s, -stats_z()), high = percentile(s, stats_z());
    double near = 1e-12 * fmax(fabs(low), fabs(high));
    if (s->value < low - near || s->value > high + near) {
        to->method = outside;
        return;
    }
    to->low = low;
    to->high = high;
    to->p = p_of_zero(s);
}

int leadseq_resampled_sum(struct leadseq_difference *sum, const struct leadseq_resampled *r,
                          const struct leadseq_term *term, size_t terms)
{
    struct sample sample;
    const char *why = NULL;
    *sum = (struct leadseq_difference){NAN, NAN, NAN, NAN, NULL};
    for (size_t t = 0; t < terms && !why; t++) why = r->obstacle[term[t].figure];
    int status = sample_init(&sample, r, term, terms);
    if (!status) tell(sum, &sample, r, why);
    free(sample.draws);
    free(sample.left);
    return status;
}

int leadseq_resampled_difference(struct leadseq_difference *difference,
                                 const struct leadseq_resampled *r, size_t a, size_t b)
{
    const struct leadseq_term term[] = {{a, 1}, {b, -1}};
    return leadseq_resampled_sum(difference, r, term, 2);
}

int leadseq_resampled_estimate(struct leadseq_estimate *e, const struct leadseq_resampled *r,
                               size_t figure)
{
    struct leadseq_difference d;
    const struct leadseq_term term = {figure, 1};
    int status = leadseq_resampled_sum(&d, r, &term, 1);
    *e = (struct leadseq_estimate){d.difference, d.low, d.high, d.method};
    return status;
}
