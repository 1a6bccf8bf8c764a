/* SPDX-License-Identifier: MIT
 *
 * Between page.c and clinical.c: a clinical page in millimetres. */
#ifndef RENDER_PAGE_H
#define RENDER_PAGE_H

#include "render/render.h"

struct render_page { /* a clinical page, mm from its left and top */
    int rows, columns;
    bool rhythm; /* one more row below */
    double width_mm, height_mm;
    double left_mm, top_mm;     /* where the first column and row begin */
    double pitch_mm, column_mm; /* of a row, of a column */
    double pulse_mm;            /* length of the calibration pulse */
};
void render_page_make(struct render_page *page, const struct leadseq_drawing *drawing);
/* The page's size in pixels at that resolution; the largest resolution that fits. */
void render_page_size(const struct leadseq_drawing *drawing, double dpi, int *width, int *height);
double render_page_dpi(const struct leadseq_drawing *drawing, int width, int height);

#endif
