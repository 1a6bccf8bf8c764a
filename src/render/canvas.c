/* SPDX-License-Identifier: MIT
 *
 * Ink over what is on the page already: rectangles and lines, antialiased, within a clip
 * box of whole pixels. The arithmetic of coverage and mixing is Anti-Grain
 * Geometry's, which drew the published pages. */
#include "canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ONE = 256, BAND_CELLS = 1 << 21 };

void render_canvas_init(struct render_canvas *c, const struct leadseq_drawing *drawing,
                        const struct render_sheet *sheet)
{
    *c = (struct render_canvas){
        .pixels = sheet->pixels,
        .svg = sheet->svg,
        .width = drawing->width,
        .height = drawing->height,
        .channels = sheet->channels,
        .right = drawing->width,
        .bottom = drawing->height,
    };
    size_t bytes = (size_t)c->width * (size_t)c->height * (size_t)c->channels;
    if (sheet->pixels) memset(sheet->pixels, 255, bytes);
}

static int clamp(double v, int low, int high)
{
    return v < low ? low : v > high ? high : (int)v;
}

void render_canvas_clip(struct render_canvas *c, double left, double top, double right,
                        double bottom)
{
    c->left = clamp(floor(left + 0.5), 0, c->width);
    c->top = clamp(floor(top + 0.5), 0, c->height);
    c->right = clamp(floor(right + 0.5), c->left, c->width);
    c->bottom = clamp(floor(bottom + 0.5), c->top, c->height);
}

/* Grey of a colour (ITU-R BT.601), for pages without colours. */
static uint8_t grey_of(const struct render_colour *k)
{
    return (uint8_t)((299 * k->r + 587 * k->g + 114 * k->b) / 1000);
}

static void set_ink(uint8_t ink[3], const struct render_canvas *c, const struct render_colour *k)
{
    ink[0] = c->channels == 3 ? k->r : grey_of(k);
    ink[1] = k->g;
    ink[2] = k->b;
}

/* The same as a colour again, for vectors. */
static struct render_colour vector_ink(const struct render_canvas *c, const struct render_colour *k)
{
    uint8_t grey = grey_of(k);
    return c->channels == 3 ? *k : (struct render_colour){grey, grey, grey};
}

/* cover 0 … 255 of ink over p, on opaque paper:
 * p' = (256·ink·cover + 255·p·(256 - cover)) / (255·256 + cover). */
static inline uint8_t mix(uint8_t p, uint8_t ink, uint32_t cover)
{
    return (uint8_t)((256u * ink * cover + 255u * p * (256u - cover)) / (255u * 256u + cover));
}

static inline void put(uint8_t *p, const uint8_t *ink, int channels, uint32_t cover)
{
    if (cover == 0) return;
    for (int i = 0; i < channels; i++) p[i] = cover == 255 ? ink[i] : mix(p[i], ink[i], cover);
}

static int fixed(double v)
{
    return (int)floor(v * ONE + 0.5);
}

