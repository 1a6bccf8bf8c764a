/* SPDX-License-Identifier: MIT
 *
 * The workers of a build: each takes the next record, draws and packs it; the
 * caller's thread appends the results in order. Workers run at most a window
 * ahead of what is written, so that memory stays flat. */
#include "dataset_private.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const double drawn_s = 10; // PTB-XL's length; of longer records the beginning

struct result {
    bool done;
    struct leadseq_stack_row row;
    void *stream;
    size_t bytes, clipped;
    bool shortened, too_short, resampled;
    char *message; // why it failed
};

struct yard {
    const struct dataset_build *build;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next, written, window;
    bool stop;
    struct result *result; // (window), of record i at i % window
};

struct bench { // what a worker works with
    uint8_t *images;
    struct dataset_packer *packer;
};

/* --- One record ------------------------------------------------------------------- */

static int fill_row(struct leadseq_stack_row *row, const struct leadseq_record *record)
{
    if (strlen(record->name) >= sizeof row->record)
        return leadseq_fail("%s: expected a record name of at most %zu characters, found '%s'",
                            record->path, sizeof row->record - 1, record->name);
    memcpy(row->record, record->name, strlen(record->name) + 1);
    struct leadseq_signal_quality quality;
    leadseq_signal_quality(&quality, record);
    row->quality |= quality.bits;
    return 0;
}

static int draw(const struct dataset_build *build, const struct leadseq_record *record,
                struct bench *bench, struct result *result)
{
    const struct leadseq_drawing *drawing = &build->options->drawing;
    size_t n, most = (size_t)llround(drawn_s * drawing->rate_hz);
    float *mv = leadseq_signal_resample(record, drawing->rate_hz, &n);
    int status = mv ? 0 : leadseq_fail_in("%s", record->path);
    result->resampled = record->rate_hz != drawing->rate_hz;
    result->shortened = !status && n > most;
    result->too_short = !status && n < most;
    for (size_t lead = 0; !status && lead < LEADSEQ_LEADS; lead++) {
        struct leadseq_trace_report trace = {0};
        uint8_t *pixels = bench->images + lead * (build->record_bytes / LEADSEQ_LEADS);
        status = leadseq_draw_lead(drawing, mv + lead * n, n < most ? n : most, pixels, &trace);
        if (status) leadseq_fail_in("%s: lead %s", record->path, leadseq_lead_name[lead]);
        result->clipped += trace.clipped;
    }
    free(mv);
    return status;
}

static int keep_stream(const struct dataset_build *build, struct bench *bench,
                       struct result *result)
{
    const void *stream =
        dataset_pack(bench->packer, bench->images, build->record_bytes, &result->bytes);
    result->stream = leadseq_calloc(result->bytes, 1);
    if (!result->stream) return -1;
    memcpy(result->stream, stream, result->bytes);
    return 0;
}

static int make_record(const struct dataset_build *build, const struct dataset_job *job,
                       struct bench *bench, struct result *result)
{
    result->row = job->row;
    struct leadseq_record *record = leadseq_record_open(job->path);
    if (!record) return -1;
    int status = fill_row(&result->row, record);
    if (!status) status = draw(build, record, bench, result);
    leadseq_record_close(record);
    if (!status && build->png)
        status =
            dataset_png_write(build->png, &result->row, &build->options->drawing, bench->images);
    return status ? status : keep_stream(build, bench, result);
}

/* --- Workers ---------------------------------------------------------------------- */

static bool may_begin(const struct yard *yard)
{
    return yard->next < yard->build->n && yard->next < yard->written + yard->window;
}

static int open_bench(struct bench *bench, size_t bytes)
{
    bench->images = leadseq_calloc(bytes, 1);
    bench->packer = bench->images ? dataset_packer_new(bytes) : NULL;
    return bench->packer ? 0 : -1;
}

static void run_job(struct yard *yard, size_t index, struct bench *bench, int broken)
{
    struct result result = {0};
    int status = broken ? -1 : make_record(yard->build, &yard->build->job[index], bench, &result);
    if (status) result.message = leadseq_format("%s", leadseq_error());
    result.done = true;
    pthread_mutex_lock(&yard->lock);
    yard->result[index % yard->window] = result;
    pthread_cond_broadcast(&yard->changed);
    pthread_mutex_unlock(&yard->lock);
}

static void *work(void *argument)
{
    struct yard *yard = argument;
    struct bench bench = {0};
    int broken = open_bench(&bench, yard->build->record_bytes);
    pthread_mutex_lock(&yard->lock);
    while (!yard->stop && yard->next < yard->build->n) {
        if (!may_begin(yard)) {
            pthread_cond_wait(&yard->changed, &yard->lock);
            continue;
        }
        size_t index = yard->next++;
        pthread_mutex_unlock(&yard->lock);
        run_job(yard, index, &bench, broken);
        pthread_mutex_lock(&yard->lock);
    }
    pthread_mutex_unlock(&yard->lock);
    dataset_packer_free(bench.packer);
    free(bench.images);
    return NULL;
}

/* --- The caller's thread ---------------------------------------------------------- */

/* Waits for record `index`; -1 where a signal asked to stop. */
static int await(struct yard *yard, size_t index, struct result *result)
{
    struct result *slot = &yard->result[index % yard->window];
    pthread_mutex_lock(&yard->lock);
    while (!slot->done && !leadseq_stop_signal()) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++; // a signal does not wake the condition
        pthread_cond_timedwait(&yard->changed, &yard->lock, &until);
    }
    *result = *slot;
    *slot = (struct result){0};
    pthread_mutex_unlock(&yard->lock);
    return leadseq_stop_signal() ? leadseq_fail("stopped by a signal; nothing was kept") : 0;
}

static void count(struct dataset_build *build, const struct result *result)
{
    struct leadseq_build_report *report = build->report;
    report->records++;
    report->clipped_samples += result->clipped;
    report->clipped_records += result->clipped > 0;
    build->shortened += result->shortened;
    build->too_short += result->too_short;
    build->resampled += result->resampled;
}

static int write_next(struct yard *yard, struct dataset_build *build,
                      struct leadseq_stack_writer *writer)
{
    struct result result;
    int status = await(yard, yard->written, &result);
    if (!status && result.message) status = leadseq_fail("%s", result.message);
    if (!status) status = leadseq_stack_append(writer, &result.row, result.stream, result.bytes);
    if (!status) count(build, &result);
    free(result.stream);
    free(result.message);
    pthread_mutex_lock(&yard->lock);
    if (!status)
        yard->written++;
    else
        yard->stop = true;
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
        free(yard->result[i].message);
    }
}

int dataset_build_run(struct dataset_build *build, struct leadseq_stack_writer *writer)
{
    int workers = build->options->workers > 0 ? build->options->workers : leadseq_processors();
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
