/* SPDX-License-Identifier: MIT
 *
 * Where a sample falls on the picture.
 *
 * The paper's profiles fit the lead into the axes box with 5 % margins: with F and
 * L the first and last sample present, low and high the extremes,
 *   x(k) = left + (k - F + .05 (L - F)) / (1.1 (L - F)) · (right - left)
 *   y(v) = bottom - (v - low + .05 (high - low)) / (1.1 (high - low)) · (bottom - top)
 * and a flat lead runs through the middle. fixed-mv keeps time and millivolts:
 *   x(k) = (k + 1/2) / n · width,  y(v) = (1 - v / range) · height / 2.
 * clinical keeps their ratio too: 10 s to the width, 1 mV as high as 0.4 s are long. */
#include "trace.h"

#include <math.h>

static const double LEFT = 0.125, RIGHT = 0.9, TOP = 0.12, BOTTOM = 0.89, MARGIN = 0.05;

double render_line_width(const struct leadseq_drawing *drawing)
{
    return 1.5 * 100 / 72 * drawing->width / 640; // 1.5 points at 100 dpi
}

size_t render_shown(const struct leadseq_drawing *drawing, size_t n)
{
    double shown = RENDER_SHOWN_S * drawing->rate_hz;
    return (double)n > shown ? (size_t)shown : n;
}

int render_range_find(struct render_range *r, const float *mv, size_t n)
{
    *r = (struct render_range){.low = INFINITY, .high = -INFINITY};
    for (size_t k = 0; k < n; k++) {
        if (isnan(mv[k])) continue;
        if (isinf(mv[k]))
            return leadseq_fail("sample %zu: expected millivolts or NaN, found an infinite value",
                                k);
        if (!r->present++) r->first = k;
        r->last = k;
        if (mv[k] < r->low) r->low = mv[k];
        if (mv[k] > r->high) r->high = mv[k];
    }
    return 0;
}

static void fit_box(struct render_geometry *g, const struct leadseq_drawing *drawing,
                    const struct render_range *r)
{
    double left = LEFT * drawing->width, right = RIGHT * drawing->width;
    double top = TOP * drawing->height, bottom = BOTTOM * drawing->height;
    double span = (double)(r->last - r->first), scale = 1 + 2 * MARGIN;
    g->dx = (right - left) / (scale * span);
    g->x0 = left + g->dx * (MARGIN * span - (double)r->first);
    g->top = top;
    g->bottom = bottom;
    if (r->high > r->low) {
        g->dy = -(bottom - top) / (scale * (r->high - r->low));
        g->y0 = bottom + g->dy * (MARGIN * (r->high - r->low) - r->low);
    } else {
        g->dy = 0;
        g->y0 = (top + bottom) / 2;
    }
}

static void fit_fixed(struct render_geometry *g, const struct leadseq_drawing *drawing, size_t n)
{
    g->dx = drawing->width / (double)n;
    g->x0 = g->dx / 2;
    g->dy = -drawing->height / (2 * drawing->range_mv);
    g->y0 = drawing->height / 2.0;
    g->top = 0;
    g->bottom = drawing->height;
}

/* 10 s over the width; a millivolt is as high as 0.4 s are long, as at 25 mm/s and 10 mm/mV. */
static void fit_true(struct render_geometry *g, const struct leadseq_drawing *drawing)
{
    double px_per_s = drawing->width / RENDER_SHOWN_S;
    g->dx = px_per_s / drawing->rate_hz;
    g->x0 = g->dx / 2;
    g->dy = -RENDER_S_PER_MV * px_per_s;
    g->y0 = drawing->height / 2.0;
    g->top = 0;
    g->bottom = drawing->height;
}

int render_geometry_fit(struct render_geometry *g, const struct leadseq_drawing *drawing,
                        const float *mv, size_t n)
{
    struct render_range r;
    *g = (struct render_geometry){0};
    if (render_range_find(&r, mv, n)) return -1;
    g->none = r.present < 2;
    if (g->none) return 0;
    if (drawing->profile == LEADSEQ_FIXED_MV)
        fit_fixed(g, drawing, n);
    else if (drawing->profile == LEADSEQ_TRUE_SCALE)
        fit_true(g, drawing);
    else
        fit_box(g, drawing, &r);
    return 0;
}

void render_geometry_map(const struct render_geometry *g, const float *mv, size_t n,
                         struct render_point *points, struct leadseq_trace_report *report)
{
    for (size_t k = 0; k < n; k++) {
        double y = g->y0 + (double)mv[k] * g->dy;
        if (isnan(y)) {
            report->missing++;
        } else if (y < g->top || y > g->bottom) {
            report->clipped++;
            y = y < g->top ? g->top : g->bottom;
        }
        points[k] = (struct render_point){g->x0 + (double)k * g->dx, y};
    }
}

void render_geometry_fill_map(const struct render_geometry *g, double left, double right,
                              const float *mv, size_t n, struct leadseq_map *map, int row)
{
    for (size_t k = 0; k < n; k++) {
        struct render_point p = {g->x0 + (double)k * g->dx, g->y0 + (double)mv[k] * g->dy};
        enum leadseq_sample sample = LEADSEQ_SAMPLE_DRAWN;
        if (isnan(mv[k]))
            sample = LEADSEQ_SAMPLE_MISSING;
        else if (g->none || p.x < left || p.x > right)
            sample = LEADSEQ_SAMPLE_OUTSIDE;
        else if (p.y < g->top || p.y > g->bottom)
            sample = LEADSEQ_SAMPLE_CLIPPED;
        render_map_put(map, row, k, p, sample);
    }
}

void render_geometry_box(const struct leadseq_drawing *drawing, struct leadseq_box *box)
{
    double w = drawing->width, h = drawing->height;
    *box = (struct leadseq_box){0, 0, (float)w, (float)h};
    if (drawing->profile == LEADSEQ_PAPER_CODE || drawing->profile == LEADSEQ_PAPER_TEXT)
        *box = (struct leadseq_box){(float)(LEFT * w), (float)(TOP * h), (float)(RIGHT * w),
                                    (float)(BOTTOM * h)};
}
