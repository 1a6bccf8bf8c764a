/* SPDX-License-Identifier: MIT
 *
 * What the run's own probes did not measure, measured now: its first steps are
 * taken again from its seed, and a few more from where it stands, in memory, on
 * its own batches. Without its stack that is left out, and said. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_STEPS = 3, MORE_STEPS = 2, PIXELS_RECORDS = 64 };

/* Gates and weights measured before this share of the run say little of its end. */
static const double LATE = .8;

#define BIT(group) (UINT32_C(1) << LEADSEQ_GROUP_##group)

/* The stack to rehearse on: what was asked for, else where the run had it. */
static const char *stack_of(struct verdict *v, const struct leadseq_diagnose_options *options)
{
    if (options->data) return options->data;
    if (!v->counts.stack[0]) return NULL;
    return leadseq_path_exists(v->counts.stack) ? v->counts.stack : NULL;
}

static bool lacks_start(const struct verdict *v)
{
    bool sequence = v->e->model.type->recurrent;
    return !v->head.rows || (sequence && !v->flow.rows);
}

static bool lacks_end(const struct verdict *v)
{
    bool sequence = v->e->model.type->recurrent;
    bool broken = v->failure[0] && !v->rest.nonfinite_layer[0] && !v->rest.nonfinite_tensor[0];
    double last = v->steps.n ? v->steps.step[v->steps.n - 1] : 0;
    bool old = !(v->change.step >= LATE * last) || (sequence && !(v->gates.step >= LATE * last));
    return old || broken;
}

/* A rehearsal whose steps end in numbers that are not finite has measured them all the same. */
static int rehearse(struct verdict *v, const char *data, const char *out, const char *name,
                    enum leadseq_rehearse_from from)
{
    char *path = leadseq_format("%s/%s.h5", out, name);
    if (!path) return -1;
    unlink(path); // of an earlier diagnosis
    struct leadseq_probe_options how = {
        .data = data,
        .out = path,
        .from = from,
        .groups = BIT(OUTPUT) | BIT(HEAD) | BIT(FLOW) | BIT(PARAMETERS) | BIT(GATES),
        .steps = from == LEADSEQ_FROM_SEED ? FIRST_STEPS : MORE_STEPS,
    };
    leadseq_info("rehearsing %d steps from %s", how.steps,
                 from == LEADSEQ_FROM_SEED ? "the initial weights" : "the last checkpoint");
    if (leadseq_probe_run(v->run, v->e, &how)) {
        verdict_note(v, "the rehearsal from %s failed: %s",
                     from == LEADSEQ_FROM_SEED ? "the initial weights" : "the last checkpoint",
                     leadseq_error());
        leadseq_error_clear();
    }
    int status = leadseq_path_exists(path) ? verdict_measure_file(v, path) : 1;
    free(path);
    return status < 0 ? -1 : 0;
}

/* Mean and deviation of what the model is fed, over an even sample of the stack's records. */
static int measure_pixels(struct verdict *v, const char *data)
{
    size_t position[PIXELS_RECORDS], n = 0;
    struct leadseq_stack *stack = leadseq_stack_open(data);
    if (!stack) {
        verdict_note(v, "%s", leadseq_error());
        leadseq_error_clear();
        return 0;
    }
    size_t count = leadseq_stack_count(stack);
    for (; n < PIXELS_RECORDS && n < count; n++)
        position[n] = count <= PIXELS_RECORDS ? n : n * count / PIXELS_RECORDS;
    int status = leadseq_batches_moments(stack, position, n, v->e->data.invert, &v->rest.pixel_mean,
                                         &v->rest.pixel_sd);
    leadseq_stack_close(stack);
    return status;
}

static int look_at_pixels(struct verdict *v, const char *data)
{
    if (v->e->data.standardise && isnan(v->rest.pixel_mean)) {
        v->rest.pixel_mean = 0;
        v->rest.pixel_sd = 1;
    }
    if (isfinite(v->rest.pixel_mean) && isfinite(v->rest.pixel_sd)) return 0;
    return data ? measure_pixels(v, data) : 0;
}

static int measure_missing(struct verdict *v, const struct leadseq_diagnose_options *options)
{
    const char *data = v->data = stack_of(v, options);
    v->out = options->out;
    v->rehearse = options->rehearse;
    bool start = lacks_start(v), end = lacks_end(v);
    if ((start || end) && !options->rehearse)
        verdict_note(v, "what the probes did not measure was not rehearsed, as asked");
    else if ((start || end) && !data)
        verdict_note(v,
                     "the run's stack (%s) is not there, so that nothing can be rehearsed: give it "
                     "with --data",
                     v->counts.stack[0] ? v->counts.stack : "unknown");
    else if (v->busy && end)
        end = false;
    if (!options->rehearse) return 0;
    if (start && data && rehearse(v, data, options->out, "rehearsed-start", LEADSEQ_FROM_SEED))
        return -1;
    if (end && data && lacks_end(v) &&
        rehearse(v, data, options->out, "rehearsed-end", LEADSEQ_FROM_LAST))
        return -1;
    if (verdict_twins(v) || verdict_fitted(v)) return -1;
    return look_at_pixels(v, data);
}

static void note_missing(struct verdict *v)
{
    bool sequence = v->e->model.type->recurrent;
    if (!v->head.rows) verdict_note(v, "the displacement of the logits by a step was not measured");
    if (!sequence)
        verdict_note(v,
                     "the model has no recurrence: nothing flows through leads, and there are no "
                     "gates to saturate");
    if (sequence && !v->flow.rows)
        verdict_note(
            v, "the gradient through the leads was not measured, or was zero wherever it was");
    if (sequence && isnan(v->gates.step)) verdict_note(v, "gates and channels were not measured");
    if (isnan(v->change.distance)) verdict_note(v, "how far the weights moved was not measured");
    if (isnan(v->rest.pixel_mean))
        verdict_note(v, "mean and deviation of the images as fed are not known");
}

int verdict_measure(struct verdict *v, const struct leadseq_diagnose_options *options)
{
    verdict_measure_nothing(v);
    char *path = leadseq_path_join(v->run, "diagnostics.h5");
    if (!path) return -1;
    int status = 0;
    if (leadseq_path_exists(path))
        status = verdict_measure_file(v, path) < 0 ? -1 : 0;
    else
        verdict_note(v, "there is no diagnostics.h5: the run had diagnose.probes: none, or is of a "
                        "version before there were probes");
    free(path);
    if (!status) status = measure_missing(v, options);
    if (!status) note_missing(v);
    return status;
}
