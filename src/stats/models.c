/* SPDX-License-Identifier: MIT
 *
 * The bootstrap of all metrics of several models at once: sorted once, measured
 * with weights. Says where a class has too few patients for an interval. */
#include "stats/stats.h"

#include "stats_private.h"

#include <stdlib.h>

static const char *const few_positives = "no interval: fewer than 10 patients with a positive";
static const char *const few_negatives = "no interval: fewer than 10 patients with a negative";
static const char *const few_at_all = "no interval: fewer than 10 patients";
_Static_assert(LEADSEQ_FEWEST == 10, "the obstacles' words say 10");

struct models {
    const struct leadseq_scored *model;
    size_t count;
};

enum { BYTES_A_RECORD = 3 * sizeof(double) + sizeof(uint32_t) + 1 }; // of a view

/* Of record i of a model among those resampled. */
static inline size_t place_of(const struct leadseq_scored *s, size_t i)
{
    return s->record ? s->record[i] : i;
}

/* The records that count at all, in their order; *called: how many of them come before
 * s->called. More than a third of a bootstrap's do not count. */
static struct stats_view gather(size_t *called, const struct leadseq_scored *s,
                                const uint32_t *weight, void *memory)
{
    double *sorted = memory, *logit = sorted + s->n, *against = logit + s->n;
    uint32_t *counts = (uint32_t *)(against + s->n);
    uint8_t *truth = (uint8_t *)(counts + s->n);
    size_t k = 0;
    *called = 0;
    for (size_t r = 0; r < s->n; r++) {
        uint32_t times = weight[place_of(s, s->order[r])];
        sorted[k] = s->sorted[r];
        logit[k] = s->logit[r];
        against[k] = s->against[r];
        counts[k] = times;
        truth[k] = s->truth[r];
        k += times > 0;
        *called += times > 0 && r < s->called;
    }
    return (struct stats_view){k, sorted, logit, against, truth, counts};
}

static void measure(double *value, const uint32_t *weight, const void *state, void *scratch)
{
    const struct models *models = state;
    for (size_t m = 0; m < models->count; m++) {
        const struct leadseq_scored *s = &models->model[m];
        size_t called;
        struct stats_view view = gather(&called, s, weight, scratch);
        stats_measure(value + m * LEADSEQ_METRICS, &view, called, s);
    }
}

/* Clusters that have a record of the label; `seen` (clusters) is scratch. */
static size_t clusters_with(const struct leadseq_scored *s, const struct stats_clusters *clusters,
                            uint8_t label, uint8_t *seen)
{
    size_t count = 0;
    for (size_t c = 0; c < clusters->count; c++) seen[c] = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t cluster = clusters->member[place_of(s, i)];
        if (s->label[i] != label || seen[cluster]) continue;
        seen[cluster] = 1;
        count++;
    }
    return count;
}

static void find_obstacles(const char **obstacle, const struct leadseq_scored *s,
                           const struct stats_clusters *clusters, uint8_t *seen)
{
    bool few_yes = clusters_with(s, clusters, 1, seen) < LEADSEQ_FEWEST;
    bool few_no = clusters_with(s, clusters, 0, seen) < LEADSEQ_FEWEST;
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        obstacle[k] = leadseq_metrics[k]->no_interval;
        if (clusters->count < LEADSEQ_FEWEST) obstacle[k] = few_at_all;
        if (few_no && leadseq_metrics[k]->needs_negatives) obstacle[k] = few_negatives;
        if (few_yes && leadseq_metrics[k]->needs_positives) obstacle[k] = few_positives;
    }
}

static int check(const struct leadseq_scored *model, size_t models, size_t records)
{
    if (!models) return leadseq_fail("resampling: no models");
    for (size_t m = 0; m < models; m++)
        if (model[m].record ? model[m].n > records : model[m].n != records)
            return leadseq_fail("resampling: expected models of the same records, found %zu and "
                                "%zu of them",
                                records, model[m].n);
    return 0;
}

int leadseq_resample_models(struct leadseq_resampled *to, const struct leadseq_scored *model,
                            size_t models, const struct leadseq_bootstrap_options *options)
{
    struct models all = {model, models};
    struct leadseq_statistic statistic = {
        .figures = models * LEADSEQ_METRICS, .measure = measure, .state = &all};
    *to = (struct leadseq_resampled){0};
    const size_t records = options->records || !models ? options->records : model->n;
    if (check(model, models, records)) return -1;
    statistic.n = records;
    statistic.scratch = records * BYTES_A_RECORD;
    struct stats_clusters clusters;
    if (stats_clusters_init(&clusters, options->cluster, records)) return -1;
    uint8_t *seen = leadseq_calloc(clusters.count, sizeof *seen);
    int status = seen ? leadseq_resample(to, &statistic, options) : -1;
    for (size_t m = 0; !status && m < models; m++)
        find_obstacles(to->obstacle + m * LEADSEQ_METRICS, &model[m], &clusters, seen);
    free(seen);
    stats_clusters_clear(&clusters);
    return status;
}
