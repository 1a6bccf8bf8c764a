/* SPDX-License-Identifier: MIT
 *
 * Images as data.augment: fastai2 shows them, and what was drawn for each, for PyTorch to repeat:
 *
 *   augment_dump OUT WIDTH HEIGHT CHANNELS N
 *
 * OUT: the image before, (height, width, channels) bytes; then N times a line "degrees zoom u v x y
 * brightness contrast", followed by the image as float32. */
#include "base/base.h"
#include "dataset/augment.h"

#include <stdlib.h>

/* Paper with lines and greys, other in every colour. */
static void paint(uint8_t *image, int width, int height, int channels)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 5, LEADSEQ_STREAM_SHUFFLE, 0, 0);
    for (int i = 0; i < width * height * channels; i++) {
        const double u = leadseq_random_uniform(&r);
        image[i] = u < 0.6 ? 255 : u < 0.7 ? 0 : (uint8_t)(255 * u);
    }
}

int main(int argc, char **argv)
{
    if (argc != 6) return 2;
    const int width = atoi(argv[2]), height = atoi(argv[3]), channels = atoi(argv[4]);
    const size_t count = (size_t)width * (size_t)height * (size_t)channels;
    struct leadseq_augment strengths;
    FILE *out = fopen(argv[1], "wb");
    uint8_t *image = malloc(count);
    float *values = malloc(count * sizeof *values);
    size_t type = 0;
    while (leadseq_augment_at(type) && leadseq_augment_at(type)->look == NULL) type++;
    void *state = leadseq_augment_at(type)->open(width, height, channels);
    if (!out || !image || !values || !state) return 1;
    leadseq_augment_heartnet(&strengths);
    paint(image, width, height, channels);
    fwrite(image, 1, count, out);
    for (int n = 0; n < atoi(argv[5]); n++) {
        struct dataset_fastai2 v;
        dataset_fastai2_draw(&v, &strengths,
                             &(struct leadseq_augment_key){.seed = 3, .epoch = (uint64_t)n});
        dataset_fastai2_look(state, &v, image, values, 1);
        fprintf(out, "%.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g\n", v.degrees, v.zoom, v.u,
                v.v, v.x, v.y, v.brightness, v.contrast);
        fwrite(values, sizeof *values, count, out);
    }
    leadseq_augment_at(type)->close(state);
    free(values), free(image);
    return fclose(out) ? 1 : 0;
}
