/* SPDX-License-Identifier: MIT
 *
 * Prediction tables of leadseq or any other program, and the sets of records made of them.
 *
 *   one question      ecg_id or record, probability; optional: label, patient_id, fold, split
 *   several outputs   ecg_id or record, probability_NAME of each; optional: label_NAME (empty where
 * it is unknown), and `label` with the name of the true output where exactly one is
 *
 * Records without an ecg_id (-1, an empty cell, no such column) are known by their name.
 *
 * A table with probabilities of the five superclasses and no logits is from another program. It is
 * compared on infarction, and the report also shows all five. A value that cannot be a prediction
 * is refused, with the name of its record. */
#include "inputs.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct columns {
    int ecg_id, record, patient_id, fold, label, probability, split;
    int class_name; /* the true output by its name; -1: none */
    struct report_outputs outputs;
    int *output_probability, *output_label; /* (outputs); label: -1 where it has no column */
};

const char *const report_part_name[REPORT_PARTS] = {"train", "valid", "test", "all", "other"};

enum report_part report_part_of(const char *name)
{
    for (int k = 0; k < REPORT_OTHER; k++)
        if (!strcasecmp(name, report_part_name[k])) return (enum report_part)k;
    bool valid = !strcasecmp(name, "val") || !strcasecmp(name, "validation");
    return valid ? REPORT_VALID : REPORT_OTHER;
}

/* --- Outputs --------------------------------------------------------------------------- */

static void outputs_clear(struct report_outputs *outputs)
{
    free(outputs->name);
    *outputs = (struct report_outputs){0};
}

static int outputs_copy(struct report_outputs *to, const struct report_outputs *from)
{
    *to = *from;
    to->name = NULL;
    if (!from->n) return 0;
    to->name = leadseq_calloc(from->n, sizeof *to->name);
    if (!to->name) return -1;
    memcpy(to->name, from->name, from->n * sizeof *to->name);
    return 0;
}

bool report_outputs_same(const struct report_outputs *a, const struct report_outputs *b)
{
    return a->n == b->n && (!a->n || !memcmp(a->name, b->name, a->n * sizeof *a->name));
}

static bool are_superclasses(const struct report_outputs *outputs)
{
    if (outputs->n != LEADSEQ_SUPERCLASSES) return false;
    for (size_t k = 0; k < outputs->n; k++)
        if (strcmp(outputs->name[k], leadseq_superclass_name[k])) return false;
    return true;
}

/* --- Columns --------------------------------------------------------------------------- */

static int column_of(const struct leadseq_sheet *sheet, const char *prefix, const char *name)
{
    char title[64];
    snprintf(title, sizeof title, "%s_%s", prefix, name);
    return leadseq_sheet_column(sheet, title);
}

static int add_output(struct columns *c, const struct leadseq_sheet *sheet, const char *name,
                      int column)
{
    size_t n = c->outputs.n;
    if (!*name || strlen(name) >= sizeof *c->outputs.name)
        return leadseq_fail("%s: column %d: expected the name of an output of 1 to %zu bytes, "
                            "found \"%.60s\"",
                            sheet->path, column + 1, sizeof *c->outputs.name - 1, name);
    snprintf(c->outputs.name[n], sizeof *c->outputs.name, "%s", name);
    c->output_probability[n] = column;
    c->output_label[n] = column_of(sheet, "label", name);
    c->outputs.n++;
    return 0;
}

/* "probability_NAME" in the order of the columns; else the superclasses by their names alone. */
static int find_outputs(struct columns *c, const struct leadseq_sheet *sheet)
{
    static const char prefix[] = "probability_";
    size_t bare = 0;
    for (size_t i = 0; i < sheet->columns; i++)
        if (!strncmp(leadseq_sheet_title(sheet, (int)i), prefix, strlen(prefix)) &&
            add_output(c, sheet, leadseq_sheet_title(sheet, (int)i) + strlen(prefix), (int)i))
            return -1;
    int missing = 0;
    for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++)
        if (leadseq_sheet_column(sheet, leadseq_superclass_name[k]) >= 0)
            bare++;
        else
            missing = k;
    if (!c->outputs.n && c->probability < 0 && bare && bare < LEADSEQ_SUPERCLASSES)
        return leadseq_fail("%s: expected the probabilities of all five superclasses, found %zu of "
                            "them; \"probability_%s\" is missing",
                            sheet->path, bare, leadseq_superclass_name[missing]);
    bool by_name = !c->outputs.n && bare == LEADSEQ_SUPERCLASSES;
    for (int k = 0; by_name && k < LEADSEQ_SUPERCLASSES; k++)
        if (add_output(c, sheet, leadseq_superclass_name[k],
                       leadseq_sheet_column(sheet, leadseq_superclass_name[k])))
            return -1;
    return 0;
}

