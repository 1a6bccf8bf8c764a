/* SPDX-License-Identifier: MIT
 *
 * Dataset 2 as its published code drew it: twelve strips, each with two grids over
 * each other, their lines' ends marked by dashes, and the trace on top. The first
 * grid reaches as far as the lead's own range, rounded to major lines; the second
 * fills the strip's whole height, but with lines .04 and .2 *samples' rates* apart in
 * time, because the code gave seconds where samples were expected:
 *
 *     x  0, .04 s, .2 s … and 0, .04·rate s, .2·rate s …, up to the right border
 *     y  .125 mV and .5 mV, within the lead's range and within the strip
 *
 *      0     .125                           .9  1
 *    0 +-------+-----------------------------+--+
 *  .12 |       |  strip of lead I            |  |   heights h, gaps .2 h:
 *      |       |  strip of lead II           |  |   12 h + 11 · .2 h = .77
 *  .89 |       |  …                          |  |
 *    1 +-------+-----------------------------+--+ */
#include "strips.h"

#include <math.h>
#include <stdlib.h>

static const double LEFT = 0.125, RIGHT = 0.9, TOP = 0.12, HEIGHT = 0.77, GAP = 0.2, MARGIN = 0.05;
static const double MINOR_MV = 0.125, MAJOR_MV = 0.5, MINOR_S = 0.04, MAJOR_S = 0.2,
                    PUBLISHED_MV = 1;
static const struct render_colour MINOR = {237, 237, 237}, MAJOR = {186, 186, 186},
                                  LINE = RENDER_BLUE;

struct strip {
    struct render_canvas *canvas;
    double left, top, right, bottom; /* px */
    double x0, px_per_s, y0, px_per_mv;
    double until_s;         /* time at the right border */
    double low_mv, high_mv; /* the lead's range as an axis would take it */
    double range_mv;        /* the strip shows -range … +range */
    double point;           /* px of a point (1/72 inch at 100 dpi on 640 px) */
    struct render_geometry g;
};

/* --- Geometry ------------------------------------------------------------------------ */

static void place(struct strip *s, const struct leadseq_drawing *d, int lead)
{
    double h = HEIGHT / (LEADSEQ_LEADS + GAP * (LEADSEQ_LEADS - 1));
    s->left = LEFT * d->width;
    s->right = RIGHT * d->width;
    s->top = (TOP + lead * h * (1 + GAP)) * d->height;
    s->bottom = s->top + h * d->height;
    s->point = 100.0 / 72 * d->width / 640;
    s->range_mv = d->profile == LEADSEQ_FIXED_MV ? d->range_mv : PUBLISHED_MV;
    s->px_per_mv = (s->bottom - s->top) / (2 * s->range_mv);
    s->y0 = (s->top + s->bottom) / 2;
}

/* The range an axis takes from its data: a level line gets a twentieth of its own
 * height, then 5 % more on both sides. */
static void widen(double *low, double *high)
{
    if (*low > *high) *low = *high = 0;
    if (*high - *low <= fmax(fabs(*low), fabs(*high)) * 1e-15) {
        double more = *low == 0 ? MARGIN : MARGIN * fabs(*low);
        *low -= more;
        *high += more;
    }
    double margin = MARGIN * (*high - *low);
    *low -= margin;
    *high += margin;
}

static int fit(struct strip *s, const struct leadseq_drawing *d, const float *mv, size_t n)
{
    struct render_range r;
    if (render_range_find(&r, mv, n)) return -1;
    s->low_mv = r.low, s->high_mv = r.high;
    widen(&s->low_mv, &s->high_mv);
    double first = (double)r.first / d->rate_hz, last = (double)r.last / d->rate_hz;
    if (r.present == 0) last = (double)n / d->rate_hz; // the grid of a lead with samples
    widen(&first, &last);
    s->px_per_s = (s->right - s->left) / (last - first);
    s->x0 = s->left - first * s->px_per_s;
    s->until_s = last;
    s->g = (struct render_geometry){.x0 = s->x0,
                                    .dx = s->px_per_s / d->rate_hz,
                                    .y0 = s->y0,
                                    .dy = -s->px_per_mv,
                                    .top = s->top,
                                    .bottom = s->bottom,
                                    .none = r.present < 2};
    return 0;
}

