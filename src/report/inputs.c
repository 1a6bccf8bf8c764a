/* SPDX-License-Identifier: MIT
 *
 * What is read of an input: a run folder (experiment.yaml, predictions, history,
 * steps, environment) or one prediction table of any program. */
#include "report_private.h"

#include <libgen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The last part of a path, without `ending` and trailing slashes, in fresh memory. */
char *report_last_part(const char *path, bool without_ending)
{
    char *copy = leadseq_format("%s", path);
    if (!copy) return NULL;
    char *name = leadseq_format("%s", basename(copy));
    char *dot = name && without_ending ? strrchr(name, '.') : NULL;
    if (dot && dot > name) *dot = '\0';
    free(copy);
    return name;
}

/* FOLDER/NAME as a sheet; one that is not there has no rows. */
static int read_optional(struct leadseq_sheet *sheet, const char *folder, const char *name)
{
    char *path = leadseq_path_join(folder, name);
    if (!path) return -1;
    *sheet = (struct leadseq_sheet){0};
    int status = leadseq_path_exists(path) ? leadseq_sheet_read(sheet, path) : 0;
    free(path);
    return status;
}

/* The run's own table of a split; none has no rows. */
static int read_rows(struct report_rows *rows, const char *folder, const char *split)
{
    char name[64];
    struct leadseq_sheet sheet;
    snprintf(name, sizeof name, "predictions-%s.tsv", split);
    *rows = (struct report_rows){0};
    if (read_optional(&sheet, folder, name)) return -1;
    int status = sheet.title ? report_rows_read(rows, &sheet) : 0;
    leadseq_sheet_clear(&sheet);
    return status;
}

static int read_split(struct report_set *set, const char *folder, const char *split)
{
    struct report_rows rows;
    if (read_rows(&rows, folder, split)) return -1;
    int status = report_set_take(set, &rows, REPORT_ALL, folder);
    report_rows_clear(&rows);
    return status;
}

static void read_prevalence(struct report_model *m, const struct leadseq_json *json)
{
    double records = leadseq_json_number(json, "parts.train.n");
    double positives = leadseq_json_number(json, "parts.train.positive");
    if (m->train_records || !(records > 0) || !(positives >= 0 && positives <= records)) return;
    m->train_records = (size_t)records;
    m->train_positives = (size_t)positives;
}

static int read_about(struct report_model *m)
{
    struct leadseq_json *metrics;
    if (leadseq_json_read_optional(&m->environment, m->path, "environment.json")) return -1;
    if (leadseq_json_read_optional(&metrics, m->path, "metrics.json")) return -1;
    m->train_records = m->train.label ? m->train.n : 0;
    m->train_positives = report_set_positives(&m->train);
    if (m->environment) read_prevalence(m, m->environment);
    if (metrics) read_prevalence(m, metrics);
    leadseq_json_free(metrics);
    if (read_optional(&m->history, m->path, "history.tsv")) return -1;
    return read_optional(&m->steps, m->path, "steps.tsv");
}

/* What a table of all records says of its training records, where they have no table of their own.
 */
static int read_parts(struct report_model *m, const char *split)
{
    struct report_rows rows;
    if (strcmp(split, "all") || m->train.n) return 0;
    if (read_rows(&rows, m->path, split)) return -1;
    int status = report_set_take(&m->train, &rows, REPORT_TRAIN, m->path);
    report_rows_clear(&rows);
    return status;
}

static int read_run(struct report_model *m, const char *split)
{
    m->is_run = true;
    if (report_experiment_read(&m->experiment, m->path)) return -1;
    const char *name = report_experiment_text(m, "name");
    m->name = name && *name ? leadseq_format("%s", name) : report_last_part(m->path, false);
    if (!m->name || read_split(&m->test, m->path, split)) return -1;
    if (!m->test.n)
        return leadseq_fail("%s: expected predictions-%s.tsv with predictions in it, found none; "
                            "make it by: leadseq evaluate %s --data FILE.h5 --split %s",
                            m->path, split, m->path, split);
    if (read_split(&m->valid, m->path, "valid") || read_split(&m->train, m->path, "train"))
        return -1;
    return read_parts(m, split) ? -1 : read_about(m);
}

static int take_parts(struct report_model *m, const char *split)
{
    enum report_part part = report_part_of(split);
    if (report_set_take(&m->test, &m->rows, part, m->path)) return -1;
    if (report_set_take(&m->valid, &m->rows, REPORT_VALID, m->path)) return -1;
    if (report_set_take(&m->train, &m->rows, REPORT_TRAIN, m->path)) return -1;
    m->train_records = m->train.label ? m->train.n : 0;
    m->train_positives = report_set_positives(&m->train);
    if (m->test.n) return 0;
    return leadseq_fail("%s: expected records whose split is \"%s\", found none; say which by "
                        "--split",
                        m->path, split);
}

/* A table that does not say which records chose and which judge waits for parts.c. */
static int read_file(struct report_model *m, const char *split)
{
    struct leadseq_sheet sheet;
    m->name = report_last_part(m->path, true);
    if (!m->name || leadseq_sheet_read(&sheet, m->path)) return -1;
    int status = report_rows_read(&m->rows, &sheet);
    leadseq_sheet_clear(&sheet);
    if (status) return -1;
    if (!m->rows.n) return leadseq_fail("%s: expected one row a record, found none", m->path);
    if (!m->rows.has_split && strcmp(split, "all")) return 0;
    status = take_parts(m, split);
    report_rows_clear(&m->rows);
    return status;
}

int report_input_read(struct report_model *m, const char *path, const char *split)
{
    m->threshold = m->f_threshold = m->temperature.value = NAN;
    m->path = leadseq_format("%s", path);
    if (!m->path) return -1;
    if (leadseq_path_is_folder(path)) return read_run(m, split);
    if (!leadseq_path_exists(path))
        return leadseq_fail("%s: expected a run folder or a prediction table, found nothing of "
                            "that name",
                            path);
    return read_file(m, split);
}

void report_model_clear(struct report_model *m)
{
    free(m->name);
    free(m->path);
    report_set_clear(&m->test);
    report_set_clear(&m->valid);
    report_set_clear(&m->train);
    report_rows_clear(&m->rows);
    leadseq_json_free(m->environment);
    leadseq_json_free(m->experiment);
    leadseq_sheet_clear(&m->history);
    leadseq_sheet_clear(&m->steps);
    leadseq_curve_clear(&m->curve);
    leadseq_scored_clear(&m->scored);
    leadseq_scored_clear(&m->second);
    free(m->tempered);
    report_classes_clear(m);
}