static int check_output_labels(const struct columns *c, const struct leadseq_sheet *sheet)
{
    size_t found = 0, missing = 0;
    for (size_t k = 0; k < c->outputs.n; k++)
        if (c->output_label[k] >= 0)
            found++;
        else
            missing = k;
    if (!found || found == c->outputs.n) return 0;
    return leadseq_fail("%s: expected labels of all %zu outputs, found %zu; column \"label_%s\" is "
                        "missing",
                        sheet->path, c->outputs.n, found, c->outputs.name[missing]);
}

/* Output `keep` is the question. */
static void ask_output(struct columns *c, size_t keep)
{
    c->probability = c->output_probability[keep];
    if (c->label < 0) c->label = c->output_label[keep];
}

/* Which question the table asks, once its columns are known. */
static void find_question(struct columns *c, const struct leadseq_sheet *sheet)
{
    bool logits = c->outputs.n && column_of(sheet, "logit", c->outputs.name[0]) >= 0;
    if (c->probability < 0 && c->outputs.n == 1) ask_output(c, 0);
    if (c->outputs.n == 1) c->outputs.n = 0;
    if (c->probability >= 0 || !c->outputs.n) return;
    if (are_superclasses(&c->outputs) && !logits) {
        ask_output(c, LEADSEQ_MI);
        return;
    }
    c->outputs.only = true;
    c->outputs.multi_class = c->label >= 0;
    c->class_name = c->label;
    c->label = -1;
}

/* Those with a meaning of their own, in any case. */
static int find_titles(struct columns *c, const struct leadseq_sheet *sheet)
{
    const struct {
        const char *title;
        int *column;
    } known[] = {
        {"ecg_id", &c->ecg_id},
        {"record", &c->record},
        {"patient_id", &c->patient_id},
        {"fold", &c->fold},
        {"label", &c->label},
        {"split", &c->split},
        {"probability", &c->probability},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(known); i++)
        if (leadseq_sheet_find(sheet, known[i].title, known[i].column)) return -1;
    return c->fold < 0 ? leadseq_sheet_find(sheet, "strat_fold", &c->fold) : 0;
}

static int find_columns(struct columns *c, const struct leadseq_sheet *sheet)
{
    *c = (struct columns){.class_name = -1};
    c->outputs.name =
        leadseq_calloc(sheet->columns + LEADSEQ_SUPERCLASSES, sizeof *c->outputs.name);
    c->output_probability = leadseq_calloc(sheet->columns + LEADSEQ_SUPERCLASSES, sizeof(int));
    c->output_label = leadseq_calloc(sheet->columns + LEADSEQ_SUPERCLASSES, sizeof(int));
    if (!c->outputs.name || !c->output_probability || !c->output_label) return -1;
    if (find_titles(c, sheet) || find_outputs(c, sheet) || check_output_labels(c, sheet)) return -1;
    find_question(c, sheet);
    bool predicts = c->probability >= 0 || c->outputs.only;
    const char *missing = c->ecg_id < 0 && c->record < 0 ? "ecg_id\" or \"record"
                          : !predicts                    ? "probability"
                                                         : NULL;
    if (!missing) return 0;
    char titles[256];
    leadseq_sheet_titles(sheet, titles, sizeof titles);
    return leadseq_fail("%s:%u: expected a column \"%s\" in the title line, found none of that "
                        "name among %s (%s)",
                        sheet->path, sheet->line[0], missing,
                        leadseq_count(sheet->columns, "column"), titles);
}

