/* SPDX-License-Identifier: MIT
 *
 * Who the simulated people are, what ails them, in which fold they are and which
 * records are theirs. Shares are quotas, not chances, so that small folders have
 * them too: patients are dealt to classes and folds in a seeded order. */
#include "synth_private.h"

#include <math.h>
#include <stdlib.h>

enum { PLAN_ORDER, PLAN_RECORDS, PLAN_PERSON }; // what a random stream is for

static int draw_share(const double *share, int n, struct leadseq_random *r)
{
    double total = 0;
    for (int i = 0; i < n; i++) total += share[i];
    double u = total * leadseq_random_uniform(r);
    for (int i = 0; i < n - 1; i++)
        if ((u -= share[i]) < 0) return i;
    return n - 1;
}

static bool chance(double p, struct leadseq_random *r)
{
    return leadseq_random_uniform(r) < p;
}

static int draw_infarct(struct leadseq_random *r)
{
    double share[SYNTH_INFARCTS];
    for (int i = 0; i < SYNTH_INFARCTS; i++) share[i] = synth_infarct[i].share;
    return draw_share(share, SYNTH_INFARCTS, r);
}

static void draw_infarction(struct synth_disease *d, struct leadseq_random *r)
{
    static const double stage[] = {0.08, 0.22, 0.70};
    d->infarct = draw_infarct(r);
    d->stage = (enum synth_stage)draw_share(stage, 3, r);
    d->size = 0.62 * exp(0.55 * leadseq_random_normal(r));
    if (d->size > 1.6) d->size = 1.6;
    if (chance(0.12, r)) d->block = SYNTH_ANTERIOR_FASCICLE;
    if (chance(0.06, r)) d->block = SYNTH_SLOW;
    if (chance(0.10, r)) d->left_hypertrophy = true;
}

static void draw_ailment(struct synth_disease *d, struct leadseq_random *r)
{
    static const double repol[SYNTH_REPOLS] = {0, 0.36, 0.18, 0.24, 0.10, 0.05, 0.04, 0.03};
    static const double block[SYNTH_BLOCKS] = {0, 0.11, 0.11, 0.22, 0.30, 0.13, 0.13};
    d->repol_strength = leadseq_random_uniform(r);
    d->hypertrophy = leadseq_random_uniform(r);
    switch (d->class) {
    case SYNTH_INFARCT:
        draw_infarction(d, r);
        break;
    case SYNTH_REPOL:
        d->repol = (enum synth_repol)draw_share(repol, SYNTH_REPOLS, r);
        break;
    case SYNTH_BLOCK:
        d->block = (enum synth_block)draw_share(block, SYNTH_BLOCKS, r);
        if (chance(0.2, r)) d->repol = SYNTH_T_FLAT;
        break;
    case SYNTH_HYPER:
        d->right_hypertrophy = chance(0.07, r);
        d->left_hypertrophy = !d->right_hypertrophy;
        if (chance(0.3, r)) d->repol = SYNTH_T_FLAT;
        if (chance(0.15, r)) d->block = SYNTH_ANTERIOR_FASCICLE;
        break;
    case SYNTH_HEALTHY:
    case SYNTH_CLASSES:
        break;
    }
}

static enum synth_rhythm_kind draw_rhythm(bool healthy, struct leadseq_random *r)
{
    static const double well[SYNTH_RHYTHMS] = {0.84, 0.05, 0.03, 0.08, 0.0};
    static const double ill[SYNTH_RHYTHMS] = {0.80, 0.03, 0.06, 0.02, 0.09};
    return (enum synth_rhythm_kind)draw_share(healthy ? well : ill, SYNTH_RHYTHMS, r);
}

static void draw_person(struct synth_patient *p, struct leadseq_random *r)
{
    static const struct {
        double age, spread, women;
    } of[SYNTH_CLASSES] = {
        {51, 17, 0.55}, {66, 11, 0.35}, {65, 13, 0.50}, {65, 14, 0.42}, {67, 13, 0.48}};
    enum synth_class class = p->disease.class;
    double age = of[class].age + of[class].spread * leadseq_random_normal(r);
    p->age_years = (int)fmin(fmax(age, 18), 89);
    p->sex = chance(of[class].women, r);
    p->height_cm = (int)((p->sex ? 163 : 175) + 7 * leadseq_random_normal(r));
    p->weight_kg = (int)fmax((p->sex ? 68 : 80) + 12 * leadseq_random_normal(r), 42);
    p->disease.rhythm = draw_rhythm(class == SYNTH_HEALTHY, r);
    p->disease.extra_beats = chance(class == SYNTH_HEALTHY ? 0.02 : 0.08, r);
}

