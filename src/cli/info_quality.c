/* SPDX-License-Identifier: MIT
 *
 * leadseq info --quality: what is doubtful about a record, with the numbers that say
 * so; how often each flag is raised in a stack, a folder or a list of records, and
 * by which. */
#include "info.h"
#include "kind.h"
#include "records.h"

#include "dataset/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LISTED = 50 }; /* flagged records that a person is shown */

/* --- One record --------------------------------------------------------------------- */

static void print_evidence(const struct leadseq_record *record,
                           const struct leadseq_signal_quality *q)
{
    char flags[INFO_QUALITY_TEXT];
    printf("Record %s (%s)\n", leadseq_plain(record->name), leadseq_plain(record->path));
    printf("  flags         %s\n", info_quality(flags, q->bits));
    printf("  limb leads    rms of II - I - III %.4f mV, of the augmented leads' sums %.4f mV "
           "(flag above 0.05)\n",
           q->einthoven_mv, q->augmented_mv);
    if (isnan(q->agreement)) {
        printf("  electrodes    cannot be judged\n\n");
        return;
    }
    printf("  electrodes    I and II agree with V1 to V6 by %.2f; with %s by %.2f\n"
           "                (flag where the first is below 0.1 and the second 0.6 more)\n",
           q->agreement, leadseq_reversal_text(q->exchange), q->agreement_exchanged);
    printf(
        "                rms of I %.3f, II %.3f, III %.3f mV (flag where one is below a tenth of "
        "the others)\n",
        q->limb_mv[0], q->limb_mv[1], q->limb_mv[2]);
    printf("                suspected: %s\n\n", leadseq_reversal_text(q->reversal));
}

static int describe_record(const struct info_request *request)
{
    struct leadseq_signal_quality quality;
    struct leadseq_record *record = leadseq_record_open(request->path);
    int status = record ? leadseq_signal_quality(&quality, record) : -1;
    if (!status && request->json) status = info_record_json(record, &quality);
    if (!status && !request->json) {
        print_evidence(record, &quality);
        status = info_record_leads(record, &quality);
    }
    leadseq_record_close(record);
    return status;
}

/* --- Many -------------------------------------------------------------------------------- */

struct survey {
    const struct info_request *request;
    size_t records, flagged, unreadable, count[LEADSEQ_QUALITY_FLAGS];
    uint16_t known; /* flags that the records, or the stack, can have */
    struct leadseq_json *list;
};

static void add(struct survey *s, const char *name, int ecg_id, uint16_t bits,
                enum leadseq_reversal reversal)
{
    s->records++;
    for (int k = 0; k < LEADSEQ_QUALITY_FLAGS; k++) s->count[k] += bits >> k & 1;
    if (!bits) return;
    s->flagged++;
    char flags[INFO_QUALITY_TEXT];
    info_quality(flags, bits);
    if (!s->request->json) {
        if (s->flagged <= LISTED)
            printf("%s: %s%s%s\n", leadseq_plain(name), flags, reversal ? ": " : "",
                   reversal ? leadseq_reversal_text(reversal) : "");
        else if (s->flagged == LISTED + 1)
            printf("... (--json lists them all)\n");
        return;
    }
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "record", name);
    if (ecg_id >= 0) leadseq_json_set_count(json, "ecg_id", (size_t)ecg_id);
    leadseq_json_set(json, "quality", info_quality_json(bits, s->known));
    if (reversal) leadseq_json_set_text(json, "suspected", leadseq_reversal_text(reversal));
    leadseq_json_append(s->list, json);
}

static int print_survey(struct survey *s)
{
    struct leadseq_json *counts = leadseq_json_object(), *json = leadseq_json_object();
    char name[INFO_QUALITY_TEXT];
    for (int k = 0; k < LEADSEQ_QUALITY_FLAGS; k++)
        if (s->known >> k & 1)
            leadseq_json_set_count(counts, info_quality(name, (uint16_t)(1 << k)), s->count[k]);
        else
            leadseq_json_set_text(counts, info_quality(name, (uint16_t)(1 << k)), NULL);
    leadseq_json_set_text(json, "kind", "quality");
    leadseq_json_set_text(json, "path", s->request->path);
    leadseq_json_set_count(json, "records", s->records);
    leadseq_json_set_count(json, "flagged", s->flagged);
    leadseq_json_set_count(json, "unreadable", s->unreadable);
    leadseq_json_set(json, "quality", counts);
    leadseq_json_set(json, "flagged_records", s->list);
    return info_print_json(json);
}