/* --- Grid ---------------------------------------------------------------------------- */

struct grid { /* lines from 0 to `end` in time, from `low` to `high` in mV */
    double end, low, high, minor_s, major_s;
};

static double round_up(double v, double step)
{
    return step * ceil(v / step);
}

static double round_down(double v, double step)
{
    return step * floor(v / step);
}

/* Onto whole pixels, where lines 2 px wide have sharp edges; odd widths at their middle. */
static double snapped(double v, double width)
{
    return floor(v + 0.5) + ((int)floor(width + 0.5) % 2 ? 0.5 : 0);
}

/* The dash at a line's end: 6 points long, 1 point wide, upright or level. */
static void draw_mark(const struct strip *s, double x, double y, bool upright,
                      const struct render_colour *colour)
{
    double width = s->point, half = 3 * s->point;
    double across = snapped(0, width), from = snapped(-half, width), to = snapped(half, width);
    x = floor(x + 0.5);
    y = floor(y + 0.5);
    if (upright)
        render_canvas_fill(s->canvas, x + across - width / 2, y + from, x + across + width / 2,
                           y + to, colour);
    else
        render_canvas_fill(s->canvas, x + from, y + across - width / 2, x + to,
                           y + across + width / 2, colour);
}

/* 1.5 points wide, with square ends. */
static void draw_line(const struct strip *s, double x0, double y0, double x1, double y1,
                      const struct render_colour *colour)
{
    double width = 1.5 * s->point, half = width / 2;
    bool upright = x0 == x1;
    render_canvas_fill(s->canvas, snapped(x0, width) - half, snapped(y0, width) - half,
                       snapped(x1, width) + half, snapped(y1, width) + half, colour);
    s->canvas->right++, s->canvas->bottom++; // its clip box took in its right and bottom
    draw_mark(s, x0, y0, upright, colour);
    draw_mark(s, x1, y1, upright, colour);
    s->canvas->right--, s->canvas->bottom--;
}

static void draw_times(const struct strip *s, const struct grid *g, double step,
                       const struct render_colour *colour)
{
    double top = s->y0 - g->high * s->px_per_mv, bottom = s->y0 - g->low * s->px_per_mv;
    int count = (int)ceil((g->end + 1e-4) / step);
    for (int i = 0; i < count; i++) {
        double x = s->x0 + i * step * s->px_per_s;
        draw_line(s, x, top, x, bottom, colour);
    }
}

static void draw_levels(const struct strip *s, const struct grid *g, double step,
                        const struct render_colour *colour)
{
    double right = s->x0 + g->end * s->px_per_s;
    int count = (int)ceil((g->high - g->low + 1e-4) / step);
    for (int i = 0; i < count; i++) {
        double y = s->y0 - (g->low + i * step) * s->px_per_mv;
        draw_line(s, s->x0, y, right, y, colour);
    }
}

static void draw_grids(const struct strip *s, double rate_hz)
{
    const struct grid grid[2] = {
        {.end = round_up(s->until_s, MAJOR_S),
         .low = round_down(s->low_mv, MAJOR_MV),
         .high = round_up(s->high_mv, MAJOR_MV),
         .minor_s = MINOR_S,
         .major_s = MAJOR_S},
        {.end = round_up(s->until_s, MAJOR_S * rate_hz),
         .low = round_down(-s->range_mv, MAJOR_MV),
         .high = round_up(s->range_mv, MAJOR_MV),
         .minor_s = MINOR_S * rate_hz,
         .major_s = MAJOR_S * rate_hz},
    };
    for (int i = 0; i < 2; i++) {
        draw_times(s, &grid[i], grid[i].minor_s, &MINOR);
        draw_levels(s, &grid[i], MINOR_MV, &MINOR);
    }
    for (int i = 0; i < 2; i++) {
        draw_times(s, &grid[i], grid[i].major_s, &MAJOR);
        draw_levels(s, &grid[i], MAJOR_MV, &MAJOR);
    }
}

