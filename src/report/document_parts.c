/* SPDX-License-Identifier: MIT
 *
 * The page's parts by subgroup and by superclass. */
#include "document.h"

enum { PAIRS_SHOWN = 3 };

void document_subgroups(struct document *d)
{
    const struct report *r = d->r;
    enum leadseq_metric shown[LEADSEQ_METRICS]; // the AUC first
    size_t n = report_metrics_in(shown, LEADSEQ_IN_HEADLINE);
    char name[96];
    leadseq_page_heading(d->page, "Subgroups");
    if (!r->n_subgroups) {
        leadseq_page_text(d->page, "Not shown: sex, age, site, likelihood and quality stand in the "
                                   "stack; give it by --data FILE.h5.");
        return;
    }
    document_table(d, "subgroups_auc", report_table_subgroups(r, LEADSEQ_AUC));
    document_figure(d, "subgroups", "AUC in subgroups with DeLong's intervals.");
    leadseq_page_alternative(d->page,
                             "AUC of %zu models in %zu subgroups; the table above has the "
                             "figures.",
                             r->n_inputs, r->n_subgroups);
    for (size_t k = 1; k < n; k++) {
        snprintf(name, sizeof name, "subgroups_%s", leadseq_metrics[shown[k]]->name);
        document_table(d, name, report_table_subgroups(r, shown[k]));
    }
    for (size_t i = 0; i < r->n_pairs && r->n_pairs <= PAIRS_SHOWN; i++)
        document_table_of(d, "subgroups_pair", i, report_table_subgroup_pair(r, i));
    leadseq_page_text(d->page, "Sites and likelihoods are those of infarctions, judged against all "
                               "records without one; an infarction may have several sites. "
                               "Exploratory: Holm's correction is over the subgroups of a pair.");
}

static void say_confusions(struct document *d)
{
    const struct report *r = d->r;
    size_t largest = 0;
    const size_t *count = r->with_classes->count;
    for (size_t k = 0; k < REPORT_CLASSES; k++) {
        size_t n = 0;
        for (size_t c = 0; c < REPORT_CLASSES; c++) n += count[k * REPORT_CLASSES + c];
        if (n > largest) largest = n;
    }
    leadseq_page_subheading(d->page, "Who was called what");
    leadseq_page_text(d->page,
                      "The %zu of %zu records with exactly one superclass, called by the largest "
                      "probability. A constant that calls all of them the most frequent class is "
                      "right in %zu.",
                      r->single, r->records, largest);
    leadseq_page_row_begin(d->page);
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].class)
            document_table_of(d, "superclass_confusion", i,
                              report_table_class_confusion(&r->model[i]));
    leadseq_page_row_end(d->page);
}

static size_t count_with_classes(const struct report *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n_inputs; i++) n += !!r->model[i].class;
    return n;
}

void document_classes(struct document *d)
{
    const struct report *r = d->r;
    if (!r->with_classes) return;
    leadseq_page_heading(d->page, "Five superclasses");
    document_table(d, "superclass_macro", report_table_macro(r));
    document_table(d, "superclass_auc", report_table_classes(r, LEADSEQ_AUC));
    document_figure(d, "superclasses",
                    "AUC of each superclass against the rest, DeLong's intervals.");
    document_table(d, "superclass_average_precision",
                   report_table_classes(r, LEADSEQ_AVERAGE_PRECISION));
    document_table(d, "superclass_sensitivity", report_table_classes(r, LEADSEQ_SENSITIVITY));
    document_table(d, "superclass_specificity", report_table_classes(r, LEADSEQ_SPECIFICITY));
    if (count_with_classes(r) > 1)
        document_table(d, "superclass_pairs", report_table_macro_pairs(r));
    leadseq_page_text(d->page,
                      "A record may have several superclasses, or none. Macro: the mean over "
                      "the five; decisions at each class's own threshold, chosen on "
                      "validation; intervals by the same bootstrap. A constant has a macro "
                      "AUC of 0.5 by definition.");
    say_confusions(d);
}
