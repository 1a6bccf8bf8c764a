/* SPDX-License-Identifier: MIT
 *
 * The training loop. All it remembers is in train_state, the weights, the running
 * statistics and the moments, and a checkpoint holds them all: a training that was stopped
 * at any step continues to the same bits. Numbers in tables count steps and epochs from 1.
 *
 * What runs at the same time: the batches' reader, a thread of dataset, prepares the next
 * batch while this thread takes a step; OpenMP's threads work within one pass or sum. Other
 * ranks run the same loop, and meet this one in every pass, sum and decision to stop.
 *
 * The order of resuming, in open_training(): weights of the seed; begin() of the hooks, which may
 * copy those initial weights; the checkpoint, which replaces weights, running statistics, moments
 * and place; start() of the hooks, with the step the checkpoint is from; tables cut to that step.
 * Only then batches are requested, from the place within the epoch: the order of an epoch is a
 * function of (seed, epoch), so no state of the reader has to be stored. */
#include "loop.h"

#include "epoch.h"
#include "hooks.h"
#include "monitor.h"
#include "phase.h"
#include "ranks.h"
#include "share.h"
#include "step.h"
#include "tables.h"

#include <math.h>
#include <stdlib.h>

enum { CHECKPOINT_SECONDS = 600 };

/* --- Resuming ------------------------------------------------------------------------------ */

static int check_place(const struct train_work *t)
{
    const struct train_state *state = &t->state;
    if (state->step <= t->total && state->batch <= t->epoch_steps &&
        state->epoch <= (uint64_t)t->s->e.train.epochs)
        return 0;
    return leadseq_fail("%s: step %llu of %llu, batch %llu of %llu: the checkpoint does not belong "
                        "to this training",
                        t->last, (unsigned long long)state->step, (unsigned long long)t->total,
                        (unsigned long long)state->batch, (unsigned long long)t->epoch_steps);
}

static int read_last(struct train_work *t)
{
    size_t room = t->s->split.n[LEADSEQ_TRAIN];
    if (!t->last) return 0;
    if (!leadseq_path_exists(t->last)) {
        leadseq_info("%s: no checkpoint yet, training begins again", t->f->path);
        return 0;
    }
    if (train_checkpoint_read(t->last, &t->s->net, &t->optimizer, &t->state, room)) return -1;
    if (check_place(t)) return -1;
    leadseq_info("%s: resumed after step %llu of %llu", t->f->path,
                 (unsigned long long)t->state.step, (unsigned long long)t->total);
    return 0;
}

/* Rank 0 reads the checkpoint and all ranks learn whether it could; then it gives them what it
 * read. A rank that returned before the others on a failure of its own would leave them waiting. */
static int load(struct train_work *t)
{
    if (train_ranks_verdict(read_last(t))) return -1;
    train_share_work(t);
    train_phase_resume(t);
    return 0;
}

/* --- An epoch ------------------------------------------------------------------------------ */

static void show(struct train_work *t, struct leadseq_progress *bar)
{
    char note[96];
    uint64_t shown = (t->state.batch - 1) * (uint64_t)t->s->e.train.batch;
    snprintf(note, sizeof note, "loss %.4g lr %.3g", t->state.loss_sum / (double)t->state.seen,
             t->lr);
    leadseq_progress_step(bar, (size_t)(t->state.seen - shown), note);
}

/* The steps of an epoch that are left; 1 where a signal asks to stop.
 *
 * A batch is borrowed from the reader and valid until the next call of leadseq_batches_next(),
 * which lets the reader's thread fill its buffer again. A checkpoint within an epoch is written
 * only after a whole step, never between its parts. */
static int take_steps(struct train_work *t, struct leadseq_progress *bar)
{
    const struct leadseq_batch *batch;
    while (t->state.step < t->total && t->state.batch < t->epoch_steps) {
        int more = leadseq_batches_next(t->batches, &batch);
        if (more < 0) return -1;
        if (more == 0) return leadseq_fail("%s: the epoch ended early", t->f->path);
        if (train_step(t, batch)) return -1;
        if (t->parts.done) continue;
        show(t, bar);
        if (t->stop) return 1;
        if (leadseq_seconds() - t->saved > CHECKPOINT_SECONDS && train_work_save(t)) return -1;
    }
    return 0;
}

