/* SPDX-License-Identifier: MIT
 *
 * How weights move, and how far: optimisers and learning-rate schedules, each a type
 * in its own file and a row of table.c, over a model's flat block of parameters.
 *
 * An optimiser owns its moments; the parameters are the model's. Functions that take a
 * `const` optimiser may run concurrently; a step changes the moments and the parameters,
 * so nothing else may use either meanwhile. Inside a step OpenMP divides the work, and
 * the result has the same bits for every number of threads. */
#ifndef LEADSEQ_OPTIM_H
#define LEADSEQ_OPTIM_H

#include "base/option.h"
#include "nn/nn.h"

struct leadseq_optimizer_type;
struct leadseq_schedule_type;

/* Values of the options that a type brings: a struct that only the type's file knows. */
enum { LEADSEQ_OPTIM_OPTIONS_BYTES = 128 };
struct leadseq_optim_options {
    _Alignas(8) unsigned char byte[LEADSEQ_OPTIM_OPTIONS_BYTES];
};

/* What an experiment says about both. */
struct leadseq_optim {
    const struct leadseq_optimizer_type *optimizer;
    const struct leadseq_schedule_type *schedule;
    double lr, weight_decay;
    int warmup;                                /* steps */
    struct leadseq_optim_options of_optimizer, /* momentum, betas … */
        of_schedule;                           /* step_size, min_lr … */
};
/* The defaults of a type's options. */
void leadseq_optimizer_defaults(const struct leadseq_optimizer_type *type,
                                struct leadseq_optim_options *options);
void leadseq_schedule_defaults(const struct leadseq_schedule_type *type,
                               struct leadseq_optim_options *options);
/* Both types with the defaults of their options; the rest is 0. */
void leadseq_optim_init(struct leadseq_optim *how, const struct leadseq_optimizer_type *optimizer,
                        const struct leadseq_schedule_type *schedule);
/* Whether the types' options agree with the rest. */
int leadseq_optim_check(const struct leadseq_optim *how) LEADSEQ_CHECKED;

/* --- Optimisers: the definitions of torch.optim, in float32 -------------------------------- */

enum { LEADSEQ_MOMENTS_MOST = 4 };

struct leadseq_optimizer {
    struct leadseq_optim how;
    float *moment[LEADSEQ_MOMENTS_MOST]; /* (count) each; the type says how many */
    size_t count;                        /* floats of the parameter block */
    uint64_t step;                       /* steps taken since the moments were 0 */
    /* Of the parameter groups: shares of the rate, initially 1; and whether all but the last,
     * group `last`, are frozen, of which batch norms alone move then. */
    double share[LEADSEQ_PARAMETER_GROUPS_MOST];
    bool frozen;
    int last;
};

/* What one step does to one slice: (count) values each, the moments at the same place. */
struct leadseq_update {
    float *value;
    const float *gradient;
    float *moment[LEADSEQ_MOMENTS_MOST];
    size_t count;
    bool decays;     /* whether weight decay applies */
    double lr;       /* of this step */
    double momentum; /* of this step: SGD's momentum, Adam's beta1 */
    uint64_t step;   /* from 1 */
};

struct leadseq_optimizer_type {
    const char *name;  /* as in train.optimizer */
    const char *title; /* as in text: "AdamW" */
    const char *help;
    size_t bytes; /* of its options, a struct that only its file knows */
    const struct leadseq_option_group *options; /* ends with a row NULL; NULL: it has none */
    /* Optional: whether options agree with each other. The message names one and says what to do.
     */
    int (*check)(const struct leadseq_optim *how);
    /* Each moment's group in a checkpoint, NULL-terminated: their number is the state's size. */
    const char *moments[LEADSEQ_MOMENTS_MOST + 1];
    /* Whether a parameter moves by about lr in the first step, however small its gradient. */
    bool scales_gradient;
    /* The momentum the settings ask for, which one-cycle may move; `plain`: none was asked
     * for, and none is to be added. */
    double (*momentum)(const struct leadseq_optim *how, bool *plain);
    void (*step)(const struct leadseq_optim *how, const struct leadseq_update *u);
};
/* 0 … n-1 in the order of the options' documentation; NULL from n. */
const struct leadseq_optimizer_type *leadseq_optimizer_at(size_t i);
const char *leadseq_optimizer_name(size_t i);
const char *leadseq_optimizer_help(size_t i);

