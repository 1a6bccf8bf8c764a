/* SPDX-License-Identifier: MIT
 *
 * Dataset 1: twelve leads as tiles of one grey page, row by row:
 *
 *     I    II   III  AVR
 *     AVL  AVF  V1   V2
 *     V3   V4   V5   V6
 *
 * As published, a tile is Dataset 4's 640 × 480 figure read as grey and resized to
 * the tile, whose aspect it does not keep. In the other profiles a tile is drawn as
 * large as it is shown. */
#include "canvas.h"
#include "lanczos.h"
#include "lead.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 4, ROWS = 3, FIGURE_WIDTH = 640, FIGURE_HEIGHT = 480 };

struct tiles {
    const struct leadseq_drawing *page;
    struct leadseq_drawing figure; /* what a lead is drawn as, before it is resized */
    int width, height;             /* of a tile */
    uint8_t *lead;                 /* one figure */
};

static void make_figure(struct tiles *t)
{
    bool published = t->page->profile == LEADSEQ_PAPER_CODE;
    t->figure = (struct leadseq_drawing){
        .style = LEADSEQ_DATASET4,
        .profile = published ? LEADSEQ_PAPER_TEXT : t->page->profile, // the text's is grey
        .width = published ? FIGURE_WIDTH : t->width,
        .height = published ? FIGURE_HEIGHT : t->height,
        .range_mv = t->page->range_mv,
        .rate_hz = t->page->rate_hz,
    };
}

static int put_tile(const struct tiles *t, uint8_t *pixels)
{
    size_t stride = (size_t)t->page->width;
    if (t->page->profile == LEADSEQ_PAPER_CODE)
        return render_lanczos(t->lead, t->figure.width, t->figure.height, pixels, t->width,
                              t->height, stride);
    for (int y = 0; y < t->height; y++)
        memcpy(pixels + (size_t)y * stride, t->lead + (size_t)y * (size_t)t->width,
               (size_t)t->width);
    return 0;
}

/* From the figure's pixels to the tile's place on the page. */
static void move_map(const struct tiles *t, int lead, struct leadseq_map *map)
{
    float sx = (float)t->width / (float)t->figure.width;
    float sy = (float)t->height / (float)t->figure.height;
    float x = (float)(lead % COLUMNS * t->width), y = (float)(lead / COLUMNS * t->height);
    for (size_t k = (size_t)lead * map->n; k < ((size_t)lead + 1) * map->n; k++) {
        map->x[k] = x + map->x[k] * sx;
        map->y[k] = y + map->y[k] * sy;
    }
    map->box[lead] = (struct leadseq_box){x, y, x + (float)t->width, y + (float)t->height};
}

static int draw_tile(const struct tiles *t, const float *mv, size_t n, int lead, uint8_t *pixels,
                     struct leadseq_trace_report *report, struct leadseq_map *map)
{
    struct leadseq_trace_report one = {0};
    size_t row = (size_t)(lead / COLUMNS * t->height), column = (size_t)(lead % COLUMNS * t->width);
    if (render_lead_draw(&t->figure, 1, mv, n, t->lead, &one) ||
        put_tile(t, pixels + row * (size_t)t->page->width + column) ||
        (map && render_lead_map(&t->figure, mv, n, map, lead)))
        return leadseq_fail_in("lead %s", leadseq_lead_name[lead]);
    if (map) move_map(t, lead, map);
    report->clipped += one.clipped;
    report->missing += one.missing;
    return 0;
}

static int draw(const struct leadseq_drawing *d, const float *mv, size_t n,
                const struct render_sheet *sheet, struct leadseq_trace_report *report,
                struct leadseq_map *map)
{
    struct tiles t = {.page = d, .width = d->width / COLUMNS, .height = d->height / ROWS};
    make_figure(&t);
    t.lead = leadseq_calloc((size_t)t.figure.width * (size_t)t.figure.height, 1);
    int status = t.lead ? 0 : -1;
    for (int lead = 0; !status && lead < LEADSEQ_LEADS; lead++)
        status = draw_tile(&t, mv + (size_t)lead * n, n, lead, sheet->pixels, report, map);
    free(t.lead);
    return status;
}

static void init(struct leadseq_drawing *d)
{
    d->width = 2048;
    d->height = 1536;
}

static int channels(const struct leadseq_drawing *d)
{
    (void)d;
    return 1;
}

static struct leadseq_pen line(const struct leadseq_drawing *d)
{
    return (struct leadseq_pen){99, 99, 99, render_line_width(d) / COLUMNS};
}

static int check(const struct leadseq_drawing *d)
{
    if (d->width % COLUMNS == 0 && d->height % ROWS == 0) return 0;
    return leadseq_fail("image size: dataset1 has 4 × 3 tiles: expected a width that is a multiple "
                        "of 4 and a height that is a multiple of 3, found %dx%d",
                        d->width, d->height);
}

const struct leadseq_style_type render_dataset1 = {
    .name = "dataset1",
    .help = "3x4 tiles on one page",
    .profiles = 1u << LEADSEQ_PAPER_CODE | 1u << LEADSEQ_FIXED_MV | 1u << LEADSEQ_TRUE_SCALE,
    .profile = LEADSEQ_PAPER_CODE,
    .other_profiles = "the paper's text and its code agree here",
    .page = true,
    .init = init,
    .channels = channels,
    .line = line,
    .draw = draw,
    .check = check,
};
