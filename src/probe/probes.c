/* SPDX-License-Identifier: MIT
 *
 * The hooks of a training: which types of probes apply to it, and which of them run
 * in a step. Knows no type by name.
 *
 * The order of one step, and what each call finds:
 *
 *   before     weights of the last step, nothing computed. Decides which works are planned, and
 *              asks the model to show its recurrent steps if any planned type observes them
 *   see        called by the model inside the forward and the backward pass, lead by lead
 *   gradient   gradients complete (and clipped), weights not yet moved: the last moment at which
 *              something can be measured of the weights from before the step, or they be copied
 *   after      weights moved; passes in training mode over the batch are made here, because the
 *              step no longer needs the activations that such a pass overwrites
 *
 * A step that fails (cost or gradient not finite) ends after gradient(): there is no after(). For
 * that case works marked on_failure are added in gradient(), so that the last row of the file
 * describes the step that failed. */
#include "file.h"

#include <stdlib.h>
#include <string.h>

/* --- Begin and end ---------------------------------------------------------------------------- */

static int open_file(struct leadseq_probes *p)
{
    char *own = p->path ? NULL : leadseq_path_join(p->session.t.folder, "diagnostics.h5");
    if (!p->path && !own) return -1;
    int status = probe_file_init(&p->file, &p->session, p->path ? p->path : own);
    free(own);
    return status;
}

/* Pictures of the step measured last; a person looks at them while the run continues. */
static int choose_saliency(struct leadseq_probes *p)
{
    const struct leadseq_training *t = &p->session.t;
    if (!p->saliency && !p->all && t->folder && t->e->diagnose.probes >= LEADSEQ_PROBES_STANDARD) {
        p->own_saliency = leadseq_path_join(t->folder, "saliency");
        if (!p->own_saliency) return -1;
    }
    p->session.saliency = p->saliency ? p->saliency : p->own_saliency;
    return 0;
}

static bool is_off(const struct leadseq_probes *p)
{
    return p->session.t.e->diagnose.probes == LEADSEQ_PROBES_NONE && !p->all;
}

static bool is_absent(const struct leadseq_probe_type *type, const struct leadseq_training *t,
                      char why[PROBE_REASON])
{
    why[0] = '\0';
    if (t->e->diagnose.groups >> type->group & 1) return type->absent && type->absent(t, why);
    snprintf(why, PROBE_REASON, "not in diagnose.groups");
    return true;
}

/* A type that does not apply still gets its group in the file, with the reason, so that a reader
 * can distinguish "not measured" from "measured as nothing". */
static int add_type(struct leadseq_probes *p, const struct leadseq_probe_type *type)
{
    char why[PROBE_REASON];
    bool absent = is_absent(type, &p->session.t, why);
    if (probe_file_add(&p->file, type, why)) return -1;
    if (absent || p->n_probes == PROBE_TYPES_MOST) return 0;
    probe_plan_add(&p->plan, type, &p->session.t);
    size_t i = p->n_probes;
    p->probe[i].own = leadseq_calloc(1, type->own_bytes + 1);
    if (!p->probe[i].own) return -1;
    p->probe[i].type = type;
    p->n_probes++;
    for (size_t k = 0; k < type->n_works; k++)
        p->probe[i].works |= probe_plan_bit(&p->plan, type->work[k]);
    return type->begin ? type->begin(p, p->probe[i].own) : 0;
}

static int begin(void *user, const struct leadseq_training *training)
{
    struct leadseq_probes *p = user;
    p->session.t = *training;
    if (is_off(p)) return 0;
    if (probe_session_begin(&p->session, training)) return -1;
    p->session.whole = p->all != 0;
    p->session.records = p->records;
    if (open_file(p) || choose_saliency(p)) return -1;
    probe_plan_init(&p->plan, &p->session.t);
    for (size_t i = 0; i < probe_n_types; i++)
        if (add_type(p, probe_types[i])) return -1;
    return 0;
}

/* After a resume, the plan is replayed over the steps that were taken already: what each work has
 * spent of its allowance follows from the step's number alone, so the resumed run measures in the
 * same steps as one that was never stopped, and no plan has to be stored in the checkpoint. */
static int start(void *user, uint64_t step)
{
    struct leadseq_probes *p = user;
    if (is_off(p)) return 0;
    probe_plan_step(&p->plan, step);
    if (probe_file_start(&p->file, &p->session.t, step)) return -1;
    for (size_t i = 0; i < p->n_probes; i++) {
        const struct leadseq_probe_type *type = p->probe[i].type;
        if (type->start && type->start(p, p->probe[i].own, step)) return -1;
    }
    return 0;
}

/* Called before a checkpoint is written: the file must have all rows up to the checkpoint's step,
 * because a resumed run cuts rows after it but cannot add rows before it. */
static int save(void *user)
{
    struct leadseq_probes *p = user;
    return is_off(p) ? 0 : probe_file_flush(&p->file, true);
}

