/* SPDX-License-Identifier: MIT
 *
 * How weights move, and how far: optimisers and schedules. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include "train/train.h"

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

/* What that step would add to a slice: delta (slice.count), exact to the bit but for
 * the subtraction. Changes nothing. */
int train_optimizer_preview(const struct train_optimizer *o, const struct leadseq_params *params,
                            size_t slice, double lr, double beta1, float *delta) LEADSEQ_CHECKED;

/* ‖g‖ and how many of its values are exactly 0 (`zeros` may be NULL). Summed in
 * double over fixed pieces: the same bits for every number of threads. */
double train_gradient_norm(const struct leadseq_params *params, size_t *zeros);
/* Scales g by most/(norm + 1e-6) where that is below 1, as clip_grad_norm_ does. */
void train_gradient_clip(struct leadseq_params *params, double norm, double most);

/* --- Schedules (schedule.c) -------------------------------------------------------------- */

struct train_rate {
    double lr, beta1; /* momentum for SGD */
};
/* The rate of step 0 … total-1, with epoch_steps of them an epoch; w = train.warmup steps.
 *   constant   lr · min(1, (step + 1)/w)
 *   step       max(min_lr, lr · gamma^⌊epoch/step_size⌋) · min(1, (step + 1)/w)
 *   cosine     the same rise, then min_lr + (lr - min_lr)/2 · (1 + cos(π (step - w)/(total - w)))
 *   one-cycle  torch's OneCycleLR: cosines, div_factor 25, final_div_factor 1e4, pct_start .3,
 *              or with w its peak at step w - 1
 * as torch's StepLR and CosineAnnealingLR (T_max = total - w, stepped every step). */
struct train_rate train_schedule(const struct leadseq_experiment *e, uint64_t step,
                                 uint64_t epoch_steps, uint64_t total);

#endif
