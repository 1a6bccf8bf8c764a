/* SPDX-License-Identifier: MIT
 *
 * What a training will take, before it begins: bytes from the bindings of its
 * model, time from a few of its own steps.
 *
 * Steps are timed by hooks, on the clock between the ends of two steps, so that waiting for batches
 * is in the time as it is in training. The first steps are left out: they bind memory and start
 * threads. */
#include "memory.h"
#include "ranks.h"
#include "rehearse.h"
#include "summary.h"
#include "work.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WARM_UP = 2, STEPS_MOST = 400, RECORDS_READ = 8 };
static const double measured_seconds = 2;

/* Hooks that look at the clock. */
struct timing {
    const struct leadseq_training *training;
    int steps;             /* taken, the first ones too */
    double last, step_sum; /* when the last one ended; seconds of those after the first ones */
    double record_s;       /* evaluated */
    double save_s;         /* a checkpoint, written whole */
};

static int on_begin(void *user, const struct leadseq_training *training)
{
    ((struct timing *)user)->training = training;
    return 0;
}

/* The second pass: the first one binds. */
static int time_evaluation(struct timing *t, const struct leadseq_step *step)
{
    for (int pass = 0; pass < 2; pass++) {
        const double begun = leadseq_seconds();
        if (leadseq_model_forward(t->training->model, LEADSEQ_EVALUATE, 0, step->batch->n,
                                  step->batch->images, step->logit))
            return -1;
        t->record_s = (leadseq_seconds() - begun) / step->batch->n;
    }
    return 0;
}

/* A checkpoint of the real size, written in the folder of temporary files (the run's folder does
 * not exist yet), whose disk may be faster or slower. Where it cannot be written there, the time
 * is without it: an estimate must not fail for that. */
static int time_checkpoint(struct timing *t)
{
    const struct train_work *work = t->training->work;
    char *path = leadseq_format("%s/leadseq-XXXXXX", leadseq_temporary_folder());
    int file = path ? mkstemp(path) : -1;
    if (!path) return -1;
    int status = file < 0 ? leadseq_fail("%s: %s", path, strerror(errno)) : 0;
    if (file >= 0) close(file);
    const double begun = leadseq_seconds();
    if (!status)
        status = train_checkpoint_write(path, &work->s->net, &work->optimizer, &work->state);
    if (!status) t->save_s = leadseq_seconds() - begun;
    if (status) leadseq_warn("the time of a checkpoint is not measured: %s", leadseq_error());
    if (file >= 0) unlink(path);
    free(path);
    return 0;
}

static int on_after(void *user, struct leadseq_step *step)
{
    struct timing *t = user;
    const double now = leadseq_seconds();
    if (t->steps >= WARM_UP) t->step_sum += now - t->last;
    t->steps++;
    if (t->steps == WARM_UP && (time_evaluation(t, step) || time_checkpoint(t))) return -1;
    t->last = leadseq_seconds();
    return 0;
}

/* Of its signals each record has several windows. */
static double windows_of(const struct train_session *s)
{
    struct leadseq_batch_options o = train_batch_options(&s->e, &s->net, &s->input);
    o.signals.windows = LEADSEQ_WINDOWS_ALL;
    return (double)leadseq_windows_count(&o.signals);
}

/* Reading runs beside evaluating: the slower of the two counts. */
static int time_reading(const struct train_session *s, double *record_s)
{
    size_t n = leadseq_stack_count(s->stack), records = n < RECORDS_READ ? n : RECORDS_READ;
    const size_t samples = s->input.samples;
    void *room = samples ? leadseq_calloc(LEADSEQ_LEADS * samples, sizeof(float))
                         : leadseq_calloc(LEADSEQ_LEADS, leadseq_stack_image_bytes(s->stack));
    int status = room ? 0 : -1;
    const double begun = leadseq_seconds();
    for (size_t i = 0; !status && i < records; i++)
        status = samples ? leadseq_stack_read_signals(s->stack, i * n / records, room)
                         : leadseq_stack_read(s->stack, i * n / records, room);
    *record_s = records ? (leadseq_seconds() - begun) / (double)records : 0;
    free(room);
    return status;
}

/* What probes may add; those of `full` have no limit and are left out. */
static double probes_share(const struct leadseq_experiment *e)
{
    switch (e->diagnose.probes) {
    case LEADSEQ_PROBES_ECONOMY:
        return 0.03;
    case LEADSEQ_PROBES_STANDARD:
        return 0.25;
    default:
        return 0;
    }
}

