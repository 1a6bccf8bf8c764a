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
enum leadseq_schedule { LEADSEQ_CONSTANT, LEADSEQ_STEPPED, LEADSEQ_COSINE, LEADSEQ_ONE_CYCLE };
enum leadseq_monitor { /* metrics of a validation; those of decisions at its own threshold */
    LEADSEQ_MONITOR_AUC,
    LEADSEQ_MONITOR_LOSS,
    LEADSEQ_MONITOR_AVERAGE_PRECISION,
    LEADSEQ_MONITOR_BRIER,
    LEADSEQ_MONITOR_SENSITIVITY,
    LEADSEQ_MONITOR_SPECIFICITY,
    LEADSEQ_MONITOR_PRECISION,
    LEADSEQ_MONITOR_F1,
    LEADSEQ_MONITOR_ACCURACY,
    LEADSEQ_MONITORS
};
extern const char *const leadseq_monitor_name[LEADSEQ_MONITORS + 1]; /* auc …, ended by NULL */
enum leadseq_sampler { LEADSEQ_SAMPLER_SHUFFLE, LEADSEQ_SAMPLER_BALANCED };
enum leadseq_augmentation { LEADSEQ_AUGMENT_NONE, LEADSEQ_AUGMENT_HEARTNET };
enum leadseq_class_weights { LEADSEQ_CLASS_WEIGHTS_NONE, LEADSEQ_CLASS_WEIGHTS_BALANCED };
enum leadseq_probe_preset { LEADSEQ_PROBES_NONE, LEADSEQ_PROBES_ECONOMY, LEADSEQ_PROBES_STANDARD, LEADSEQ_PROBES_FULL };
enum leadseq_group { /* of quantities that probes measure */
    LEADSEQ_GROUP_OUTPUT,
    LEADSEQ_GROUP_HEAD,
    LEADSEQ_GROUP_FLOW,
    LEADSEQ_GROUP_PARAMETERS,
    LEADSEQ_GROUP_GATES,
    LEADSEQ_GROUP_RECURRENCE,
    LEADSEQ_GROUP_STEP,
    LEADSEQ_GROUP_INPUT,
    LEADSEQ_GROUPS
};
extern const char *const leadseq_group_name[LEADSEQ_GROUPS + 1]; /* output …, ended by NULL */

enum { LEADSEQ_OPTIONS_MOST = 128 };

struct leadseq_experiment {
    char name[64];
    uint64_t seed;
    bool given[LEADSEQ_OPTIONS_MOST];     /* options set so far, in the table's order */
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
        enum leadseq_augmentation augment;
        struct leadseq_augment strength;  /* of augment */
    } data;
    struct leadseq_model_spec model;      /* leads, channels, height, width come from the stack */
    struct {
        enum leadseq_loss loss;
        float positive_weight;            /* resolved where class_weights says balanced */
        enum leadseq_class_weights class_weights;
        enum leadseq_sampler sampler;
        enum leadseq_optimizer optimizer;
        enum leadseq_schedule schedule;
        double lr, weight_decay, momentum, beta1, beta2, epsilon, clip_norm;
        double gamma, min_lr;
        bool cycle_momentum;
        int batch, epochs, max_steps, warmup, threads;
        int step_size;                    /* epochs */
        int accumulate;                   /* parts of a batch */
        enum leadseq_monitor monitor;     /* what the best epoch is best by */
        int patience;                     /* epochs; 0: never stops early */
        double min_delta;
        enum leadseq_precision precision;
        enum leadseq_memory memory;
    } train;
    struct {
        enum leadseq_probe_preset probes;
        uint32_t groups;                  /* bits 1 << enum leadseq_group */
        int first, every;                 /* due: the first steps, then one in so many (0: none) */
        double growth;                    /* and first·growth^k, from 1; 0: none */
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
/* The same as Markdown: a table for each section, as doc/experiment.md has them. */
int leadseq_experiment_reference(FILE *out) LEADSEQ_CHECKED;
/* The split a run of the experiment has on a stack, data.limit heeded; to be cleared. */
int leadseq_experiment_split(const struct leadseq_experiment *e, const struct leadseq_stack *stack,
                             struct leadseq_split *split) LEADSEQ_CHECKED;
/* Whether `text`, as leadseq_experiment_write() left it, is of such an experiment; an earlier
 * version's text lacks options, which have their defaults then. -1 where it cannot be read. */
int leadseq_experiment_is(const struct leadseq_experiment *e, const char *text, bool *same) LEADSEQ_CHECKED;
/* The resolved file, every value, as YAML. */
int leadseq_experiment_write(const struct leadseq_experiment *e, FILE *out) LEADSEQ_CHECKED;
/* Only what was set, so that the rest follows the defaults again; every value with a comment behind
 * it, remark[i] of option i (NULL: it is a default). */
int leadseq_experiment_write_given(const struct leadseq_experiment *e, FILE *out) LEADSEQ_CHECKED;
int leadseq_experiment_write_remarked(const struct leadseq_experiment *e, const char *const *remark,
                                      FILE *out) LEADSEQ_CHECKED;
/* Options 0 … count-1 in the table's order; find() returns count for what is none. */
size_t leadseq_option_count(void);
const char *leadseq_option_key(size_t i);
size_t leadseq_option_find(const char *key);

/* --- Ranks: processes, on one machine or many, that train one model ------------------------- */

/* Joins the job that mpirun or srun began this process in, if any: leadseq_train() then trains with
 * all of them, each on its part of every batch. Log, progress and standard output of
 * all but rank 0 are silent. */
int leadseq_ranks_open(void) LEADSEQ_CHECKED;
/* The end, for all ranks. One that `failed` while the others did not says why (rank 0 has done so
 * already) and ends the job. */
void leadseq_ranks_close(bool failed);
int leadseq_rank(void);             /* 0 … leadseq_ranks() - 1 */
int leadseq_ranks(void);            /* 1 without a launcher */
const char *leadseq_ranks_library(void); /* "Open MPI v4.1.4", NULL: built without MPI */

/* --- Hooks: what others may look at while a training goes on -------------------------------- */

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
    struct leadseq_batch_options feed;  /* how images reach the model; without records */
    uint64_t total;                     /* steps of the whole training */
    int ranks;                          /* hooks are called on rank 0, and see its part of a batch */
    void *work;                         /* train's own */
};
struct leadseq_step {
    uint64_t step, epoch;               /* from 1 */
    /* With train.accumulate the last part of the step; cost and gradients are of the whole. */
    const struct leadseq_batch *batch;
    int records;                        /* of the whole step: batch->whole_n without parts */
    uint64_t draws;                     /* what dropout is keyed by in the pass over `batch` */
    /* Once computed (batch->n), with the records of other ranks behind them (batch->whole_n); dlogit of
     * the mean over `records`. */
    float *logit, *dlogit;
    double cost, grad_norm;             /* of the whole step; grad_norm before clipping */
    double lr, beta1;                   /* of the coming update; beta1: momentum for SGD */
    struct {
        bool measured;
        double value;
    } cell[LEADSEQ_CELLS];
};
/* Called in this order; each returns 0 or -1, which ends the training. A hook may run passes of
 * the model, but must leave weights, running statistics and, before after(), gradients as they were.
 * Each may be NULL. */
