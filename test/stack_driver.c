/* SPDX-License-Identifier: MIT
 *
 * Writes a small stack whose values are formulas, or prints what a stack holds:
 *   stack_driver write FILE RECORDS PROFILE
 *   stack_driver show FILE     name, keys, labels, weighted sum of the bytes, one line per record
 * Scripts compare both with what other programs read and write. */
#include "dataset/dataset.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 40, HEIGHT = 24 };

static int fail(void)
{
    fprintf(stderr, "stack_driver: %s\n", leadseq_error());
    return 1;
}

static struct leadseq_stack_row row_of(int i)
{
    struct leadseq_stack_row row = {
        .ecg_id = 10 + 3 * i,
        .patient_id = 500 + i / 2,
        .strat_fold = 1 + i % 10,
        .age_years = i % 4 ? 30 + i : -1,
        .sex = i % 3 - 1,
        .mi = i % 5 == 4 ? 255 : (uint8_t)(i % 2),
        .mi_site = (uint8_t)(i % 16),
        .quality = (uint8_t)(17 * i),
        .mi_likelihood = i % 5 == 4 ? NAN : 12.5f * (float)(i % 9),
    };
    row.superclass[i % LEADSEQ_SUPERCLASSES] = 1;
    snprintf(row.record, sizeof row.record, "record-%03d", i);
    return row;
}

static int write_records(struct leadseq_stack_writer *writer, int n, size_t bytes)
{
    uint8_t *images = leadseq_calloc(bytes, 1);
    int status = images ? 0 : -1;
    for (int i = 0; !status && i < n; i++) {
        struct leadseq_stack_row row = row_of(i);
        for (size_t at = 0; at < bytes; at++)
            images[at] = (uint8_t)(at % 7 ? 255 : (at / 7 + (size_t)i) % 251);
        status = leadseq_stack_append_images(writer, &row, images);
    }
    free(images);
    return status;
}

static int write_stack(const char *path, int n, const char *profile_name)
{
    enum leadseq_profile profile;
    struct leadseq_drawing drawing;
    if (leadseq_profile_parse(&profile, profile_name)) return fail();
    leadseq_drawing_default(&drawing, profile);
    drawing.width = WIDTH, drawing.height = HEIGHT;
    struct leadseq_stack_writer *writer =
        leadseq_stack_create(path, &drawing, "formulas", "stack_driver write");
    if (!writer) return fail();
    size_t bytes =
        (size_t)LEADSEQ_LEADS * WIDTH * HEIGHT * (size_t)leadseq_drawing_channels(&drawing);
    if (write_records(writer, n, bytes)) {
        leadseq_stack_discard(writer);
        return fail();
    }
    return leadseq_stack_commit(writer) ? fail() : 0;
}

static int show(struct leadseq_stack *stack)
{
    size_t bytes = LEADSEQ_LEADS * leadseq_stack_image_bytes(stack);
    uint8_t *images = leadseq_calloc(bytes, 1);
    int status = images ? 0 : fail();
    for (size_t i = 0; !status && i < leadseq_stack_count(stack); i++) {
        const struct leadseq_stack_row *r = &leadseq_stack_rows(stack)[i];
        uint32_t sum = 0;
        if (leadseq_stack_read(stack, i, images)) status = fail();
        for (size_t at = 0; at < bytes; at++) sum += (uint32_t)(at + 1) * images[at];
        printf("%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%g\t", r->record, r->ecg_id, r->patient_id,
               r->strat_fold, r->age_years, r->sex, r->quality, r->mi, r->mi_site,
               (double)r->mi_likelihood);
        for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++) printf("%d", r->superclass[k]);
        printf("\t%u\n", (unsigned)sum);
    }
    free(images);
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "write")) return write_stack(argv[2], atoi(argv[3]), argv[4]);
    if (argc != 3 || strcmp(argv[1], "show")) return 2;
    struct leadseq_stack *stack = leadseq_stack_open(argv[2]);
    if (!stack) return fail();
    int status = show(stack);
    leadseq_stack_close(stack);
    return status;
}
