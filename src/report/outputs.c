/* SPDX-License-Identifier: MIT
 *
 * Several outputs: a comparison of each, on the records whose label it knows; the means over
 * them; and who was called what where each record has one class.
 *
 * All outputs are resampled together: a drawn patient brings all records, and an output counts
 * those it knows. Differences and intervals of the means are sums over the same draws. */
#include "measure.h"

#include "inputs.h"

#include <stdlib.h>
#include <string.h>

/* --- A comparison of each -------------------------------------------------------------- */

/* What the model of an output has from its input. */
static void borrow_input(struct report_model *to, const struct report_model *from)
{
    to->name = from->name;
    to->path = from->path;
    to->is_run = from->is_run;
    to->environment = from->environment;
    to->metrics = from->metrics;
    to->experiment = from->experiment;
    to->flaw = from->flaw;
}

/* "parts.train.outputs.NAME.n" of a run's metrics, where it has no training predictions. */
static void read_prevalence(struct report_model *to, const char *name)
{
    char path[96];
    if (to->train_records || !to->metrics) return;
    snprintf(path, sizeof path, "parts.train.outputs.%s.n", name);
    double records = leadseq_json_number(to->metrics, path);
    snprintf(path, sizeof path, "parts.train.outputs.%s.positive", name);
    double positives = leadseq_json_number(to->metrics, path);
    if (!(records > 0) || !(positives >= 0 && positives <= records)) return;
    to->train_records = (size_t)records;
    to->train_positives = (size_t)positives;
}

static int take_model(struct report *o, struct report_model *to, const struct report_model *from,
                      size_t k)
{
    borrow_input(to, from);
    to->threshold = to->f_threshold = to->temperature.value = NAN;
    size_t most = from->test.n;
    if (from->valid.n > most) most = from->valid.n;
    if (from->train.n > most) most = from->train.n;
    size_t *position = leadseq_calloc(most, sizeof *position);
    int status = position ? 0 : -1;
    if (!status) status = report_set_take_output(&to->valid, &from->valid, k, position);
    if (!status) status = report_set_take_output(&to->train, &from->train, k, position);
    if (!status) status = report_set_take_output(&to->test, &from->test, k, position);
    if (!status && !o->position) {
        o->position = position;
        position = NULL;
    }
    free(position);
    to->train_records = to->train.n;
    to->train_positives = report_set_positives(&to->train);
    read_prevalence(to, o->question);
    return status;
}

static int find_rows(struct report *o)
{
    if (!o->whole->row) return 0;
    o->row = leadseq_calloc(o->records, sizeof *o->row);
    if (!o->row) return -1;
    for (size_t i = 0; i < o->records; i++) o->row[i] = o->whole->row[o->position[i]];
    return 0;
}

static bool has_outputs(const struct report_model *m)
{
    return m->test.outputs.n && m->test.output_label;
}

static int split_one(struct report *r, struct report *o, size_t k, const char *name)
{
    *o = (struct report){.options = r->options,
                         .split = r->split,
                         .question = name,
                         .whole = r,
                         .simulated = r->simulated,
                         .resampled = r->resampled};
    memcpy(o->split_text, r->split_text, sizeof o->split_text);
    o->stack_label = report_stack_column(&r->stack, name);
    o->model = leadseq_calloc(r->n_inputs + 1, sizeof *o->model);
    if (!o->model) return -1;
    for (size_t i = 0; i < r->n_inputs; i++) {
        if (!has_outputs(&r->model[i])) continue;
        r->model[i].of_output = o->n_inputs;
        if (take_model(o, &o->model[o->n_inputs++], &r->model[i], k)) return -1;
    }
    o->n_models = o->n_inputs;
    const struct report_set *first = &o->model[0].test;
    if (!first->n)
        return leadseq_fail("%s: expected labels of output %s, found none of the %s compared",
                            r->model[0].path, name, leadseq_count(r->records, "record"));
    o->records = first->n;
    o->unknown = r->records - first->n;
    o->ecg_id = first->ecg_id;
    o->patient_id = first->patient_id;
    o->label = first->label;
    o->positives = report_set_positives(first);
    return report_set_patients(&o->patients, first) ? -1 : find_rows(o);
}

