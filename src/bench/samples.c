/* SPDX-License-Identifier: MIT
 *
 * What was measured, as its median and quartiles. */
#include "bench_private.h"

#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Linear between the order statistics, as numpy's default. */
static double quantile(const double *sorted, size_t n, double q)
{
    double place = q * (double)(n - 1);
    size_t i = (size_t)place;
    return i + 1 < n ? sorted[i] + (place - (double)i) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

struct leadseq_bench_spread leadseq_bench_spread(const struct leadseq_bench_samples *s)
{
    struct leadseq_bench_spread spread = {NAN, NAN, NAN, NAN, NAN};
    double *sorted = s->n ? leadseq_calloc(s->n, sizeof *sorted) : NULL;
    if (!sorted) return spread;
    memcpy(sorted, s->value, s->n * sizeof *sorted);
    qsort(sorted, s->n, sizeof *sorted, leadseq_ascending);
    spread = (struct leadseq_bench_spread){sorted[0], quantile(sorted, s->n, .25),
                                           quantile(sorted, s->n, .5), quantile(sorted, s->n, .75),
                                           sorted[s->n - 1]};
    free(sorted);
    return spread;
}

/* numerator/(a·b) of the rounds all have; numerator NULL: `work`, b NULL: 1. */
static struct leadseq_bench_spread combine(const struct leadseq_bench_samples *numerator,
                                           double work, const struct leadseq_bench_samples *a,
                                           const struct leadseq_bench_samples *b)
{
    struct leadseq_bench_samples all = {.n = a->n};
    if (numerator && numerator->n < all.n) all.n = numerator->n;
    if (b && b->n < all.n) all.n = b->n;
    if (all.n) all.value = leadseq_calloc(all.n, sizeof *all.value);
    if (!all.value) all.n = 0;
    for (size_t i = 0; i < all.n; i++)
        all.value[i] =
            (numerator ? numerator->value[i] : work) / (a->value[i] * (b ? b->value[i] : 1));
    struct leadseq_bench_spread spread = leadseq_bench_spread(&all);
    free(all.value);
    return spread;
}

struct leadseq_bench_spread leadseq_bench_ratio(const struct leadseq_bench_samples *a,
                                                const struct leadseq_bench_samples *b)
{
    return combine(a, 0, b, NULL);
}

struct leadseq_bench_spread leadseq_bench_rate(double work,
                                               const struct leadseq_bench_samples *seconds,
                                               const struct leadseq_bench_samples *rate)
{
    return combine(NULL, work, seconds, rate);
}
