/* SPDX-License-Identifier: MIT
 *
 * Training and runs: the loop, checkpoints, the run folder, evaluation, ranks. */
#ifndef LEADSEQ_TRAIN_H
#define LEADSEQ_TRAIN_H

#include "experiment/experiment.h"

/* --- Ranks: processes, on one machine or many, that train one model ------------------------- */

/* Joins the job that mpirun or srun began this process in, if any: leadseq_train() then trains with
 * all of them, each on its part of every batch. Log, progress and standard output of
 * all but rank 0 are silent. */
int leadseq_ranks_open(void) LEADSEQ_CHECKED;
/* The end, for all ranks. One that `failed` while the others did not says why (rank 0 has done so
 * already) and ends the job. */
void leadseq_ranks_close(bool failed);
int leadseq_rank(void);                  /* 0 … leadseq_ranks() - 1 */
int leadseq_ranks(void);                 /* 1 without a launcher */
const char *leadseq_ranks_library(void); /* "Open MPI v4.1.4", NULL: built without MPI */

/* --- Hooks: what others may look at during a training -------------------------------- */

enum leadseq_cell { /* columns of steps.tsv that hooks fill */
                    LEADSEQ_CELL_LOGIT_SD,
                    LEADSEQ_CELL_DEAD,
                    LEADSEQ_CELL_ON_LATTICE,
                    LEADSEQ_CELL_HEAD_PREDICTED,
                    LEADSEQ_CELL_HEAD_BOUND,
                    LEADSEQ_CELL_HEAD_MEASURED,
                    LEADSEQ_CELL_UPDATE_RATIO,
                    LEADSEQ_CELL_FLOW_FACTOR,
                    LEADSEQ_CELL_FLOW_FIRST,
                    LEADSEQ_CELL_GATES_SATURATED,
                    LEADSEQ_CELL_SINGULAR,
                    LEADSEQ_CELL_LINE_BEST,
                    LEADSEQ_CELL_NOISE_SCALE,
                    LEADSEQ_CELLS
};

struct leadseq_training {               /* the same in every step; valid until end() */
    const struct leadseq_experiment *e; /* resolved */
    const char *folder;                 /* the run's, NULL: nothing is written */
    struct leadseq_engine *engine;
    struct leadseq_model *model;
    struct leadseq_stack *stack;
    const struct leadseq_split *split;
    const struct leadseq_drawing *drawing;
    struct leadseq_batch_options feed; /* how images reach the model; without records */
    uint64_t total;                    /* steps of the whole training */
    int ranks;                         /* hooks are called on rank 0, and see its part of a batch */
    void *work;                        /* train's own */
};
struct leadseq_step {
    uint64_t step, epoch; /* from 1 */
    /* With train.accumulate the last part of the step; cost and gradients are of the whole. */
    const struct leadseq_batch *batch;
    int records;    /* of the whole step: batch->whole_n without parts */
    uint64_t draws; /* what dropout is keyed by in the pass over `batch` */
    /* Once computed (batch->n), followed by the records of other ranks (batch->whole_n);
     * dlogit of the mean over `records`. */
    float *logit, *dlogit;
    double cost, grad_norm; /* of the whole step; grad_norm before clipping */
    double lr, beta1;       /* of the coming update; beta1: momentum for SGD */
    struct {
        bool measured;
        double value;
    } cell[LEADSEQ_CELLS];
};
/* Called in this order; each returns 0 or -1, which ends the training. A hook may run passes of
 * the model, but must leave weights, running statistics and, before after(), gradients as they
 * were. Each may be NULL. */
struct leadseq_hooks {
    void *user;
    /* The model has its initial weights, also where a run is resumed. */
    int (*begin)(void *user, const struct leadseq_training *training);
    /* So many steps are taken already: what is known of later ones is void. */
    int (*start)(void *user, uint64_t step);
    int (*before)(void *user, struct leadseq_step *step); /* nothing is computed yet */
    int (*gradient)(
        void *user,
        struct leadseq_step *step); /* after backward and clipping; also where not finite */
    int (*after)(void *user, struct leadseq_step *step); /* the weights have moved */
    int (*save)(void *user);                             /* a checkpoint is about to be written */
    int (*end)(void *user); /* done, stopped or failed, if begin() was called */
};
/* The coming update of a slice of the parameters, (slice.count), in gradient(). */
int leadseq_training_preview(const struct leadseq_training *training,
                             const struct leadseq_step *step, size_t slice,
                             float *delta) LEADSEQ_CHECKED;

struct leadseq_train_options {
    const char *data;                  /* the stack */
    const char *out;                   /* the run folder */
    const char *overrides;             /* text of overrides.txt */
    bool resume;                       /* continue from the last checkpoint in `out` */
    int threads;                       /* where train.threads is 0; 0: one per processor */
    const struct leadseq_hooks *hooks; /* NULL: none */
};
/* Refuses a stack drawn otherwise than the experiment says; then writes into `e` what it left to
 * the stack and the machine: style, profile, size, threads. */
int leadseq_train_resolve(struct leadseq_experiment *e,
                          const struct leadseq_stack *stack) LEADSEQ_CHECKED;
/* "fnv1a:…" over the rows, the drawing and an even sample of the images: the same for the same
 * contents, wherever the file is and however it is compressed. */
int leadseq_train_checksum(struct leadseq_stack *stack, char text[32]) LEADSEQ_CHECKED;
/* Trains, and writes the run folder. 0 done, -1 failed; stopped by a signal: 0
 * with leadseq_stop_signal() set, after a checkpoint. */
