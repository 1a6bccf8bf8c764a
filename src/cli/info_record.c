/* SPDX-License-Identifier: MIT
 *
 * leadseq info of a WFDB record: rate, length, range of each lead, quality. */
#include "draw.h"
#include "info.h"

#include <math.h>
#include <stdlib.h>

struct lead_range {
    double low_mv, high_mv; /* NaN where all is missing */
};

static struct lead_range range_of(const struct leadseq_record *record, int lead)
{
    const float *mv = record->mv + (size_t)lead * record->n_samples;
    struct lead_range range = {NAN, NAN};
    for (size_t i = 0; i < record->n_samples; i++) {
        range.low_mv = fmin(range.low_mv, mv[i]); // fmin and fmax pass over NaN
        range.high_mv = fmax(range.high_mv, mv[i]);
    }
    return range;
}

static int print_text(const struct leadseq_record *record, const struct leadseq_signal_quality *q)
{
    char quality[INFO_QUALITY_TEXT];
    printf("Record %s (%s)\n  12 leads, %g Hz, %s, %g s\n  quality: %s; rms of II - I - III "
           "%.4f mV\n\n",
           leadseq_plain(record->name), leadseq_plain(record->path), record->rate_hz,
           leadseq_count(record->n_samples, "sample"), (double)record->n_samples / record->rate_hz,
           info_quality(quality, q->bits), q->einthoven_mv);
    return info_record_leads(record, q);
}

/* In one word what is found in a lead. */
static const char *found_in(const struct leadseq_record *record,
                            const struct leadseq_signal_quality *q, int lead)
{
    const float *mv = record->mv + (size_t)lead * record->n_samples;
    if (leadseq_lead_state(mv, record->n_samples) == LEADSEQ_LEAD_MISSING) return "missing";
    if (q->implausible[lead]) return "amplitude";
    return q->flat[lead]        ? "flat"
           : q->saturated[lead] ? "saturated"
           : q->missing[lead]   ? "gaps"
                                : "ok";
}

int info_record_leads(const struct leadseq_record *record, const struct leadseq_signal_quality *q)
{
    struct leadseq_table *table = leadseq_table_new(NULL);
    if (!table) return -1;
    leadseq_table_column(table, LEADSEQ_LEFT, "lead");
    leadseq_table_column(table, LEADSEQ_RIGHT, "min mV");
    leadseq_table_column(table, LEADSEQ_RIGHT, "max mV");
    leadseq_table_column(table, LEADSEQ_RIGHT, "missing");
    leadseq_table_column(table, LEADSEQ_LEFT, "found");
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        struct lead_range range = range_of(record, lead);
        leadseq_table_cell(table, "%s", leadseq_lead_name[lead]);
        leadseq_table_cell(table, "%.3f", range.low_mv);
        leadseq_table_cell(table, "%.3f", range.high_mv);
        leadseq_table_cell(table, "%zu", q->missing[lead]);
        leadseq_table_cell(table, "%s", found_in(record, q, lead));
    }
    return info_print_table(table);
}

static struct leadseq_json *lead_json(const struct leadseq_record *record,
                                      const struct leadseq_signal_quality *q, int lead)
{
    struct lead_range range = range_of(record, lead);
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "name", leadseq_lead_name[lead]);
    leadseq_json_set_number(json, "min_mv", range.low_mv);
    leadseq_json_set_number(json, "max_mv", range.high_mv);
    leadseq_json_set_count(json, "missing_samples", q->missing[lead]);
    leadseq_json_set_text(json, "found", found_in(record, q, lead));
    leadseq_json_set_bool(json, "flat", q->flat[lead]);
    leadseq_json_set_bool(json, "saturated", q->saturated[lead]);
    leadseq_json_set_bool(json, "implausible", q->implausible[lead]);
    return json;
}

int info_record_json(const struct leadseq_record *record, const struct leadseq_signal_quality *q)
{
    struct leadseq_json *json = leadseq_json_object(), *leads = leadseq_json_array();
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        leadseq_json_append(leads, lead_json(record, q, lead));
    leadseq_json_set_text(json, "kind", "record");
    leadseq_json_set_text(json, "path", record->path);
    leadseq_json_set_text(json, "name", record->name);
    leadseq_json_set_number(json, "rate_hz", record->rate_hz);
    leadseq_json_set_count(json, "samples", record->n_samples);
    leadseq_json_set_number(json, "seconds", (double)record->n_samples / record->rate_hz);
    leadseq_json_set(json, "quality", info_quality_json(q->bits, (uint16_t)~INFO_QUALITY_OF_TABLE));
    leadseq_json_set_number(json, "einthoven_rms_mv", q->einthoven_mv);
    leadseq_json_set(json, "evidence", info_evidence_json(q));
    leadseq_json_set(json, "leads", leads);
    leadseq_json_set_text(json, "comments", record->comments);
    return info_print_json(json);
}

static int write_images(const struct leadseq_record *record, const char *folder, bool force)
{
    struct leadseq_drawing drawing;
    leadseq_drawing_default(&drawing, LEADSEQ_PAPER_TEXT);
    uint8_t *images = leadseq_calloc(leadseq_drawing_bytes(&drawing), 1);
    if (!images) return -1;
    int status = leadseq_draw_prepared(&drawing, record, -1, images, NULL);
    if (!status) status = cli_write_pngs(folder, force, record->name, &drawing, images);
    free(images);
    return status;
}

int info_record(const struct info_request *request)
{
    struct leadseq_record *record = leadseq_record_open(request->path);
    if (!record) return -1;
    struct leadseq_signal_quality quality;
    int status = leadseq_signal_quality(&quality, record);
    if (!status)
        status = request->json ? info_record_json(record, &quality) : print_text(record, &quality);
    if (!status && request->png) status = write_images(record, request->png, request->force);
    leadseq_record_close(record);
    return status;
}
