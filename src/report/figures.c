/* SPDX-License-Identifier: MIT
 *
 * The figures: ROC and precision-recall curves with their operating points, reliability
 * diagrams, decision curves; a line for each subgroup, experiment or output; training curves.
 * Those of an output begin with its prefix. */
#include "results.h"

#include "page/drawing.h"

#include <stdlib.h>

enum { BENEFIT_POINTS = 99, BARS_UPTO = 3 };
static const double nearest = .0008; // points closer than this to the previous one are not drawn

/* --- Curves -------------------------------------------------------------------------- */

static bool is_apart(double x, double y, double x0, double y0)
{
    return fabs(x - x0) + fabs(y - y0) >= nearest;
}

static int add_roc(struct drawing *d, const struct report_model *m, size_t colour)
{
    const struct leadseq_curve *c = &m->curve;
    char value[32];
    leadseq_number_text(value, m->metric[LEADSEQ_AUC].value, 3);
    char *label = leadseq_format("%s, AUC %s", m->name, value);
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

/* Steps, as average precision sums them: each precision holds back to the previous recall, and
 * points that find no more positives are left out. */
static int add_precision(struct drawing *d, const struct report_model *m, size_t colour)
{
    const struct leadseq_curve *c = &m->curve;
    double x0 = -1, y0 = -1;
    char value[32];
    leadseq_number_text(value, m->metric[LEADSEQ_AVERAGE_PRECISION].value, 3);
    char *label = leadseq_format("%s, average precision %s", m->name, value);
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

/* Draws as FOLDER/PREFIX NAME, and takes the drawing over. */
static int write(struct drawing *d, struct leadseq_figure *figure, const char *name,
                 const struct report *r, const char *folder, bool *drawn)
{
    char prefix[64] = "", full[128];
    bool ignored;
    if (r->whole) report_output_prefix(prefix, r->whole, (size_t)(r - r->whole->output));
    snprintf(full, sizeof full, "%s%s", prefix, name);
    figure->name = full;
    return drawing_write(d, figure, folder, drawn ? drawn : &ignored);
}

static struct leadseq_figure unit_square(const char *x_label, const char *y_label)
{
    return (struct leadseq_figure){
        .x_label = x_label, .y_label = y_label, .x_high = 1, .y_high = 1, .square = true};
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
    struct leadseq_figure figure = unit_square("1 - specificity", "sensitivity");
    if (!status) return write(&d, &figure, "roc", r, folder, &r->drawn);
    drawing_clear(&d);
    return -1;
}

static int write_precision(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    double share = (double)r->positives / (double)r->records;
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++) status = add_precision(&d, &r->model[i], i);
    if (!status) status = drawing_reference(&d, "constant: the prevalence", 0, share, 1, share);
    for (size_t i = 0; !status && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        status =
            add_mark(&d, m, m->metric[LEADSEQ_SENSITIVITY].value, m->metric[LEADSEQ_PPV].value, i);
    }
    struct leadseq_figure figure = unit_square("recall", "precision");
    if (!status) return write(&d, &figure, "precision_recall", r, folder, NULL);
    drawing_clear(&d);
    return -1;
}

/* --- Calibration --------------------------------------------------------------------------- */

/* Bars of many models would hide one another. */
static int add_bins(struct drawing *d, const struct report_model *m, size_t colour, bool bars)
{
    const struct leadseq_reliability *of = &m->mass;
    char value[32];
    leadseq_number_text(value, of->ece, 3);
    char *label = leadseq_format("%s, ECE %s", m->name, value);
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
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++)
        status = add_bins(&d, &r->model[i], i, r->n_inputs <= BARS_UPTO);
    if (!status) status = drawing_reference(&d, "perfect calibration", 0, 0, 1, 1);
    struct leadseq_figure figure = unit_square("mean probability of the bin", "share of positives");
    if (!status) return write(&d, &figure, "reliability", r, folder, NULL);
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
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++) status = add_benefit(&d, &r->model[i], i);
    if (!status) status = add_all(&d, r);
    if (!status) status = drawing_reference(&d, "call no one positive", 0, 0, 1, 0);
    struct leadseq_figure figure = {.x_label = "threshold probability",
                                    .y_label = "net benefit per record",
                                    .x_high = 1,
                                    .y_low = -.25 * share,
                                    .y_high = 1.05 * share};
    if (!status) return write(&d, &figure, "decision_curve", r, folder, NULL);
    drawing_clear(&d);
    return -1;
}

/* --- A line for each subgroup, experiment or output: its AUC with the interval -------------- */

/* Names that a figure borrows. */
struct names {
    char **text;
    size_t n;
};

