/* SPDX-License-Identifier: MIT
 *
 * The page's section on subgroups, with its tables. */
#include "document.h"

#include "cells.h"
#include "measure.h"

static void begin_subgroups(struct leadseq_table *t)
{
    leadseq_table_column(t, LEADSEQ_LEFT, "Subgroup");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Records (positive)");
}

static void add_subgroup(struct leadseq_table *t, const struct report_subgroup *s)
{
    leadseq_table_cell(t, "%s: %s", s->family, s->name);
    leadseq_table_cell(t, "%zu (%zu)", s->n, s->positives);
}

static struct leadseq_table *table_subgroups(const struct report *r, enum leadseq_metric metric)
{
    char caption[64];
    snprintf(caption, sizeof caption, "%s in subgroups", leadseq_metrics[metric]->title);
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    begin_subgroups(t);
    report_add_models(t, r, r->n_inputs);
    for (size_t i = 0; i < r->n_subgroups; i++) {
        const struct report_subgroup *s = &r->subgroup[i];
        if (!s->metric[metric]) continue;
        if (report_is_shared(s, metric)) continue; // the same as of all records
        add_subgroup(t, s);
        for (size_t m = 0; m < r->n_inputs; m++)
            report_add_estimate(t, &s->metric[metric][m], metric);
    }
    return t;
}

static struct leadseq_table *table_subgroup_pair(const struct report *r, size_t pair)
{
    char caption[512];
    const struct report_pair *p = &r->pair[pair];
    snprintf(caption, sizeof caption, "AUC of %.200s minus %.200s in subgroups", p->a->name,
             p->b->name);
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    begin_subgroups(t);
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p, Holm");
    for (size_t i = 0; i < r->n_subgroups; i++) {
        const struct report_subgroup *s = &r->subgroup[i];
        add_subgroup(t, s);
        report_add_difference(t, &s->auc_difference[pair]);
        report_add_p(t, s->auc_difference[pair].p);
        report_add_p(t, s->auc_holm[pair]);
    }
    return t;
}

void document_subgroups(struct document *d)
{
    const struct report *r = d->r;
    enum leadseq_metric shown[LEADSEQ_METRICS]; // the AUC first
    size_t n = report_metrics_in(shown, LEADSEQ_IN_HEADLINE);
    char name[96];
    document_heading(d, "Subgroups");
    if (!r->n_subgroups) {
        leadseq_page_text(d->page, "Not shown: sex, age, site, likelihood and quality are in the "
                                   "stack; give it by --data FILE.h5.");
        return;
    }
    document_table(d, "subgroups_auc", table_subgroups(r, LEADSEQ_AUC));
    document_figure(d, "subgroups", "AUC in subgroups with DeLong's intervals.");
    leadseq_page_alternative(d->page, "AUC of %s in %s; the table above has the figures.",
                             leadseq_count(r->n_inputs, "model"),
                             leadseq_count(r->n_subgroups, "subgroup"));
    for (size_t k = 1; k < n; k++) {
        snprintf(name, sizeof name, "subgroups_%s", leadseq_metrics[shown[k]]->name);
        document_table(d, name, table_subgroups(r, shown[k]));
    }
    for (size_t i = 0; i < r->n_pairs && r->n_pairs <= DOCUMENT_PAIRS_IN_FULL; i++)
        document_table_of(d, "subgroups_pair", i, table_subgroup_pair(r, i));
    leadseq_page_text(d->page, "Sites and likelihoods are those of infarctions, judged against all "
                               "records without one; an infarction may have several sites. "
                               "Exploratory: Holm's correction is over the subgroups of a pair.");
}
