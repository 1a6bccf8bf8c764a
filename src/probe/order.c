/* SPDX-License-Identifier: MIT
 *
 * The input group's dear half: what validation records lose when a lead is blank
 * paper, and whether the order of the leads matters at all. Evaluation passes
 * alone; nothing of the training changes. */
#include "probe_private.h"

#include "stats/stats.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS = 64, RECORDS_ECONOMY = 32, PERMUTATIONS = 3 };

/* The records as they are; each lead blank; reversed; some random orders. */
struct variants {
    int leads, n; /* variants */
    int order[PERMUTATIONS + 1][LEADSEQ_LEADS];
};

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

static void blank(const struct leadseq_training *t, int lead, int n, float *x)
{
    float paper = diag_paper(&t->feed);
    for (int i = 0; i < n; i++) {
        float *image = x + diag_image_at(t, lead, i, n);
        for (size_t k = 0; k < diag_image(t); k++) image[k] = paper;
    }
}

static void make_variant(const struct leadseq_training *t, const struct variants *v, int variant,
                         const struct leadseq_batch *batch, float *x)
{
    size_t image = diag_image(t);
    const int *order = variant > v->leads ? v->order[variant - v->leads - 1] : NULL;
    for (int lead = 0; lead < v->leads; lead++)
        for (int i = 0; i < batch->n; i++)
            memcpy(x + diag_image_at(t, lead, i, batch->n),
                   batch->images + diag_image_at(t, order ? order[lead] : lead, i, batch->n),
                   image * sizeof *x);
    if (variant && !order) blank(t, blank_of(variant), batch->n, x);
}

struct answers {
    size_t n;       /* records */
    double *z;      /* (variants, n) */
    double *score;  /* (n) of one variant */
    uint8_t *label; /* (n) */
    double cost;    /* sum over the records as they are */
    size_t room;
};

static int predict_batch(struct leadseq_probes *p, const struct variants *v,
                         const struct leadseq_batch *batch, float *x, struct answers *a)
{
    const struct leadseq_experiment *e = p->t.e;
    for (int variant = 0; variant < v->n; variant++) {
        make_variant(&p->t, v, variant, batch, x);
        if (leadseq_model_forward(p->t.model, LEADSEQ_EVALUATE, 0, batch->n, x, p->logit))
            return -1;
        if (variant == 0)
            a->cost +=
                batch->n * (double)leadseq_loss(e->train.loss, e->train.positive_weight, p->logit,
                                                batch->target, batch->n, NULL, NULL);
        for (int i = 0; i < batch->n; i++)
            a->z[(size_t)variant * a->room + a->n + (size_t)i] = p->logit[i];
    }
    for (int i = 0; i < batch->n; i++) a->label[a->n++] = batch->target[i] > 0.5f;
    return 0;
}

/* --- Records: an even sample of the validation part, of training's where there is none
 * ------------- */

static size_t *choose(const struct leadseq_probes *p, size_t *n)
{
    const struct leadseq_split *s = p->t.split;
    int part = s->n[LEADSEQ_VALID] ? LEADSEQ_VALID : LEADSEQ_TRAIN;
    bool economy = p->t.e->diagnose.probes == LEADSEQ_PROBES_ECONOMY && !p->all;
    size_t most = p->records ? (size_t)p->records : economy ? RECORDS_ECONOMY : RECORDS;
    *n = s->n[part] < most ? s->n[part] : most;
    size_t *position = leadseq_calloc(*n, sizeof *position);
    for (size_t i = 0; position && i < *n; i++)
        position[i] = s->position[part][i * s->n[part] / *n];
    return position;
}

