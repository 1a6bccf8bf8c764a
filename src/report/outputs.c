/* SPDX-License-Identifier: MIT
 *
 * Several outputs: a comparison of each, on the records whose label it knows, and the means over
 * them. What they say together: joint.c.
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
    if (r->several) r->model[r->n_inputs].of_output = r->n_inputs;
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

/* Room for the terms of two models. */
struct terms {
    struct leadseq_term *drawn;         /* figures of the bootstrap */
    struct leadseq_output_term *scored; /* what a metric's own interval is made of */
};

static void fill_scored(struct leadseq_output_term *term, const struct report *r, size_t at,
                        double sign)
{
    for (size_t q = 0; q < r->n_outputs; q++) {
        const struct report *o = &r->output[q];
        term[q] = (struct leadseq_output_term){report_predicted(o, &o->model[at]), o->position, q,
                                               sign / (double)r->n_outputs};
    }
}

static const char *const one_class = "an output has records of one class only";

/* Why a mean has no value: a decision metric needs a threshold of each output, others records of
 * both classes. NULL: it has, or the bootstrap says why. */
static const char *obstacle_of(const struct report *r, size_t at, size_t k)
{
    const struct leadseq_metric_type *type = leadseq_metrics[k];
    for (size_t q = 0; q < r->n_outputs; q++) {
        const struct report *o = &r->output[q];
        if (type->needs == LEADSEQ_OF_DECISIONS && isnan(o->model[at].threshold))
            return "an output has no threshold";
        bool missing = !o->positives || o->positives == o->records;
        if (missing && isnan(o->model[at].metric[k].value)) return one_class;
    }
    return NULL;
}

/* Why a metric's own interval of a mean is not shown: too few patients of a class. */
static const char *too_few(const struct report *r, size_t at, size_t k)
{
    for (size_t q = 0; q < r->n_outputs && leadseq_metrics[k]->needs_many; q++) {
        const char *why = r->resampled->obstacle[report_figure(&r->output[q], at, k)];
        if (why) return why;
    }
    return NULL;
}

/* The bootstrap's sum, and the metric's own where it has one. */
static int sum_terms(struct leadseq_difference *sum, struct leadseq_difference *resampled,
                     const struct report *r, const struct terms *terms, size_t n, size_t k)
{
    if (leadseq_resampled_sum(resampled, r->resampled, terms->drawn, n)) return -1;
    *sum = *resampled;
    if (!leadseq_metrics[k]->sum) return 0;
    return leadseq_metrics[k]->sum(sum, terms->scored, n, r->patient_id, r->records);
}

static void clear_mean(const struct report *r, struct report_model *m, size_t k)
{
    const char *obstacle = obstacle_of(r, m->of_output, k), *few = too_few(r, m->of_output, k);
    struct leadseq_estimate *const both[] = {&m->macro[k], &m->macro_resampled[k]};
    if (few) report_drop_interval(&m->macro[k], few);
    for (int i = 0; i < 2; i++) {
        if (m->flaw) report_drop_interval(both[i], m->flaw);
        if (!m->path && leadseq_metrics[k]->fixed_for_constant)
            report_drop_interval(both[i], "by definition");
        if (obstacle) *both[i] = (struct leadseq_estimate){NAN, NAN, NAN, obstacle};
    }
}

static int measure_model(const struct report *r, struct report_model *m, const struct terms *terms)
{
    fill_scored(terms->scored, r, m->of_output, 1);
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_difference d, b;
        fill_terms(terms->drawn, r, m->of_output, k, 1);
        if (sum_terms(&d, &b, r, terms, r->n_outputs, k)) return -1;
        m->macro[k] = (struct leadseq_estimate){d.difference, d.low, d.high, d.method};
        m->macro_resampled[k] = (struct leadseq_estimate){b.difference, b.low, b.high, b.method};
        clear_mean(r, m, k);
        if (!r->several) continue;
        m->metric[k] = m->macro[k];
        m->resampled[k] = m->macro_resampled[k];
    }
    return 0;
}

static void clear_mean_pair(const struct report *r, struct report_pair *p, size_t k)
{
    const char *flaw = p->a->flaw ? p->a->flaw : p->b->flaw;
    const char *why = obstacle_of(r, p->a->of_output, k), *few = too_few(r, p->a->of_output, k);
    if (!why) why = obstacle_of(r, p->b->of_output, k);
    if (few) report_drop_difference(&p->macro[k], few);
    if (few && r->several) {
        p->macro[k].p = p->permuted[k];
        p->macro[k].method = report_rough;
    }
    if (flaw) report_drop_difference(&p->macro[k], flaw);
    if (flaw) report_drop_difference(&p->macro_resampled[k], flaw);
    if (why) p->macro[k] = (struct leadseq_difference){NAN, NAN, NAN, NAN, why};
    if (why) p->macro_resampled[k] = p->macro[k];
    if ((flaw || why) && r->several) p->permuted[k] = NAN; // else it is the question's
}

static int measure_pair(const struct report *r, struct report_pair *p, const struct terms *terms)
{
    const size_t n = r->n_outputs;
    if (!has_outputs(p->a) || !has_outputs(p->b)) return 0;
    fill_scored(terms->scored, r, p->a->of_output, 1);
    fill_scored(terms->scored + n, r, p->b->of_output, -1);
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        fill_terms(terms->drawn, r, p->a->of_output, k, 1);
        fill_terms(terms->drawn + n, r, p->b->of_output, k, -1);
        if (sum_terms(&p->macro[k], &p->macro_resampled[k], r, terms, 2 * n, k)) return -1;
        clear_mean_pair(r, p, k);
        if (!r->several) continue;
        p->metric[k] = p->macro[k];
        p->resampled[k] = p->macro_resampled[k];
    }
    return 0;
}

static int measure_means(struct report *r, const struct terms *terms)
{
    for (size_t i = 0; i < r->n_models; i++) {
        struct report_model *m = &r->model[i];
        bool measured = has_outputs(m) || (r->several && !m->path);
        if (measured && measure_model(r, m, terms)) return -1;
    }
    for (size_t i = 0; i < r->n_pairs; i++)
        if (measure_pair(r, &r->pair[i], terms)) return -1;
    return r->several ? report_pairs_correct(r) : 0;
}

bool report_are_superclasses(const struct report *r)
{
    bool are = r->n_outputs == LEADSEQ_SUPERCLASSES;
    for (size_t k = 0; are && k < r->n_outputs; k++)
        are = !strcmp(r->output[k].question, leadseq_superclass_name[k]);
    return are;
}

int report_outputs_measure(struct report *r)
{
    if (!r->n_outputs) return 0;
    struct terms terms = {leadseq_calloc(2 * r->n_outputs, sizeof *terms.drawn),
                          leadseq_calloc(2 * r->n_outputs, sizeof *terms.scored)};
    int status = terms.drawn && terms.scored ? measure_means(r, &terms) : -1;
    free(terms.drawn);
    free(terms.scored);
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
