/* SPDX-License-Identifier: MIT
 *
 * The rows of the stack given by --data: what a table lacks is filled in from
 * them, what it has is checked. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

static int by_id(const void *a, const void *b)
{
    int x = ((const struct leadseq_stack_row *)a)->ecg_id;
    int y = ((const struct leadseq_stack_row *)b)->ecg_id;
    return (x > y) - (x < y);
}

/* A copy: the stack's own order is that of its file. */
int report_stack_read(struct report *r)
{
    if (!r->options->data) return 0;
    struct leadseq_stack *stack = leadseq_stack_open(r->options->data);
    if (!stack) return -1;
    size_t n = leadseq_stack_count(stack);
    r->stack_row = leadseq_calloc(n, sizeof *r->stack_row);
    r->stack_source = leadseq_format("%s", leadseq_stack_source(stack));
    int status = r->stack_row && r->stack_source ? 0 : -1;
    if (!status) {
        memcpy(r->stack_row, leadseq_stack_rows(stack), n * sizeof *r->stack_row);
        qsort(r->stack_row, n, sizeof *r->stack_row, by_id);
        r->stack_rows = n;
        r->simulated = r->simulated || strstr(r->stack_source, "simulat");
    }
    leadseq_stack_close(stack);
    return status;
}

const struct leadseq_stack_row *report_stack_find(const struct report *r, int ecg_id)
{
    struct leadseq_stack_row key = {.ecg_id = ecg_id};
    if (!r->stack_rows || ecg_id < 0) return NULL;
    return bsearch(&key, r->stack_row, r->stack_rows, sizeof key, by_id);
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

/* Where the table has no patients, and the stack has all of them. */
static int take_patients(struct report_set *set, const struct report *r)
{
    for (size_t i = 0; i < set->n; i++)
        if (report_stack_find(r, set->ecg_id[i])->patient_id < 0) return 0;
    if (set->patient_id) return 0;
    set->patient_id = leadseq_calloc(set->n, sizeof *set->patient_id);
    if (!set->patient_id) return -1;
    for (size_t i = 0; i < set->n; i++)
        set->patient_id[i] = report_stack_find(r, set->ecg_id[i])->patient_id;
    return 0;
}

static int take_classes(struct report_set *set, const struct report *r)
{
    if (set->superclass) return 0;
    set->superclass = leadseq_calloc(set->n * REPORT_CLASSES, sizeof *set->superclass);
    if (!set->superclass) return -1;
    for (size_t i = 0; i < set->n; i++)
        memcpy(set->superclass + i * REPORT_CLASSES,
               report_stack_find(r, set->ecg_id[i])->superclass, REPORT_CLASSES);
    return 0;
}

static int fill_set(struct report_set *set, const struct report *r, const char *file)
{
    bool theirs = set->label;
    if (!set->n) return 0;
    if (!theirs) set->label = leadseq_calloc(set->n, sizeof *set->label);
    if (!set->label) return -1;
    for (size_t i = 0; i < set->n; i++)
        if (take_label(set, i, report_stack_find(r, set->ecg_id[i]), theirs, file,
                       r->options->data))
            return -1;
    return take_patients(set, r) ? -1 : take_classes(set, r);
}

/* Of a table's training records, what the stack knows of their labels. */
static void count_training(struct report_model *m, const struct report *r)
{
    for (size_t i = 0; i < m->train.n; i++) {
        const struct leadseq_stack_row *row = report_stack_find(r, m->train.ecg_id[i]);
        if (!row || row->mi > 1) continue;
        m->train_records++;
        m->train_positives += row->mi;
    }
}

static int fill_model(struct report_model *m, const struct report *r)
{
    if (fill_set(&m->test, r, m->path)) return -1;
    if (!m->is_run && fill_set(&m->valid, r, m->path)) return -1; // a run's tables have it all
    if (!m->is_run && !m->train_records) count_training(m, r);
    return 0;
}

int report_stack_fill(struct report *r)
{
    for (size_t i = 0; r->stack_row && i < r->n_inputs; i++)
        if (fill_model(&r->model[i], r)) return -1;
    return 0;
}