struct leadseq_hooks {
    void *user;
    /* The model has its initial weights, also where a run is resumed. */
    int (*begin)(void *user, const struct leadseq_training *training);
    /* So many steps are taken already: what is known of later ones is void. */
    int (*start)(void *user, uint64_t step);
    int (*before)(void *user, struct leadseq_step *step);   /* nothing is computed yet */
    int (*gradient)(void *user, struct leadseq_step *step); /* after backward and clipping; also where not finite */
    int (*after)(void *user, struct leadseq_step *step);    /* the weights have moved */
    int (*save)(void *user);                                /* a checkpoint is about to be written */
    int (*end)(void *user);                                 /* done, stopped or failed, if begin() was called */
};
/* The coming update of a slice of the parameters, (slice.count), in gradient(). */
int leadseq_training_preview(const struct leadseq_training *training, const struct leadseq_step *step,
                             size_t slice, float *delta) LEADSEQ_CHECKED;

struct leadseq_train_options {
    const char *data;              /* the stack */
    const char *out;               /* the run folder */
    const char *overrides;         /* text of overrides.txt */
    bool resume;                   /* go on from the last checkpoint in `out` */
    int threads;                   /* where train.threads is 0; 0: one a processor */
    const struct leadseq_hooks *hooks; /* NULL: none */
};
/* Trains, and writes the run folder. 0 done, -1 failed; stopped by a signal: 0
 * with leadseq_stop_signal() set, after a checkpoint. */
int leadseq_train(const struct leadseq_experiment *e, const struct leadseq_train_options *options) LEADSEQ_CHECKED;

/* Takes steps from where a run is, in memory: nothing is written but by the hooks. */
enum leadseq_rehearse_from { LEADSEQ_FROM_LAST, LEADSEQ_FROM_BEST, LEADSEQ_FROM_SEED };
struct leadseq_rehearsal {
    const char *data, *run;        /* the stack the run was trained on; the run's folder */
    enum leadseq_rehearse_from from; /* BEST has no moments: they begin at zero */
    int steps;
    double seconds;                /* ends it then, six steps at least; 0: no limit */
    const struct leadseq_hooks *hooks;
};
int leadseq_rehearse(const struct leadseq_experiment *e, const struct leadseq_rehearsal *how) LEADSEQ_CHECKED;
/* The learning-rate range test: one step at each rate of a geometric sweep, on the experiment's own
 * records, model, optimiser and batches, from the weights of its seed; in memory alone. */
