/* SPDX-License-Identifier: MIT
 *
 * Shadows over the sheet, shaped as Dataset 3's (shadow.c); inside of them the light is multiplied
 * by 1 - strength, each of red, green and blue alike, as less light on paper does. (Dataset 3
 * itself halves the lightness of hue, lightness and saturation, which makes pale pink deep red.) */
#include "distortion.h"
#include "shadow.h"

#include <stdlib.h>

int render_shade(struct leadseq_image *image, double strength, struct leadseq_random *r)
{
    size_t n = (size_t)image->width * (size_t)image->height, channels = (size_t)image->channels;
    uint8_t *mask = leadseq_calloc(n, 1);
    if (!mask) return -1;
    struct render_shadow shadow[RENDER_SHADOWS_MOST];
    int count = render_shadow_draw(shadow, image->width, image->height, r);
    render_shadow_mark(mask, image->width, image->height, shadow, count);
    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < channels && mask[i]; c++) {
            uint8_t *v = image->pixels + i * channels + c;
            *v = (uint8_t)(*v * (1 - strength) + 0.5);
        }
    free(mask);
    return 0;
}
