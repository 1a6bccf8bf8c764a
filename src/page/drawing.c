/* SPDX-License-Identifier: MIT
 *
 * A figure's series while they are collected. */
#include "page/drawing.h"

#include <stdlib.h>

static void clear_points(struct drawing_points *p)
{
    free(p->label);
    free(p->x);
    free(p->y);
    free(p->low);
    free(p->high);
}

int drawing_series(struct drawing *d, char *label, size_t room, enum leadseq_line line,
                   size_t colour)
{
    struct drawing_points p = {
        label, leadseq_calloc(room, sizeof *p.x), leadseq_calloc(room, sizeof *p.y),
        leadseq_calloc(room, sizeof *p.low), leadseq_calloc(room, sizeof *p.high)};
    struct leadseq_series *series = leadseq_realloc(d->series, d->n + 1, sizeof *series);
    if (series) d->series = series;
    struct drawing_points *points = leadseq_realloc(d->points, d->n + 1, sizeof *points);
    if (points) d->points = points;
    if (!series || !points || !label || !p.x || !p.y || !p.low || !p.high) {
        clear_points(&p);
        return -1;
    }
    points[d->n] = p;
    series[d->n++] = (struct leadseq_series){
        .label = p.label, .x = p.x, .y = p.y, .line = line, .colour = (int)colour};
    return 0;
}

void drawing_bar(struct drawing *d, double x, double y, double low, double high)
{
    struct leadseq_series *s = &d->series[d->n - 1];
    struct drawing_points *p = &d->points[d->n - 1];
    p->x[s->n] = x;
    p->y[s->n] = y;
    p->low[s->n] = low;
    p->high[s->n++] = high;
    s->low = p->low;
    s->high = p->high;
}

void drawing_point(struct drawing *d, double x, double y)
{
    struct leadseq_series *s = &d->series[d->n - 1];
    struct drawing_points *p = &d->points[d->n - 1];
    p->x[s->n] = x;
    p->y[s->n++] = y;
}

void drawing_unlisted(struct drawing *d)
{
    d->series[d->n - 1].unlisted = true;
}

int drawing_reference(struct drawing *d, const char *label, double x0, double y0, double x1,
                      double y1)
{
    if (drawing_series(d, leadseq_format("%s", label), 2, LEADSEQ_REFERENCE, 0)) return -1;
    drawing_point(d, x0, y0);
    drawing_point(d, x1, y1);
    return 0;
}

int drawing_write(struct drawing *d, struct leadseq_figure *figure, const char *folder, bool *drawn)
{
    figure->series = d->series;
    figure->n_series = d->n;
    int status = leadseq_figure_write(figure, folder, drawn);
    drawing_clear(d);
    return status;
}

void drawing_clear(struct drawing *d)
{
    for (size_t i = 0; i < d->n; i++) clear_points(&d->points[i]);
    free(d->series);
    free(d->points);
    *d = (struct drawing){0};
}
