/* SPDX-License-Identifier: MIT
 *
 * Labels and patients of prediction tables from a stack: what a table lacks is
 * filled in, what it has is checked. */
#include "report_private.h"

#include <leadseq/dataset.h>

#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
    int x = ((const struct leadseq_stack_row *)a)->ecg_id;
    int y = ((const struct leadseq_stack_row *)b)->ecg_id;
    return (x > y) - (x < y);
}

static int take_label(struct report_set *set, size_t i, const struct leadseq_stack_row *row,
                      bool theirs, const char *file, const char *stack)
{
    if (!row)
        return leadseq_fail("%s: ecg_id %d is not in %s; expected every record there", file,
                            set->ecg_id[i], stack);
    if (row->mi > 1)
        return leadseq_fail("%s: ecg_id %d has no label; expected one of every record compared",
                            stack, row->ecg_id);
    if (theirs && set->label[i] != row->mi)
        return leadseq_fail("%s: ecg_id %d has label %d, but %d in %s; expected the same labels",
                            file, row->ecg_id, set->label[i], row->mi, stack);
    set->label[i] = row->mi;
    return 0;
}

static int fill_set(struct report_set *set, const struct leadseq_stack_row *rows, size_t n,
                    const char *file, const char *stack)
{
    bool theirs = set->label, patients = true;
    int *patient_id = leadseq_calloc(set->n, sizeof *patient_id);
    if (!theirs) set->label = leadseq_calloc(set->n, sizeof *set->label);
    int status = set->label && patient_id ? 0 : -1;
    for (size_t i = 0; !status && i < set->n; i++) {
        struct leadseq_stack_row key = {.ecg_id = set->ecg_id[i]};
        const struct leadseq_stack_row *row = bsearch(&key, rows, n, sizeof *rows, by_id);
        status = take_label(set, i, row, theirs, file, stack);
        if (!status) patient_id[i] = row->patient_id;
        if (!status && row->patient_id < 0) patients = false;
    }
    if (!status && patients && !set->patient_id) {
        set->patient_id = patient_id;
        patient_id = NULL;
    }
    free(patient_id);
    return status;
}

/* A copy: the stack's own order is that of its file. */
static struct leadseq_stack_row *sorted_rows(const struct leadseq_stack *stack, size_t n)
{
    struct leadseq_stack_row *rows = leadseq_calloc(n, sizeof *rows);
    if (!rows) return NULL;
    memcpy(rows, leadseq_stack_rows(stack), n * sizeof *rows);
    qsort(rows, n, sizeof *rows, by_id);
    return rows;
}

int report_labels_from_stack(struct report *r, const char *path)
{
    struct leadseq_stack *stack = leadseq_stack_open(path);
    if (!stack) return -1;
    size_t n = leadseq_stack_count(stack);
    struct leadseq_stack_row *rows = sorted_rows(stack, n);
    int status = rows ? 0 : -1;
    for (size_t i = 0; !status && i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        status = fill_set(&m->test, rows, n, m->path, path);
        if (!status && m->valid.n) status = fill_set(&m->valid, rows, n, m->path, path);
    }
    if (strstr(leadseq_stack_source(stack), "simulat")) r->simulated = true;
    free(rows);
    leadseq_stack_close(stack);
    return status;
}
