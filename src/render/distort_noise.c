/* SPDX-License-Identifier: MIT
 *
 * A camera in the dark: to every value its own Gaussian of standard deviation 64 × strength. */
#include "distortion.h"

int render_noise(struct leadseq_image *image, double strength, struct leadseq_random *r)
{
    size_t n = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    double deviation = 64 * strength;
    for (size_t i = 0; i < n; i++) {
        double v = image->pixels[i] + deviation * leadseq_random_normal(r);
        image->pixels[i] = (uint8_t)(v < 0 ? 0 : v > 254.5 ? 255 : v + 0.5);
    }
    return 0;
}
