/* SPDX-License-Identifier: MIT
 *
 * The page's section on several outputs, with its tables: their means, each output, and who was
 * called what. Where the outputs are the question, each has sections of its own after this. */
#include "document.h"

#include "cells.h"
#include "measure.h"

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

static struct leadseq_table *begin_pairs(const struct report *r, const char *caption, bool exchange)
{
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "First minus second");
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    if (exchange && r->n_pairs > 1) leadseq_table_column(t, LEADSEQ_RIGHT, "p, Holm");
    if (exchange) leadseq_table_column(t, LEADSEQ_RIGHT, "p, exchange");
    return t;
}

static void add_pair(struct leadseq_table *t, const struct report_pair *p, const char *metric,
                     const struct leadseq_difference *d)
{
    leadseq_table_cell(t, "%s minus %s", p->a->name, p->b->name);
    leadseq_table_cell(t, "%s", metric);
    report_add_difference(t, d);
    report_add_p(t, d->p);
}

/* Beside another question the means are not exchanged. */
static struct leadseq_table *table_mean_pairs(const struct report *r)
{
    enum leadseq_metric shown[LEADSEQ_METRICS];
    size_t n = report_metrics_in(shown, LEADSEQ_IN_SUMMARY);
    struct leadseq_table *t =
        begin_pairs(r, "Differences of the means over the outputs", r->several);
    if (!t) return NULL;
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        for (size_t k = 0; k < n && p->a->test.output_label && p->b->test.output_label; k++) {
            add_pair(t, p, leadseq_metrics[shown[k]]->title, &p->macro[shown[k]]);
            if (r->several && r->n_pairs > 1) report_add_p(t, p->holm[shown[k]]);
            if (r->several) report_add_p(t, p->permuted[shown[k]]);
        }
    }
    return t;
}

/* --- Judged together -------------------------------------------------------------------------- */

static bool is_shown(const struct report *r, size_t figure)
{
    return r->classes || !leadseq_joint_types[figure].of_calls;
}

static struct leadseq_table *table_together(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("All outputs of a record together");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    for (size_t i = 0; i < r->n_models; i++)
        if (r->model[i].count) leadseq_table_column(t, LEADSEQ_RIGHT, r->model[i].name);
    for (size_t k = 0; k < LEADSEQ_JOINTS; k++) {
        if (!is_shown(r, k)) continue;
        leadseq_table_cell(t, "%s", leadseq_joint_types[k].title);
        for (size_t i = 0; i < r->n_models; i++)
            if (r->model[i].count) report_add_estimate(t, &r->model[i].together[k], LEADSEQ_F_MAX);
    }
    return t;
}

static struct leadseq_table *table_together_pairs(const struct report *r)
{
    struct leadseq_table *t = begin_pairs(r, "Differences of the outputs together", true);
    for (size_t i = 0; t && i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        for (size_t k = 0; p->has_together && k < LEADSEQ_JOINTS; k++) {
            if (!is_shown(r, k)) continue;
            add_pair(t, p, leadseq_joint_types[k].title, &p->together[k]);
            if (r->n_pairs > 1) report_add_p(t, p->together_holm[k]);
            report_add_p(t, p->together_permuted[k]);
        }
    }
    return t;
}

static struct leadseq_table *table_called_pairs(const struct report *r)
{
    static const char *const title[] = {"both right", "first alone", "second alone",
                                        "neither",    "p, exact",    "p, mid-p"};
    struct leadseq_table *t = leadseq_table_new("Calls of two models on the same records");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "First, second");
    for (size_t i = 0; i < LEADSEQ_COUNT(title); i++)
        leadseq_table_column(t, LEADSEQ_RIGHT, title[i]);
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        if (!p->has_together) continue;
        leadseq_table_cell(t, "%s, %s", p->a->name, p->b->name);
        leadseq_table_cell(t, "%zu", p->called.both);
        leadseq_table_cell(t, "%zu", p->called.only_a);
        leadseq_table_cell(t, "%zu", p->called.only_b);
        leadseq_table_cell(t, "%zu", p->called.neither);
        report_add_p(t, p->called_exact);
        report_add_p(t, p->called_mid);
    }
    return t;
}

