/* SPDX-License-Identifier: MIT
 *
 * From a run folder to its diagnosis: reads what exists, asks the caller for what is
 * missing, judges, writes. Trains nothing.
 *
 * Requests come in this order: the run's first steps again from its seed, where head
 * or flow were not measured; a few steps more from the last checkpoint, where gates and
 * weights were not measured near the end; and, once the rules have looked, a yardstick
 * where one of them depends on it. */
#include "verdict.h"

#include "finding.h"
#include "ladder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_STEPS = 3, MORE_STEPS = 2 };

/* Gates and weights measured before this share of the run say little about its end. */
static const double LATE = .8;

#define BIT(group) (UINT32_C(1) << LEADSEQ_GROUP_##group)

/* --- Opening ---------------------------------------------------------------------------------- */

/* Checked before what takes long: a run may be where others may only read. */
static int open_out(const char *out)
{
    if (leadseq_folder_make(out)) return -1;
    if (!access(out, W_OK)) return 0;
    return leadseq_fail("%s: the diagnosis cannot be written there: %s; give another folder with "
                        "--out",
                        out, strerror(errno));
}

static int measure_own(struct verdict *v)
{
    char *path = leadseq_path_join(v->run, "diagnostics.h5");
    if (!path) return -1;
    int status = 0;
    if (leadseq_path_exists(path))
        status = verdict_measure(v, path) < 0 ? -1 : 0;
    else
        verdict_note(v, "the run has no diagnostics.h5: it had diagnose.probes: none, or is of a "
                        "version before probes existed");
    free(path);
    return status;
}

/* The stack: the one given, else the run's where that is found. */
static const char *stack_of(struct leadseq_verdict *d, const char *data)
{
    const struct verdict_counts *c = &d->v.counts;
    const struct leadseq_stack_place place = {c->stack, c->given, c->checksum};
    if (data) return data;
    if (c->stack[0]) d->stack = leadseq_train_find_stack(d->v.run, &place);
    return d->stack;
}

static bool is_recurrent(const struct verdict *v)
{
    return v->e->model.type->recurrent;
}

static bool lacks_start(const struct verdict *v)
{
    return !v->now->head.rows || (is_recurrent(v) && !v->flow.rows);
}

static bool lacks_end(const struct verdict *v)
{
    bool broken = v->failure[0] && !v->rest.nonfinite_layer[0] && !v->rest.nonfinite_tensor[0];
    double last = v->steps.n ? v->steps.step[v->steps.n - 1] : 0;
    bool old =
        !(v->change.step >= LATE * last) || (is_recurrent(v) && !(v->gates.step >= LATE * last));
    return old || broken;
}

static void note_unasked(struct verdict *v)
{
    if (!lacks_start(v) && !lacks_end(v)) return;
    if (!v->rehearse)
        verdict_note(v, "what the probes did not measure was not rehearsed, as requested");
    else if (!v->data)
        verdict_note(
            v,
            "the run's stack (%s) was not found, so that nothing can be rehearsed: give it "
            "with --data",
            v->counts.stack[0] ? v->counts.stack : "unknown");
}

struct leadseq_verdict *leadseq_verdict_open(const char *run, const struct leadseq_experiment *e,
                                             const struct leadseq_verdict_options *options)
{
    struct leadseq_verdict *d = leadseq_calloc(1, sizeof *d);
    if (!d) return NULL;
    d->options = *options;
    if (open_out(options->out) || verdict_read(&d->v, run, e) || measure_own(&d->v)) {
        leadseq_verdict_free(d);
        return NULL;
    }
    d->v.rehearse = options->rehearse;
    d->v.data = stack_of(d, options->data);
    note_unasked(&d->v);
    return d;
}

void leadseq_verdict_free(struct leadseq_verdict *d)
{
    if (!d) return;
    verdict_clear(&d->v);
    free(d->all.finding);
    free(d->file);
    free(d->stack);
    free(d);
}

/* --- Requests --------------------------------------------------------------------------------- */

static int ask_rehearsal(struct leadseq_verdict *d, struct leadseq_request *request)
{
    bool start = d->stage == VERDICT_START;
    free(d->file);
    d->file = leadseq_format("%s/rehearsed-%s.h5", d->options.out, start ? "start" : "end");
    if (!d->file) return -1;
    unlink(d->file); // of an earlier diagnosis
    *request = (struct leadseq_request){
        .says = start ? "rehearsing 3 steps from the initial weights"
                      : "rehearsing 2 steps from the last checkpoint",
        .run = d->v.run,
        .e = d->v.e,
        .data = d->v.data,
        .out = d->file,
        .from = start ? LEADSEQ_FROM_SEED : LEADSEQ_FROM_LAST,
        .groups = BIT(OUTPUT) | BIT(HEAD) | BIT(FLOW) | BIT(PARAMETERS) | BIT(GATES),
        .steps = start ? FIRST_STEPS : MORE_STEPS,
    };
    return 1;
}