static int draw_record_count(struct leadseq_random *r)
{
    static const double share[] = {0.89, 0.08, 0.02, 0.01};
    return 1 + draw_share(share, (int)LEADSEQ_COUNT(share), r);
}

/* PTB-XL's shares of the classes among those without infarction. */
static enum synth_class class_of_rank(size_t rank, size_t n, double mi_share)
{
    static const double others[] = {0.55, 0.20, 0.155, 0.095};
    static const enum synth_class class[] = {SYNTH_HEALTHY, SYNTH_REPOL, SYNTH_BLOCK, SYNTH_HYPER};
    double u = ((double)rank + 0.5) / (double)n - mi_share;
    if (u < 0) return SYNTH_INFARCT;
    u /= 1 - mi_share;
    for (int i = 0; i < 3; i++)
        if ((u -= others[i]) < 0) return class[i];
    return class[3];
}

/* Ranks run through the classes, folds round and round through the ranks. */
static int make_patients(struct synth_plan *plan, const struct leadseq_synth_options *o)
{
    size_t n = plan->patients;
    size_t *order = leadseq_calloc(n, sizeof *order);
    if (!order) return -1;
    struct leadseq_random r;
    leadseq_random_init(&r, o->seed, LEADSEQ_STREAM_SYNTH, PLAN_ORDER, 0);
    for (size_t i = 0; i < n; i++) order[i] = i;
    leadseq_random_permute(&r, order, n);
    for (size_t rank = 0; rank < n; rank++) {
        struct synth_patient *p = &plan->patient[order[rank]];
        struct leadseq_random own;
        leadseq_random_init(&own, o->seed, LEADSEQ_STREAM_SYNTH, PLAN_PERSON, order[rank]);
        *p = (struct synth_patient){.id = (int)order[rank] + 1, .fold = (int)(rank % 10) + 1};
        p->disease = (struct synth_disease){.infarct = -1};
        p->disease.class = class_of_rank(rank, n, o->mi_share);
        p->records = draw_record_count(&own);
        draw_ailment(&p->disease, &own);
        draw_person(p, &own);
        plan->records += (size_t)p->records;
    }
    free(order);
    return 0;
}

/* Records in a seeded order; a patient's own in the order of visits. */
static int make_records(struct synth_plan *plan, uint64_t seed)
{
    size_t n = plan->records, k = 0;
    plan->record = leadseq_calloc(n, sizeof *plan->record);
    size_t *order = leadseq_calloc(n, sizeof *order), *owner = leadseq_calloc(n, sizeof *owner);
    int *visits = leadseq_calloc(plan->patients, sizeof *visits);
    int status = plan->record && order && owner && visits ? 0 : -1;
    for (size_t i = 0; !status && i < plan->patients; i++)
        for (int j = 0; j < plan->patient[i].records; j++) owner[k++] = i;
    for (size_t i = 0; !status && i < n; i++) order[i] = i;
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_SYNTH, PLAN_RECORDS, 0);
    if (!status) leadseq_random_permute(&r, order, n);
    for (size_t i = 0; !status && i < n; i++) {
        size_t p = owner[order[i]];
        plan->record[i] = (struct synth_case){
            .ecg_id = (int)i + 1, .visit = visits[p]++, .patient = &plan->patient[p]};
    }
    free(order);
    free(owner);
    free(visits);
    return status;
}

int synth_plan_make(struct synth_plan *plan, const struct leadseq_synth_options *options)
{
    *plan = (struct synth_plan){.patients = (size_t)options->patients};
    plan->patient = leadseq_calloc(plan->patients, sizeof *plan->patient);
    if (plan->patient && !make_patients(plan, options) && !make_records(plan, options->seed))
        return 0;
    synth_plan_clear(plan);
    return -1;
}

void synth_plan_clear(struct synth_plan *plan)
{
    free(plan->patient);
    free(plan->record);
    *plan = (struct synth_plan){0};
}
