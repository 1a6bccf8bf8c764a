/* SPDX-License-Identifier: MIT
 *
 * Thermal paper that lay in the sun: the share of ink lost grows evenly from 0 at one border
 * of the sheet to `strength` at the opposite one, in any direction.
 *   v' = 255 - (255 - v) (1 - strength · t),  t = 0 … 1 along the direction */
#include "distortion.h"

#include <math.h>

enum { PAPER = 255 };

int render_fade(struct leadseq_image *image, double strength, struct leadseq_random *r)
{
    double angle = 2 * M_PI * leadseq_random_uniform(r), c = cos(angle), s = sin(angle);
    double w = image->width, h = image->height;
    double reach = fabs(c) * w + fabs(s) * h; // from corner to corner along the direction
    uint8_t *v = image->pixels;
    for (int j = 0; j < image->height; j++)
        for (int i = 0; i < image->width; i++) {
            double t = ((i + 0.5 - w / 2) * c + (j + 0.5 - h / 2) * s) / reach + 0.5;
            double keep = 1 - strength * t;
            for (int k = 0; k < image->channels; k++, v++)
                *v = (uint8_t)(PAPER - (PAPER - *v) * keep + 0.5);
        }
    return 0;
}
