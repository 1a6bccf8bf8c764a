/* SPDX-License-Identifier: MIT
 *
 * What a comparison says, in which order: the result first, then how far it can
 * be trusted, then how it was made. */
#include "report_private.h"

#include "config.h"

#include <math.h>
#include <stdlib.h>

enum { PAIRS_IN_FULL = 3 };

static void say_records(struct leadseq_page *page, const struct report *r)
{
    double share = 100 * (double)r->positives / (double)r->records;
    if (r->patients)
        leadseq_page_text(page,
                          "%zu models on the same %zu records of %zu patients, split \"%s\"; %zu "
                          "records are positive (%.1f %%).",
                          r->n_inputs, r->records, r->patients, r->split, r->positives, share);
    else
        leadseq_page_text(page,
                          "%zu models on the same %zu records, split \"%s\"; %zu records are "
                          "positive (%.1f %%).",
                          r->n_inputs, r->records, r->split, r->positives, share);
}

/* "A has the higher AUC by …: more than chance explains" */
static void say_pair(struct leadseq_page *page, const struct report_pair *pair)
{
    const struct leadseq_difference *d = &pair->metric[REPORT_AUC];
    bool swap = d->difference < 0;
    const char *better = (swap ? pair->b : pair->a)->name;
    const char *other = (swap ? pair->a : pair->b)->name;
    char p[32];
    report_format_p(p, d->p);
    if (d->difference == 0) {
        leadseq_page_text(page, "%s and %s have the same AUC.", better, other);
        return;
    }
    if (isnan(d->p)) {
        leadseq_page_text(page, "%s has the higher AUC, by %.3f over %s (%s).", better,
                          fabs(d->difference), other, d->method);
        return;
    }
    leadseq_page_text(
        page,
        "%s has the higher AUC, by %.3f over %s (95 %% interval %.3f to %.3f; DeLong, "
        "paired, p %s%s): %s.",
        better, fabs(d->difference), other, swap ? -d->high : d->low, swap ? -d->low : d->high,
        *p == '<' ? "" : "= ", p,
        d->p < 1 - LEADSEQ_CONFIDENCE ? "more than chance alone explains at the 5 % level"
                                      : "these records do not tell the two apart at the 5 % level");
}

static void say_summary(struct leadseq_page *page, const struct report *r)
{
    say_records(page, r);
    for (size_t i = 0; i < r->n_pairs && r->n_pairs <= PAIRS_IN_FULL; i++)
        say_pair(page, &r->pair[i]);
    leadseq_page_note(page, "Not for clinical use.");
    for (size_t i = 0; i < r->n_notes; i++) leadseq_page_note(page, "%s", r->note[i]);
}

static void say_results(struct leadseq_page *page, const struct report *r)
{
    leadseq_page_heading(page, "Results");
    leadseq_page_table(page, report_table_models(r, NULL));
    leadseq_page_text(
        page,
        "Beneath each figure its 95 %% interval: of the AUC after DeLong, of sensitivity, "
        "specificity, precision and accuracy after Wilson, of average precision, F1 and Brier "
        "score by a bootstrap of %s (%d resamples, percentiles). \"–\": not defined, or no "
        "threshold. The constant classifier %s.",
        r->patient_id ? "patients" : "records", LEADSEQ_RESAMPLES,
        r->model[r->n_models - 1].origin);
}

static void say_mcnemar(struct leadseq_page *page, const struct report_pair *pair)
{
    const struct leadseq_difference *d = &pair->metric[REPORT_ACCURACY];
    char p[32];
    if (isnan(d->p)) return;
    report_format_p(p, d->p);
    leadseq_page_text(page,
                      "Decisions: %zu records are right with %s alone, %zu with %s alone (exact "
                      "McNemar, p %s%s).",
                      pair->only_a_right, pair->a->name, pair->only_b_right, pair->b->name,
                      *p == '<' ? "" : "= ", p);
}

