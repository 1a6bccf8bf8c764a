/* SPDX-License-Identifier: MIT
 *
 * A record to its pictures, in any style; one lead as Dataset 4 draws it. */
#include "canvas.h"
#include "lead.h"
#include "levels.h"

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
    const struct leadseq_style_type *type = leadseq_style_types[drawing->style];
    const struct render_sheet sheet = {.pixels = pixels, .channels = type->channels(drawing)};
    if (type->draw(drawing, mv, n, &sheet, report, map)) return -1;
    if (type->finish && type->finish(drawing, key, pixels)) return -1;
    render_levels_reduce(drawing, pixels);
    return 0;
}

/* The highest bit keeps hashes of names apart from ecg_ids. */
uint64_t leadseq_record_key(int ecg_id, const char *name)
{
    if (ecg_id >= 0) return (uint64_t)ecg_id;
    return leadseq_hash_text(name) | (uint64_t)1 << 63;
}

int leadseq_draw_lead(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                      uint8_t *pixels, struct leadseq_trace_report *report)
{
    struct leadseq_trace_report unused;
    if (!report) report = &unused;
    *report = (struct leadseq_trace_report){0};
    if (leadseq_drawing_check(drawing)) return -1;
    return render_lead_draw(drawing, leadseq_drawing_channels(drawing), mv, n, pixels, report);
}
