/* SPDX-License-Identifier: MIT
 *
 * One record of a build: read, resampled, kept as signals and drawn where that is wanted, written
 * as PNG files, packed. */
#include "dataset_private.h"

#include <stdlib.h>
#include <string.h>

static const double same_rate = 1e-3; /* rates that differ by less are one: 499.7 and 500 Hz */

int dataset_easel_init(struct dataset_easel *easel, const struct dataset_build *build)
{
    if (!dataset_build_draws(build)) return 0;
    easel->images = leadseq_calloc(build->record_bytes, 1);
    easel->packer = easel->images ? dataset_packer_new(&build->options->drawing) : NULL;
    return easel->packer ? 0 : -1;
}

void dataset_easel_clear(struct dataset_easel *easel)
{
    dataset_packer_free(easel->packer);
    dataset_traces_clear(&easel->traces);
    free(easel->images);
}

static int fill_row(struct leadseq_stack_row *row, const struct leadseq_record *record)
{
    if (!row->record[0] && strlen(record->name) >= sizeof row->record)
        return leadseq_fail("%s: expected a record name of at most %zu characters, found '%s'",
                            record->path, sizeof row->record - 1, record->name);
    if (!row->record[0]) memcpy(row->record, record->name, strlen(record->name) + 1);
    struct leadseq_signal_quality quality;
    if (leadseq_signal_quality(&quality, record)) return leadseq_fail_in("%s", record->path);
    row->quality |= quality.bits;
    if (row->ecg_id >= 0) return 0;
    int age_years, sex; // of the header's comments, where the source does not know them
    leadseq_record_person(record, &age_years, &sex);
    if (row->age_years < 0) row->age_years = age_years;
    if (row->sex < 0) row->sex = sex;
    return 0;
}

/* What is done to pictures after they were drawn, and told about them. */
static int finish(const struct dataset_build *build, const float *mv, uint64_t key,
                  struct dataset_easel *easel, struct dataset_result *result)
{
    const struct leadseq_build_options *options = build->options;
    struct dataset_traces *traces = &easel->traces;
    traces->mv = mv;
    if (leadseq_distort_record(&options->distort, &options->drawing, key, easel->images,
                               traces->done))
        return -1;
    dataset_where_keep(&result->where, traces, &options->drawing);
    if (!build->sidecar) return 0;
    char *path =
        dataset_folder_file(build->sidecar, &result->row, build->sidecar == build->png, ".json");
    int status = path ? dataset_sidecar_write(traces, options, &result->row, path) : -1;
    free(path);
    return status;
}

static int draw(const struct dataset_build *build, const struct leadseq_prepared *signal,
                struct dataset_easel *easel, struct dataset_result *result)
{
    const struct leadseq_drawing *drawing = &build->options->drawing;
    struct leadseq_trace_report trace = {0};
    uint64_t key = leadseq_record_key(result->row.ecg_id, result->row.record);
    struct leadseq_map *map = build->traced ? &easel->traces.map : NULL;
    int status = map ? dataset_traces_init(&easel->traces, signal->n) : 0;
    if (!status)
        status =
            leadseq_draw_record(drawing, signal->mv, signal->n, key, easel->images, &trace, map);
    if (!status && map) status = finish(build, signal->mv, key, easel, result);
    result->clipped = trace.clipped;
    return status;
}

/* The samples as the stack will have them; one that does not fit is the record's fault. */
static int keep_signal(const struct dataset_build *build, const struct leadseq_prepared *signal,
                       struct dataset_result *result)
{
    const size_t n = LEADSEQ_LEADS * signal->n;
    if (!dataset_build_keeps(build)) return 0;
    result->mv = leadseq_calloc(n, sizeof *result->mv);
    if (!result->mv) return -1;
    memcpy(result->mv, signal->mv, n * sizeof *result->mv);
    if (!leadseq_signals_round(build->options->gain, result->mv, n)) return 0;
    return leadseq_fail("%s; use a smaller --signal-gain, or store float32 without it",
                        leadseq_error());
}

static int prepare(const struct dataset_build *build, const struct leadseq_record *record,
                   struct leadseq_prepared *signal, struct dataset_result *result)
{
    const struct leadseq_drawing *drawing = &build->options->drawing;
    if (leadseq_signal_prepare(signal, record, &drawing->preparation, drawing->rate_hz)) return -1;
    result->resampled = signal->resampled;
    result->upsampled = record->rate_hz < drawing->rate_hz * (1 - same_rate);
    result->shortened = signal->cut;
    result->too_short = signal->padded;
    if (signal->empty) result->row.quality |= LEADSEQ_QUALITY_EMPTY;
    return keep_signal(build, signal, result);
}

static int make(const struct dataset_build *build, const struct leadseq_record *record,
                struct dataset_easel *easel, struct dataset_result *result)
{
    struct leadseq_prepared signal = {0};
    int status = prepare(build, record, &signal, result);
    if (!status) {
        result->fatal = true; // from here on the record is not to blame
        if (dataset_build_draws(build)) status = draw(build, &signal, easel, result);
    }
    leadseq_prepared_clear(&signal);
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

int dataset_record_make(const struct dataset_build *build, const struct leadseq_source_record *job,
                        struct dataset_easel *easel, struct dataset_result *result)
{
    result->row = job->row;
    struct leadseq_record *record = leadseq_record_open(job->path);
    if (!record) return -1;
    int status = fill_row(&result->row, record);
    if (!status && make(build, record, easel, result)) status = leadseq_fail_in("%s", record->path);
    leadseq_record_close(record);
    if (!status && build->png)
        status =
            dataset_png_write(build->png, &result->row, &build->options->drawing, easel->images);
    return status || !dataset_build_draws(build) ? status : keep_stream(build, easel, result);
}

int dataset_record_try(const struct dataset_build *build, const struct leadseq_source_record *job,
                       struct dataset_result *result)
{
    struct leadseq_prepared signal = {0};
    result->row = job->row;
    struct leadseq_record *record = leadseq_record_open(job->path);
    if (!record) return -1;
    int status = fill_row(&result->row, record);
    if (!status && prepare(build, record, &signal, result))
        status = leadseq_fail_in("%s", record->path);
    leadseq_prepared_clear(&signal);
    leadseq_record_close(record);
    return status;
}