static void names_clear(struct names *names)
{
    for (size_t i = 0; i < names->n; i++) free(names->text[i]);
    free(names->text);
}

/* Takes the text over. */
static int add_name(struct names *names, char *text)
{
    char **more = text ? leadseq_realloc(names->text, names->n + 1, sizeof *more) : NULL;
    if (!more) {
        free(text);
        return -1;
    }
    names->text = more;
    more[names->n++] = text;
    return 0;
}

/* Models share a line's height: the first above. */
static double place_of(size_t line, size_t model, size_t models)
{
    return (double)line + .56 * ((double)model - .5 * (double)(models - 1)) / (double)models;
}

static int write_forest(struct drawing *d, const struct names *names, const char *name,
                        const struct report *r, const char *folder)
{
    struct leadseq_figure figure = {.x_label = "AUC",
                                    .y_label = "",
                                    .y_name = (const char *const *)names->text,
                                    .n_y_names = names->n};
    return write(d, &figure, name, r, folder, NULL);
}

/* --- Subgroups --------------------------------------------------------------------------- */

static int add_subgroup_model(struct drawing *d, const struct report *r, size_t m)
{
    char *label = leadseq_format("%s", r->model[m].name);
    if (drawing_series(d, label, r->n_subgroups, LEADSEQ_POINTS, m)) return -1;
    for (size_t s = 0; s < r->n_subgroups; s++) {
        const struct leadseq_estimate *e = &r->subgroup[s].metric[LEADSEQ_AUC][m];
        drawing_bar(d, e->value, place_of(s, m, r->n_inputs), e->low, e->high);
    }
    return 0;
}

static int write_subgroups(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    struct names names = {0};
    int status = 0;
    for (size_t s = 0; !status && s < r->n_subgroups; s++)
        status =
            add_name(&names, leadseq_format("%s: %s", r->subgroup[s].family, r->subgroup[s].name));
    for (size_t m = 0; !status && m < r->n_inputs; m++) status = add_subgroup_model(&d, r, m);
    if (!status) status = write_forest(&d, &names, "subgroups", r, folder);
    drawing_clear(&d);
    names_clear(&names);
    return status;
}

/* --- Seeds ---------------------------------------------------------------------------------- */

static int add_seeds(struct drawing *d, const struct report *r, size_t g)
{
    const struct report_group *group = &r->group[g];
    const struct leadseq_spread *spread = &group->spread[LEADSEQ_AUC];
    if (drawing_series(d, leadseq_format("%s, each seed", group->name), group->n, LEADSEQ_POINTS,
                       g))
        return -1;
    drawing_unlisted(d);
    for (size_t k = 0; k < group->n; k++)
        drawing_point(d, r->model[group->member[k]].metric[LEADSEQ_AUC].value, (double)g - .12);
    if (drawing_series(d, leadseq_format("%s, mean", group->name), 1, LEADSEQ_MARK, g)) return -1;
    drawing_unlisted(d);
    drawing_bar(d, spread->mean, (double)g + .12, spread->low, spread->high);
    return 0;
}

static int write_seeds(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    struct names names = {0};
    int status = 0;
    for (size_t g = 0; !status && g < r->n_groups; g++) {
        status = add_name(&names, leadseq_format("%s", r->group[g].name));
        if (!status) status = add_seeds(&d, r, g);
    }
    if (!status) status = write_forest(&d, &names, "seeds", r, folder);
    drawing_clear(&d);
    names_clear(&names);
    return status;
}

/* --- Outputs ------------------------------------------------------------------------------- */

static int add_output_model(struct drawing *d, const struct report *r, size_t i)
{
    const struct report_model *m = &r->model[i];
    if (!m->test.output_label) return 0;
    if (drawing_series(d, leadseq_format("%s", m->name), r->n_outputs, LEADSEQ_POINTS, i))
        return -1;
    for (size_t k = 0; k < r->n_outputs; k++) {
        const struct leadseq_estimate *e = &r->output[k].model[m->of_output].metric[LEADSEQ_AUC];
        drawing_bar(d, e->value, place_of(k, i, r->n_inputs), e->low, e->high);
    }
    return 0;
}

static int write_outputs(const struct report *r, const char *folder)
{
    struct drawing d = {0};
    struct names names = {0};
    int status = 0;
    for (size_t k = 0; !status && k < r->n_outputs; k++)
        status = add_name(&names, leadseq_format("%s", r->output[k].question));
    for (size_t i = 0; !status && i < r->n_inputs; i++) status = add_output_model(&d, r, i);
    if (!status) status = write_forest(&d, &names, "outputs", r, folder);
    drawing_clear(&d);
    names_clear(&names);
    return status;
}

