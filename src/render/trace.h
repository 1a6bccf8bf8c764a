/* SPDX-License-Identifier: MIT
 *
 * From the samples of a lead to covered pixels: samples become points (geometry.c),
 * points along one direction become one (simplify.c), the line becomes its outline
 * (stroke.c), the outline becomes covered area (cover.c).
 *
 * x runs right and y runs down, in pixels; pixel (i, j) is [i, i+1) × [j, j+1). */
#ifndef RENDER_TRACE_H
#define RENDER_TRACE_H

#include "render/render.h"

/* A true scale shows 10 s; 10 mm/mV and 25 mm/s make 1 mV as high as 0.4 s are long. */
#define RENDER_SHOWN_S  10.0
#define RENDER_S_PER_MV 0.4

struct render_point {
    double x, y;
};

/* --- geometry.c ------------------------------------------------------------------- */

struct render_range {
    size_t first, last, present; /* samples that are not NaN */
    double low, high;            /* mV; low > high where none is present */
};
/* Refuses infinite samples. */
int render_range_find(struct render_range *range, const float *mv, size_t n) LEADSEQ_CHECKED;

/* Where the samples of one lead fall: x = x0 + k·dx, y = y0 + mV·dy, y kept in
 * [top, bottom]. `none`: nothing can be drawn (fewer than two samples present). */
struct render_geometry {
    double x0, dx, y0, dy, top, bottom;
    bool none;
};
/* Refuses infinite samples. */
int render_geometry_fit(struct render_geometry *g, const struct leadseq_drawing *drawing,
                        const float *mv, size_t n) LEADSEQ_CHECKED;
/* (n) points; NaN samples become points with a NaN y. Counts what was clipped or missing. */
void render_geometry_map(const struct render_geometry *g, const float *mv, size_t n,
                         struct render_point *points, struct leadseq_trace_report *report);
/* Fills row `row` of the map; samples that lie left or right of the borders are outside. */
void render_geometry_fill_map(const struct render_geometry *g, double left, double right,
                              const float *mv, size_t n, struct leadseq_map *map, int row);
/* What a lead has to itself on a picture of its own. */
void render_geometry_box(const struct leadseq_drawing *drawing, struct leadseq_box *box);
/* Samples of the first 10 s. */
size_t render_shown(const struct leadseq_drawing *drawing, size_t n);
/* The line's width in pixels: 2.083 at 640 pixels of width, in proportion elsewhere. */
double render_line_width(const struct leadseq_drawing *drawing);

/* --- map.c ------------------------------------------------------------------------- */

/* No boxes, every sample outside. */
void render_map_empty(struct leadseq_map *map);
void render_map_put(struct leadseq_map *map, int row, size_t k, struct render_point p,
                    enum leadseq_sample sample);

/* --- simplify.c ------------------------------------------------------------------ */

/* Joins in place what runs along one direction within 1/9 px; returns the points left.
 * No point may equal the previous one. */
size_t render_simplify(struct render_point *points, size_t n);

/* --- cover.c --------------------------------------------------------------------- */

/* Signed area under edges, a band of rows at a time:
 * cell (height, stride) holds differences along the row, so that a running sum is
 * the winding-weighted area of each pixel, in 1/131072 (2 · 256 · 256). */
struct render_cover {
    int width, top, height; /* the band is rows top … top + height - 1 */
    size_t stride;          /* width + 2: cells beyond the right border collect what ends there */
    uint32_t *cell;
};

/* Adds the edge a → b; downward edges count positive. Parts above or below the
 * band are dropped, parts left or right of it are moved onto the border. */
void render_cover_edge(struct render_cover *c, struct render_point a, struct render_point b);
/* Puts the ink into pixels (height, width, channels) of the band and clears the cells.
 * ink: (channels, 256), the value of a pixel by its coverage in 1/255. */
void render_cover_sweep(struct render_cover *c, const uint8_t *ink, int channels, uint8_t *pixels);

/* The coverage of row y of the band in 1/255, (width); false: nothing is covered and
 * `values` is left alone. */
bool render_cover_row(const struct render_cover *c, int y, uint8_t *values);

/* --- line.c ----------------------------------------------------------------------- */

/* A line of level and upright parts only is moved onto whole pixels, as the
 * published figures had it; among leads that is the flat one. */
void render_line_snap(struct render_point *points, size_t n, double width);
/* Thins out in place each stretch between missing samples (NaN y); stretches stay
 * apart by one NaN. Returns the points left. */
size_t render_line_thin(struct render_point *points, size_t n);
/* Covers all stretches of a line. */
void render_line_stroke(struct render_cover *cover, const struct render_point *points, size_t n,
                        double width);

/* --- stroke.c ---------------------------------------------------------------------- */

/* Covers the outline of a polyline of that width: round joins, square caps. */
void render_stroke(struct render_cover *c, const struct render_point *p, size_t n, double width);

#endif
