/* SPDX-License-Identifier: MIT
 *
 * Prediction tables of leadseq or any other program: columns ecg_id and
 * probability, and where they are there patient_id, split, label. What cannot
 * be a prediction is refused with its line. */
#include "report_private.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct columns {
    int ecg_id, patient_id, label, probability, split;
};

struct row {
    int ecg_id, patient_id, label; /* the latter two: -1 where unknown */
    double probability;
};

static int find_columns(struct columns *c, const struct leadseq_sheet *sheet)
{
    c->ecg_id = leadseq_sheet_column(sheet, "ecg_id");
    c->patient_id = leadseq_sheet_column(sheet, "patient_id");
    c->label = leadseq_sheet_column(sheet, "label");
    c->probability = leadseq_sheet_column(sheet, "probability");
    c->split = leadseq_sheet_column(sheet, "split");
    const char *missing = c->ecg_id < 0 ? "ecg_id" : c->probability < 0 ? "probability" : NULL;
    if (missing)
        return leadseq_fail("%s: expected a column \"%s\" in the title line, found none of that "
                            "name (first column: \"%.40s\")",
                            sheet->path, missing, sheet->title[0]);
    return 0;
}

/* A whole number from `least`; an empty cell counts as -1. */
static int read_whole(int *value, const struct leadseq_sheet *sheet, size_t row, int column,
                      int least)
{
    double number;
    if (leadseq_sheet_number(sheet, row, column, &number)) return -1;
    const char *text = sheet->cell[row * sheet->columns + (size_t)column];
    if (!*text) number = -1;
    if (!(number >= least && number <= INT_MAX && number == floor(number)))
        return leadseq_fail("%s: record %zu: %s: expected a whole number from %d, found \"%.40s\"",
                            sheet->path, row + 1, sheet->title[column], least, text);
    *value = (int)number;
    return 0;
}

static int read_row(struct row *r, const struct leadseq_sheet *sheet, size_t row,
                    const struct columns *c)
{
    r->patient_id = r->label = -1;
    if (read_whole(&r->ecg_id, sheet, row, c->ecg_id, 0)) return -1;
    if (c->patient_id >= 0 && read_whole(&r->patient_id, sheet, row, c->patient_id, -1)) return -1;
    if (c->label >= 0 && read_whole(&r->label, sheet, row, c->label, -1)) return -1;
    if (r->label > 1)
        return leadseq_fail("%s: ecg_id %d: label: expected 0 or 1, found %d", sheet->path,
                            r->ecg_id, r->label);
    if (leadseq_sheet_number(sheet, row, c->probability, &r->probability)) return -1;
    if (r->probability >= 0 && r->probability <= 1) return 0;
    return leadseq_fail(
        "%s: ecg_id %d: probability: expected a number from 0 to 1, found \"%.40s\"", sheet->path,
        r->ecg_id, sheet->cell[row * sheet->columns + (size_t)c->probability]);
}

static int by_id(const void *a, const void *b)
{
    int x = ((const struct row *)a)->ecg_id, y = ((const struct row *)b)->ecg_id;
    return (x > y) - (x < y);
}

static int check_unique(const struct row *row, size_t n, const char *path)
{
    for (size_t i = 1; i < n; i++)
        if (row[i].ecg_id == row[i - 1].ecg_id)
            return leadseq_fail("%s: ecg_id %d stands there more than once; expected one row a "
                                "record",
                                path, row[i].ecg_id);
    return 0;
}

/* Labels of all records, of none, or a refusal. */
static int fill_labels(struct report_set *set, const struct row *row, const char *path)
{
    size_t known = 0, unknown = 0;
    for (size_t i = 0; i < set->n; i++)
        if (row[i].label >= 0)
            known++;
        else
            unknown = i;
    if (!known) return 0;
    if (known < set->n)
        return leadseq_fail("%s: ecg_id %d has no label, others have; expected one of every record",
                            path, row[unknown].ecg_id);
    set->label = leadseq_calloc(set->n, sizeof *set->label);
    if (!set->label) return -1;
    for (size_t i = 0; i < set->n; i++) set->label[i] = (uint8_t)row[i].label;
    return 0;
}

/* Patients of all records, or of none. */
static int fill_patients(struct report_set *set, const struct row *row)
{
    for (size_t i = 0; i < set->n; i++)
        if (row[i].patient_id < 0) return 0;
    set->patient_id = leadseq_calloc(set->n, sizeof *set->patient_id);
    if (!set->patient_id) return -1;
    for (size_t i = 0; i < set->n; i++) set->patient_id[i] = row[i].patient_id;
    return 0;
}

static int fill_set(struct report_set *set, const struct row *row, size_t n, const char *path)
{
    set->n = n;
    set->ecg_id = leadseq_calloc(n, sizeof *set->ecg_id);
    set->probability = leadseq_calloc(n, sizeof *set->probability);
    if (!set->ecg_id || !set->probability) return -1;
    for (size_t i = 0; i < n; i++) {
        set->ecg_id[i] = row[i].ecg_id;
        set->probability[i] = row[i].probability;
    }
    return fill_labels(set, row, path) ? -1 : fill_patients(set, row);
}

int report_set_read(struct report_set *set, const struct leadseq_sheet *sheet, const char *split)
{
    struct columns c;
    *set = (struct report_set){0};
    if (find_columns(&c, sheet)) return -1;
    struct row *row = leadseq_calloc(sheet->rows, sizeof *row);
    if (!row) return -1;
    int status = 0;
    size_t n = 0;
    for (size_t i = 0; !status && i < sheet->rows; i++) {
        if (split && c.split >= 0 &&
            strcmp(sheet->cell[i * sheet->columns + (size_t)c.split], split))
            continue;
        status = read_row(&row[n++], sheet, i, &c);
    }
    if (!status && n) {
        qsort(row, n, sizeof *row, by_id);
        status = check_unique(row, n, sheet->path);
        if (!status) status = fill_set(set, row, n, sheet->path);
    }
    free(row);
    if (status) report_set_clear(set);
    return status;
}

void report_set_clear(struct report_set *set)
{
    free(set->ecg_id);
    free(set->patient_id);
    free(set->label);
    free(set->probability);
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

size_t report_set_patients(const struct report_set *set)
{
    int *sorted = set->patient_id && set->n ? leadseq_calloc(set->n, sizeof *sorted) : NULL;
    if (!sorted) return 0;
    memcpy(sorted, set->patient_id, set->n * sizeof *sorted);
    qsort(sorted, set->n, sizeof *sorted, ascending);
    size_t patients = 1;
    for (size_t i = 1; i < set->n; i++) patients += sorted[i] != sorted[i - 1];
    free(sorted);
    return patients;
}
