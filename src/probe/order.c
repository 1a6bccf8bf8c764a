/* SPDX-License-Identifier: MIT
 *
 * The input group's expensive half: what validation records lose when a lead is blank
 * paper, and whether the order of the leads matters at all. Evaluation passes
 * only; nothing of the training changes. */
#include "type.h"

#include "stats/stats.h"

#include <stdlib.h>
#include <string.h>

static const struct leadseq_quantity quantities[] = {
    {"input/records",
     {0},
     "records",
     "validation records that the AUCs of this row are of; 0: none were predicted"},
    {"input/auc", {LEADSEQ_AXIS_OUTPUT}, "1", "AUC of those records"},
    {"input/cost", {0}, "1", "their mean cost"},
    {"input/occluded_auc",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_LEAD},
     "1",
     "AUC with the lead blank paper"},
    {"input/occluded_shift",
     {LEADSEQ_AXIS_OUTPUT, LEADSEQ_AXIS_LEAD},
     "1",
     "root mean square change of z with the lead blank, divided by the standard deviation of z"},
    {"input/reversed_auc", {LEADSEQ_AXIS_OUTPUT}, "1", "AUC with the leads in reverse order"},
    {"input/reversed_shift",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "root mean square change of z then, divided by the standard deviation of z"},
    {"input/permuted_auc",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "AUC with the leads in a random order, mean over draws"},
    {"input/permuted_shift",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "root mean square change of z then, divided by the standard deviation of z"},
};

enum { RECORDS = 64, RECORDS_ECONOMY = 32, PERMUTATIONS = 3 };

/* Every record is predicted 2 + leads + PERMUTATIONS times, from the same images:
 *
 *   variant 0              as it is
 *   1 … leads              with lead variant - 1 replaced by blank paper
 *   leads + 1              with the leads in reverse order
 *   then PERMUTATIONS      with the leads in a random order, the same for all records */
struct variants {
    int leads, n; /* variants */
    int order[PERMUTATIONS + 1][LEADSEQ_LEADS];
};

/* The lead that a variant from 1 to leads blanks. */
static int blank_of(int variant)
{
    return variant - 1;
}

static void variants_init(struct variants *v, const struct leadseq_training *t)
{
    v->leads = leadseq_model_spec(t->model)->leads;
    v->n = 1 + v->leads + 1 + PERMUTATIONS;
    for (int k = 0; k < v->leads; k++) v->order[0][k] = v->leads - 1 - k;
    for (int draw = 1; draw <= PERMUTATIONS; draw++) {
        struct leadseq_random r;
        size_t index[LEADSEQ_LEADS];
        leadseq_random_init(&r, t->e->seed, LEADSEQ_STREAM_PROBES, 1000, (uint64_t)draw);
        for (int k = 0; k < v->leads; k++) index[k] = (size_t)k;
        leadseq_random_permute(&r, index, (size_t)v->leads);
        for (int k = 0; k < v->leads; k++) v->order[draw][k] = (int)index[k];
    }
}

/* Blank paper, not zeros: 0 is ink (or, after standardisation, some grey), and a model would
 * respond to an image full of it and not to the missing lead. */
static void blank(const struct leadseq_training *t, int lead, int n, float *x)
{
    const int channels = leadseq_model_spec(t->model)->channels;
    const size_t plane = probe_image(t) / (size_t)channels;
    for (int i = 0; i < n; i++) {
        float *image = x + probe_image_at(t, lead, i, n);
        for (int c = 0; c < channels; c++, image += plane) {
            const float paper = probe_paper(&t->feed, c);
            for (size_t k = 0; k < plane; k++) image[k] = paper;
        }
    }
}

static void make_variant(const struct leadseq_training *t, const struct variants *v, int variant,
                         const struct leadseq_batch *batch, float *x)
{
    size_t image = probe_image(t);
    const int *order = variant > v->leads ? v->order[variant - v->leads - 1] : NULL;
    for (int lead = 0; lead < v->leads; lead++)
        for (int i = 0; i < batch->n; i++)
            memcpy(x + probe_image_at(t, lead, i, batch->n),
                   batch->images + probe_image_at(t, order ? order[lead] : lead, i, batch->n),
                   image * sizeof *x);
    if (variant && !order) blank(t, blank_of(variant), batch->n, x);
}

