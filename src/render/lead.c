/* SPDX-License-Identifier: MIT
 *
 * One lead to one picture: Dataset 4's whole picture, Dataset 1's tile. */
#include "lead.h"
#include "canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PAPER = 255, BAND_CELLS = 1 << 21 };

static const uint8_t GREY[1] = {99}, BLUE[3] = RENDER_BLUE;

/* Values of a pixel by its coverage, (channels, 256): paper and ink in proportion. */
static void mix_ink(int channels, uint8_t *ink)
{
    const uint8_t *colour = channels == 3 ? BLUE : GREY;
    for (int c = 0; c < channels; c++)
        for (int k = 0; k < 256; k++)
            ink[c * 256 + k] = (uint8_t)(PAPER - ((PAPER - colour[c]) * k + 127) / 255);
}

/* Bands of rows bound the scratch memory of large pictures. */
static int ink_line(const struct leadseq_drawing *drawing, int channels,
                    const struct render_point *p, size_t n, uint8_t *pixels)
{
    uint8_t ink[3 * 256];
    mix_ink(channels, ink);
    struct render_cover cover = {.width = drawing->width, .stride = (size_t)drawing->width + 2};
    int rows = (int)(BAND_CELLS / cover.stride);
    if (rows > drawing->height) rows = drawing->height;
    cover.cell = leadseq_calloc((size_t)rows * cover.stride, sizeof *cover.cell);
    if (!cover.cell) return -1;
    for (; cover.top < drawing->height; cover.top += rows) {
        cover.height = drawing->height - cover.top < rows ? drawing->height - cover.top : rows;
        render_line_stroke(&cover, p, n, render_line_width(drawing));
        size_t before = (size_t)cover.top * (size_t)cover.width * (size_t)channels;
        render_cover_sweep(&cover, ink, channels, pixels + before);
    }
    free(cover.cell);
    return 0;
}

int render_lead_draw(const struct leadseq_drawing *drawing, int channels, const float *mv, size_t n,
                     uint8_t *pixels, struct leadseq_trace_report *report)
{
    struct render_geometry g;
    if (render_geometry_fit(&g, drawing, mv, n)) return -1;
    memset(pixels, PAPER, (size_t)drawing->width * (size_t)drawing->height * (size_t)channels);
    struct render_point *points = leadseq_calloc(n, sizeof *points);
    if (!points) return -1;
    render_geometry_map(&g, mv, n, points, report);
    int status = 0;
    if (!g.none) {
        if (drawing->profile == LEADSEQ_PAPER_TEXT || drawing->profile == LEADSEQ_PAPER_CODE)
            render_line_snap(points, n, render_line_width(drawing));
        status = ink_line(drawing, channels, points, render_line_thin(points, n), pixels);
    }
    free(points);
    return status;
}

int render_lead_map(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                    struct leadseq_map *map, int lead)
{
    struct render_geometry g;
    if (render_geometry_fit(&g, drawing, mv, n)) return -1;
    render_geometry_box(drawing, &map->box[lead]);
    render_geometry_fill_map(&g, 0, drawing->width, mv, n, map, lead);
    return 0;
}
