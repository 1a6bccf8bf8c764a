/* SPDX-License-Identifier: MIT
 *
 * Between lead.c and the styles that draw one lead per picture or tile. */
#ifndef RENDER_LEAD_H
#define RENDER_LEAD_H

#include "trace.h"

/* Draws one lead as Dataset 4 does; adds to the report. 1 or 3 channels. */
int render_lead_draw(const struct leadseq_drawing *drawing, int channels, const float *mv, size_t n,
                     uint8_t *pixels, struct leadseq_trace_report *report) LEADSEQ_CHECKED;
/* Fills row `lead` of the map and its box, as render_lead_draw() draws. */
int render_lead_map(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                    struct leadseq_map *map, int lead) LEADSEQ_CHECKED;

#endif
