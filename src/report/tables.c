/* SPDX-License-Identifier: MIT
 *
 * The tables of models that are read: a row a metric, a column a model. */
#include "report_private.h"

#include <stdlib.h>

size_t report_metrics_of(enum leadseq_metric metric[LEADSEQ_METRICS],
                         enum leadseq_metric_needs needs)
{
    size_t n = 0;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++)
        if (leadseq_metrics[k]->needs == needs) metric[n++] = (enum leadseq_metric)k;
    return n;
}

size_t report_metrics_in(enum leadseq_metric metric[LEADSEQ_METRICS],
                         enum leadseq_metric_place place)
{
    size_t n = 0;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++)
        if (leadseq_metrics[k]->place >= place) metric[n++] = (enum leadseq_metric)k;
    return n;
}

void report_format_p(char text[32], double p)
{
    if (isnan(p))
        snprintf(text, 32, "–");
    else if (p < .0001)
        snprintf(text, 32, "< 0.0001");
    else if (p < .001)
        snprintf(text, 32, "%.4f", p);
    else
        snprintf(text, 32, "%.3f", p);
}

int report_decimals(enum leadseq_metric metric)
{
    return leadseq_metrics[metric]->decimals ? leadseq_metrics[metric]->decimals : 3;
}

void report_add_estimate(struct leadseq_table *t, const struct leadseq_estimate *e, int decimals)
{
    leadseq_table_interval(t, decimals, false, e->value, e->low, e->high);
    if (isnan(e->value) || isnan(e->low) || isnan(e->high))
        leadseq_table_remark(t, e->method ? e->method : "not defined");
}

void report_add_difference(struct leadseq_table *t, const struct leadseq_difference *d)
{
    leadseq_table_interval(t, 3, true, d->difference, d->low, d->high);
    if (isnan(d->difference) || isnan(d->low))
        leadseq_table_remark(t, d->method ? d->method : "not defined");
}

void report_add_p(struct leadseq_table *t, double p)
{
    char text[32];
    report_format_p(text, p);
    leadseq_table_cell(t, "%s", text);
}

void report_add_models(struct leadseq_table *t, const struct report *r, size_t models)
{
    for (size_t i = 0; i < models; i++) leadseq_table_column(t, LEADSEQ_RIGHT, r->model[i].name);
}

struct leadseq_table *report_table_metrics(const struct report *r, const char *caption,
                                           const enum leadseq_metric *metric, size_t n)
{
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    report_add_models(t, r, r->n_models);
    for (size_t k = 0; k < n; k++) {
        leadseq_table_cell(t, "%s", leadseq_metrics[metric[k]]->title);
        for (size_t i = 0; i < r->n_models; i++)
            report_add_estimate(t, &r->model[i].metric[metric[k]], report_decimals(metric[k]));
    }
    return t;
}

struct leadseq_table *report_table_f_max(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("F1 where it is largest");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Threshold chosen on");
    report_add_models(t, r, r->n_inputs);
    leadseq_table_cell(t, "the records compared (F-max: no honest decision, an upper bound)");
    for (size_t i = 0; i < r->n_inputs; i++)
        report_add_estimate(t, &r->model[i].metric[LEADSEQ_F_MAX], 3);
    leadseq_table_cell(t, "validation (F1 at the threshold of validation's F-max)");
    for (size_t i = 0; i < r->n_inputs; i++)
        report_add_estimate(t, &r->model[i].f1_at_valid_f_max, 3);
    return t;
}

struct leadseq_table *report_table_after(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("After temperature scaling");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    report_add_models(t, r, r->n_inputs);
    leadseq_table_cell(t, "Temperature, fitted on validation");
    for (size_t i = 0; i < r->n_inputs; i++) report_add_estimate(t, &r->model[i].temperature, 3);
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        if (leadseq_metrics[k]->needs != LEADSEQ_OF_PROBABILITIES) continue;
        leadseq_table_cell(t, "%s", leadseq_metrics[k]->title);
        for (size_t i = 0; i < r->n_inputs; i++)
            report_add_estimate(t, &r->model[i].tempered_metric[k],
                                report_decimals((enum leadseq_metric)k));
    }
    return t;
}

static void add_part(struct leadseq_table *t, const struct report *r, const char *title,
                     size_t member)
{
    leadseq_table_cell(t, "%s", title);
    for (size_t i = 0; i < r->n_models; i++) {
        const char *mass = (const char *)&r->model[i].mass;
        leadseq_table_interval(t, 4, false, *(const double *)(mass + member), NAN, NAN);
    }
}

struct leadseq_table *report_table_brier(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("Brier score taken apart, bins of equal mass");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Part");
    report_add_models(t, r, r->n_models);
#define PART(title, member) add_part(t, r, title, offsetof(struct leadseq_reliability, member))
    PART("Brier score", brier);
    PART("= reliability (smaller is better)", reliability);
    PART("− resolution (larger is better)", resolution);
    PART("+ uncertainty", uncertainty);
    PART("+ variance within bins", within_variance);
    PART("− covariance within bins", within_covariance);
    PART("Skill, 1 − score/uncertainty", skill);
#undef PART
    return t;
}

struct leadseq_table *report_table_confusion(const struct report_model *m)
{
    struct leadseq_table *t = leadseq_table_new(m->name);
    if (!t) return NULL;
    const struct leadseq_confusion *c = &m->confusion;
    leadseq_table_column(t, LEADSEQ_LEFT, "Truth");
    leadseq_table_column(t, LEADSEQ_RIGHT, "called positive");
    leadseq_table_column(t, LEADSEQ_RIGHT, "called negative");
    leadseq_table_cell(t, "positive");
    leadseq_table_cell(t, "%zu", c->tp);
    leadseq_table_cell(t, "%zu", c->fn);
    leadseq_table_cell(t, "negative");
    leadseq_table_cell(t, "%zu", c->fp);
    leadseq_table_cell(t, "%zu", c->tn);
    return t;
}

static void add_count(struct leadseq_table *t, size_t n, bool known)
{
    if (known)
        leadseq_table_cell(t, "%zu", n);
    else
        leadseq_table_cell(t, "–");
}

struct leadseq_table *report_table_choices(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new(NULL);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Model");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Threshold");
    leadseq_table_column(t, LEADSEQ_LEFT, "Chosen by");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Temperature");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Validation records");
    leadseq_table_column(t, LEADSEQ_RIGHT, "of them positive");
    for (size_t i = 0; i < r->n_models; i++) {
        const struct report_model *m = &r->model[i];
        leadseq_table_cell(t, "%s", m->name);
        leadseq_table_interval(t, 4, false, m->threshold, NAN, NAN);
        leadseq_table_cell(t, "%s", m->origin);
        leadseq_table_interval(t, 3, false, m->temperature.value, NAN, NAN);
        add_count(t, m->valid.n, m->valid.n);
        add_count(t, report_set_positives(&m->valid), m->valid.label);
    }
    return t;
}
