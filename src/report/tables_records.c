/* SPDX-License-Identifier: MIT
 *
 * The tables of records and people: each model's parts, the records compared
 * beside the stack's others, and where the runs' experiments differ. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

/* "1177 (180)"; what the run's environment.json says where its predictions are not there. */
static void add_part(struct leadseq_table *t, const struct report_model *m,
                     const struct report_set *set, const char *part)
{
    char path[64];
    snprintf(path, sizeof path, "parts.%s.n", part);
    double n = m->environment ? leadseq_json_number(m->environment, path) : NAN;
    snprintf(path, sizeof path, "parts.%s.positive", part);
    double positive = m->environment ? leadseq_json_number(m->environment, path) : NAN;
    if (set->n && set->label)
        leadseq_table_cell(t, "%zu (%zu)", set->n, report_set_positives(set));
    else if (set->n)
        leadseq_table_cell(t, "%zu", set->n);
    else if (n >= 0 && positive >= 0)
        leadseq_table_cell(t, "%.0f (%.0f)", n, positive);
    else
        leadseq_table_cell(t, "not known");
}

static void add_patients(struct leadseq_table *t, size_t patients)
{
    if (patients)
        leadseq_table_cell(t, "%zu", patients);
    else
        leadseq_table_cell(t, "not known");
}

struct leadseq_table *report_table_records(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("Records (positive) of each model");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Model");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Training");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Validation");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Compared");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Patients compared");
    leadseq_table_column(t, LEADSEQ_LEFT, "Input");
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        leadseq_table_cell(t, "%s", m->name);
        if (m->train_records && !m->train.n)
            leadseq_table_cell(t, "%zu (%zu)", m->train_records, m->train_positives);
        else
            add_part(t, m, &m->train, "train");
        add_part(t, m, &m->valid, "valid");
        add_part(t, m, &m->test, r->split);
        add_patients(t, r->patients);
        leadseq_table_cell(t, "%s", m->path);
    }
    return t;
}

/* --- People ------------------------------------------------------------------------- */

struct people {
    size_t n, positives, women, sexed, flagged, site[4];
    int *age, *patient;
    size_t ages, patients;
};

static void count_row(struct people *p, const struct leadseq_stack_row *row)
{
    p->n++;
    p->positives += row->mi == 1;
    p->women += row->sex == 1;
    p->sexed += row->sex >= 0;
    p->flagged += row->quality != 0;
    for (int k = 0; k < 4; k++) p->site[k] += row->mi == 1 && (row->mi_site >> k & 1);
    if (row->age_years >= 0) p->age[p->ages++] = row->age_years;
    if (row->patient_id >= 0) p->patient[p->patients++] = row->patient_id;
}

/* The compared records of the stack, or the labelled others. */
static int count_people(struct people *p, const struct report *r, bool compared)
{
    *p = (struct people){.age = leadseq_calloc(r->stack_rows, sizeof *p->age),
                         .patient = leadseq_calloc(r->stack_rows, sizeof *p->patient)};
    if (!p->age || !p->patient) return -1;
    for (size_t i = 0; i < r->stack_rows; i++) {
        const struct leadseq_stack_row *row = &r->stack_row[i];
        bool among = report_set_find(&r->model[0].test, row->ecg_id) < r->records;
        if (row->mi <= 1 && among == compared) count_row(p, row);
    }
    report_sort(p->age, p->ages);
    report_sort(p->patient, p->patients);
    p->patients = report_count_different(p->patient, p->patients);
    return 0;
}

static void people_clear(struct people *p)
{
    free(p->age);
    free(p->patient);
}

static void add_share(struct leadseq_table *t, size_t k, size_t n)
{
    if (n)
        leadseq_table_cell(t, "%zu (%.1f %%)", k, 100 * (double)k / (double)n);
    else
        leadseq_table_cell(t, "–");
}

/* "62 (50 to 72)": the median and the quarters; PTB-XL's 300 stands for "over 89". */
static void add_ages(struct leadseq_table *t, const struct people *p)
{
    char text[3][16];
    for (int q = 0; q < 3 && p->ages; q++) {
        int age = p->age[(p->ages - 1) * (size_t)(q + 1) / 4];
        snprintf(text[q], sizeof text[q], age >= LEADSEQ_AGE_OVER_89 ? "over 89" : "%d", age);
    }
    if (p->ages)
        leadseq_table_cell(t, "%s (%s to %s)", text[1], text[0], text[2]);
    else
        leadseq_table_cell(t, "not known");
}

