/* SPDX-License-Identifier: MIT
 *
 * A figure's series while they are collected, with the points and labels they show. */
#ifndef PAGE_DRAWING_H
#define PAGE_DRAWING_H

#include "page/page.h"

struct drawing_points {
    char *label;
    double *x, *y, *low, *high;
};
struct drawing {
    struct leadseq_series *series;
    struct drawing_points *points;
    size_t n;
};

/* Begins a series with room for that many points; takes the label over. */
int drawing_series(struct drawing *drawing, char *label, size_t room, enum leadseq_line line,
                   size_t colour) LEADSEQ_CHECKED;
/* Adds to the series begun last. */
void drawing_point(struct drawing *drawing, double x, double y);
/* With an error bar; NaN: none. */
void drawing_bar(struct drawing *drawing, double x, double y, double low, double high);
/* Keeps the series begun last out of the legend. */
void drawing_unlisted(struct drawing *drawing);
/* A grey dotted line between two points. */
int drawing_reference(struct drawing *drawing, const char *label, double x0, double y0, double x1,
                      double y1) LEADSEQ_CHECKED;
/* Writes the figure with these series, and clears them. */
int drawing_write(struct drawing *drawing, struct leadseq_figure *figure, const char *folder,
                  bool *drawn) LEADSEQ_CHECKED;
void drawing_clear(struct drawing *drawing);

#endif
