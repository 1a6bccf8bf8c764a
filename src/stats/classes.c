/* SPDX-License-Identifier: MIT
 *
 * Several classes: the table of true against called classes and what is made of
 * it. Ranks and probabilities are measured one class against the rest (scored.c). */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>
#include <string.h>

static int call(const double *probability, size_t k)
{
    size_t best = 0;
    for (size_t c = 0; c < k; c++) {
        if (isnan(probability[c])) return -1;
        if (probability[c] > probability[best]) best = c;
    }
    return (int)best;
}

int leadseq_classes_single(const uint8_t *label, size_t k)
{
    int found = -1, n = 0;
    for (size_t c = 0; c < k; c++) {
        if (label[c] > 1) return -1;
        if (label[c]) found = (int)c, n++;
    }
    return n == 1 ? found : -1;
}

void leadseq_classes_call(int *called, const double *probability, size_t n, size_t k)
{
    for (size_t i = 0; i < n; i++) called[i] = call(probability + i * k, k);
}

int leadseq_classes_count(size_t *count, const int *truth, const int *called,
                          const uint32_t *weight, size_t n, size_t k)
{
    memset(count, 0, k * k * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        int wrong = truth[i] < 0 || (size_t)truth[i] >= k ? truth[i] : called[i];
        if (wrong < 0 || (size_t)wrong >= k)
            return leadseq_fail("record %zu of %zu: expected a class from 0 to %zu, found %d",
                                i + 1, n, k - 1, wrong);
        count[(size_t)truth[i] * k + (size_t)called[i]] += weight ? weight[i] : 1;
    }
    return 0;
}

static size_t row_sum(const size_t *count, size_t k, size_t row)
{
    size_t sum = 0;
    for (size_t c = 0; c < k; c++) sum += count[row * k + c];
    return sum;
}

static size_t column_sum(const size_t *count, size_t k, size_t column)
{
    size_t sum = 0;
    for (size_t c = 0; c < k; c++) sum += count[c * k + column];
    return sum;
}

struct leadseq_confusion leadseq_classes_one(const size_t *count, size_t k, size_t class)
{
    size_t n = 0, tp = count[class * k + class];
    for (size_t c = 0; c < k; c++) n += row_sum(count, k, c);
    size_t fn = row_sum(count, k, class) - tp, fp = column_sum(count, k, class) - tp;
    return (struct leadseq_confusion){.tp = tp, .fp = fp, .fn = fn, .tn = n - tp - fn - fp};
}

static double macro_of(double (*figure)(const struct leadseq_confusion *), const size_t *count,
                       size_t k)
{
    double sum = 0;
    for (size_t c = 0; c < k; c++) {
        struct leadseq_confusion one = leadseq_classes_one(count, k, c);
        sum += figure(&one);
    }
    return stats_share(sum, (double)k);
}

double leadseq_macro(const double *value, size_t k)
{
    double sum = 0;
    for (size_t c = 0; c < k; c++) sum += value[c];
    return stats_share(sum, (double)k);
}

/* With s records, c of them right, t and p how often a class is true and called:
 * kappa = (c·s - Σtp)/(s² - Σtp), mcc = (c·s - Σtp)/√((s² - Σp²)(s² - Σt²)). */
static void agree(struct leadseq_classes_figures *f, const size_t *count, size_t k)
{
    double right = 0, n = 0, tp = 0, tt = 0, pp = 0;
    for (size_t c = 0; c < k; c++) {
        double t = (double)row_sum(count, k, c), p = (double)column_sum(count, k, c);
        right += (double)count[c * k + c];
        n += t;
        tp += t * p;
        tt += t * t;
        pp += p * p;
    }
    f->accuracy = stats_share(right, n);
    f->kappa = stats_share(right * n - tp, n * n - tp);
    f->mcc = stats_share(right * n - tp, sqrt(n * n - pp) * sqrt(n * n - tt));
}

struct leadseq_classes_figures leadseq_classes_measure(const size_t *count, size_t k)
{
    struct leadseq_classes_figures f = {
        .balanced_accuracy = macro_of(leadseq_sensitivity, count, k),
        .macro_precision = macro_of(leadseq_precision, count, k),
        .macro_f1 = macro_of(leadseq_f1, count, k),
    };
    agree(&f, count, k);
    return f;
}
