/* SPDX-License-Identifier: MIT
 *
 * Millivolts to pixels.
 *
 *   style      what one picture shows                                 pictures a record
 *   dataset4   one lead                                                              12
 *   dataset1   3 × 4 tiles, a lead each, row by row (I II III AVR / …)                1
 *   dataset2   twelve strips, one below the other, each over a grid                   1
 *   dataset3   dataset2 with shadows cast over it                                     1
 *   clinical   a printer's page: mm/s, mm/mV, grid, lead names, calibration           1
 *
 * Dataset 4 draws each lead alone (all coordinates are fractions of the figure):
 *
 *      0      .125                     .9   1
 *    0 +--------+-----------------------+---+
 *  .12 |        |  axes box, 5 % margin |   |
 *      |        |      trace            |   |
 *  .89 |        +-----------------------+   |
 *    1 +------------------------------------+
 *
 * Pixel (i, j) covers [i, i+1) × [j, j+1); x runs right, y runs down.
 * Ownership: the caller owns every buffer.
 *
 * Threads: drawing is reentrant; several threads may draw with one struct leadseq_drawing,
 * which nothing here but the functions that set it up changes. */
#ifndef LEADSEQ_DRAW_H
#define LEADSEQ_DRAW_H

#include <leadseq/record.h>

LEADSEQ_BEGIN

/* --- What is drawn how ------------------------------------------------------------ */

enum leadseq_style {
    LEADSEQ_DATASET4, /* 0: the style unless another is set */
    LEADSEQ_DATASET1,
    LEADSEQ_DATASET2,
    LEADSEQ_DATASET3,
    LEADSEQ_CLINICAL,
};
/* "dataset4" …; -1 and a message for another name. */
int leadseq_style_parse(enum leadseq_style *style, const char *name) LEADSEQ_CHECKED;
const char *leadseq_style_name(enum leadseq_style style);

/* paper-text and paper-code draw as the paper says or as its published code does.
 * fixed-mv: every lead over ±range_mv. clinical (TRUE_SCALE): one scale for all leads
 * and both axes, 25 mm/s : 10 mm/mV, aspect kept. Styles differ from paper-code where
 * the text differs only (Dataset 4); a clinical page has the profile clinical alone. */
enum leadseq_profile {
    LEADSEQ_PAPER_TEXT,
    LEADSEQ_PAPER_CODE,
    LEADSEQ_FIXED_MV,
    LEADSEQ_TRUE_SCALE
};

enum leadseq_printout { LEADSEQ_PRINTOUT_3X4, LEADSEQ_PRINTOUT_6X2, LEADSEQ_PRINTOUT_12X1 };

enum leadseq_grid { LEADSEQ_GRID_PINK, LEADSEQ_GRID_GREY, LEADSEQ_GRID_NONE };

struct leadseq_drawing { /* every parameter that decides a pixel */
    enum leadseq_style style;
    enum leadseq_profile profile;
    int width, height; /* px of one picture */
    double range_mv;   /* fixed-mv: -range … +range over a lead's whole height */
    double rate_hz;    /* the signal's rate when drawn: 100 or 500 */
    struct leadseq_preparation
        preparation; /* filters and window of the signal before it is drawn */
    uint64_t seed;   /* dataset3: shadows, by (seed, key of the record) */
    int levels;      /* values a pixel can have, evenly from 0 to 255: 2 … 255; 0: all 256 */
    /* clinical alone; 0 elsewhere: */
    enum leadseq_printout
        printout; /* 3 × 4 and 6 × 2 show 2.5 and 5 s of each lead, one after the other */
    enum leadseq_grid grid;
    double speed_mm_per_s, gain_mm_per_mv, dpi; /* 25, 10, 100 */
    int rhythm;              /* 3 × 4: the lead drawn whole below, -1: none; default II (1) */
    bool calibration, names; /* a pulse of 1 mV and 0.2 s before each row; leads' names */
    bool colour;             /* RGB, else grey */
};
/* Dataset 4 with the defaults of a profile: paper-text 512 × 512 grey, paper-code
 * 640 × 480 RGB, fixed-mv 512 × 512 grey and 2 mV, clinical 512 × 512 grey. */
