/* SPDX-License-Identifier: MIT
 *
 * One step of training: forward, loss, backward of its parts, probes, the optimiser,
 * a row.
 *
 * A step learns from train.batch records, and two things divide them:
 *
 *   train.accumulate   parts computed one after the other, each from one call of train_step();
 *                      gradients add up in the parameter block, and the last part takes the step
 *   ranks              each part is divided once more; every rank computes its own records at the
 *                      same time, and sums make all ranks hold the same gradient
 *
 * With a batch of 12, accumulate 2 and three ranks a part has 6 records (batch->whole_n) and a
 * rank computes 2 of them (batch->n, from batch->first). Every rank needs the logits of all 6: the
 * loss is a mean over the whole, and a step that is not finite must fail on all ranks alike. */
#include "step.h"

#include "ranks.h"
#include "tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTED_AT_FIRST = 10 };

static void probe_logits(struct train_step_row *row, const float *logit, int n)
{
    double sum = 0, least = logit[0], most = logit[0];
    for (int i = 0; i < n; i++) {
        float p = leadseq_sigmoid(logit[i]);
        sum += logit[i];
        least = fmin(least, logit[i]);
        most = fmax(most, logit[i]);
        row->saturated += p == 0 || p == 1;
    }
    row->probed = true;
    row->logit_mean = sum / n;
    row->logit_min = least;
    row->logit_max = most;
}

/* The norm and the zeros of the gradient, which is then clipped. If the cost is not finite, the
 * step fails and the gradient is left as it was computed, so that probes see where it broke. */
static void measure_gradient(struct train_work *t, struct train_step_row *row)
{
    struct leadseq_params *params = leadseq_model_params(t->s->net.model);
    uint64_t every = (uint64_t)t->s->e.diagnose.every;
    size_t zeros, count = 0;
    double most = isfinite(row->cost) ? t->s->e.train.clip_norm : 0;
    row->grad_norm = leadseq_gradient_limit(params, most, &zeros);
    row->counted = t->s->e.diagnose.probes != LEADSEQ_PROBES_NONE &&
                   (row->step <= COUNTED_AT_FIRST || (every && row->step % every == 0));
    for (size_t i = 0; i < params->n_slices; i++) count += params->slice[i].count;
    row->zero_gradient = count ? (double)zeros / (double)count : 0;
}

static bool all_finite(const float *value, int n)
{
    for (int i = 0; i < n; i++)
        if (!isfinite(value[i])) return false;
    return true;
}

/* Records of the step under way: fewer than a batch at the epoch's end. */
static int step_records(const struct train_work *t)
{
    size_t left = t->s->split.n[LEADSEQ_TRAIN] - (size_t)t->state.seen;
    size_t batch = (size_t)t->s->e.train.batch;
    return (int)(left < batch ? left : batch);
}

/* The logits of a part, after those of the step's earlier parts. */
static void keep_logits(struct train_work *t, const struct leadseq_batch *batch)
{
    int outputs = t->s->net.outputs, n = batch->whole_n * outputs;
    uint64_t at = (t->state.seen + (uint64_t)t->parts.records) * (uint64_t)outputs;
    for (int i = 0; i < n; i++, at++) {
        float target = batch->whole_target[i];
        t->state.logit[at] = t->s->net.logit[i];
        t->state.label[at] = target < 0 ? LEADSEQ_UNKNOWN : target > 0.5f;
    }
    t->parts.records += batch->whole_n;
}

/* Where this rank's logits are among the batch's. */
static int place_of(const struct train_work *t, const struct leadseq_batch *batch)
{
    return (batch->counted ? batch->first : t->s->net.whole) * t->s->net.outputs;
}

/* Logits of the whole part: each rank computes its own, and all get all. Collective: ranks wait
 * for each other here, and again in batch norm inside the pass. `draws` keys dropout, together
 * with a record's place in the whole part, so that what is dropped does not depend on the number
 * of ranks. */
static int forward(struct train_work *t, const struct leadseq_batch *batch, uint64_t draws)
{
    struct train_network *net = &t->s->net;
    leadseq_model_set_part(net->model, batch->first, batch->counted);
    if (leadseq_model_forward(net->model, LEADSEQ_TRAINING, draws, batch->n, batch->images,
                              net->logit + place_of(t, batch)))
        return -1;
    train_ranks_collect(net->logit, (size_t)batch->whole_n, net->outputs);
    return 0;
}

/* Backward pass of a rank that has no record of this batch. Batch norm sums over all ranks, so the
 * others would wait for it forever; its gradient stays what it was. */
