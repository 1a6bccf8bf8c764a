/* SPDX-License-Identifier: MIT
 *
 * The hooks of a training: which parts of the probes run when in a step. What
 * they compute stands in the groups' own files. */
#include "probe_private.h"

#include <stdlib.h>
#include <string.h>

/* --- Begin and end -----------------------------------------------------------------------------
 */

static int find_head(struct leadseq_probes *p)
{
    p->head_weight = p->head_bias = SIZE_MAX;
    for (size_t i = 0; i < p->params->n_slices; i++) {
        if (!strcmp(p->params->slice[i].name, "head.weight")) p->head_weight = i;
        if (!strcmp(p->params->slice[i].name, "head.bias")) p->head_bias = i;
    }
    if (p->head_weight != SIZE_MAX) return 0;
    return leadseq_fail("probes: expected a model whose last layer is called head");
}

static int make_room(struct leadseq_probes *p)
{
    size_t n = (size_t)p->t.e->train.batch, count = p->params->count, features = p->features;
    p->initial = leadseq_calloc(count, sizeof *p->initial);
    p->before = leadseq_calloc(count, sizeof *p->before);
    p->running = leadseq_calloc(p->state->count + 1, sizeof *p->running);
    p->phi = leadseq_calloc(n * features, sizeof *p->phi);
    p->phi_after = leadseq_calloc(n * features, sizeof *p->phi_after);
    p->delta = leadseq_calloc(features, sizeof *p->delta);
    p->logit = leadseq_calloc(n, sizeof *p->logit);
    p->logit_before = leadseq_calloc(n, sizeof *p->logit_before);
    p->cost = leadseq_calloc(n, sizeof *p->cost);
    bool made = p->initial && p->before && p->running && p->phi && p->phi_after && p->delta &&
                p->logit && p->logit_before && p->cost;
    return made ? 0 : -1;
}

static int open_file(struct leadseq_probes *p)
{
    char *own = p->path ? NULL : leadseq_path_join(p->t.folder, "diagnostics.h5");
    if (!p->path && !own) return -1;
    int status = diag_file_init(&p->file, &p->t, p->path ? p->path : own);
    free(own);
    return status;
}

/* Of the step measured last; a person looks at them while the run goes on. */
static int choose_saliency(struct leadseq_probes *p)
{
    bool wanted = p->t.e->diagnose.probes >= LEADSEQ_PROBES_STANDARD;
    if (p->saliency || p->all || !wanted || !p->t.folder) return 0;
    p->own_saliency = leadseq_path_join(p->t.folder, "saliency");
    p->saliency = p->own_saliency;
    return p->saliency ? 0 : -1;
}

static bool is_off(const struct leadseq_probes *p)
{
    return p->t.e->diagnose.probes == LEADSEQ_PROBES_NONE && !p->all;
}

static int begin(void *user, const struct leadseq_training *training)
{
    struct leadseq_probes *p = user;
    p->t = *training;
    p->params = leadseq_model_params(p->t.model);
    p->state = leadseq_model_state(p->t.model);
    p->features = leadseq_model_features(p->t.model);
    if (is_off(p)) return 0;
    if (find_head(p) || make_room(p) || open_file(p) || choose_saliency(p)) return -1;
    diag_plan_init(&p->plan, &p->t);
    memcpy(p->initial, p->params->value, p->params->count * sizeof *p->initial);
    if (p->plan.parts >> DIAG_HALVES & 1 && diag_step_new(p)) return -1;
    return p->plan.parts >> DIAG_OBSERVED & 1 ? diag_observe_new(p) : 0;
}

static int start(void *user, uint64_t step)
{
    struct leadseq_probes *p = user;
    if (is_off(p)) return 0;
    diag_plan_step(&p->plan, step);
    if (diag_file_start(&p->file, &p->t, step)) return -1;
    bool goes_on = p->plan.parts >> DIAG_HALVES & 1 && !diag_file_lacks(&p->file, "step");
    return goes_on ? diag_step_start(p) : 0;
}

