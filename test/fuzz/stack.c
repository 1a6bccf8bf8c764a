/* SPDX-License-Identifier: MIT
 *
 * Stacks that hold other things than a stack does: what opens has as many labels as records, keys
 * that differ, and pixels that are its own. */
#include "store.h"

#include "dataset/dataset.h"

enum { SIDE = 8, RECORDS = 3, BYTES = LEADSEQ_LEADS * SIDE * SIDE, SAMPLES = 10 };

static void make(const char *path)
{
    struct leadseq_drawing drawing;
    uint8_t images[BYTES];
    leadseq_drawing_default(&drawing, LEADSEQ_FIXED_MV);
    drawing.width = drawing.height = SIDE;
    drawing.preparation.window_s = .1;
    const struct leadseq_stack_plan plan = {.drawing = &drawing, .images = true, .signals = true};
    float mv[LEADSEQ_LEADS * SAMPLES];
    struct leadseq_stack_writer *w = leadseq_stack_begin(path, &plan, "seed", "fuzz");
    fuzz_require(w, "created");
    for (int i = 0; i < RECORDS; i++) {
        struct leadseq_stack_row row;
        leadseq_stack_row_init(&row);
        row.ecg_id = 10 + i, row.patient_id = i, row.strat_fold = 1 + i, row.mi = i % 2 != 0;
        for (int k = 0; k < LEADSEQ_SUPERCLASSES; k++) row.superclass[k] = k == (row.mi ? 1 : 0);
        snprintf(row.record, sizeof row.record, "%05d_lr", i);
        for (int k = 0; k < BYTES; k++) images[k] = (uint8_t)(k * 7 % 151);
        for (int k = 0; k < LEADSEQ_LEADS * SAMPLES; k++) mv[k] = (float)(k % 13) / 8;
        fuzz_require(!leadseq_stack_append_record(w, &row, images, mv), "appended");
    }
    fuzz_require(!leadseq_stack_commit(w), "committed");
}

static const struct fuzz_store *valid(void)
{
    static struct fuzz_store store;
    return fuzz_store_made(&store, make);
}

static bool is_secret(const uint8_t *images, size_t n)
{
    size_t i = 0;
    while (i < n && images[i] == FUZZ_SECRET) i++;
    return i == n;
}

static void check(struct leadseq_stack *stack)
{
    size_t n = leadseq_stack_count(stack),
           bytes = leadseq_stack_image_bytes(stack) * (size_t)leadseq_stack_images(stack);
    const size_t samples = leadseq_stack_samples(stack);
    fuzz_require(bytes < 1 << 28 && (bytes > 0 || samples > 0), "%zu bytes", bytes);
    for (size_t k = 0; k < leadseq_stack_labels(stack); k++) {
        const uint8_t *label = leadseq_stack_label(stack, leadseq_stack_label_name(stack, k));
        fuzz_require(label, "label %zu", k);
        for (size_t i = 0; i < n; i++)
            fuzz_require(label[i] <= 1 || label[i] == LEADSEQ_UNKNOWN, "%d", label[i]);
    }
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    for (size_t i = 0; i < n; i++)
        fuzz_require(memchr(row[i].record, '\0', sizeof row[i].record), "record %zu", i);
    float *mv = samples && samples < 1 << 16 ? malloc(LEADSEQ_LEADS * samples * sizeof *mv) : NULL;
    for (size_t i = 0; mv && i < n && i < 4; i++)
        if (leadseq_stack_read_signals(stack, i, mv))
            fuzz_refused();
        else
            fuzz_require(!is_secret((const uint8_t *)mv, LEADSEQ_LEADS * samples * sizeof *mv),
                         "another file's bytes are handed out");
    free(mv);
    uint8_t *images = bytes && bytes < 1 << 20 ? malloc(bytes) : NULL;
    for (size_t i = 0; images && i < n && i < 4; i++)
        if (leadseq_stack_read(stack, i, images))
            fuzz_refused();
        else
            fuzz_require(!is_secret(images, bytes), "another file's bytes are handed out");
    free(images);
}

static void run(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    struct leadseq_stack *stack = leadseq_stack_open(fuzz_store_change(valid(), &in));
    if (stack)
        check(stack);
    else
        fuzz_refused();
    leadseq_stack_close(stack);
}

static void seeds(void)
{
    fuzz_store_seeds(valid());
}

const struct fuzz_harness fuzz_stack = {"stack", "stacks (HDF5)", run, seeds};
