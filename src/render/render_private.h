/* SPDX-License-Identifier: MIT
 *
 * Inside the renderer: samples become points (geometry.c), points along one
 * direction become one (simplify.c), the line becomes its outline (stroke.c),
 * the outline becomes covered area (cover.c), the area becomes ink (dataset4.c).
 *
 * x runs right and y runs down, in pixels; pixel (i, j) is [i, i+1) × [j, j+1). */
#ifndef RENDER_PRIVATE_H
#define RENDER_PRIVATE_H

#include "render/render.h"

/* A true scale shows 10 s; 10 mm/mV and 25 mm/s make 1 mV as high as 0.4 s are long. */
#define RENDER_SHOWN_S  10.0
#define RENDER_S_PER_MV 0.4

#define RENDER_BLUE                                                                                \
    {                                                                                              \
        31, 119, 180                                                                               \
    } /* of the published figures' lines */

#define RENDER_PRINTER                                                                             \
    {                                                                                              \
        20, 20, 28                                                                                 \
    } /* ink of a printed page */

struct render_point {
    double x, y;
};

/* --- record.c --------------------------------------------------------------------- */

struct render_svg;
struct render_sheet {       /* what is drawn on */
    uint8_t *pixels;        /* (images, height, width, channels); or */
    struct render_svg *svg; /* of pages with a canvas: all but the traces */
};
/* Draws a record; adds to the report; fills the map where there is one. */
typedef int render_draw(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                        const struct render_sheet *sheet, struct leadseq_trace_report *report,
                        struct leadseq_map *map);
render_draw *render_style_function(const struct leadseq_drawing *drawing);

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
/* Fills row `lead` of the map and its box, as leadseq_draw_lead() draws. */
int render_lead_map(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                    struct leadseq_map *map, int lead) LEADSEQ_CHECKED;
/* Samples of the first 10 s. */
size_t render_shown(const struct leadseq_drawing *drawing, size_t n);
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

/* The coverage of row y of the band in 1/255, (width); false: nothing is there and
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

/* --- svg.c ------------------------------------------------------------------------ */

struct render_colour {
    uint8_t r, g, b;
};
struct render_svg {
    FILE *out;
    bool filling; /* a path of rectangles is open */
    struct render_colour colour;
};
void render_svg_fill(struct render_svg *svg, double left, double top, double right, double bottom,
                     const struct render_colour *colour);
void render_svg_stroke(struct render_svg *svg, const struct render_point *points, size_t n,
                       double width, const struct render_colour *colour);

/* --- canvas.c --------------------------------------------------------------------- */

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

/* --- lanczos.c -------------------------------------------------------------------- */

/* A grey picture (height, width) to (to_height, to_width), rows of which begin `stride` apart. */
int render_lanczos(const uint8_t *from, int width, int height, uint8_t *pixels, int to_width,
                   int to_height, size_t stride) LEADSEQ_CHECKED;

/* --- dataset1.c, dataset2.c, strips.c, clinical.c ------------------------------------- */

render_draw render_dataset1, render_dataset2, render_strips, render_clinical;
/* The trace's width in pixels. */
double render_clinical_width(const struct leadseq_drawing *drawing);

/* --- shadow.c --------------------------------------------------------------------- */

enum { RENDER_SHADOWS_MOST = 3, RENDER_SHADOW_VERTICES = 5 };
struct render_shadow { /* vertices are middles of pixels */
    int x[RENDER_SHADOW_VERTICES], y[RENDER_SHADOW_VERTICES];
};
/* One to three shadows anywhere on a picture; returns how many. */
int render_shadow_draw(struct render_shadow shadow[RENDER_SHADOWS_MOST], int width, int height,
                       struct leadseq_random *r);
/* Those of dataset3's record. */
int render_shadow_cast(struct render_shadow shadow[RENDER_SHADOWS_MOST],
                       const struct leadseq_drawing *drawing, uint64_t key);
/* Sets those of mask (height, width) to 1 that are in one of n shadows. */
void render_shadow_mark(uint8_t *mask, int width, int height, const struct render_shadow *shadow,
                        int n);
/* Casts dataset3's shadows of that record over an RGB page. */
int render_shadows(const struct leadseq_drawing *drawing, uint64_t key,
                   uint8_t *pixels) LEADSEQ_CHECKED;

/* --- paper.c ---------------------------------------------------------------------- */

struct render_paper { /* a sheet with lines every 1 and 5 mm from its left and top */
    double left, top; /* px */
    double width_mm, height_mm, px_per_mm;
};
void render_paper_draw(struct render_canvas *canvas, const struct render_paper *paper,
                       const struct render_colour *fine, const struct render_colour *bold);

/* --- text.c ----------------------------------------------------------------------- */

struct render_pen {
    double height, width; /* px: of a capital, of its lines */
    struct render_colour colour;
};
/* Text with its upper left corner at (x, y); signs there are no lines for are left out. */
int render_text_draw(struct render_canvas *canvas, const char *text, double x, double y,
                     const struct render_pen *pen) LEADSEQ_CHECKED;

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
