/* SPDX-License-Identifier: MIT
 *
 * Values in ascending order, and the one in the middle. */
#include "stats/stats.h"

#include <math.h>
#include <stdlib.h>

int leadseq_ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double leadseq_median(double *value, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i])) value[kept++] = value[i];
    if (!kept) return NAN;
    qsort(value, kept, sizeof *value, leadseq_ascending);
    return kept % 2 ? value[kept / 2] : (value[kept / 2 - 1] + value[kept / 2]) / 2;
}
