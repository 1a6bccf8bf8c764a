/* SPDX-License-Identifier: MIT
 *
 * The tables of pairs of models, and of groups of seeds. */
#include "report_private.h"

enum { PAIRS_IN_FULL = 3 };

struct leadseq_table *report_table_pair(const struct report *r, const struct report_pair *pair)
{
    char caption[512];
    snprintf(caption, sizeof caption, "%.200s minus %.200s", pair->a->name, pair->b->name);
    struct leadseq_table *t = leadseq_table_new(caption);
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    if (r->n_pairs > 1) leadseq_table_column(t, LEADSEQ_RIGHT, "p, Holm");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p, exchange");
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        leadseq_table_cell(t, "%s", leadseq_metrics[k]->title);
        report_add_difference(t, &pair->metric[k]);
        report_add_p(t, pair->metric[k].p);
        if (r->n_pairs > 1) report_add_p(t, pair->holm[k]);
        report_add_p(t, pair->permuted[k]);
    }
    return t;
}

struct leadseq_table *report_table_pairs_auc(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("AUC of pairs");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "First minus second");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p, Holm");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p, exchange");
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        leadseq_table_cell(t, "%s − %s", p->a->name, p->b->name);
        report_add_difference(t, &p->metric[LEADSEQ_AUC]);
        report_add_p(t, p->metric[LEADSEQ_AUC].p);
        report_add_p(t, p->holm[LEADSEQ_AUC]);
        report_add_p(t, p->permuted[LEADSEQ_AUC]);
    }
    return t;
}

struct leadseq_table *report_table_pairs(const struct report *r)
{
    enum leadseq_metric shown[LEADSEQ_METRICS];
    size_t n = report_metrics_in(shown, LEADSEQ_IN_HEADLINE);
    struct leadseq_table *t = leadseq_table_new("Other differences of pairs");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "First minus second");
    for (size_t k = 0; k < n; k++) {
        if (shown[k] == LEADSEQ_AUC) continue; // has a table of its own
        leadseq_table_column(t, LEADSEQ_RIGHT, leadseq_metrics[shown[k]]->title);
        leadseq_table_column(t, LEADSEQ_RIGHT, "p, Holm");
    }
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        leadseq_table_cell(t, "%s − %s", p->a->name, p->b->name);
        for (size_t k = 0; k < n; k++) {
            if (shown[k] == LEADSEQ_AUC) continue;
            report_add_difference(t, &p->metric[shown[k]]);
            report_add_p(t, p->holm[shown[k]]);
        }
    }
    return t;
}

static void add_mcnemar(struct leadseq_table *t, const struct report_pair *p, const char *over,
                        const struct leadseq_pairs *right, double exact, double mid)
{
    leadseq_table_cell(t, "%s, %s", p->a->name, p->b->name);
    leadseq_table_cell(t, "%s", over);
    leadseq_table_cell(t, "%zu", right->both);
    leadseq_table_cell(t, "%zu", right->only_a);
    leadseq_table_cell(t, "%zu", right->only_b);
    leadseq_table_cell(t, "%zu", right->neither);
    report_add_p(t, exact);
    report_add_p(t, mid);
}

struct leadseq_table *report_table_mcnemar(const struct report *r)
{
    static const char *const titles[] = {"both right", "first alone", "second alone",
                                         "neither",    "p, exact",    "p, mid-p"};
    struct leadseq_table *t = leadseq_table_new("Decisions of two models on the same records");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "First, second");
    leadseq_table_column(t, LEADSEQ_LEFT, "Records");
    for (size_t i = 0; i < LEADSEQ_COUNT(titles); i++)
        leadseq_table_column(t, LEADSEQ_RIGHT, titles[i]);
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct report_pair *p = &r->pair[i];
        if (isnan(p->a->threshold) || isnan(p->b->threshold)) continue;
        add_mcnemar(t, p, "all", &p->right, p->exact_p[0], p->mid_p[0]);
        if (r->n_pairs > PAIRS_IN_FULL) continue; // the others: report.json
        add_mcnemar(t, p, "positive", &p->right_positive, p->exact_p[1], p->mid_p[1]);
        add_mcnemar(t, p, "negative", &p->right_negative, p->exact_p[2], p->mid_p[2]);
    }
    return t;
}

/* --- Seeds -------------------------------------------------------------------------- */

/* "0.912 ± 0.004", its range beneath. */
static void add_spread(struct leadseq_table *t, const struct leadseq_spread *s)
{
    char range[64];
    if (isnan(s->mean) || isnan(s->sd)) {
        leadseq_table_interval(t, 3, false, s->mean, NAN, NAN);
        leadseq_table_remark(t, s->n == 1 ? "one seed" : "not defined in every run");
        return;
    }
    leadseq_table_cell(t, "%.3f ± %.3f", s->mean, s->sd);
    snprintf(range, sizeof range, "%.3f to %.3f", s->least, s->most);
    leadseq_table_remark(t, range);
}

struct leadseq_table *report_table_groups(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("Mean ± standard deviation over seeds, and range");
    char title[192];
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    for (size_t g = 0; g < r->n_groups; g++) {
        snprintf(title, sizeof title, "%s (%zu seed%s)", r->group[g].name, r->group[g].n,
                 r->group[g].n == 1 ? "" : "s");
        leadseq_table_column(t, LEADSEQ_RIGHT, title);
    }
    enum leadseq_metric shown[LEADSEQ_METRICS];
    size_t n = report_metrics_in(shown, LEADSEQ_IN_SUMMARY);
    for (size_t k = 0; k < n; k++) {
        leadseq_table_cell(t, "%s", leadseq_metrics[shown[k]]->title);
        for (size_t g = 0; g < r->n_groups; g++) add_spread(t, &r->group[g].spread[shown[k]]);
    }
    return t;
}

static void add_group_pair(struct leadseq_table *t, const struct report_group *a,
                           const struct report_group *b, enum leadseq_metric k)
{
    struct leadseq_difference d = leadseq_welch(&a->spread[k], &b->spread[k]);
    leadseq_table_cell(t, "%s minus %s", a->name, b->name);
    leadseq_table_cell(t, "%s", leadseq_metrics[k]->title);
    report_add_difference(t, &d);
    report_add_p(t, d.p);
    leadseq_table_interval(t, 3, false, a->spread[k].sd, NAN, NAN);
    leadseq_table_interval(t, 3, false, b->spread[k].sd, NAN, NAN);
}

struct leadseq_table *report_table_group_differences(const struct report *r)
{
    enum leadseq_metric shown[LEADSEQ_METRICS];
    size_t n = report_metrics_in(shown, LEADSEQ_IN_HEADLINE);
    struct leadseq_table *t = leadseq_table_new("Difference of means beside the spread over seeds");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Experiments");
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Difference of means");
    leadseq_table_column(t, LEADSEQ_RIGHT, "p, Welch");
    leadseq_table_column(t, LEADSEQ_RIGHT, "spread of first");
    leadseq_table_column(t, LEADSEQ_RIGHT, "spread of second");
    for (size_t a = 0; a < r->n_groups; a++)
        for (size_t b = a + 1; b < r->n_groups; b++)
            for (size_t k = 0; k < n; k++) add_group_pair(t, &r->group[a], &r->group[b], shown[k]);
    return t;
}