struct answers {
    size_t n;       /* records */
    int outputs;    /* K */
    double *z;      /* (variants, K, room) */
    double *score;  /* (room) of one variant and output */
    uint8_t *label; /* (K, room) 0, 1 or LEADSEQ_UNKNOWN */
    uint8_t *known; /* (room) the labels that `score` has a score for */
    double cost;    /* sum over the records as they are */
    size_t room;
};

/* The logits of a variant and output. */
static double *logits_of(const struct answers *a, int variant, int k)
{
    return a->z + ((size_t)variant * (size_t)a->outputs + (size_t)k) * a->room;
}

static int predict_batch(struct probe_session *p, const struct variants *v,
                         const struct leadseq_batch *batch, float *x, struct answers *a)
{
    for (int variant = 0; variant < v->n; variant++) {
        make_variant(&p->t, v, variant, batch, x);
        if (leadseq_model_forward(p->t.model, LEADSEQ_EVALUATE, 0, batch->n, x, p->logit))
            return -1;
        if (variant == 0) a->cost += batch->n * probe_loss(p, p->logit, batch->target, batch->n);
        for (int i = 0; i < batch->n * a->outputs; i++)
            logits_of(a, variant, i % a->outputs)[a->n + (size_t)(i / a->outputs)] = p->logit[i];
    }
    for (int i = 0; i < batch->n * a->outputs; i++)
        a->label[(size_t)(i % a->outputs) * a->room + a->n + (size_t)(i / a->outputs)] =
            batch->target[i] < 0 ? LEADSEQ_UNKNOWN : batch->target[i] > 0.5f;
    a->n += (size_t)batch->n;
    return 0;
}

/* --- Records: an even sample of the validation part, of training's if it has none -------- */

static size_t *choose(const struct probe_session *p, size_t *n)
{
    const struct leadseq_split *s = p->t.split;
    int part = s->n[LEADSEQ_VALID] ? LEADSEQ_VALID : LEADSEQ_TRAIN;
    bool economy = p->t.e->diagnose.probes == LEADSEQ_PROBES_ECONOMY && !p->whole;
    size_t most = p->records ? (size_t)p->records : economy ? RECORDS_ECONOMY : RECORDS;
    *n = s->n[part] < most ? s->n[part] : most;
    size_t *position = leadseq_calloc(*n, sizeof *position);
    for (size_t i = 0; position && i < *n; i++)
        position[i] = s->position[part][i * s->n[part] / *n];
    return position;
}

/* A second reader of the same stack, with its own thread that prepares batches; the training's
 * reader waits with its next batch ready. Evaluation mode: running statistics are used, not
 * updated, and nothing is dropped, so that nothing has to be put back. */
static int predict_all(struct probe_session *p, const struct variants *v, const size_t *position,
                       struct answers *a)
{
    struct leadseq_batch_options options = p->t.feed;
    const struct leadseq_batch *batch;
    options.position = position;
    options.n = a->room;
    size_t values = probe_image(&p->t) * (size_t)v->leads * (size_t)options.batch;
    float *x = leadseq_calloc(values, sizeof *x);
    struct leadseq_batches *batches = x ? leadseq_batches_open(p->t.stack, &options) : NULL;
    int status = batches ? leadseq_batches_start(batches, 0, 0) : -1, more = 1;
    while (!status && (more = leadseq_batches_next(batches, &batch)) == 1)
        status = predict_batch(p, v, batch, x, a);
    leadseq_batches_close(batches);
    free(x);
    return status || more < 0 ? -1 : 0;
}

/* --- Values ----------------------------------------------------------------------------------- */

/* Of the records whose label is known. */
static double auc_of(struct answers *a, int variant, int k)
{
    const double *z = logits_of(a, variant, k);
    const uint8_t *label = a->label + (size_t)k * a->room;
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (label[i] > 1) continue;
        a->score[n] = leadseq_sigmoid((float)z[i]);
        a->known[n++] = label[i];
    }
    return leadseq_auc(a->score, a->known, n);
}

