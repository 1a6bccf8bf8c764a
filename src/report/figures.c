/* SPDX-License-Identifier: MIT
 *
 * ROC and precision-recall curves with their operating points, reliability
 * diagrams, decision curves. */
#include "report_private.h"

#include "page/drawing.h"

#include <stdlib.h>

enum { BENEFIT_POINTS = 99, BARS_UPTO = 3 };
static const double nearest = .0008; // points closer than this to the one before are not drawn

/* --- Curves -------------------------------------------------------------------------- */

static bool is_apart(double x, double y, double x0, double y0)
{
    return fabs(x - x0) + fabs(y - y0) >= nearest;
}

static int add_roc(struct drawing *d, const struct report_model *m, size_t colour)
{
    const struct leadseq_curve *c = &m->curve;
    char *label = leadseq_format("%s, AUC %.3f", m->name, m->metric[LEADSEQ_AUC].value);
    double x0 = 0, y0 = 0;
    if (drawing_series(d, label, c->n + 1, LEADSEQ_SOLID, colour)) return -1;
    drawing_point(d, 0, 0);
    for (size_t k = 0; k < c->n; k++) {
        double x = (double)c->fp[k] / (double)c->negatives;
        double y = (double)c->tp[k] / (double)c->positives;
        if (!is_apart(x, y, x0, y0) && k + 1 < c->n) continue;
        drawing_point(d, x0 = x, y0 = y);
    }
    return 0;
}

/* Steps, as average precision sums them: each precision holds back to the recall before, and points
 * that find no more positives are none. */
static int add_precision(struct drawing *d, const struct report_model *m, size_t colour)
{
    const struct leadseq_curve *c = &m->curve;
    double x0 = -1, y0 = -1;
    char *label = leadseq_format("%s, average precision %.3f", m->name,
                                 m->metric[LEADSEQ_AVERAGE_PRECISION].value);
    if (drawing_series(d, label, 2 * c->n, LEADSEQ_SOLID, colour)) return -1;
    for (size_t k = 0; k < c->n; k++) {
        double x = (double)c->tp[k] / (double)c->positives;
        double y = (double)c->tp[k] / (double)(c->tp[k] + c->fp[k]);
        if (c->tp[k] == (k ? c->tp[k - 1] : 0)) continue;
        if (!is_apart(x, y, x0, y0) && k + 1 < c->n) continue;
        drawing_point(d, fmax(x0, 0), y);
        drawing_point(d, x0 = x, y0 = y);
    }
    return 0;
}

static int add_mark(struct drawing *d, const struct report_model *m, double x, double y,
                    size_t colour)
{
    if (isnan(m->threshold)) return 0;
    char *label = leadseq_format("%s, at its threshold", m->name);
    if (drawing_series(d, label, 1, LEADSEQ_MARK, colour)) return -1;
    drawing_unlisted(d);
    drawing_point(d, x, y);
    return 0;
}

static struct leadseq_figure unit_square(const char *name, const char *x_label, const char *y_label)
{
    return (struct leadseq_figure){.name = name,
                                   .x_label = x_label,
                                   .y_label = y_label,
                                   .x_high = 1,
                                   .y_high = 1,
                                   .square = true};
}

static int write_roc(struct report *r, const char *folder)
{
    struct drawing d = {0};
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++) status = add_roc(&d, &r->model[i], i);
    if (!status) status = drawing_reference(&d, "constant, AUC 0.500", 0, 0, 1, 1);
    for (size_t i = 0; !status && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        status = add_mark(&d, m, 1 - m->metric[LEADSEQ_SPECIFICITY].value,
                          m->metric[LEADSEQ_SENSITIVITY].value, i);
    }
    struct leadseq_figure figure = unit_square("roc", "1 - specificity", "sensitivity");
    if (!status) return drawing_write(&d, &figure, folder, &r->drawn);
    drawing_clear(&d);
    return -1;
}

