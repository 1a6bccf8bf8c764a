/* SPDX-License-Identifier: MIT
 *
 * Shadows over the sheet: 1 to 3 polygons of five corners anywhere in the picture, inside of
 * which (even-odd, by pixel centres; where they overlap, once) lightness is multiplied by
 * 1 - strength. Hue and saturation, as HLS has them, stay:
 *   L = (max + min)/2,  S = (max - min)/(1 - |2L - 1|),  v' = L' + (v - L) S (1 - |2L' - 1|)/(max -
 * min) */
#include "render_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CORNERS = 5, SHADOWS_MOST = 3 };

static void shade_pixel(uint8_t *v, int channels, double factor)
{
    if (channels == 1) {
        *v = (uint8_t)(*v * factor + 0.5);
        return;
    }
    double high = fmax(v[0], fmax(v[1], v[2])) / 255, low = fmin(v[0], fmin(v[1], v[2])) / 255;
    double light = (high + low) / 2, less = light * factor, ratio = 0;
    if (high > low) ratio = (1 - fabs(2 * less - 1)) / (1 - fabs(2 * light - 1));
    for (int c = 0; c < 3; c++) {
        double value = less + (v[c] / 255.0 - light) * ratio;
        v[c] = (uint8_t)(255 * fmin(fmax(value, 0), 1) + 0.5);
    }
}

/* Marks in `row` the pixels of row j whose centres are inside. */
static void mark_row(const struct render_point *p, int j, int width, uint8_t *row)
{
    double y = j + 0.5;
    for (int i = 0; i < width; i++) {
        bool inside = false;
        for (int a = 0, b = CORNERS - 1; a < CORNERS; b = a++)
            if ((p[a].y > y) != (p[b].y > y) &&
                i + 0.5 < p[a].x + (y - p[a].y) / (p[b].y - p[a].y) * (p[b].x - p[a].x))
                inside = !inside;
        row[i] |= inside;
    }
}

int render_shade(struct leadseq_image *image, double strength, struct leadseq_random *r)
{
    struct render_point p[SHADOWS_MOST][CORNERS];
    int n = 1 + (int)leadseq_random_below(r, SHADOWS_MOST);
    for (int s = 0; s < n; s++)
        for (int i = 0; i < CORNERS; i++) {
            p[s][i].x = image->width * leadseq_random_uniform(r);
            p[s][i].y = image->height * leadseq_random_uniform(r);
        }
    uint8_t *row = leadseq_calloc((size_t)image->width, 1);
    if (!row) return -1;
    uint8_t *v = image->pixels;
    for (int j = 0; j < image->height; j++) {
        memset(row, 0, (size_t)image->width);
        for (int s = 0; s < n; s++) mark_row(p[s], j, image->width, row);
        for (int i = 0; i < image->width; i++, v += image->channels)
            if (row[i]) shade_pixel(v, image->channels, 1 - strength);
    }
    free(row);
    return 0;
}
