/* SPDX-License-Identifier: MIT
 *
 * Figures of resampled records: of all, of clusters drawn with replacement (the
 * bootstrap), and of all but one group of clusters (the jackknife). Every draw has
 * its own random stream, so that threads do not matter. Intervals: bca.c. */
#include "stats/stats.h"

#include "stats_private.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* All of it while it is made. Task 0: all; then the draws; then the groups left out. */
struct job {
    const struct leadseq_statistic *statistic;
    const struct leadseq_bootstrap_options *options;
    struct leadseq_resampled *to;
    struct stats_clusters clusters;
    size_t *group; /* (clusters) */
    struct stats_workers workers;
};

static void draw_clusters(uint32_t *times, size_t clusters, uint64_t seed, size_t resample)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_BOOTSTRAP, resample, 0);
    memset(times, 0, clusters * sizeof *times);
    for (size_t k = 0; k < clusters; k++) times[leadseq_random_below(&r, clusters)]++;
}

/* How often each cluster counts in this task. */
static void choose(uint32_t *times, const struct job *job, size_t task)
{
    size_t clusters = job->clusters.count, resamples = job->to->resamples;
    if (task > 0 && task <= resamples) {
        draw_clusters(times, clusters, job->options->seed, task - 1);
        return;
    }
    for (size_t c = 0; c < clusters; c++)
        times[c] = task == 0 || job->group[c] != task - 1 - resamples;
}

static void put(const struct job *job, size_t task, const double *value)
{
    struct leadseq_resampled *to = job->to;
    for (size_t k = 0; k < to->figures; k++) {
        if (task == 0)
            to->value[k] = value[k];
        else if (task <= to->resamples)
            to->draws[k * to->resamples + task - 1] = value[k];
        else
            to->left[k * to->groups + task - 1 - to->resamples] = value[k];
    }
}

static void run_task(const struct job *job, size_t task, int thread)
{
    const struct stats_workers *w = &job->workers;
    if (leadseq_stop_signal()) return;
    uint32_t *weight = w->weight + (size_t)thread * w->n, *times = w->times + (size_t)thread * w->n;
    double *value = w->value + (size_t)thread * w->figures;
    choose(times, job, task);
    for (size_t i = 0; i < w->n; i++) weight[i] = times[job->clusters.member[i]];
    job->statistic->measure(value, weight, job->statistic->state,
                            w->memory + (size_t)thread * w->scratch);
    put(job, task, value);
    leadseq_progress_step(job->options->bar, 1, NULL);
}

static void run(const struct job *job)
{
    size_t tasks = 1 + job->to->resamples + job->to->groups;
#pragma omp parallel for schedule(dynamic, 4) num_threads(job->workers.threads)
    for (size_t task = 0; task < tasks; task++) run_task(job, task, omp_get_thread_num());
}

/* Few clusters are a group each; many are dealt in a seeded order, so that groups do not
 * follow the order of patients. */
static int deal(struct job *job)
{
    size_t clusters = job->clusters.count;
    job->group = leadseq_calloc(clusters, sizeof *job->group);
    size_t *order = leadseq_calloc(clusters, sizeof *order);
    if (job->group && order) {
        for (size_t c = 0; c < clusters; c++) order[c] = c;
        struct leadseq_random r;
        leadseq_random_init(&r, job->options->seed, LEADSEQ_STREAM_BOOTSTRAP, 0, 1);
        if (job->to->groups < clusters) leadseq_random_permute(&r, order, clusters);
        for (size_t k = 0; k < clusters; k++) job->group[order[k]] = k % job->to->groups;
    }
    free(order);
    return job->group && order ? 0 : -1;
}

static size_t resamples_of(const struct leadseq_bootstrap_options *options)
{
    return options->resamples ? options->resamples : LEADSEQ_RESAMPLES;
}

static size_t groups_of(size_t clusters)
{
    return clusters > LEADSEQ_JACKKNIFE ? LEADSEQ_JACKKNIFE_GROUPS : clusters;
}

size_t leadseq_bootstrap_steps(const struct leadseq_bootstrap_options *options, size_t clusters)
{
    return 1 + resamples_of(options) + groups_of(clusters);
}

static int allocate(struct leadseq_resampled *to)
{
    to->value = leadseq_calloc(to->figures, sizeof *to->value);
    to->draws = leadseq_calloc(to->figures, to->resamples * sizeof *to->draws);
    to->left = leadseq_calloc(to->figures, to->groups * sizeof *to->left);
    to->obstacle = leadseq_calloc(to->figures, sizeof *to->obstacle);
    return to->value && to->draws && to->left && to->obstacle ? 0 : -1;
}

int leadseq_resample(struct leadseq_resampled *to, const struct leadseq_statistic *statistic,
                     const struct leadseq_bootstrap_options *options)
{
    struct job job = {.statistic = statistic, .options = options, .to = to};
    *to = (struct leadseq_resampled){.figures = statistic->figures,
                                     .clustered = options->cluster != NULL};
    to->resamples = resamples_of(options);
    if (stats_clusters_init(&job.clusters, options->cluster, statistic->n)) return -1;
    to->clusters = job.clusters.count;
    to->groups = groups_of(to->clusters);
    int status = -1;
    if (allocate(to) || deal(&job) || stats_workers_init(&job.workers, statistic, options->threads))
        goto fail;
    run(&job);
    status = leadseq_stop_check();
fail:
    stats_workers_clear(&job.workers);
    free(job.group);
    stats_clusters_clear(&job.clusters);
    if (status) leadseq_resampled_clear(to);
    return status;
}

void leadseq_resampled_clear(struct leadseq_resampled *r)
{
    if (!r) return;
    free(r->value);
    free(r->draws);
    free(r->left);
    free(r->obstacle);
    *r = (struct leadseq_resampled){0};
}
