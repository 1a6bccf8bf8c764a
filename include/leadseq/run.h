/* SPDX-License-Identifier: MIT
 *
 * Training, and runs: folders that a training leaves, opened to predict and to evaluate.
 *
 * Ownership: leadseq_run_open() returns a run that is freed by leadseq_run_close(); texts of a run
 * are its own, and valid until it is closed.
 *
 * Threads: one training per process at a time; it uses threads of its own (train.threads). A run
 * belongs to one thread at a time, and different runs may be used by different threads. */
#ifndef LEADSEQ_RUN_H
#define LEADSEQ_RUN_H

#include <leadseq/experiment.h>
#include <leadseq/stack.h>

LEADSEQ_BEGIN

/* --- Training --------------------------------------------------------------------------- */

struct leadseq_hooks; /* what observes a training; none for programs other than leadseq */
struct leadseq_train_options {
    const char *data;      /* the stack */
    const char *out;       /* the run folder */
    const char *overrides; /* text of overrides.txt; NULL: none */
    bool resume;           /* continue from the last checkpoint in `out` */
    int threads;           /* where train.threads is 0; 0: OMP_NUM_THREADS or processors */
    const struct leadseq_hooks *hooks; /* NULL: none */
};
/* Trains, and writes the run folder. 0 done, -1 failed; stopped by a signal: 0
 * with leadseq_stop_signal() set, after a checkpoint. */
int leadseq_train(const struct leadseq_experiment *e,
                  const struct leadseq_train_options *options) LEADSEQ_CHECKED;

/* --- Runs ------------------------------------------------------------------------------- */

struct leadseq_run;
enum leadseq_checkpoint { LEADSEQ_BEST, LEADSEQ_LAST };

/* Opens a run folder to predict with one of its checkpoints; threads 0: as many as the run was
 * trained with. */
struct leadseq_run *leadseq_run_open(const char *folder, enum leadseq_checkpoint which,
                                     int threads) LEADSEQ_CHECKED;
void leadseq_run_close(struct leadseq_run *run);
/* How records are drawn for it, as they were in training; for a run on signals rate_hz and
 * preparation alone count. */
const struct leadseq_drawing *leadseq_run_drawing(const struct leadseq_run *run);
/* Outputs of its task: 1 for mi, 5 for superclass; and their names in that order. */
int leadseq_run_outputs(const struct leadseq_run *run);
const char *leadseq_run_output_name(const struct leadseq_run *run, int output);
/* Decision threshold on the probability of an output, chosen on validation, and where it came from
 * ("valid, largest Youden index at epoch 7"); .5 and "default" where none was chosen. */
double leadseq_run_threshold(const struct leadseq_run *run, int output, const char **origin);
/* Logits (n, outputs) of n records' images (n, leadseq_drawing_images(), height, width, channels)
 * in standard lead order, as leadseq_draw_record() gives them. key: (n) leadseq_record_key() of
 * each, by which leads are shuffled where the run was trained so; NULL: they are not known. */
int leadseq_run_predict(struct leadseq_run *run, const uint8_t *images, const uint64_t *key,
                        size_t n, float *logits) LEADSEQ_CHECKED;
/* Samples of each lead that a run on signals reads of a record; 0: it reads images. */
size_t leadseq_run_samples(const struct leadseq_run *run);
/* The same of a run on signals: mv (n, LEADSEQ_LEADS, leadseq_run_samples()) millivolts, NaN where
 * a sample is missing. */
int leadseq_run_predict_signals(struct leadseq_run *run, const float *mv, const uint64_t *key,
                                size_t n, float *logits) LEADSEQ_CHECKED;
/* Draws or samples a record as in training and predicts it: logits (outputs). Refuses a record of
 * which every lead is missing or flat. */
int leadseq_run_predict_record(struct leadseq_run *run, const struct leadseq_record *record,
                               float *logits) LEADSEQ_CHECKED;
/* Probabilities (outputs) from the logits of a record. */
void leadseq_run_probability(const struct leadseq_run *run, const float *logits,
                             float *probability);

/* Predicts a part of a stack as the run's own split has it; writes RUN/predictions-PART.tsv, and
 * the scores into RUN/metrics.json. Refuses a stack with other contents than the run's own. */
int leadseq_run_evaluate(struct leadseq_run *run, const char *data, int part) LEADSEQ_CHECKED;

LEADSEQ_END

#endif