int leadseq_train(const struct leadseq_experiment *e,
                  const struct leadseq_train_options *options) LEADSEQ_CHECKED;

/* Takes steps from where a run is, in memory: nothing is written but by the hooks. */
enum leadseq_rehearse_from { LEADSEQ_FROM_LAST, LEADSEQ_FROM_BEST, LEADSEQ_FROM_SEED };
struct leadseq_rehearsal {
    const char *data, *run;          /* the stack the run was trained on; the run's folder */
    enum leadseq_rehearse_from from; /* BEST has no moments: they begin at zero */
    int steps;
    double seconds; /* ends it then, six steps at least; 0: no limit */
    const struct leadseq_hooks *hooks;
};
int leadseq_rehearse(const struct leadseq_experiment *e,
                     const struct leadseq_rehearsal *how) LEADSEQ_CHECKED;
/* The learning-rate range test: one step at each rate of a geometric sweep, on the experiment's own
 * records, model, optimiser and batches, from the weights of its seed; in memory alone. */
struct leadseq_lr_options {
    const char *data;
    double least, most; /* rates */
    int steps;
};
struct leadseq_lr_point {
    double lr, cost, smooth; /* smooth: running mean of the costs so far, .98 kept per step */
};
struct leadseq_lr_curve {
    struct leadseq_lr_point *point; /* (n) fewer than asked for where it diverged */
    size_t n, records;
    bool diverged;   /* smooth above 4 times its least, or not finite: ended there */
    double steepest; /* the rate about which a line through the costs falls fastest by
                      * log(rate); NaN: nowhere by four standard errors */
    double least;    /* where smooth is least: train at a tenth of it; NaN: too few points */
};
int leadseq_lr_find(const struct leadseq_experiment *e, const struct leadseq_lr_options *o,
                    struct leadseq_lr_curve *curve) LEADSEQ_CHECKED;
void leadseq_lr_curve_clear(struct leadseq_lr_curve *curve);
/* smooth, steepest and least from the rates and costs. Lines are fitted over a fifth of the points;
 * for least the first tenth and the last five are left out. */
void leadseq_lr_suggest(struct leadseq_lr_curve *curve);
/* Pictures of the records of the first training batch, of the first two epochs, into a new folder:
 * above as the stack holds them, below as the model gets them. */
int leadseq_train_show(const struct leadseq_experiment *e, const char *data,
                       const char *folder) LEADSEQ_CHECKED;
/* What a training will cost, measured on its own batches: some steps of it are taken in memory, for
 * two seconds or six steps, and a batch is evaluated. Waiting for reads is in it, and writing
 * checkpoints, as fast as temporary files are. */
struct leadseq_forecast {
    double step_s, record_s; /* a training step; a record evaluated */
    double save_s;           /* a checkpoint */
    double seconds;          /* the whole training, its validations and its evaluation */
    int steps;               /* that were measured */
    size_t bytes;            /* at its most */
};
int leadseq_train_estimate(const struct leadseq_experiment *e, const char *data, int threads,
                           struct leadseq_forecast *estimate) LEADSEQ_CHECKED;
/* The summary below, memory part by part, and the estimate; then fails if the memory is not
 * available. */
int leadseq_train_dry_run(const struct leadseq_experiment *e, const char *data,
                          FILE *out) LEADSEQ_CHECKED;
/* Shapes, parameters, bytes (--summary) without training. */
int leadseq_train_summary(const struct leadseq_experiment *e, const char *data,
                          FILE *out) LEADSEQ_CHECKED;

/* --- A run opened for use --------------------------------------------------------------- */

struct leadseq_run;
enum leadseq_checkpoint { LEADSEQ_BEST, LEADSEQ_LAST };
/* `e` is the run's resolved experiment, parsed by the caller from
 * RUN/experiment.yaml; `threads` 0: as the run had. */
struct leadseq_run *leadseq_run_open(const char *folder, const struct leadseq_experiment *e,
                                     enum leadseq_checkpoint which, int threads) LEADSEQ_CHECKED;
void leadseq_run_close(struct leadseq_run *run);
/* The run's model, layer by layer, as this machine would compute it; no checkpoint is read. */
int leadseq_run_describe(const char *folder, const struct leadseq_experiment *e,
                         struct leadseq_model_table *table) LEADSEQ_CHECKED;
/* The run's drawing, so that a record can be drawn as in training. */
const struct leadseq_drawing *leadseq_run_drawing(const struct leadseq_run *run);
/* What the run predicts: outputs and their names. */
const struct leadseq_task *leadseq_run_task(const struct leadseq_run *run);
/* Decision threshold on the probability of an output, chosen on validation, and where it came from
 * ("valid, largest Youden index at epoch 7"); .5 and "default" where none was chosen. */
double leadseq_run_threshold(const struct leadseq_run *run, int output, const char **origin);
/* Probabilities (outputs) from the logits of a record. */
void leadseq_run_probability(const struct leadseq_run *run, const float *logits,
                             float *probability);
/* Logits (n, outputs) of n records' images (n, LEADSEQ_LEADS, height, width, channels) in standard
 * lead order. */
int leadseq_run_predict(struct leadseq_run *run, const uint8_t *images, const int *ecg_id, size_t n,
                        float *logits) LEADSEQ_CHECKED;
/* Predicts a part of a stack as the run's own split has it (part -1: all
 * labelled records) and writes RUN/predictions-<part>.tsv; returns its path's
 * metrics in RUN/metrics.json. */
int leadseq_run_evaluate(struct leadseq_run *run, const char *data, int part) LEADSEQ_CHECKED;

#endif