/* Root mean square change of z divided by its standard deviation over the records: 0.1 means that
 * the change is small against the differences between records, 1 that it is as large as them. */
static double shift_of(const struct answers *a, int variant, int k)
{
    double mean = 0, squares = 0, moved = 0;
    const double *z = logits_of(a, 0, k), *other = logits_of(a, variant, k);
    for (size_t i = 0; i < a->n; i++) mean += z[i] / (double)a->n;
    for (size_t i = 0; i < a->n; i++) {
        squares += (z[i] - mean) * (z[i] - mean);
        moved += (other[i] - z[i]) * (other[i] - z[i]);
    }
    return squares > 0 ? sqrt(moved / squares) : NAN;
}

static void fill(struct leadseq_probes *p, const struct variants *v, struct answers *a, int k)
{
    double auc = 0, shift = 0;
    probe_values(p, "input/auc")[k] = auc_of(a, 0, k);
    for (int t = 0; t < v->leads; t++) {
        probe_values(p, "input/occluded_auc")[k * v->leads + t] = auc_of(a, 1 + t, k);
        probe_values(p, "input/occluded_shift")[k * v->leads + t] = shift_of(a, 1 + t, k);
    }
    probe_values(p, "input/reversed_auc")[k] = auc_of(a, 1 + v->leads, k);
    probe_values(p, "input/reversed_shift")[k] = shift_of(a, 1 + v->leads, k);
    for (int draw = 0; draw < PERMUTATIONS; draw++) {
        auc += auc_of(a, 2 + v->leads + draw, k) / PERMUTATIONS;
        shift += shift_of(a, 2 + v->leads + draw, k) / PERMUTATIONS;
    }
    probe_values(p, "input/permuted_auc")[k] = auc;
    probe_values(p, "input/permuted_shift")[k] = shift;
}

/* With the weights and running statistics from before the step. */
static int before(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    struct probe_session *s = probe_session_of(p);
    struct variants v;
    struct answers a = {.outputs = s->outputs};
    (void)own;
    if (probe_row(p, "input", step->step)) return -1;
    variants_init(&v, &s->t);
    size_t *position = choose(s, &a.room), outputs = (size_t)s->outputs;
    a.z = leadseq_calloc((size_t)v.n * outputs * a.room, sizeof *a.z);
    a.score = leadseq_calloc(a.room, sizeof *a.score);
    a.label = leadseq_calloc(a.room * outputs, sizeof *a.label);
    a.known = leadseq_calloc(a.room, sizeof *a.known);
    int status = position && a.z && a.score && a.label && a.known ? 0 : -1;
    if (!status) status = predict_all(s, &v, position, &a);
    if (!status && a.n) {
        *probe_values(p, "input/records") = (double)a.n;
        *probe_values(p, "input/cost") = a.cost / (double)a.n;
        for (int k = 0; k < s->outputs; k++) fill(p, &v, &a, k);
    }
    free(position);
    free(a.z);
    free(a.score);
    free(a.label);
    free(a.known);
    return status;
}

/* Forward passes, in batches of the training's size. */
static double passes(const struct leadseq_training *t)
{
    const struct leadseq_split *s = t->split;
    size_t there = s->n[LEADSEQ_VALID] ? s->n[LEADSEQ_VALID] : s->n[LEADSEQ_TRAIN];
    size_t most = t->e->diagnose.probes == LEADSEQ_PROBES_ECONOMY ? RECORDS_ECONOMY : RECORDS;
    double records = (double)(there < most ? there : most);
    return (2 + PERMUTATIONS + leadseq_model_spec(t->model)->leads) *
           ceil(records / t->e->train.batch);
}

static double cost(const struct leadseq_training *t, const struct probe_prices *in)
{
    return passes(t) * (in->forward + in->images);
}

static const struct probe_work occluding = {"occluding", .share = 0.05, .cost = cost};

const struct leadseq_probe_type probe_order = {
    .name = "order",
    .group = LEADSEQ_GROUP_INPUT,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&occluding},
    .n_works = 1,
    .absent = probe_lacks_whole_batch,
    .before = before,
};
