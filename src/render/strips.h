/* SPDX-License-Identifier: MIT
 *
 * Between dataset2.c, dataset3.c and strips.c: twelve strips on one page, as published or
 * in one true scale. */
#ifndef RENDER_STRIPS_H
#define RENDER_STRIPS_H

#include "canvas.h"

/* strips.c: true scale. */
int render_strips(const struct leadseq_drawing *d, const float *mv, size_t n,
                  const struct render_sheet *sheet, struct leadseq_trace_report *report,
                  struct leadseq_map *map) LEADSEQ_CHECKED;

/* dataset2.c: what dataset3 has too. */
#define RENDER_DATASET2_PROFILES                                                                   \
    (1u << LEADSEQ_PAPER_CODE | 1u << LEADSEQ_FIXED_MV | 1u << LEADSEQ_TRUE_SCALE)
void render_dataset2_init(struct leadseq_drawing *d);
int render_dataset2_channels(const struct leadseq_drawing *d);
struct leadseq_pen render_dataset2_line(const struct leadseq_drawing *d);
double render_dataset2_range_mv(const struct leadseq_drawing *d);
int render_dataset2_draw(const struct leadseq_drawing *d, const float *mv, size_t n,
                         const struct render_sheet *sheet, struct leadseq_trace_report *report,
                         struct leadseq_map *map) LEADSEQ_CHECKED;

#endif
