/* SPDX-License-Identifier: MIT
 *
 * A trace between its samples and its ink: what is too fine to see is left out,
 * what is missing breaks the line. */
#include "trace.h"

#include <math.h>
#include <string.h>

void render_line_snap(struct render_point *p, size_t n, double width)
{
    enum { MOST = 1024 };
    if (n > MOST) return;
    for (size_t k = 1; k < n; k++)
        if (fabs(p[k].y - p[k - 1].y) >= 1e-4) return;
    double half = (int)floor(width + 0.5) % 2 ? 0.5 : 0;
    for (size_t k = 0; k < n; k++) {
        p[k].x = floor(p[k].x + 0.5) + half;
        p[k].y = floor(p[k].y + 0.5) + half;
    }
}

/* A point on the previous one gives the line no direction. */
static size_t drop_repeated(struct render_point *p, size_t n)
{
    size_t kept = n > 0;
    for (size_t k = 1; k < n; k++)
        if (p[k].x != p[kept - 1].x || p[k].y != p[kept - 1].y) p[kept++] = p[k];
    return kept;
}

size_t render_line_thin(struct render_point *p, size_t n)
{
    enum { FEWEST = 128 }; // shorter lines are drawn point by point
    size_t kept = 0;
    for (size_t k = 0; k < n;) {
        size_t end = k;
        while (end < n && !isnan(p[end].y)) end++;
        size_t m = drop_repeated(p + k, end - k);
        if (n >= FEWEST) m = render_simplify(p + k, m);
        memmove(p + kept, p + k, m * sizeof *p);
        kept += m;
        if (end < n) p[kept++] = p[end];
        k = end + 1;
    }
    return kept;
}

void render_line_stroke(struct render_cover *cover, const struct render_point *p, size_t n,
                        double width)
{
    for (size_t k = 0; k < n;) {
        size_t end = k;
        while (end < n && !isnan(p[end].y)) end++;
        render_stroke(cover, p + k, end - k, width);
        k = end + 1;
    }
}
