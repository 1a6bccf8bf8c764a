/* SPDX-License-Identifier: MIT
 *
 * Between the files of train. */
#ifndef TRAIN_PRIVATE_H
#define TRAIN_PRIVATE_H

#include <leadseq/train.h>

/* --- The table of options (options.c), and how a kind of value reads and prints -------- */

struct train_option;
struct train_kind {
    const char *name; /* "number", for help */
    /* Reads `text` into the option's field; -1 where it is no such value or out
     * of range, without a message: the caller knows what was expected. */
    int (*read)(struct leadseq_experiment *e, const struct train_option *o, const char *text);
    void (*print)(const struct leadseq_experiment *e, const struct train_option *o, FILE *out);
};
extern const struct train_kind train_name, train_seed, train_integer, train_number, train_number32,
    train_bool, train_choice, train_word, train_size, train_folds, train_shares, train_pair,
    train_channels, train_leads;

struct train_option {
    const char *key; /* "train.lr" */
    const struct train_kind *kind;
    size_t offset, size;        /* of the field in struct leadseq_experiment */
    const char *standard;       /* default, as text */
    const char *standard_cnn;   /* default of `model.type: cnn` where it differs */
    double least, most;         /* of numbers */
    bool above;                 /* greater than `least`, not equal to it */
    const char *const *choices; /* of words and choices, NULL-terminated, in the enum's order */
    const char *expected;       /* in words, where range and choices do not say it */
    const char *help;
};
extern const struct train_option train_options[];
extern const size_t train_n_options;

static inline void *train_field(struct leadseq_experiment *e, const struct train_option *o)
{
    return (char *)e + o->offset;
}

static inline const void *train_value(const struct leadseq_experiment *e,
                                      const struct train_option *o)
{
    return (const char *)e + o->offset;
}

/* The whole of `text` as a finite number within the option's range. */
int train_scan_number(const struct train_option *o, const char *text, double *value);
/* The shortest digits that read back to the same double. */
void train_print_double(double value, FILE *out);
/* The option of a key, NULL where there is none. */
const struct train_option *train_option_find(const char *key);
/* The key nearest to one that is not there (edit distance), NULL where none is near. */
const char *train_option_nearest(const char *key);
/* "a number above 0 and at most 10" */
void train_option_expected(const struct train_option *o, FILE *out);
/* The value as experiment.yaml has it, in fresh memory. */
char *train_option_print(const struct leadseq_experiment *e, const struct train_option *o);

/* --- Optimisers (optimizer.c): the definitions of torch.optim, in float32 --------------- */

struct train_optimizer {
    enum leadseq_optimizer kind;
    double weight_decay, momentum, beta1, beta2, epsilon;
    float *m, *v; /* (count) moments; SGD: m the velocity, v NULL */
    size_t count;
    uint64_t step; /* steps taken */
};
int train_optimizer_init(struct train_optimizer *o, const struct leadseq_experiment *e,
                         size_t count) LEADSEQ_CHECKED;
void train_optimizer_clear(struct train_optimizer *o);
/* One step along params->gradient. beta1 (momentum for SGD) is given anew every
 * step, since one-cycle moves it. */
void train_optimizer_step(struct train_optimizer *o, struct leadseq_params *params, double lr,
                          double beta1);

/* ‖g‖ and how many of its values are exactly 0 (`zeros` may be NULL). Summed in
 * double over fixed pieces: the same bits for every number of threads. */
double train_gradient_norm(const struct leadseq_params *params, size_t *zeros);
/* Scales g by most/(norm + 1e-6) where that is below 1, as clip_grad_norm_ does. */
void train_gradient_clip(struct leadseq_params *params, double norm, double most);

/* --- Schedules (schedule.c) -------------------------------------------------------------- */

struct train_rate {
    double lr, beta1; /* momentum for SGD */
};
/* The rate of step 0 … total-1. Constant, or torch's OneCycleLR with its
 * defaults: cosines, pct_start .3, div_factor 25, final_div_factor 1e4. */
struct train_rate train_schedule(const struct leadseq_experiment *e, uint64_t step, uint64_t total);

#endif
