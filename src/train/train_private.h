/* SPDX-License-Identifier: MIT
 *
 * Between the files of train. */
#ifndef TRAIN_PRIVATE_H
#define TRAIN_PRIVATE_H

#include "optim/optim.h"
#include "stats/stats.h"
#include "train/train.h"

/* --- What the model is fed, and the machine (input.c, environment.c, records.c) ------------ */

struct train_input { /* RUN/input.json: enough to draw and scale a record as in training */
    char style[32];
    struct leadseq_drawing drawing;
    double mean, deviation; /* of the training records' pixels; 0 and 1 where not standardised */
    char source[256];       /* of the stack's data */
    char checksum[32];      /* of the stack's contents, train_stack_checksum() */
};
/* Refuses a stack drawn otherwise than the experiment says; then writes into `e`
 * what it left to the stack and the machine: style, profile, size, threads. */
int train_resolve(struct leadseq_experiment *e, const struct leadseq_stack *stack) LEADSEQ_CHECKED;
/* A stack drawn as the run's input; else says what differs. */
int train_input_check(const struct train_input *input,
                      const struct leadseq_stack *stack) LEADSEQ_CHECKED;
/* "fnv1a:…" over the rows, the drawing and an even sample of the images: the same
 * for the same contents, wherever the file is and however it is compressed. */
int train_stack_checksum(struct leadseq_stack *stack, char text[32]) LEADSEQ_CHECKED;

struct train_environment {
    char started[32], host[128], system[256], cpu[128], engine[256], git_commit[64], command[2048];
    int threads, processors;
    const char *stack_path;
    struct {
        size_t n, positive;
    } part[LEADSEQ_PARTS];
    size_t patients_on_both_sides, records_of_those; /* as in struct leadseq_split */
};
/* The processor's name, "" where Linux does not tell. */
void train_cpu_name(char *cpu, size_t size);
void train_environment_fill(struct train_environment *env, const struct leadseq_engine *engine,
                            const struct leadseq_stack *stack);

struct train_scores {       /* of one part at one threshold */
    const char *checkpoint; /* "best" */
    uint64_t epoch, step;
    size_t n, positive;
    double loss, auc, average_precision, brier, threshold;
    const char *threshold_origin;
    enum leadseq_precision computed_in;
    struct leadseq_confusion at_threshold;
};
int train_environment_write(const struct train_environment *env, const struct train_input *input,
                            const char *path) LEADSEQ_CHECKED;
int train_input_write(const struct train_input *input, const char *path) LEADSEQ_CHECKED;
int train_input_read(struct train_input *input, const char *path) LEADSEQ_CHECKED;
/* Puts the scores under parts.NAME of a metrics.json, which may be there already. */
int train_scores_write(const struct train_scores *scores, const char *part,
                       const char *path) LEADSEQ_CHECKED;
/* The counts alone, of a part that has no scores there. */
int train_counts_write(size_t n, size_t positive, const char *part,
                       const char *path) LEADSEQ_CHECKED;

/* --- The network and its predictions (network.c, evaluate.c) -------------------------------- */

struct train_network {
    struct leadseq_engine *engine;
    struct leadseq_model *model;
    int whole;             /* records of a pass, of all ranks: train.batch / train.accumulate */
    int batch;             /* of this rank's part of it */
    float *logit, *dlogit; /* (whole), and a place for what is no record's */
};
int train_network_open(struct train_network *net, const struct leadseq_experiment *e,
                       const struct leadseq_drawing *drawing, int threads) LEADSEQ_CHECKED;
void train_network_close(struct train_network *net);
/* How images reach it; without records and shuffling. */
struct leadseq_batch_options train_batch_options(const struct leadseq_experiment *e,
                                                 const struct train_network *net,
                                                 const struct train_input *input);

/* How training is fed: with its records, order and augmentation, this rank's part of each batch. */
struct train_session;
struct leadseq_batch_options train_feed_options(const struct train_session *s);

