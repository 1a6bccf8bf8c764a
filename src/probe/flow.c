/* SPDX-License-Identifier: MIT
 *
 * How gradients shrink from lead to lead: the regression of log norm on lead. */
#include "probe_private.h"

/* log y_t = a + b t by least squares; factor = exp(-b), since gradients go backwards;
 * its standard error by the delta method, factor · se(b). */
void diag_flow_factor(const double *y, int n, double *factor, double *error)
{
    double count = 0, t_mean = 0, mean = 0, tt = 0, ty = 0, rest = 0;
    *factor = *error = NAN;
    for (int t = 0; t < n; t++)
        if (y[t] > 0 && isfinite(y[t])) count++, t_mean += t, mean += log(y[t]);
    if (count < 2) return;
    t_mean /= count, mean /= count;
    for (int t = 0; t < n; t++)
        if (y[t] > 0 && isfinite(y[t])) {
            tt += (t - t_mean) * (t - t_mean);
            ty += (t - t_mean) * (log(y[t]) - mean);
        }
    double slope = ty / tt;
    *factor = exp(-slope);
    if (count < 3) return;
    for (int t = 0; t < n; t++)
        if (y[t] > 0 && isfinite(y[t])) {
            double off = log(y[t]) - mean - slope * (t - t_mean);
            rest += off * off;
        }
    *error = *factor * sqrt(rest / (count - 2) / tt);
}
