/* SPDX-License-Identifier: MIT
 *
 * The page's account of how it came about, with its tables: the flow of records, who was
 * compared, what was chosen on which records, training, versions and hardware. */
#include "document.h"

#include "inputs.h"
#include "results.h"

#include <stdlib.h>
#include <string.h>

/* --- Flow ---------------------------------------------------------------------------- */

/* "1177 (180)"; from the run's environment.json where it has no predictions of that part. */
static void add_records(struct leadseq_table *t, const struct report_model *m,
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

static struct leadseq_table *table_records(const struct report *r)
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
            add_records(t, m, &m->train, "train");
        add_records(t, m, &m->valid, "valid");
        add_records(t, m, &m->test, r->split);
        add_patients(t, r->patients);
        leadseq_table_cell(t, "%s", m->path);
    }
    return t;
}

struct stack_flow {
    size_t records, unlabelled, elsewhere;
};

/* Of the question; of several outputs, any. */
static bool labelled(const struct report *r, size_t i)
{
    bool found = !r->several && report_stack_label(r, i) <= 1;
    for (size_t k = 0; r->several && k < r->n_outputs; k++)
        found = found || report_stack_label(&r->output[k], i) <= 1;
    return found;
}

static void count_flow(struct stack_flow *f, const struct report *r)
{
    *f = (struct stack_flow){.records = r->stack.n};
    for (size_t i = 0; i < r->stack.n; i++) {
        const struct leadseq_stack_row *row = &r->stack.row[i];
        bool compared = report_set_find(&r->model[0].test, row->ecg_id) < r->records;
        f->unlabelled += !labelled(r, i);
        f->elsewhere += labelled(r, i) && !compared;
    }
}

static void say_stack_flow(struct document *d)
{
    const struct report *r = d->r;
    struct stack_flow f;
    char unlabelled[64], elsewhere[128];
    if (!r->stack.row) return;
    count_flow(&f, r);
    snprintf(unlabelled, sizeof unlabelled, "%zu without a label", f.unlabelled);
    snprintf(elsewhere, sizeof elsewhere,
             "%zu not compared: for training and validation, or in no part", f.elsewhere);
    leadseq_page_step(d->page, unlabelled, "%s in the stack (%s)",
                      leadseq_count(f.records, "record"), r->stack.source);
    leadseq_page_step(d->page, elsewhere, "%s",
                      leadseq_count(f.records - f.unlabelled, "labelled record"));
}

/* What runs left out of the labelled records, by their own account. */
static void say_selection(struct document *d)
{
    for (size_t i = 0; i < d->r->n_inputs; i++) {
        const struct report_model *m = &d->r->model[i];
        const char *select = report_experiment_text(m, "data.select");
        const char *split = report_experiment_text(m, "data.split");
        if (!select && !split) continue;
        leadseq_page_text(d->page,
                          "%s: records selected: %s; parts by: %s; its patients on both sides: "
                          "%s.",
                          m->name, select ? select : "not recorded", split ? split : "not recorded",
                          !m->environment ? "not recorded"
                          : leadseq_json_number(m->environment, "parts.patients_on_both_sides") > 0
                              ? "some, see the notes"
                              : "none");
    }
}

/* --- People ----------------------------------------------------------------------------- */

struct people {
    size_t n, positives, women, sexed, flagged, site[4];
    int *age, *patient;
    size_t ages, patients;
};

