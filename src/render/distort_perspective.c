/* SPDX-License-Identifier: MIT
 *
 * The camera looks at an angle: each corner of the sheet moves inward by up to 20 % of
 * the width and of the height, times strength. The homography from the unit square to a
 * quadrangle is Heckbert's (1989). */
#include "distortion.h"
#include "trace.h"

#include <string.h>

static const double MOST = 0.2;

/* p: (4) where (0,0), (1,0), (1,1) and (0,1) go. */
static void from_square(double h[9], const struct render_point p[4])
{
    double dx1 = p[1].x - p[2].x, dx2 = p[3].x - p[2].x;
    double dy1 = p[1].y - p[2].y, dy2 = p[3].y - p[2].y;
    double sx = p[0].x - p[1].x + p[2].x - p[3].x, sy = p[0].y - p[1].y + p[2].y - p[3].y;
    double det = dx1 * dy2 - dx2 * dy1; // not 0: corners move by less than half a side
    double g = (sx * dy2 - dx2 * sy) / det, k = (dx1 * sy - sx * dy1) / det;
    const double found[9] = {p[1].x - p[0].x + g * p[1].x,
                             p[3].x - p[0].x + k * p[3].x,
                             p[0].x,
                             p[1].y - p[0].y + g * p[1].y,
                             p[3].y - p[0].y + k * p[3].y,
                             p[0].y,
                             g,
                             k,
                             1};
    memcpy(h, found, sizeof found);
}

void render_tilt(double step[9], int width, int height, double strength, struct leadseq_random *r)
{
    static const struct render_point corner[4] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    struct render_point to[4];
    for (int i = 0; i < 4; i++) {
        double x = MOST * strength * leadseq_random_uniform(r);
        double y = MOST * strength * leadseq_random_uniform(r);
        to[i].x = width * (corner[i].x + (corner[i].x > 0 ? -x : x));
        to[i].y = height * (corner[i].y + (corner[i].y > 0 ? -y : y));
    }
    double unit[9];
    const double scale[9] = {1.0 / width, 0, 0, 0, 1.0 / height, 0, 0, 0, 1};
    from_square(unit, to);
    memcpy(step, scale, sizeof scale);
    leadseq_warp_multiply(step, unit, step);
}
