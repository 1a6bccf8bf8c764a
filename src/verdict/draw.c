/* SPDX-License-Identifier: MIT
 *
 * A figure for each finding: what its numbers look like over steps, leads,
 * epochs or records. Where there is nothing to draw a finding has no figure. */
#include "finding.h"

#include "page/page.h"

#include <stdlib.h>
#include <string.h>

enum { POINTS_SHOWN = 4000, SERIES_MOST = 6 };

struct canvas {
    struct leadseq_series series[SERIES_MOST];
    double *own[2 * SERIES_MOST];
    size_t n;
};

static void canvas_clear(struct canvas *c)
{
    for (size_t i = 0; i < 2 * c->n; i++) free(c->own[i]);
}

/* Every k-th of n points, so that no more than POINTS_SHOWN are drawn; x NULL: 1, 2, … */
static void plot(struct canvas *c, const char *label, const double *x, const double *y, size_t n,
                 enum leadseq_line line)
{
    size_t stride = 1 + n / POINTS_SHOWN, kept = 0;
    if (!y || !n || c->n == SERIES_MOST) return;
    double *px = leadseq_calloc(n, sizeof *px), *py = leadseq_calloc(n, sizeof *py);
    for (size_t i = 0; px && py && i < n; i += stride) {
        if (!isfinite(y[i]) || (x && !isfinite(x[i]))) continue;
        px[kept] = x ? x[i] : (double)i + 1;
        py[kept++] = y[i];
    }
    c->own[2 * c->n] = px;
    c->own[2 * c->n + 1] = py;
    c->series[c->n] = (struct leadseq_series){.label = label,
                                              .n = px && py ? kept : 0,
                                              .x = px,
                                              .y = py,
                                              .line = line,
                                              .colour = (int)c->n};
    c->n++;
}

/* A level across the drawing. */
static void plot_level(struct canvas *c, const char *label, double from, double to, double level)
{
    double x[] = {from, to}, y[] = {level, level};
    if (isfinite(from) && isfinite(to) && isfinite(level))
        plot(c, label, x, y, 2, LEADSEQ_REFERENCE);
}

/* 1 where there is nothing to draw. */
static int finish(struct canvas *c, struct leadseq_figure *figure, const char *folder)
{
    bool drawn, any = false;
    for (size_t i = 0; i < c->n; i++)
        any = any || (c->series[i].n && c->series[i].line != LEADSEQ_REFERENCE);
    figure->series = c->series;
    figure->n_series = c->n;
    int status = any ? leadseq_figure_write(figure, folder, &drawn) : 1;
    canvas_clear(c);
    return status;
}

static enum leadseq_line line_for(size_t n)
{
    return n > 200 ? LEADSEQ_DOTS : LEADSEQ_JOINED;
}

int draw_cost(const struct verdict *v, const char *folder, const char *name)
{
    struct canvas c = {0};
    const struct verdict_steps *s = &v->steps;
    struct leadseq_figure figure = {
        .name = name, .x_label = "step", .y_label = "cost of the batch", .x_counts = true};
    plot(&c, "cost", s->step, s->n ? s->cost : NULL, s->n, line_for(s->n));
    if (s->n)
        plot_level(&c, "constant answer", s->step[0], s->step[s->n - 1], verdict_constant_cost(v));
    return finish(&c, &figure, folder);
}

int draw_logits(const struct verdict *v, const char *folder, const char *name)
{
    struct canvas c = {0};
    const struct verdict_steps *s = &v->steps;
    struct leadseq_figure figure = {
        .name = name, .x_label = "step", .y_label = "logits of the batch", .x_counts = true};
    plot(&c, "largest", s->step, s->n ? s->z_max : NULL, s->n, line_for(s->n));
    plot(&c, "mean", s->step, s->n ? s->z_mean : NULL, s->n, line_for(s->n));
    plot(&c, "smallest", s->step, s->n ? s->z_min : NULL, s->n, line_for(s->n));
    return finish(&c, &figure, folder);
}

int draw_displacement(const struct verdict *v, const char *folder, const char *name)
{
    struct canvas c = {0};
    const struct verdict_head *h = &v->now->head;
    struct leadseq_figure figure = {.name = name,
                                    .x_label = "step",
                                    .y_label = "movement of the logit by one step",
                                    .x_counts = true};
    if (!h->rows) return draw_logits(v, folder, name);
    plot(&c, "moved", h->at, h->moved, h->rows, LEADSEQ_JOINED);
    plot(&c, "lr·Σ|φ|", h->at, h->reach, h->rows, LEADSEQ_DASHED);
    plot_level(&c, "sigmoid exactly 1", h->at[0], h->at[h->rows - 1], 16.6);
    return finish(&c, &figure, folder);
}