static void say_differences(struct leadseq_page *page, const struct report *r)
{
    leadseq_page_heading(page, "Differences");
    if (r->n_pairs > PAIRS_IN_FULL) leadseq_page_table(page, report_table_pairs(r));
    for (size_t i = 0; i < r->n_pairs && r->n_pairs <= PAIRS_IN_FULL; i++) {
        leadseq_page_table(page, report_table_pair(&r->pair[i]));
        say_mcnemar(page, &r->pair[i]);
    }
    leadseq_page_text(page,
                      "Intervals and p of the AUC after DeLong, paired; p of sensitivity, "
                      "specificity and accuracy by exact McNemar over the positive, the negative "
                      "and all records; the other p, and all other intervals, by the same "
                      "bootstrap of %s.",
                      r->patient_id ? "patients" : "records");
    if (r->n_pairs > 1)
        leadseq_page_text(page,
                          "The p values are of single tests: they are not corrected for how many "
                          "pairs and metrics there are.");
}

static void say_curves(struct leadseq_page *page, const struct report *r, const char *figures)
{
    leadseq_page_heading(page, "ROC curves");
    leadseq_page_figure(page, figures, "figures", "roc",
                        "ROC curves on the records compared; the dot on each is its operating "
                        "point at the threshold chosen on validation.");
    leadseq_page_heading(page, "Confusion matrices");
    leadseq_page_row_begin(page);
    for (size_t i = 0; i < r->n_models; i++)
        if (!isnan(r->model[i].threshold))
            leadseq_page_table(page, report_table_confusion(&r->model[i]));
    leadseq_page_row_end(page);
}

static void say_training(struct leadseq_page *page, const struct report *r, const char *figures)
{
    bool loss = report_has_history(r, "train_loss"), auc = report_has_history(r, "valid_auc");
    if (!loss && !auc && !report_has_steps(r)) return;
    leadseq_page_heading(page, "Training");
    leadseq_page_row_begin(page);
    if (loss)
        leadseq_page_figure(page, figures, "figures", "loss",
                            "Loss by epoch: training solid, validation dashed. Losses of "
                            "different kinds or weights are not comparable between models.");
    if (auc)
        leadseq_page_figure(page, figures, "figures", "valid_auc",
                            "AUC on the validation records by epoch.");
    leadseq_page_row_end(page);
    if (report_has_steps(r))
        leadseq_page_figure(page, figures, "figures", "cost",
                            "Cost of single batches, of runs without a finished epoch.");
}

static void say_origin(struct leadseq_page *page, const struct report *r)
{
    char when[32];
    bool known = false;
    leadseq_page_heading(page, "What was chosen on which records");
    leadseq_page_table(page, report_table_choices(r));
    leadseq_page_text(page, "A record is called positive where its probability is at least the "
                            "threshold.");
    for (size_t i = 0; i < r->n_inputs; i++) known = known || r->model[i].environment;
    if (known) {
        leadseq_page_heading(page, "Versions and hardware");
        leadseq_page_table(page, report_table_environment(r));
    }
    leadseq_timestamp(when);
    leadseq_page_heading(page, "This report");
    leadseq_page_text(page,
                      "Written %s by %s. The same figures with every digit: tables/ (TSV) and "
                      "report.json; the data and scripts of the drawings: figures/.",
                      when, PACKAGE_STRING);
    if (r->options->command_line) leadseq_page_text(page, "Command: %s", r->options->command_line);
}

struct leadseq_page *report_document(const struct report *r, const char *figures)
{
    char title[512];
    if (r->n_inputs == 2)
        snprintf(title, sizeof title, "%.200s and %.200s compared", r->model[0].name,
                 r->model[1].name);
    else
        snprintf(title, sizeof title, "%zu models compared", r->n_inputs);
    struct leadseq_page *page = leadseq_page_new(title);
    if (!page) return NULL;
    say_summary(page, r);
    say_results(page, r);
    say_differences(page, r);
    say_curves(page, r, figures);
    say_training(page, r, figures);
    say_origin(page, r);
    return page;
}
