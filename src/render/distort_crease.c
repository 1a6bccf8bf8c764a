/* SPDX-License-Identifier: MIT
 *
 * The sheet was folded once and laid flat again: along a line nearly upright or level,
 * through the middle three fifths, ink is rubbed off; the raised paper beside it is in the shade.
 * With d the distance from the fold, positive on the side away from the light,
 *   rubbed:  v' = v + (255 - v) · strength · max(0, 1 - |d| / c),   c = 1.5 px at 640 of width
 *   shaded:  v'' = v' (1 - strength · (d > 0 ? .6 e^(-d/L) : .25 e^(2d/L))),  L = side / 40 */
#include "distortion.h"

#include <math.h>

enum { PAPER = 255 };

struct fold {
    double x, y, nx, ny, core, reach, strength;
};

static struct fold fold_make(const struct leadseq_image *image, double strength,
                             struct leadseq_random *r)
{
    int side = image->width < image->height ? image->width : image->height;
    double level = leadseq_random_uniform(r) < 0.5 ? M_PI / 2 : 0;
    double way = leadseq_random_uniform(r) < 0.5 ? M_PI : 0;
    double tilt = (2 * leadseq_random_uniform(r) - 1) * 5 * M_PI / 180;
    return (struct fold){
        .x = image->width * (0.2 + 0.6 * leadseq_random_uniform(r)),
        .y = image->height * (0.2 + 0.6 * leadseq_random_uniform(r)),
        .nx = cos(level + way + tilt),
        .ny = sin(level + way + tilt),
        .core = fmax(1.5 * image->width / 640, 0.75),
        .reach = side / 40.0,
        .strength = strength,
    };
}

static double value_beside(const struct fold *f, double v, double d)
{
    double rubbed = 1 - fabs(d) / f->core;
    if (rubbed > 0) v += (PAPER - v) * f->strength * rubbed;
    double shade = d > 0 ? 0.6 * exp(-d / f->reach) : 0.25 * exp(2 * d / f->reach);
    return v * (1 - f->strength * shade);
}

int render_crease(struct leadseq_image *image, double strength, struct leadseq_random *r)
{
    struct fold f = fold_make(image, strength, r);
    double far = 8 * f.reach; // the shade is below 1/2 of 255 there
    uint8_t *v = image->pixels;
    for (int j = 0; j < image->height; j++)
        for (int i = 0; i < image->width; i++) {
            double d = (i + 0.5 - f.x) * f.nx + (j + 0.5 - f.y) * f.ny;
            for (int k = 0; k < image->channels; k++, v++)
                if (fabs(d) < far) *v = (uint8_t)(value_beside(&f, *v, d) + 0.5);
        }
    return 0;
}
