/* SPDX-License-Identifier: MIT
 *
 * Permutation test of a difference between two models: within each cluster
 * (patient) the two are exchanged or not, by toss of a coin (Pesarin 2001; Bandos,
 * Rockette & Gur, Statistics in Medicine 2005). What is exchanged is the caller's. */
#include "stats/stats.h"

#include "stats_private.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

struct job {
    const struct leadseq_statistic *statistic;
    uint64_t seed;
    size_t resamples;
    struct stats_clusters clusters;
    struct stats_workers workers;
    double *drawn; /* (resamples + 1, figures); row 0 with nothing exchanged */
    struct leadseq_progress *bar;
};

static void toss(uint32_t *swapped, const struct job *job, size_t task)
{
    struct leadseq_random r;
    leadseq_random_init(&r, job->seed, LEADSEQ_STREAM_PERMUTE, task, 0);
    for (size_t c = 0; c < job->clusters.count; c++)
        swapped[c] = task ? (uint32_t)(leadseq_random_bits(&r) >> 63) : 0;
}

static void run_task(const struct job *job, size_t task, int thread)
{
    const struct stats_workers *w = &job->workers;
    if (leadseq_stop_signal()) return;
    uint32_t *weight = w->weight + (size_t)thread * w->n, *times = w->times + (size_t)thread * w->n;
    toss(times, job, task);
    for (size_t i = 0; i < w->n; i++) weight[i] = times[job->clusters.member[i]];
    job->statistic->measure(job->drawn + task * w->figures, weight, job->statistic->state,
                            w->memory + (size_t)thread * w->scratch);
    leadseq_progress_step(job->bar, 1, NULL);
}

static void run(const struct job *job)
{
#pragma omp parallel for schedule(dynamic, 4) num_threads(job->workers.threads)
    for (size_t task = 0; task <= job->resamples; task++) run_task(job, task, omp_get_thread_num());
}

/* Differences equal but for rounding count as equal. */
static double p_of(const struct job *job, size_t figure)
{
    size_t figures = job->workers.figures, extreme = 0, missing = 0;
    double found = fabs(job->drawn[figure]);
    if (isnan(found)) return NAN;
    for (size_t r = 1; r <= job->resamples; r++) {
        double d = fabs(job->drawn[r * figures + figure]);
        missing += isnan(d);
        extreme += d * (1 + 1e-12) + 1e-14 >= found;
    }
    if (20 * missing > job->resamples) return NAN;
    return (1 + (double)extreme) / (1 + (double)(job->resamples - missing));
}

int leadseq_permute(double *p, const struct leadseq_statistic *difference,
                    const struct leadseq_bootstrap_options *options)
{
    size_t resamples = options->resamples ? options->resamples : LEADSEQ_RESAMPLES;
    struct job job = {.statistic = difference,
                      .seed = options->seed,
                      .resamples = resamples,
                      .bar = options->bar};
    if (stats_clusters_init(&job.clusters, options->cluster, difference->n)) return -1;
    job.drawn = leadseq_calloc(resamples + 1, difference->figures * sizeof *job.drawn);
    int status = job.drawn ? stats_workers_init(&job.workers, difference, options->threads) : -1;
    if (!status) {
        run(&job);
        status = leadseq_stop_check();
        for (size_t k = 0; k < difference->figures; k++) p[k] = p_of(&job, k);
    }
    stats_workers_clear(&job.workers);
    free(job.drawn);
    stats_clusters_clear(&job.clusters);
    return status;
}
