/* SPDX-License-Identifier: MIT
 *
 * The one table of probes, in the order of the groups of diagnostics.h5. A new
 * type is one row here. */
#include "type.h"

extern const struct leadseq_probe_type probe_output, probe_head, probe_flow, probe_parameters,
    probe_gates, probe_recurrence, probe_step, probe_input, probe_order;

const struct leadseq_probe_type *const probe_types[] = {
    &probe_output,     &probe_head, &probe_flow,  &probe_parameters, &probe_gates,
    &probe_recurrence, &probe_step, &probe_input, &probe_order,
};
const size_t probe_n_types = LEADSEQ_COUNT(probe_types);

const struct leadseq_quantity *leadseq_quantity(size_t i)
{
    for (size_t k = 0; k < probe_n_types; k++) {
        if (i < probe_types[k]->n_quantities) return &probe_types[k]->quantity[i];
        i -= probe_types[k]->n_quantities;
    }
    return NULL;
}
