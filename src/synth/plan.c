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

/* How many of PTB-XL's records of a class have which block, and which recovery, besides. */
static const double block_beside[SYNTH_CLASSES][SYNTH_BLOCKS] = {
    [SYNTH_HEALTHY] = {1},
    [SYNTH_INFARCT] = {0.625, 0.002, 0.052, 0.05, 0.136, 0.068, 0.067},
    [SYNTH_REPOL] = {1},
    [SYNTH_BLOCK] = {0, 0.15, 0.08, 0.27, 0.28, 0.12, 0.12},
    [SYNTH_HYPER] = {0.70, 0.04, 0.03, 0.06, 0.063, 0.05, 0.06},
};
static const double repol_beside[SYNTH_CLASSES][SYNTH_REPOLS] = {
    [SYNTH_HEALTHY] = {1},
    [SYNTH_INFARCT] = {0.68, 0.07, 0.06, 0.09, 0.06, 0.02, 0.01, 0.01},
    [SYNTH_REPOL] = {0, 0.48, 0.24, 0.06, 0.10, 0.06, 0.03, 0.03},
    [SYNTH_BLOCK] = {0.80, 0.10, 0.04, 0.01, 0.03, 0.01, 0.005, 0.005},
    [SYNTH_HYPER] = {0.45, 0.08, 0.05, 0.37, 0.03, 0.01, 0.01, 0},
};

/* A textbook infarct kills its wall whole; the harder, the fainter and the more unlike. */
static void draw_infarction(struct synth_disease *d, double difficulty, struct leadseq_random *r)
{
    static const double stage[SYNTH_STAGES] = {0.02, 0.06, 0.30, 0.62};
    d->infarct = draw_infarct(r);
    d->stage = (enum synth_stage)draw_share(stage, SYNTH_STAGES, r);
    d->size = exp(difficulty * (0.8 * leadseq_random_normal(r) - 0.65));
    if (d->size > 1.6) d->size = 1.6;
    int second = draw_infarct(r);
    if (chance(0.15 * difficulty, r) && second != d->infarct) d->second = second + 1;
    d->left_hypertrophy = chance(0.12 * difficulty, r);
}

static void draw_ailment(struct synth_patient *p, struct leadseq_random *r)
{
    struct synth_disease *d = &p->disease;
    d->repol_strength = pow(leadseq_random_uniform(r), p->difficulty);
    d->hypertrophy = pow(leadseq_random_uniform(r), p->difficulty);
    if (d->class == SYNTH_INFARCT) draw_infarction(d, p->difficulty, r);
    d->block = (enum synth_block)draw_share(block_beside[d->class], SYNTH_BLOCKS, r);
    d->repol = (enum synth_repol)draw_share(repol_beside[d->class], SYNTH_REPOLS, r);
    if (d->class == SYNTH_HYPER) {
        d->right_hypertrophy = chance(0.07, r);
        d->left_hypertrophy = !d->right_hypertrophy;
    }
}

static enum synth_rhythm_kind draw_rhythm(bool healthy, struct leadseq_random *r)
{
    static const double well[SYNTH_RHYTHMS] = {0.87, 0.04, 0.03, 0.06, 0.0};
    static const double ill[SYNTH_RHYTHMS] = {0.77, 0.03, 0.06, 0.03, 0.11};
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
    if (class == SYNTH_HEALTHY && age < 55 && chance(p->sex ? 0.03 : 0.12, r))
        p->disease.repol = SYNTH_EARLY;
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
        *p = (struct synth_patient){
            .id = (int)order[rank] + 1, .fold = (int)(rank % 10) + 1, .difficulty = o->difficulty};
        p->disease = (struct synth_disease){.infarct = -1};
        p->disease.class = class_of_rank(rank, n, o->mi_share);
        p->records = draw_record_count(&own);
        draw_ailment(p, &own);
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
