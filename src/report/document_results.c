/* SPDX-License-Identifier: MIT
 *
 * The page's results of each model: discrimination, decisions, calibration, and what
 * decisions would be worth. */
#include "document.h"

static const char *unit(const struct document *d)
{
    return d->r->patient_id ? "patients" : "records";
}

static struct leadseq_table *section(const struct report *r, const char *caption,
                                     enum leadseq_metric_needs needs)
{
    enum leadseq_metric metric[LEADSEQ_METRICS];
    size_t n = report_metrics_of(metric, needs);
    return report_table_metrics(r, caption, metric, n);
}

static void put_curve_words(struct document *d, const char *what, enum leadseq_metric metric)
{
    char words[512];
    size_t used = 0;
    words[0] = '\0';
    for (size_t i = 0; i < d->r->n_inputs && used < 400; i++)
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%.80s %.3f", i ? ", " : "",
                                 d->r->model[i].name, d->r->model[i].metric[metric].value);
    leadseq_page_alternative(d->page, "%s: %s.", what, words);
}

void document_discrimination(struct document *d)
{
    leadseq_page_heading(d->page, "Discrimination");
    document_models(d, "discrimination", section(d->r, NULL, LEADSEQ_OF_ORDER));
    leadseq_page_text(
        d->page,
        "Beneath each figure its 95 %% interval: of the AUC after DeLong, of the others by a "
        "bootstrap of %s (BCa). Sensitivity at 90 %% specificity is the largest at an operating "
        "point with at least that, read off the curve of the records compared; so with the "
        "others, and with F-max. The constant classifier %s.",
        unit(d), d->r->model[d->r->n_models - 1].origin);
    leadseq_page_row_begin(d->page);
    document_figure(d, "roc",
                    "ROC curves on the records compared; the dot on each is its operating point at "
                    "the threshold chosen on validation.");
    put_curve_words(d, "ROC curves; areas beneath them", LEADSEQ_AUC);
    document_figure(
        d, "precision_recall",
        "Precision and recall on the records compared, with the same operating points.");
    put_curve_words(d, "Precision-recall curves; average precision", LEADSEQ_AVERAGE_PRECISION);
    leadseq_page_row_end(d->page);
    document_models(d, "f_max", report_table_f_max(d->r));
}

void document_decisions(struct document *d)
{
    const struct report *r = d->r;
    leadseq_page_heading(d->page, "Decisions");
    leadseq_page_text(d->page, "A record is called positive where its probability is at least the "
                               "model's threshold, which was chosen on validation alone.");
    document_models(d, "decisions", section(r, NULL, LEADSEQ_OF_DECISIONS));
    leadseq_page_text(
        d->page,
        "Intervals of sensitivity, specificity, PPV, NPV and accuracy after Wilson, of "
        "likelihood ratios on the scale of logarithms, of the others by the "
        "bootstrap of %s. Those of the bootstrap for all: tables/metrics.tsv.",
        unit(d));
    leadseq_page_subheading(d->page, "Confusion matrices");
    leadseq_page_row_begin(d->page);
    for (size_t i = 0; i < r->n_models; i++)
        if (!isnan(r->model[i].threshold))
            document_table_of(d, "confusion", i, report_table_confusion(&r->model[i]));
    leadseq_page_row_end(d->page);
    for (size_t i = 0; i < r->n_inputs; i++)
        if (isnan(r->model[i].threshold))
            leadseq_page_text(d->page, "%s: no confusion matrix; threshold %s.", r->model[i].name,
                              r->model[i].origin);
}

void document_calibration(struct document *d)
{
    leadseq_page_heading(d->page, "Calibration");
    document_models(d, "calibration", section(d->r, "As the models are", LEADSEQ_OF_PROBABILITIES));
    document_models(d, "tempered", report_table_after(d->r));
    leadseq_page_text(
        d->page,
        "ECE: expected calibration error over ten bins, of equal mass or of equal width. Slope "
        "(best "
        "1) and intercept (with slope 1; best 0) of the logistic recalibration, intervals after "
        "Wald; of the others, and of all after scaling, by the bootstrap of %s. Scaling divides "
        "every logit by one temperature, and does not change the order of the records.",
        unit(d));
    document_figure(d, "reliability",
                    "Reliability: share of positives in ten bins of equal mass over their mean "
                    "probability; intervals after Wilson (of more than three models: "
                    "tables/reliability.tsv).");
    put_curve_words(d, "Reliability diagram; expected calibration errors", LEADSEQ_ECE_MASS);
    document_models(d, "brier_parts", report_table_brier(d->r));
}

void document_benefit(struct document *d)
{
    leadseq_page_heading(d->page, "Decision curve");
    document_figure(d, "decision_curve",
                    "Net benefit per record over the threshold probability: true positives less "
                    "false positives, these weighted with the odds of the threshold. A model is of "
                    "use where it lies above both calling everyone and calling no one positive.");
    put_curve_words(d, "Decision curves of the models with AUC", LEADSEQ_AUC);
    leadseq_page_text(d->page, "Of the probabilities as the models give them; figures: "
                               "figures/decision_curve.tsv.");
}
