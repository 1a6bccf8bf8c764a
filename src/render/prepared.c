/* SPDX-License-Identifier: MIT
 *
 * A record as it is in its file to the pictures of a drawing: filters, resampling and the window
 * first, then the style. */
#include "render/render.h"

#include <string.h>

/* PTB-XL names its records by their ecg_id: 00042_lr; -1 for any other name. */
int leadseq_record_ecg_id(const struct leadseq_record *record)
{
    enum { DIGITS = 5 };
    const char *name = record->name;
    char digits[DIGITS + 1] = "";
    int id;
    if (strspn(name, "0123456789") != DIGITS) return -1;
    if (strcmp(name + DIGITS, "_lr") && strcmp(name + DIGITS, "_hr")) return -1;
    memcpy(digits, name, DIGITS);
    return leadseq_parse_int(digits, 0, INT32_MAX, &id) ? id : -1;
}

int leadseq_draw_prepared(const struct leadseq_drawing *drawing,
                          const struct leadseq_record *record, int ecg_id, uint8_t *images,
                          struct leadseq_prepared *told)
{
    struct leadseq_prepared signal;
    if (leadseq_signal_prepare(&signal, record, &drawing->preparation, drawing->rate_hz)) return -1;
    int status = leadseq_draw_record(drawing, signal.mv, signal.n,
                                     leadseq_record_key(ecg_id, record->name), images, NULL, NULL);
    if (told) *told = signal, told->mv = NULL;
    leadseq_prepared_clear(&signal);
    return status;
}