struct leadseq_lr_options {
    const char *data;
    double least, most;            /* rates */
    int steps;
};
struct leadseq_lr_point {
    double lr, cost, smooth;       /* smooth: running mean of the costs so far, .98 kept a step */
};
struct leadseq_lr_curve {
    struct leadseq_lr_point *point; /* (n) fewer than asked for where it diverged */
    size_t n, records;
    bool diverged;                 /* smooth above 4 times its least, or not finite: ended there */
    double steepest;               /* the rate about which a line through the costs falls fastest by
                                    * log(rate); NaN: nowhere by four standard errors */
    double least;                  /* where smooth is least: train at a tenth of it; NaN: too few points */
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
    double step_s, record_s;       /* a training step; a record evaluated */
    double save_s;                 /* a checkpoint */
    double seconds;                /* the whole training, its validations and its evaluation */
    int steps;                     /* that were measured */
    size_t bytes;                  /* at its most */
};
int leadseq_train_estimate(const struct leadseq_experiment *e, const char *data, int threads,
                           struct leadseq_forecast *estimate) LEADSEQ_CHECKED;
/* The summary below, memory part by part, and the estimate; fails behind it where the memory is not
 * there. */
int leadseq_train_dry_run(const struct leadseq_experiment *e, const char *data, FILE *out) LEADSEQ_CHECKED;
/* Shapes, parameters, bytes (--summary) without training. */
int leadseq_train_summary(const struct leadseq_experiment *e, const char *data, FILE *out) LEADSEQ_CHECKED;

/* --- Measuring ---------------------------------------------------------------------------- */

/* Networks and batches of a name, for `leadseq bench`. */
struct leadseq_bench_shape {
    const char *name, *help;
    const char *options;            /* "key=value key=value": what differs from the defaults */
};
extern const struct leadseq_bench_shape leadseq_bench_shapes[]; /* ends with a NULL name */
/* The shape's whole experiment; its rate is so low that weights hardly move while they are
 * measured. An unknown name fails and lists the others. */
int leadseq_bench_experiment(struct leadseq_experiment *e, const char *shape) LEADSEQ_CHECKED;

/* What is measured of an entry, seconds of a whole batch. */
enum leadseq_bench_part {
    LEADSEQ_BENCH_EVALUATION,       /* forward without keeping anything */
    LEADSEQ_BENCH_STEP,             /* a training step on a batch in memory … */
    LEADSEQ_BENCH_FORWARD, LEADSEQ_BENCH_BACKWARD, LEADSEQ_BENCH_UPDATE, /* … and its parts */
    LEADSEQ_BENCH_LOOP,             /* a step whose batch is read ahead from a compressed stack … */
    LEADSEQ_BENCH_WAIT,             /* … of it, waiting for the batch */
    LEADSEQ_BENCH_CEILING,          /* no seconds: the machine's operations a second, just after */
    LEADSEQ_BENCH_PARTS
};
struct leadseq_bench_samples {
    double *value;                  /* (n), as measured, round by round */
    size_t n;                       /* 0: not measured */
};
/* Quartiles and extremes; NaN where nothing was measured. */
struct leadseq_bench_spread {
    double least, low, median, high, most;
};
struct leadseq_bench_spread leadseq_bench_spread(const struct leadseq_bench_samples *s);
/* a/b of every round. */
struct leadseq_bench_spread leadseq_bench_ratio(const struct leadseq_bench_samples *a,
                                                const struct leadseq_bench_samples *b);
/* work/(seconds·rate) of every round; `rate` NULL: 1. */
struct leadseq_bench_spread leadseq_bench_rate(double work, const struct leadseq_bench_samples *seconds,
                                               const struct leadseq_bench_samples *rate);

struct leadseq_bench_entry {
    struct leadseq_experiment e;    /* resolved; a peer: what it was asked for */
    bool is_peer;
    char name[64], about[512];      /* "bf16, memory low"; what computed it, in what way */
    struct leadseq_bench_samples part[LEADSEQ_BENCH_PARTS];
    size_t step_peak_bytes, evaluation_peak_bytes; /* resident high-water marks of their processes */
    double flop_forward, flop_data, flop_weights;  /* useful ones of a batch */
};
struct leadseq_bench {
    struct leadseq_bench_entry *entry;
    size_t n;
    int leads, channels, height, width, threads;
    char cpu[128];
    struct leadseq_bench_samples render, read; /* seconds to draw and compress a record; to read a batch */
    struct leadseq_bench_samples ceiling[2];   /* floating-point operations a second in f32, bf16 */
};
struct leadseq_bench_options {
    const struct leadseq_experiment *variant; /* (n) of one shape: precisions, memories */
    size_t n;
    const char *peer;               /* NULL, or a command that measures another program's network */
    const char *data;               /* a stack; NULL: records are simulated and drawn */
    int records, repeat, warmup;    /* records that are simulated */
};
/* Measures all variants and the peer in turn, round after round, never two at once: each stage
 * in a process of its own, so that no stage raises another's memory. Call it before this process
 * has used an engine: threads do not survive fork(). */
int leadseq_bench(struct leadseq_bench *b, const struct leadseq_bench_options *o) LEADSEQ_CHECKED;
void leadseq_bench_clear(struct leadseq_bench *b);

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
