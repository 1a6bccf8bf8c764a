/* SPDX-License-Identifier: MIT
 *
 * A training on several ranks: what rank 0 gives the others, and what it saves
 * while it waits for one that may be dead. Nothing here knows MPI. */
#include "ranks.h"
#include "train_private.h"

#include <stdlib.h>
#include <string.h>

static void share_block(float *value, size_t n)
{
    if (value) train_ranks_share(value, n * sizeof *value);
}

void train_share_network(const struct train_network *net)
{
    struct leadseq_params *params = leadseq_model_params(net->model),
                          *running = leadseq_model_state(net->model);
    share_block(params->value, params->count);
    share_block(running->value, running->count);
}

void train_share_place(struct train_state *state)
{
    float *logit = state->logit;
    uint8_t *label = state->label;
    train_ranks_share(state, sizeof *state);
    state->logit = logit;
    state->label = label;
}

void train_share_work(struct train_work *t)
{
    train_share_network(&t->s->net);
    for (int i = 0; i < LEADSEQ_MOMENTS_MOST; i++)
        share_block(t->optimizer.moment[i], t->optimizer.count);
    train_ranks_share(&t->optimizer.step, sizeof t->optimizer.step);
    train_share_place(&t->state);
    train_ranks_share(t->state.logit, t->state.seen * sizeof *t->state.logit);
    train_ranks_share(t->state.label, t->state.seen * sizeof *t->state.label);
}

/* --- Waiting in vain ----------------------------------------------------------------------- */

int train_wait_init(struct train_work *t)
{
    size_t count = leadseq_model_state(t->s->net.model)->count;
    if (leadseq_ranks() == 1 || leadseq_rank()) return 0;
    t->running = leadseq_calloc(count + 1, sizeof *t->running);
    return t->running ? 0 : -1;
}

static void swap(float *a, float *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float one = a[i];
        a[i] = b[i];
        b[i] = one;
    }
}

/* The weights, moments and place are those before the step; only running statistics went on. */
static void save(void *work)
{
    struct train_work *t = work;
    struct leadseq_params *running = leadseq_model_state(t->s->net.model);
    if (t->in_step) swap(running->value, t->running, running->count);
    int status = train_work_save(t);
    if (t->in_step) swap(running->value, t->running, running->count);
    leadseq_info(status ? "%s: a signal came while rank 0 waited for the others; saving after step "
                          "%llu failed"
                        : "%s: a signal came while rank 0 waited for the others: saved after step "
                          "%llu; the same command with --resume goes on, on any number of ranks",
                 t->f->path, (unsigned long long)t->state.step);
}

void train_wait_begin(struct train_work *t, bool in_step)
{
    const struct leadseq_params *running = leadseq_model_state(t->s->net.model);
    if (!t->running || !t->last) return;
    t->in_step = in_step;
    if (in_step) memcpy(t->running, running->value, running->count * sizeof *t->running);
    train_ranks_while_waiting(save, t);
}

void train_wait_end(struct train_work *t)
{
    t->in_step = false;
    train_ranks_while_waiting(NULL, NULL);
}

int train_ranks_check(const struct leadseq_experiment *e)
{
    int whole = e->train.batch / e->train.accumulate;
    if (whole >= leadseq_ranks()) return 0;
    return leadseq_fail(
        "train.batch: %d records in a pass of all ranks (train.batch by "
        "train.accumulate), expected at least one for each of %d ranks; start fewer "
        "ranks or take larger batches",
        whole, leadseq_ranks());
}
