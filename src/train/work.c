/* SPDX-License-Identifier: MIT
 *
 * What a training in progress holds, and its last checkpoint.
 *
 * Why running statistics are kept from before each step: batch norm updates them in the forward
 * pass, but a step may still turn out not to be finite, or another rank may die while this one
 * waits for its part of the gradient. A checkpoint must then hold the step before, whole: weights
 * and moments have not moved yet, and the statistics are put back. */
#include "work.h"

#include "phase.h"
#include "ranks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int train_work_open(struct train_work *t)
{
    struct train_session *s = t->s;
    size_t n = s->split.n[LEADSEQ_TRAIN];
    train_state_init(&t->state);
    struct leadseq_optim how = leadseq_experiment_optim(&s->e);
    struct leadseq_batch_options options = train_feed_options(s);
    size_t logits = n * (size_t)s->net.outputs;
    t->state.outputs = s->net.outputs;
    t->state.logit = leadseq_calloc(logits, sizeof *t->state.logit);
    t->state.label = leadseq_calloc(logits, sizeof *t->state.label);
    t->before = leadseq_calloc(leadseq_model_state(s->net.model)->count + 1, sizeof *t->before);
    if (!t->state.logit || !t->state.label || !t->before) return -1;
    size_t count = leadseq_model_params(s->net.model)->count;
    if (leadseq_optimizer_init(&t->optimizer, &how, count)) return -1;
    t->batches = leadseq_batches_open(s->stack, &options);
    return t->batches ? 0 : -1;
}

void train_work_close(struct train_work *t)
{
    leadseq_batches_close(t->batches);
    leadseq_optimizer_clear(&t->optimizer);
    free(t->state.logit);
    free(t->state.label);
    free(t->before);
    free(t->last);
    free(t->best);
}

/* --- Batches -------------------------------------------------------------------------------- */

int train_work_start(struct train_work *t)
{
    uint64_t parts = (uint64_t)t->s->e.train.accumulate;
    train_phase_enter(t);
    return leadseq_batches_start(t->batches, t->state.epoch, (size_t)(t->state.batch * parts));
}

int train_work_next(struct train_work *t, const struct leadseq_batch **batch)
{
    int more = leadseq_batches_next(t->batches, batch);
    if (more) return more < 0 ? -1 : 0;
    t->state.epoch++;
    t->state.batch = t->state.seen = 0;
    t->state.loss_sum = 0;
    if (train_work_start(t)) return -1;
    return leadseq_batches_next(t->batches, batch) == 1 ? 0 : -1;
}

/* --- Saving --------------------------------------------------------------------------------- */

int train_work_save(struct train_work *t)
{
    if (!t->last) return 0;
    t->saved = leadseq_seconds();
    if (t->hooks && t->hooks->save && t->hooks->save(t->hooks->user)) return -1;
    // A checkpoint must not be newer than the tables: resuming cuts rows, it cannot add any.
    fsync(fileno(t->f->steps));
    fsync(fileno(t->f->history));
    return train_checkpoint_write(t->last, &t->s->net, &t->optimizer, &t->state);
}

void train_work_restore(struct train_work *t)
{
    struct leadseq_params *running = leadseq_model_state(t->s->net.model);
    if (running->count) memcpy(running->value, t->before, running->count * sizeof *t->before);
}

static void swap(float *a, float *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float one = a[i];
        a[i] = b[i];
        b[i] = one;
    }
}

/* Called by ranks while this rank, 0, polls for a message: on the thread that trains, in the
 * middle of train_step() or of a validation. The step may still complete, so the statistics it
 * has computed are put back after saving. */
static bool save_waiting(void *work)
{
    struct train_work *t = work;
    struct leadseq_params *running = leadseq_model_state(t->s->net.model);
    size_t n = t->at == TRAIN_IN_STEP ? running->count : 0;
    if (t->at == TRAIN_ELSEWHERE) return false;
    swap(running->value, t->before, n);
    int status = train_work_save(t);
    swap(running->value, t->before, n);
    leadseq_info(status ? "%s: a signal came while rank 0 waited for the others; saving after step "
                          "%llu failed"
                        : "%s: a signal came while rank 0 waited for the others: saved after step "
                          "%llu; the same command with --resume continues, on any number of ranks",
                 t->f->path, (unsigned long long)t->state.step);
    return true;
}

void train_work_save_while_waiting(struct train_work *t)
{
    if (t->last && leadseq_ranks() > 1) train_ranks_while_waiting(save_waiting, t);
}
