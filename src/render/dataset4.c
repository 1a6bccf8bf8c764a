/* SPDX-License-Identifier: MIT
 *
 * Dataset 4: twelve pictures of a record, one lead each. */
#include "canvas.h"
#include "lead.h"

static void init(struct leadseq_drawing *d)
{
    bool code = d->profile == LEADSEQ_PAPER_CODE;
    d->width = code ? 640 : 512;
    d->height = code ? 480 : 512;
}

static int channels(const struct leadseq_drawing *d)
{
    return d->profile == LEADSEQ_PAPER_CODE ? 3 : 1;
}

static struct leadseq_pen line(const struct leadseq_drawing *d)
{
    double width = render_line_width(d);
    return d->profile == LEADSEQ_PAPER_CODE ? (struct leadseq_pen){31, 119, 180, width}
                                            : (struct leadseq_pen){99, 99, 99, width};
}

static int draw(const struct leadseq_drawing *d, const float *mv, size_t n,
                const struct render_sheet *sheet, struct leadseq_trace_report *report,
                struct leadseq_map *map)
{
    size_t bytes = (size_t)d->width * (size_t)d->height * (size_t)sheet->channels;
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        struct leadseq_trace_report one = {0};
        const float *of_lead = mv + (size_t)lead * n;
        if (render_lead_draw(d, sheet->channels, of_lead, n, sheet->pixels + (size_t)lead * bytes,
                             &one) ||
            (map && render_lead_map(d, of_lead, n, map, lead)))
            return leadseq_fail_in("lead %s", leadseq_lead_name[lead]);
        report->clipped += one.clipped;
        report->missing += one.missing;
    }
    return 0;
}

const struct leadseq_style_type render_dataset4 = {
    .name = "dataset4",
    .help = "each lead alone",
    .profiles = 1u << LEADSEQ_PAPER_TEXT | 1u << LEADSEQ_PAPER_CODE | 1u << LEADSEQ_FIXED_MV |
                1u << LEADSEQ_TRUE_SCALE,
    .profile = LEADSEQ_PAPER_TEXT,
    .init = init,
    .channels = channels,
    .line = line,
    .draw = draw,
};
