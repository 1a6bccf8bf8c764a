/* SPDX-License-Identifier: MIT
 *
 * How many weights of each tensor are next to nothing: a pruned, or a dying, network shows it.
 *
 * file  src/probe/sparsity.c
 * row   src/probe/types.c PROBES ROW(sparsity)
 */
#include "type.h"

static const struct leadseq_quantity quantities[] = {
    {"parameters/sparsity",
     {LEADSEQ_AXIS_TENSOR},
     "1",
     "share of theta below a thousandth of the tensor's largest |theta|, before the step"},
};

static double sparsity(const float *value, size_t n)
{
    float most = 0;
    size_t small = 0;
    for (size_t i = 0; i < n; i++) most = fmaxf(most, fabsf(value[i]));
    for (size_t i = 0; i < n; i++) small += fabsf(value[i]) < most / 1000;
    return n ? (double)small / (double)n : NAN;
}

static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    const struct probe_session *s = probe_session_of(p);
    (void)own;
    if (probe_row(p, "parameters", step->step)) return -1;
    double *share = probe_values(p, "parameters/sparsity");
    for (size_t i = 0; i < s->params->n_slices; i++) {
        const struct leadseq_slice *slice = &s->params->slice[i];
        share[i] = sparsity(s->params->value + slice->offset, slice->count);
    }
    return 0;
}

const struct leadseq_probe_type probe_sparsity = {
    .name = "sparsity",
    .group = LEADSEQ_GROUP_PARAMETERS,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&probe_passes},
    .n_works = 1,
    .gradient = gradient,
};
