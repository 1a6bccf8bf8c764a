/* SPDX-License-Identifier: MIT
 *
 * Trials: changes of an experiment by name, trained one after the other in this process, each into
 * a run folder of its own, under one bar that counts the steps of all. */
#include "sweep/sweep.h"

#include <stdlib.h>

/* The caller's hooks, and a step on the bar for each step of the training. */
struct counted {
    const struct leadseq_hooks *own; /* NULL: none */
    struct leadseq_progress *bar;
    const char *name;
};

static int count_begin(void *user, const struct leadseq_training *training)
{
    const struct leadseq_hooks *own = ((struct counted *)user)->own;
    return own && own->begin ? own->begin(own->user, training) : 0;
}

static int count_start(void *user, uint64_t step)
{
    const struct counted *c = user;
    if (step) leadseq_progress_step(c->bar, (size_t)step, c->name);
    return c->own && c->own->start ? c->own->start(c->own->user, step) : 0;
}

static int count_before(void *user, struct leadseq_step *step)
{
    const struct leadseq_hooks *own = ((struct counted *)user)->own;
    return own && own->before ? own->before(own->user, step) : 0;
}

static int count_gradient(void *user, struct leadseq_step *step)
{
    const struct leadseq_hooks *own = ((struct counted *)user)->own;
    return own && own->gradient ? own->gradient(own->user, step) : 0;
}

static int count_after(void *user, struct leadseq_step *step)
{
    const struct counted *c = user;
    leadseq_progress_step(c->bar, 1, c->name);
    return c->own && c->own->after ? c->own->after(c->own->user, step) : 0;
}

static int count_save(void *user)
{
    const struct leadseq_hooks *own = ((struct counted *)user)->own;
    return own && own->save ? own->save(own->user) : 0;
}

static int count_end(void *user)
{
    const struct leadseq_hooks *own = ((struct counted *)user)->own;
    return own && own->end ? own->end(own->user) : 0;
}

/* Only the bar and warnings are shown meanwhile: bars and lines of each training would bury what
 * is said about all of them. */
static int train_quietly(const struct leadseq_trial *t, const struct leadseq_hooks *hooks,
                         struct leadseq_progress *bar)
{
    struct leadseq_train_options how = {
        .data = t->data,
        .out = t->out,
        .overrides = t->overrides,
        .resume = leadseq_folder_has(t->out, "experiment.yaml"),
        .hooks = hooks,
    };
    leadseq_progress_show_only(bar);
    const enum leadseq_log_level level = leadseq_log_level(LEADSEQ_LOG_WARN);
    int status = leadseq_train(t->e, &how);
    leadseq_log_level(level);
    leadseq_progress_show_only(NULL);
    return leadseq_stop_signal() ? 1 : status;
}

/* One that is done is only counted, one that was stopped continues. */
static int run(const struct leadseq_trial *t, const struct leadseq_trials *how,
               struct leadseq_progress *bar)
{
    if (t->done) {
        leadseq_progress_step(bar, t->steps, t->name);
        return 0;
    }
    struct counted c = {.bar = bar, .name = t->name};
    struct leadseq_hooks hooks = {&c,           count_begin,    count_start,
                                  count_before, count_gradient, count_after,
                                  count_save,   count_end};
    void *watch = NULL;
    if (how->watch && !(watch = how->watch(how->user, &c.own))) return -1;
    int status = train_quietly(t, &hooks, bar);
    if (watch) how->unwatch(watch);
    return status;
}

int leadseq_trials_run(const struct leadseq_trial *trial, size_t n,
                       const struct leadseq_trials *how)
{
    size_t steps = 0;
    for (size_t i = 0; i < n; i++) steps += trial[i].steps;
    struct leadseq_progress *bar = leadseq_progress_new(how->label, "steps", steps);
    int status = bar ? 0 : -1, ended = 0;
    for (size_t i = 0; i < n && !status && ended != 1; i++) {
        ended = run(&trial[i], how, bar);
        status = how->ended(how->user, i, ended);
    }
    leadseq_progress_free(bar);
    return status ? -1 : ended == 1;
}