int draw_flow(const struct verdict *v, const char *folder, const char *name)
{
    struct canvas c = {0};
    const struct verdict_flow *w = &v->flow;
    double lead[VERDICT_LEADS], norm[VERDICT_LEADS], line[VERDICT_LEADS];
    struct leadseq_figure figure = {.name = name,
                                    .x_label = "lead, in the order read",
                                    .y_label = "log10 of the gradient's norm",
                                    .x_counts = true};
    for (int t = 0; t < w->leads; t++) {
        lead[t] = t + 1;
        norm[t] = log10(w->norm[t]);
        line[t] = log10(w->norm[w->leads - 1]) + (w->leads - 1 - t) * log10(w->mean_factor);
    }
    plot(&c, "dL/dh", lead, norm, (size_t)w->leads, LEADSEQ_JOINED);
    plot(&c, "geometric mean", lead, line, (size_t)w->leads, LEADSEQ_REFERENCE);
    return finish(&c, &figure, folder);
}

int draw_gates(const struct verdict *v, const char *folder, const char *name)
{
    static const char *const names[] = {"i", "f", "o", "g", "tanh(c)"};
    static const double place[] = {0, 1, 2, 3, 4};
    struct canvas c = {0};
    struct leadseq_figure figure = {.name = name,
                                    .x_label = "share saturated",
                                    .y_label = "gate",
                                    .x_low = 0,
                                    .x_high = 1,
                                    .y_name = names,
                                    .n_y_names = LEADSEQ_COUNT(names)};
    plot(&c, "share saturated", v->gates.saturated, place, 5, LEADSEQ_MARK);
    return finish(&c, &figure, folder);
}

int draw_history(const struct verdict *v, const char *folder, const char *name)
{
    struct canvas c = {0};
    const struct verdict_table *t = &v->history;
    struct leadseq_figure figure = {
        .name = name, .x_label = "epoch", .y_label = "loss and AUC", .x_counts = true};
    const double *epoch = verdict_column(t, "epoch");
    if (!t->rows) return draw_cost(v, folder, name);
    enum leadseq_line line = t->rows > 1 ? LEADSEQ_SOLID : LEADSEQ_MARK;
    plot(&c, "training loss", epoch, verdict_column(t, "train_loss"), t->rows, line);
    plot(&c, "validation loss", epoch, verdict_column(t, "valid_loss"), t->rows, line);
    plot(&c, "training AUC", epoch, verdict_column(t, "train_auc"), t->rows,
         t->rows > 1 ? LEADSEQ_DASHED : LEADSEQ_MARK);
    plot(&c, "validation AUC", epoch, verdict_column(t, "valid_auc"), t->rows,
         t->rows > 1 ? LEADSEQ_DASHED : LEADSEQ_MARK);
    return finish(&c, &figure, folder);
}

/* Values of unseen records along x, one row per class; places scatter a little, so that equal
 * values show. */
static int draw_by_class(const struct verdict *v, const double *value, const char *x_label,
                         const char *folder, const char *name)
{
    const int k = (int)(v->now - v->output);
    const char *const names[] = {leadseq_task_positive(&v->e->data.task, k), "others"};
    struct canvas c = {0};
    const struct verdict_scored *s = &v->now->scored;
    struct leadseq_figure figure = {.name = name,
                                    .x_label = x_label,
                                    .y_label = "",
                                    .y_name = names,
                                    .n_y_names = LEADSEQ_COUNT(names)};
    double *x = leadseq_calloc(s->n + 1, sizeof *x), *y = leadseq_calloc(s->n + 1, sizeof *y);
    for (int label = 1; x && y && label >= 0; label--) {
        size_t n = 0;
        for (size_t i = 0; i < s->n; i++) {
            if (s->label[i] != label) continue;
            x[n] = value[i];
            y[n] = 1 - label + .3 * ((double)(n * 37 % 101) / 100 - .5);
            n++;
        }
        plot(&c, names[1 - label], x, y, n, LEADSEQ_POINTS);
    }
    free(x);
    free(y);
    return finish(&c, &figure, folder);
}

int draw_scores(const struct verdict *v, const char *folder, const char *name)
{
    if (!v->now->scored.n) return draw_logits(v, folder, name);
    return draw_by_class(v, v->now->scored.logit, "logit", folder, name);
}

int draw_classes(const struct verdict *v, const char *folder, const char *name)
{
    return draw_by_class(v, v->now->scored.probability, "probability", folder, name);
}

/* "head-displacement" -> "head_displacement", what files of figures are called. */
static void figure_name(char *name, size_t room, const struct finding *f)
{
    snprintf(name, room, "%s%s%s", f->id, *f->output ? "_" : "", f->output);
    for (char *c = name; *c; c++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", *c)) *c = '_';
}

int verdict_draw(struct verdict *v, struct findings *all, const char *out)
{
    char *folder = leadseq_path_join(out, "figures");
    int status = folder ? leadseq_folder_make(folder) : -1;
    const struct verdict_output *now = v->now;
    for (size_t i = 0; !status && i < all->n; i++) {
        struct finding *f = &all->finding[i];
        v->now = f->now;
        figure_name(f->figure, sizeof f->figure, f);
        int drawn = f->draw ? f->draw(v, folder, f->figure) : 1;
        if (drawn) f->figure[0] = '\0';
        status = drawn < 0 ? -1 : 0;
    }
    v->now = now;
    free(folder);
    return status;
}
