/* SPDX-License-Identifier: MIT
 *
 * The interval of a proportion, normal quantiles, and what input a statistic takes. */
#include "stats/stats.h"

#include "stats_private.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

int stats_check(const double *score, const uint8_t *label, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(score[i])) return leadseq_fail("score %zu of %zu is not a number", i + 1, n);
        if (label[i] > 1)
            return leadseq_fail("label %zu of %zu: expected 0 or 1, found %d", i + 1, n, label[i]);
    }
    return 0;
}

double stats_z(void)
{
    return gsl_cdf_ugaussian_Qinv((1 - LEADSEQ_CONFIDENCE) / 2);
}

double stats_p_normal(double z)
{
    return 2 * gsl_cdf_ugaussian_Q(fabs(z));
}

struct leadseq_estimate leadseq_wilson(size_t k, size_t n)
{
    if (!n) return (struct leadseq_estimate){NAN, NAN, NAN, "no record to count"};
    double p = (double)k / (double)n, z2 = stats_z() * stats_z() / (double)n;
    double middle = (p + z2 / 2) / (1 + z2);
    double half = sqrt(z2 * p * (1 - p) + z2 * z2 / 4) / (1 + z2);
    return (struct leadseq_estimate){
        p,
        k == 0 ? 0 : middle - half,
        k == n ? 1 : middle + half,
        "Wilson",
    };
}
