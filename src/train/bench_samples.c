/* SPDX-License-Identifier: MIT
 *
 * What was measured, as its median and quartiles. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

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
    qsort(sorted, s->n, sizeof *sorted, by_value);
    spread = (struct leadseq_bench_spread){sorted[0], quantile(sorted, s->n, .25),
                                           quantile(sorted, s->n, .5), quantile(sorted, s->n, .75),
                                           sorted[s->n - 1]};
    free(sorted);
    return spread;
}

struct leadseq_bench_spread leadseq_bench_ratio(const struct leadseq_bench_samples *a,
                                                const struct leadseq_bench_samples *b)
{
    struct leadseq_bench_samples ratio = {.n = a->n < b->n ? a->n : b->n};
    if (ratio.n) ratio.value = leadseq_calloc(ratio.n, sizeof *ratio.value);
    if (!ratio.value) ratio.n = 0;
    for (size_t i = 0; i < ratio.n; i++) ratio.value[i] = a->value[i] / b->value[i];
    struct leadseq_bench_spread spread = leadseq_bench_spread(&ratio);
    free(ratio.value);
    return spread;
}