/* Counts, with shares of the true class below. */
static struct leadseq_table *table_confusion(const struct report *r, const struct report_model *m)
{
    char text[96];
    struct leadseq_table *t = leadseq_table_new(m->name);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Truth");
    for (size_t k = 0; k < r->n_outputs; k++) {
        snprintf(text, sizeof text, "called %s", r->output[k].question);
        leadseq_table_column(t, LEADSEQ_RIGHT, text);
    }
    for (size_t row = 0; row < r->n_outputs; row++) {
        const size_t *count = m->count + row * r->n_outputs;
        size_t all = 0;
        for (size_t k = 0; k < r->n_outputs; k++) all += count[k];
        leadseq_table_cell(t, "%s", r->output[row].question);
        for (size_t k = 0; k < r->n_outputs; k++) {
            leadseq_table_cell(t, "%zu", count[k]);
            snprintf(text, sizeof text, "%.1f %%", 100 * (double)count[k] / (double)all);
            if (all) leadseq_table_remark(t, text);
        }
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

static void say_matrices(struct document *d)
{
    const struct report *r = d->r;
    leadseq_page_row_begin(d->page);
    for (size_t i = 0; i < r->n_inputs; i++) {
        char name[64], caption[256];
        if (!r->model[i].count) continue;
        snprintf(name, sizeof name, "outputs_confusion_%zu", i + 1);
        snprintf(caption, sizeof caption,
                 "%.160s: records, and shares of those of the true class (rows).",
                 r->model[i].name);
        document_figure(d, name, caption);
        leadseq_page_alternative(d->page, "Confusion matrix of %s; a table below has its numbers.",
                                 r->model[i].name);
    }
    leadseq_page_row_end(d->page);
    leadseq_page_row_begin(d->page);
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].count)
            document_table_of(d, "outputs_confusion", i, table_confusion(r, &r->model[i]));
    leadseq_page_row_end(d->page);
}

static void say_classes(struct document *d, const size_t *count)
{
    const struct report *r = d->r;
    if (!r->classes) {
        leadseq_page_text(d->page, "Several outputs may be true of a record: nobody is called one "
                                   "of them, and there is no confusion matrix over all outputs. "
                                   "Each has its own below.");
        return;
    }
    if (!r->single) {
        leadseq_page_text(d->page, "No record has exactly one true output: there is no confusion "
                                   "matrix over all outputs.");
        return;
    }
    leadseq_page_text(d->page,
                      "Calls: the %s with exactly one true output, of %zu, called by the largest "
                      "probability. A constant that calls all of them the most frequent class is "
                      "right in %zu. Intervals of the accuracy after Wilson, of its differences "
                      "after Newcombe with p by exact McNemar.",
                      leadseq_count(r->single, "record"), r->records,
                      count_most_frequent(r, count));
    if (r->n_pairs) document_table(d, "called_pairs", table_called_pairs(r));
    say_matrices(d);
}

static void say_together(struct document *d)
{
    const struct report *r = d->r;
    const size_t *count = NULL;
    bool pairs = false;
    for (size_t i = 0; i < r->n_inputs && !count; i++) count = r->model[i].count;
    for (size_t i = 0; i < r->n_pairs; i++) pairs = pairs || r->pair[i].has_together;
    if (!count) return;
    leadseq_page_subheading(d->page, r->classes ? "Who was called what" : "Together");
    document_table(d, "together", table_together(r));
    if (pairs) document_table(d, "together_pairs", table_together_pairs(r));
    leadseq_page_text(d->page,
                      "F-max over records is the largest 2PR/(P + R) over one threshold for all "
                      "outputs, P the mean precision of the records with an output called, R the "
                      "mean recall of those with a true one; its threshold is chosen on the "
                      "records compared, so that it is an upper bound. Intervals by the bootstrap "
                      "of %s. Exchange: the two models are exchanged in %s by toss of a coin, in "
                      "all outputs at once.",
                      document_unit(d), document_unit(d));
    say_classes(d, count);
}

/* --- The section ------------------------------------------------------------------------------ */

static size_t count_with_outputs(const struct report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_inputs; i++) n += !!of_output(r, i, 0);
    return n;
}

void document_outputs(struct document *d)
{
    const struct report *r = d->r;
    enum leadseq_metric shown[LEADSEQ_METRICS]; // the AUC first
    size_t n = report_metrics_in(shown, LEADSEQ_IN_HEADLINE);
    if (!r->n_outputs) return;
    document_heading(d, report_are_superclasses(r) ? "Five superclasses" : "All outputs");
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
                      "at each output's own threshold, chosen on validation. Intervals of mean "
                      "AUCs and of their differences are made of the outputs' intervals with "
                      "DeLong's covariances, which hold for outputs of the same records too; of "
                      "the others, and of all in tables/metrics.tsv, by the bootstrap of %s, the "
                      "same for all outputs. A constant has a mean AUC of 0.5 by definition. "
                      "There is no mean of a figure that an output does not have.",
                      r->multi_class ? "Exactly one output is true of each record."
                                     : "Several outputs may be true of a record, or none.",
                      document_unit(d));
    say_together(d);
    if (r->several)
        leadseq_page_text(d->page, "The sections below are of each output against all others, with "
                                   "subgroups where the stack is given. Curves, thresholds and "
                                   "temperatures have no mean; means of the numbers: "
                                   "tables/metrics.tsv.");
}