/* Keeps what the caller requested; the next training starts from an empty state. */
static void clear(struct leadseq_probes *p)
{
    for (size_t i = 0; i < p->n_probes; i++) {
        if (p->probe[i].type->clear) p->probe[i].type->clear(p->probe[i].own);
        free(p->probe[i].own);
    }
    probe_session_clear(&p->session);
    probe_file_clear(&p->file);
    free(p->own_saliency);
    *p = (struct leadseq_probes){.hooks = p->hooks,
                                 .path = p->path,
                                 .all = p->all,
                                 .records = p->records,
                                 .saliency = p->saliency};
}

static int end(void *user)
{
    struct leadseq_probes *p = user;
    int status = !is_off(p) && p->file.written ? probe_file_flush(&p->file, true) : 0;
    if (p->session.t.model) leadseq_model_observe(p->session.t.model, NULL, NULL);
    clear(p);
    return status;
}

/* --- A step ----------------------------------------------------------------------------------- */

/* Passes what the recurrent layers show to the types that observe it in this step. The model calls
 * it from within a pass, by one thread at a time, so that no lock is needed; the tensor is valid
 * only during the call. */
static void see(void *user, const char *layer, int lead, enum leadseq_observed what,
                const struct leadseq_view *tensor)
{
    struct leadseq_probes *p = user;
    for (size_t i = 0; i < p->n_probes; i++)
        if (p->probe[i].type->observe && p->probe[i].works & p->planned)
            p->probe[i].type->observe(p->probe[i].own, layer, lead, what, tensor);
}

static int before(void *user, struct leadseq_step *step)
{
    struct leadseq_probes *p = user;
    bool observed = false;
    if (is_off(p)) return 0;
    p->planned = p->all ? probe_plan_all(&p->plan) : probe_plan_step(&p->plan, step->step);
    for (size_t i = 0; i < p->n_probes; i++) {
        const struct leadseq_probe_type *type = p->probe[i].type;
        if (!(p->probe[i].works & p->planned)) continue;
        observed = observed || type->observe;
        if (type->before && type->before(p, p->probe[i].own, step)) return -1;
    }
    if (observed) leadseq_model_observe(p->session.t.model, see, p);
    return 0;
}

static int gradient(void *user, struct leadseq_step *step)
{
    struct leadseq_probes *p = user;
    if (is_off(p)) return 0;
    // Passes that the types make themselves must not be observed as if they were the step's.
    leadseq_model_observe(p->session.t.model, NULL, NULL);
    if (!isfinite(step->cost) || !isfinite(step->grad_norm))
        p->planned |= probe_plan_on_failure(&p->plan);
    for (size_t i = 0; i < p->n_probes; i++) {
        const struct leadseq_probe_type *type = p->probe[i].type;
        if (!(p->probe[i].works & p->planned)) continue;
        if (type->gradient && type->gradient(p, p->probe[i].own, step)) return -1;
    }
    return 0;
}

static int after(void *user, struct leadseq_step *step)
{
    struct leadseq_probes *p = user;
    for (size_t i = 0; i < p->n_probes; i++) {
        const struct leadseq_probe_type *type = p->probe[i].type;
        if (!(p->probe[i].works & p->planned)) continue;
        if (type->after && type->after(p, p->probe[i].own, step)) return -1;
    }
    return p->planned ? probe_file_flush_later(&p->file) : 0;
}

/* --- For the caller --------------------------------------------------------------------------- */

struct leadseq_probes *leadseq_probes_new(void)
{
    struct leadseq_probes *p = leadseq_calloc(1, sizeof *p);
    if (!p) return NULL;
    p->hooks = (struct leadseq_hooks){.user = p,
                                      .begin = begin,
                                      .start = start,
                                      .before = before,
                                      .gradient = gradient,
                                      .after = after,
                                      .save = save,
                                      .end = end};
    return p;
}

const struct leadseq_hooks *leadseq_probes_hooks(struct leadseq_probes *p)
{
    return &p->hooks;
}

void leadseq_probes_free(struct leadseq_probes *p)
{
    free(p);
}

/* A few steps of the run in memory, with everything measured in each. */
int leadseq_probe_run(const char *run, const struct leadseq_experiment *e,
                      const struct leadseq_probe_options *options)
{
    const uint32_t every = (UINT32_C(1) << LEADSEQ_GROUPS) - 1;
    struct leadseq_experiment own = *e;
    own.diagnose.groups = options->groups ? options->groups & every : every;
    if (options->steps < 1)
        return leadseq_fail("probes: expected at least one step, found %d", options->steps);
    if (leadseq_path_exists(options->out))
        return leadseq_fail("%s: exists already; remove it or choose another name", options->out);
    struct leadseq_probes *p = leadseq_probes_new();
    if (!p) return -1;
    p->path = options->out;
    p->all = own.diagnose.groups;
    p->records = options->records;
    p->saliency = options->saliency;
    struct leadseq_rehearsal how = {
        .data = options->data,
        .run = run,
        .from = options->from,
        .steps = options->steps,
        .hooks = leadseq_probes_hooks(p),
    };
    int status = leadseq_rehearse(&own, &how);
    leadseq_probes_free(p);
    return status;
}