/* --- Trace --------------------------------------------------------------------------- */

static int draw_trace(const struct strip *s, const float *mv, size_t n, struct render_point *points,
                      struct leadseq_trace_report *report)
{
    struct render_geometry open = s->g; // counts by the strip, draws beyond it
    struct leadseq_trace_report unused = {0};
    render_geometry_map(&s->g, mv, n, points, report);
    if (s->canvas->svg) return 0; // vector pictures have their traces from the map
    open.top = -INFINITY, open.bottom = INFINITY;
    render_geometry_map(&open, mv, n, points, &unused);
    if (s->g.none) return 0;
    double width = 1.5 * s->point;
    render_line_snap(points, n, width);
    return render_canvas_stroke(s->canvas, points, render_line_thin(points, n), width, &LINE);
}

static int draw_strip(struct strip *s, const struct leadseq_drawing *d, const float *mv, size_t n,
                      struct render_point *points, struct leadseq_trace_report *report)
{
    if (fit(s, d, mv, n)) return -1;
    render_canvas_clip(s->canvas, s->left, s->top, s->right, s->bottom);
    draw_grids(s, d->rate_hz);
    return draw_trace(s, mv, n, points, report);
}

static int draw_published(const struct leadseq_drawing *d, const float *mv, size_t n,
                          const struct render_sheet *sheet, struct leadseq_trace_report *report,
                          struct leadseq_map *map)
{
    struct render_canvas canvas;
    render_canvas_init(&canvas, d, sheet);
    struct render_point *points = leadseq_calloc(n, sizeof *points);
    int status = points ? 0 : -1;
    for (int lead = 0; !status && lead < LEADSEQ_LEADS; lead++) {
        struct strip s = {.canvas = &canvas};
        const float *of_lead = mv + (size_t)lead * n;
        place(&s, d, lead);
        if (draw_strip(&s, d, of_lead, n, points, report))
            status = leadseq_fail_in("lead %s", leadseq_lead_name[lead]);
        if (!status && map) {
            map->box[lead] =
                (struct leadseq_box){(float)s.left, (float)s.top, (float)s.right, (float)s.bottom};
            render_geometry_fill_map(&s.g, s.left, s.right, of_lead, n, map, lead);
        }
    }
    free(points);
    return status;
}

/* --- The style, of which dataset3 is the same with shadows ------------------------------------ */

void render_dataset2_init(struct leadseq_drawing *d)
{
    d->width = 640;
    d->height = 480;
}

int render_dataset2_channels(const struct leadseq_drawing *d)
{
    (void)d;
    return 3;
}

struct leadseq_pen render_dataset2_line(const struct leadseq_drawing *d)
{
    return (struct leadseq_pen){LINE.r, LINE.g, LINE.b, render_line_width(d)};
}

double render_dataset2_range_mv(const struct leadseq_drawing *d)
{
    (void)d;
    return PUBLISHED_MV;
}

int render_dataset2_draw(const struct leadseq_drawing *d, const float *mv, size_t n,
                         const struct render_sheet *sheet, struct leadseq_trace_report *report,
                         struct leadseq_map *map)
{
    return d->profile == LEADSEQ_TRUE_SCALE ? render_strips(d, mv, n, sheet, report, map)
                                            : draw_published(d, mv, n, sheet, report, map);
}

const struct leadseq_style_type render_dataset2 = {
    .name = "dataset2",
    .help = "twelve strips on one page, over a grid",
    .profiles = RENDER_DATASET2_PROFILES,
    .profile = LEADSEQ_PAPER_CODE,
    .other_profiles = "the paper's text and its code agree here",
    .page = true,
    .init = render_dataset2_init,
    .channels = render_dataset2_channels,
    .line = render_dataset2_line,
    .draw = render_dataset2_draw,
    .range_mv = render_dataset2_range_mv,
    .paper = true,
};
