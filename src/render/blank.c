/* SPDX-License-Identifier: MIT
 *
 * Pictures of one colour, which show nothing, of any origin. */
#include "render/render.h"

#include <string.h>

static bool is_blank(const uint8_t *image, size_t bytes, size_t channels)
{
    return !memcmp(image, image + channels, bytes - channels);
}

int leadseq_drawing_blank(const struct leadseq_drawing *drawing, const uint8_t *images)
{
    size_t bytes = leadseq_drawing_image_bytes(drawing);
    int blank = 0;
    for (int i = 0; i < leadseq_drawing_images(drawing); i++)
        blank +=
            is_blank(images + (size_t)i * bytes, bytes, (size_t)leadseq_drawing_channels(drawing));
    return blank;
}