static void columns_clear(struct columns *c)
{
    outputs_clear(&c->outputs);
    free(c->output_probability);
    free(c->output_label);
}

/* --- Cells ------------------------------------------------------------------------------- */

/* A whole number, as 7 or 7.0, or -1, as which an absent one counts where that is `optional`. */
static int read_whole(int *value, const struct leadseq_sheet *sheet, size_t row, int column,
                      bool optional)
{
    double number;
    *value = -1;
    if (optional && leadseq_parse_number(leadseq_sheet_cell(sheet, row, column), -1, -1, &number))
        return 0;
    return leadseq_sheet_whole(sheet, row, column, 0, INT_MAX, optional, value);
}

/* 0, 1, or -1 where it is unknown. */
static int read_label(int *label, const struct leadseq_sheet *sheet, size_t row, int column)
{
    double number;
    *label = -1;
    switch (leadseq_sheet_answer(sheet, row, column)) {
    case LEADSEQ_ANSWER_ABSENT:
        return 0;
    case LEADSEQ_ANSWER_NO:
    case LEADSEQ_ANSWER_YES:
        *label = leadseq_sheet_answer(sheet, row, column) == LEADSEQ_ANSWER_YES;
        return 0;
    default:
        if (leadseq_parse_number(leadseq_sheet_cell(sheet, row, column), -1, -1, &number)) return 0;
        return leadseq_sheet_fail(sheet, row, column, "0, 1 or nothing");
    }
}

static int read_probability(double *p, const struct leadseq_sheet *sheet, size_t row, int column)
{
    *p = NAN;
    if (column < 0 || leadseq_parse_number(leadseq_sheet_cell(sheet, row, column), 0, 1, p))
        return 0;
    return leadseq_sheet_fail(sheet, row, column, "a number from 0 to 1");
}

/* The true output by name: 1 for it, 0 for the others; unknown where the cell is empty. */
static int read_class(uint8_t *label, const struct leadseq_sheet *sheet, size_t row,
                      const struct columns *c)
{
    const char *text = leadseq_sheet_cell(sheet, row, c->class_name);
    bool found = false;
    for (size_t k = 0; k < c->outputs.n; k++) {
        label[k] = !strcmp(text, c->outputs.name[k]);
        found = found || label[k];
    }
    if (found) return 0;
    if (!leadseq_is_absent(text))
        return leadseq_sheet_fail(sheet, row, c->class_name, "the name of an output or nothing");
    memset(label, LEADSEQ_UNKNOWN, c->outputs.n);
    return 0;
}

static int read_outputs(struct report_rows *rows, const struct leadseq_sheet *sheet, size_t row,
                        const struct columns *c)
{
    const size_t first = row * c->outputs.n;
    for (size_t k = 0; k < c->outputs.n; k++) {
        int label;
        if (read_label(&label, sheet, row, c->output_label[k])) return -1;
        rows->output_label[first + k] = label < 0 ? LEADSEQ_UNKNOWN : (uint8_t)label;
        if (read_probability(&rows->output_probability[first + k], sheet, row,
                             c->output_probability[k]))
            return -1;
    }
    bool by_name = c->class_name >= 0 && c->output_label[0] < 0;
    return by_name ? read_class(rows->output_label + first, sheet, row, c) : 0;
}

/* A record by its ecg_id, or where that is -1, absent or no column, by its name, which is taken as
 * it is: a record may be called "null". */
static int read_key(int *key, const struct leadseq_sheet *sheet, size_t row,
                    const struct columns *c, struct report_names *names)
{
    int ecg_id = -1;
    const char *record = leadseq_sheet_cell(sheet, row, c->record);
    if (c->ecg_id >= 0 && read_whole(&ecg_id, sheet, row, c->ecg_id, *record)) return -1;
    if (!*record && ecg_id < 0)
        return leadseq_sheet_fail(sheet, row, c->record, "the record's name");
    return report_names_key(names, ecg_id, record, key);
}

