/* SPDX-License-Identifier: MIT
 *
 * Temperature scaling (Guo, Pleiss, Sun & Weinberger, ICML 2017): the one number
 * that logits are divided by. Fitted as its inverse, in which the cross-entropy
 * is convex. */
#include <leadseq/stats.h>

#include "stats_private.h"

#include <math.h>

enum { STEPS = 1000 };

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
        positives += label[i];
        wrong += towards < 0;
        agreement += towards;
        *largest = fmax(*largest, fabs(logit[i]));
    }
    if (!positives || positives == n) return "no temperature: one class only";
    if (agreement <= 0) return "no temperature: the logits do not tell the classes apart";
    if (!wrong) return "no temperature: the logits separate the classes";
    return NULL;
}

/* Newton's step for b = 1/T of minimal Σ log(1 + exp(-±b·logit)). */
static double newton(double *information, double b, const double *logit, const uint8_t *label,
                     size_t n)
{
    double gradient = 0;
    *information = 0;
    for (size_t i = 0; i < n; i++) {
        double p = leadseq_temper(logit[i], 1 / b);
        gradient += (label[i] - p) * logit[i];
        *information += p * (1 - p) * logit[i] * logit[i];
    }
    return gradient / *information;
}

struct leadseq_estimate leadseq_temperature(const double *logit, const uint8_t *label, size_t n)
{
    double largest, information = 0, b = 1, move = INFINITY;
    const char *why = obstacle(&largest, logit, label, n);
    if (why) return none(why);
    for (int k = 0; k < STEPS && move > 1e-9; k++) {
        double step = newton(&information, b, logit, label, n);
        double fraction = stats_newton_fraction(fabs(step) * largest);
        move = fabs(step) * largest;
        b += fraction * step;
    }
    if (!(move <= 1e-9)) return none("no temperature: Newton's method did not converge");
    double half = stats_z() / sqrt(information);
    if (half >= b)
        return (struct leadseq_estimate){1 / b, NAN, NAN, "no interval: 1/T reaches zero"};
    return (struct leadseq_estimate){1 / b, 1 / (b + half), 1 / (b - half), "Wald, of 1/T"};
}