/* Who was called what, of each model. */
static int write_matrices(const struct report *r, const char *folder)
{
    const char **name = leadseq_calloc(r->n_outputs, sizeof *name);
    if (!name) return -1;
    int status = 0;
    for (size_t k = 0; k < r->n_outputs; k++) name[k] = r->output[k].question;
    for (size_t i = 0; !status && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        const struct leadseq_matrix matrix = {r->n_outputs, name, m->count};
        struct drawing none = {0};
        char file[64];
        snprintf(file, sizeof file, "outputs_confusion_%zu", i + 1);
        struct leadseq_figure figure = {
            .x_label = "called", .y_label = "truth", .matrix = &matrix, .square = true};
        if (m->count) status = write(&none, &figure, file, r, folder, NULL);
    }
    free(name);
    return status;
}

/* --- Training curves -------------------------------------------------------------------------- */

enum { STEPS_SHOWN = 4000 };

/* One column of a run's table against another, every `stride`-th row. */
static int add_column(struct drawing *d, const struct report_model *m,
                      const struct leadseq_sheet *sheet, const char *x, const char *y,
                      const char *what, enum leadseq_line line, size_t colour)
{
    int cx = leadseq_sheet_column(sheet, x), cy = leadseq_sheet_column(sheet, y);
    if (cx < 0 || cy < 0 || !sheet->rows) return 0;
    size_t stride = 1 + (sheet->rows - 1) / STEPS_SHOWN;
    char *label = leadseq_format("%s%s%s", m->name, *what ? ", " : "", what);
    if (drawing_series(d, label, sheet->rows / stride + 1, line, colour)) return -1;
    if (line == LEADSEQ_DASHED) drawing_unlisted(d); // the caption explains the dashes
    for (size_t i = 0; i < sheet->rows; i += stride) {
        double vx, vy;
        if (leadseq_sheet_number(sheet, i, cx, &vx) || leadseq_sheet_number(sheet, i, cy, &vy))
            return -1;
        drawing_point(d, vx, vy);
    }
    return 0;
}

static int write_history(struct report *r, const char *folder, const char *name, const char *y,
                         const char *second, const char *y_label)
{
    struct drawing d = {0};
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        status = add_column(&d, m, &m->history, "epoch", y, second ? "training" : "validation",
                            LEADSEQ_SOLID, i);
        if (!status && second)
            status =
                add_column(&d, m, &m->history, "epoch", second, "validation", LEADSEQ_DASHED, i);
    }
    struct leadseq_figure figure = {
        .x_label = "epoch",
        .x_counts = true,
        .y_label = y_label,
    };
    if (!status) return write(&d, &figure, name, r, folder, NULL);
    drawing_clear(&d);
    return -1;
}

static int write_steps(struct report *r, const char *folder)
{
    struct drawing d = {0};
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        if (!m->history.rows)
            status = add_column(&d, m, &m->steps, "step", "cost", "", LEADSEQ_DOTS, i);
    }
    struct leadseq_figure figure = {
        .x_label = "step",
        .x_counts = true,
        .y_label = "cost of the batch",
    };
    if (!status) return write(&d, &figure, "cost", r, folder, NULL);
    drawing_clear(&d);
    return -1;
}

bool report_has_history(const struct report *r, const char *column)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct leadseq_sheet *h = &r->model[i].history;
        if (h->rows && leadseq_sheet_column(h, column) >= 0) return true;
    }
    return false;
}

bool report_has_steps(const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (!r->model[i].history.rows && r->model[i].steps.rows) return true;
    return false;
}

static int write_histories(struct report *r, const char *folder)
{
    if (report_has_history(r, "train_loss") &&
        write_history(r, folder, "loss", "train_loss", "valid_loss", "loss"))
        return -1;
    if (report_has_history(r, "valid_auc") &&
        write_history(r, folder, "valid_auc", "valid_auc", NULL, "AUC on validation"))
        return -1;
    return report_has_steps(r) ? write_steps(r, folder) : 0;
}

static int write_question(struct report *r, const char *folder)
{
    if (write_roc(r, folder) || write_precision(r, folder)) return -1;
    if (write_reliability(r, folder) || write_benefit(r, folder)) return -1;
    return r->n_subgroups ? write_subgroups(r, folder) : 0;
}

int report_figures_write(struct report *r, const char *folder)
{
    if (!r->several && write_question(r, folder)) return -1;
    for (size_t k = 0; r->several && k < r->n_outputs; k++)
        if (write_question(&r->output[k], folder)) return -1;
    if (r->n_outputs && write_outputs(r, folder)) return -1;
    if (r->classes && r->single && write_matrices(r, folder)) return -1;
    if (r->n_groups && write_seeds(r, folder)) return -1;
    return write_histories(r, folder);
}