static int read_row(struct report_rows *rows, const struct leadseq_sheet *sheet, size_t row,
                    const struct columns *c, struct report_names *names)
{
    struct report_row *r = &rows->row[rows->n];
    *r = (struct report_row){.patient_id = -1, .fold = -1, .part = REPORT_ALL, .at = row};
    if (read_key(&r->ecg_id, sheet, row, c, names)) return -1;
    if (c->patient_id >= 0 && read_whole(&r->patient_id, sheet, row, c->patient_id, true))
        return -1;
    if (c->fold >= 0 && read_whole(&r->fold, sheet, row, c->fold, true)) return -1;
    if (c->split >= 0) r->part = report_part_of(leadseq_sheet_cell(sheet, row, c->split));
    if (read_label(&r->label, sheet, row, c->label)) return -1;
    if (read_probability(&r->probability, sheet, row, c->probability)) return -1;
    if (read_outputs(rows, sheet, row, c)) return -1;
    rows->n++;
    return 0;
}

/* Whether no probability is said of a record, as by predict where it shows nothing. */
static bool is_unanswered(const struct leadseq_sheet *sheet, size_t row, const struct columns *c)
{
    bool said = c->probability >= 0 && *leadseq_sheet_cell(sheet, row, c->probability);
    for (size_t k = 0; !said && k < c->outputs.n; k++)
        said = *leadseq_sheet_cell(sheet, row, c->output_probability[k]);
    return !said;
}

/* Records without an answer are left out, unless all are: that is no table of predictions. */
static int read_rows(struct report_rows *rows, const struct leadseq_sheet *sheet,
                     const struct columns *c, struct report_names *names)
{
    size_t first = 0;
    for (size_t i = 0; i < sheet->rows; i++) {
        if (!is_unanswered(sheet, i, c)) {
            if (read_row(rows, sheet, i, c, names)) return -1;
        } else if (!rows->unanswered++) {
            first = i;
        }
    }
    if (!rows->unanswered) return 0;
    if (!rows->n) return read_row(rows, sheet, first, c, names);
    leadseq_warn("%s: %s no probability and %s left out (first: line %zu)", sheet->path,
                 leadseq_count_of(rows->unanswered, "record has", "records have"),
                 rows->unanswered == 1 ? "is" : "are", leadseq_sheet_line(sheet, first));
    return 0;
}

