/* SPDX-License-Identifier: MIT
 *
 * A run's folder to its experiment, or to a run open for predicting. */
#include "run.h"

#include <stdlib.h>

const char *const cli_checkpoint_names[] = {[LEADSEQ_BEST] = "best", [LEADSEQ_LAST] = "last", NULL};

struct leadseq_run *cli_run_open_in(const char *folder, enum leadseq_checkpoint which,
                                    const char *precision, struct leadseq_experiment *e)
{
    if (leadseq_run_experiment(folder, e)) return NULL;
    if (precision && leadseq_experiment_set(e, "train.precision", precision)) return NULL;
    return leadseq_run_open_as(folder, e, which, 0);
}
