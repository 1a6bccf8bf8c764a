/* SPDX-License-Identifier: MIT
 *
 * ROC curves with their operating points, and training curves. */
#include "report_private.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS_SHOWN = 4000 };

/* Series with the points and labels they show, which the drawing owns. */
struct owned {
    char *label;
    double *x, *y;
};
struct drawing {
    struct leadseq_series *series;
    struct owned *owned;
    size_t n;
};

static void clear_owned(struct owned *o)
{
    free(o->label);
    free(o->x);
    free(o->y);
}

/* Begins a series with room for so many points; takes the label over. */
static int add_series(struct drawing *d, char *label, size_t room, enum leadseq_line line,
                      size_t colour)
{
    struct owned o = {label, leadseq_calloc(room, sizeof *o.x), leadseq_calloc(room, sizeof *o.y)};
    struct leadseq_series *series = leadseq_realloc(d->series, d->n + 1, sizeof *series);
    if (series) d->series = series;
    struct owned *owned = leadseq_realloc(d->owned, d->n + 1, sizeof *owned);
    if (owned) d->owned = owned;
    if (!series || !owned || !o.label || !o.x || !o.y) {
        clear_owned(&o);
        return -1;
    }
    owned[d->n] = o;
    series[d->n++] = (struct leadseq_series){
        .label = o.label, .x = o.x, .y = o.y, .line = line, .colour = (int)colour};
    return 0;
}

/* Adds to the series begun last. */
static void add_point(struct drawing *d, double x, double y)
{
    struct leadseq_series *s = &d->series[d->n - 1];
    struct owned *o = &d->owned[d->n - 1];
    o->x[s->n] = x;
    o->y[s->n++] = y;
}

static void drawing_clear(struct drawing *d)
{
    for (size_t i = 0; i < d->n; i++) clear_owned(&d->owned[i]);
    free(d->series);
    free(d->owned);
    *d = (struct drawing){0};
}

/* Points inside a straight horizontal or vertical run say nothing. */
static bool is_corner(const struct leadseq_curve *c, size_t k)
{
    if (k + 1 == c->n) return true;
    size_t tp = k ? c->tp[k - 1] : 0, fp = k ? c->fp[k - 1] : 0;
    return !(c->tp[k + 1] == c->tp[k] && c->tp[k] == tp) &&
           !(c->fp[k + 1] == c->fp[k] && c->fp[k] == fp);
}

static int add_roc(struct drawing *d, const struct report_model *m, size_t colour)
{
    const struct leadseq_curve *c = &m->curve;
    char *label = leadseq_format("%s, AUC %.3f", m->name, m->metric[REPORT_AUC].value);
    if (add_series(d, label, c->n + 1, LEADSEQ_SOLID, colour)) return -1;
    add_point(d, 0, 0);
    for (size_t k = 0; k < c->n; k++)
        if (is_corner(c, k))
            add_point(d, (double)c->fp[k] / (double)c->negatives,
                      (double)c->tp[k] / (double)c->positives);
    return 0;
}

static int add_operating_point(struct drawing *d, const struct report_model *m, size_t colour)
{
    if (isnan(m->threshold)) return 0;
    char *label = leadseq_format("%s, at its threshold", m->name);
    if (add_series(d, label, 1, LEADSEQ_MARK, colour)) return -1;
    d->series[d->n - 1].unlisted = true;
    add_point(d, 1 - m->metric[REPORT_SPECIFICITY].value, m->metric[REPORT_SENSITIVITY].value);
    return 0;
}

static int add_chance(struct drawing *d)
{
    if (add_series(d, leadseq_format("constant, AUC 0.500"), 2, LEADSEQ_REFERENCE, 0)) return -1;
    add_point(d, 0, 0);
    add_point(d, 1, 1);
    return 0;
}

static int write_roc(struct report *r, const char *folder)
{
    struct drawing d = {0};
    int status = 0;
    for (size_t i = 0; !status && i < r->n_inputs; i++) status = add_roc(&d, &r->model[i], i);
    if (!status) status = add_chance(&d);
    for (size_t i = 0; !status && i < r->n_inputs; i++)
        status = add_operating_point(&d, &r->model[i], i);
    struct leadseq_figure figure = {
        .name = "roc",
        .x_label = "1 - specificity",
        .y_label = "sensitivity",
        .x_low = 0,
        .x_high = 1,
        .y_low = 0,
        .y_high = 1,
        .square = true,
        .series = d.series,
        .n_series = d.n,
    };
    if (!status) status = leadseq_figure_write(&figure, folder, &r->drawn);
    drawing_clear(&d);
    return status;
}

/* One column of a run's table against another, every `stride`-th row. */
static int add_column(struct drawing *d, const struct report_model *m,
                      const struct leadseq_sheet *sheet, const char *x, const char *y,
                      const char *what, enum leadseq_line line, size_t colour)
{
    int cx = leadseq_sheet_column(sheet, x), cy = leadseq_sheet_column(sheet, y);
    if (cx < 0 || cy < 0 || !sheet->rows) return 0;
    size_t stride = 1 + (sheet->rows - 1) / STEPS_SHOWN;
    char *label = leadseq_format("%s%s%s", m->name, *what ? ", " : "", what);
    if (add_series(d, label, sheet->rows / stride + 1, line, colour)) return -1;
    d->series[d->n - 1].unlisted = line == LEADSEQ_DASHED; // the caption explains the dashes
    for (size_t i = 0; i < sheet->rows; i += stride) {
        double vx, vy;
        if (leadseq_sheet_number(sheet, i, cx, &vx) || leadseq_sheet_number(sheet, i, cy, &vy))
            return -1;
        add_point(d, vx, vy);
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
        .name = name,
        .x_label = "epoch",
        .x_counts = true,
        .y_label = y_label,
        .series = d.series,
        .n_series = d.n,
    };
    bool drawn;
    if (!status) status = leadseq_figure_write(&figure, folder, &drawn);
    drawing_clear(&d);
    return status;
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
        .name = "cost",
        .x_label = "step",
        .x_counts = true,
        .y_label = "cost of the batch",
        .series = d.series,
        .n_series = d.n,
    };
    bool drawn;
    if (!status) status = leadseq_figure_write(&figure, folder, &drawn);
    drawing_clear(&d);
    return status;
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

int report_figures_write(struct report *r, const char *folder)
{
    if (write_roc(r, folder)) return -1;
    if (report_has_history(r, "train_loss") &&
        write_history(r, folder, "loss", "train_loss", "valid_loss", "loss"))
        return -1;
    if (report_has_history(r, "valid_auc") &&
        write_history(r, folder, "valid_auc", "valid_auc", NULL, "AUC on validation"))
        return -1;
    return report_has_steps(r) ? write_steps(r, folder) : 0;
}
