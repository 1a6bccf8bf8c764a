/* SPDX-License-Identifier: MIT
 *
 * The clinical page in millimetres: where its rows, leads and texts are, and how
 * large it is in pixels. All of it lies on the 5 mm grid, whose lines begin at the
 * left and top of the page:
 *
 *      5   cal            10 s · speed              5
 *     +--+-----+----------------------------------+--+
 *     |  |     |                                  |  | 10
 *     |  | _П_ | I       AVR      V1       V4     |  | pitch
 *     |  | _П_ | II      AVL      V2       V5     |  | pitch
 *     |  | _П_ | III     AVF      V3       V6     |  | pitch
 *     |  | _П_ | II (rhythm)                      |  | pitch
 *     |  |     | 25 mm/s  10 mm/mV                |  | 10
 *     +--+-----+----------------------------------+--+ */
#include "page.h"
#include "trace.h"

#include <math.h>

static const double MARGIN_MM = 5, TOP_MM = 10, FOOT_MM = 10, PULSE_S = 0.2;

static double whole_squares(double mm)
{
    return 5 * ceil(mm / 5 - 1e-9);
}

void render_page_make(struct render_page *p, const struct leadseq_drawing *d)
{
    static const struct {
        int rows, columns;
        double pitch_mv;
    } shape[] = {[LEADSEQ_PRINTOUT_3X4] = {3, 4, 3},
                 [LEADSEQ_PRINTOUT_6X2] = {6, 2, 2.5},
                 [LEADSEQ_PRINTOUT_12X1] = {12, 1, 2}};
    *p = (struct render_page){.rows = shape[d->printout].rows,
                              .columns = shape[d->printout].columns};
    p->rhythm = d->printout == LEADSEQ_PRINTOUT_3X4 && d->rhythm >= 0;
    p->pitch_mm = whole_squares(shape[d->printout].pitch_mv * d->gain_mm_per_mv);
    p->pulse_mm = PULSE_S * d->speed_mm_per_s;
    p->left_mm = MARGIN_MM + (d->calibration ? whole_squares(p->pulse_mm + 5) : 0);
    p->top_mm = TOP_MM;
    p->column_mm = RENDER_SHOWN_S * d->speed_mm_per_s / p->columns;
    p->width_mm = whole_squares(p->left_mm + RENDER_SHOWN_S * d->speed_mm_per_s + MARGIN_MM);
    p->height_mm = p->top_mm + p->pitch_mm * (p->rows + p->rhythm) + FOOT_MM;
}

void render_page_size(const struct leadseq_drawing *d, double dpi, int *width, int *height)
{
    struct render_page p;
    render_page_make(&p, d);
    *width = (int)lround(fmin(p.width_mm * dpi / 25.4, 1e6));
    *height = (int)lround(fmin(p.height_mm * dpi / 25.4, 1e6));
}

double render_page_dpi(const struct leadseq_drawing *d, int width, int height)
{
    struct render_page p;
    render_page_make(&p, d);
    return 25.4 * fmin(width / p.width_mm, height / p.height_mm);
}