int leadseq_optimizer_init(struct leadseq_optimizer *o, const struct leadseq_optim *how,
                           size_t count) LEADSEQ_CHECKED;
void leadseq_optimizer_clear(struct leadseq_optimizer *o);
/* The moments are 0 again, as before the first step. */
void leadseq_optimizer_restart(struct leadseq_optimizer *o);
/* Whether a step moves that slice. */
bool leadseq_optimizer_moves(const struct leadseq_optimizer *o, const struct leadseq_slice *s);
/* Sets the gradients of what does not move to 0. */
void leadseq_optimizer_mask(const struct leadseq_optimizer *o, struct leadseq_params *params);
/* Moments of `type` for each parameter. */
size_t leadseq_optimizer_moments(const struct leadseq_optimizer_type *type);
/* One step along params->gradient. The momentum (Adam's beta1) is an argument of every step,
 * since one-cycle moves it. */
void leadseq_optimizer_step(struct leadseq_optimizer *o, struct leadseq_params *params, double lr,
                            double momentum);
/* What that step would add to a slice: delta (slice.count), exact to the bit but for the
 * subtraction. Changes nothing. */
int leadseq_optimizer_preview(const struct leadseq_optimizer *o,
                              const struct leadseq_params *params, size_t slice, double lr,
                              double momentum, float *delta) LEADSEQ_CHECKED;

/* ‖g‖ and how many of its values are exactly 0 (`zeros` may be NULL). Summed in double over
 * fixed pieces: the same bits for every number of threads. */
double leadseq_gradient_norm(const struct leadseq_params *params, size_t *zeros);
/* Scales g by most/(norm + 1e-6) where that is below 1, as clip_grad_norm_ does. */
void leadseq_gradient_clip(struct leadseq_params *params, double norm, double most);
/* The norm, and then the clipping unless the norm is not finite or `most` is 0. */
double leadseq_gradient_limit(struct leadseq_params *params, double most, size_t *zeros);

/* --- Schedules ------------------------------------------------------------------------------ */

struct leadseq_rate {
    double lr, momentum;
};
struct leadseq_training_place {        /* where in a training a rate is asked for */
    uint64_t step, epoch_steps, total; /* step 0 … total-1, epoch_steps of them per epoch */
    bool frozen;                       /* a phase of its own, in which all but the head is frozen */
};
struct leadseq_schedule_type {
    const char *name; /* as in train.schedule */
    const char *help;
    size_t bytes; /* as of optimisers */
    const struct leadseq_option_group *options;
    int (*check)(const struct leadseq_optim *how);
    /* lr and momentum at a place; `rate` comes with the learning rate and the momentum that the
     * settings ask for, `plain` as above. */
    void (*rate)(const struct leadseq_optim *how, const struct leadseq_training_place *at,
                 bool plain, struct leadseq_rate *rate);
};
const struct leadseq_schedule_type *leadseq_schedule_at(size_t i);
const char *leadseq_schedule_name(size_t i);
const char *leadseq_schedule_help(size_t i);
struct leadseq_rate leadseq_rate_at(const struct leadseq_optim *how,
                                    const struct leadseq_training_place *at);
/* The momentum without any schedule. */
double leadseq_momentum(const struct leadseq_optim *how);

/* --- Sums over many values ------------------------------------------------------------------ */

/* Values are cut into pieces of fixed length; pieces are summed on all threads at once, and their
 * sums added in their order: the same bits for every number of threads. */
enum { LEADSEQ_SUMS = 4 };
struct leadseq_sums {
    double sum[LEADSEQ_SUMS];
    double most; /* largest; NaN where one is */
};
/* Fills *s (zeroed) from values from … to-1 of what `of` describes. Called on several threads. */
typedef void leadseq_sum_piece(const void *of, size_t from, size_t to, struct leadseq_sums *s);
struct leadseq_sums leadseq_sum_pieces(leadseq_sum_piece *piece, const void *of, size_t n,
                                       size_t length);

#endif
