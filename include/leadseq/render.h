/* SPDX-License-Identifier: MIT
 *
 * Millivolts to pixels. Pictures know nothing of networks.
 *
 * Dataset 4 draws each lead alone (all coordinates are fractions of the figure):
 *
 *      0      .125                     .9   1
 *    0 +--------+-----------------------+---+
 *  .12 |        |  axes box, 5 % margin |   |
 *      |        |      trace            |   |
 *  .89 |        +-----------------------+   |
 *    1 +------------------------------------+
 */
#ifndef LEADSEQ_RENDER_H
#define LEADSEQ_RENDER_H

#include <leadseq/signal.h>

enum leadseq_profile { LEADSEQ_PAPER_TEXT, LEADSEQ_PAPER_CODE, LEADSEQ_FIXED_MV };
/* "paper-text" …; -1 and a message for another name. */
int leadseq_profile_parse(enum leadseq_profile *profile, const char *name) LEADSEQ_CHECKED;
const char *leadseq_profile_name(enum leadseq_profile profile);

struct leadseq_drawing {         /* every parameter that decides a pixel */
    enum leadseq_profile profile;
    int width, height;           /* px */
    double range_mv;             /* fixed-mv: -range … +range over the whole height */
    double rate_hz;              /* the signal's rate when drawn: 100 or 500 */
};
/* The defaults of a profile: paper-text 512 × 512 grey, paper-code 640 × 480 RGB,
 * fixed-mv 512 × 512 grey and 2 mV. */
void leadseq_drawing_default(struct leadseq_drawing *drawing, enum leadseq_profile profile);
/* Refuses sizes and ranges that cannot be drawn. */
int leadseq_drawing_check(const struct leadseq_drawing *drawing) LEADSEQ_CHECKED;
/* 1 grey, 3 RGB. */
int leadseq_drawing_channels(const struct leadseq_drawing *drawing);

struct leadseq_trace_report {
    size_t clipped;              /* samples outside the range drawn (fixed-mv) */
    size_t missing;              /* samples that are NaN: the line is broken there */
};

/* Draws one lead's n samples into pixels (height, width, channels). Reentrant.
 * A flat or all-missing lead is drawn as the published code would have drawn it
 * (a level line in the middle; nothing). */
int leadseq_draw_lead(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                      uint8_t *pixels, struct leadseq_trace_report *report) LEADSEQ_CHECKED;

#endif
