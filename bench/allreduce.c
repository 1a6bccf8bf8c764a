/* SPDX-License-Identifier: MIT
 *
 * What a sum over ranks takes, as train makes it: MPI_Iallreduce in place, waited for by polling.
 * mpicc -O2 allreduce.c && mpirun -n 2 ./a.out FLOATS...; prints floats and the median seconds. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 51 };

static int ascending(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double sum_once(float *value, int n)
{
    int done = 0;
    MPI_Request request;
    MPI_Barrier(MPI_COMM_WORLD);
    double begun = MPI_Wtime();
    MPI_Iallreduce(MPI_IN_PLACE, value, n, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD, &request);
    while (MPI_Test(&request, &done, MPI_STATUS_IGNORE), !done) continue;
    return MPI_Wtime() - begun;
}

int main(int argc, char **argv)
{
    int rank;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    for (int i = 1; i < argc; i++) {
        double seconds[ROUNDS];
        int n = atoi(argv[i]);
        float *value = calloc((size_t)n + 1, sizeof *value);
        if (!value) MPI_Abort(MPI_COMM_WORLD, 1);
        for (int k = 0; k < ROUNDS; k++) seconds[k] = sum_once(value, n);
        qsort(seconds, ROUNDS, sizeof *seconds, ascending);
        if (rank == 0) printf("%d\t%.3g\n", n, seconds[ROUNDS / 2]);
        free(value);
    }
    return MPI_Finalize();
}
