/* SPDX-License-Identifier: MIT
 *
 * Shadows over a page: dataset3's, and those of the distortion of that name. */
#ifndef RENDER_SHADOW_H
#define RENDER_SHADOW_H

#include "render/render.h"

enum { RENDER_SHADOWS_MOST = 3, RENDER_SHADOW_VERTICES = 5 };
struct render_shadow { /* vertices are middles of pixels */
    int x[RENDER_SHADOW_VERTICES], y[RENDER_SHADOW_VERTICES];
};
/* One to three shadows anywhere on a picture; returns how many. */
int render_shadow_draw(struct render_shadow shadow[RENDER_SHADOWS_MOST], int width, int height,
                       struct leadseq_random *r);
/* Those of dataset3's record. */
int render_shadow_cast(struct render_shadow shadow[RENDER_SHADOWS_MOST],
                       const struct leadseq_drawing *drawing, uint64_t key);
/* Sets those of mask (height, width) to 1 that are in one of n shadows. */
void render_shadow_mark(uint8_t *mask, int width, int height, const struct render_shadow *shadow,
                        int n);
/* Casts dataset3's shadows of that record over an RGB page. */
int render_shadows(const struct leadseq_drawing *drawing, uint64_t key,
                   uint8_t *pixels) LEADSEQ_CHECKED;

#endif
