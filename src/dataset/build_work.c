/* SPDX-License-Identifier: MIT
 *
 * The workers of a build: each takes the next record, draws and packs it; the
 * caller's thread appends the results in order. Workers run at most a window
 * ahead of what is written, so that memory stays flat. */
#include "dataset_private.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct yard {
    const struct dataset_build *build;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next, written, window;
    bool stop, try; // try: nothing is drawn any more, only what else cannot be read is found out
    struct dataset_result *result; // (window), of record i at i % window
};

/* --- Workers ---------------------------------------------------------------------- */

static bool may_begin(const struct yard *yard)
{
    return yard->next < yard->build->n && yard->next < yard->written + yard->window;
}

static struct dataset_result run_job(const struct yard *yard, size_t index,
                                     struct dataset_easel *easel, bool try)
{
    struct dataset_result result = {0};
    const struct leadseq_source_record *job = &yard->build->job[index];
    int status = try ? dataset_record_try(yard->build, job, &result)
                     : dataset_record_make(yard->build, job, easel, &result);
    if (status) result.message = leadseq_format("%s", leadseq_error());
    return result;
}

static void *work(void *argument)
{
    struct yard *yard = argument;
    struct dataset_easel easel = {0};
    int broken = dataset_easel_init(&easel, yard->build);
    pthread_mutex_lock(&yard->lock);
    while (!yard->stop && yard->next < yard->build->n) {
        if (!may_begin(yard)) {
            pthread_cond_wait(&yard->changed, &yard->lock);
            continue;
        }
        size_t index = yard->next++;
        bool try = yard->try;
        pthread_mutex_unlock(&yard->lock);
        struct dataset_result result = {.fatal = true};
        if (broken) result.message = leadseq_format("%s", leadseq_error());
        if (!broken) result = run_job(yard, index, &easel, try);
        result.done = true;
        pthread_mutex_lock(&yard->lock);
        yard->result[index % yard->window] = result;
        pthread_cond_broadcast(&yard->changed);
    }
    pthread_mutex_unlock(&yard->lock);
    dataset_easel_clear(&easel);
    return NULL;
}

/* --- The caller's thread ---------------------------------------------------------- */

/* Waits for record `index`; -1 where a signal asked to stop. */
static int await(struct yard *yard, size_t index, struct dataset_result *result)
{
    struct dataset_result *slot = &yard->result[index % yard->window];
    pthread_mutex_lock(&yard->lock);
    while (!slot->done && !leadseq_stop_signal()) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++; // a signal does not wake the condition
        pthread_cond_timedwait(&yard->changed, &yard->lock, &until);
    }
    *result = *slot;
    *slot = (struct dataset_result){0};
    pthread_mutex_unlock(&yard->lock);
    return leadseq_stop_check();
}

static void count(struct dataset_build *build, const struct dataset_result *result)
{
    struct leadseq_build_report *report = build->report;
    report->records++;
    report->clipped_samples += result->clipped;
    report->clipped_records += result->clipped > 0;
    build->shortened += result->shortened;
    build->too_short += result->too_short;
    build->resampled += result->resampled;
    build->upsampled += result->upsampled;
    bool empty = result->row.quality & LEADSEQ_QUALITY_EMPTY;
    if (empty && !build->empty++)
        memcpy(build->first_empty, result->row.record, sizeof build->first_empty);
}

static int keep_bad(struct yard *yard, struct dataset_build *build, const char *message)
{
    build->left_out[yard->written] = true;
    if (!build->bad.n && !build->options->skip_bad)
        leadseq_info("%s cannot be read: nothing is drawn any more; the records after it are read, "
                     "to name all that cannot be",
                     build->job[yard->written].path);
    leadseq_fail("%s", message);
    return leadseq_faults_add(&build->bad);
}

static int append(const struct yard *yard, struct dataset_build *build,
                  struct leadseq_stack_writer *writer, const struct dataset_result *result)
{
    if (yard->try) return 0;
    if (leadseq_stack_append(writer, &result->row, result->stream, result->bytes, result->mv))
        return -1;
    if (build->traced && dataset_stack_traces_append(dataset_writer_store(writer), &result->where,
                                                     build->distorted, build->report->records == 0))
        return -1;
    count(build, result);
    return 0;
}

static int write_next(struct yard *yard, struct dataset_build *build,
                      struct leadseq_stack_writer *writer)
{
    struct dataset_result result;
    int status = await(yard, yard->written, &result);
    if (!status && result.message)
        status = result.fatal ? leadseq_fail("%s", result.message)
                              : keep_bad(yard, build, result.message);
    else if (!status && !result.stream && !result.mv && !yard->try)
        status = leadseq_fail_memory(0); // not even a message
    else if (!status)
        status = append(yard, build, writer, &result);
    free(result.stream);
    free(result.mv);
    free(result.message);
    pthread_mutex_lock(&yard->lock);
    if (!status)
        yard->written++;
    else
        yard->stop = true;
    yard->try = build->bad.n && !build->options->skip_bad;
    pthread_cond_broadcast(&yard->changed);
    pthread_mutex_unlock(&yard->lock);
    return status;
}

static int write_all(struct yard *yard, struct dataset_build *build,
                     struct leadseq_stack_writer *writer)
{
    struct leadseq_progress *bar = leadseq_progress_new("render", "records", build->n);
    int status = bar ? 0 : -1;
    for (size_t i = 0; !status && i < build->n; i++) {
        status = write_next(yard, build, writer);
        if (!status) leadseq_progress_step(bar, 1, NULL);
    }
    leadseq_progress_free(bar);
    return status;
}

static int start_workers(struct yard *yard, pthread_t *thread, int wanted, int *started)
{
    for (*started = 0; *started < wanted; (*started)++) {
        int error = pthread_create(&thread[*started], NULL, work, yard);
        if (error && *started == 0)
            return leadseq_fail("no worker can be started: %s", strerror(error));
        if (error) break; // fewer will do
    }
    return 0;
}

static void stop_workers(struct yard *yard, const pthread_t *thread, int n)
{
    pthread_mutex_lock(&yard->lock);
    yard->stop = true;
    pthread_cond_broadcast(&yard->changed);
    pthread_mutex_unlock(&yard->lock);
    for (int i = 0; i < n; i++) pthread_join(thread[i], NULL);
    for (size_t i = 0; i < yard->window; i++) {
        free(yard->result[i].stream);
        free(yard->result[i].mv);
        free(yard->result[i].message);
    }
}

int dataset_build_run(struct dataset_build *build, struct leadseq_stack_writer *writer)
{
    int workers = leadseq_threads_wanted(build->options->workers);
    if ((size_t)workers > build->n) workers = (int)build->n;
    struct yard yard = {.build = build, .window = 4 * (size_t)workers};
    pthread_t *thread = leadseq_calloc((size_t)workers, sizeof *thread);
    yard.result = leadseq_calloc(yard.window, sizeof *yard.result);
    int status = -1;
    if (thread && yard.result) {
        int started;
        pthread_mutex_init(&yard.lock, NULL);
        pthread_cond_init(&yard.changed, NULL);
        status = start_workers(&yard, thread, workers, &started);
        if (!status) status = write_all(&yard, build, writer);
        stop_workers(&yard, thread, started);
        pthread_cond_destroy(&yard.changed);
        pthread_mutex_destroy(&yard.lock);
    }
    free(yard.result);
    free(thread);
    return status;
}
