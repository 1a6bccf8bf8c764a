/* SPDX-License-Identifier: MIT
 *
 * The predictions of one part of a table as columns: labels, patients and
 * classes of all its records, or of none. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

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
    if (known < set->n)
        return leadseq_fail("%s: ecg_id %d has no label, others have; expected one of every record",
                            path, row[unknown].ecg_id);
    set->label = leadseq_calloc(set->n, sizeof *set->label);
    if (!set->label) return -1;
    for (size_t i = 0; i < set->n; i++) set->label[i] = (uint8_t)row[i].label;
    return 0;
}

/* A member of all records, NULL where one lacks it. */
static int fill_ids(int **ids, const struct report_row *row, size_t n, size_t member)
{
    for (size_t i = 0; i < n; i++)
        if (*(const int *)((const char *)&row[i] + member) < 0) return 0;
    *ids = leadseq_calloc(n, sizeof **ids);
    if (!*ids) return -1;
    for (size_t i = 0; i < n; i++) (*ids)[i] = *(const int *)((const char *)&row[i] + member);
    return 0;
}

static int fill_classes(struct report_set *set, const struct report_row *row, bool has_classes)
{
    bool known = true;
    for (size_t i = 0; i < set->n; i++)
        for (int k = 0; k < REPORT_CLASSES; k++) known = known && row[i].superclass[k] >= 0;
    if (known) set->superclass = leadseq_calloc(set->n * REPORT_CLASSES, sizeof *set->superclass);
    if (known && !set->superclass) return -1;
    if (has_classes)
        set->class_probability =
            leadseq_calloc(set->n * REPORT_CLASSES, sizeof *set->class_probability);
    if (has_classes && !set->class_probability) return -1;
    for (size_t i = 0; i < set->n; i++)
        for (int k = 0; k < REPORT_CLASSES; k++) {
            size_t at = i * REPORT_CLASSES + (size_t)k;
            if (known) set->superclass[at] = (uint8_t)row[i].superclass[k];
            if (has_classes) set->class_probability[at] = row[i].class_probability[k];
        }
    return 0;
}

static int fill_set(struct report_set *set, const struct report_row *row, size_t n,
                    bool has_classes, const char *path)
{
    set->n = n;
    set->ecg_id = leadseq_calloc(n, sizeof *set->ecg_id);
    set->probability = leadseq_calloc(n, sizeof *set->probability);
    if (!set->ecg_id || !set->probability) return -1;
    for (size_t i = 0; i < n; i++) {
        set->ecg_id[i] = row[i].ecg_id;
        set->probability[i] = row[i].probability;
    }
    if (fill_ids(&set->patient_id, row, n, offsetof(struct report_row, patient_id))) return -1;
    if (fill_ids(&set->fold, row, n, offsetof(struct report_row, fold))) return -1;
    return fill_labels(set, row, path) ? -1 : fill_classes(set, row, has_classes);
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
    int status = n ? fill_set(set, taken, n, rows->has_classes, path) : 0;
    free(taken);
    if (status) report_set_clear(set);
    return status;
}

void report_set_clear(struct report_set *set)
{
    free(set->ecg_id);
    free(set->patient_id);
    free(set->fold);
    free(set->label);
    free(set->probability);
    free(set->class_probability);
    free(set->superclass);
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

size_t report_set_patients(const struct report_set *set)
{
    int *sorted = set->patient_id && set->n ? leadseq_calloc(set->n, sizeof *sorted) : NULL;
    if (!sorted) return 0;
    memcpy(sorted, set->patient_id, set->n * sizeof *sorted);
    report_sort(sorted, set->n);
    size_t patients = report_count_different(sorted, set->n);
    free(sorted);
    return patients;
}

size_t report_set_find(const struct report_set *set, int ecg_id)
{
    const int *found =
        set->n ? bsearch(&ecg_id, set->ecg_id, set->n, sizeof ecg_id, ascending) : NULL;
    return found ? (size_t)(found - set->ecg_id) : set->n;
}

size_t report_count_common(const int *key, size_t n, const int *other, size_t m)
{
    if (!key || !other || !n || !m) return 0;
    int *sorted = leadseq_calloc(m, sizeof *sorted);
    if (!sorted) return 0;
    memcpy(sorted, other, m * sizeof *sorted);
    qsort(sorted, m, sizeof *sorted, ascending);
    size_t common = 0;
    for (size_t i = 0; i < n; i++)
        common += !!bsearch(&key[i], sorted, m, sizeof *sorted, ascending);
    free(sorted);
    return common;
}
