/* SPDX-License-Identifier: MIT
 *
 * Training and runs: the loop, checkpoints, the run folder, evaluation, ranks. */
#ifndef LEADSEQ_TRAIN_H
#define LEADSEQ_TRAIN_H

#include <leadseq/run.h>

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
    struct leadseq_batch_options feed; /* how images reach the model; its labels; no records */
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
    /* `step` steps have been taken already. After a resume, anything recorded of later steps is
     * invalid. */
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

/* The stack must have what the experiment's windows of signals are cut from. */
int leadseq_train_check_windows(const struct leadseq_experiment *e,
                                const struct leadseq_stack *stack) LEADSEQ_CHECKED;
/* Refuses a stack drawn otherwise than the experiment says; then writes into `e` what it left to
 * the stack and the machine: style, profile, size, threads. */
int leadseq_train_resolve(struct leadseq_experiment *e,
                          const struct leadseq_stack *stack) LEADSEQ_CHECKED;
/* "fnv1a:…" over the rows, the drawing and an even sample of the images: the same for the same
 * contents, wherever the file is and however it is compressed. */
int leadseq_train_checksum(struct leadseq_stack *stack, char text[32]) LEADSEQ_CHECKED;

/* What environment.json remembers of the stack: an absolute path, what was typed ("": not known; of
 * earlier versions the path is what was typed), and the checksum ("": not known). */
struct leadseq_stack_place {
    const char *path, *given, *checksum;
};
/* Where that stack is now, in fresh memory; NULL: it is not found. It may have been moved together
 * with `folder`, which remembers it. */
char *leadseq_train_find_stack(const char *folder, const struct leadseq_stack_place *place);

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

/* leadseq_run_open() with the run's experiment, which may have been changed (train.precision). */
struct leadseq_run *leadseq_run_open_as(const char *folder, const struct leadseq_experiment *e,
                                        enum leadseq_checkpoint which, int threads) LEADSEQ_CHECKED;
/* The run's model, layer by layer, as this machine would compute it; no checkpoint is read. */
int leadseq_run_describe(const char *folder, const struct leadseq_experiment *e,
                         struct leadseq_model_table *table) LEADSEQ_CHECKED;
/* leadseq_run_evaluate() of any stack, into a folder that is no run's; NULL: the run's own. A table
 * that is there already is replaced with `force` only. */
int leadseq_run_evaluate_into(struct leadseq_run *run, const char *data, int part,
                              const char *folder, bool force) LEADSEQ_CHECKED;
/* One record of a stack that is as the run's own: logits (outputs). */
int leadseq_run_predict_row(struct leadseq_run *run, struct leadseq_stack *stack, size_t position,
                            float *logits) LEADSEQ_CHECKED;
/* A record's signals as a run on signals reads them; to be cleared. */
int leadseq_run_prepare(const struct leadseq_run *run, const struct leadseq_record *record,
                        struct leadseq_prepared *signal) LEADSEQ_CHECKED;
struct leadseq_export_format;
/* Writes the model with the weights of the checkpoint for other programs, in a format of
 * exchange/formats.c. */
int leadseq_run_export(struct leadseq_run *run, const struct leadseq_export_format *format,
                       FILE *out) LEADSEQ_CHECKED;
/* What the run predicts: outputs and their names. */
const struct leadseq_task *leadseq_run_task(const struct leadseq_run *run);
/* The experiment of a run folder, resolved. */
int leadseq_run_experiment(const char *folder, struct leadseq_experiment *e) LEADSEQ_CHECKED;

#endif
