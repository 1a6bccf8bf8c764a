/* SPDX-License-Identifier: MIT
 *
 * Whether this process was begun as one of several, told without MPI: a program
 * that is alone starts none. */
#include "ranks.h"

#include <limits.h>
#include <stdlib.h>

int train_ranks_launched(void)
{
    // Open MPI's mpirun; MPICH's and Intel's; srun with PMI-2
    static const char *const size[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"};
    int ranks;
    for (size_t i = 0; i < LEADSEQ_COUNT(size); i++) {
        const char *text = getenv(size[i]);
        if (text && leadseq_parse_int(text, 1, INT_MAX, &ranks)) return ranks;
    }
    // under srun with PMIx, the rank is in PMIX_RANK and the number of ranks in Slurm's variable
    const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
    if (!getenv("PMIX_RANK") || !tasks || !leadseq_parse_int(tasks, 1, INT_MAX, &ranks)) return 1;
    return ranks;
}
