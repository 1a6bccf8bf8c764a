/* SPDX-License-Identifier: MIT
 *
 * The page's differences of pairs, and their spread over seeds. */
#include "document.h"

enum { PAIRS_IN_FULL = 3 };

static bool any_decided(const struct report *r)
{
    for (size_t i = 0; i < r->n_pairs; i++)
        if (!isnan(r->pair[i].a->threshold) && !isnan(r->pair[i].b->threshold)) return true;
    return false;
}

static void say_methods(struct document *d)
{
    const struct report *r = d->r;
    const char *unit = r->patient_id ? "patients" : "records";
    leadseq_page_text(
        d->page,
        "Differences of the AUC: DeLong, paired. Of sensitivity, specificity and accuracy: "
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
    leadseq_page_heading(d->page, "Differences");
    if (r->n_pairs > PAIRS_IN_FULL) {
        document_table(d, "pairs_auc", report_table_pairs_auc(r));
        document_table(d, "pairs_others", report_table_pairs(r));
        leadseq_page_text(d->page, "Every metric of every pair: tables/pairs.tsv.");
    }
    for (size_t i = 0; i < r->n_pairs && r->n_pairs <= PAIRS_IN_FULL; i++)
        document_table_of(d, "pair", i, report_table_pair(r, &r->pair[i]));
    if (any_decided(r)) document_table(d, "mcnemar", report_table_mcnemar(r));
    say_methods(d);
}

/* "the difference of means is 0.012, the spread over seeds 0.009 and 0.015" */
static void say_group_pair(struct document *doc, const struct report_group *a,
                           const struct report_group *b)
{
    const struct leadseq_spread *sa = &a->spread[LEADSEQ_AUC], *sb = &b->spread[LEADSEQ_AUC];
    if (isnan(sa->sd) || isnan(sb->sd)) {
        leadseq_page_text(doc->page,
                          "AUC of %s minus %s: %+.3f; one of them has one seed only, so that the "
                          "spread of a difference over seeds is not known.",
                          a->name, b->name, sa->mean - sb->mean);
        return;
    }
    double spread = fmax(sa->sd, sb->sd);
    leadseq_page_text(doc->page,
                      "AUC of %s minus %s: the means differ by %+.3f, the larger spread over seeds "
                      "is %.3f: the difference is %.1f times that.",
                      a->name, b->name, sa->mean - sb->mean, spread,
                      fabs(sa->mean - sb->mean) / spread);
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
    leadseq_page_heading(d->page, "Spread over seeds");
    document_table(d, "seeds", report_table_groups(r));
    document_figure(d, "seeds",
                    "AUC of each seed (small), and their mean with the interval of the "
                    "mean (large).");
    leadseq_page_alternative(d->page,
                             "AUC of every seed of %zu experiments; the table above has "
                             "means, spreads and ranges.",
                             r->n_groups);
    for (size_t a = 0; a < r->n_groups; a++)
        for (size_t b = a + 1; b < r->n_groups; b++) say_group_pair(d, &r->group[a], &r->group[b]);
    if (r->n_groups > 1) document_table(d, "seed_differences", report_table_group_differences(r));
    leadseq_page_text(
        d->page,
        "Runs whose experiments are the same but for the seed. Intervals of means by t, "
        "of their differences by Welch's t: they say how far another seed may fall, "
        "on these records; those of the sections below how far other %s may.",
        r->patient_id ? "patients" : "records");
}
