/* SPDX-License-Identifier: MIT
 *
 * What is read of an input: a run folder (experiment.yaml's name, predictions,
 * history, steps, environment) or one prediction table of any program. */
#include "report_private.h"

#include <libgen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXPERIMENT_BYTES_MAX = 1 << 20 };

/* The last part of a path, without `ending` and trailing slashes, in fresh memory. */
static char *last_part(const char *path, bool without_ending)
{
    char *copy = leadseq_format("%s", path);
    if (!copy) return NULL;
    char *name = leadseq_format("%s", basename(copy));
    char *dot = name && without_ending ? strrchr(name, '.') : NULL;
    if (dot && dot > name) *dot = '\0';
    free(copy);
    return name;
}

/* A YAML scalar on one line without its quotes, or without its comment. */
static char *plain_scalar(char *text)
{
    text += strspn(text, " \t");
    char quote = *text == '"' || *text == '\'' ? *text : '\0';
    char *end = quote ? strrchr(text + 1, quote) : strstr(text, " #");
    if (quote && end) text++;
    if (end) *end = '\0';
    for (size_t n = strlen(text); n && strchr(" \t\r", text[n - 1]); n--) text[n - 1] = '\0';
    return text;
}

/* The top-level "name:" of an experiment; the file's other lines are indented or other keys. */
static char *experiment_name(const char *folder)
{
    char *path = leadseq_path_join(folder, "experiment.yaml"), *name = NULL;
    bool there = path && leadseq_path_exists(path);
    char *text = there ? leadseq_file_read(path, EXPERIMENT_BYTES_MAX, NULL) : NULL;
    for (char *rest = text, *line; !name && (line = strsep(&rest, "\n"));) {
        if (strncmp(line, "name:", 5)) continue;
        line = plain_scalar(line + 5);
        if (*line) name = leadseq_format("%s", line);
    }
    free(text);
    free(path);
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

static int read_split(struct report_set *set, const char *folder, const char *split)
{
    char name[64];
    struct leadseq_sheet sheet;
    snprintf(name, sizeof name, "predictions-%s.tsv", split);
    *set = (struct report_set){0};
    if (read_optional(&sheet, folder, name)) return -1;
    int status = sheet.title ? report_set_read(set, &sheet, NULL) : 0;
    leadseq_sheet_clear(&sheet);
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

static int read_run(struct report_model *m, const char *split)
{
    m->is_run = true;
    m->name = experiment_name(m->path);
    if (!m->name) m->name = last_part(m->path, false);
    if (!m->name || read_split(&m->test, m->path, split)) return -1;
    if (!m->test.n)
        return leadseq_fail("%s: expected predictions-%s.tsv with predictions in it, found none; "
                            "make it by: leadseq evaluate %s --data FILE.h5 --split %s",
                            m->path, split, m->path, split);
    if (read_split(&m->valid, m->path, "valid") || read_split(&m->train, m->path, "train"))
        return -1;
    return read_about(m);
}

static int read_file(struct report_model *m, const char *split)
{
    struct leadseq_sheet sheet;
    bool all = !strcmp(split, "all");
    m->name = last_part(m->path, true);
    if (!m->name || leadseq_sheet_read(&sheet, m->path)) return -1;
    int status = report_set_read(&m->test, &sheet, all ? NULL : split);
    bool splits = leadseq_sheet_column(&sheet, "split") >= 0;
    if (!status && splits) status = report_set_read(&m->valid, &sheet, "valid");
    if (!status && !m->test.n && splits)
        status = leadseq_fail("%s: expected records whose split is \"%s\", found none; say which "
                              "by --split",
                              m->path, split);
    else if (!status && !m->test.n)
        status = leadseq_fail("%s: expected one row a record, found none", m->path);
    leadseq_sheet_clear(&sheet);
    return status;
}

int report_input_read(struct report_model *m, const char *path, const char *split)
{
    m->threshold = NAN;
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
    leadseq_json_free(m->environment);
    leadseq_sheet_clear(&m->history);
    leadseq_sheet_clear(&m->steps);
    leadseq_curve_clear(&m->curve);
}

static bool name_is_shared(const struct report *r, size_t i, size_t below)
{
    for (size_t k = 0; k < below; k++)
        if (k != i && !strcmp(r->model[k].name, r->model[i].name)) return true;
    return false;
}

static int rename_model(struct report_model *m, char *name)
{
    if (!name) return -1;
    free(m->name);
    m->name = name;
    return 0;
}

/* The run's folder, or the folder the table is in; NULL for the constant classifier. */
static char *folder_name(const struct report_model *m)
{
    if (!m->path || m->is_run) return m->path ? last_part(m->path, false) : NULL;
    char *copy = leadseq_format("%s", m->path);
    char *name = copy ? last_part(dirname(copy), false) : NULL;
    free(copy);
    return name;
}

/* First by folder, all that share a name at once; what is the same still, by a number. */
int report_names_distinguish(struct report *r)
{
    bool *shared = leadseq_calloc(r->n_models, sizeof *shared);
    if (!shared) return -1;
    int status = 0;
    for (size_t i = 0; i < r->n_models; i++) shared[i] = name_is_shared(r, i, r->n_models);
    for (size_t i = 0; !status && i < r->n_models; i++) {
        struct report_model *m = &r->model[i];
        char *part = shared[i] ? folder_name(m) : NULL;
        if (part && strcmp(part, m->name) && strcmp(part, "."))
            status = rename_model(m, leadseq_format("%s (%s)", m->name, part));
        free(part);
    }
    for (size_t i = 0; !status && i < r->n_models; i++) {
        int number = 2;
        char *plain = leadseq_format("%s", r->model[i].name);
        while (plain && !status && name_is_shared(r, i, i))
            status = rename_model(&r->model[i], leadseq_format("%s #%d", plain, number++));
        if (!plain) status = -1;
        free(plain);
    }
    free(shared);
    return status;
}
