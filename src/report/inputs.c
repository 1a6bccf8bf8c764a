/* SPDX-License-Identifier: MIT
 *
 * What is read of an input: a run folder (experiment.yaml, predictions, history, steps,
 * environment, metrics) or one prediction table of any program; and names that distinguish
 * the inputs. */
#include "inputs.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

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

/* --- experiment.yaml as the program wrote it, resolved ------------------------------------ */

/* Top-level keys, and keys indented in a section; values stay the text they are. This is no
 * YAML parser; the real one is in experiment. */

enum { EXPERIMENT_BYTES_MAX = 1 << 20 };

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

static void read_line(struct leadseq_json *json, char *line, char section[64])
{
    char key[160];
    bool inner = *line == ' ';
    char *name = line + strspn(line, " "), *colon = strchr(name, ':');
    if (!colon || *name == '#' || colon == name) return;
    *colon = '\0';
    char *value = plain_scalar(colon + 1);
    if (!inner) snprintf(section, 64, "%s", *value ? "" : name);
    if (!inner && !*value) return;
    snprintf(key, sizeof key, "%s%s%.80s", inner ? section : "", inner && *section ? "." : "",
             name);
    leadseq_json_set_text(json, key, value);
}

static int read_experiment(struct leadseq_json **json, const char *folder)
{
    char section[64] = "", *text = NULL, *path = leadseq_path_join(folder, "experiment.yaml");
    *json = NULL;
    if (!path) return -1;
    bool there = leadseq_path_exists(path);
    if (there) text = leadseq_text_read(path, EXPERIMENT_BYTES_MAX, NULL);
    free(path);
    if (!there) return 0;
    if (text) *json = leadseq_json_object();
    for (char *rest = text, *line; *json && (line = strsep(&rest, "\n"));)
        read_line(*json, line, section);
    free(text);
    return *json ? 0 : -1;
}

struct lookup {
    const char *key, *text;
};

static void find_key(const char *path, const char *value, void *state)
{
    struct lookup *l = state;
    if (!strcmp(path, l->key)) l->text = value;
}

/* Keys hold points, which leadseq_json_text() would take for a path. */
const char *report_experiment_text(const struct report_model *m, const char *key)
{
    struct lookup l = {.key = key};
    if (m->experiment) leadseq_json_leaves(m->experiment, find_key, &l);
    return l.text;
}

/* --- Runs and tables ---------------------------------------------------------------------- */

/* A table of any origin that has the truth, or for which a stack does. */
static int rows_of(struct report_rows *rows, const struct report_model *m,
                   const struct leadseq_sheet *sheet, const struct report *r)
{
    if (report_decisions_refuse(sheet, r->options->data)) return -1;
    return report_rows_read(rows, sheet, m->names);
}

/* The run's own table of a split; none has no rows. */
static int read_rows(struct report_rows *rows, const struct report_model *m, const char *split,
                     const struct report *r)
{
    char name[64];
    struct leadseq_sheet sheet = {0};
    snprintf(name, sizeof name, "predictions-%s.tsv", split);
    *rows = (struct report_rows){0};
    char *path = leadseq_path_join(m->path, name);
    int status = path ? 0 : -1;
    if (!status && leadseq_path_exists(path)) status = leadseq_sheet_read(&sheet, path);
    free(path);
    if (!status && sheet.columns) status = rows_of(rows, m, &sheet, r);
    leadseq_sheet_clear(&sheet);
    return status;
}

static int read_split(struct report_set *set, const struct report_model *m, const char *split,
                      const struct report *r)
{
    struct report_rows rows;
    if (read_rows(&rows, m, split, r)) return -1;
    int status = report_set_take(set, &rows, REPORT_ALL, m->path);
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
    if (leadseq_json_read_optional(&m->environment, m->path, "environment.json")) return -1;
    if (leadseq_json_read_optional(&m->metrics, m->path, "metrics.json")) return -1;
    m->train_records = m->train.label ? m->train.n : 0;
    m->train_positives = report_set_positives(&m->train);
    if (m->environment) read_prevalence(m, m->environment);
    if (m->metrics) read_prevalence(m, m->metrics);
    if (leadseq_sheet_read_unfinished(&m->history, m->path, "history.tsv")) return -1;
    return leadseq_sheet_read_unfinished(&m->steps, m->path, "steps.tsv");
}

/* What a table of all records says of its training records, where they have no table of their own.
 */
static int read_parts(struct report_model *m, const struct report *r)
{
    struct report_rows rows;
    if (strcmp(r->split, "all") || m->train.n) return 0;
    if (read_rows(&rows, m, r->split, r)) return -1;
    int status = report_set_take(&m->train, &rows, REPORT_TRAIN, m->path);
    report_rows_clear(&rows);
    return status;
}

static int read_run(struct report_model *m, const struct report *r)
{
    const char *split = r->split;
    m->is_run = true;
    if (read_experiment(&m->experiment, m->path)) return -1;
    const char *name = report_experiment_text(m, "name");
    m->name = name && *name ? leadseq_format("%s", name) : last_part(m->path, false);
    if (!m->name || read_split(&m->test, m, split, r)) return -1;
    if (!m->test.n)
        return leadseq_fail("%s: expected predictions-%s.tsv with predictions in it, found none; "
                            "make it by: leadseq evaluate %s --data FILE.h5 --split %s",
                            m->path, split, m->path, split);
    if (read_split(&m->valid, m, "valid", r) || read_split(&m->train, m, "train", r)) return -1;
    return read_parts(m, r) ? -1 : read_about(m);
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

/* A table that does not say which records chose and which judge waits for records.c. */
static int read_file(struct report_model *m, const struct report *r)
{
    struct leadseq_sheet sheet;
    const char *split = r->split;
    m->name = last_part(m->path, true);
    if (!m->name || leadseq_sheet_read(&sheet, m->path)) return -1;
    int status = rows_of(&m->rows, m, &sheet, r);
    m->unanswered = m->rows.unanswered;
    int decided = status ? -1 : report_decisions_find(&sheet);
    if (decided >= 0)
        snprintf(m->decided, sizeof m->decided, "%s", leadseq_sheet_title(&sheet, decided));
    leadseq_sheet_clear(&sheet);
    if (status) return -1;
    if (!m->rows.n) return leadseq_fail("%s: expected one row per record, found none", m->path);
    if (!m->rows.has_split && strcmp(split, "all")) return 0;
    status = take_parts(m, split);
    report_rows_clear(&m->rows);
    return status;
}

int report_input_read(struct report_model *m, const char *path, const struct report *r)
{
    m->names = r->names;
    m->threshold = m->f_threshold = m->temperature.value = NAN;
    m->path = leadseq_format("%s", path);
    if (!m->path) return -1;
    if (leadseq_path_is_folder(path)) return read_run(m, r);
    if (!leadseq_path_exists(path))
        return leadseq_fail("%s: expected a run folder or a prediction table, found nothing of "
                            "that name",
                            path);
    return read_file(m, r);
}

void report_input_clear(struct report_model *m)
{
    free(m->name);
    free(m->path);
    report_rows_clear(&m->rows);
    leadseq_json_free(m->environment);
    leadseq_json_free(m->metrics);
    leadseq_json_free(m->experiment);
    leadseq_sheet_clear(&m->history);
    leadseq_sheet_clear(&m->steps);
}

/* --- Names --------------------------------------------------------------------------------- */

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