/* How much of pixel i lies between a and b, in 1/256. */
static inline uint32_t inside(int i, int a, int b)
{
    int low = i * ONE, high = low + ONE;
    if (a > low) low = a;
    if (b < high) high = b;
    return high > low ? (uint32_t)(high - low) : 0;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* The rows and columns of a box, with how much of each is covered, 0 … 256. */
struct extent {
    int first, end;
    int from, to; /* 1/256 px */
};

static struct extent extent_of(double from, double to, int least, int most)
{
    struct extent e = {.from = fixed(from), .to = fixed(to)};
    e.first = larger(e.from >> 8, least);
    e.end = smaller((e.to + ONE - 1) >> 8, most);
    return e;
}

void render_canvas_fill(struct render_canvas *c, double left, double top, double right,
                        double bottom, const struct render_colour *colour)
{
    uint8_t ink[3];
    if (c->svg) {
        struct render_colour vector = vector_ink(c, colour);
        render_svg_fill(c->svg, fmax(left, c->left), fmax(top, c->top), fmin(right, c->right),
                        fmin(bottom, c->bottom), &vector);
        return;
    }
    set_ink(ink, c, colour);
    struct extent x = extent_of(left, right, c->left, c->right);
    struct extent y = extent_of(top, bottom, c->top, c->bottom);
    for (int j = y.first; j < y.end; j++) {
        uint32_t high = inside(j, y.from, y.to);
        uint8_t *p =
            c->pixels + ((size_t)j * (size_t)c->width + (size_t)x.first) * (size_t)c->channels;
        for (int i = x.first; i < x.end; i++, p += c->channels) {
            uint32_t cover = (high * inside(i, x.from, x.to) + 255) >> 8;
            put(p, ink, c->channels, cover > 255 ? 255 : cover);
        }
    }
}

/* Mixes the ink of one band, which begins at the clip box's left, into the pixels. */
static void ink_band(struct render_canvas *c, struct render_cover *cover, const uint8_t *ink,
                     uint8_t *coverage)
{
    for (int y = 0; y < cover->height; y++) {
        if (!render_cover_row(cover, y, coverage)) continue;
        size_t at = (size_t)(cover->top + y) * (size_t)c->width + (size_t)c->left;
        uint8_t *p = c->pixels + at * (size_t)c->channels;
        for (int x = 0; x < cover->width; x++)
            put(p + x * c->channels, ink, c->channels, coverage[x]);
    }
    memset(cover->cell, 0, (size_t)cover->height * cover->stride * sizeof *cover->cell);
}

/* The part of the clip box that a line of that width can reach. */
static struct render_canvas around(const struct render_canvas *c, const struct render_point *p,
                                   size_t n, double width)
{
    struct render_canvas box = *c;
    double left = INFINITY, right = -INFINITY, top = INFINITY, bottom = -INFINITY;
    for (size_t k = 0; k < n; k++) {
        if (isnan(p[k].y)) continue;
        left = fmin(left, p[k].x), right = fmax(right, p[k].x);
        top = fmin(top, p[k].y), bottom = fmax(bottom, p[k].y);
    }
    double more = 2 * width + 2;
    box.left = larger(c->left, clamp(floor(left - more), 0, c->width));
    box.top = larger(c->top, clamp(floor(top - more), 0, c->height));
    box.right = smaller(c->right, clamp(ceil(right + more), 0, c->width));
    box.bottom = smaller(c->bottom, clamp(ceil(bottom + more), 0, c->height));
    return box;
}

static int stroke_within(struct render_canvas *c, struct render_point *p, size_t n, double width,
                         const uint8_t *ink)
{
    struct render_cover cover = {.width = c->right - c->left,
                                 .stride = (size_t)(c->right - c->left) + 2};
    int rows = smaller((int)(BAND_CELLS / cover.stride), c->bottom - c->top);
    cover.cell = leadseq_calloc((size_t)rows * cover.stride, sizeof *cover.cell);
    uint8_t *coverage = leadseq_calloc((size_t)cover.width, 1);
    int status = cover.cell && coverage ? 0 : -1;
    for (size_t k = 0; k < n; k++) p[k].x -= c->left;
    for (cover.top = c->top; !status && cover.top < c->bottom; cover.top += rows) {
        cover.height = smaller(rows, c->bottom - cover.top);
        render_line_stroke(&cover, p, n, width);
        ink_band(c, &cover, ink, coverage);
    }
    free(cover.cell);
    free(coverage);
    return status;
}

int render_canvas_stroke(struct render_canvas *c, struct render_point *p, size_t n, double width,
                         const struct render_colour *colour)
{
    uint8_t ink[3];
    if (c->svg) {
        struct render_colour vector = vector_ink(c, colour);
        render_svg_stroke(c->svg, p, n, width, &vector);
        return 0;
    }
    set_ink(ink, c, colour);
    struct render_canvas box = around(c, p, n, width);
    if (box.right <= box.left || box.bottom <= box.top) return 0;
    return stroke_within(&box, p, n, width, ink);
}

int render_canvas_trace(struct render_canvas *c, const struct render_geometry *g, const float *mv,
                        size_t n, double width, const struct render_colour *colour,
                        struct render_point *points, struct leadseq_trace_report *report)
{
    struct render_geometry open = *g;
    struct leadseq_trace_report unused = {0};
    render_geometry_map(g, mv, n, points, report);
    if (c->svg) return 0; // vector pictures have their traces from the map
    open.top = -INFINITY, open.bottom = INFINITY;
    render_geometry_map(&open, mv, n, points, &unused);
    return render_canvas_stroke(c, points, render_line_thin(points, n), width, colour);
}
