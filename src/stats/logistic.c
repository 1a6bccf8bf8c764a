/* SPDX-License-Identifier: MIT
 *
 * Logistic regression on one logit by Newton's method, and logits themselves. Where
 * there is no maximum, it says so before it looks for one. */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>

enum { STEPS = 200 };

double leadseq_logit(double p)
{
    if (isnan(p)) return p;
    p = fmin(fmax(p, STATS_LOGIT_EDGE), 1 - STATS_LOGIT_EDGE);
    return log(p / (1 - p));
}

bool leadseq_is_clamped(double p)
{
    return p < STATS_LOGIT_EDGE || p > 1 - STATS_LOGIT_EDGE;
}

double leadseq_temper(double logit, double temperature)
{
    return 1 / (1 + exp(-logit / temperature));
}

static double likelihood(const struct stats_view *v, double offset, double slope)
{
    double sum = 0;
    for (size_t r = 0; r < v->n; r++) {
        double x = offset + slope * v->logit[r];
        sum += stats_weight(v, r) * (v->truth[r] * x - fmax(x, 0) - log1p(exp(-fabs(x))));
    }
    return sum;
}

/* Where no predictor moves by more than c, the curvature of the likelihood grows by at most
 * exp(c), so that at a step shortened to c = 1.5 it cannot fall (Bach, Electronic Journal of
 * Statistics 2010). Longer ones are looked at. */
double stats_newton_fraction(const struct stats_view *v, const struct stats_logistic *at,
                             double offset, double slope, double move)
{
    double fraction = 1, safe = 1.5 / move;
    if (!(safe < 1)) return 1;
    double now = likelihood(v, at->offset, at->slope);
    while (fraction > safe &&
           !(likelihood(v, at->offset + fraction * offset, at->slope + fraction * slope) >= now))
        fraction /= 2;
    return fmax(fraction, safe);
}

/* The logits' range in each class: [class][least, most]; they fall with r. */
static void ranges(double range[2][2], const struct stats_view *v)
{
    for (int k = 0; k < 2; k++) {
        size_t first = 0, last = v->n;
        while (first < v->n && (v->truth[first] != k || stats_weight(v, first) == 0)) first++;
        while (last > first && (v->truth[last - 1] != k || stats_weight(v, last - 1) == 0)) last--;
        range[k][0] = first < v->n ? v->logit[last - 1] : INFINITY;
        range[k][1] = first < v->n ? v->logit[first] : -INFINITY;
    }
}

/* With one predictor the likelihood has no maximum exactly where the classes' ranges do not
 * overlap (Albert & Anderson, Biometrika 1984). */
static const char *obstacle(double range[2][2])
{
    const double *no = range[0], *yes = range[1];
    if (no[0] > no[1] || yes[0] > yes[1]) return "one class only";
    if (fmin(no[0], yes[0]) == fmax(no[1], yes[1])) return "no slope: constant prediction";
    if (no[1] <= yes[0] || yes[1] <= no[0]) return "no slope: the classes are separated";
    return NULL;
}

/* Gradient (2) and information (3) of the log-likelihood. */
static void derivatives(double *gradient, double *information, const struct stats_view *v,
                        const struct stats_logistic *fit)
{
    double g[2] = {0}, h[3] = {0};
    for (size_t r = 0; r < v->n; r++) {
        double weight = stats_weight(v, r), x = v->logit[r];
        double p = 1 / (1 + exp(-fit->offset - fit->slope * x));
        double e = weight * (v->truth[r] - p), w = weight * p * (1 - p);
        g[0] += e, g[1] += e * x;
        h[0] += w, h[1] += w * x, h[2] += w * x * x;
    }
    gradient[0] = g[0], gradient[1] = g[1];
    information[0] = h[0], information[1] = h[1], information[2] = h[2];
}

/* Newton's step, shortened; returns the decrement, which is how many standard errors are left. */
static double step(struct stats_logistic *fit, const struct stats_view *v, double least,
                   double most)
{
    double g[2], *h = fit->information;
    derivatives(g, h, v, fit);
    double determinant = h[0] * h[2] - h[1] * h[1];
    double offset = (h[2] * g[0] - h[1] * g[1]) / determinant;
    double slope = (h[0] * g[1] - h[1] * g[0]) / determinant;
    double move = fmax(fabs(offset + slope * least), fabs(offset + slope * most));
    double fraction = stats_newton_fraction(v, fit, offset, slope, move);
    fit->offset += fraction * offset;
    fit->slope += fraction * slope;
    return sqrt(offset * g[0] + slope * g[1]);
}

static bool converge(struct stats_logistic *fit, const struct stats_view *v, double close)
{
    double left = INFINITY, least = v->logit[v->n - 1], most = v->logit[0];
    for (int k = 0; k < STEPS && left > close; k++) left = step(fit, v, least, most);
    return left <= close;
}

void stats_logistic_fit(struct stats_logistic *fit, const struct stats_view *v, double close)
{
    double range[2][2];
    ranges(range, v);
    fit->obstacle = obstacle(range);
    if (!fit->obstacle && !(isfinite(fit->slope) && converge(fit, v, close))) {
        fit->offset = fit->slope = 0; // where no prediction is sure
        if (!converge(fit, v, close)) fit->obstacle = "Newton's method did not converge";
    }
    if (fit->obstacle) fit->offset = fit->slope = NAN;
}

/* Newton's step within [*low, *high], which hold the offset and shrink; else half of them. */
static double shift_step(struct stats_logistic *fit, const struct stats_view *v, double *low,
                         double *high)
{
    double g = 0, h = 0, factor = exp(-fit->offset);
    for (size_t r = 0; r < v->n; r++) {
        double weight = stats_weight(v, r), p = 1 / (1 + factor * v->against[r]);
        g += weight * (v->truth[r] - p);
        h += weight * p * (1 - p);
    }
    *(g > 0 ? low : high) = fit->offset;
    double next = fit->offset + g / h;
    fit->information[0] = h;
    fit->offset = next >= *low && next <= *high ? next : (*low + *high) / 2;
    return fabs(g) / sqrt(h);
}

/* The mean prediction is that of some logit between the least and the most. */
void stats_shift_fit(struct stats_logistic *fit, const struct stats_view *v, double close)
{
    double positives = 0, all = 0, left = INFINITY;
    for (size_t r = 0; r < v->n; r++) {
        positives += stats_weight(v, r) * v->truth[r];
        all += stats_weight(v, r);
    }
    if (positives > 0 && positives < all) {
        double middle = log(positives / (all - positives));
        double low = middle - v->logit[0], high = middle - v->logit[v->n - 1];
        if (!(fit->offset >= low && fit->offset <= high)) fit->offset = (low + high) / 2;
        for (int k = 0; k < STEPS && left > close; k++) left = shift_step(fit, v, &low, &high);
    } else {
        fit->obstacle = "one class only";
        fit->offset = NAN;
    }
}
