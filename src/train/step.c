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
    if (train_work_save(t)) return -1;
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

int train_step(struct train_work *t, const struct leadseq_batch *batch, double waited)
{
    double begun = leadseq_seconds();
    struct leadseq_params *params = leadseq_model_params(t->s->net.model);
    struct train_step_row row = {
        .step = t->state.step + 1, .epoch = t->state.epoch + 1, .waited_s = waited};
    struct train_rate rate = train_schedule(&t->s->e, t->state.step, t->total);
    if (differentiate(t, batch, &row)) return -1;
    row.lr = t->lr = rate.lr;
    row.step_s = leadseq_seconds() - begun;
    bool finite = isfinite(row.cost) && isfinite(row.grad_norm);
    if (finite) {
        if (t->s->e.train.clip_norm > 0)
            train_gradient_clip(params, row.grad_norm, t->s->e.train.clip_norm);
        train_optimizer_step(&t->optimizer, params, rate.lr, rate.beta1);
        count_batch(&t->state, batch, t->s->net.logit, row.cost);
        row.step_s = leadseq_seconds() - begun;
    }
    if (train_steps_append(t->f->steps, &row)) return -1;
    return finite ? 0 : fail_not_finite(t, &row);
}
