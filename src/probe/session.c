/* SPDX-License-Identifier: MIT
 *
 * The training that probes look at: passes of their own over the step's batch,
 * what they must put back afterwards, and where its images are. Measures nothing.
 *
 * Probes must not change the training: a run has the same weights, bit for bit, with and without
 * them. An extra pass changes two things. In training mode it updates batch norm's running
 * statistics, so they are copied before it and put back after it. And it overwrites the
 * activations the model keeps for the backward pass, so it is made only in after(), when the step
 * no longer needs them. It draws no random numbers of its own: dropout is keyed by step->draws, so
 * the extra pass drops the same values as the step did. */
#include "file.h"

#include <stdlib.h>
#include <string.h>

/* --- Begin and end ---------------------------------------------------------------------------- */

static int find_head(struct probe_session *s)
{
    s->head_weight = s->head_bias = SIZE_MAX;
    for (size_t i = 0; i < s->params->n_slices; i++) {
        if (!strcmp(s->params->slice[i].name, "head.weight")) s->head_weight = i;
        if (!strcmp(s->params->slice[i].name, "head.bias")) s->head_bias = i;
    }
    if (s->head_weight == SIZE_MAX)
        return leadseq_fail("probes: expected a model whose last layer is called head");
    s->outputs = leadseq_model_spec(s->t.model)->outputs;
    s->paired = leadseq_model_spec(s->t.model)->paired;
    return 0;
}

int probe_session_begin(struct probe_session *s, const struct leadseq_training *t)
{
    *s = (struct probe_session){.t = *t,
                                .params = leadseq_model_params(t->model),
                                .state = leadseq_model_state(t->model),
                                .features = leadseq_model_features(t->model)};
    if (find_head(s)) return -1;
    size_t logits = (size_t)t->e->train.batch * (size_t)s->outputs;
    s->before = leadseq_calloc(s->params->count, sizeof *s->before);
    s->running = leadseq_calloc(s->state->count + 1, sizeof *s->running);
    s->logit = leadseq_calloc(logits, sizeof *s->logit);
    s->scratch = leadseq_calloc(logits, sizeof *s->scratch);
    return s->before && s->running && s->logit && s->scratch ? 0 : -1;
}

void probe_session_clear(struct probe_session *s)
{
    free(s->before);
    free(s->running);
    free(s->logit);
    free(s->scratch);
    *s = (struct probe_session){0};
}

struct probe_session *probe_session_of(struct leadseq_probes *p)
{
    return &p->session;
}

bool probe_does(const struct leadseq_probes *p, const struct probe_work *work)
{
    return p->planned & probe_plan_bit(&p->plan, work);
}

/* --- Passes of our own ------------------------------------------------------------------------ */

/* Several types need the weights from before the step; the first one that asks copies them. Steps
 * count from 1, so that before_step 0 means that none were copied. */
void probe_keep_weights(struct probe_session *s, const struct leadseq_step *step)
{
    if (s->before_step == step->step) return;
    memcpy(s->before, s->params->value, s->params->count * sizeof *s->before);
    s->before_step = step->step;
}

void probe_keep_running(struct probe_session *s)
{
    memcpy(s->running, s->state->value, s->state->count * sizeof *s->running);
}

void probe_restore_running(struct probe_session *s)
{
    memcpy(s->state->value, s->running, s->state->count * sizeof *s->running);
}

int probe_forward_again(struct probe_session *s, const struct leadseq_step *step)
{
    probe_keep_running(s);
    int status = leadseq_model_forward(s->t.model, LEADSEQ_TRAINING, step->draws, step->batch->n,
                                       step->batch->images, s->logit);
    probe_restore_running(s);
    return status;
}

double probe_loss(const struct probe_session *s, const float *logit, const float *target, int n)
{
    const struct leadseq_loss loss = leadseq_experiment_loss(s->t.e);
    return leadseq_loss_mean(&loss, logit, target, n, NULL, NULL);
}

/* --- What applies ----------------------------------------------------------------------------- */

bool probe_lacks_recurrence(const struct leadseq_training *t, char why[PROBE_REASON])
{
    if (leadseq_model_cells(t->model)) return false;
    snprintf(why, PROBE_REASON, "model.type: %s has no recurrence",
             leadseq_model_spec(t->model)->type->name);
    return true;
}

/* With several ranks, rank 0 has only its own records of a batch. A pass over them alone is correct
 * as long as records do not influence each other; with batch norm they do. */
bool probe_lacks_whole_batch(const struct leadseq_training *t, char why[PROBE_REASON])
{
    if (t->ranks == 1 || !leadseq_model_state(t->model)->count) return false;
    snprintf(why, PROBE_REASON,
             "several ranks: batch norm's statistics are not those of rank 0's records");
    return true;
}

const char *probe_file_path(const struct leadseq_probes *p)
{
    return p->file.path;
}

/* --- Images ----------------------------------------------------------------------------------- */

size_t probe_image(const struct leadseq_training *t)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    return (size_t)spec->channels * (size_t)spec->height * (size_t)spec->width;
}

/* A sequence of leads is stored (T, N, C, H, W): all records of the first lead, then of the second;
 * leads as channels are stored (N, T · C, H, W): all leads of the first record first. */
size_t probe_image_at(const struct leadseq_training *t, int lead, int i, int n)
{
    size_t leads = (size_t)leadseq_model_spec(t->model)->leads;
    bool sequence = t->feed.layout == LEADSEQ_LAYOUT_TNCHW;
    return probe_image(t) *
           (sequence ? (size_t)lead * (size_t)n + (size_t)i : (size_t)i * leads + (size_t)lead);
}

float probe_paper(const struct leadseq_batch_options *feed, int colour)
{
    if (feed->signals.samples) return 0; // as a missing sample
    return ((feed->invert ? 0.0f : 1.0f) - feed->mean[colour]) * feed->scale[colour];
}

/* --- Works several types share ---------------------------------------------------------------- */

static double passes_cost(const struct leadseq_training *t, const struct probe_prices *in)
{
    (void)t;
    return in->passes + in->features;
}

const struct probe_work probe_passes = {
    .name = "passes", .share = 0.15, .first = true, .on_failure = true, .cost = passes_cost};

static double forward_cost(const struct leadseq_training *t, const struct probe_prices *in)
{
    (void)t;
    return in->forward + in->features;
}

/* A second pass on one rank would have other statistics of batch norm than that of all ranks. */
static bool can_repeat(const struct leadseq_training *t)
{
    return t->ranks == 1 || !leadseq_model_state(t->model)->count;
}

const struct probe_work probe_second_forward = {.name = "second forward pass",
                                                .share = 0.15,
                                                .first = true,
                                                .cost = forward_cost,
                                                .possible = can_repeat};

/* Values observers see in a step: h, c, four gates and their derivatives, 12 per hidden channel,
 * pixel, record and lead. */
static double observing_cost(const struct leadseq_training *t, const struct probe_prices *in)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    double values = 0;
    for (int i = 0; i < leadseq_model_cells(t->model); i++) {
        const struct leadseq_model_cell cell = leadseq_model_cell(t->model, i);
        double pixels = (double)spec->height * spec->width / (cell.step * cell.step);
        values += 12.0 * cell.channels * pixels;
    }
    values = values * t->e->train.batch * spec->leads;
    return (PROBE_ROW_S + PROBE_VALUE_S * values) / in->step_s;
}

const struct probe_work probe_observing = {
    .name = "observing", .share = 0.25, .first = true, .cost = observing_cost};
