/* SPDX-License-Identifier: MIT
 *
 * Decisions at a threshold: the four counts and the proportions made of them.
 * A proportion of nothing is NaN. */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>

double stats_share(double k, double n)
{
    return n > 0 ? k / n : NAN;
}

struct leadseq_confusion leadseq_confusion_at(const double *score, const uint8_t *label, size_t n,
                                              double threshold)
{
    struct leadseq_confusion c = {0};
    for (size_t i = 0; i < n; i++) {
        bool called = score[i] >= threshold;
        if (label[i])
            called ? c.tp++ : c.fn++;
        else
            called ? c.fp++ : c.tn++;
    }
    return c;
}

static double share(size_t k, size_t n)
{
    return stats_share((double)k, (double)n);
}

double leadseq_sensitivity(const struct leadseq_confusion *c)
{
    return share(c->tp, c->tp + c->fn);
}

double leadseq_specificity(const struct leadseq_confusion *c)
{
    return share(c->tn, c->tn + c->fp);
}

double leadseq_precision(const struct leadseq_confusion *c)
{
    return share(c->tp, c->tp + c->fp);
}

double leadseq_accuracy(const struct leadseq_confusion *c)
{
    return share(c->tp + c->tn, c->tp + c->fp + c->fn + c->tn);
}

double leadseq_f1(const struct leadseq_confusion *c)
{
    return share(2 * c->tp, 2 * c->tp + c->fp + c->fn);
}

double leadseq_npv(const struct leadseq_confusion *c)
{
    return share(c->tn, c->tn + c->fn);
}

double leadseq_balanced_accuracy(const struct leadseq_confusion *c)
{
    return (leadseq_sensitivity(c) + leadseq_specificity(c)) / 2;
}

double leadseq_mcc(const struct leadseq_confusion *c)
{
    double tp = (double)c->tp, fp = (double)c->fp, fn = (double)c->fn, tn = (double)c->tn;
    double norm = sqrt((tp + fp) * (tp + fn)) * sqrt((tn + fp) * (tn + fn));
    return stats_share(tp * tn - fp * fn, norm);
}

double leadseq_kappa(const struct leadseq_confusion *c)
{
    double tp = (double)c->tp, fp = (double)c->fp, fn = (double)c->fn, tn = (double)c->tn;
    /* numerator and denominator times n² */
    double by_chance = (tp + fp) * (tp + fn) + (tn + fp) * (tn + fn), n = tp + fp + fn + tn;
    return stats_share((tp + tn) * n - by_chance, n * n - by_chance);
}

double leadseq_brier(const double *probability, const uint8_t *label, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double d = probability[i] - label[i];
        sum += d * d;
    }
    return n ? sum / (double)n : NAN;
}