/* The constant classifier of each output, named as that of the comparison. */
static int add_constant(struct report *r, struct report *o)
{
    o->model[o->n_inputs].name = r->model[r->n_inputs].name;
    return report_constant_add(o);
}

static const struct report_model *first_with_outputs(const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (has_outputs(&r->model[i])) return &r->model[i];
    return NULL;
}

static int note_missing(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].test.outputs.n && !r->model[i].test.output_label)
            return report_note(r,
                               "%s has probabilities of several outputs, but no input has their "
                               "labels: they are not shown; take the labels from a stack by "
                               "--data FILE.h5.",
                               r->model[i].name);
    return 0;
}

int report_outputs_split(struct report *r)
{
    const struct report_model *first = first_with_outputs(r);
    if (!first) return note_missing(r);
    const struct report_outputs *outputs = &first->test.outputs;
    for (size_t i = 0; i < r->n_inputs; i++)
        if (has_outputs(&r->model[i]) && !report_outputs_same(&r->model[i].test.outputs, outputs))
            return report_note(r,
                               "%s and %s have other outputs beside the question: they are not "
                               "shown.",
                               first->name, r->model[i].name);
    r->output = leadseq_calloc(outputs->n, sizeof *r->output);
    if (!r->output) return -1;
    for (size_t k = 0; k < outputs->n; k++) {
        struct report *o = &r->output[r->n_outputs++];
        if (split_one(r, o, k, outputs->name[k])) return -1;
        if (r->several && add_constant(r, o)) return -1;
        if (report_thresholds_choose(o)) return -1;
    }
    return 0;
}

/* --- Means over the outputs ---------------------------------------------------------------- */

/* Metric k of model `at` of every output, each with the same factor. */
static void fill_terms(struct leadseq_term *term, const struct report *r, size_t at, size_t k,
                       double sign)
{
    for (size_t q = 0; q < r->n_outputs; q++)
        term[q] =
            (struct leadseq_term){report_figure(&r->output[q], at, k), sign / (double)r->n_outputs};
}

/* A decision metric needs a threshold of each output. */
static const char *obstacle_of(const struct report *r, size_t at, size_t k)
{
    if (leadseq_metrics[k]->needs != LEADSEQ_OF_DECISIONS) return NULL;
    for (size_t q = 0; q < r->n_outputs; q++)
        if (isnan(r->output[q].model[at].threshold)) return "an output has no threshold";
    return NULL;
}

static int measure_model(const struct report *r, struct report_model *m, struct leadseq_term *term)
{
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_difference d;
        struct leadseq_estimate *e = &m->macro[k];
        const char *obstacle = obstacle_of(r, m->of_output, k);
        fill_terms(term, r, m->of_output, k, 1);
        if (leadseq_resampled_sum(&d, r->resampled, term, r->n_outputs)) return -1;
        *e = (struct leadseq_estimate){d.difference, d.low, d.high, d.method};
        if (m->flaw) *e = (struct leadseq_estimate){d.difference, NAN, NAN, m->flaw};
        if (!m->path && leadseq_metrics[k]->fixed_for_constant)
            report_drop_interval(e, "by definition");
        if (obstacle) *e = (struct leadseq_estimate){NAN, NAN, NAN, obstacle};
        if (r->several) m->metric[k] = m->resampled[k] = *e;
    }
    return 0;
}

