/* SPDX-License-Identifier: MIT
 *
 * Inputs of the same outputs whose tasks differ: one predicts which of them, and so only records of
 * which exactly one is true, another each of them, of all records. They are compared on the records
 * of which exactly one is true. */
#include "inputs.h"

#include <string.h>

static bool is_single(const struct report_set *set, size_t i)
{
    return leadseq_classes_single(set->output_label + i * set->outputs.n, set->outputs.n) >= 0;
}

static void move(struct report_set *set, size_t to, size_t from)
{
    const size_t k = set->outputs.n;
    set->ecg_id[to] = set->ecg_id[from];
    if (set->patient_id) set->patient_id[to] = set->patient_id[from];
    if (set->fold) set->fold[to] = set->fold[from];
    memmove(set->output_probability + to * k, set->output_probability + from * k,
            k * sizeof *set->output_probability);
    memmove(set->output_label + to * k, set->output_label + from * k, k);
}

/* Leaves out the records of which none or several outputs are true, or it is not known; how many.
 */
static size_t keep_single(struct report_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < set->n; i++)
        if (is_single(set, i)) move(set, n++, i);
    size_t left_out = set->n - n;
    set->n = n;
    return left_out;
}

int report_tasks_match(struct report *r)
{
    const struct report_model *choice = NULL;
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].test.outputs.multi_class) choice = &r->model[i];
    for (size_t i = 0; choice && r->several && i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        if (m->test.outputs.multi_class || !m->test.output_label) continue;
        size_t left_out = keep_single(&m->test);
        if (left_out &&
            report_note(r,
                        "%s predicts each output, %s which of them: %s of which not exactly one is "
                        "true, or it is not known, %s left out of what is compared of %s.",
                        m->name, choice->name, leadseq_count(left_out, "record"),
                        left_out == 1 ? "is" : "are", m->name))
            return -1;
        r->multi_class = true;
    }
    return 0;
}