static int backward_idle(struct train_work *t)
{
    struct leadseq_params *params = leadseq_model_params(t->s->net.model);
    float *kept = leadseq_calloc(params->count, sizeof *kept);
    if (!kept) return -1;
    memcpy(kept, params->gradient, params->count * sizeof *kept);
    int status = leadseq_model_backward(t->s->net.model,
                                        t->s->net.dlogit + t->s->net.whole * t->s->net.outputs);
    memcpy(params->gradient, kept, params->count * sizeof *kept);
    free(kept);
    return status;
}

/* A part's share of the mean over the step's records: a part of n of them has n/records of it, so
 * the parts' sum is the gradient of the whole mean. Where a mean divides by the weights of the
 * records' classes, those of later parts are not known yet: it is the mean over the records so far,
 * and what the parts before gave is scaled to that. A step in a single part is not scaled at all,
 * which keeps its bits. */
static double take_share(struct train_work *t, const struct leadseq_loss *loss,
                         const struct leadseq_batch *batch, int records)
{
    struct leadseq_params *params = leadseq_model_params(t->s->net.model);
    const int n = batch->whole_n;
    if (n == records) return 1;
    if (!loss->type->exclusive) return (double)n / records;
    const double before = t->parts.weight;
    t->parts.weight += leadseq_loss_weight(loss, batch->whole_target, n);
    const double kept = before / t->parts.weight;
    for (size_t i = 0; t->parts.done && i < params->count; i++) params->gradient[i] *= (float)kept;
    t->parts.cost *= kept;
    return 1 - kept;
}

/* Forward, loss, backward of a part, which adds its share of the mean's gradient. */
static int differentiate(struct train_work *t, const struct leadseq_batch *batch, int records,
                         uint64_t draws)
{
    struct train_network *net = &t->s->net;
    struct leadseq_params *params = leadseq_model_params(net->model);
    const int n = batch->whole_n;
    if (t->parts.done == 0) memset(params->gradient, 0, params->count * sizeof *params->gradient);
    if (forward(t, batch, draws)) return -1;
    const struct leadseq_loss loss = leadseq_experiment_loss(&t->s->e);
    const double cost =
        leadseq_loss_mean(&loss, net->logit, batch->whole_target, n, NULL, net->dlogit);
    const double share = take_share(t, &loss, batch, records);
    for (int i = 0; n < records && i < n * net->outputs; i++) net->dlogit[i] *= (float)share;
    if (batch->counted ? leadseq_model_backward(net->model, net->dlogit + place_of(t, batch))
                       : backward_idle(t))
        return -1;
    keep_logits(t, batch);
    t->parts.cost += cost * share;
    t->parts.done++;
    return 0;
}

/* --- Those who look at it ------------------------------------------------------------------- */

typedef int step_hook(void *user, struct leadseq_step *step);

/* Other ranks take no part in what a hook computes: the engine's sums are its own meanwhile. */
static int call(struct train_work *t, step_hook *hook, struct leadseq_step *step)
{
    if (!hook) return 0;
    double begun = leadseq_seconds();
    leadseq_engine_set_alone(t->s->net.engine, true);
    int status = hook(t->hooks->user, step);
    leadseq_engine_set_alone(t->s->net.engine, false);
    t->hook_seconds += leadseq_seconds() - begun;
    return status;
}

/* --- The whole step ------------------------------------------------------------------------- */

/* What the whole step has given, once its last part is computed. The sum over ranks is the only
 * one of a step, over all parts at once; after it every rank sees the same gradient to the bit, so
 * all of them clip it, and move, alike. */
static void measure(struct train_work *t, struct train_step_row *row)
{
    int outputs = t->s->net.outputs, n = t->parts.records * outputs;
    const float *logit = t->state.logit + t->state.seen * (uint64_t)outputs;
    struct leadseq_params *params = leadseq_model_params(t->s->net.model);
    train_ranks_sum(params->gradient, params->count);
    leadseq_optimizer_mask(&t->optimizer, params);
    row->cost = t->parts.cost;
    if (!all_finite(logit, n)) row->cost = NAN;
    measure_gradient(t, row);
    if (t->s->e.diagnose.probes != LEADSEQ_PROBES_NONE) probe_logits(row, logit, n);
}

/* The checkpoint holds everything from before the step that failed: the weights and moments have
 * not moved, the running statistics are put back. */
static int fail_not_finite(struct train_work *t, const struct train_step_row *row)
{
    t->not_finite = true;
    train_work_restore(t);
    if (t->last && train_work_save(t)) return -1;
    return leadseq_fail("%s: step %llu: expected a finite cost and gradient, found cost %g and "
                        "gradient norm %g; the weights before it are in checkpoints/last.h5; a "
                        "lower train.lr or a train.clip_norm may help",
                        t->f->path, (unsigned long long)row->step, row->cost, row->grad_norm);
}

