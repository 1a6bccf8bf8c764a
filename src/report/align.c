/* SPDX-License-Identifier: MIT
 *
 * Exactly the same records, patients and labels in every input, or a refusal
 * that says which differ. */
#include "report_private.h"

#include <string.h>

enum { NAMED_MAX = 5 };

/* Ids in `a` that are not in `b`, both ascending: how many, and the first few as text. */
static size_t list_missing(char text[128], const struct report_set *a, const struct report_set *b)
{
    size_t missing = 0, j = 0;
    int used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < a->n; i++) {
        while (j < b->n && b->ecg_id[j] < a->ecg_id[i]) j++;
        if (j < b->n && b->ecg_id[j] == a->ecg_id[i]) continue;
        if (missing++ < NAMED_MAX)
            used +=
                snprintf(text + used, 128 - (size_t)used, "%s%d", used ? ", " : "", a->ecg_id[i]);
    }
    if (missing > NAMED_MAX) snprintf(text + used, 128 - (size_t)used, ", …");
    return missing;
}

static int check_records(const struct report_model *a, const struct report_model *b)
{
    char only_a[128], only_b[128], of_a[160] = "", of_b[160] = "";
    size_t na = list_missing(only_a, &a->test, &b->test);
    size_t nb = list_missing(only_b, &b->test, &a->test);
    if (!na && !nb) return 0;
    if (na) snprintf(of_a, sizeof of_a, " (ecg_id %s)", only_a);
    if (nb) snprintf(of_b, sizeof of_b, " (ecg_id %s)", only_b);
    return leadseq_fail("the inputs are on different records: %zu only in %s%s, %zu only in %s%s; "
                        "expected exactly the same records: predict the same split of the same "
                        "data with both",
                        na, a->path, of_a, nb, b->path, of_b);
}

static int check_labels(const struct report_model *a, const struct report_model *b)
{
    size_t differ = 0, first = 0;
    for (size_t i = 0; i < a->test.n; i++)
        if (a->test.label[i] != b->test.label[i] && !differ++) first = i;
    if (!differ) return 0;
    return leadseq_fail("%s and %s: labels of %zu of %zu records differ, first of ecg_id %d: %d "
                        "and %d; expected the same labels: were both made from the same data?",
                        a->path, b->path, differ, a->test.n, a->test.ecg_id[first],
                        a->test.label[first], b->test.label[first]);
}

static int check_patients(const struct report_model *a, const struct report_model *b)
{
    if (!a->test.patient_id || !b->test.patient_id) return 0;
    for (size_t i = 0; i < a->test.n; i++)
        if (a->test.patient_id[i] != b->test.patient_id[i])
            return leadseq_fail("%s and %s: ecg_id %d is of patient %d and of patient %d; expected "
                                "the same patients: were both made from the same data?",
                                a->path, b->path, a->test.ecg_id[i], a->test.patient_id[i],
                                b->test.patient_id[i]);
    return 0;
}

static int check_superclasses(const struct report_model *a, const struct report_model *b)
{
    const uint8_t *of_a = a->test.superclass, *of_b = b->test.superclass;
    for (size_t i = 0; of_a && of_b && i < a->test.n * REPORT_CLASSES; i++)
        if (of_a[i] != of_b[i])
            return leadseq_fail("%s and %s: ecg_id %d has label %d and %d for superclass %s; "
                                "expected the same labels",
                                a->path, b->path, a->test.ecg_id[i / REPORT_CLASSES], of_a[i],
                                of_b[i], leadseq_superclass_name[i % REPORT_CLASSES]);
    return 0;
}

/* The stack's row of each record compared, which labels have shown to be there. */
static int find_rows(struct report *r)
{
    if (!r->stack_row) return 0;
    r->row = leadseq_calloc(r->records, sizeof *r->row);
    if (!r->row) return -1;
    for (size_t i = 0; i < r->records; i++) r->row[i] = report_stack_find(r, r->ecg_id[i]);
    return 0;
}

static int check_classes(const struct report *r)
{
    if (r->positives && r->positives < r->records) return 0;
    return leadseq_fail("%s: all %zu records of split \"%s\" have label %d; expected both classes: "
                        "nothing can be told apart",
                        r->model[0].path, r->records, r->split, r->positives ? 1 : 0);
}

int report_align(struct report *r)
{
    const struct report_model *first = &r->model[0];
    for (size_t i = 1; i < r->n_inputs; i++)
        if (check_records(first, &r->model[i])) return -1;
    if (report_labels_fill(r)) return -1;
    for (size_t i = 1; i < r->n_inputs; i++)
        if (check_labels(first, &r->model[i]) || check_patients(first, &r->model[i]) ||
            check_superclasses(first, &r->model[i]))
            return -1;
    r->records = first->test.n;
    r->ecg_id = first->test.ecg_id;
    r->label = first->test.label;
    r->patient_id = first->test.patient_id;
    r->superclass = first->test.superclass;
    r->positives = report_set_positives(&first->test);
    r->patients = report_set_patients(&first->test);
    return check_classes(r) ? -1 : find_rows(r);
}
