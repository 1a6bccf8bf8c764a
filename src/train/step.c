/* SPDX-License-Identifier: MIT
 *
 * One step of training: forward, loss, backward, probes, the optimiser, a row. */
#include "train_private.h"

#include <math.h>
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

static void measure_gradient(struct train_work *t, struct train_step_row *row)
{
    const struct leadseq_params *params = leadseq_model_params(t->s->net.model);
    uint64_t every = (uint64_t)t->s->e.diagnose.every;
    size_t zeros, count = 0;
    row->grad_norm = train_gradient_norm(params, &zeros);
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

/* Forward, loss, backward; the gradients are the model's then. */
static int differentiate(struct train_work *t, const struct leadseq_batch *batch,
                         struct train_step_row *row)
{
    struct train_network *net = &t->s->net;
    struct leadseq_params *params = leadseq_model_params(net->model);
    memset(params->gradient, 0, params->count * sizeof *params->gradient);
    if (leadseq_model_forward(net->model, LEADSEQ_TRAINING, t->state.step, batch->n, batch->images,
                              net->logit))
        return -1;
    row->cost = leadseq_loss(t->s->e.train.loss, t->s->e.train.positive_weight, net->logit,
                             batch->target, batch->n, NULL, net->dlogit);
    if (!all_finite(net->logit, batch->n)) row->cost = NAN;
    if (leadseq_model_backward(net->model, net->dlogit)) return -1;
    measure_gradient(t, row);
    if (t->s->e.diagnose.probes != LEADSEQ_PROBES_NONE) probe_logits(row, net->logit, batch->n);
    return 0;
}

/* The checkpoint keeps the weights from before the step that failed. */
static int fail_not_finite(struct train_work *t, const struct train_step_row *row)
{
    t->not_finite = true;
    if (t->last && train_work_save(t)) return -1;
    return leadseq_fail("%s: step %llu: expected a finite cost and gradient, found cost %g and "
                        "gradient norm %g; the weights before it are in checkpoints/last.h5; a "
                        "lower train.lr or a train.clip_norm may help",
                        t->f->path, (unsigned long long)row->step, row->cost, row->grad_norm);
}

static void count_batch(struct train_state *state, const struct leadseq_batch *batch,
                        const float *logit, double cost)
{
    state->loss_sum += cost * batch->n;
    for (int i = 0; i < batch->n; i++, state->seen++) {
        state->logit[state->seen] = logit[i];
        state->label[state->seen] = batch->target[i] > 0.5f;
    }
    state->batch++;
    state->step++;
}

/* The optimiser's step along a gradient that is finite. */
static int move(struct train_work *t, const struct leadseq_batch *batch, struct leadseq_step *seen)
{
    train_optimizer_step(&t->optimizer, leadseq_model_params(t->s->net.model), seen->lr,
                         seen->beta1);
    count_batch(&t->state, batch, t->s->net.logit, seen->cost);
    return train_hooks_after(t, seen);
}

static int take(struct train_work *t, const struct leadseq_batch *batch, struct leadseq_step *seen,
                struct train_step_row *row)
{
    double most = t->s->e.train.clip_norm, begun = leadseq_seconds();
    if (train_hooks_before(t, seen) || differentiate(t, batch, row)) return -1;
    seen->cost = row->cost;
    seen->grad_norm = row->grad_norm;
    bool finite = isfinite(row->cost) && isfinite(row->grad_norm);
    if (finite && most > 0)
        train_gradient_clip(leadseq_model_params(t->s->net.model), row->grad_norm, most);
    if (train_hooks_gradient(t, seen) || (finite && move(t, batch, seen))) return -1;
    row->probe_s = t->hook_seconds;
    row->step_s = leadseq_seconds() - begun - row->probe_s;
    return finite ? 0 : 1;
}

int train_step(struct train_work *t, const struct leadseq_batch *batch, double waited)
{
    uint64_t at = t->state.step < t->total ? t->state.step : t->total - 1;
    struct train_rate rate = train_schedule(&t->s->e, at, t->epoch_steps, t->total);
    struct leadseq_step seen = {
        .step = t->state.step + 1,
        .epoch = t->state.epoch + 1,
        .batch = batch,
        .logit = t->s->net.logit,
        .dlogit = t->s->net.dlogit,
        .lr = rate.lr,
        .beta1 = rate.beta1,
    };
    struct train_step_row row = {
        .step = seen.step, .epoch = seen.epoch, .waited_s = waited, .lr = rate.lr, .seen = &seen};
    t->lr = rate.lr;
    int status = take(t, batch, &seen, &row);
    if (status < 0) return -1;
    if (t->f->steps && train_steps_append(t->f->steps, &row)) return -1;
    return status ? fail_not_finite(t, &row) : 0;
}