static void add_counts(struct leadseq_table *t, const struct people *of)
{
    leadseq_table_cell(t, "Records");
    for (int c = 0; c < 2; c++) leadseq_table_cell(t, "%zu", of[c].n);
    leadseq_table_cell(t, "Patients");
    for (int c = 0; c < 2; c++) add_patients(t, of[c].patients);
    leadseq_table_cell(t, "With infarction");
    for (int c = 0; c < 2; c++) add_share(t, of[c].positives, of[c].n);
    leadseq_table_cell(t, "Women");
    for (int c = 0; c < 2; c++) add_share(t, of[c].women, of[c].sexed);
    leadseq_table_cell(t, "Age, median (quarters)");
    for (int c = 0; c < 2; c++) add_ages(t, &of[c]);
    leadseq_table_cell(t, "Age not known");
    for (int c = 0; c < 2; c++) leadseq_table_cell(t, "%zu", of[c].n - of[c].ages);
}

static void add_findings(struct leadseq_table *t, const struct people *of)
{
    static const char *const site[] = {"anterior", "inferior", "lateral", "posterior"};
    for (int k = 0; k < 4; k++) {
        leadseq_table_cell(t, "Infarction %s", site[k]);
        for (int c = 0; c < 2; c++) add_share(t, of[c].site[k], of[c].positives);
    }
    leadseq_table_cell(t, "Any flag of quality");
    for (int c = 0; c < 2; c++) add_share(t, of[c].flagged, of[c].n);
}

struct leadseq_table *report_table_people(const struct report *r)
{
    struct people of[2] = {0};
    struct leadseq_table *t = leadseq_table_new("Who was compared, beside the stack's others");
    if (t && !count_people(&of[0], r, true) && !count_people(&of[1], r, false)) {
        leadseq_table_column(t, LEADSEQ_LEFT, "Characteristic");
        leadseq_table_column(t, LEADSEQ_RIGHT, "Compared");
        leadseq_table_column(t, LEADSEQ_RIGHT, "Other labelled records");
        add_counts(t, of);
        add_findings(t, of);
    } else {
        leadseq_table_free(t);
        t = NULL;
    }
    people_clear(&of[0]);
    people_clear(&of[1]);
    return t;
}

/* --- Experiments ------------------------------------------------------------------------ */

enum { KEYS_MAX = 120 };
struct keys {
    char name[KEYS_MAX][96];
    size_t n;
};

static void add_key(const char *path, const char *value, void *state)
{
    struct keys *keys = state;
    (void)value;
    for (size_t i = 0; i < keys->n; i++)
        if (!strcmp(keys->name[i], path)) return;
    if (keys->n < KEYS_MAX) snprintf(keys->name[keys->n++], sizeof keys->name[0], "%.90s", path);
}

static bool is_worth_a_row(const struct report *r, const char *key)
{
    const char *first = NULL;
    if (!strcmp(key, "seed") || !strcmp(key, "model.type")) return true;
    for (size_t i = 0; i < r->n_inputs; i++) {
        if (!r->model[i].experiment) continue;
        const char *text = report_experiment_text(&r->model[i], key);
        if (!text) return true;
        if (first && strcmp(first, text)) return true;
        first = text;
    }
    return false;
}

struct leadseq_table *report_table_experiments(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("Where the experiments differ");
    struct keys *keys = leadseq_calloc(1, sizeof *keys);
    if (t && keys) {
        for (size_t i = 0; i < r->n_inputs; i++)
            if (r->model[i].experiment) leadseq_json_leaves(r->model[i].experiment, add_key, keys);
        leadseq_table_column(t, LEADSEQ_LEFT, "Option");
        for (size_t i = 0; i < r->n_inputs; i++)
            leadseq_table_column(t, LEADSEQ_LEFT, r->model[i].name);
        for (size_t k = 0; k < keys->n; k++) {
            if (!is_worth_a_row(r, keys->name[k])) continue;
            leadseq_table_cell(t, "%s", keys->name[k]);
            for (size_t i = 0; i < r->n_inputs; i++) {
                const char *text = report_experiment_text(&r->model[i], keys->name[k]);
                leadseq_table_cell(t, "%s", text ? text : "–");
            }
        }
    }
    free(keys);
    return t;
}
