/* SPDX-License-Identifier: MIT
 *
 * Draws float32 millivolts (12, n) from standard input, raw pixels to standard output:
 *   draw_record STYLE PROFILE WIDTH HEIGHT KEY [REPEAT [LEVELS]] < record.f32 > pixels
 * With REPEAT it draws that often and says on stderr how much processor time one record
 * takes. Scripts compare its pictures with those of other programs. */
#include "render/render.h"

#include <stdlib.h>

enum { SAMPLES_MAX = 12 << 17 };

static int fail(void)
{
    fprintf(stderr, "draw_record: %s\n", leadseq_error());
    return 1;
}

static int draw(const struct leadseq_drawing *d, const float *mv, size_t n, uint64_t key,
                int repeat)
{
    uint8_t *pixels = leadseq_calloc(leadseq_drawing_bytes(d), 1);
    if (!pixels) return fail();
    double begin = leadseq_cpu_seconds();
    int status = 0;
    for (int i = 0; i < repeat && !status; i++)
        status = leadseq_draw_record(d, mv, n, key, pixels, NULL, NULL) ? fail() : 0;
    double each = (leadseq_cpu_seconds() - begin) / repeat;
    if (repeat > 1) fprintf(stderr, "%.2f ms a record\n", 1e3 * each);
    size_t bytes = leadseq_drawing_bytes(d);
    if (!status && fwrite(pixels, 1, bytes, stdout) != bytes) status = 1;
    free(pixels);
    return status;
}

int main(int argc, char **argv)
{
    struct leadseq_drawing d;
    enum leadseq_style style;
    enum leadseq_profile profile;
    if (argc < 6) return 2;
    if (leadseq_style_parse(&style, argv[1]) || leadseq_profile_parse(&profile, argv[2]))
        return fail();
    leadseq_drawing_init(&d, style, profile);
    leadseq_drawing_set_size(&d, atoi(argv[3]), atoi(argv[4]));
    d.levels = argc > 7 ? atoi(argv[7]) : 0;
    if (leadseq_drawing_check(&d)) return fail();
    float *mv = leadseq_calloc(SAMPLES_MAX, sizeof *mv);
    if (!mv) return fail();
    size_t n = fread(mv, sizeof *mv, SAMPLES_MAX, stdin) / LEADSEQ_LEADS;
    int status = draw(&d, mv, n, strtoull(argv[5], NULL, 10), argc > 6 ? atoi(argv[6]) : 1);
    free(mv);
    return status;
}
