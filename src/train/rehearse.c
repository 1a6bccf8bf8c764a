/* SPDX-License-Identifier: MIT
 *
 * Steps taken from where a run is, in memory alone, for those who look at them
 * through hooks. The run's folder stays as it is. */
#include "rehearse.h"

#include "hooks.h"
#include "phase.h"
#include "records.h"
#include "step.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int check_stack(struct train_session *s, const char *run)
{
    struct train_input theirs;
    char *path = train_folder_file(run, "input.json");
    int status = path ? train_input_read(&theirs, path) : -1;
    free(path);
    if (status || train_input_check(&theirs, s->stack)) return -1;
    if (strcmp(theirs.checksum, s->input.checksum))
        return leadseq_fail("%s: expected the stack the run was trained on (%s, %s), found %s, %s",
                            leadseq_stack_path(s->stack), theirs.checksum, theirs.source,
                            s->input.checksum, s->input.source);
    s->input = theirs;
    return 0;
}

/* Weights, moments and place; the best checkpoint has no moments, and its place is the end of an
 * epoch: the steps taken from there are those of the next one. */
static int load(struct train_work *t, const struct leadseq_rehearsal *how)
{
    bool last = how->from == LEADSEQ_FROM_LAST;
    if (how->from == LEADSEQ_FROM_SEED) return 0;
    char *path = leadseq_format("%s/checkpoints/%s.h5", how->run, last ? "last" : "best");
    if (!path) return -1;
    int status = 0;
    if (!leadseq_path_exists(path))
        status =
            leadseq_fail("%s: expected a checkpoint, found none; train on with --resume", path);
    else
        status = train_checkpoint_read(path, &t->s->net, last ? &t->optimizer : NULL, &t->state,
                                       t->s->split.n[LEADSEQ_TRAIN]);
    free(path);
    if (!status && last) train_phase_resume(t);
    return status;
}

/* The same order as in a training that is resumed (loop.c): hooks begin with the initial weights,
 * the checkpoint replaces them, hooks learn at which step it is. t->last is NULL, so nothing is
 * saved. */
static int open_work(struct train_work *t, const struct leadseq_rehearsal *how)
{
    if (train_work_open(t) || train_hooks_begin(t) || load(t, how)) return -1;
    return train_hooks_start(t);
}

static bool is_over(const struct leadseq_rehearsal *how, int taken, double begun)
{
    enum { TAKEN_AT_LEAST = 6 };
    if (taken >= how->steps || leadseq_stop_signal()) return true;
    return how->seconds > 0 && taken >= TAKEN_AT_LEAST && leadseq_seconds() - begun > how->seconds;
}

/* A step that is not finite ends it: what was to be seen has been seen. */
static int take_steps(struct train_work *t, const struct leadseq_rehearsal *how)
{
    const struct leadseq_batch *batch;
    const double begun = leadseq_seconds();
    if (train_work_start(t)) return -1;
    for (int i = 0; !is_over(how, i, begun); i += !t->parts.done) {
        if (train_work_next(t, &batch)) return -1;
        if (train_step(t, batch)) return t->not_finite ? 0 : -1;
    }
    return 0;
}

int train_rehearse(struct train_session *s, const struct leadseq_rehearsal *how)
{
    struct train_folder f = {.lock = -1,
                             .path = leadseq_format("%s", how->run ? how->run : how->data)};
    struct train_work t = {
        .s = s,
        .f = &f,
        .hooks = how->hooks,
        .epoch_steps = train_epoch_steps(s),
        .total = train_total_steps(s),
    };
    int status = f.path ? open_work(&t, how) : -1;
    if (!status) status = take_steps(&t, how);
    status = train_hooks_end(&t, status);
    train_work_close(&t);
    free(f.path);
    return status;
}

int leadseq_rehearse(const struct leadseq_experiment *e, const struct leadseq_rehearsal *how)
{
    struct train_session s;
    if (train_session_open(&s, e, how->data, 0)) return -1;
    int status = check_stack(&s, how->run);
    if (!status) status = train_rehearse(&s, how);
    train_session_close(&s);
    return status;
}