static int measure_pair(const struct report *r, struct report_pair *p, struct leadseq_term *term)
{
    if (!has_outputs(p->a) || !has_outputs(p->b)) return 0;
    const char *flaw = p->a->flaw ? p->a->flaw : p->b->flaw;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_difference *d = &p->macro[k];
        const char *why = obstacle_of(r, p->a->of_output, k);
        if (!why) why = obstacle_of(r, p->b->of_output, k);
        fill_terms(term, r, p->a->of_output, k, 1);
        fill_terms(term + r->n_outputs, r, p->b->of_output, k, -1);
        if (leadseq_resampled_sum(d, r->resampled, term, 2 * r->n_outputs)) return -1;
        if (flaw) *d = (struct leadseq_difference){d->difference, NAN, NAN, NAN, flaw};
        if (why) *d = (struct leadseq_difference){NAN, NAN, NAN, NAN, why};
        if (r->several) p->metric[k] = p->resampled[k] = *d;
    }
    return 0;
}

/* --- Who was called what ---------------------------------------------------------------------- */

/* The one true output of a record; -1 where it has none, several, or an unknown one. */
static int single_class(const uint8_t *label, size_t outputs)
{
    int found = -1, n = 0;
    for (size_t k = 0; k < outputs; k++) {
        if (label[k] > 1) return -1;
        if (label[k]) found = (int)k, n++;
    }
    return n == 1 ? found : -1;
}

/* The records of exactly one class, called by the largest probability. */
static int count_called(struct report *r, struct report_model *m)
{
    const size_t outputs = r->n_outputs;
    size_t n = 0;
    int *truth = leadseq_calloc(r->records, sizeof *truth);
    int *called = leadseq_calloc(r->records, sizeof *called);
    m->count = leadseq_calloc(outputs * outputs, sizeof *m->count);
    int status = truth && called && m->count ? 0 : -1;
    if (!status) leadseq_classes_call(called, m->test.output_probability, r->records, outputs);
    for (size_t i = 0; !status && i < r->records; i++) {
        int class = single_class(m->test.output_label + i * outputs, outputs);
        if (class < 0) continue;
        truth[n] = class;
        called[n++] = called[i];
    }
    if (!status) status = leadseq_classes_count(m->count, truth, called, NULL, n, outputs);
    if (!status) m->called = leadseq_classes_measure(m->count, outputs);
    r->single = n;
    free(truth);
    free(called);
    return status;
}

/* Calls by the largest probability mean something of classes that exclude each other, and of
 * superclasses, of which most records have one. */
static bool are_classes(const struct report *r)
{
    bool superclasses = r->n_outputs == LEADSEQ_SUPERCLASSES;
    for (size_t k = 0; superclasses && k < r->n_outputs; k++)
        superclasses = !strcmp(r->output[k].question, leadseq_superclass_name[k]);
    return r->multi_class || superclasses;
}

int report_outputs_measure(struct report *r)
{
    struct leadseq_term *term = leadseq_calloc(2 * r->n_outputs + 1, sizeof *term);
    int status = term ? 0 : -1;
    if (r->several) {
        r->model[r->n_inputs].of_output = r->n_inputs;
        if (!status) status = report_pairs_make(r);
    }
    for (size_t i = 0; !status && r->n_outputs && i < r->n_models; i++)
        if (has_outputs(&r->model[i]) || (r->several && !r->model[i].path))
            status = measure_model(r, &r->model[i], term);
    for (size_t i = 0; !status && r->n_outputs && i < r->n_pairs; i++)
        status = measure_pair(r, &r->pair[i], term);
    for (size_t i = 0; !status && r->n_outputs && i < r->n_inputs; i++)
        if (has_outputs(&r->model[i]) && are_classes(r)) status = count_called(r, &r->model[i]);
    if (!status && r->several) status = report_pairs_correct(r);
    free(term);
    return status;
}

void report_outputs_clear(struct report *r)
{
    for (size_t k = 0; k < r->n_outputs; k++) {
        struct report *o = &r->output[k];
        for (size_t i = 0; o->model && i < o->n_inputs + 1; i++) {
            report_set_clear(&o->model[i].test);
            report_set_clear(&o->model[i].valid);
            report_set_clear(&o->model[i].train);
            report_measured_clear(&o->model[i]);
        }
        report_subgroups_clear(o);
        free(o->model);
        free(o->pair);
        free(o->row);
        free(o->position);
    }
    free(r->output);
    r->output = NULL;
    r->n_outputs = 0;
}
