/* SPDX-License-Identifier: MIT
 *
 * Between the files of leadseq sweep. */
#ifndef CLI_SWEEP_H
#define CLI_SWEEP_H

#include "cli_private.h"

#include <leadseq/sweep.h>

struct sweep_options {
    int jobs;          /* at once; of Slurm: 0, as many as it will */
    int threads;       /* of each job whose experiment leaves them open; 0: an equal share */
    bool keep_going;   /* a job that fails does not stop the others */
    bool submit;       /* to Slurm; false: the scripts are written only */
    const char *slurm; /* words for sbatch; NULL: none */
};

/* All jobs that are not finished, as processes of this program (sweep_local.c); the exit status. */
int sweep_local(const struct leadseq_sweep *s, const struct sweep_options *o);
/* Scripts of a job array and of the job behind it, and their submission (sweep_slurm.c). */
int sweep_slurm(const struct leadseq_sweep *s, const struct sweep_options *o) LEADSEQ_CHECKED;
/* The results of what is finished, printed and written into the folder. */
int sweep_table(const struct leadseq_sweep *s) LEADSEQ_CHECKED;

/* Whoever holds the lock of a sweep's folder alone may start its jobs; the lock is passed on to
 * them, so that it is free when the last of them has ended (sweep_lock.c). A descriptor, or -1. */
int sweep_lock(const struct leadseq_sweep *s) LEADSEQ_CHECKED;

#endif