struct train_predictions {
    size_t n;
    const size_t *position;      /* (n), the caller's */
    double *logit, *probability; /* (n) */
    uint8_t *label;              /* (n) */
    double loss;                 /* mean cost */
};
/* Predicts records of a stack in their order. Stopped by a signal: 1, with what
 * there is; 0 when done; -1. */
int train_predict(struct train_predictions *p, struct train_network *net,
                  const struct leadseq_experiment *e, const struct train_input *input,
                  struct leadseq_stack *stack, const size_t *position, size_t n,
                  const char *label) LEADSEQ_CHECKED;
void train_predictions_clear(struct train_predictions *p);
/* The probability of the largest Youden index, or its nine printed digits where
 * they are lower: the record it is taken from is positive whether probabilities
 * are compared as computed or as printed. NaN where a class is absent. */
double train_threshold(const struct train_predictions *p);

/* --- What validation says (monitor.c) -------------------------------------------------------- */

int train_monitor_score(double value[LEADSEQ_MONITORS], const struct train_predictions *p,
                        double threshold) LEADSEQ_CHECKED;
/* Whether `value` is better than `than` by more than `margin`; a number is better than NaN. */
bool train_monitor_better(enum leadseq_monitor m, double value, double than, double margin);
struct train_patience;
struct train_state;
/* Notes an epoch that improved. */
void train_patience_look(struct train_patience *p, const struct leadseq_experiment *e,
                         uint64_t epoch, const double value[LEADSEQ_MONITORS]);
/* Whether the last train.patience epochs have all been none of these. */
bool train_patience_ended(const struct train_state *state, const struct leadseq_experiment *e);

/* --- Checkpoints (checkpoint.c) --------------------------------------------------------------- */

struct train_best {     /* what the best epoch so far had */
    uint64_t epoch;     /* 1, 2, …; 0: none yet */
    double value, loss; /* value: of train.monitor */
};
struct train_patience {
    double value;   /* the monitor's, when it last improved by min_delta; NaN: never yet */
    uint64_t epoch; /* when that was */
};
struct train_state {  /* where a training is, beside weights and moments */
    uint64_t step;    /* steps taken */
    uint64_t epoch;   /* epochs finished, validation included */
    uint64_t batch;   /* steps of the present epoch */
    double loss_sum;  /* of the present epoch, over records */
    uint64_t seen;    /* records of the present epoch */
    float *logit;     /* (seen) as the records came */
    uint8_t *label;   /* (seen) */
    double threshold; /* of the last validation, NaN: none */
    uint64_t threshold_epoch;
    struct train_best best;
    struct train_patience patience;
};
/* The weights and the state; the moments and the present epoch too where `o` is
 * not NULL. The file under `path` is replaced as a whole. */
int train_checkpoint_write(const char *path, const struct train_network *net,
                           const struct leadseq_optimizer *o,
                           const struct train_state *state) LEADSEQ_CHECKED;
/* Reads it back; `o` NULL: weights, step, epoch and threshold only. state->logit
 * and label have room for `room` records. */
int train_checkpoint_read(const char *path, struct train_network *net, struct leadseq_optimizer *o,
                          struct train_state *state, size_t room) LEADSEQ_CHECKED;

/* --- The run folder (folder.c, tables.c) --------------------------------------------------------
 */

struct train_folder {
    char *path;
    FILE *log, *steps, *history;
    bool old_history; /* begun by a version whose history.tsv had fewer columns */
    bool resumed;     /* it was there before */
};
/* "RUN/name" in fresh memory. */
char *train_folder_file(const char *folder, const char *name) LEADSEQ_CHECKED;
/* Whether a training may write there, before anything dear is done. */
int train_folder_probe(const char *path, bool resume) LEADSEQ_CHECKED;
/* The resolved experiment of a run. */
int train_folder_experiment(const char *folder, struct leadseq_experiment *e) LEADSEQ_CHECKED;
/* Makes the folder, or opens the one that is there after comparing its
 * experiment with `e` key by key; locks it against a second process. */
int train_folder_open(struct train_folder *f, const struct leadseq_experiment *e,
                      const struct leadseq_train_options *options) LEADSEQ_CHECKED;
