/* SPDX-License-Identifier: MIT
 *
 * Reads a WFDB record and draws its leads through the library: one PGM picture per lead.
 *
 *   cc leads.c $(pkg-config --cflags --libs leadseq) -lm -o leads
 *   ./leads records100/00000/00001_lr pictures */
#include <leadseq/leadseq.h>

#include <math.h>
#include <stdlib.h>

static void print_lead(const struct leadseq_record *record, int lead)
{
    const float *mv = record->mv + (size_t)lead * record->n_samples;
    float least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < record->n_samples; i++) {
        least = fminf(least, mv[i]); /* a missing sample is NaN, which fminf() ignores */
        most = fmaxf(most, mv[i]);
    }
    printf("%-4s %7.3f to %6.3f mV\n", leadseq_lead_name[lead], (double)least, (double)most);
}

/* FOLDER/I.pgm and so on, from pixels (12, height, width). */
static int write_pictures(const char *folder, const struct leadseq_drawing *d,
                          const uint8_t *pixels)
{
    size_t bytes = leadseq_drawing_image_bytes(d);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.pgm", folder, leadseq_lead_name[lead]);
        FILE *out = fopen(path, "wb");
        if (!out) return -1;
        fprintf(out, "P5 %d %d 255\n", d->width, d->height);
        size_t written = fwrite(pixels + (size_t)lead * bytes, 1, bytes, out);
        if (fclose(out) || written != bytes) return -1;
    }
    return 0;
}

static int draw(const struct leadseq_record *record, const char *folder)
{
    struct leadseq_drawing d;
    leadseq_drawing_default(&d, LEADSEQ_PAPER_TEXT);
    leadseq_drawing_set_size(&d, 256, 192);
    uint8_t *pixels = malloc(leadseq_drawing_bytes(&d));
    int status = pixels ? leadseq_draw_prepared(&d, record, -1, pixels, NULL) : -1;
    if (!status && write_pictures(folder, &d, pixels)) {
        fprintf(stderr, "leads: %s: the pictures cannot be written there\n", folder);
        status = 1;
    }
    free(pixels);
    return status;
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: leads RECORD [FOLDER]\n");
        return 2;
    }
    struct leadseq_record *record = leadseq_record_open(argv[1]);
    int status = record ? 0 : -1;
    if (record) {
        printf("%s: %zu samples at %g Hz\n", record->name, record->n_samples, record->rate_hz);
        for (int lead = 0; lead < LEADSEQ_LEADS; lead++) print_lead(record, lead);
        if (argc == 3) status = draw(record, argv[2]);
    }
    if (status < 0) fprintf(stderr, "leads: %s\n", leadseq_error());
    leadseq_record_close(record);
    return status ? 1 : 0;
}
