/* SPDX-License-Identifier: MIT
 *
 * A record to its pictures: each lead alone, or all on one page. */
#include "render_private.h"

static int draw_leads(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                      const struct render_sheet *sheet, struct leadseq_trace_report *report,
                      struct leadseq_map *map)
{
    size_t bytes = leadseq_drawing_image_bytes(drawing);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        struct leadseq_trace_report one;
        const float *of_lead = mv + (size_t)lead * n;
        if (leadseq_draw_lead(drawing, of_lead, n, sheet->pixels + (size_t)lead * bytes, &one) ||
            (map && render_lead_map(drawing, of_lead, n, map, lead)))
            return leadseq_fail_in("lead %s", leadseq_lead_name[lead]);
        report->clipped += one.clipped;
        report->missing += one.missing;
    }
    return 0;
}

render_draw *render_style_function(const struct leadseq_drawing *d)
{
    if (d->style == LEADSEQ_DATASET4) return draw_leads;
    if (d->style == LEADSEQ_DATASET1) return render_dataset1;
    if (d->style == LEADSEQ_CLINICAL) return render_clinical;
    return d->profile == LEADSEQ_TRUE_SCALE ? render_strips : render_dataset2;
}

int leadseq_draw_record(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                        uint64_t key, uint8_t *pixels, struct leadseq_trace_report *report,
                        struct leadseq_map *map)
{
    struct leadseq_trace_report unused;
    if (!report) report = &unused;
    *report = (struct leadseq_trace_report){0};
    if (leadseq_drawing_check(drawing)) return -1;
    if (map && map->n != n)
        return leadseq_fail("the map has room for %zu samples, the record has %zu", map->n, n);
    if (map) render_map_empty(map);
    const struct render_sheet sheet = {.pixels = pixels};
    if (render_style_function(drawing)(drawing, mv, n, &sheet, report, map)) return -1;
    if (drawing->style == LEADSEQ_DATASET3 && render_shadows(drawing, key, pixels)) return -1;
    render_levels_reduce(drawing, pixels);
    return 0;
}

/* The highest bit keeps hashes of names apart from ecg_ids. */
uint64_t leadseq_record_key(int ecg_id, const char *name)
{
    if (ecg_id >= 0) return (uint64_t)ecg_id;
    return leadseq_hash_text(name) | (uint64_t)1 << 63;
}
