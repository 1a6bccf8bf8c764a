/* SPDX-License-Identifier: MIT
 *
 * What rank 0 gives the other ranks of a training: rank 0 alone reads checkpoints, and what it
 * read, or has after an epoch, is broadcast in the order of these functions. All ranks have the
 * same model, so that blocks have the same size everywhere. Nothing here knows MPI. */
#include "share.h"

#include "ranks.h"

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

/* The struct as bytes: ranks run one program. Its pointers are each rank's own. */
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
    // the place first: it says how much of the present epoch follows
    train_share_place(&t->state);
    train_ranks_share(t->state.logit,
                      t->state.seen * (uint64_t)t->state.outputs * sizeof *t->state.logit);
    train_ranks_share(t->state.label,
                      t->state.seen * (uint64_t)t->state.outputs * sizeof *t->state.label);
}