void train_folder_close(struct train_folder *f);

/* Opens a table for appending: keeps the rows whose first column is at most
 * `last`, drops later and half-written ones, writes the header into a new one. */
FILE *train_table_open(const char *path, const char *header, uint64_t last) LEADSEQ_CHECKED;
extern const char train_steps_header[], train_history_header_old[];
const char *train_history_header(void);
/* Whether the first line of a table that may be there is this. */
bool train_table_is(const char *path, const char *header);

struct train_step_row {
    uint64_t step, epoch;
    double cost, grad_norm, lr;
    bool probed, counted; /* logits looked at; gradients counted */
    double logit_mean, logit_min, logit_max;
    int saturated;        /* records whose float32 probability is exactly 0 or 1 */
    double zero_gradient; /* share of gradients that are exactly 0 */
    double waited_s, step_s, probe_s;
    const struct leadseq_step *seen; /* with the cells hooks filled */
};
int train_steps_append(FILE *steps, const struct train_step_row *row) LEADSEQ_CHECKED;
struct train_history_row {
    uint64_t epoch, step;
    double train_loss, train_auc, lr, seconds;
    bool validated, best;
    double valid[LEADSEQ_MONITORS], valid_threshold;
    bool old; /* without the columns the old header lacks */
};
int train_history_append(FILE *history, const struct train_history_row *row) LEADSEQ_CHECKED;
/* Seconds of training up to its last row, 0 where it has none. */
double train_history_seconds(FILE *history);

/* --- A training from setup to metrics (session.c, loop.c, evaluate.c, train.c) ----- */

struct train_session {
    struct leadseq_experiment e; /* resolved */
    struct leadseq_stack *stack;
    struct leadseq_split split;
    struct train_input input;
    struct train_network net;
};
/* The stack and what identifies it; s->e, as given, is resolved. */
int train_session_data(struct train_session *s, const char *data) LEADSEQ_CHECKED;
int train_session_split(struct train_session *s) LEADSEQ_CHECKED;
/* All of it; `threads` in place of train.threads: 0, where not 0. */
int train_session_open(struct train_session *s, const struct leadseq_experiment *e,
                       const char *data, int threads) LEADSEQ_CHECKED;
void train_session_close(struct train_session *s);
/* Moments of the training records into s->input, where the experiment standardises. */
int train_fit_input(struct train_session *s) LEADSEQ_CHECKED;
/* Records of a part that are positive. */
size_t train_positives(const struct train_session *s, int part);
/* Steps of an epoch, and of the whole training. */
/* What training takes at its most, all at once: both passes of the model, the optimiser's
 * moments, batches read ahead for training and validation, what probes look at. Parameters
 * are there already. */
struct train_memory {
    size_t training, evaluation, moments, batches, probes;
};
struct train_memory train_memory_need(const struct train_session *s);
/* Fails with each of them and the bytes there. */
int train_memory_check(const struct train_session *s) LEADSEQ_CHECKED;
uint64_t train_epoch_steps(const struct train_session *s);
uint64_t train_total_steps(const struct train_session *s);

/* What the parts of a step computed so far have given; all 0 between steps. */
struct train_parts {
    int done, records;
    double cost; /* their shares of the step's mean */
    double waited_s, seconds;
};

