/* SPDX-License-Identifier: MIT
 *
 * What a training shows to its hooks: when it begins, where it starts, that it ended, and the
 * update before it is made (the calls within a step are in step.c).
 *
 * Only rank 0 has hooks. During a call the other ranks wait in their next exchange, so a hook may
 * use the model but must not make a collective call; the engine's sums over ranks are switched off
 * for that time (leadseq_engine_set_alone). A hook that returns -1 ends the training. */
#include "hooks.h"

#include <stdlib.h>
#include <string.h>

int train_hooks_begin(struct train_work *t)
{
    struct train_session *s = t->s;
    t->training = (struct leadseq_training){
        .e = &s->e,
        .folder = t->last ? t->f->path : NULL,
        .engine = s->net.engine,
        .model = s->net.model,
        .stack = s->stack,
        .split = &s->split,
        .drawing = &s->input.drawing,
        .feed = train_batch_options(&s->e, &s->net, &s->input),
        .total = t->total,
        .ranks = leadseq_ranks(),
        .work = t,
    };
    t->training.feed.labels = &s->labels;
    if (!t->hooks) return 0;
    t->hooks_begun = true;
    return t->hooks->begin ? t->hooks->begin(t->hooks->user, &t->training) : 0;
}

int train_hooks_start(struct train_work *t)
{
    if (!t->hooks || !t->hooks->start) return 0;
    return t->hooks->start(t->hooks->user, t->state.step);
}

/* end() is called after every training whose begin() was called, also after a failure, so that a
 * hook can write what it has. Its own failure does not hide the first one, whose message is kept.
 */
int train_hooks_end(struct train_work *t, int status)
{
    if (!t->hooks_begun || !t->hooks->end) return status;
    t->hooks_begun = false;
    if (status >= 0) return t->hooks->end(t->hooks->user) ? -1 : status;
    char *first = leadseq_format("%s", leadseq_error());
    if (t->hooks->end(t->hooks->user) && first) leadseq_fail("%s", first);
    free(first);
    return status;
}

int leadseq_training_preview(const struct leadseq_training *training,
                             const struct leadseq_step *step, size_t slice, float *delta)
{
    const struct train_work *t = training->work;
    return leadseq_optimizer_preview(&t->optimizer, leadseq_model_params(training->model), slice,
                                     step->lr, step->beta1, delta);
}
