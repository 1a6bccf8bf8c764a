/* SPDX-License-Identifier: MIT
 *
 * Prints the learning rates of the schedule of an experiment's options, one line per step, to be
 * compared with PyTorch's: schedule_dump EPOCH_STEPS TOTAL KEY=VALUE... */
#include "experiment/experiment.h"

#include <stdlib.h>
#include <string.h>

static int set(struct leadseq_experiment *e, char *pair)
{
    char *value = strchr(pair, '=');
    if (!value) return leadseq_fail("%s: expected KEY=VALUE", pair);
    *value++ = '\0';
    return leadseq_experiment_set(e, pair, value);
}

int main(int argc, char **argv)
{
    struct leadseq_experiment e;
    leadseq_experiment_default(&e);
    for (int i = 3; i < argc; i++)
        if (set(&e, argv[i])) {
            fprintf(stderr, "%s\n", leadseq_error());
            return 1;
        }
    if (argc < 3) return 2;
    struct leadseq_optim how = leadseq_experiment_optim(&e);
    uint64_t epoch_steps = strtoull(argv[1], NULL, 10), total = strtoull(argv[2], NULL, 10);
    for (uint64_t step = 0; step < total; step++) {
        struct leadseq_rate rate = leadseq_rate_at(
            &how, &(struct leadseq_training_place){step, epoch_steps, total, false});
        printf("%.17g %.17g\n", rate.lr, rate.momentum);
    }
    return 0;
}
