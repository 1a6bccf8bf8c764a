/* SPDX-License-Identifier: MIT
 *
 * Shadows over the sheet, shaped as Dataset 3's (shadow.c); inside of them lightness is multiplied
 * by 1 - strength. Hue and saturation, as HLS has them, stay:
 *   L = (max + min)/2,  S = (max - min)/(1 - |2L - 1|),  v' = L' + (v - L) S (1 - |2L' - 1|)/(max -
 * min) */
#include "render_private.h"

#include <math.h>
#include <stdlib.h>

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

int render_shade(struct leadseq_image *image, double strength, struct leadseq_random *r)
{
    size_t n = (size_t)image->width * (size_t)image->height, channels = (size_t)image->channels;
    uint8_t *mask = leadseq_calloc(n, 1);
    if (!mask) return -1;
    struct render_shadow shadow[RENDER_SHADOWS_MOST];
    int count = render_shadow_draw(shadow, image->width, image->height, r);
    render_shadow_mark(mask, image->width, image->height, shadow, count);
    for (size_t i = 0; i < n; i++)
        if (mask[i]) shade_pixel(image->pixels + i * channels, image->channels, 1 - strength);
    free(mask);
    return 0;
}
