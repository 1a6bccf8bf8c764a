/* SPDX-License-Identifier: MIT
 *
 * Part of the sheet is not in the picture: 25 % × strength of the width and of the height
 * are cut off, at one side or shared among both, and the rest is drawn to the whole size. */
#include "distortion.h"

#include <string.h>

void render_crop(double step[9], int width, int height, double strength, struct leadseq_random *r)
{
    double cut = 0.25 * strength, scale = 1 / (1 - cut);
    double left = cut * width * leadseq_random_uniform(r);
    double top = cut * height * leadseq_random_uniform(r);
    const double found[9] = {scale, 0, -left * scale, 0, scale, -top * scale, 0, 0, 1};
    memcpy(step, found, sizeof found);
}
