/* SPDX-License-Identifier: MIT
 *
 * Decision curves: what a decision is worth where a false alarm costs t/(1 - t) of
 * a hit (Vickers & Elkin, Medical Decision Making 2006). */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>

static double benefit(size_t tp, size_t fp, size_t n, double threshold)
{
    if (!n || !(threshold >= 0 && threshold < 1)) return NAN;
    return ((double)tp - (double)fp * threshold / (1 - threshold)) / (double)n;
}

double leadseq_net_benefit(const struct leadseq_confusion *c, double threshold)
{
    return benefit(c->tp, c->fp, c->tp + c->fp + c->fn + c->tn, threshold);
}

double leadseq_net_benefit_all(size_t positives, size_t n, double threshold)
{
    return positives <= n ? benefit(positives, n - positives, n, threshold) : NAN;
}

/* How many have a probability of at least t: the first place below it, by halving. */
static size_t called_at(const struct leadseq_scored *s, double t)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->sorted[middle] >= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void leadseq_decision_curve(double *to, const struct leadseq_scored *s, const double *threshold,
                            size_t points)
{
    struct stats_view view = stats_view_of(s);
    for (size_t k = 0; k < points; k++) {
        struct leadseq_confusion c = stats_counts(&view, called_at(s, threshold[k]));
        to[k] = leadseq_net_benefit(&c, threshold[k]);
    }
}