static int write_precision(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    double share = (double)r->positives / (double)r->records;
    bool drawn;
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++) status = add_precision(&d, &r->model[i], i);
    if (!status) status = drawing_reference(&d, "constant: the prevalence", 0, share, 1, share);
    for (size_t i = 0; !status && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        status =
            add_mark(&d, m, m->metric[LEADSEQ_SENSITIVITY].value, m->metric[LEADSEQ_PPV].value, i);
    }
    struct leadseq_figure figure = unit_square("precision_recall", "recall", "precision");
    if (!status) return drawing_write(&d, &figure, folder, &drawn);
    drawing_clear(&d);
    return -1;
}

/* --- Calibration --------------------------------------------------------------------------- */

/* Bars of many models would hide one another. */
static int add_bins(struct drawing *d, const struct report_model *m, size_t colour, bool bars)
{
    const struct leadseq_reliability *of = &m->mass;
    char *label = leadseq_format("%s, ECE %.3f", m->name, of->ece);
    if (drawing_series(d, label, of->n_bins, LEADSEQ_JOINED, colour)) return -1;
    for (size_t b = 0; b < of->n_bins; b++) {
        const struct leadseq_bin *bin = &of->bin[b];
        drawing_bar(d, bin->probability, bin->share.value, bars ? bin->share.low : NAN,
                    bars ? bin->share.high : NAN);
    }
    return 0;
}

static int write_reliability(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    bool drawn;
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++)
        status = add_bins(&d, &r->model[i], i, r->n_inputs <= BARS_UPTO);
    if (!status) status = drawing_reference(&d, "perfect calibration", 0, 0, 1, 1);
    struct leadseq_figure figure =
        unit_square("reliability", "mean probability of the bin", "share of positives");
    if (!status) return drawing_write(&d, &figure, folder, &drawn);
    drawing_clear(&d);
    return -1;
}

/* --- Decision curve ------------------------------------------------------------------------- */

static int add_benefit(struct drawing *d, const struct report_model *m, size_t colour)
{
    double threshold[BENEFIT_POINTS], benefit[BENEFIT_POINTS];
    for (int k = 0; k < BENEFIT_POINTS; k++) threshold[k] = (k + 1) / 100.;
    leadseq_decision_curve(benefit, &m->scored, threshold, BENEFIT_POINTS);
    if (drawing_series(d, leadseq_format("%s", m->name), BENEFIT_POINTS, LEADSEQ_SOLID, colour))
        return -1;
    for (int k = 0; k < BENEFIT_POINTS; k++) drawing_point(d, threshold[k], benefit[k]);
    return 0;
}

static int add_all(struct drawing *d, const struct report *r)
{
    if (drawing_series(d, leadseq_format("call everyone positive"), BENEFIT_POINTS, LEADSEQ_DASHED,
                       7))
        return -1;
    for (int k = 1; k <= BENEFIT_POINTS; k++)
        drawing_point(d, k / 100., leadseq_net_benefit_all(r->positives, r->records, k / 100.));
    return 0;
}

static int write_benefit(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    double share = (double)r->positives / (double)r->records;
    bool drawn;
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++) status = add_benefit(&d, &r->model[i], i);
    if (!status) status = add_all(&d, r);
    if (!status) status = drawing_reference(&d, "call no one positive", 0, 0, 1, 0);
    struct leadseq_figure figure = {.name = "decision_curve",
                                    .x_label = "threshold probability",
                                    .y_label = "net benefit per record",
                                    .x_high = 1,
                                    .y_low = -.25 * share,
                                    .y_high = 1.05 * share};
    if (!status) return drawing_write(&d, &figure, folder, &drawn);
    drawing_clear(&d);
    return -1;
}

int report_figures_write(struct report *r, const char *folder)
{
    if (write_roc(r, folder) || write_precision(r, folder)) return -1;
    if (write_reliability(r, folder) || write_benefit(r, folder)) return -1;
    if (report_forests_write(r, folder)) return -1;
    return report_histories_write(r, folder);
}
