/* SPDX-License-Identifier: MIT
 *
 * Likelihood ratios of a decision with intervals by their logarithm (Simel, Samsa
 * & Matchar, Journal of Clinical Epidemiology 1991). Zeros are not padded. */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>

/* Of k1/n1 to k2/n2: the logarithm's variance is 1/k1 - 1/n1 + 1/k2 - 1/n2. */
static struct leadseq_estimate ratio(size_t count1, size_t of1, size_t count2, size_t of2)
{
    double k1 = (double)count1, n1 = (double)of1, k2 = (double)count2, n2 = (double)of2;
    if (!of1 || !of2) return (struct leadseq_estimate){NAN, NAN, NAN, "one class only"};
    if (!count2)
        return (struct leadseq_estimate){NAN, NAN, NAN, "no figure: it would be divided by zero"};
    if (!count1)
        return (struct leadseq_estimate){0, NAN, NAN, "no interval: a count of the ratio is zero"};
    double value = k1 / n1 / (k2 / n2), variance = 1 / k1 - 1 / n1 + 1 / k2 - 1 / n2;
    if (count1 == of1 && count2 == of2)
        return (struct leadseq_estimate){value, NAN, NAN, "no interval: its variance is zero"};
    double factor = exp(stats_z() * sqrt(variance));
    return (struct leadseq_estimate){value, value / factor, value * factor, "log method"};
}

struct leadseq_estimate leadseq_lr_positive(const struct leadseq_confusion *c)
{
    return ratio(c->tp, c->tp + c->fn, c->fp, c->tn + c->fp);
}

struct leadseq_estimate leadseq_lr_negative(const struct leadseq_confusion *c)
{
    return ratio(c->fn, c->tp + c->fn, c->tn, c->tn + c->fp);
}
