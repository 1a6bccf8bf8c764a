/* SPDX-License-Identifier: MIT
 *
 * Dataset 2 corrected: twelve strips on one sheet of millimetre paper, one scale for
 * all. The page is 10 s wide; a millivolt is as high as .4 s are long; the leads' zero
 * lines divide the height evenly, and tall waves run over their neighbours' strips, as
 * on paper, instead of being cut. What leaves the page is counted as clipped. */
#include "strips.h"

#include <stdlib.h>

static const struct render_colour FINE = {237, 237, 237}, BOLD = {186, 186, 186},
                                  LINE = RENDER_BLUE;

/* From one zero line to the next, and from the outer ones to the borders. */
static double pitch_of(const struct leadseq_drawing *d)
{
    return (double)d->height / (LEADSEQ_LEADS + 1);
}

static struct render_geometry geometry_of(const struct leadseq_drawing *d, int lead)
{
    double px_per_s = d->width / RENDER_SHOWN_S;
    return (struct render_geometry){
        .x0 = px_per_s / d->rate_hz / 2,
        .dx = px_per_s / d->rate_hz,
        .y0 = (lead + 1) * pitch_of(d),
        .dy = -RENDER_S_PER_MV * px_per_s,
        .top = 0,
        .bottom = d->height,
    };
}

/* The grid's lines pass through the first lead's zero line and the left border. */
static void draw_paper(struct render_canvas *c, const struct leadseq_drawing *d)
{
    double mm = d->width / RENDER_SHOWN_S / 25, square = 5 * mm;
    double zero = pitch_of(d);
    struct render_paper paper = {.px_per_mm = mm, .width_mm = d->width / mm};
    paper.top = zero - square * (1 + (int)(zero / square));
    paper.height_mm = (d->height - paper.top) / mm;
    render_paper_draw(c, &paper, &FINE, &BOLD);
}

static int draw_lead(struct render_canvas *c, const struct render_geometry *g,
                     const struct leadseq_drawing *d, const float *mv, size_t n,
                     struct render_point *points, struct leadseq_trace_report *report)
{
    struct render_range r;
    if (render_range_find(&r, mv, n)) return -1;
    return render_canvas_trace(c, g, mv, n, render_line_width(d), &LINE, points, report);
}

int render_strips(const struct leadseq_drawing *d, const float *mv, size_t n,
                  const struct render_sheet *sheet, struct leadseq_trace_report *report,
                  struct leadseq_map *map)
{
    struct render_canvas canvas;
    render_canvas_init(&canvas, d, sheet);
    draw_paper(&canvas, d);
    size_t shown = render_shown(d, n);
    struct render_point *points = leadseq_calloc(shown, sizeof *points);
    int status = points ? 0 : -1;
    for (int lead = 0; !status && lead < LEADSEQ_LEADS; lead++) {
        struct render_geometry g = geometry_of(d, lead);
        const float *of_lead = mv + (size_t)lead * n;
        if (draw_lead(&canvas, &g, d, of_lead, shown, points, report))
            status = leadseq_fail_in("lead %s", leadseq_lead_name[lead]);
        if (status || !map) continue;
        double half = pitch_of(d) / 2;
        map->box[lead] =
            (struct leadseq_box){0, (float)(g.y0 - half), (float)d->width, (float)(g.y0 + half)};
        render_geometry_fill_map(&g, 0, d->width, of_lead, n, map, lead);
    }
    free(points);
    return status;
}
