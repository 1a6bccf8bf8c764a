/* SPDX-License-Identifier: MIT
 *
 * Between run.c and the commands that use a finished run. */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "train/train.h"

/* Which weights of a run, and in which precision: rows for the table of a command whose struct
 * arguments has `enum leadseq_checkpoint checkpoint` and `const char *precision`. */
extern const char *const cli_checkpoint_names[];
#define CLI_CHECKPOINT_OPTION                                                                      \
    {                                                                                              \
        "checkpoint", "NAME", &cli_choice, FIELD(checkpoint), "best (default) or last",            \
            .choices = cli_checkpoint_names                                                        \
    }
#define CLI_PRECISION_OPTION                                                                       \
    {                                                                                              \
        "precision", "NAME", &cli_word, FIELD(precision),                                          \
            "f32, bf16 or bf16-emulated (default: as the run was trained)",                        \
            .choices = leadseq_precision_names                                                     \
    }

/* Opens a run with the experiment it was made from, computing in the precision it was trained in
 * or, unless NULL, in another: "bf16-emulated". */
struct leadseq_run *cli_run_open_in(const char *folder, enum leadseq_checkpoint which,
                                    const char *precision,
                                    struct leadseq_experiment *e) LEADSEQ_CHECKED;

#endif
