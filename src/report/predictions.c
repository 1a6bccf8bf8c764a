/* SPDX-License-Identifier: MIT
 *
 * Prediction tables of leadseq or any other program: columns ecg_id and
 * probability, or five probabilities of superclasses, and where they are there
 * patient_id, fold, split, label. What cannot be a prediction is refused with
 * its record. */
#include "report_private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct columns {
    int ecg_id, patient_id, fold, label, probability, split;
    int class_probability[REPORT_CLASSES], superclass[REPORT_CLASSES];
};

const char *const report_part_name[REPORT_PARTS] = {"train", "valid", "test", "all", "other"};

enum report_part report_part_of(const char *name)
{
    for (int k = 0; k < REPORT_OTHER; k++)
        if (!strcmp(name, report_part_name[k])) return (enum report_part)k;
    return !strcmp(name, "val") || !strcmp(name, "validation") ? REPORT_VALID : REPORT_OTHER;
}

/* "probability_MI", or "MI" alone; -1 where there is neither. */
static int class_column(const struct leadseq_sheet *sheet, const char *prefix, int k)
{
    char title[64];
    snprintf(title, sizeof title, "%s_%s", prefix, leadseq_superclass_name[k]);
    return leadseq_sheet_column(sheet, title);
}

static int find_class_columns(struct columns *c, const struct leadseq_sheet *sheet)
{
    int found = 0, labels = 0, missing = 0;
    for (int k = 0; k < REPORT_CLASSES; k++) {
        c->class_probability[k] = class_column(sheet, "probability", k);
        if (c->class_probability[k] < 0)
            c->class_probability[k] = leadseq_sheet_column(sheet, leadseq_superclass_name[k]);
        c->superclass[k] = class_column(sheet, "label", k);
        found += c->class_probability[k] >= 0;
        labels += c->superclass[k] >= 0;
        if (c->class_probability[k] < 0) missing = k;
    }
    if (found && found < REPORT_CLASSES)
        return leadseq_fail("%s: expected the probabilities of all five superclasses, found %d of "
                            "them; \"probability_%s\" is missing",
                            sheet->path, found, leadseq_superclass_name[missing]);
    if (labels && labels < REPORT_CLASSES)
        return leadseq_fail("%s: expected the labels of all five superclasses, found %d of them",
                            sheet->path, labels);
    return 0;
}

static int find_columns(struct columns *c, const struct leadseq_sheet *sheet)
{
    c->ecg_id = leadseq_sheet_column(sheet, "ecg_id");
    c->patient_id = leadseq_sheet_column(sheet, "patient_id");
    c->fold = leadseq_sheet_column(sheet, "fold");
    if (c->fold < 0) c->fold = leadseq_sheet_column(sheet, "strat_fold");
    c->label = leadseq_sheet_column(sheet, "label");
    c->probability = leadseq_sheet_column(sheet, "probability");
    c->split = leadseq_sheet_column(sheet, "split");
    if (find_class_columns(c, sheet)) return -1;
    bool classes = c->class_probability[0] >= 0;
    if (classes && c->probability < 0) c->probability = c->class_probability[LEADSEQ_MI];
    if (classes && c->label < 0) c->label = c->superclass[LEADSEQ_MI];
    const char *missing = c->ecg_id < 0 ? "ecg_id" : c->probability < 0 ? "probability" : NULL;
    if (missing)
        return leadseq_fail("%s: expected a column \"%s\" in the title line, found none of that "
                            "name (first column: \"%.40s\")",
                            sheet->path, missing, sheet->title[0]);
    return 0;
}

/* A whole number from `least`, as 7 or 7.0; an empty cell counts as -1. */
static int read_whole(int *value, const struct leadseq_sheet *sheet, size_t row, int column,
                      int least)
{
    double number;
    const char *text = sheet->cell[row * sheet->columns + (size_t)column];
    if (leadseq_sheet_number(sheet, row, column, &number)) return -1;
    if (!*text || (isnan(number) && least < 0)) number = -1;
    if (!(number >= least && number <= INT_MAX && number == floor(number)))
        return leadseq_fail("%s: record %zu: %s: expected a whole number from %d, found \"%.40s\"",
                            sheet->path, row + 1, sheet->title[column], least, text);
    *value = (int)number;
    return 0;
}