/* The optimiser's step along a gradient that is finite. From here on the state is that after the
 * step; t->at still says IN_STEP, but no rank is waited for until take_last() has changed it. */
static int move(struct train_work *t, struct leadseq_step *seen)
{
    leadseq_optimizer_step(&t->optimizer, leadseq_model_params(t->s->net.model), seen->lr,
                           seen->beta1);
    t->state.loss_sum += seen->cost * seen->records;
    if (t->optimizer.step == 1) t->state.loss_smooth = 0;
    t->state.loss_smooth =
        TRAIN_SMOOTHING * t->state.loss_smooth + (1 - TRAIN_SMOOTHING) * seen->cost;
    t->state.seen += (uint64_t)seen->records;
    t->state.batch++;
    t->state.step++;
    return t->hooks ? call(t, t->hooks->after, seen) : 0;
}

/* The last part, and the step; 1 where it was not finite. Time spent in hooks is not the step's. */
static int take(struct train_work *t, struct leadseq_step *seen, struct train_step_row *row)
{
    double begun = leadseq_seconds();
    t->hook_seconds = 0;
    if (t->hooks && call(t, t->hooks->before, seen)) return -1;
    if (differentiate(t, seen->batch, seen->records, seen->draws)) return -1;
    measure(t, row);
    seen->cost = t->cost = row->cost;
    seen->grad_norm = row->grad_norm;
    bool finite = isfinite(row->cost) && isfinite(row->grad_norm);
    if (t->hooks && call(t, t->hooks->gradient, seen)) return -1;
    if (finite && move(t, seen)) return -1;
    row->probe_s = t->hook_seconds;
    row->step_s = t->parts.seconds + leadseq_seconds() - begun - row->probe_s;
    return finite ? 0 : 1;
}

/* A part that is not the last. */
static int take_part(struct train_work *t, const struct leadseq_batch *batch, int records,
                     uint64_t draws)
{
    double begun = leadseq_seconds();
    int status = differentiate(t, batch, records, draws);
    t->parts.seconds += leadseq_seconds() - begun;
    return status;
}

static int take_last(struct train_work *t, const struct leadseq_batch *batch, int records,
                     uint64_t draws)
{
    uint64_t at = t->state.step < t->total ? t->state.step : t->total - 1;
    struct leadseq_training_place place = {at - t->phase.first, t->epoch_steps, t->phase.total,
                                           t->phase.separate};
    struct leadseq_rate rate = t->fixed ? *t->fixed : leadseq_rate_at(&t->optimizer.how, &place);
    struct leadseq_step seen = {
        .step = t->state.step + 1,
        .epoch = t->state.epoch + 1,
        .batch = batch,
        .records = records,
        .draws = draws,
        .logit = t->s->net.logit + batch->first * t->s->net.outputs,
        .dlogit = t->s->net.dlogit + batch->first * t->s->net.outputs,
        .lr = rate.lr,
        .beta1 = rate.momentum,
    };
    struct train_step_row row = {.step = seen.step,
                                 .epoch = seen.epoch,
                                 .waited_s = t->parts.waited_s,
                                 .lr = rate.lr,
                                 .seen = &seen};
    t->lr = rate.lr;
    int status = take(t, &seen, &row);
    t->parts = (struct train_parts){0};
    t->at = TRAIN_ELSEWHERE;
    t->stop = train_ranks_stop();
    if (status < 0) return -1;
    if (t->f->steps && train_steps_append(t->f->steps, &row)) return -1;
    return status ? fail_not_finite(t, &row) : 0;
}

/* The state from before the step: to be saved if the step is not finite, or while this rank waits
 * for one that died. */
static void begin(struct train_work *t)
{
    const struct leadseq_params *running = leadseq_model_state(t->s->net.model);
    if (running->count) memcpy(t->before, running->value, running->count * sizeof *t->before);
    t->at = TRAIN_IN_STEP;
}

int train_step(struct train_work *t, const struct leadseq_batch *batch)
{
    int records = step_records(t), parts = t->s->e.train.accumulate;
    uint64_t draws = t->state.step * (uint64_t)parts + (uint64_t)t->parts.done;
    if (!t->parts.done) begin(t);
    t->parts.waited_s += batch->waited_s;
    if (t->parts.records + batch->whole_n < records) return take_part(t, batch, records, draws);
    return take_last(t, batch, records, draws);
}
