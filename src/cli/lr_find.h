/* SPDX-License-Identifier: MIT
 *
 * What `leadseq train` does in place of training. */
#ifndef CLI_LR_FIND_H
#define CLI_LR_FIND_H

#include "train/train.h"

/* The range test; prints its suggestion, and writes lr_find.tsv, lr_find.html and .md and
 * figures/lr_find.svg into the new folder `out`. */
int cli_lr_find(const struct leadseq_experiment *e, const struct leadseq_lr_options *o,
                const char *out) LEADSEQ_CHECKED;

#endif