/* 0, 1, False, True, or -1 where it is empty. */
static int read_label(int *label, const struct leadseq_sheet *sheet, size_t row, int column,
                      int ecg_id)
{
    *label = -1;
    if (column < 0) return 0;
    const char *text = sheet->cell[row * sheet->columns + (size_t)column];
    bool is_true = !strcmp(text, "True") || !strcmp(text, "true");
    if (is_true || !strcmp(text, "False") || !strcmp(text, "false")) {
        *label = is_true;
        return 0;
    }
    if (read_whole(label, sheet, row, column, -1)) return -1;
    if (*label <= 1) return 0;
    return leadseq_fail("%s: ecg_id %d: %s: expected 0 or 1, found %d", sheet->path, ecg_id,
                        sheet->title[column], *label);
}

static int read_probability(double *p, const struct leadseq_sheet *sheet, size_t row, int column,
                            int ecg_id)
{
    *p = NAN;
    if (column < 0) return 0;
    if (leadseq_sheet_number(sheet, row, column, p)) return -1;
    if (*p >= 0 && *p <= 1) return 0;
    return leadseq_fail("%s: ecg_id %d: %s: expected a number from 0 to 1, found \"%.40s\"",
                        sheet->path, ecg_id, sheet->title[column],
                        sheet->cell[row * sheet->columns + (size_t)column]);
}

static int read_row(struct report_row *r, const struct leadseq_sheet *sheet, size_t row,
                    const struct columns *c)
{
    r->patient_id = r->fold = -1;
    r->part = REPORT_ALL;
    if (read_whole(&r->ecg_id, sheet, row, c->ecg_id, 0)) return -1;
    if (c->patient_id >= 0 && read_whole(&r->patient_id, sheet, row, c->patient_id, -1)) return -1;
    if (c->fold >= 0 && read_whole(&r->fold, sheet, row, c->fold, -1)) return -1;
    if (c->split >= 0)
        r->part = report_part_of(sheet->cell[row * sheet->columns + (size_t)c->split]);
    if (read_label(&r->label, sheet, row, c->label, r->ecg_id)) return -1;
    if (read_probability(&r->probability, sheet, row, c->probability, r->ecg_id)) return -1;
    for (int k = 0; k < REPORT_CLASSES; k++) {
        if (read_label(&r->superclass[k], sheet, row, c->superclass[k], r->ecg_id)) return -1;
        if (read_probability(&r->class_probability[k], sheet, row, c->class_probability[k],
                             r->ecg_id))
            return -1;
    }
    return 0;
}

static int by_id(const void *a, const void *b)
{
    int x = ((const struct report_row *)a)->ecg_id, y = ((const struct report_row *)b)->ecg_id;
    return (x > y) - (x < y);
}

static int check_unique(const struct report_rows *rows, const char *path)
{
    for (size_t i = 1; i < rows->n; i++)
        if (rows->row[i].ecg_id == rows->row[i - 1].ecg_id)
            return leadseq_fail("%s: ecg_id %d stands there more than once; expected one row a "
                                "record",
                                path, rows->row[i].ecg_id);
    return 0;
}

int report_rows_read(struct report_rows *rows, const struct leadseq_sheet *sheet)
{
    struct columns c;
    *rows = (struct report_rows){0};
    if (find_columns(&c, sheet)) return -1;
    rows->row = leadseq_calloc(sheet->rows, sizeof *rows->row);
    if (!rows->row) return -1;
    rows->n = sheet->rows;
    rows->has_split = c.split >= 0;
    rows->has_classes = c.class_probability[0] >= 0;
    int status = 0;
    for (size_t i = 0; !status && i < rows->n; i++) status = read_row(&rows->row[i], sheet, i, &c);
    if (!status) qsort(rows->row, rows->n, sizeof *rows->row, by_id);
    if (!status) status = check_unique(rows, sheet->path);
    if (status) report_rows_clear(rows);
    return status;
}

void report_rows_clear(struct report_rows *rows)
{
    free(rows->row);
    *rows = (struct report_rows){0};
}
