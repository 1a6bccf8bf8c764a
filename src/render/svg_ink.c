/* SPDX-License-Identifier: MIT
 *
 * What a canvas puts down, as SVG. */
#include "canvas.h"

#include <string.h>

void render_svg_end_fill(struct render_svg *svg)
{
    if (svg->filling) fputs("\"/>\n", svg->out);
    svg->filling = false;
}

static void begin_colour(FILE *out, const char *attribute, const struct render_colour *c)
{
    fprintf(out, "%s=\"#%02x%02x%02x\"", attribute, c->r, c->g, c->b);
}

/* Rectangles of one colour share a path. */
void render_svg_fill(struct render_svg *svg, double left, double top, double right, double bottom,
                     const struct render_colour *colour)
{
    if (!(left < right && top < bottom)) return;
    if (svg->filling && memcmp(&svg->colour, colour, sizeof *colour)) render_svg_end_fill(svg);
    if (!svg->filling) {
        fputs("<path ", svg->out);
        begin_colour(svg->out, "fill", colour);
        fputs(" d=\"", svg->out);
    }
    svg->filling = true;
    svg->colour = *colour;
    fprintf(svg->out, "M%.6g %.6gH%.6gV%.6gH%.6gz", left, top, right, bottom, left);
}

void render_svg_stroke(struct render_svg *svg, const struct render_point *p, size_t n, double width,
                       const struct render_colour *colour)
{
    render_svg_end_fill(svg);
    fprintf(svg->out, "<path fill=\"none\" stroke-width=\"%.4g\" ", width);
    begin_colour(svg->out, "stroke", colour);
    fputs(" d=\"", svg->out);
    for (size_t k = 0; k < n; k++) fprintf(svg->out, "%c%.6g %.6g", k ? 'L' : 'M', p[k].x, p[k].y);
    fputs("\"/>\n", svg->out);
}