/* Records of this epoch still to be seen, or fewer where max_steps ends it. */
static size_t records_ahead(const struct train_work *t)
{
    size_t epoch = t->s->split.n[LEADSEQ_TRAIN] - (size_t)t->state.seen;
    size_t steps = (size_t)(t->total - t->state.step) * (size_t)t->s->e.train.batch;
    return steps < epoch ? steps : epoch;
}

static int run_steps(struct train_work *t)
{
    char label[64];
    if (t->state.step >= t->total || t->state.batch >= t->epoch_steps) return 0;
    snprintf(label, sizeof label, "epoch %llu/%d", (unsigned long long)t->state.epoch + 1,
             t->s->e.train.epochs);
    if (train_work_start(t)) return -1;
    struct leadseq_progress *bar = leadseq_progress_new(label, "records", records_ahead(t));
    int status = take_steps(t, bar);
    leadseq_progress_free(bar);
    return status;
}

/* --- The whole ------------------------------------------------------------------------------- */

/* A run that was begun with fewer columns keeps them. */
static FILE *open_history(struct train_work *t, const char *path)
{
    char *header = train_history_header(&t->s->e.data.task);
    if (!header) return NULL;
    t->f->old_history = train_table_is(path, train_history_header_old);
    FILE *table = train_table_open(path, t->f->old_history ? train_history_header_old : header,
                                   t->state.epoch);
    free(header);
    return table;
}

static int open_tables(struct train_work *t)
{
    char *steps = train_folder_file(t->f->path, "steps.tsv");
    char *history = train_folder_file(t->f->path, "history.tsv");
    if (steps && history) {
        t->f->steps = train_table_open(steps, train_steps_header, t->state.step);
        if (t->f->steps) t->f->history = open_history(t, history);
    }
    free(steps);
    free(history);
    if (!t->f->history) return -1;
    t->seconds_before = train_history_seconds(t->f->history);
    return 0;
}

/* Rank 0 alone writes. */
static int name_checkpoints(struct train_work *t)
{
    if (leadseq_rank()) return 0;
    t->last = train_folder_file(t->f->path, "checkpoints/last.h5");
    t->best = train_folder_file(t->f->path, "checkpoints/best.h5");
    return t->last && t->best ? 0 : -1;
}

static int open_training(struct train_work *t)
{
    if (name_checkpoints(t) || train_work_open(t)) return -1;
    if (train_hooks_begin(t)) return -1;
    if (t->f->resumed && load(t)) return -1;
    if (train_hooks_start(t)) return -1;
    return t->last ? open_tables(t) : 0;
}

static void tell_early_end(const struct train_work *t)
{
    const struct leadseq_experiment *e = &t->s->e;
    leadseq_info("stopped early after epoch %llu, step %llu of %llu: valid %s has not improved%s "
                 "since epoch %llu",
                 (unsigned long long)t->state.epoch, (unsigned long long)t->state.step,
                 (unsigned long long)t->total, leadseq_monitor_name[e->train.monitor],
                 e->train.min_delta > 0 ? " by train.min_delta" : "",
                 (unsigned long long)t->state.patience.epoch);
}

/* Epochs until the last step is taken and validated, or patience has ended. */
static int run_epochs(struct train_work *t)
{
    int status = 0;
    while (!status && (t->state.step < t->total || t->state.batch)) {
        if (!t->state.batch && train_patience_ended(&t->state, &t->s->e)) {
            tell_early_end(t);
            break;
        }
        status = run_steps(t);
        if (!status) status = train_epoch_end(t);
    }
    if (status == 1 && train_work_save(t)) return -1;
    return status;
}

int train_loop(struct train_session *s, struct train_folder *f, const struct leadseq_hooks *hooks)
{
    struct train_work t = {
        .s = s,
        .f = f,
        .hooks = leadseq_rank() ? NULL : hooks,
        .epoch_steps = train_epoch_steps(s),
        .total = train_total_steps(s),
        .begun = leadseq_seconds(),
    };
    t.saved = t.begun;
    int status = open_training(&t);
    train_work_save_while_waiting(&t);
    if (!status) status = run_epochs(&t);
    train_ranks_while_waiting(NULL, NULL);
    status = train_hooks_end(&t, status);
    if (status == 1)
        leadseq_info("%s: stopped by %s after step %llu of %llu; the same command with "
                     "--resume continues",
                     f->path, leadseq_stop_name(), (unsigned long long)t.state.step,
                     (unsigned long long)t.total);
    train_work_close(&t);
    return status;
}
