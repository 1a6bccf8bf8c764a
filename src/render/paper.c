/* SPDX-License-Identifier: MIT
 *
 * Millimetre paper: lines every 1 and 5 mm. Lines keep whole pixels, so that all
 * look alike; where a millimetre has less than two pixels, only 5 mm lines are drawn. */
#include "canvas.h"

#include <math.h>

static const double FINE_MM = 0.1, BOLD_MM = 0.2, FEWEST_PX = 2;

/* Half a pixel's place for lines up to a pixel wide, the published figures' rule above. */
static double snapped(double v, double width)
{
    return width <= 1 || (int)floor(width + 0.5) % 2 ? floor(v) + 0.5 : floor(v + 0.5);
}

static void draw_lines(struct render_canvas *c, const struct render_paper *p, double step_mm,
                       double width, const struct render_colour *colour)
{
    double half = width / 2;
    for (int i = 0; i * step_mm <= p->width_mm + 1e-6; i++) {
        double x = snapped(p->left + i * step_mm * p->px_per_mm, width);
        render_canvas_fill(c, x - half, p->top, x + half, p->top + p->height_mm * p->px_per_mm,
                           colour);
    }
    for (int i = 0; i * step_mm <= p->height_mm + 1e-6; i++) {
        double y = snapped(p->top + i * step_mm * p->px_per_mm, width);
        render_canvas_fill(c, p->left, y - half, p->left + p->width_mm * p->px_per_mm, y + half,
                           colour);
    }
}

void render_paper_draw(struct render_canvas *c, const struct render_paper *p,
                       const struct render_colour *fine, const struct render_colour *bold)
{
    if (p->px_per_mm >= FEWEST_PX) draw_lines(c, p, 1, fmax(FINE_MM * p->px_per_mm, 0.5), fine);
    draw_lines(c, p, 5, fmax(BOLD_MM * p->px_per_mm, 0.8), bold);
}
