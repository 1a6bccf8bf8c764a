/* SPDX-License-Identifier: MIT
 *
 * The run folder, and who may write into it. */
#ifndef TRAIN_FOLDER_H
#define TRAIN_FOLDER_H

#include "train/train.h"

struct train_folder {
    char *path;
    int lock;                    /* on log.txt, -1: none */
    FILE *log, *steps, *history; /* NULL: not open */
    bool old_history;            /* begun by a version whose history.tsv had fewer columns */
    bool resumed;                /* it held a run before */
};
/* "RUN/name" in fresh memory. */
char *train_folder_file(const char *folder, const char *name) LEADSEQ_CHECKED;
/* Whether a training may write there, before anything expensive is done. Not the last word:
 * another process may begin one meanwhile, which train_folder_open() finds out. */
int train_folder_probe(const char *path, bool resume) LEADSEQ_CHECKED;
/* The resolved experiment of a run. */
int train_folder_experiment(const char *folder, struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* Makes the folder and takes its lock; then writes the experiment, or compares the one in it with
 * `e` key by key. */
int train_folder_open(struct train_folder *f, const struct leadseq_experiment *e,
                      const struct leadseq_train_options *options) LEADSEQ_CHECKED;
void train_folder_close(struct train_folder *f);

#endif
