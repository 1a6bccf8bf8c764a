/* SPDX-License-Identifier: MIT
 *
 * Fewer grey levels, for pictures as drawn and as distorted. */
#ifndef RENDER_LEVELS_H
#define RENDER_LEVELS_H

#include "render/render.h"

/* To the levels of the drawing; all pictures of a record. */
void render_levels_reduce(const struct leadseq_drawing *drawing, uint8_t *pixels);

#endif