/* An epoch ends in two checkpoints at most, last and best. */
static double whole_time(const struct train_session *s, const struct leadseq_forecast *e)
{
    const double total = (double)train_total_steps(s), valid = (double)s->split.n[LEADSEQ_VALID];
    const double epochs = ceil(total / (double)train_epoch_steps(s));
    const double evaluated = epochs * valid + valid + (double)s->split.n[LEADSEQ_TEST];
    return total * e->step_s * (1 + probes_share(&s->e)) + evaluated * e->record_s +
           2 * epochs * e->save_s;
}

static size_t whole_bytes(const struct train_memory *need)
{
    return need->training + need->evaluation + need->moments + need->batches + need->probes;
}

static int measure(struct train_session *s, const char *data, struct leadseq_forecast *e)
{
    struct timing t = {0};
    struct leadseq_hooks hooks = {.user = &t, .begin = on_begin, .after = on_after};
    struct leadseq_rehearsal how = {.data = data,
                                    .from = LEADSEQ_FROM_SEED,
                                    .steps = STEPS_MOST,
                                    .seconds = measured_seconds,
                                    .hooks = &hooks};
    double reading;
    const struct train_memory need = train_memory_need(s);
    *e = (struct leadseq_forecast){.bytes = whole_bytes(&need), .seconds = NAN};
    if (train_memory_check(s) || train_rehearse(s, &how) || time_reading(s, &reading)) return -1;
    if (leadseq_stop_check()) return -1;
    if (t.steps <= WARM_UP)
        return leadseq_fail("%s: the first steps are not finite, so the time of a training cannot "
                            "be measured; lower train.lr",
                            data);
    e->steps = t.steps - WARM_UP;
    e->step_s = t.step_sum / e->steps;
    e->record_s = fmax(t.record_s * windows_of(s), reading);
    e->save_s = t.save_s;
    e->seconds = whole_time(s, e);
    return 0;
}

int leadseq_train_estimate(const struct leadseq_experiment *e, const char *data, int threads,
                           struct leadseq_forecast *estimate)
{
    struct train_session s;
    if (train_session_open(&s, e, data, threads)) return -1;
    int status = measure(&s, data, estimate);
    train_session_close(&s);
    return status;
}

/* --- For a person --------------------------------------------------------------------------- */

static void print_memory(const struct train_session *s, FILE *out)
{
    const struct train_memory need = train_memory_need(s);
    fprintf(out,
            "needs  %.1f MB at its most: %.1f forward and backward, %.1f evaluation, %.1f "
            "optimiser, %.1f batches read ahead, %.1f probes\n",
            (double)whole_bytes(&need) / 1e6, (double)need.training / 1e6,
            (double)need.evaluation / 1e6, (double)need.moments / 1e6, (double)need.batches / 1e6,
            (double)need.probes / 1e6);
}

static void print_time(const struct train_session *s, const struct leadseq_forecast *e, FILE *out)
{
    const long t = (long)(e->seconds + 0.5);
    fprintf(
        out,
        "time   about %ld:%02ld:%02ld: measured %.3g s per step (mean of %d), %.3g s per record "
        "evaluated, %.3g s per checkpoint; %s, at most %s\n",
        t / 3600, t / 60 % 60, t % 60, e->step_s, e->steps, e->record_s, e->save_s,
        leadseq_count((size_t)train_total_steps(s), "step"),
        leadseq_count((size_t)s->e.train.epochs, "epoch"));
    if (s->e.diagnose.probes == LEADSEQ_PROBES_FULL)
        fputs("       without what diagnose.probes: full adds\n", out);
    else if (probes_share(&s->e) > 0)
        fprintf(out, "       with %.0f %% for probes\n", 100 * probes_share(&s->e));
}

/* Printed by rank 0; memory and time of the other ranks are not shown. */
static int print_estimate(struct train_session *s, const char *data, FILE *out)
{
    struct leadseq_forecast e;
    if (train_session_print(s, out)) return -1;
    print_memory(s, out);
    if (leadseq_ranks() > 1) return 0;
    fflush(out); // what is below takes a while, or fails
    if (measure(s, data, &e)) return -1;
    print_time(s, &e, out);
    return ferror(out)
               ? leadseq_fail("the estimate cannot be written: %s", leadseq_write_reason(out))
               : 0;
}

int leadseq_train_dry_run(const struct leadseq_experiment *e, const char *data, FILE *out)
{
    struct train_session s;
    if (train_ranks_check(e) || train_session_open(&s, e, data, 0)) return -1;
    int status = leadseq_rank() ? 0 : print_estimate(&s, data, out);
    train_session_close(&s);
    return status;
}
