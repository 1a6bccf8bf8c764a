/* SPDX-License-Identifier: MIT
 *
 * Experiments: what a training is told. Every option has a key such as "train.lr" and a value in
 * words such as "1e-3"; `leadseq help experiment` and doc/experiment.md explain them all.
 *
 * Ownership: leadseq_experiment_new() returns an experiment that is freed by
 * leadseq_experiment_free(); texts are the caller's to free().
 *
 * Threads: reentrant. One experiment may be read by several threads, and changed by one. */
#ifndef LEADSEQ_EXPERIMENT_PUBLIC_H
#define LEADSEQ_EXPERIMENT_PUBLIC_H

#include <leadseq/base.h>

LEADSEQ_BEGIN

struct leadseq_experiment;

/* Every option at its default. */
struct leadseq_experiment *leadseq_experiment_new(void) LEADSEQ_CHECKED;
/* Takes NULL. */
void leadseq_experiment_free(struct leadseq_experiment *e);
/* Fills e with the defaults and then the YAML file, which may include others; errors name
 * file:line:column. */
int leadseq_experiment_read(struct leadseq_experiment *e, const char *path) LEADSEQ_CHECKED;
/* Sets "train.lr" to "1e-3", "data.train" to "[1, 2, 3]"; an unknown key names the nearest one. A
 * refused value leaves `e` as it was. Keys may come in any order: what model.type decides (which
 * options there are, and their defaults) follows it, and what was given is kept; data.task decides
 * the default of train.loss. */
int leadseq_experiment_set(struct leadseq_experiment *e, const char *key,
                           const char *value) LEADSEQ_CHECKED;
/* The value of a key as the resolved file has it, "none" where the chosen type has no such option;
 * NULL and a message where there is no such key. */
char *leadseq_experiment_get(const struct leadseq_experiment *e, const char *key) LEADSEQ_CHECKED;
/* Whether options agree with each other (say, no fold is on both sides), and the chosen types have
 * those that were set. */
int leadseq_experiment_check(const struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* The resolved file as YAML: every value. */
int leadseq_experiment_write(const struct leadseq_experiment *e, FILE *out) LEADSEQ_CHECKED;

LEADSEQ_END

#endif
