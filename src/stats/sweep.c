/* SPDX-License-Identifier: MIT
 *
 * The pass over the records from the highest score to the lowest that all metrics of
 * order share. Equal scores make one point of the curves. */
#include "metric.h"

#include <math.h>

static const double wanted[2] = {.90, .95};

/* The least count of n whose share is at least `share`, as the division has it. */
static double least_count(double share, double n)
{
    double k = floor(share * n);
    while (k > 0 && (k - 1) / n >= share) k--;
    while (k / n < share) k++;
    return k;
}

static void sweep_init(struct stats_sweep *s, const struct stats_view *v)
{
    double positives = 0, all = 0;
    for (size_t r = 0; r < v->n; r++) {
        positives += stats_weight(v, r) * v->truth[r];
        all += stats_weight(v, r);
    }
    *s = (struct stats_sweep){.positives = positives, .negatives = all - positives};
    for (int k = 0; k < 2; k++) {
        s->specificity[k] = NAN;
        s->fp_most[k] = s->negatives - least_count(wanted[k], s->negatives);
        s->tp_least[k] = least_count(wanted[k], positives);
    }
}

/* All records with one score have been counted: a point of the curves. */
static inline void sweep_point(struct stats_sweep *s)
{
    double called = s->tp + s->fp, f = 2 * s->tp / (called + s->positives);
    s->twice_area += (s->fp - s->fp_before) * (s->tp + s->tp_before);
    s->precisions += (s->tp - s->tp_before) * s->tp / called;
    s->f_max = f > s->f_max ? f : s->f_max;
    for (int k = 0; k < 2; k++) {
        if (s->fp <= s->fp_most[k]) s->sensitivity[k] = s->tp;
        if (s->tp_before < s->tp_least[k] && s->tp >= s->tp_least[k])
            s->specificity[k] = s->negatives - s->fp;
    }
    s->tp_before = s->tp;
    s->fp_before = s->fp;
}

void stats_sweep_run(struct stats_sweep *s, const struct stats_view *v)
{
    sweep_init(s, v);
    for (size_t r = 0; r < v->n; r++) {
        double weight = stats_weight(v, r), tp = weight * v->truth[r];
        s->tp += tp;
        s->fp += weight - tp;
        if (r + 1 < v->n && v->sorted[r + 1] == v->sorted[r]) continue;
        if (s->tp + s->fp > 0) sweep_point(s);
    }
}
