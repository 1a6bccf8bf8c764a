/* SPDX-License-Identifier: MIT
 *
 * Stacks and records to the (lead, row, column[, rgb]) bytes a run's model was trained on, and
 * from those to rows of predictions. */
#include "predict.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS_AT_ONCE = 16 };

/* --- Stacks ---------------------------------------------------------------- */

/* "dataset4, paper-text, 512x512, 100 Hz" */
static void describe(char text[512], const struct leadseq_drawing *d)
{
    char prepared[128], more[256];
    snprintf(text, 512, "%s, %s, %dx%d, %g Hz%s%s", leadseq_style_name(d->style),
             leadseq_profile_name(d->profile), d->width, d->height, d->rate_hz,
             leadseq_preparation_text(&d->preparation, prepared), leadseq_drawing_text(d, more));
}

static int check_drawing(const struct predictor *p, const struct leadseq_stack *stack)
{
    const struct leadseq_drawing *found = leadseq_stack_drawing(stack);
    if (leadseq_drawing_same(found, p->drawing)) return 0;
    char expected[512], other[512];
    describe(expected, p->drawing);
    describe(other, found);
    return leadseq_fail("%s: expected images as the run was trained on (%s), found %s; render the "
                        "records again",
                        leadseq_stack_path(stack), expected, other);
}

static int predict_rows(struct predictor *p, struct leadseq_stack *stack, size_t first, size_t n,
                        uint8_t *images)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack) + first;
    uint64_t key[RECORDS_AT_ONCE];
    uint16_t quality[RECORDS_AT_ONCE];
    float logits[RECORDS_AT_ONCE * LEADSEQ_OUTPUTS_MOST];
    for (size_t i = 0; i < n; i++) {
        uint8_t *own = images + i * p->record_bytes;
        key[i] = leadseq_record_key(row[i].ecg_id, row[i].record);
        quality[i] = row[i].quality;
        if (leadseq_stack_read(stack, first + i, own)) return -1;
        int nothing = predict_shows_nothing(p, own);
        if (nothing < 0) return -1;
        if (nothing) quality[i] |= LEADSEQ_QUALITY_EMPTY;
    }
    if (leadseq_run_predict(p->run, images, key, n, logits)) return -1;
    for (size_t i = 0; i < n; i++) {
        const struct predicted of = {row[i].record, row[i].ecg_id, quality[i], .leads = NULL};
        if (predict_row(p, &of, logits + i * (size_t)p->task->outputs, false))
            return leadseq_fail_in("%s", leadseq_stack_path(stack));
    }
    return 0;
}

int predict_stack(struct predictor *p, const char *path, bool alone)
{
    struct leadseq_stack *stack = leadseq_stack_open(path);
    if (!stack) return -1;
    int status = check_drawing(p, stack);
    uint8_t *images = status ? NULL : leadseq_calloc(RECORDS_AT_ONCE, p->record_bytes);
    if (!images) status = -1;
    size_t count = leadseq_stack_count(stack);
    if (!status && alone) p->bar = leadseq_progress_new("predict", "records", count);
    for (size_t first = 0; !status && first < count; first += RECORDS_AT_ONCE) {
        size_t n = count - first < RECORDS_AT_ONCE ? count - first : RECORDS_AT_ONCE;
        status = leadseq_stop_check();
        if (!status) status = predict_rows(p, stack, first, n, images);
        if (!status && alone) leadseq_progress_step(p->bar, n, NULL);
    }
    free(images);
    leadseq_stack_close(stack);
    return status;
}

/* --- Records ---------------------------------------------------------------- */

static int predict_drawn(struct predictor *p, const struct leadseq_record *record, const char *name,
                         uint8_t *images, bool *unreadable)
{
    float logits[LEADSEQ_OUTPUTS_MOST];
    struct leadseq_prepared signal;
    struct leadseq_signal_quality quality;
    int ecg_id = leadseq_record_ecg_id(record);
    const uint64_t key = leadseq_record_key(ecg_id, record->name);
    if (leadseq_draw_prepared(p->drawing, record, ecg_id, images, &signal)) return -1;
    *unreadable = false; // from here on the record is not to blame
    if (p->only_read) return 0;
    p->upsampled += record->rate_hz < p->drawing->rate_hz * 0.999; // 499.7 and 500 Hz are one
    if (leadseq_signal_quality(&quality, record)) return -1;
    if (leadseq_run_predict(p->run, images, &key, 1, logits)) return -1;
    if (signal.empty) quality.bits |= LEADSEQ_QUALITY_EMPTY;
    const struct predicted of = {.name = name ? name : record->name,
                                 .ecg_id = ecg_id,
                                 .quality = quality.bits,
                                 .is_short = signal.padded,
                                 .missing = signal.missing};
    return predict_row(p, &of, logits, false);
}

int predict_record(struct predictor *p, const char *path, const char *name, bool *unreadable)
{
    *unreadable = false;
    uint8_t *images = leadseq_calloc(p->record_bytes, 1);
    if (!images) return -1;
    *unreadable = true;
    struct leadseq_record *record = leadseq_record_open(path);
    int status = record ? predict_drawn(p, record, name, images, unreadable) : -1;
    if (record && status) status = leadseq_fail_in("%s", path);
    free(images);
    leadseq_record_close(record);
    return status;
}
