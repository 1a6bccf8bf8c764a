/* SPDX-License-Identifier: MIT
 *
 * The processes of a job that train one model together, and what they say to each
 * other. Every call but the first three is collective: all ranks make the same calls
 * in the same order, each from the one thread that trains. With a single rank each
 * does nothing.
 *
 * A rank whose message does not come keeps the others waiting until the job ends:
 * by leadseq_ranks_close() of the rank that failed, or by the launcher. */
#ifndef TRAIN_RANKS_H
#define TRAIN_RANKS_H

#include "train/train.h"

/* Ranks on this rank's machine, itself included. */
int train_ranks_here(void);
/* Threads of each rank where train.threads is 0, the same on all. */
int train_ranks_threads(void);
/* Called by a rank that waits, once a signal asks to stop, until it returns true: the signal may
 * be the launcher's, for a rank that died, and this the last chance to save. NULL: nothing. */
void train_ranks_while_waiting(bool (*save)(void *user), void *user);

/* Sums over ranks, in place; all get the same bits. */
void train_ranks_sum(float *value, size_t n);
void train_ranks_sum_double(double *value, size_t n);
/* The largest. */
int train_ranks_most(int value);
/* Rank 0's bytes, for all. */
void train_ranks_share(void *data, size_t bytes);
/* The parts of value (n, each), each rank having its own of the n by leadseq_part_first(), put
 * together on all. */
void train_ranks_collect(float *value, size_t n, int each);

/* 0 or -1 as rank 0 has it, on all; the others' message says no more than that. */
static inline int train_ranks_verdict(int status)
{
    int theirs = status;
    train_ranks_share(&theirs, sizeof theirs);
    if (theirs && leadseq_rank()) leadseq_fail("rank 0 failed");
    return theirs;
}

/* The signal that asked any of them to stop, 0 for none; then each knows it as its own. */
static inline int train_ranks_stop(void)
{
    int number = train_ranks_most(leadseq_stop_signal());
    if (number) leadseq_stop_request(number);
    return number;
}

/* Whether a launcher (mpirun, srun) began this process as one of several: their number, 1 where
 * it is alone; by the variables that launchers set. */
int train_ranks_launched(void);

#endif
