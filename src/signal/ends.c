/* SPDX-License-Identifier: MIT
 *
 * What filters see where a signal has gaps and beyond its ends. */
#include "signal_private.h"

#include <math.h>

void signal_bridge_gaps(const float *x, size_t n, double *to)
{
    size_t last = n; // none yet
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) continue;
        double v = (double)x[i];
        size_t from = last == n ? 0 : last + 1;
        double before = last == n ? v : to[last];
        double step = last == n ? 0 : (v - before) / (double)(i - last);
        for (size_t k = from; k < i; k++)
            to[k] = last == n ? v : before + step * (double)(k - last);
        to[i] = v;
        last = i;
    }
    double end = last == n ? 0 : to[last];
    for (size_t k = last == n ? 0 : last + 1; k < n; k++) to[k] = end;
}

void signal_reflect_ends(double *padded, size_t n, size_t half)
{
    double *x = padded + half;
    for (size_t i = 1; i <= half; i++) {
        size_t k = i < n ? i : n - 1;
        padded[half - i] = 2 * x[0] - x[k];
        x[n - 1 + i] = 2 * x[n - 1] - x[n - 1 - k];
    }
}
