/* SPDX-License-Identifier: MIT
 *
 * Resampling of whole clusters (patients) with replacement, and percentile
 * intervals. What is measured on a resample is the caller's. */
#include <leadseq/stats.h>

#include "stats_private.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How often each cluster was drawn. */
static void draw_clusters(uint32_t *times, size_t clusters, uint64_t seed, size_t resample)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_BOOTSTRAP, resample, 0);
    memset(times, 0, clusters * sizeof *times);
    for (size_t k = 0; k < clusters; k++) times[leadseq_random_below(&r, clusters)]++;
}

int leadseq_bootstrap(double *draws, size_t figures, size_t n,
                      void (*measure)(double *value, const uint32_t *weight, const void *state),
                      const void *state, const struct leadseq_bootstrap_options *options)
{
    size_t resamples = options->resamples ? options->resamples : LEADSEQ_RESAMPLES;
    uint32_t *weight = leadseq_calloc(n, sizeof *weight);
    uint32_t *times = leadseq_calloc(n, sizeof *times); // at most n clusters
    double *value = leadseq_calloc(figures, sizeof *value);
    struct stats_clusters clusters = {0};
    int status = -1;
    if (!weight || !times || !value || stats_clusters_init(&clusters, options->cluster, n))
        goto fail;
    for (size_t r = 0; r < resamples; r++) {
        draw_clusters(times, clusters.count, options->seed, r);
        for (size_t i = 0; i < n; i++) weight[i] = times[clusters.member[i]];
        measure(value, weight, state);
        for (size_t k = 0; k < figures; k++) draws[k * resamples + r] = value[k];
    }
    status = 0;
fail:
    stats_clusters_clear(&clusters);
    free(weight);
    free(times);
    free(value);
    return status;
}

size_t stats_numbers(double *x, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i])) x[kept++] = x[i];
    return 20 * (n - kept) > n ? 0 : kept;
}

void leadseq_percentiles(double *low, double *high, double *draws, size_t resamples)
{
    size_t kept = stats_numbers(draws, resamples);
    *low = *high = NAN;
    if (!kept) return;
    gsl_sort(draws, 1, kept);
    *low = gsl_stats_quantile_from_sorted_data(draws, 1, kept, (1 - LEADSEQ_CONFIDENCE) / 2);
    *high = gsl_stats_quantile_from_sorted_data(draws, 1, kept, (1 + LEADSEQ_CONFIDENCE) / 2);
    if (*low == *high) *low = *high = NAN; // the draws cannot tell how uncertain it is
}

double leadseq_bootstrap_p(const double *draws, size_t resamples)
{
    size_t below = 0, above = 0, kept = 0;
    for (size_t r = 0; r < resamples; r++) {
        below += draws[r] <= 0;
        above += draws[r] >= 0;
        kept += !isnan(draws[r]);
    }
    if (!kept || 20 * (resamples - kept) > resamples) return NAN;
    size_t least = below < above ? below : above;
    return fmin(1, 2.0 * (double)(least + 1) / (double)(kept + 1));
}
