/* SPDX-License-Identifier: MIT
 *
 * The page's section on several outputs, with its tables: their means, each output, and who was
 * called what. Where the outputs are the question, each has sections of its own after this. */
#include "document.h"

#include "cells.h"

#include <string.h>

/* The model in the comparison of an output; NULL where it has no outputs. */
static const struct report_model *of_output(const struct report *r, size_t model, size_t output)
{
    const struct report_model *m = &r->model[model];
    if (!m->test.output_label && m->path) return NULL;
    return &r->output[output].model[m->of_output];
}

static void add_models(struct leadseq_table *t, const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (of_output(r, i, 0)) leadseq_table_column(t, LEADSEQ_RIGHT, r->model[i].name);
}

static struct leadseq_table *table_each(const struct report *r, enum leadseq_metric metric)
{
    char caption[96];
    snprintf(caption, sizeof caption, "%s of each output", leadseq_metrics[metric]->title);
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Output");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Records (positive)");
    add_models(t, r);
    for (size_t k = 0; k < r->n_outputs; k++) {
        leadseq_table_cell(t, "%s", r->output[k].question);
        leadseq_table_cell(t, "%zu (%zu)", r->output[k].records, r->output[k].positives);
        for (size_t i = 0; i < r->n_inputs; i++)
            if (of_output(r, i, k))
                report_add_estimate(t, &of_output(r, i, k)->metric[metric], metric);
    }
    return t;
}

static struct leadseq_table *table_means(const struct report *r)
{
    enum leadseq_metric shown[LEADSEQ_METRICS];
    size_t n = report_metrics_in(shown, LEADSEQ_IN_SUMMARY);
    struct leadseq_table *t = leadseq_table_new("Means over the outputs");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    add_models(t, r);
    for (size_t k = 0; k < n; k++) {
        leadseq_table_cell(t, "%s", leadseq_metrics[shown[k]]->title);
        for (size_t i = 0; i < r->n_inputs; i++)
            if (of_output(r, i, 0)) report_add_estimate(t, &r->model[i].macro[shown[k]], shown[k]);
    }
    return t;
}

static struct leadseq_table *table_mean_pairs(const struct report *r)
{
    enum leadseq_metric shown[LEADSEQ_METRICS];
    size_t n = report_metrics_in(shown, LEADSEQ_IN_SUMMARY);
    struct leadseq_table *t = leadseq_table_new("Differences of the means over the outputs");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "First minus second");
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        for (size_t k = 0; k < n && p->a->test.output_label && p->b->test.output_label; k++) {
            leadseq_table_cell(t, "%s minus %s", p->a->name, p->b->name);
            leadseq_table_cell(t, "%s", leadseq_metrics[shown[k]]->title);
            report_add_difference(t, &p->macro[shown[k]]);
            report_add_p(t, p->macro[shown[k]].p);
        }
    }
    return t;
}

/* --- Who was called what --------------------------------------------------------------------- */

static struct leadseq_table *table_called(const struct report *r)
{
    static const struct {
        const char *title;
        size_t member;
    } rows[] = {
        {"Accuracy", offsetof(struct leadseq_classes_figures, accuracy)},
        {"Balanced accuracy", offsetof(struct leadseq_classes_figures, balanced_accuracy)},
        {"Mean precision", offsetof(struct leadseq_classes_figures, macro_precision)},
        {"Mean F1", offsetof(struct leadseq_classes_figures, macro_f1)},
        {"Cohen's kappa", offsetof(struct leadseq_classes_figures, kappa)},
        {"MCC", offsetof(struct leadseq_classes_figures, mcc)},
    };
    struct leadseq_table *t = leadseq_table_new("Called by the largest probability");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    add_models(t, r);
    for (size_t k = 0; k < LEADSEQ_COUNT(rows); k++) {
        leadseq_table_cell(t, "%s", rows[k].title);
        for (size_t i = 0; i < r->n_inputs; i++) {
            if (!of_output(r, i, 0)) continue;
            const char *called = (const char *)&r->model[i].called;
            double value = *(const double *)(called + rows[k].member);
            leadseq_table_interval(t, 3, false, value, NAN, NAN);
            if (isnan(value)) leadseq_table_remark(t, "not defined: a class is empty");
        }
    }
    return t;
}

