/* SPDX-License-Identifier: MIT
 *
 * The operating points of a score, from the highest threshold to the lowest,
 * and what follows from them: area under the ROC curve, average precision,
 * Youden's threshold. Equal scores make one point. No intervals here. */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

static int allocate(struct leadseq_curve *curve, size_t n)
{
    curve->threshold = leadseq_calloc(n, sizeof *curve->threshold);
    curve->tp = leadseq_calloc(n, sizeof *curve->tp);
    curve->fp = leadseq_calloc(n, sizeof *curve->fp);
    curve->order = leadseq_calloc(n, sizeof *curve->order);
    return curve->threshold && curve->tp && curve->fp && curve->order ? 0 : -1;
}

static void count_points(struct leadseq_curve *curve, const double *score, const uint8_t *label,
                         size_t n)
{
    size_t tp = 0, fp = 0;
    for (size_t r = 0; r < n; r++) {
        size_t i = curve->order[r];
        tp += label[i];
        fp += !label[i];
        if (r + 1 < n && score[curve->order[r + 1]] == score[i]) continue;
        curve->threshold[curve->n] = score[i];
        curve->tp[curve->n] = tp;
        curve->fp[curve->n] = fp;
        curve->n++;
    }
    curve->positives = tp;
    curve->negatives = fp;
}

static void reverse(size_t *index, size_t n)
{
    for (size_t i = 0; i < n / 2; i++) {
        size_t t = index[i];
        index[i] = index[n - 1 - i];
        index[n - 1 - i] = t;
    }
}

int leadseq_curve_init(struct leadseq_curve *curve, const double *score, const uint8_t *label,
                       size_t n)
{
    *curve = (struct leadseq_curve){0};
    if (stats_check(score, label, n)) return -1;
    if (allocate(curve, n)) {
        leadseq_curve_clear(curve);
        return -1;
    }
    gsl_sort_index(curve->order, score, 1, n);
    reverse(curve->order, n);
    count_points(curve, score, label, n);
    return 0;
}

void leadseq_curve_clear(struct leadseq_curve *curve)
{
    if (!curve) return;
    free(curve->threshold);
    free(curve->tp);
    free(curve->fp);
    free(curve->order);
    *curve = (struct leadseq_curve){0};
}

double leadseq_curve_auc(const struct leadseq_curve *curve)
{
    double twice = 0, tp = 0, fp = 0; // twice the area, in units of one positive × one negative
    for (size_t k = 0; k < curve->n; k++) {
        twice += ((double)curve->fp[k] - fp) * ((double)curve->tp[k] + tp);
        tp = (double)curve->tp[k];
        fp = (double)curve->fp[k];
    }
    double pairs = (double)curve->positives * (double)curve->negatives;
    return pairs > 0 ? twice / (2 * pairs) : NAN;
}

double leadseq_curve_average_precision(const struct leadseq_curve *curve)
{
    double sum = 0, before = 0;
    for (size_t k = 0; k < curve->n; k++) {
        double tp = (double)curve->tp[k], called = tp + (double)curve->fp[k];
        sum += (tp - before) * tp / called;
        before = tp;
    }
    return sum / (double)curve->positives;
}

double leadseq_curve_youden(const struct leadseq_curve *curve)
{
    double best = -INFINITY, threshold = NAN;
    if (!curve->positives || !curve->negatives) return NAN;
    for (size_t k = 0; k < curve->n; k++) {
        // J times both classes' sizes: products of counts are exact, so that equal J are equal
        double j = (double)curve->tp[k] * (double)curve->negatives -
                   (double)curve->fp[k] * (double)curve->positives;
        if (j <= best) continue; // of equals the highest threshold
        best = j;
        threshold = curve->threshold[k];
    }
    return threshold;
}

static double from_curve(double (*figure)(const struct leadseq_curve *), const double *score,
                         const uint8_t *label, size_t n)
{
    struct leadseq_curve curve;
    if (leadseq_curve_init(&curve, score, label, n)) return NAN;
    double value = figure(&curve);
    leadseq_curve_clear(&curve);
    return value;
}

double leadseq_auc(const double *score, const uint8_t *label, size_t n)
{
    return from_curve(leadseq_curve_auc, score, label, n);
}

double leadseq_average_precision(const double *score, const uint8_t *label, size_t n)
{
    return from_curve(leadseq_curve_average_precision, score, label, n);
}

double leadseq_threshold_youden(const double *score, const uint8_t *label, size_t n)
{
    return from_curve(leadseq_curve_youden, score, label, n);
}