static int by_id(const void *a, const void *b)
{
    const struct report_row *x = a, *y = b;
    if (x->ecg_id != y->ecg_id) return x->ecg_id < y->ecg_id ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

static int check_unique(const struct report_rows *rows, const struct leadseq_sheet *sheet)
{
    char record[REPORT_RECORD_TEXT];
    for (size_t i = 1; i < rows->n; i++) {
        const struct report_row *one = &rows->row[i - 1], *other = &rows->row[i];
        size_t lines[] = {leadseq_sheet_line(sheet, one->at), leadseq_sheet_line(sheet, other->at)};
        if (one->ecg_id == other->ecg_id)
            return leadseq_fail("%s:%zu: expected one row per record, found %s on line %zu too",
                                sheet->path, lines[1],
                                report_names_text(rows->names, other->ecg_id, record), lines[0]);
    }
    return 0;
}

static int allocate(struct report_rows *rows, const struct leadseq_sheet *sheet,
                    const struct columns *c)
{
    const size_t n = sheet->rows;
    rows->has_split = c->split >= 0;
    rows->row = leadseq_calloc(n, sizeof *rows->row);
    if (!rows->row || outputs_copy(&rows->outputs, &c->outputs)) return -1;
    if (!c->outputs.n) return 0;
    rows->output_probability = leadseq_calloc(n, c->outputs.n * sizeof *rows->output_probability);
    rows->output_label = leadseq_calloc(n, c->outputs.n * sizeof *rows->output_label);
    return rows->output_probability && rows->output_label ? 0 : -1;
}

int report_rows_read(struct report_rows *rows, const struct leadseq_sheet *sheet,
                     struct report_names *names)
{
    struct columns c;
    *rows = (struct report_rows){.names = names};
    int status = find_columns(&c, sheet);
    if (!status) status = allocate(rows, sheet, &c);
    if (!status) status = read_rows(rows, sheet, &c, names);
    if (!status) qsort(rows->row, rows->n, sizeof *rows->row, by_id);
    if (!status) status = check_unique(rows, sheet);
    columns_clear(&c);
    if (status) report_rows_clear(rows);
    return status;
}

void report_rows_clear(struct report_rows *rows)
{
    free(rows->row);
    free(rows->output_probability);
    free(rows->output_label);
    outputs_clear(&rows->outputs);
    *rows = (struct report_rows){0};
}

/* --- Sets: the records of one part as columns ------------------------------------------------ */

/* Labels of all records, of none, or a refusal. */
static int fill_labels(struct report_set *set, const struct report_row *row, const char *path)
{
    size_t known = 0, unknown = 0;
    for (size_t i = 0; i < set->n; i++)
        if (row[i].label >= 0)
            known++;
        else
            unknown = i;
    if (!known) return 0;
    char record[REPORT_RECORD_TEXT];
    if (known < set->n)
        return leadseq_fail("%s: %s has no label, but others have; expected one for every record",
                            path, report_names_text(set->names, row[unknown].ecg_id, record));
    set->label = leadseq_calloc(set->n, sizeof *set->label);
    if (!set->label) return -1;
    for (size_t i = 0; i < set->n; i++) set->label[i] = (uint8_t)row[i].label;
    return 0;
}

/* Folds, where all are known. */
static int fill_folds(struct report_set *set, const struct report_row *row)
{
    for (size_t i = 0; i < set->n; i++)
        if (row[i].fold < 0) return 0;
    set->fold = leadseq_calloc(set->n, sizeof *set->fold);
    if (!set->fold) return -1;
    for (size_t i = 0; i < set->n; i++) set->fold[i] = row[i].fold;
    return 0;
}

int report_own_patient(int key)
{
    return key < 0 ? key : -2 - key;
}

/* Patients, where any is known: a record of which it is not known is a patient of its own. */
static int fill_patients(struct report_set *set, const struct report_row *row)
{
    bool known = false;
    for (size_t i = 0; i < set->n; i++) known = known || row[i].patient_id >= 0;
    if (!known) return 0;
    set->patient_id = leadseq_calloc(set->n, sizeof *set->patient_id);
    if (!set->patient_id) return -1;
    for (size_t i = 0; i < set->n; i++)
        set->patient_id[i] =
            row[i].patient_id >= 0 ? row[i].patient_id : report_own_patient(row[i].ecg_id);
    return 0;
}

static int fill_outputs(struct report_set *set, const struct report_row *row,
                        const struct report_rows *rows)
{
    const size_t k = rows->outputs.n;
    bool known = false;
    if (outputs_copy(&set->outputs, &rows->outputs)) return -1;
    if (!k) return 0;
    set->output_probability = leadseq_calloc(set->n, k * sizeof *set->output_probability);
    set->output_label = leadseq_calloc(set->n, k * sizeof *set->output_label);
    if (!set->output_probability || !set->output_label) return -1;
    for (size_t i = 0; i < set->n; i++) {
        memcpy(set->output_probability + i * k, rows->output_probability + row[i].at * k,
               k * sizeof *set->output_probability);
        memcpy(set->output_label + i * k, rows->output_label + row[i].at * k, k);
    }
    for (size_t i = 0; i < set->n * k; i++) known = known || set->output_label[i] <= 1;
    if (known) return 0;
    free(set->output_label);
    set->output_label = NULL;
    return 0;
}

static int fill_set(struct report_set *set, const struct report_row *row, size_t n,
                    const struct report_rows *rows, const char *path)
{
    set->n = n;
    set->names = rows->names;
    set->ecg_id = leadseq_calloc(n, sizeof *set->ecg_id);
    if (!set->ecg_id) return -1;
    for (size_t i = 0; i < n; i++) set->ecg_id[i] = row[i].ecg_id;
    if (fill_patients(set, row) || fill_folds(set, row)) return -1;
    if (fill_outputs(set, row, rows)) return -1;
    if (rows->outputs.only) return 0;
    set->probability = leadseq_calloc(n, sizeof *set->probability);
    if (!set->probability) return -1;
    for (size_t i = 0; i < n; i++) set->probability[i] = row[i].probability;
    return fill_labels(set, row, path);
}

int report_set_take(struct report_set *set, const struct report_rows *rows, enum report_part part,
                    const char *path)
{
    size_t n = 0;
    *set = (struct report_set){0};
    struct report_row *taken = leadseq_calloc(rows->n, sizeof *taken);
    if (!taken) return -1;
    for (size_t i = 0; i < rows->n; i++)
        if (part == REPORT_ALL || rows->row[i].part == part) taken[n++] = rows->row[i];
    int status = n ? fill_set(set, taken, n, rows, path) : 0;
    free(taken);
    if (status) report_set_clear(set);
    return status;
}

int report_set_take_output(struct report_set *set, const struct report_set *from, size_t k,
                           size_t *position)
{
    const size_t outputs = from->outputs.n;
    *set = (struct report_set){.names = from->names};
    for (size_t i = 0; from->output_label && i < from->n; i++)
        if (from->output_label[i * outputs + k] <= 1) position[set->n++] = i;
    if (!set->n) return 0;
    set->ecg_id = leadseq_calloc(set->n, sizeof *set->ecg_id);
    set->label = leadseq_calloc(set->n, sizeof *set->label);
    set->probability = leadseq_calloc(set->n, sizeof *set->probability);
    if (from->patient_id) set->patient_id = leadseq_calloc(set->n, sizeof *set->patient_id);
    if (!set->ecg_id || !set->label || !set->probability ||
        (from->patient_id && !set->patient_id)) {
        report_set_clear(set);
        return -1;
    }
    for (size_t i = 0; i < set->n; i++) {
        size_t at = position[i];
        set->ecg_id[i] = from->ecg_id[at];
        set->label[i] = from->output_label[at * outputs + k];
        set->probability[i] = from->output_probability[at * outputs + k];
        if (from->patient_id) set->patient_id[i] = from->patient_id[at];
    }
    return 0;
}

void report_set_clear(struct report_set *set)
{
    free(set->ecg_id);
    free(set->patient_id);
    free(set->fold);
    free(set->label);
    free(set->probability);
    free(set->output_probability);
    free(set->output_label);
    outputs_clear(&set->outputs);
    *set = (struct report_set){0};
}

size_t report_set_positives(const struct report_set *set)
{
    size_t positives = 0;
    for (size_t i = 0; set->label && i < set->n; i++) positives += set->label[i];
    return positives;
}

static int ascending(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

void report_sort(int *value, size_t n)
{
    qsort(value, n, sizeof *value, ascending);
}

size_t report_count_different(const int *sorted, size_t n)
{
    size_t different = 0;
    for (size_t i = 0; i < n; i++) different += !i || sorted[i] != sorted[i - 1];
    return different;
}

int report_set_patients(size_t *patients, const struct report_set *set)
{
    *patients = 0;
    if (!set->patient_id || !set->n) return 0;
    int *sorted = leadseq_calloc(set->n, sizeof *sorted);
    if (!sorted) return -1;
    memcpy(sorted, set->patient_id, set->n * sizeof *sorted);
    report_sort(sorted, set->n);
    *patients = report_count_different(sorted, set->n);
    free(sorted);
    return 0;
}

size_t report_set_find(const struct report_set *set, int ecg_id)
{
    const int *found =
        set->n ? bsearch(&ecg_id, set->ecg_id, set->n, sizeof ecg_id, ascending) : NULL;
    return found ? (size_t)(found - set->ecg_id) : set->n;
}

int report_count_common(size_t *common, const int *key, size_t n, const int *other, size_t m)
{
    *common = 0;
    if (!key || !other || !n || !m) return 0;
    int *sorted = leadseq_calloc(m, sizeof *sorted);
    if (!sorted) return -1;
    memcpy(sorted, other, m * sizeof *sorted);
    report_sort(sorted, m);
    for (size_t i = 0; i < n; i++)
        *common += !!bsearch(&key[i], sorted, m, sizeof *sorted, ascending);
    free(sorted);
    return 0;
}
