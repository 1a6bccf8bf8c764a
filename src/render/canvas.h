/* SPDX-License-Identifier: MIT
 *
 * A page being drawn: ink in pixels, or the same shapes as SVG; millimetre paper and the
 * few letters a page needs.
 *
 *   style files -> paper.c, text.c -> canvas.c -> svg_ink.c */
#ifndef RENDER_CANVAS_H
#define RENDER_CANVAS_H

#include "trace.h"

/* --- svg_ink.c --------------------------------------------------------------------- */

struct render_colour {
    uint8_t r, g, b;
};
struct render_svg {
    FILE *out;
    bool filling; /* a path of rectangles is open */
    struct render_colour colour;
};
/* Ends an open path; before anything else is written to `out`. */
void render_svg_end_fill(struct render_svg *svg);
void render_svg_fill(struct render_svg *svg, double left, double top, double right, double bottom,
                     const struct render_colour *colour);
void render_svg_stroke(struct render_svg *svg, const struct render_point *points, size_t n,
                       double width, const struct render_colour *colour);

/* --- canvas.c ---------------------------------------------------------------------- */

struct render_sheet {       /* what is drawn on */
    uint8_t *pixels;        /* (images, height, width, channels); or */
    struct render_svg *svg; /* of pages: all but the traces */
    int channels;           /* 1 grey, 3 RGB */
};
struct render_canvas { /* a page being drawn; ink stays within the clip box */
    uint8_t *pixels;   /* (height, width, channels); or */
    struct render_svg *svg;
    int width, height, channels;
    int left, top, right, bottom;
};
/* White paper; the clip box is the whole page. */
void render_canvas_init(struct render_canvas *canvas, const struct leadseq_drawing *drawing,
                        const struct render_sheet *sheet);
/* The clip box, rounded to whole pixels and cut to the page. */
void render_canvas_clip(struct render_canvas *canvas, double left, double top, double right,
                        double bottom);
void render_canvas_fill(struct render_canvas *canvas, double left, double top, double right,
                        double bottom, const struct render_colour *colour);
/* Samples mapped, counted and drawn; points (n) is scratch. The line leaves the range of
 * the geometry, which only counts, and ends at the clip box. */
int render_canvas_trace(struct render_canvas *canvas, const struct render_geometry *geometry,
                        const float *mv, size_t n, double width, const struct render_colour *colour,
                        struct render_point *points,
                        struct leadseq_trace_report *report) LEADSEQ_CHECKED;
/* A polyline with breaks at NaN; the points are moved. */
int render_canvas_stroke(struct render_canvas *canvas, struct render_point *points, size_t n,
                         double width, const struct render_colour *colour) LEADSEQ_CHECKED;

/* --- paper.c ----------------------------------------------------------------------- */

struct render_paper { /* a sheet with lines every 1 and 5 mm from its left and top */
    double left, top; /* px */
    double width_mm, height_mm, px_per_mm;
};
void render_paper_draw(struct render_canvas *canvas, const struct render_paper *paper,
                       const struct render_colour *fine, const struct render_colour *bold);

/* --- text.c ------------------------------------------------------------------------ */

struct render_pen {
    double height, width; /* px: of a capital, of its lines */
    struct render_colour colour;
};
/* Text with its upper left corner at (x, y); signs there are no lines for are left out. */
int render_text_draw(struct render_canvas *canvas, const char *text, double x, double y,
                     const struct render_pen *pen) LEADSEQ_CHECKED;

/* The line of the published figures; the ink of a printed page. */
#define RENDER_BLUE                                                                                \
    {                                                                                              \
        31, 119, 180                                                                               \
    }
#define RENDER_PRINTER                                                                             \
    {                                                                                              \
        20, 20, 28                                                                                 \
    }

#endif