/* A training under way (loop.c; step.c and epoch.c take its steps and end its epochs). */
struct train_work {
    struct train_session *s;
    struct train_folder *f;
    struct leadseq_optimizer optimizer;
    struct train_state state;
    struct leadseq_batches *batches;
    char *last, *best; /* checkpoints' paths, NULL: nothing is written */
    uint64_t epoch_steps, total;
    double lr, cost;                   /* of the last step */
    struct train_parts parts;          /* of the step under way */
    const struct leadseq_rate *fixed;  /* in place of the schedule's, NULL: none */
    const struct leadseq_hooks *hooks; /* NULL: none */
    struct leadseq_training training;  /* what hooks see */
    bool hooks_begun, not_finite;      /* not_finite: the last step failed so */
    int stop;       /* the signal that asked any rank to stop, as agreed in a step */
    float *running; /* running statistics before the present step; several ranks */
    bool in_step;
    double hook_seconds;   /* of the present step */
    double begun, saved;   /* clock when this process began, and when it last saved */
    double seconds_before; /* up to the last epoch that earlier processes finished */
};
/* What the schedule says for a step, 0 … total-1. */
static inline struct leadseq_rate train_rate(const struct train_work *t, uint64_t step)
{
    return leadseq_rate_at(&t->optimizer.how,
                           &(struct leadseq_training_place){step, t->epoch_steps, t->total});
}
/* The batches of the present epoch, from where it is. */
int train_batches_start(struct train_work *t) LEADSEQ_CHECKED;
/* For trainings in memory: room for the present epoch, the optimiser, the batches; their next one,
 * of the next epoch where one ends; and the end. */
int train_work_feed(struct train_work *t) LEADSEQ_CHECKED;
int train_work_next(struct train_work *t, const struct leadseq_batch **batch) LEADSEQ_CHECKED;
void train_work_clear(struct train_work *t);
/* last.h5, with every row of the tables behind it on the disk. */
int train_work_save(struct train_work *t) LEADSEQ_CHECKED;
/* One part of a step, on a batch that was waited for so many seconds; the last takes the step, and
 * parts.done is 0 again. A cost or gradient that is not finite fails then, after a checkpoint of
 * the weights before it. */
int train_step(struct train_work *t, const struct leadseq_batch *batch,
               double waited) LEADSEQ_CHECKED;
/* Validates, saves, begins the next epoch; 1 where a signal stopped the validation. */
int train_epoch_end(struct train_work *t) LEADSEQ_CHECKED;
/* Several ranks (ranks_work.c): rank 0's weights, statistics and moments for all; its place in the
 * training too. */
void train_share_network(const struct train_network *net);
void train_share_work(struct train_work *t);
void train_share_place(struct train_state *state);
/* Around a step or a validation: until the end rank 0 saves where it waits in vain. */
int train_wait_init(struct train_work *t) LEADSEQ_CHECKED;
void train_wait_begin(struct train_work *t, bool in_step);
void train_wait_end(struct train_work *t);
/* Whether there is a record for every rank. */
int train_ranks_check(const struct leadseq_experiment *e) LEADSEQ_CHECKED;

/* Runs the epochs that are left; 1 where a signal stopped it after a checkpoint. */
int train_loop(struct train_session *s, struct train_folder *f,
               const struct leadseq_hooks *hooks) LEADSEQ_CHECKED;

/* Calls what hooks there are (hooks.c). */
typedef int train_hook(void *user, struct leadseq_step *step);
int train_hooks_begin(struct train_work *t) LEADSEQ_CHECKED;
int train_hooks_start(struct train_work *t) LEADSEQ_CHECKED;
int train_hooks_before(struct train_work *t, struct leadseq_step *step) LEADSEQ_CHECKED;
int train_hooks_gradient(struct train_work *t, struct leadseq_step *step) LEADSEQ_CHECKED;
int train_hooks_after(struct train_work *t, struct leadseq_step *step) LEADSEQ_CHECKED;
int train_hooks_save(struct train_work *t) LEADSEQ_CHECKED;
/* Returns `status`, or -1 where it was no failure and ending was. */
int train_hooks_end(struct train_work *t, int status);

struct train_evaluation {            /* what the network holds, and the threshold to decide at */
    const char *folder, *checkpoint; /* "best" or "last" */
    uint64_t epoch, step;
    double threshold;
    char threshold_origin[96];
};
struct train_evaluation train_evaluation_of(const char *folder, enum leadseq_checkpoint which,
                                            const struct train_state *state);
/* Predicts a part (-1: every labelled record), writes predictions-PART.tsv and
 * its scores into metrics.json; 1 where a signal stopped it. */
int train_evaluate(struct train_session *s, const struct train_evaluation *how,
                   int part) LEADSEQ_CHECKED;

#endif
