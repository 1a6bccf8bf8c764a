/* SPDX-License-Identifier: MIT
 *
 * A run's folder to a run open for predicting. */
#include "cli_private.h"

#include <stdlib.h>

struct leadseq_run *cli_run_open(const char *folder, enum leadseq_checkpoint which,
                                 struct leadseq_experiment *e)
{
    return cli_run_open_in(folder, which, NULL, e);
}

struct leadseq_run *cli_run_open_in(const char *folder, enum leadseq_checkpoint which,
                                    const char *precision, struct leadseq_experiment *e)
{
    char *path = leadseq_path_join(folder, "experiment.yaml");
    if (!path) return NULL;
    struct leadseq_run *run = NULL;
    if (!leadseq_path_exists(path))
        leadseq_fail("%s: expected a run's folder with experiment.yaml in it", folder);
    else if (!leadseq_experiment_read(e, path) &&
             (!precision || !leadseq_experiment_set(e, "train.precision", precision)))
        run = leadseq_run_open(folder, e, which, 0);
    free(path);
    return run;
}