static int predict_all(struct leadseq_probes *p, const struct variants *v, const size_t *position,
                       struct answers *a)
{
    struct leadseq_batch_options options = p->t.feed;
    const struct leadseq_batch *batch;
    options.position = position;
    options.n = a->room;
    size_t values = diag_image(&p->t) * (size_t)v->leads * (size_t)options.batch;
    float *x = leadseq_calloc(values, sizeof *x);
    struct leadseq_batches *batches = x ? leadseq_batches_open(p->t.stack, &options) : NULL;
    int status = batches ? leadseq_batches_start(batches, 0, 0) : -1, more = 1;
    while (!status && (more = leadseq_batches_next(batches, &batch)) == 1)
        status = predict_batch(p, v, batch, x, a);
    leadseq_batches_close(batches);
    free(x);
    return status || more < 0 ? -1 : 0;
}

/* --- Values
 * ------------------------------------------------------------------------------------------- */

static double auc_of(struct answers *a, int variant)
{
    const double *z = a->z + (size_t)variant * a->room;
    for (size_t i = 0; i < a->n; i++) a->score[i] = leadseq_sigmoid((float)z[i]);
    return leadseq_auc(a->score, a->label, a->n);
}

/* Root mean square change of z by its standard deviation over the records. */
static double shift_of(const struct answers *a, int variant)
{
    double mean = 0, squares = 0, moved = 0;
    const double *z = a->z, *other = a->z + (size_t)variant * a->room;
    for (size_t i = 0; i < a->n; i++) mean += z[i] / (double)a->n;
    for (size_t i = 0; i < a->n; i++) {
        squares += (z[i] - mean) * (z[i] - mean);
        moved += (other[i] - z[i]) * (other[i] - z[i]);
    }
    return squares > 0 ? sqrt(moved / squares) : NAN;
}

static void fill(struct leadseq_probes *p, const struct variants *v, struct answers *a)
{
    struct diag_file *f = &p->file;
    double auc = 0, shift = 0;
    *diag_values(f, "input/records") = (double)a->n;
    *diag_values(f, "input/auc") = auc_of(a, 0);
    *diag_values(f, "input/cost") = a->cost / (double)a->n;
    for (int t = 0; t < v->leads; t++) {
        diag_values(f, "input/occluded_auc")[t] = auc_of(a, 1 + t);
        diag_values(f, "input/occluded_shift")[t] = shift_of(a, 1 + t);
    }
    *diag_values(f, "input/reversed_auc") = auc_of(a, 1 + v->leads);
    *diag_values(f, "input/reversed_shift") = shift_of(a, 1 + v->leads);
    for (int draw = 0; draw < PERMUTATIONS; draw++) {
        auc += auc_of(a, 2 + v->leads + draw) / PERMUTATIONS;
        shift += shift_of(a, 2 + v->leads + draw) / PERMUTATIONS;
    }
    *diag_values(f, "input/permuted_auc") = auc;
    *diag_values(f, "input/permuted_shift") = shift;
}

double diag_order_passes(const struct leadseq_training *t)
{
    const struct leadseq_split *s = t->split;
    size_t there = s->n[LEADSEQ_VALID] ? s->n[LEADSEQ_VALID] : s->n[LEADSEQ_TRAIN];
    size_t most = t->e->diagnose.probes == LEADSEQ_PROBES_ECONOMY ? RECORDS_ECONOMY : RECORDS;
    double records = (double)(there < most ? there : most);
    return (2 + PERMUTATIONS + leadseq_model_spec(t->model)->leads) *
           ceil(records / t->e->train.batch);
}

int diag_order(struct leadseq_probes *p, struct leadseq_step *step)
{
    struct variants v;
    struct answers a = {0};
    if (diag_row(&p->file, "input", step->step)) return -1;
    variants_init(&v, &p->t);
    size_t *position = choose(p, &a.room);
    a.z = leadseq_calloc((size_t)v.n * a.room, sizeof *a.z);
    a.score = leadseq_calloc(a.room, sizeof *a.score);
    a.label = leadseq_calloc(a.room, sizeof *a.label);
    int status = position && a.z && a.score && a.label ? 0 : -1;
    if (!status) status = predict_all(p, &v, position, &a);
    if (!status && a.n) fill(p, &v, &a);
    free(position);
    free(a.z);
    free(a.score);
    free(a.label);
    return status;
}
