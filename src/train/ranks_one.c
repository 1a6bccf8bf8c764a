/* SPDX-License-Identifier: MIT
 *
 * Ranks in a program that was built without MPI: a single one. */
#include "ranks.h"

int leadseq_ranks_open(void)
{
    int launched = train_ranks_launched();
    if (launched < 2) return 0;
    return leadseq_fail("this leadseq was started as one of %d ranks, but built without MPI; build "
                        "it with ./configure --with-mpi, or start it alone",
                        launched);
}

void leadseq_ranks_close(bool failed)
{
    (void)failed;
}

int leadseq_rank(void)
{
    return 0;
}

int leadseq_ranks(void)
{
    return 1;
}

const char *leadseq_ranks_library(void)
{
    return NULL;
}

int train_ranks_here(void)
{
    return 1;
}

int train_ranks_threads(void)
{
    return leadseq_threads_share(1);
}

void train_ranks_while_waiting(bool (*save)(void *user), void *user)
{
    (void)save, (void)user;
}

void train_ranks_sum(float *value, size_t n)
{
    (void)value, (void)n;
}

void train_ranks_sum_double(double *value, size_t n)
{
    (void)value, (void)n;
}

int train_ranks_most(int value)
{
    return value;
}

void train_ranks_share(void *data, size_t bytes)
{
    (void)data, (void)bytes;
}

void train_ranks_collect(float *value, size_t n, int each)
{
    (void)value, (void)n, (void)each;
}
