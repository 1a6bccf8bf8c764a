/* SPDX-License-Identifier: MIT
 *
 * Stacks and records to the (lead, row, column[, rgb]) bytes, or the (lead, sample) millivolts,
 * that a run's model was trained on, and from those to rows of predictions. */
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
    if (leadseq_stack_need_images(stack)) return -1;
    if (leadseq_drawing_same(found, p->drawing)) return 0;
    char expected[512], other[512];
    describe(expected, p->drawing);
    describe(other, found);
    return leadseq_fail("%s: expected images as the run was trained on (%s), found %s; render the "
                        "records again",
                        leadseq_stack_path(stack), expected, other);
}

static int check_signals(const struct predictor *p, const struct leadseq_stack *stack)
{
    const struct leadseq_preparation *e = &p->drawing->preparation,
                                     *f = &leadseq_stack_drawing(stack)->preparation;
    const double rate_hz = leadseq_stack_drawing(stack)->rate_hz;
    char expected[128], other[128];
    if (leadseq_stack_need_signals(stack)) return -1;
    if (leadseq_stack_samples(stack) == p->samples && rate_hz == p->drawing->rate_hz &&
        leadseq_preparation_same(e, f))
        return 0;
    return leadseq_fail("%s: expected signals as the run was trained on (%zu samples, %g Hz%s), "
                        "found %zu samples, %g Hz%s; render the records again",
                        leadseq_stack_path(stack), p->samples, p->drawing->rate_hz,
                        leadseq_preparation_text(e, expected), leadseq_stack_samples(stack),
                        rate_hz, leadseq_preparation_text(f, other));
}

/* A record as the run reads it; 1 where it shows nothing, 0 where it does, -1. */
static int read_one(struct predictor *p, struct leadseq_stack *stack, size_t position, void *own)
{
    if (p->samples) {
        if (leadseq_stack_read_signals(stack, position, own)) return -1;
        return leadseq_signal_empty(own, p->samples);
    }
    if (leadseq_stack_read(stack, position, own)) return -1;
    return predict_shows_nothing(p, own);
}

static int answer(struct predictor *p, const void *records, const uint64_t *key, size_t n,
                  float *logits)
{
    return p->samples ? leadseq_run_predict_signals(p->run, records, key, n, logits)
                      : leadseq_run_predict(p->run, records, key, n, logits);
}

static int predict_rows(struct predictor *p, struct leadseq_stack *stack, size_t first, size_t n,
                        char *records)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack) + first;
    uint64_t key[RECORDS_AT_ONCE];
    uint16_t quality[RECORDS_AT_ONCE];
    float logits[RECORDS_AT_ONCE * LEADSEQ_OUTPUTS_MOST];
    for (size_t i = 0; i < n; i++) {
        key[i] = leadseq_record_key(row[i].ecg_id, row[i].record);
        quality[i] = row[i].quality;
        int nothing = read_one(p, stack, first + i, records + i * p->record_bytes);
        if (nothing < 0) return -1;
        if (nothing) quality[i] |= LEADSEQ_QUALITY_EMPTY;
    }
    if (answer(p, records, key, n, logits)) return -1;
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
    int status = p->samples ? check_signals(p, stack) : check_drawing(p, stack);
    char *records = status ? NULL : leadseq_calloc(RECORDS_AT_ONCE, p->record_bytes);
    if (!records) status = -1;
    size_t count = leadseq_stack_count(stack);
    if (!status && alone) p->bar = leadseq_progress_new("predict", "records", count);
    for (size_t first = 0; !status && first < count; first += RECORDS_AT_ONCE) {
        size_t n = count - first < RECORDS_AT_ONCE ? count - first : RECORDS_AT_ONCE;
        status = leadseq_stop_check();
        if (!status) status = predict_rows(p, stack, first, n, records);
        if (!status && alone) leadseq_progress_step(p->bar, n, NULL);
    }
    free(records);
    leadseq_stack_close(stack);
    return status;
}

/* --- Records ---------------------------------------------------------------- */

/* The record as the run reads it: drawn, or its samples. `told` owns no samples afterwards. */
static int make_ready(struct predictor *p, const struct leadseq_record *record, int ecg_id,
                      void *own, struct leadseq_prepared *told)
{
    if (!p->samples) return leadseq_draw_prepared(p->drawing, record, ecg_id, own, told);
    struct leadseq_prepared signal;
    if (leadseq_run_prepare(p->run, record, &signal)) return -1;
    memcpy(own, signal.mv, p->record_bytes);
    *told = signal;
    told->mv = NULL;
    leadseq_prepared_clear(&signal);
    return 0;
}

static int predict_read(struct predictor *p, const struct leadseq_record *record, const char *name,
                        void *own, bool *unreadable)
{
    float logits[LEADSEQ_OUTPUTS_MOST];
    struct leadseq_prepared signal;
    struct leadseq_signal_quality quality;
    int ecg_id = leadseq_record_ecg_id(record);
    const uint64_t key = leadseq_record_key(ecg_id, record->name);
    if (make_ready(p, record, ecg_id, own, &signal)) return -1;
    *unreadable = false; // from here on the record is not to blame
    if (p->only_read) return 0;
    p->upsampled += record->rate_hz < p->drawing->rate_hz * 0.999; // 499.7 and 500 Hz are one
    if (leadseq_signal_quality(&quality, record)) return -1;
    if (answer(p, own, &key, 1, logits)) return -1;
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
    void *own = leadseq_calloc(p->record_bytes, 1);
    if (!own) return -1;
    *unreadable = true;
    struct leadseq_record *record = leadseq_record_open(path);
    int status = record ? predict_read(p, record, name, own, unreadable) : -1;
    if (record && status) status = leadseq_fail_in("%s", path);
    free(own);
    leadseq_record_close(record);
    return status;
}
