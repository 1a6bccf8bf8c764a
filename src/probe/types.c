/* SPDX-License-Identifier: MIT
 *
 * The one table of probes, in the order of the groups of diagnostics.h5. A new
 * type is one row here. */
#include "type.h"

/* clang-format off */
#define PROBES(ROW) \
    ROW(output)     \
    ROW(head)       \
    ROW(flow)       \
    ROW(parameters) \
    ROW(gates)      \
    ROW(recurrence) \
    ROW(step)       \
    ROW(input)      \
    ROW(order)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_probe_type probe_##name;
#define LIST(name)    &probe_##name,
PROBES(DECLARE)
const struct leadseq_probe_type *const probe_types[] = {PROBES(LIST)};
const size_t probe_n_types = LEADSEQ_COUNT(probe_types);

const struct leadseq_quantity *leadseq_quantity(size_t i)
{
    for (size_t k = 0; k < probe_n_types; k++) {
        if (i < probe_types[k]->n_quantities) return &probe_types[k]->quantity[i];
        i -= probe_types[k]->n_quantities;
    }
    return NULL;
}
