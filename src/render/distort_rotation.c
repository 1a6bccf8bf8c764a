/* SPDX-License-Identifier: MIT
 *
 * The sheet lies askew: turned about the middle of the picture by 15° × strength, either way. */
#include "distortion.h"

#include <math.h>
#include <string.h>

void render_rotate(double step[9], int width, int height, double strength, struct leadseq_random *r)
{
    double way = leadseq_random_uniform(r) < 0.5 ? -1 : 1;
    double angle = way * strength * 15 * M_PI / 180, c = cos(angle), s = sin(angle);
    double x = width / 2.0, y = height / 2.0;
    const double turn[9] = {c, -s, x - c * x + s * y, s, c, y - s * x - c * y, 0, 0, 1};
    memcpy(step, turn, sizeof turn);
}
