/* SPDX-License-Identifier: MIT
 *
 * Inside the renderer: samples become points (geometry.c), points along one
 * direction become one (simplify.c), the line becomes its outline (stroke.c),
 * the outline becomes covered area (cover.c), the area becomes ink (dataset4.c).
 *
 * x runs right and y runs down, in pixels; pixel (i, j) is [i, i+1) × [j, j+1). */
#ifndef RENDER_PRIVATE_H
#define RENDER_PRIVATE_H

#include <leadseq/render.h>

/* A true scale shows 10 s; 10 mm/mV and 25 mm/s make 1 mV as high as 0.4 s are long. */
#define RENDER_SHOWN_S  10.0
#define RENDER_S_PER_MV 0.4

struct render_point {
    double x, y;
};

/* --- page.c ----------------------------------------------------------------------- */

struct render_page { /* a clinical page, mm from its left and top */
    int rows, columns;
    bool rhythm; /* one more row below */
    double width_mm, height_mm;
    double left_mm, top_mm;     /* where the first column and row begin */
    double pitch_mm, column_mm; /* of a row, of a column */
    double pulse_mm;            /* length of the calibration pulse */
};
void render_page_make(struct render_page *page, const struct leadseq_drawing *drawing);
/* The page's size in pixels at that resolution; the largest resolution that fits. */
void render_page_size(const struct leadseq_drawing *drawing, double dpi, int *width, int *height);
double render_page_dpi(const struct leadseq_drawing *drawing, int width, int height);

/* --- map.c ------------------------------------------------------------------------ */

/* No boxes, every sample outside. */
void render_map_empty(struct leadseq_map *map);
void render_map_put(struct leadseq_map *map, int row, size_t k, struct render_point p,
                    enum leadseq_sample sample);

/* --- geometry.c ------------------------------------------------------------------ */

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
/* Fills row `lead` of the map and its box, as leadseq_draw_lead() draws. */
int render_lead_map(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                    struct leadseq_map *map, int lead) LEADSEQ_CHECKED;
/* The line's width in pixels: 2.083 at 640 pixels of width, in proportion elsewhere. */
double render_line_width(const struct leadseq_drawing *drawing);

/* --- simplify.c ------------------------------------------------------------------ */

/* Joins in place what runs along one direction within 1/9 px; returns the points left.
 * No point may equal the one before it. */
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

/* --- stroke.c -------------------------------------------------------------------- */

/* Covers the outline of a polyline of that width: round joins, square caps. */
void render_stroke(struct render_cover *c, const struct render_point *p, size_t n, double width);

/* --- levels.c ---------------------------------------------------------------------- */

/* To the levels of the drawing; all pictures of a record. */
void render_levels_reduce(const struct leadseq_drawing *drawing, uint8_t *pixels);

/* --- warp.c: homographies, row by row --------------------------------------------- */

void render_warp_point(const double h[9], double *x, double *y);
/* h becomes: first h, then `then`. */
void render_warp_follow(double h[9], const double then[9]);
int render_warp_image(struct leadseq_image *image, const double h[9]) LEADSEQ_CHECKED;

/* --- distort_*.c: one distortion a file --------------------------------------------- */

/* Where the pixels of a picture of that size go, strength in (0, 1]. */
typedef void render_place(double step[9], int width, int height, double strength,
                          struct leadseq_random *r);
/* Changes the values of a picture in place. */
typedef int render_spoil(struct leadseq_image *image, double strength,
                         struct leadseq_random *r) LEADSEQ_CHECKED;
render_place render_rotate, render_tilt, render_crop;
render_spoil render_fade, render_crease, render_shade, render_blur, render_noise, render_block;

#endif
