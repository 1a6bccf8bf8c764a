/* SPDX-License-Identifier: MIT
 *
 * Training curves of the runs, from their history and steps. */
#include "report_private.h"

#include "page/drawing.h"

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
        .name = name,
        .x_label = "epoch",
        .x_counts = true,
        .y_label = y_label,
    };
    bool drawn;
    if (!status) return drawing_write(&d, &figure, folder, &drawn);
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
        .name = "cost",
        .x_label = "step",
        .x_counts = true,
        .y_label = "cost of the batch",
    };
    bool drawn;
    if (!status) return drawing_write(&d, &figure, folder, &drawn);
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

int report_histories_write(struct report *r, const char *folder)
{
    if (report_has_history(r, "train_loss") &&
        write_history(r, folder, "loss", "train_loss", "valid_loss", "loss"))
        return -1;
    if (report_has_history(r, "valid_auc") &&
        write_history(r, folder, "valid_auc", "valid_auc", NULL, "AUC on validation"))
        return -1;
    return report_has_steps(r) ? write_steps(r, folder) : 0;
}