static int print_counts(const struct survey *s)
{
    printf("%s%s: %s, %zu with a flag", s->flagged ? "\n" : "", leadseq_plain(s->request->path),
           leadseq_count(s->records, "record"), s->flagged);
    if (s->unreadable) printf(", %zu that cannot be read", s->unreadable);
    puts("\n");
    struct leadseq_table *table = leadseq_table_new(NULL);
    if (!table) return -1;
    leadseq_table_column(table, LEADSEQ_LEFT, "flag");
    leadseq_table_column(table, LEADSEQ_RIGHT, "records");
    leadseq_table_column(table, LEADSEQ_RIGHT, "%");
    for (int k = 0; k < LEADSEQ_QUALITY_FLAGS; k++) {
        char name[INFO_QUALITY_TEXT];
        leadseq_table_cell(table, "%s", info_quality(name, (uint16_t)(1 << k)));
        if (!(s->known >> k & 1)) {
            leadseq_table_cell(table, "–");
            leadseq_table_cell(table, "–");
            continue;
        }
        leadseq_table_cell(table, "%zu", s->count[k]);
        leadseq_table_cell(table, "%.2f",
                           100 * (double)s->count[k] / (double)(s->records ? s->records : 1));
    }
    if (info_print_table(table)) return -1;
    if (!(s->known & INFO_QUALITY_OF_TABLE))
        puts("\n–: not measured. PTB-XL's table says it, and a stack of --ptbxl has it.");
    return 0;
}

static int survey_stack(struct survey *s)
{
    struct leadseq_stack *stack = leadseq_stack_open(s->request->path);
    if (!stack) return -1;
    if (leadseq_stack_label(stack, "mi")) s->known |= INFO_QUALITY_OF_TABLE;
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    for (size_t i = 0; i < leadseq_stack_count(stack); i++)
        add(s, row[i].record, row[i].ecg_id, row[i].quality, LEADSEQ_REVERSAL_NONE);
    leadseq_stack_close(stack);
    return 0;
}

/* A record that cannot be read is reported and counted; the survey continues. */
static int survey_records(struct survey *s, const struct cli_records *records)
{
    leadseq_faults_warn(&records->bad);
    s->unreadable = records->bad.n;
    for (size_t i = 0; i < records->n; i++) {
        struct leadseq_signal_quality quality;
        if (leadseq_stop_check()) return -1;
        struct leadseq_record *record = leadseq_record_open(records->path[i]);
        if (!record) {
            leadseq_warn("%s", leadseq_error());
            leadseq_error_clear();
            s->unreadable++;
            continue;
        }
        int status = leadseq_signal_quality(&quality, record);
        if (!status) add(s, record->name, -1, quality.bits, quality.reversal);
        leadseq_record_close(record);
        if (status) return -1;
    }
    return 0;
}

static int describe_many(const struct info_request *request, bool stack,
                         const struct cli_records *records)
{
    struct survey s = {.request = request,
                       .known = (uint16_t)~INFO_QUALITY_OF_TABLE,
                       .list = request->json ? leadseq_json_array() : NULL};
    int status = stack ? survey_stack(&s) : survey_records(&s, records);
    if (status) {
        leadseq_json_free(s.list);
        return status;
    }
    status = request->json ? print_survey(&s) : print_counts(&s);
    if (status || !s.unreadable) return status;
    return leadseq_fail("%s: left out %s that cannot be read", request->path,
                        leadseq_count(s.unreadable, "record"));
}

int info_quality_of(const struct info_request *request)
{
    static const struct cli_records_rules rules = {.skip_bad = true};
    enum cli_kind kind = CLI_KIND_RECORD;
    char *path = leadseq_format("%s", request->path);
    struct cli_paths given = {.path = &path, .n = 1};
    struct cli_records records = {0};
    int status = path ? cli_records_expand(&records, &given, &rules) : -1;
    bool as_given =
        !status && records.n == 1 && !records.bad.n && !strcmp(records.path[0], request->path);
    if (as_given) status = cli_kind(&kind, request->path);
    if (!status && kind == CLI_KIND_STACK)
        status = describe_many(request, true, NULL);
    else if (!status && kind != CLI_KIND_RECORD)
        status = leadseq_fail("%s: expected a record, a stack, or a folder or a list of records",
                              request->path);
    else if (!status)
        status = as_given ? describe_record(request) : describe_many(request, false, &records);
    cli_records_clear(&records);
    free(path);
    return status;
}
