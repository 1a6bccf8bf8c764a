/* SPDX-License-Identifier: MIT
 *
 * Labels, patients and classes of prediction tables that lack them: from the stack given,
 * else from another input on the same records. */
#include "report_private.h"

#include <string.h>

/* The records are the same already, in the same order. */
static int borrow(struct report_set *set, const struct report_set *from)
{
    if (!set->label && from->label) {
        set->label = leadseq_calloc(set->n, sizeof *set->label);
        if (!set->label) return -1;
        memcpy(set->label, from->label, set->n * sizeof *set->label);
    }
    if (!set->patient_id && from->patient_id) {
        set->patient_id = leadseq_calloc(set->n, sizeof *set->patient_id);
        if (!set->patient_id) return -1;
        memcpy(set->patient_id, from->patient_id, set->n * sizeof *set->patient_id);
    }
    if (!set->superclass && from->superclass) {
        set->superclass = leadseq_calloc(set->n * REPORT_CLASSES, sizeof *set->superclass);
        if (!set->superclass) return -1;
        memcpy(set->superclass, from->superclass, set->n * REPORT_CLASSES);
    }
    return 0;
}

int report_labels_fill(struct report *r)
{
    if (report_stack_fill(r)) return -1;
    for (size_t i = 0; i < r->n_inputs; i++)
        for (size_t k = 0; k < r->n_inputs; k++)
            if (borrow(&r->model[i].test, &r->model[k].test)) return -1;
    if (r->model[0].test.label) return 0;
    return leadseq_fail("%s: expected a column \"label\", found none in any input; take the labels "
                        "from a stack by --data FILE.h5",
                        r->model[0].path);
}
