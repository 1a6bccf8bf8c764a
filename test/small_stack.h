/* SPDX-License-Identifier: MIT
 *
 * A small stack whose every pixel and label is known by a formula, for tests. */
#ifndef SMALL_STACK_H
#define SMALL_STACK_H

#include "dataset/dataset.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SMALL_WIDTH = 40, SMALL_HEIGHT = 24, SMALL_FIRST_ID = 100 };

static char small_folder[64], small_path[96];

static inline void small_begin(void)
{
    strcpy(small_folder, "/tmp/leadseq-stack-XXXXXX");
    cr_assert(mkdtemp(small_folder));
    snprintf(small_path, sizeof small_path, "%s/small.h5", small_folder);
}

static inline void small_end(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", small_folder);
    cr_assert_eq(system(command), 0);
}

static inline struct leadseq_drawing small_drawing(enum leadseq_profile profile)
{
    struct leadseq_drawing drawing;
    leadseq_drawing_default(&drawing, profile);
    drawing.width = SMALL_WIDTH;
    drawing.height = SMALL_HEIGHT;
    return drawing;
}

/* Mostly white, as a drawing is. `at` counts bytes within the lead. */
static inline uint8_t small_pixel(size_t record, size_t lead, size_t at)
{
    size_t mixed = (record * 7919 + lead * 104729 + at * 31) % 997;
    return mixed < 100 ? (uint8_t)(mixed * 2) : 255;
}

static inline struct leadseq_stack_row small_row(size_t record)
{
    struct leadseq_stack_row row = {
        .ecg_id = SMALL_FIRST_ID + (int)record,
        .patient_id = 5000 + (int)(record / 2),
        .strat_fold = 1 + (int)(record / 2 % 10),
        .age_years = record % 5 ? 40 + (int)record % 50 : -1,
        .sex = (int)record % 2,
        .mi = record % 3 == 0,
        .mi_site = record % 3 == 0 ? LEADSEQ_SITE_INFERIOR : 0,
        .quality = (uint8_t)(record % 256),
        .mi_likelihood = record % 3 == 0 ? 80 : 0,
    };
    row.superclass[record % 3 == 0 ? LEADSEQ_MI : LEADSEQ_NORM] = 1;
    snprintf(row.record, sizeof row.record, "%05d_lr", row.ecg_id);
    return row;
}

static inline void small_images(size_t record, size_t lead_bytes, uint8_t *images)
{
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
        for (size_t at = 0; at < lead_bytes; at++)
            images[lead * lead_bytes + at] = small_pixel(record, lead, at);
}

/* Writes n records to small_path. */
static inline void small_write(enum leadseq_profile profile, size_t n)
{
    struct leadseq_drawing drawing = small_drawing(profile);
    size_t lead_bytes =
        (size_t)SMALL_WIDTH * SMALL_HEIGHT * (size_t)leadseq_drawing_channels(&drawing);
    uint8_t *images = malloc(LEADSEQ_LEADS * lead_bytes);
    struct leadseq_stack_writer *writer =
        leadseq_stack_create(small_path, &drawing, "formula, crc32:00000000", "test");
    cr_assert(writer, "%s", leadseq_error());
    for (size_t i = 0; i < n; i++) {
        struct leadseq_stack_row row = small_row(i);
        small_images(i, lead_bytes, images);
        cr_assert_eq(leadseq_stack_append_images(writer, &row, images), 0, "%s", leadseq_error());
    }
    cr_assert_eq(leadseq_stack_commit(writer), 0, "%s", leadseq_error());
    free(images);
}

static inline struct leadseq_stack *small_open(void)
{
    struct leadseq_stack *stack = leadseq_stack_open(small_path);
    cr_assert(stack, "%s", leadseq_error());
    return stack;
}

#endif
