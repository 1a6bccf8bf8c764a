/* SPDX-License-Identifier: MIT
 *
 * A program that takes a few steps of an experiment's training, in memory, with hooks of its own:
 * PROGRAM EXPERIMENT STACK NUMBER [KEY=VALUE …]. */
#ifndef BENCH_REHEARSAL_H
#define BENCH_REHEARSAL_H

#include "train/rehearse.h"

/* What main() returns; a failure is printed. `third` names the number. `own` goes before the user's
 * values; NULL: none. */
static inline int rehearse(const char *program, const char *third, int argc, char **argv,
                           const char *own, int steps, const struct leadseq_hooks *hooks)
{
    struct leadseq_experiment e;
    struct train_session s;
    int status = argc < 4 ? leadseq_fail("usage: %s EXPERIMENT STACK %s …", program, third) : 0;
    leadseq_experiment_default(&e);
    if (!status) status = leadseq_experiment_read(&e, argv[1]);
    if (!status && own) status = leadseq_experiment_override(&e, own);
    for (int i = 4; i < argc && !status; i++) status = leadseq_experiment_override(&e, argv[i]);
    if (!status && !train_session_open(&s, &e, argv[2], 0)) {
        const struct leadseq_rehearsal how = {
            .data = argv[2], .from = LEADSEQ_FROM_SEED, .steps = steps, .hooks = hooks};
        status = train_fit_input(&s) || train_rehearse(&s, &how) ? -1 : 0;
        train_session_close(&s);
    } else {
        status = -1;
    }
    if (status) fprintf(stderr, "%s: %s\n", program, leadseq_error());
    return status ? 1 : 0;
}

#endif
