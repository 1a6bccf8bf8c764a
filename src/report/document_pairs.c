/* SPDX-License-Identifier: MIT
 *
 * The page's sections on differences, with their tables: of two models, and of experiments
 * beside their spread over seeds. */
#include "document.h"

#include "cells.h"

/* --- Tables of pairs ----------------------------------------------------------------- */

static struct leadseq_table *table_pair(const struct report *r, const struct report_pair *pair)
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

static struct leadseq_table *table_pairs_auc(const struct report *r)
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

static struct leadseq_table *table_pairs(const struct report *r)
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

static struct leadseq_table *table_mcnemar(const struct report *r)
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
        if (r->n_pairs > DOCUMENT_PAIRS_IN_FULL) continue; // the others: report.json
        add_mcnemar(t, p, "positive", &p->right_positive, p->exact_p[1], p->mid_p[1]);
        add_mcnemar(t, p, "negative", &p->right_negative, p->exact_p[2], p->mid_p[2]);
    }
    return t;
}

/* --- Tables of seeds -------------------------------------------------------------------------- */

/* "0.912 ± 0.004", its range below. */
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

static struct leadseq_table *table_groups(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("Mean ± standard deviation over seeds, and range");
    char title[256];
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    for (size_t g = 0; g < r->n_groups; g++) {
        snprintf(title, sizeof title, "%s (%s)", r->group[g].name,
                 leadseq_count(r->group[g].n, "seed"));
        leadseq_table_column(t, LEADSEQ_RIGHT, title);
    }
    enum leadseq_metric shown[LEADSEQ_METRICS];
    size_t n = report_metrics_in(shown, LEADSEQ_IN_SUMMARY);
    for (size_t k = 0; k < n; k++) {
        leadseq_table_cell(t, "%s", leadseq_metrics[shown[k]]->title);
        for (size_t g = 0; g < r->n_groups; g++) add_spread(t, &r->group[g].spread[shown[k]]);
    }
    for (size_t k = 0; r->several && k < LEADSEQ_JOINTS; k++) {
        if (leadseq_joint_types[k].of_calls && !r->classes) continue;
        leadseq_table_cell(t, "%s%s", leadseq_joint_types[k].title,
                           leadseq_joint_types[k].of_calls ? " of the calls" : "");
        for (size_t g = 0; g < r->n_groups; g++) add_spread(t, &r->group[g].together[k]);
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

static struct leadseq_table *table_group_differences(const struct report *r)
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

/* --- Sections ---------------------------------------------------------------------------- */

static bool any_decided(const struct report *r)
{
    for (size_t i = 0; i < r->n_pairs; i++)
        if (!isnan(r->pair[i].a->threshold) && !isnan(r->pair[i].b->threshold)) return true;
    return false;
}

static void say_methods(struct document *d)
{
    const struct report *r = d->r;
    const char *unit = document_unit(d);
    leadseq_page_text(
        d->page,
        "Differences of the AUC: DeLong, paired, by patients where they are known, from both "
        "intervals on the logit scale. Of sensitivity, specificity and accuracy: "
        "interval "
        "after Newcombe for paired shares, p by exact McNemar over the positive, the negative and "
        "all records. Of the others: the bootstrap of %s (BCa), and the p at which its interval "
        "meets 0. Exchange: the two models are exchanged in %s by toss of a coin.",
        unit, unit);
    if (r->n_pairs > 1)
        leadseq_page_text(d->page,
                          "Holm's correction is over the %zu pairs, for each metric apart. The AUC "
                          "is the first question; the other metrics are not corrected for one "
                          "another.",
                          r->n_pairs);
    else
        leadseq_page_text(d->page, "The AUC is the first question; the p of the other metrics are "
                                   "not corrected for how many there are.");
}

void document_differences(struct document *d)
{
    const struct report *r = d->r;
    if (!r->n_pairs) return;
    document_heading(d, "Differences");
    if (r->n_pairs > DOCUMENT_PAIRS_IN_FULL) {
        document_table(d, "pairs_auc", table_pairs_auc(r));
        document_table(d, "pairs_others", table_pairs(r));
        leadseq_page_text(d->page, "Every metric of every pair: tables/pairs.tsv.");
    }
    for (size_t i = 0; i < r->n_pairs && r->n_pairs <= DOCUMENT_PAIRS_IN_FULL; i++)
        document_table_of(d, "pair", i, table_pair(r, &r->pair[i]));
    if (any_decided(r)) document_table(d, "mcnemar", table_mcnemar(r));
    say_methods(d);
}

/* "the means differ by 0.012, the larger spread over seeds is 0.009" */
static void say_group_pair(struct document *doc, const struct report_group *a,
                           const struct report_group *b)
{
    const struct leadseq_spread *sa = &a->spread[LEADSEQ_AUC], *sb = &b->spread[LEADSEQ_AUC];
    double difference = sa->mean - sb->mean, spread = fmax(sa->sd, sb->sd);
    if (isnan(difference))
        leadseq_page_text(doc->page, "AUC of %s minus %s: not defined in every run.", a->name,
                          b->name);
    else if (isnan(sa->sd) || isnan(sb->sd))
        leadseq_page_text(doc->page,
                          "AUC of %s minus %s: %+.3f; one of them has one seed only, so that the "
                          "spread of a difference over seeds is not known.",
                          a->name, b->name, difference);
    else if (spread == 0)
        leadseq_page_text(doc->page,
                          "AUC of %s minus %s: the means differ by %+.3f; neither varies over its "
                          "seeds.",
                          a->name, b->name, difference);
    else
        leadseq_page_text(doc->page,
                          "AUC of %s minus %s: the means differ by %+.3f, the larger spread over "
                          "seeds is %.3f: the difference is %.1f times that.",
                          a->name, b->name, difference, spread, fabs(difference) / spread);
}

void document_group_sentences(struct document *d)
{
    const struct report *r = d->r;
    for (size_t a = 0; a < r->n_groups; a++)
        for (size_t b = a + 1; b < r->n_groups; b++) say_group_pair(d, &r->group[a], &r->group[b]);
}

void document_seeds(struct document *d)
{
    const struct report *r = d->r;
    if (!r->n_groups) return;
    document_heading(d, "Spread over seeds");
    document_table(d, "seeds", table_groups(r));
    document_figure(d, "seeds",
                    "AUC of each seed (small), and their mean with the interval of the "
                    "mean (large).");
    leadseq_page_alternative(d->page,
                             "AUC of every seed of %zu experiments; the table above has "
                             "means, spreads and ranges.",
                             r->n_groups);
    for (size_t a = 0; a < r->n_groups; a++)
        for (size_t b = a + 1; b < r->n_groups; b++) say_group_pair(d, &r->group[a], &r->group[b]);
    if (r->n_groups > 1) document_table(d, "seed_differences", table_group_differences(r));
    leadseq_page_text(
        d->page,
        "Runs whose experiments are the same but for the seed. Intervals of means by t, "
        "of their differences by Welch's t: they say how far another seed may fall, "
        "on these records; those of the sections below how far other %s may.",
        document_unit(d));
}