static int save(void *user)
{
    struct leadseq_probes *p = user;
    return is_off(p) ? 0 : diag_file_flush(&p->file, true);
}

static void clear(struct leadseq_probes *p)
{
    float *own[] = {p->initial, p->before, p->running,      p->phi,   p->phi_after, p->delta,
                    p->logit,   p->cost,   p->logit_before, p->after, p->gradient};
    for (size_t i = 0; i < LEADSEQ_COUNT(own); i++) free(own[i]);
    diag_observe_free(p);
    diag_file_clear(&p->file);
    if (p->own_saliency) p->saliency = NULL;
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
    int status = !is_off(p) && p->file.written ? diag_file_flush(&p->file, true) : 0;
    if (p->t.model) leadseq_model_observe(p->t.model, NULL, NULL);
    clear(p);
    return status;
}

/* --- A step --------------------------------------------------------------------------------------
 */

void diag_keep_running(struct leadseq_probes *p)
{
    memcpy(p->running, p->state->value, p->state->count * sizeof *p->running);
}

void diag_restore_running(struct leadseq_probes *p)
{
    memcpy(p->state->value, p->running, p->state->count * sizeof *p->running);
}

int diag_forward_again(struct leadseq_probes *p, const struct leadseq_step *step)
{
    diag_keep_running(p);
    int status = leadseq_model_forward(p->t.model, LEADSEQ_TRAINING, step->draws, step->batch->n,
                                       step->batch->images, p->logit);
    diag_restore_running(p);
    return status;
}

static int before(void *user, struct leadseq_step *step)
{
    struct leadseq_probes *p = user;
    if (is_off(p)) return 0;
    p->parts = p->all ? p->plan.parts : diag_plan_step(&p->plan, step->step);
    if (diag_does(p, DIAG_OBSERVED)) diag_observe_begin(p);
    return 0;
}

static int gradient(void *user, struct leadseq_step *step)
{
    struct leadseq_probes *p = user;
    if (!isfinite(step->cost) || !isfinite(step->grad_norm)) // the tensors it reached are wanted
        p->parts |= p->plan.parts & UINT32_C(1) << DIAG_PASSES;
    if (diag_does(p, DIAG_OBSERVED) && diag_observe_end(p, step)) return -1;
    if (diag_does(p, DIAG_OUTPUT) && diag_output(p, step)) return -1;
    if (diag_does(p, DIAG_RECURRENCE) && diag_recurrence(p, step)) return -1;
    if (!(diag_does(p, DIAG_PASSES) || diag_does(p, DIAG_HALVES) || diag_does(p, DIAG_LINE)))
        return 0;
    if (diag_does(p, DIAG_HALVES) || diag_does(p, DIAG_LINE)) diag_step_keep(p, step);
    memcpy(p->before, p->params->value, p->params->count * sizeof *p->before);
    if (!diag_does(p, DIAG_PASSES)) return 0;
    return diag_parameters_before(p, step) || diag_head_before(p, step) ? -1 : 0;
}

/* The pass with the new weights, and all that needs it. */
static int after(void *user, struct leadseq_step *step)
{
    struct leadseq_probes *p = user;
    if (diag_does(p, DIAG_PASSES) && diag_parameters_after(p, step)) return -1;
    if (diag_does(p, DIAG_PASSES) && diag_does(p, DIAG_MEASURED) &&
        (diag_forward_again(p, step) || diag_head_after(p, step)))
        return -1;
    if ((diag_does(p, DIAG_HALVES) || diag_does(p, DIAG_LINE)) && diag_step_after(p, step))
        return -1;
    if (diag_does(p, DIAG_INPUT) && diag_input(p, step)) return -1;
    if (diag_does(p, DIAG_ORDER) && diag_order(p, step)) return -1;
    return p->parts ? diag_file_flush_later(&p->file) : 0;
}

/* --- For the caller
 * ---------------------------------------------------------------------------------- */

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