void leadseq_drawing_default(struct leadseq_drawing *drawing, enum leadseq_profile profile);
/* The same of any style; check() refuses a profile that makes no sense there.
 * dataset1 2048 × 1536 grey; dataset2 and dataset3 640 × 480 RGB; clinical: 3 × 4 and
 * rhythm strip at 100 dpi, pink, RGB. */
void leadseq_drawing_init(struct leadseq_drawing *drawing, enum leadseq_style style,
                          enum leadseq_profile profile);
/* The profile of a style unless another is requested. */
enum leadseq_profile leadseq_style_profile(enum leadseq_style style);
/* clinical: what follows from the page: set_dpi() gives the page its size in pixels,
 * set_size() the largest dpi at which the page fits in; both after printout, speed and gain
 * are set. Elsewhere set_size() sets the size alone. */
void leadseq_drawing_set_dpi(struct leadseq_drawing *drawing, double dpi);
void leadseq_drawing_set_size(struct leadseq_drawing *drawing, int width, int height);
/* Refuses sizes, ranges and combinations that cannot be drawn. */
int leadseq_drawing_check(const struct leadseq_drawing *drawing) LEADSEQ_CHECKED;
/* 1 grey, 3 RGB. */
int leadseq_drawing_channels(const struct leadseq_drawing *drawing);
/* Pictures of a record: LEADSEQ_LEADS, or 1 where a page shows all leads. */
int leadseq_drawing_images(const struct leadseq_drawing *drawing);
size_t leadseq_drawing_image_bytes(const struct leadseq_drawing *drawing); /* one picture's */
size_t leadseq_drawing_bytes(const struct leadseq_drawing *drawing);       /* a record's */
/* The same picture in every parameter that counts in its style and profile. */
bool leadseq_drawing_same(const struct leadseq_drawing *a, const struct leadseq_drawing *b);

struct leadseq_map; /* where every sample went; NULL: not asked for */

/* --- Drawing ------------------------------------------------------------------------ */

struct leadseq_trace_report {
    size_t clipped; /* samples outside the range drawn, of those shown */
    size_t missing; /* samples that are NaN: the line is broken there */
};

/* All pictures of a record: mv (LEADSEQ_LEADS, n) to pixels (images, height, width,
 * channels), leadseq_drawing_bytes() in all. `key` is the record's ecg_id (or its
 * replacement, leadseq_record_key()): with drawing->seed it decides dataset3's shadows, so that
 * a picture can be drawn again alone. The report sums over leads; report and map (set up
 * for n samples) may be NULL. A signal of n samples lasts n / rate_hz: true-scale pictures
 * show its first 10 s, the others stretch it over their whole width. */
int leadseq_draw_record(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                        uint64_t key, uint8_t *pixels, struct leadseq_trace_report *report,
                        struct leadseq_map *map) LEADSEQ_CHECKED;
/* The same from a record as it is in its file: filtered, resampled and cut as the drawing says.
 * ecg_id: -1 where unknown. told: what preparation found, without samples; may be NULL. A record
 * that is `empty` is drawn like any other. */
int leadseq_draw_prepared(const struct leadseq_drawing *drawing,
                          const struct leadseq_record *record, int ecg_id, uint8_t *pixels,
                          struct leadseq_prepared *told) LEADSEQ_CHECKED;
/* The key of a record: its ecg_id, or where that is below 0 a checksum of its name. */
uint64_t leadseq_record_key(int ecg_id, const char *name);

/* The record as one SVG picture, every sample where leadseq_draw_record() puts it, none thinned
 * out; Dataset 4's pictures as tiles of three rows and four columns. */
int leadseq_draw_svg(const struct leadseq_drawing *drawing, const float *mv, size_t n, uint64_t key,
                     const char *title, FILE *out) LEADSEQ_CHECKED;

LEADSEQ_END

#endif
