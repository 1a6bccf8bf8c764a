/* SPDX-License-Identifier: MIT
 *
 * Stages of the network in their process: evaluation, a training step as
 * `leadseq train` makes it, the same on batches from the stack, and the machine's
 * ceiling. */
#include "bench_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Batches of an epoch: enough that none ends while it is measured. */
enum { EPOCH = 4096 };

struct network {
    struct train_session s;
    struct leadseq_batches *batches;
    size_t *position; /* (EPOCH · batch): the stack's records again and again */
    const struct leadseq_batch *batch;
    size_t taken;   /* batches of this epoch */
    uint64_t epoch; /* epochs begun */
    struct leadseq_optimizer optimizer;
    uint64_t step;
};

static void network_close(void *state)
{
    struct network *w = state;
    if (!w) return;
    leadseq_batches_close(w->batches);
    leadseq_optimizer_clear(&w->optimizer);
    train_session_close(&w->s);
    free(w->position);
    free(w);
}

static int next_batch(struct network *w)
{
    int more = leadseq_batches_next(w->batches, &w->batch);
    w->taken++;
    if (more > 0) return 0;
    return more < 0 ? -1 : leadseq_fail("the epoch ended early");
}

static int start_epoch(struct network *w)
{
    w->taken = 0;
    return leadseq_batches_start(w->batches, w->epoch++, 0) || next_batch(w) ? -1 : 0;
}

static int open_batches(struct network *w)
{
    struct leadseq_batch_options o = train_batch_options(&w->s.e, &w->s.net, &w->s.input);
    size_t records = leadseq_stack_count(w->s.stack);
    o.n = EPOCH * (size_t)o.batch;
    o.augment_type = leadseq_augment_at(w->s.e.data.augment);
    o.augment = w->s.e.data.of_augment;
    o.signals.windows = LEADSEQ_WINDOWS_RANDOM;
    w->position = leadseq_calloc(o.n, sizeof *w->position);
    if (!w->position) return -1;
    for (size_t i = 0; i < o.n; i++) w->position[i] = i % records;
    o.position = w->position;
    w->batches = leadseq_batches_open(w->s.stack, &o);
    return w->batches ? start_epoch(w) : -1;
}

/* Shape and arithmetic for the one who asks. */
static void tell(const struct network *w, FILE *reply)
{
    struct leadseq_work work = leadseq_model_work(w->s.net.model);
    const struct leadseq_model_spec *spec = leadseq_model_spec(w->s.net.model);
    double n = w->s.net.batch;
    fprintf(reply, "%.17g %.17g %.17g %d %d %d %d %zu %s", n * work.forward, n * work.data,
            n * work.weights, spec->leads, spec->channels, spec->height, spec->width,
            leadseq_params_values(leadseq_model_params(w->s.net.model)),
            leadseq_engine_describe(w->s.net.engine));
}

static int network_open(const struct bench_job *job, void **state, enum leadseq_mode mode,
                        FILE *reply)
{
    struct network *w = *state = leadseq_calloc(1, sizeof *w);
    if (!w) return -1;
    w->s.e = *job->e;
    if (train_session_data(&w->s, job->stack) ||
        train_network_open(&w->s.net, &w->s.e, &w->s.input, w->s.e.train.threads) ||
        leadseq_model_prepare(w->s.net.model, mode) || open_batches(w))
        return -1;
    tell(w, reply);
    return 0;
}

/* --- Evaluation ---------------------------------------------------------------------------- */

static int evaluation_open(const void *job, void **state, FILE *reply)
{
    return network_open(job, state, LEADSEQ_EVALUATE, reply);
}

static int evaluation_run(void *state, int times, FILE *reply)
{
    struct network *w = state;
    double begun = leadseq_seconds();
    for (int i = 0; i < times; i++)
        if (leadseq_model_forward(w->s.net.model, LEADSEQ_EVALUATE, 0, w->batch->n,
                                  w->batch->images, w->s.net.logit))
            return -1;
    fprintf(reply, "%.9g", (leadseq_seconds() - begun) / times);
    return 0;
}

const struct bench_role bench_evaluation = {"forward", evaluation_open, evaluation_run, NULL,
                                            network_close};

/* --- Training -------------------------------------------------------------------------------- */

static int training_open(const void *job, void **state, FILE *reply)
{
    if (network_open(job, state, LEADSEQ_TRAINING, reply)) return -1;
    struct network *w = *state;
    size_t count = leadseq_model_params(w->s.net.model)->count;
    struct leadseq_optim how = leadseq_experiment_optim(&w->s.e);
    return leadseq_optimizer_init(&w->optimizer, &how, count);
}

