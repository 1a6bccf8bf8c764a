/* SPDX-License-Identifier: MIT
 *
 * Temperature scaling (Guo, Pleiss, Sun & Weinberger, ICML 2017): the one number
 * that logits are divided by. Fitted as its inverse, in which the cross-entropy
 * is convex. */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>

enum { STEPS = 200 };

static struct leadseq_estimate none(const char *why)
{
    return (struct leadseq_estimate){NAN, NAN, NAN, why};
}

/* Why there is no temperature, or NULL. largest: of |logit|. */
static const char *obstacle(double *largest, const double *logit, const uint8_t *label, size_t n)
{
    size_t positives = 0, wrong = 0;
    double agreement = 0;
    *largest = 0;
    for (size_t i = 0; i < n; i++) {
        double towards = label[i] ? logit[i] : -logit[i];
        if (!isfinite(logit[i])) return "no temperature: a logit is not finite";
        if (label[i] > 1) return "no temperature: a label is neither 0 nor 1";
        positives += label[i];
        wrong += towards < 0;
        agreement += towards;
        *largest = fmax(*largest, fabs(logit[i]));
    }
    if (!positives || positives == n) return "no temperature: one class only";
    if (agreement <= 0) return "no temperature: the logits do not distinguish the classes";
    if (!wrong) return "no temperature: the logits separate the classes";
    return NULL;
}

/* Newton's step of the slope b = 1/T, the offset being 0; returns the decrement. */
static double newton(struct stats_logistic *fit, const struct stats_view *v, double largest)
{
    double gradient = 0, information = 0;
    for (size_t i = 0; i < v->n; i++) {
        double x = v->logit[i], p = 1 / (1 + exp(-fit->slope * x));
        gradient += (v->truth[i] - p) * x;
        information += p * (1 - p) * x * x;
    }
    fit->information[2] = information;
    double step = gradient / information;
    fit->slope += stats_newton_fraction(v, fit, 0, step, fabs(step) * largest) * step;
    return fabs(gradient) / sqrt(information);
}

struct leadseq_estimate leadseq_temperature(const double *logit, const uint8_t *label, size_t n)
{
    double largest, left = INFINITY;
    const char *why = obstacle(&largest, logit, label, n);
    if (why) return none(why);
    struct stats_view v = {.n = n, .logit = logit, .truth = label};
    struct stats_logistic fit = {.slope = 1 / largest}; // no logit is sure at the start
    for (int k = 0; k < STEPS && left > STATS_EXACT; k++) left = newton(&fit, &v, largest);
    if (!(left <= STATS_EXACT)) return none("no temperature: Newton's method did not converge");
    double b = fit.slope, half = stats_z() / sqrt(fit.information[2]);
    if (half >= b)
        return (struct leadseq_estimate){1 / b, NAN, NAN, "no interval: 1/T reaches zero"};
    return (struct leadseq_estimate){1 / b, 1 / (b + half), 1 / (b - half), "Wald, of 1/T"};
}
