/* SPDX-License-Identifier: MIT
 *
 * The page's sections on each model, with their tables: discrimination, decisions, calibration,
 * and what decisions would be worth. */
#include "document.h"

#include "cells.h"
#include "inputs.h"

/* --- Tables --------------------------------------------------------------------------- */

static struct leadseq_table *section(const struct report *r, const char *caption,
                                     enum leadseq_metric_needs needs)
{
    enum leadseq_metric metric[LEADSEQ_METRICS];
    size_t n = report_metrics_of(metric, needs);
    return report_table_metrics(r, caption, metric, n);
}

static struct leadseq_table *table_f_max(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("F1 where it is largest");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Threshold chosen on");
    report_add_models(t, r, r->n_inputs);
    leadseq_table_cell(t, "the records compared (F-max: no honest decision, an upper bound)");
    for (size_t i = 0; i < r->n_inputs; i++)
        report_add_estimate(t, &r->model[i].metric[LEADSEQ_F_MAX], LEADSEQ_F_MAX);
    leadseq_table_cell(t, "validation (F1 at the threshold of validation's F-max)");
    for (size_t i = 0; i < r->n_inputs; i++)
        report_add_estimate(t, &r->model[i].f1_at_valid_f_max, LEADSEQ_F1);
    return t;
}

static struct leadseq_table *table_after(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("After temperature scaling");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Metric");
    report_add_models(t, r, r->n_inputs);
    leadseq_table_cell(t, "Temperature, fitted on validation");
    for (size_t i = 0; i < r->n_inputs; i++)
        report_add_estimate(t, &r->model[i].temperature, LEADSEQ_AUC);
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        if (leadseq_metrics[k]->needs != LEADSEQ_OF_PROBABILITIES) continue;
        leadseq_table_cell(t, "%s", leadseq_metrics[k]->title);
        for (size_t i = 0; i < r->n_inputs; i++)
            report_add_estimate(t, &r->model[i].tempered_metric[k], (enum leadseq_metric)k);
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

static struct leadseq_table *table_brier(const struct report *r)
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

static struct leadseq_table *table_confusion(const struct report_model *m)
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

/* --- Sections -------------------------------------------------------------------------- */

void document_discrimination(struct document *d)
{
    document_heading(d, "Discrimination");
    document_models(d, "discrimination", section(d->r, NULL, LEADSEQ_OF_ORDER));
    leadseq_page_text(
        d->page,
        "Below each figure is its 95 %% interval: of the AUC on the logit scale, with DeLong's "
        "variance (of patients with several records Obuchowski's), of the others by a bootstrap "
        "of %s (BCa). Sensitivity at 90 %% specificity is the largest at an operating "
        "point with at least that, read off the curve of the records compared; so with the "
        "others, and with F-max; as the threshold there is chosen on the same records, their "
        "intervals hold the truth less often than 95 %% with few records of a class "
        "(doc/statistics.md). The constant classifier %s.",
        document_unit(d), d->r->model[d->r->n_models - 1].origin);
    leadseq_page_row_begin(d->page);
    document_figure(d, "roc",
                    "ROC curves on the records compared; the dot on each is its operating point at "
                    "the threshold chosen on validation.");
    document_values(d, "ROC curves; areas under them", LEADSEQ_AUC);
    document_figure(
        d, "precision_recall",
        "Precision and recall on the records compared, with the same operating points.");
    document_values(d, "Precision-recall curves; average precision", LEADSEQ_AVERAGE_PRECISION);
    leadseq_page_row_end(d->page);
    document_models(d, "f_max", table_f_max(d->r));
}

void document_decisions(struct document *d)
{
    const struct report *r = d->r;
    document_heading(d, "Decisions");
    leadseq_page_text(d->page, "A record is called positive where its probability is at least the "
                               "model's threshold, which was chosen on validation alone.");
    document_models(d, "decisions", section(r, NULL, LEADSEQ_OF_DECISIONS));
    leadseq_page_text(
        d->page,
        "Intervals of sensitivity, specificity, PPV, NPV and accuracy after Wilson, of "
        "likelihood ratios on the scale of logarithms, of the others by the "
        "bootstrap of %s. Those of the bootstrap for all: tables/metrics.tsv.",
        document_unit(d));
    leadseq_page_subheading(d->page, "Confusion matrices");
    leadseq_page_row_begin(d->page);
    for (size_t i = 0; i < r->n_models; i++)
        if (!isnan(r->model[i].threshold))
            document_table_of(d, "confusion", i, table_confusion(&r->model[i]));
    leadseq_page_row_end(d->page);
    for (size_t i = 0; i < r->n_inputs; i++)
        if (isnan(r->model[i].threshold))
            leadseq_page_text(d->page, "%s: no confusion matrix; threshold %s.", r->model[i].name,
                              r->model[i].origin);
}

void document_calibration(struct document *d)
{
    document_heading(d, "Calibration");
    document_models(d, "calibration", section(d->r, "As the models are", LEADSEQ_OF_PROBABILITIES));
    document_models(d, "tempered", table_after(d->r));
    leadseq_page_text(
        d->page,
        "ECE: expected calibration error over ten bins, of equal mass or of equal width. Slope "
        "(best "
        "1) and intercept (with slope 1; best 0) of the logistic recalibration, intervals after "
        "Wald; of the others, and of all after scaling, by the bootstrap of %s. Scaling divides "
        "every logit by one temperature, and does not change the order of the records.",
        document_unit(d));
    document_figure(d, "reliability",
                    "Reliability: share of positives in ten bins of equal mass over their mean "
                    "probability; intervals after Wilson (of more than three models: "
                    "tables/reliability.tsv).");
    document_values(d, "Reliability diagram; expected calibration errors", LEADSEQ_ECE_MASS);
    document_models(d, "brier_parts", table_brier(d->r));
}

void document_benefit(struct document *d)
{
    document_heading(d, "Decision curve");
    document_figure(d, "decision_curve",
                    "Net benefit per record over the threshold probability: true positives less "
                    "false positives, these weighted with the odds of the threshold. A model is of "
                    "use where it lies above both calling everyone and calling no one positive.");
    document_values(d, "Decision curves of the models with AUC", LEADSEQ_AUC);
    leadseq_page_text(d->page, "Of the probabilities as the models give them; figures: "
                               "figures/decision_curve.tsv.");
}
