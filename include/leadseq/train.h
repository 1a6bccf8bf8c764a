/* SPDX-License-Identifier: MIT
 *
 * Experiments and runs: the options, the loop, checkpoints, the run folder.
 *
 * One table of options (train/options.c: name, type, default, range, help)
 * drives parsing, defaults, overrides and the resolved file; the YAML itself is
 * read in cli. */
#ifndef LEADSEQ_TRAIN_H
#define LEADSEQ_TRAIN_H

#include <leadseq/dataset.h>
#include <leadseq/model.h>

enum leadseq_optimizer { LEADSEQ_SGD, LEADSEQ_ADAM, LEADSEQ_ADAMW };
enum leadseq_schedule { LEADSEQ_CONSTANT, LEADSEQ_ONE_CYCLE };
enum leadseq_probes { LEADSEQ_PROBES_NONE, LEADSEQ_PROBES_ECONOMY };

struct leadseq_experiment {
    char name[64];
    uint64_t seed;
    uint64_t given;                       /* options set so far, a bit each in the table's order */
    struct {
        char style[32], profile[32];      /* any: as the stack */
        int width, height;                /* 0: as the stack */
        enum leadseq_lead_order order;
        int leads[LEADSEQ_LEADS], n_leads;
        enum leadseq_select select;
        enum leadseq_split_by split;
        uint16_t folds[LEADSEQ_PARTS];
        double share[LEADSEQ_PARTS];
        int limit;                        /* training records at most; 0: all */
        bool invert, standardise;
    } data;
    struct leadseq_model_spec model;      /* leads, channels, height, width come from the stack */
    struct {
        enum leadseq_loss loss;
        float positive_weight;
        enum leadseq_optimizer optimizer;
        enum leadseq_schedule schedule;
        double lr, weight_decay, momentum, beta1, beta2, epsilon, clip_norm;
        bool cycle_momentum;
        int batch, epochs, max_steps, warmup, threads;
        enum leadseq_precision precision;
        enum leadseq_memory memory;
    } train;
    struct {
        enum leadseq_probes probes;
        int every;
    } diagnose;
};

void leadseq_experiment_default(struct leadseq_experiment *e);
/* Sets "train.lr" to "1e-3", "data.train" to "[1, 2, 3]"; an unknown key names the nearest. A
 * refused value leaves `e` as it was. "model.type" also sets what its defaults depend on
 * (hidden, head) unless given, in whatever order the keys come. */
int leadseq_experiment_set(struct leadseq_experiment *e, const char *key, const char *value) LEADSEQ_CHECKED;
/* Whether options agree with each other (say, folds on both sides). */
int leadseq_experiment_check(const struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* Every option for a person: key, type and range, default, help, printed from the table. */
int leadseq_experiment_help(FILE *out) LEADSEQ_CHECKED;
/* The resolved file, every value, as YAML. */
int leadseq_experiment_write(const struct leadseq_experiment *e, FILE *out) LEADSEQ_CHECKED;

struct leadseq_train_options {
    const char *data;              /* the stack */
    const char *out;               /* the run folder */
    const char *overrides;         /* text of overrides.txt */
    bool resume;                   /* go on from the last checkpoint in `out` */
};
/* Trains, and writes the run folder. 0 done, -1 failed; stopped by a signal: 0
 * with leadseq_stop_signal() set, after a checkpoint. */
int leadseq_train(const struct leadseq_experiment *e, const struct leadseq_train_options *options) LEADSEQ_CHECKED;
/* Shapes, parameters, bytes (--summary, --dry-run) without training. */
int leadseq_train_summary(const struct leadseq_experiment *e, const char *data, FILE *out) LEADSEQ_CHECKED;

/* --- A run opened for use --------------------------------------------------------------- */

struct leadseq_run;
enum leadseq_checkpoint { LEADSEQ_BEST, LEADSEQ_LAST };
/* `e` is the run's resolved experiment, parsed by the caller from
 * RUN/experiment.yaml; `threads` 0: as the run had. */
struct leadseq_run *leadseq_run_open(const char *folder, const struct leadseq_experiment *e,
                                     enum leadseq_checkpoint which, int threads) LEADSEQ_CHECKED;
void leadseq_run_close(struct leadseq_run *run);
/* The run's drawing, so that a record can be drawn as in training. */
const struct leadseq_drawing *leadseq_run_drawing(const struct leadseq_run *run);
/* Decision threshold on the probability, chosen on validation, and where it
 * came from ("valid, largest Youden index at epoch 7"); .5 and "default" where there was none. */
double leadseq_run_threshold(const struct leadseq_run *run, const char **origin);
/* Logits (n) of n records' images (n, LEADSEQ_LEADS, height, width, channels) in standard lead order. */
int leadseq_run_predict(struct leadseq_run *run, const uint8_t *images, const int *ecg_id, size_t n,
                        float *logits) LEADSEQ_CHECKED;
/* Predicts a part of a stack as the run's own split has it (part -1: all
 * labelled records) and writes RUN/predictions-<part>.tsv; returns its path's
 * metrics in RUN/metrics.json. */
int leadseq_run_evaluate(struct leadseq_run *run, const char *data, int part) LEADSEQ_CHECKED;

#endif