enum { WHOLE, FORWARD, BACKWARD, UPDATE, PARTS };

/* One step of `leadseq train`; adds the seconds of its parts. */
static int take_step(struct network *w, double seconds[PARTS])
{
    struct train_network *net = &w->s.net;
    struct leadseq_params *params = leadseq_model_params(net->model);
    const struct leadseq_experiment *e = &w->s.e;
    double begun = leadseq_seconds();
    memset(params->gradient, 0, params->count * sizeof *params->gradient);
    if (leadseq_model_forward(net->model, LEADSEQ_TRAINING, w->step, w->batch->n, w->batch->images,
                              net->logit))
        return -1;
    const struct leadseq_loss loss = leadseq_experiment_loss(e);
    float cost =
        leadseq_loss_mean(&loss, net->logit, w->batch->target, w->batch->n, NULL, net->dlogit);
    double forward = leadseq_seconds();
    if (leadseq_model_backward(net->model, net->dlogit)) return -1;
    size_t zeros; // counted because training counts them
    double norm = leadseq_gradient_norm(params, &zeros), backward = leadseq_seconds();
    if (!isfinite(cost) || !isfinite(norm))
        return leadseq_fail("step %llu: cost %g, gradient norm %g: expected finite numbers",
                            (unsigned long long)w->step, (double)cost, norm);
    if (e->train.clip_norm > 0) leadseq_gradient_clip(params, norm, e->train.clip_norm);
    leadseq_optimizer_step(&w->optimizer, params, e->train.lr, leadseq_momentum(&w->optimizer.how));
    double end = leadseq_seconds();
    seconds[WHOLE] += end - begun;
    seconds[FORWARD] += forward - begun;
    seconds[BACKWARD] += backward - forward;
    seconds[UPDATE] += end - backward;
    w->step++;
    return 0;
}

/* The same batch again: nothing is read meanwhile. */
static int training_run(void *state, int times, FILE *reply)
{
    double seconds[PARTS] = {0};
    for (int i = 0; i < times; i++)
        if (take_step(state, seconds)) return -1;
    for (int i = 0; i < PARTS; i++) fprintf(reply, "%.9g ", seconds[i] / times);
    return 0;
}

/* One step before those that are counted: its batch was read during the pause before this request,
 * so that its waiting time would be too short. */
static int training_loop(void *state, int times, FILE *reply)
{
    struct network *w = state;
    double begun = 0, waited = 0, seconds[PARTS] = {0};
    if (w->taken + (size_t)times + 1 > EPOCH && start_epoch(w)) return -1;
    for (int i = -1; i < times; i++) {
        if (i == 0) begun = leadseq_seconds(), waited = leadseq_batches_waited(w->batches);
        if (next_batch(w) || take_step(w, seconds)) return -1;
    }
    fprintf(reply, "%.9g %.9g", (leadseq_seconds() - begun) / times,
            (leadseq_batches_waited(w->batches) - waited) / times);
    return 0;
}

const struct bench_role bench_training = {"step", training_open, training_run, training_loop,
                                          network_close};

/* --- The ceiling ---------------------------------------------------------------- */

struct ceiling {
    struct leadseq_engine *engine;
    struct leadseq_ceiling *convolution;
};

static void ceiling_close(void *state)
{
    struct ceiling *c = state;
    if (!c) return;
    leadseq_ceiling_free(c->convolution);
    leadseq_engine_close(c->engine);
    free(c);
}

static int ceiling_open(const void *job, void **state, FILE *reply)
{
    const struct leadseq_experiment *e = ((const struct bench_job *)job)->e;
    struct ceiling *c = *state = leadseq_calloc(1, sizeof *c);
    (void)reply;
    if (!c) return -1;
    c->engine = leadseq_engine_open(&(struct leadseq_engine_options){
        .threads = e->train.threads, .precision = e->train.precision});
    if (c->engine) c->convolution = leadseq_ceiling_new(c->engine);
    return c->convolution ? 0 : -1;
}

static int ceiling_run(void *state, int times, FILE *reply)
{
    double best = 0;
    for (int i = 0; i < times; i++) {
        double flop_per_s = leadseq_ceiling_run(((struct ceiling *)state)->convolution);
        if (flop_per_s < 0) return -1;
        best = fmax(best, flop_per_s);
    }
    fprintf(reply, "%.9g", best);
    return 0;
}

const struct bench_role bench_ceiling = {"ceiling", ceiling_open, ceiling_run, NULL, ceiling_close};
