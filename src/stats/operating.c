/* SPDX-License-Identifier: MIT
 *
 * Operating points picked off a curve: what is reached at a wanted specificity
 * or sensitivity, and the largest F1. Points as they are, nothing interpolated. */
#include "stats/stats.h"

#include <math.h>

static double tell(double *threshold, double at, double value)
{
    if (threshold) *threshold = at;
    return value;
}

static bool one_class(const struct leadseq_curve *curve)
{
    return !curve->positives || !curve->negatives;
}

static double sensitivity(const struct leadseq_curve *curve, size_t k)
{
    return (double)curve->tp[k] / (double)curve->positives;
}

static double specificity(const struct leadseq_curve *curve, size_t k)
{
    return (double)(curve->negatives - curve->fp[k]) / (double)curve->negatives;
}

double leadseq_curve_sensitivity_at(const struct leadseq_curve *curve, double wanted,
                                    double *threshold)
{
    double best = 0, at = INFINITY;
    if (one_class(curve) || isnan(wanted) || wanted > 1) return tell(threshold, NAN, NAN);
    for (size_t k = 0; k < curve->n && specificity(curve, k) >= wanted; k++) {
        if (sensitivity(curve, k) <= best) continue;
        best = sensitivity(curve, k);
        at = curve->threshold[k];
    }
    return tell(threshold, at, best);
}

double leadseq_curve_specificity_at(const struct leadseq_curve *curve, double wanted,
                                    double *threshold)
{
    if (one_class(curve) || isnan(wanted) || wanted > 1) return tell(threshold, NAN, NAN);
    if (wanted <= 0) return tell(threshold, INFINITY, 1);
    size_t k = 0;
    while (sensitivity(curve, k) < wanted) k++; // the last point has 1
    return tell(threshold, curve->threshold[k], specificity(curve, k));
}

double leadseq_curve_f_max(const struct leadseq_curve *curve, double *threshold)
{
    double best = -1, at = NAN;
    if (!curve->positives) return tell(threshold, NAN, NAN);
    for (size_t k = 0; k < curve->n; k++) {
        double tp = (double)curve->tp[k];
        double f = 2 * tp / (tp + (double)curve->fp[k] + (double)curve->positives);
        if (f <= best) continue;
        best = f;
        at = curve->threshold[k];
    }
    return tell(threshold, at, best);
}
