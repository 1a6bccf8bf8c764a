/* SPDX-License-Identifier: MIT
 *
 * One record of a build: read, resampled, drawn, written as PNG files where those are wanted,
 * packed. */
#include "dataset_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double drawn_s = 10; // PTB-XL's length; of longer records the beginning

int dataset_easel_init(struct dataset_easel *easel, const struct dataset_build *build)
{
    easel->images = leadseq_calloc(build->record_bytes, 1);
    easel->packer = easel->images ? dataset_packer_new(build->record_bytes) : NULL;
    return easel->packer ? 0 : -1;
}

void dataset_easel_clear(struct dataset_easel *easel)
{
    dataset_packer_free(easel->packer);
    free(easel->images);
}

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

/* Leaves the first `most` of the n samples of each lead; returns how many there are then. */
static size_t shorten(float *mv, size_t n, size_t most)
{
    if (n <= most) return n;
    for (size_t lead = 1; lead < LEADSEQ_LEADS; lead++)
        memmove(mv + lead * most, mv + lead * n, most * sizeof *mv);
    return most;
}

/* (LEADSEQ_LEADS, *n) millivolts as they are drawn. */
static float *prepare(const struct leadseq_drawing *drawing, const struct leadseq_record *record,
                      struct dataset_result *result, size_t *n)
{
    size_t most = (size_t)llround(drawn_s * drawing->rate_hz);
    float *mv = leadseq_signal_resample(record, drawing->rate_hz, n);
    if (!mv) return NULL;
    result->resampled = record->rate_hz != drawing->rate_hz;
    result->shortened = *n > most;
    result->too_short = *n < most;
    *n = shorten(mv, *n, most);
    return mv;
}

static int draw(const struct dataset_build *build, const struct leadseq_record *record,
                struct dataset_easel *easel, struct dataset_result *result)
{
    const struct leadseq_drawing *drawing = &build->options->drawing;
    struct leadseq_trace_report trace = {0};
    size_t n;
    float *mv = prepare(drawing, record, result, &n);
    if (!mv) return -1;
    uint64_t key = leadseq_record_key(result->row.ecg_id, result->row.record);
    int status = leadseq_draw_record(drawing, mv, n, key, easel->images, &trace, NULL);
    result->clipped = trace.clipped;
    free(mv);
    return status;
}

static int keep_stream(const struct dataset_build *build, struct dataset_easel *easel,
                       struct dataset_result *result)
{
    const void *stream =
        dataset_pack(easel->packer, easel->images, build->record_bytes, &result->bytes);
    result->stream = leadseq_calloc(result->bytes, 1);
    if (!result->stream) return -1;
    memcpy(result->stream, stream, result->bytes);
    return 0;
}

int dataset_record_make(const struct dataset_build *build, const struct dataset_job *job,
                        struct dataset_easel *easel, struct dataset_result *result)
{
    result->row = job->row;
    struct leadseq_record *record = leadseq_record_open(job->path);
    if (!record) return -1;
    int status = fill_row(&result->row, record);
    if (!status && draw(build, record, easel, result)) status = leadseq_fail_in("%s", record->path);
    leadseq_record_close(record);
    if (!status && build->png)
        status =
            dataset_png_write(build->png, &result->row, &build->options->drawing, easel->images);
    return status ? status : keep_stream(build, easel, result);
}
