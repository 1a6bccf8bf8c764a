/* SPDX-License-Identifier: MIT
 *
 * All leads on one grey page, one below the other over its whole width, each scaled to its own
 * strip as Dataset 4 scales a picture.
 *
 * file  src/render/column.c
 * row   src/render/styles.c STYLES ROW(column)
 */
#include "canvas.h"
#include "lead.h"

/* A strip as a drawing of its own: what Dataset 4 draws of one lead. */
static struct leadseq_drawing strip_of(const struct leadseq_drawing *page)
{
    struct leadseq_drawing strip = *page;
    strip.style = LEADSEQ_DATASET4;
    strip.height = page->height / LEADSEQ_LEADS;
    return strip;
}

/* The map of a strip, moved down to its place on the page. */
static void move_map(struct leadseq_map *map, int lead, float top)
{
    for (size_t k = (size_t)lead * map->n; k < ((size_t)lead + 1) * map->n; k++) map->y[k] += top;
    map->box[lead].top += top;
    map->box[lead].bottom += top;
}

static int draw(const struct leadseq_drawing *d, const float *mv, size_t n,
                const struct render_sheet *sheet, struct leadseq_trace_report *report,
                struct leadseq_map *map)
{
    const struct leadseq_drawing strip = strip_of(d);
    const size_t bytes = (size_t)strip.width * (size_t)strip.height;
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        struct leadseq_trace_report one = {0};
        const float *signal = mv + (size_t)lead * n;
        if (render_lead_draw(&strip, 1, signal, n, sheet->pixels + (size_t)lead * bytes, &one) ||
            (map && render_lead_map(&strip, signal, n, map, lead)))
            return leadseq_fail_in("lead %s", leadseq_lead_name[lead]);
        if (map) move_map(map, lead, (float)(lead * strip.height));
        report->clipped += one.clipped;
        report->missing += one.missing;
    }
    return 0;
}

static void init(struct leadseq_drawing *d)
{
    d->width = 512;
    d->height = 96 * LEADSEQ_LEADS;
}

static int channels(const struct leadseq_drawing *d)
{
    (void)d;
    return 1;
}

static struct leadseq_pen line(const struct leadseq_drawing *d)
{
    const struct leadseq_drawing strip = strip_of(d);
    return (struct leadseq_pen){99, 99, 99, render_line_width(&strip)};
}

static int check(const struct leadseq_drawing *d)
{
    if (d->height % LEADSEQ_LEADS == 0) return 0;
    return leadseq_fail("image size: column has twelve strips: expected a height that is a "
                        "multiple of 12, found %d",
                        d->height);
}

const struct leadseq_style_type render_column = {
    .name = "column",
    .help = "twelve leads one below the other on one page",
    .profiles = 1u << LEADSEQ_PAPER_TEXT | 1u << LEADSEQ_FIXED_MV,
    .profile = LEADSEQ_PAPER_TEXT,
    .page = true,
    .init = init,
    .channels = channels,
    .line = line,
    .draw = draw,
    .check = check,
};