static struct leadseq_table *table_confusion(const struct report *r, const struct report_model *m)
{
    char title[96];
    struct leadseq_table *t = leadseq_table_new(m->name);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Truth");
    for (size_t k = 0; k < r->n_outputs; k++) {
        snprintf(title, sizeof title, "called %s", r->output[k].question);
        leadseq_table_column(t, LEADSEQ_RIGHT, title);
    }
    for (size_t row = 0; row < r->n_outputs; row++) {
        leadseq_table_cell(t, "%s", r->output[row].question);
        for (size_t k = 0; k < r->n_outputs; k++)
            leadseq_table_cell(t, "%zu", m->count[row * r->n_outputs + k]);
    }
    return t;
}

/* Records of the most frequent class, by the matrix of any model. */
static size_t count_most_frequent(const struct report *r, const size_t *count)
{
    size_t most = 0;
    for (size_t k = 0; k < r->n_outputs; k++) {
        size_t n = 0;
        for (size_t c = 0; c < r->n_outputs; c++) n += count[k * r->n_outputs + c];
        if (n > most) most = n;
    }
    return most;
}

static void say_called(struct document *d)
{
    const struct report *r = d->r;
    const size_t *count = NULL;
    for (size_t i = 0; i < r->n_inputs && !count; i++) count = r->model[i].count;
    if (!count) return;
    leadseq_page_subheading(d->page, "Who was called what");
    leadseq_page_text(d->page,
                      "The %s with exactly one true output, of %zu, called by the largest "
                      "probability. A constant that calls all of them the most frequent class is "
                      "right in %zu.",
                      leadseq_count(r->single, "record"), r->records,
                      count_most_frequent(r, count));
    document_table(d, "called", table_called(r));
    leadseq_page_row_begin(d->page);
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].count)
            document_table_of(d, "outputs_confusion", i, table_confusion(r, &r->model[i]));
    leadseq_page_row_end(d->page);
}

/* --- The section ------------------------------------------------------------------------------ */

static size_t count_with_outputs(const struct report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_inputs; i++) n += !!of_output(r, i, 0);
    return n;
}

static bool are_superclasses(const struct report *r)
{
    if (r->n_outputs != LEADSEQ_SUPERCLASSES) return false;
    for (size_t k = 0; k < r->n_outputs; k++)
        if (strcmp(r->output[k].question, leadseq_superclass_name[k])) return false;
    return true;
}

void document_outputs(struct document *d)
{
    const struct report *r = d->r;
    enum leadseq_metric shown[LEADSEQ_METRICS]; // the AUC first
    size_t n = report_metrics_in(shown, LEADSEQ_IN_HEADLINE);
    if (!r->n_outputs) return;
    document_heading(d, are_superclasses(r) ? "Five superclasses" : "All outputs");
    document_table(d, "outputs_means", table_means(r));
    document_table(d, "outputs_auc", table_each(r, LEADSEQ_AUC));
    document_figure(d, "outputs", "AUC of each output, DeLong's intervals.");
    document_values(d, "Means over the outputs of the AUC", LEADSEQ_AUC);
    for (size_t k = 0; k < n; k++) {
        char name[96];
        snprintf(name, sizeof name, "outputs_%s", leadseq_metrics[shown[k]]->name);
        if (shown[k] != LEADSEQ_AUC) document_table(d, name, table_each(r, shown[k]));
    }
    if (count_with_outputs(r) > 1) document_table(d, "outputs_pairs", table_mean_pairs(r));
    leadseq_page_text(d->page,
                      "%s Means are those of the outputs, each with the same weight; decisions are "
                      "at each output's own threshold, chosen on validation; intervals by the "
                      "bootstrap of %s, the same for all outputs. A constant has a mean AUC of 0.5 "
                      "by definition.",
                      r->multi_class ? "Exactly one output is true of each record."
                                     : "Several outputs may be true of a record, or none.",
                      document_unit(d));
    say_called(d);
}
