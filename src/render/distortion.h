/* SPDX-License-Identifier: MIT
 *
 * Between distort.c and the distortions, one per file. */
#ifndef RENDER_DISTORTION_H
#define RENDER_DISTORTION_H

#include "render/distort.h"

/* --- warp.c: homographies, row by row ----------------------------------------------- */

void render_warp_point(const double h[9], double *x, double *y);
int render_warp_image(struct leadseq_image *image, const double h[9]) LEADSEQ_CHECKED;

/* --- distort_*.c -------------------------------------------------------------------- */

/* Where the pixels of a picture of that size go, strength in (0, 1]. */
typedef void render_place(double step[9], int width, int height, double strength,
                          struct leadseq_random *r);
/* Changes the values of a picture in place. */
typedef int render_spoil(struct leadseq_image *image, double strength,
                         struct leadseq_random *r) LEADSEQ_CHECKED;
render_place render_rotate, render_tilt, render_crop;
render_spoil render_fade, render_crease, render_shade, render_blur, render_noise, render_block;

#endif
