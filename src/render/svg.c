/* SPDX-License-Identifier: MIT
 *
 * A record as one vector picture, for papers and talks. Grid, names and pulses are what the
 * style's own drawing puts on its canvas; the traces are written from the map of samples, every
 * sample as it is in the record, none left out as too fine to see. Styles with one picture per
 * lead are shown as tiles of a page, three rows of four. */
#include "canvas.h"

#include "page/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 4, ROWS = 3 };

/* --- Traces -------------------------------------------------------------------------- */

struct sheet {
    const struct leadseq_drawing *d;
    const struct leadseq_style_type *type;
    const float *mv;
    struct leadseq_map map;
    struct render_svg svg;
    struct leadseq_trace_report report;
};

/* Only waves that are cut at the lead's own box need it as a clip path. */
static bool write_clip(struct sheet *s, int row)
{
    const struct leadseq_box *b = &s->map.box[row];
    if (s->d->profile == LEADSEQ_TRUE_SCALE ||
        !memchr(s->map.sample + (size_t)row * s->map.n, LEADSEQ_SAMPLE_CLIPPED, s->map.n))
        return false;
    fprintf(s->svg.out,
            "<clipPath id=\"lead%d\"><rect x=\"%.7g\" y=\"%.7g\" width=\"%.7g\" "
            "height=\"%.7g\"/></clipPath>\n",
            row, b->left, b->top, b->right - b->left, b->bottom - b->top);
    return true;
}

/* Every sample shown, by the scale of the lead; missing ones break the line. */
static void write_samples(const struct sheet *s, int row, const float *mv,
                          const struct leadseq_scale *scale)
{
    bool down = false;
    for (size_t k = 0; k < s->map.n; k++) {
        uint8_t sample = s->map.sample[(size_t)row * s->map.n + k];
        bool shown = sample == LEADSEQ_SAMPLE_DRAWN || sample == LEADSEQ_SAMPLE_CLIPPED;
        double y = isnan(scale->dy) ? scale->y0 : scale->y0 + (double)mv[k] * scale->dy;
        if (shown)
            fprintf(s->svg.out, "%c%.8g %.8g", down ? 'L' : 'M', scale->x0 + (double)k * scale->dx,
                    y);
        down = shown;
    }
}

static void write_trace(struct sheet *s, int row)
{
    struct leadseq_scale scale;
    int lead = row < LEADSEQ_LEADS ? row : s->d->rhythm;
    const float *mv = s->mv + (size_t)lead * s->map.n;
    leadseq_map_scale(&s->map, row, mv, &scale);
    if (isnan(scale.x0)) return; // it is not in the picture
    bool clipped = write_clip(s, row);
    const struct leadseq_pen line = s->type->line(s->d);
    fprintf(s->svg.out, "<path id=\"%s%s\" fill=\"none\" stroke-width=\"%.4g\" ",
            row < LEADSEQ_LEADS ? "" : "rhythm-", leadseq_lead_name[lead], line.width);
    if (clipped) fprintf(s->svg.out, "clip-path=\"url(#lead%d)\" ", row);
    if (!s->type->page)
        fprintf(s->svg.out, "transform=\"translate(%d %d)\" ", row % COLUMNS * s->d->width,
                row / COLUMNS * s->d->height);
    fprintf(s->svg.out, "stroke=\"#%02x%02x%02x\" d=\"", line.r, line.g, line.b);
    write_samples(s, row, mv, &scale);
    fputs("\"/>\n", s->svg.out);
}

/* --- The whole -------------------------------------------------------------------------- */

static void write_head(const struct sheet *s, const char *title)
{
    bool tiles = !s->type->page;
    int width = s->d->width * (tiles ? COLUMNS : 1), height = s->d->height * (tiles ? ROWS : 1);
    fprintf(s->svg.out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" stroke-linejoin=\"round\" "
            "stroke-linecap=\"square\">\n<title>",
            width, height, width, height);
    leadseq_html_escape(s->svg.out, title);
    fprintf(s->svg.out, "</title>\n<desc>%s, %s, %g Hz</desc>\n", leadseq_style_name(s->d->style),
            leadseq_profile_name(s->d->profile), s->d->rate_hz);
    fprintf(s->svg.out, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>\n", width, height);
}

/* Where every sample goes, from drawing it once. */
static int find_samples(struct sheet *s, uint64_t key)
{
    uint8_t *pixels = leadseq_calloc(leadseq_drawing_bytes(s->d), 1);
    int status =
        pixels ? leadseq_draw_record(s->d, s->mv, s->map.n, key, pixels, NULL, &s->map) : -1;
    free(pixels);
    return status;
}

static int write_paper(struct sheet *s)
{
    struct render_sheet to = {.svg = &s->svg, .channels = s->type->channels(s->d)};
    if (!s->type->paper) return 0;
    int status = s->type->draw(s->d, s->mv, s->map.n, &to, &s->report, NULL);
    render_svg_end_fill(&s->svg);
    return status;
}

int leadseq_draw_svg(const struct leadseq_drawing *drawing, const float *mv, size_t n, uint64_t key,
                     const char *title, FILE *out)
{
    struct sheet s = {.d = drawing, .mv = mv, .svg.out = out};
    if (leadseq_drawing_check(drawing)) return -1;
    s.type = leadseq_style_types[drawing->style];
    if (leadseq_map_init(&s.map, n)) return -1;
    int status = find_samples(&s, key);
    if (!status) {
        write_head(&s, title);
        status = write_paper(&s);
    }
    for (int row = 0; !status && row < LEADSEQ_MAP_ROWS; row++)
        if (!isnan(s.map.box[row].left)) write_trace(&s, row);
    if (!status && s.type->finish_svg) s.type->finish_svg(drawing, key, out);
    if (!status && (fputs("</svg>\n", out) < 0 || ferror(out)))
        status = leadseq_fail("the picture cannot be written: %s", leadseq_write_reason(out));
    leadseq_map_clear(&s.map);
    return status;
}
