/* SPDX-License-Identifier: MIT
 *
 * Probes on a run that is there: its model as a checkpoint or the seed has it, a
 * few steps on its own batches in memory, every quantity in each. */
#include "probe_private.h"

int leadseq_probe_run(const char *run, const struct leadseq_experiment *e,
                      const struct leadseq_probe_options *options)
{
    const uint32_t every = (UINT32_C(1) << LEADSEQ_GROUPS) - 1;
    struct leadseq_experiment own = *e;
    own.diagnose.groups = options->groups ? options->groups & every : every;
    if (options->steps < 1)
        return leadseq_fail("probes: expected at least one step, found %d", options->steps);
    if (leadseq_path_exists(options->out))
        return leadseq_fail("%s: exists already; remove it or choose another name", options->out);
    struct leadseq_probes *p = leadseq_probes_new();
    if (!p) return -1;
    p->path = options->out;
    p->all = own.diagnose.groups;
    p->records = options->records;
    p->saliency = options->saliency;
    struct leadseq_rehearsal how = {
        .data = options->data,
        .run = run,
        .from = options->from,
        .steps = options->steps,
        .hooks = leadseq_probes_hooks(p),
    };
    int status = leadseq_rehearse(&own, &how);
    leadseq_probes_free(p);
    return status;
}
