/* SPDX-License-Identifier: MIT
 *
 * steps.tsv and history.tsv: rows appended as a training goes, cut back to the
 * checkpoint when it is resumed. An empty cell was not measured; nan was, and has
 * no value. */
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char train_steps_header[] =
    "step\tepoch\tcost\tgrad_norm\tlr\tlogit_mean\tlogit_min\tlogit_max\tsaturated\t"
    "zero_gradient\tlogit_sd\tdead\ton_lattice\thead_predicted\thead_bound\thead_measured\t"
    "update_ratio\tflow_factor\tflow_first\tgates_saturated\tsingular\tline_best\t"
    "noise_scale\twaited_s\tstep_s\tprobe_s\n";
#define HISTORY                                                                                    \
    "epoch\tstep\ttrain_loss\ttrain_auc\tvalid_loss\tvalid_auc\tvalid_threshold\tbest\tlr\t"
const char train_history_header_old[] = HISTORY "seconds\n";

/* The monitors that have a column at the end: those that have none before. */
static bool is_listed(int monitor)
{
    return monitor != LEADSEQ_MONITOR_AUC && monitor != LEADSEQ_MONITOR_LOSS;
}

char *train_history_header(const struct leadseq_task *task)
{
    char *header = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&header, &size);
    if (!out) {
        leadseq_fail_memory(0);
        return NULL;
    }
    fputs(HISTORY, out);
    for (int m = 0; m < LEADSEQ_MONITORS; m++)
        if (is_listed(m)) fprintf(out, "valid_%s\t", leadseq_monitor_name[m]);
    for (int k = 0; task->outputs > 1 && k < task->outputs; k++)
        fprintf(out, "valid_auc_%s\t", task->name[k]);
    fputs("seconds\n", out);
    fclose(out);
    return header;
}

/* Where the rows to keep end: after the last whole row up to `last`. A killed run may have written
 * rows for steps that its last checkpoint does not know (they are taken again), and half a row. */
static off_t kept_bytes(FILE *table, const char *header, uint64_t last)
{
    char *line = NULL;
    size_t room = 0;
    off_t kept = 0;
    ssize_t n;
    while ((n = getline(&line, &room, table)) > 0 && line[n - 1] == '\n') {
        char *end;
        bool is_header = kept == 0 && !strcmp(line, header);
        uint64_t key = strtoull(line, &end, 10);
        if (!is_header && (kept == 0 || end == line || *end != '\t' || key > last)) break;
        kept += n;
    }
    free(line);
    return kept;
}

/* Whether the table has whole rows of other columns: another version's, which are not dropped. */
static bool has_other_columns(FILE *table, const char *header)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n = getline(&line, &room, table);
    bool other = n > 0 && line[n - 1] == '\n' && strcmp(line, header) != 0;
    free(line);
    rewind(table);
    return other;
}

bool train_table_is(const char *path, const char *header)
{
    FILE *table = fopen(path, "r");
    bool same = table && !has_other_columns(table, header) && fgetc(table) != EOF;
    if (table) fclose(table);
    return same;
}

/* Opened for appending, so that a row is one write at the end of the file: a reader such as `watch`
 * or `diagnose` may have the table open at the same time and sees whole rows and at most one that
 * is not finished. Nobody else writes, because the run folder is locked. */
FILE *train_table_open(const char *path, const char *header, uint64_t last)
{
    FILE *table = fopen(path, "a+"); // made where it is not, never emptied
    if (!table) goto fail;
    rewind(table);
    if (has_other_columns(table, header)) {
        fclose(table);
        leadseq_fail("%s: expected the columns this version writes, found others; resume with the "
                     "version that began the run, or begin another",
                     path);
        return NULL;
    }
    off_t kept = kept_bytes(table, header, last);
    if (fflush(table) || ftruncate(fileno(table), kept) || fseek(table, 0, SEEK_END)) goto fail;
    if (kept == 0 && (fputs(header, table) == EOF || fflush(table))) goto fail;
    return table;
fail:
    leadseq_fail("%s: cannot be written: %s", path, strerror(errno));
    if (table) fclose(table);
    return NULL;
}

static int end_row(FILE *table, const char *name)
{
    if (fputc('\n', table) == EOF || fflush(table))
        return leadseq_fail("%s: writing failed: %s", name, strerror(errno));
    return 0;
}

int train_steps_append(FILE *steps, const struct train_step_row *row)
{
    fprintf(steps, "%llu\t%llu\t%.9g\t%.9g\t%.9g\t", (unsigned long long)row->step,
            (unsigned long long)row->epoch, row->cost, row->grad_norm, row->lr);
    if (row->probed)
        fprintf(steps, "%.9g\t%.9g\t%.9g\t%d\t", row->logit_mean, row->logit_min, row->logit_max,
                row->saturated);
    else
        fputs("\t\t\t\t", steps);
    if (row->counted) fprintf(steps, "%.9g", row->zero_gradient);
    for (int i = 0; i < LEADSEQ_CELLS; i++) {
        fputc('\t', steps);
        if (row->seen && row->seen->cell[i].measured)
            fprintf(steps, "%.9g", row->seen->cell[i].value);
    }
    fprintf(steps, "\t%.6f\t%.6f\t%.6f", row->waited_s, row->step_s, row->probe_s);
    return end_row(steps, "steps.tsv");
}

int train_history_append(FILE *history, const struct train_history_row *row)
{
    fprintf(history, "%llu\t%llu\t%.9g\t%.9g\t", (unsigned long long)row->epoch,
            (unsigned long long)row->step, row->train_loss, row->train_auc);
    if (row->validated)
        fprintf(history, "%.9g\t%.9g\t%.9g\t", row->valid.value[LEADSEQ_MONITOR_LOSS],
                row->valid.value[LEADSEQ_MONITOR_AUC],
                train_macro(row->valid.threshold, row->outputs));
    else
        fputs("\t\t\t", history);
    fprintf(history, "%d\t%.9g\t", row->best, row->lr);
    for (int m = 0; !row->old && m < LEADSEQ_MONITORS; m++) {
        if (!is_listed(m)) continue;
        if (row->validated) fprintf(history, "%.9g", row->valid.value[m]);
        fputc('\t', history);
    }
    for (int k = 0; row->outputs > 1 && k < row->outputs; k++) {
        if (row->validated) fprintf(history, "%.9g", row->valid.auc[k]);
        fputc('\t', history);
    }
    fprintf(history, "%.3f", row->seconds);
    return end_row(history, "history.tsv");
}

double train_history_seconds(FILE *history)
{
    char *line = NULL;
    size_t room = 0;
    double seconds = 0;
    rewind(history);
    while (getline(&line, &room, history) > 0) {
        const char *last = strrchr(line, '\t');
        // not the header, nor what no training wrote
        if (last++) leadseq_scan_number(&last, "\n", 0, 1e12, &seconds);
    }
    free(line);
    fseek(history, 0, SEEK_END);
    return seconds;
}