static int ask_yardstick(struct leadseq_verdict *d, struct leadseq_request *request)
{
    free(d->file);
    d->file = leadseq_path_join(d->options.out, "yardstick");
    if (!d->file || verdict_yardstick(&d->v, &d->yardstick)) return -1;
    *request = (struct leadseq_request){
        .says = "training a plain CNN for comparison: can these labels be learned?",
        .e = &d->yardstick,
        .data = d->v.data,
        .out = d->file,
    };
    return 1;
}

static void note_missing(struct verdict *v)
{
    bool sequence = is_recurrent(v);
    if (!v->now->head.rows) verdict_note(v, "how far a step moves the logits was not measured");
    if (!sequence)
        verdict_note(v,
                     "the model has no recurrence: no gradient flows through leads, and it has no "
                     "gates that could saturate");
    if (sequence && !v->flow.rows)
        verdict_note(
            v, "the gradient through the leads was not measured, or was zero wherever it was");
    if (sequence && isnan(v->gates.step)) verdict_note(v, "gates and channels were not measured");
    if (isnan(v->change.distance)) verdict_note(v, "how far the weights moved was not measured");
    if (isnan(v->rest.pixel_mean))
        verdict_note(v, "mean and deviation of the images as fed are not known");
}

/* Notes of an earlier judgement no longer hold. */
static void forget_notes(struct leadseq_verdict *d)
{
    while (d->v.n_notes > d->notes) free(d->v.note[--d->v.n_notes]);
}

static int judge(struct leadseq_verdict *d)
{
    free(d->all.finding);
    d->all = (struct findings){0};
    d->v.wants_yardstick = false;
    forget_notes(d);
    return verdict_judge(&d->v, &d->all);
}

int leadseq_verdict_next(struct leadseq_verdict *d, struct leadseq_request *request)
{
    struct verdict *v = &d->v;
    bool can = v->rehearse && v->data;
    if (d->stage == VERDICT_START && can && lacks_start(v)) return ask_rehearsal(d, request);
    if (d->stage == VERDICT_START) d->stage = VERDICT_END;
    if (d->stage == VERDICT_END && can && !v->busy && lacks_end(v))
        return ask_rehearsal(d, request);
    if (d->stage == VERDICT_END) d->stage = VERDICT_LOOK;
    if (d->stage == VERDICT_LOOK) {
        if (verdict_look(v)) return -1;
        note_missing(v);
        d->notes = v->n_notes;
        if (judge(d)) return -1;
        d->stage = VERDICT_YARDSTICK;
    }
    bool asks = can && !v->busy && v->wants_yardstick && isnan(v->yardstick.train_auc);
    if (d->stage == VERDICT_YARDSTICK && asks) return ask_yardstick(d, request);
    d->stage = VERDICT_JUDGED;
    return 0;
}

static void note_failure(struct verdict *v, const char *what)
{
    verdict_note(v, "%s failed: %s", what, leadseq_error());
    leadseq_error_clear();
}

/* A rehearsal whose steps end in numbers that are not finite has measured them all the same. */
static int read_rehearsal(struct leadseq_verdict *d, int status)
{
    bool start = d->stage == VERDICT_START;
    d->stage = start ? VERDICT_END : VERDICT_LOOK;
    if (status)
        note_failure(&d->v, start ? "the rehearsal from the initial weights"
                                  : "the rehearsal from the last checkpoint");
    if (!leadseq_path_exists(d->file)) return 0;
    return verdict_measure(&d->v, d->file) < 0 ? -1 : 0;
}

int leadseq_verdict_done(struct leadseq_verdict *d, int status)
{
    if (d->stage == VERDICT_START || d->stage == VERDICT_END) return read_rehearsal(d, status);
    d->stage = VERDICT_JUDGED;
    forget_notes(d);
    if (status) note_failure(&d->v, "training the network for comparison");
    d->notes = d->v.n_notes;
    if (!status && !leadseq_stop_signal() && verdict_read_yardstick(&d->v, d->file, &d->yardstick))
        return -1;
    d->v.yardstick_failed = isnan(d->v.yardstick.train_auc);
    return judge(d);
}

/* --- Results ---------------------------------------------------------------------------------- */

int leadseq_verdict_write(struct leadseq_verdict *d, const struct leadseq_remedies *tried)
{
    const char *out = d->options.out;
    // diagnosis.json says whose folder it is, before anything else is there
    if (!tried &&
        (verdict_write_json(&d->v, &d->all, NULL, out) || verdict_draw(&d->v, &d->all, out)))
        return -1;
    return verdict_write(&d->v, &d->all, tried, &d->options);
}

int leadseq_verdict_print(const struct leadseq_verdict *d, FILE *out)
{
    return verdict_print(&d->v, &d->all, out);
}

struct leadseq_remedies *leadseq_remedies_open(struct leadseq_verdict *d,
                                               const struct leadseq_remedies_options *options)
{
    return ladder_open(&d->v, d->options.out, options);
}
