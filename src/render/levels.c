/* SPDX-License-Identifier: MIT
 *
 * Fewer grey levels, for smaller stacks: every value becomes the nearest of `levels` that lie
 * evenly from 0 to 255, so that paper stays white; of two as near, the darker. */
#include "levels.h"

void render_levels_reduce(const struct leadseq_drawing *drawing, uint8_t *pixels)
{
    uint8_t nearest[256];
    int most = drawing->levels - 1;
    if (drawing->levels == 0) return;
    for (int v = 0; v < 256; v++) {
        int level = (v * most + 127) / 255;
        nearest[v] = (uint8_t)((level * 255 + most / 2) / most);
    }
    size_t n = leadseq_drawing_bytes(drawing);
    for (size_t i = 0; i < n; i++) pixels[i] = nearest[pixels[i]];
}
