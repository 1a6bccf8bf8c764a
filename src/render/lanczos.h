/* SPDX-License-Identifier: MIT
 *
 * Between lanczos.c and dataset1.c. */
#ifndef RENDER_LANCZOS_H
#define RENDER_LANCZOS_H

#include "render/render.h"

/* A grey picture (height, width) to (to_height, to_width), rows of which begin `stride` apart. */
int render_lanczos(const uint8_t *from, int width, int height, uint8_t *pixels, int to_width,
                   int to_height, size_t stride) LEADSEQ_CHECKED;

#endif
