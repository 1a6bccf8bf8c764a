/* SPDX-License-Identifier: MIT
 *
 * A run's folder to its experiment, or to a run open for predicting. */
#include "run.h"

#include <stdlib.h>

const char *const cli_checkpoint_names[] = {[LEADSEQ_BEST] = "best", [LEADSEQ_LAST] = "last", NULL};

int cli_run_experiment(const char *folder, struct leadseq_experiment *e)
{
    char *path = leadseq_path_join(folder, "experiment.yaml");
    int status = path ? 0 : -1;
    if (path && !leadseq_path_exists(path))
        status = leadseq_fail("%s: expected a run's folder with experiment.yaml in it", folder);
    if (!status) status = leadseq_experiment_read(e, path);
    free(path);
    return status;
}

struct leadseq_run *cli_run_open(const char *folder, enum leadseq_checkpoint which,
                                 struct leadseq_experiment *e)
{
    return cli_run_open_in(folder, which, NULL, e);
}

struct leadseq_run *cli_run_open_in(const char *folder, enum leadseq_checkpoint which,
                                    const char *precision, struct leadseq_experiment *e)
{
    if (cli_run_experiment(folder, e)) return NULL;
    if (precision && leadseq_experiment_set(e, "train.precision", precision)) return NULL;
    return leadseq_run_open(folder, e, which, 0);
}
