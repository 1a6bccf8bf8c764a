/* SPDX-License-Identifier: MIT
 *
 * Draws float32 millivolts from standard input, raw pixels to standard output:
 *   draw_lead PROFILE WIDTH HEIGHT [REPEAT] < signal.f32 > pixels
 * With REPEAT it draws that often and says on stderr how long one picture takes.
 * Scripts compare its pictures with those of other programs. */
#include "render/render.h"

#include <stdlib.h>

enum { SAMPLES_MAX = 1 << 20 };

static int fail(void)
{
    fprintf(stderr, "draw_lead: %s\n", leadseq_error());
    return 1;
}

static int draw(const struct leadseq_drawing *d, const float *mv, size_t n, int repeat)
{
    size_t bytes = (size_t)d->width * (size_t)d->height * (size_t)leadseq_drawing_channels(d);
    uint8_t *pixels = leadseq_calloc(bytes, 1);
    struct leadseq_trace_report report;
    if (!pixels) return fail();
    double begin = leadseq_seconds();
    int status = 0;
    for (int i = 0; i < repeat && !status; i++)
        status = leadseq_draw_lead(d, mv, n, pixels, &report) ? fail() : 0;
    double each = (leadseq_seconds() - begin) / repeat;
    if (repeat > 1) fprintf(stderr, "%.1f us a picture\n", 1e6 * each);
    if (!status && fwrite(pixels, 1, bytes, stdout) != bytes) status = 1;
    free(pixels);
    return status;
}

int main(int argc, char **argv)
{
    struct leadseq_drawing d;
    enum leadseq_profile profile;
    if (argc < 4) return 2;
    if (leadseq_profile_parse(&profile, argv[1])) return fail();
    leadseq_drawing_default(&d, profile);
    d.width = atoi(argv[2]);
    d.height = atoi(argv[3]);
    if (leadseq_drawing_check(&d)) return fail();
    float *mv = leadseq_calloc(SAMPLES_MAX, sizeof *mv);
    if (!mv) return fail();
    size_t n = fread(mv, sizeof *mv, SAMPLES_MAX, stdin);
    int status = draw(&d, mv, n, argc > 4 ? atoi(argv[4]) : 1);
    free(mv);
    return status;
}
