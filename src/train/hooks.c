/* SPDX-License-Identifier: MIT
 *
 * What a training shows to those who look at it: the calls in their order, the
 * cells they fill, and the update before it is made. Computes nothing else. */
#include "train_private.h"

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
    if (!t->hooks) return 0;
    t->hooks_begun = true;
    return t->hooks->begin ? t->hooks->begin(t->hooks->user, &t->training) : 0;
}

int train_hooks_start(struct train_work *t)
{
    if (!t->hooks || !t->hooks->start) return 0;
    return t->hooks->start(t->hooks->user, t->state.step);
}

int train_hooks_save(struct train_work *t)
{
    return t->hooks && t->hooks->save ? t->hooks->save(t->hooks->user) : 0;
}

/* The first failure is the one that counts. */
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

static int call(struct train_work *t, train_hook *hook, struct leadseq_step *step)
{
    if (!hook) return 0;
    double begun = leadseq_seconds();
    leadseq_engine_set_alone(t->s->net.engine, true); // other ranks have no part in it
    int status = hook(t->hooks->user, step);
    leadseq_engine_set_alone(t->s->net.engine, false);
    t->hook_seconds += leadseq_seconds() - begun;
    return status;
}

int train_hooks_before(struct train_work *t, struct leadseq_step *step)
{
    t->hook_seconds = 0;
    return t->hooks ? call(t, t->hooks->before, step) : 0;
}

int train_hooks_gradient(struct train_work *t, struct leadseq_step *step)
{
    return t->hooks ? call(t, t->hooks->gradient, step) : 0;
}

int train_hooks_after(struct train_work *t, struct leadseq_step *step)
{
    return t->hooks ? call(t, t->hooks->after, step) : 0;
}

int leadseq_training_preview(const struct leadseq_training *training,
                             const struct leadseq_step *step, size_t slice, float *delta)
{
    const struct train_work *t = training->work;
    return leadseq_optimizer_preview(&t->optimizer, leadseq_model_params(training->model), slice,
                                     step->lr, step->beta1, delta);
}