static void count_row(struct people *p, const struct leadseq_stack_row *row, uint8_t label)
{
    p->n++;
    p->positives += label;
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
    *p = (struct people){.age = leadseq_calloc(r->stack.n, sizeof *p->age),
                         .patient = leadseq_calloc(r->stack.n, sizeof *p->patient)};
    if (!p->age || !p->patient) return -1;
    for (size_t i = 0; i < r->stack.n; i++) {
        const struct leadseq_stack_row *row = &r->stack.row[i];
        bool among = report_set_find(&r->model[0].test, row->ecg_id) < r->records;
        uint8_t label = report_stack_label(r, i);
        if (label <= 1 && among == compared) count_row(p, row, label);
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

/* "62 (50 to 72)": the median and the quarters; PTB-XL's 300 means "over 89". */
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
    leadseq_table_cell(t, "Positive");
    for (int c = 0; c < 2; c++) add_share(t, of[c].positives, of[c].n);
    leadseq_table_cell(t, "Women");
    for (int c = 0; c < 2; c++) add_share(t, of[c].women, of[c].sexed);
    leadseq_table_cell(t, "Age, median (quarters)");
    for (int c = 0; c < 2; c++) add_ages(t, &of[c]);
    leadseq_table_cell(t, "Age not known");
    for (int c = 0; c < 2; c++) leadseq_table_cell(t, "%zu", of[c].n - of[c].ages);
}

static void add_findings(struct leadseq_table *t, const struct people *of, bool infarction)
{
    static const char *const site[] = {"anterior", "inferior", "lateral", "posterior"};
    for (int k = 0; infarction && k < 4; k++) {
        leadseq_table_cell(t, "Infarction %s", site[k]);
        for (int c = 0; c < 2; c++) add_share(t, of[c].site[k], of[c].positives);
    }
    leadseq_table_cell(t, "Any flag of quality");
    for (int c = 0; c < 2; c++) add_share(t, of[c].flagged, of[c].n);
}

static struct leadseq_table *table_people(const struct report *r)
{
    struct people of[2] = {0};
    struct leadseq_table *t = leadseq_table_new("Who was compared, beside the stack's others");
    if (t && !count_people(&of[0], r, true) && !count_people(&of[1], r, false)) {
        leadseq_table_column(t, LEADSEQ_LEFT, "Characteristic");
        leadseq_table_column(t, LEADSEQ_RIGHT, "Compared");
        leadseq_table_column(t, LEADSEQ_RIGHT, "Other labelled records");
        add_counts(t, of);
        add_findings(t, of, !strcasecmp(r->question, "mi"));
    } else {
        leadseq_table_free(t);
        t = NULL;
    }
    people_clear(&of[0]);
    people_clear(&of[1]);
    return t;
}

void document_flow(struct document *d)
{
    const struct report *r = d->r;
    char patients[128] = "";
    if (r->patients)
        snprintf(patients, sizeof patients, " of %s", leadseq_count(r->patients, "patient"));
    leadseq_page_heading(d->page, "Flow of records");
    say_stack_flow(d);
    leadseq_page_step(d->page, NULL, "%s%s compared, %s", leadseq_count(r->records, "record"),
                      patients, r->split_text);
    if (!r->several)
        leadseq_page_step(d->page, NULL, "%zu positive, %zu negative", r->positives,
                          r->records - r->positives);
    if (!r->stack.row)
        leadseq_page_text(d->page,
                          "What came before the splits is not known here: give the stack by "
                          "--data FILE.h5.");
    document_table(d, "records", table_records(r));
    say_selection(d);
    if (r->stack.row && !r->several) document_table(d, "people", table_people(r));
}

/* --- Choices and training ---------------------------------------------------------------- */

static void add_count(struct leadseq_table *t, size_t n, bool known)
{
    if (known)
        leadseq_table_cell(t, "%zu", n);
    else
        leadseq_table_cell(t, "–");
}

static void add_choices(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        if (r->whole) leadseq_table_cell(t, "%s", r->question);
        leadseq_table_cell(t, "%s", m->name);
        leadseq_table_interval(t, 4, false, m->threshold, NAN, NAN);
        leadseq_table_cell(t, "%s", m->origin);
        leadseq_table_interval(t, 3, false, m->temperature.value, NAN, NAN);
        add_count(t, m->valid.n, m->valid.n);
        add_count(t, report_set_positives(&m->valid), m->valid.label);
    }
}

static struct leadseq_table *table_choices(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return NULL;
    if (r->several) leadseq_table_column(t, LEADSEQ_LEFT, "Output");
    leadseq_table_column(t, LEADSEQ_LEFT, "Model");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Threshold");
    leadseq_table_column(t, LEADSEQ_LEFT, "Chosen by");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Temperature");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Validation records");
    leadseq_table_column(t, LEADSEQ_RIGHT, "of them positive");
    if (!r->several) add_choices(t, r);
    for (size_t k = 0; r->several && k < r->n_outputs; k++) add_choices(t, &r->output[k]);
    return t;
}

static void say_training(struct document *d)
{
    const struct report *r = d->r;
    bool loss = report_has_history(r, "train_loss"), auc = report_has_history(r, "valid_auc");
    if (!loss && !auc && !report_has_steps(r)) return;
    leadseq_page_heading(d->page, "Training");
    leadseq_page_row_begin(d->page);
    if (loss)
        document_figure(
            d, "loss",
            "Loss by epoch: training solid, validation dashed. Losses of different kinds "
            "or weights are not comparable between models.");
    if (auc) document_figure(d, "valid_auc", "AUC on the validation records by epoch.");
    leadseq_page_row_end(d->page);
    if (report_has_steps(r))
        document_figure(d, "cost", "Cost of single batches, of runs without a finished epoch.");
}

