/* SPDX-License-Identifier: MIT
 *
 * Stages of the data in their process: drawing records into a compressed stack,
 * and reading a batch back. The records are simulated unless the stack is the
 * user's. */
#include "bench_private.h"

#include "synth/synth.h"

#include <stdlib.h>
#include <unistd.h>

struct data {
    struct bench_job job;
    char *records, *drawn; /* the simulated folder; the stack that is drawn again and again */
    struct leadseq_build_options build;
    struct leadseq_stack *stack;
    struct leadseq_batch_options pack;
    uint8_t *images; /* a record as stored; NULL: its signals are read */
    float *mv;
    float *batch;
    size_t next;
};

static void data_close(void *state)
{
    struct data *d = state;
    if (!d) return;
    leadseq_stack_close(d->stack);
    free(d->records);
    free(d->drawn);
    free(d->images);
    free(d->mv);
    free(d->batch);
    free(d);
}

static int draw(struct data *d, const char *out, double *seconds_a_record)
{
    struct leadseq_build_report report;
    unlink(out);
    if (leadseq_build_ptbxl(d->records, out, &d->build, &report)) return -1;
    if (seconds_a_record) *seconds_a_record = report.seconds / (double)report.records;
    return 0;
}

static int simulate(struct data *d)
{
    struct leadseq_synth_options o;
    const struct leadseq_experiment *e = d->job.e;
    leadseq_synth_default(&o);
    o.patients = d->job.records; // at least as many records
    o.seed = e->seed;
    o.workers = e->train.threads;
    d->records = leadseq_path_join(d->job.folder, "records");
    d->drawn = leadseq_path_join(d->job.folder, "drawn.h5");
    if (!d->records || !d->drawn || leadseq_synth(d->records, &o)) return -1;
    d->build = (struct leadseq_build_options){.workers = e->train.threads, .limit = d->job.records};
    leadseq_drawing_default(&d->build.drawing, LEADSEQ_PAPER_TEXT);
    d->build.signals_only = e->data.input == LEADSEQ_DATA_SIGNALS;
    if (!d->build.signals_only) {
        d->build.drawing.width = e->data.width;
        d->build.drawing.height = e->data.height;
    }
    return draw(d, d->job.stack, NULL);
}

static int open_images(struct data *d)
{
    const struct leadseq_experiment *e = d->job.e;
    if (leadseq_stack_need_images(d->stack)) return -1;
    size_t bytes = leadseq_stack_image_bytes(d->stack);
    d->images = leadseq_calloc((size_t)leadseq_stack_images(d->stack), bytes);
    d->batch =
        leadseq_calloc((size_t)e->train.batch * (size_t)e->data.n_leads * bytes, sizeof *d->batch);
    return d->images && d->batch ? 0 : -1;
}

static int open_signals(struct data *d)
{
    const struct leadseq_experiment *e = d->job.e;
    struct leadseq_batch_signals *s = &d->pack.signals;
    if (leadseq_train_check_windows(e, d->stack)) return -1;
    s->samples = leadseq_stack_samples(d->stack);
    s->crop = (size_t)e->data.crop;
    for (int i = 0; i < LEADSEQ_LEADS; i++) s->scale[i] = 1;
    d->mv = leadseq_calloc(LEADSEQ_LEADS * s->samples, sizeof *d->mv);
    d->batch = leadseq_calloc((size_t)e->train.batch * (size_t)e->data.n_leads *
                                  leadseq_windows_samples(s),
                              sizeof *d->batch);
    return d->mv && d->batch ? 0 : -1;
}

static int data_open(const void *job, void **state, FILE *reply)
{
    struct data *d = *state = leadseq_calloc(1, sizeof *d);
    (void)reply;
    if (!d) return -1;
    d->job = *(const struct bench_job *)job;
    const struct leadseq_experiment *e = d->job.e;
    if (d->job.folder && simulate(d)) return -1;
    d->stack = leadseq_stack_open(d->job.stack);
    if (!d->stack) return -1;
    if (leadseq_stack_count(d->stack) == 0)
        return leadseq_fail("%s: expected records, found none", d->job.stack);
    d->pack = (struct leadseq_batch_options){.order = e->data.order,
                                             .n_leads = e->data.n_leads,
                                             .layout = LEADSEQ_LAYOUT_TNCHW,
                                             .invert = e->data.invert,
                                             .scale = {1, 1, 1}};
    for (int i = 0; i < e->data.n_leads; i++) d->pack.leads[i] = e->data.leads[i];
    return e->data.input == LEADSEQ_DATA_SIGNALS ? open_signals(d) : open_images(d);
}

static int read_batch(struct data *d)
{
    int n = d->job.e->train.batch;
    for (int i = 0; i < n; i++) {
        size_t position = d->next++ % leadseq_stack_count(d->stack);
        if (d->mv) {
            if (leadseq_stack_read_signals(d->stack, position, d->mv)) return -1;
            leadseq_batch_pack_signals(&d->pack, d->mv, 0, position, i, n, d->batch);
            continue;
        }
        if (leadseq_stack_read(d->stack, position, d->images)) return -1;
        leadseq_batch_pack(&d->pack, leadseq_stack_drawing(d->stack), d->images, position, i, n,
                           d->batch);
    }
    return 0;
}

static int data_run(void *state, int times, FILE *reply)
{
    struct data *d = state;
    double seconds;
    if (d->job.folder) {
        if (draw(d, d->drawn, &seconds)) return -1;
        fprintf(reply, "%.9g ", seconds);
    }
    double begun = leadseq_seconds();
    for (int i = 0; i < times; i++)
        if (read_batch(d)) return -1;
    fprintf(reply, "%.9g", (leadseq_seconds() - begun) / times);
    return 0;
}

const struct bench_role bench_data = {"data", data_open, data_run, NULL, data_close};
