/* SPDX-License-Identifier: MIT
 *
 * Between the files that make sweeps. */
#ifndef TRAIN_SWEEP_H
#define TRAIN_SWEEP_H

#include "sweep/sweep.h"

/* Values of one key (sweep_values.c). */
struct sweep_axis {
    const struct leadseq_option *option;
    char **value; /* (n) as experiment.yaml would have them, all different */
    size_t n;
};
/* "1e-3,1e-4", "1..5", "[1, 2],[3]" of an option; each must be a value of it. */
int sweep_axis_init(struct sweep_axis *axis, const struct leadseq_option *o,
                    const char *text) LEADSEQ_CHECKED;
void sweep_axis_clear(struct sweep_axis *axis);

/* A plan that was read against one that is asked for: what differs, in words (sweep_compare.c). */
int sweep_compare(const struct leadseq_sweep *planned,
                  const struct leadseq_sweep *asked) LEADSEQ_CHECKED;

#endif