/* --- Experiments and environments, side by side -------------------------------------------- */

/* Paths of entries that any input has, in the order of the first input that has each. All are
 * kept. */
struct keys {
    char **name;
    size_t n;
    bool failed;
};

static void keys_clear(struct keys *keys)
{
    for (size_t i = 0; i < keys->n; i++) free(keys->name[i]);
    free(keys->name);
}

static void add_key(const char *path, const char *value, void *state)
{
    struct keys *keys = state;
    (void)value;
    for (size_t i = 0; i < keys->n; i++)
        if (!strcmp(keys->name[i], path)) return;
    char *name = leadseq_format("%s", path);
    char **more = name ? leadseq_realloc(keys->name, keys->n + 1, sizeof *more) : NULL;
    if (!more) {
        free(name);
        keys->failed = true;
        return;
    }
    keys->name = more;
    more[keys->n++] = name;
}

struct lookup {
    const char *path;
    char *text; /* NULL: not found */
};

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

static void add_experiment(struct leadseq_table *t, const struct report *r, const char *key)
{
    if (!is_worth_a_row(r, key)) return;
    leadseq_table_cell(t, "%s", key);
    for (size_t i = 0; i < r->n_inputs; i++) {
        const char *text = report_experiment_text(&r->model[i], key);
        leadseq_table_cell(t, "%s", text ? text : "–");
    }
}

/* Texts live as long as their walk over the leaves: each cell is found and put at once. */
static void put_value(const char *path, const char *value, void *state)
{
    struct lookup *l = state;
    if (!strcmp(path, l->path) && strcmp(value, "null")) {
        free(l->text);
        l->text = leadseq_format("%s", value);
    }
}

static void add_environment(struct leadseq_table *t, const struct report *r, const char *key)
{
    leadseq_table_cell(t, "%s", key);
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct lookup l = {.path = key};
        if (r->model[i].environment) leadseq_json_leaves(r->model[i].environment, put_value, &l);
        leadseq_table_cell(t, "%s", l.text ? l.text : "–");
        free(l.text);
    }
}

/* A row for each entry that `add` finds worth one, a column for each input. */
static struct leadseq_table *table_keys(const struct report *r, const char *caption,
                                        const char *first, bool experiment)
{
    struct leadseq_table *t = leadseq_table_new(caption);
    struct keys keys = {0};
    for (size_t i = 0; t && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        const struct leadseq_json *json = experiment ? m->experiment : m->environment;
        if (json) leadseq_json_leaves(json, add_key, &keys);
    }
    if (t) leadseq_table_column(t, LEADSEQ_LEFT, first);
    for (size_t i = 0; t && i < r->n_inputs; i++)
        leadseq_table_column(t, LEADSEQ_LEFT, r->model[i].name);
    for (size_t k = 0; t && k < keys.n; k++)
        (experiment ? add_experiment : add_environment)(t, r, keys.name[k]);
    if (keys.failed) {
        leadseq_table_free(t);
        t = NULL;
    }
    keys_clear(&keys);
    return t;
}

void document_origin(struct document *d)
{
    const struct report *r = d->r;
    bool environment = false, experiment = false;
    for (size_t i = 0; i < r->n_inputs; i++) {
        environment = environment || r->model[i].environment;
        experiment = experiment || r->model[i].experiment;
    }
    leadseq_page_heading(d->page, "What was chosen on which records");
    document_table(d, "thresholds", table_choices(r));
    leadseq_page_text(d->page,
                      "Chosen on validation: weights (the epoch of the best AUC there), "
                      "threshold, temperature, the threshold of F-max. Nothing was chosen on "
                      "the records compared, but for the operating points and the F-max of "
                      "section Discrimination, which say so.");
    say_training(d);
    if (!environment && !experiment) return;
    leadseq_page_heading(d->page, "Versions and hardware");
    if (experiment)
        document_table(d, "experiments",
                       table_keys(r, "Where the experiments differ", "Option", true));
    if (environment) document_table(d, "environment", table_keys(r, NULL, "Entry", false));
}
