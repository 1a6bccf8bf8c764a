/* SPDX-License-Identifier: MIT
 *
 * Millivolts to pixels, for the other layers: the public part is <leadseq/draw.h>. Pictures
 * know nothing of networks. */
#ifndef LEADSEQ_RENDER_H
#define LEADSEQ_RENDER_H

#include <leadseq/draw.h>

#include "signal/signal.h"

/* "paper-text" …; -1 and a message for another name. */
int leadseq_profile_parse(enum leadseq_profile *profile, const char *name) LEADSEQ_CHECKED;
const char *leadseq_profile_name(enum leadseq_profile profile);
/* The parameters of a drawing for a person: ", seed 7", "" where there is none; returns `text`. */
const char *leadseq_drawing_text(const struct leadseq_drawing *drawing, char text[256]);

/* --- Where every sample went -------------------------------------------------------- */

enum leadseq_sample {
    LEADSEQ_SAMPLE_DRAWN,
    LEADSEQ_SAMPLE_MISSING, /* NaN in the record */
    LEADSEQ_SAMPLE_CLIPPED, /* beyond the range drawn: the line runs along or past the border */
    LEADSEQ_SAMPLE_OUTSIDE, /* at a time the picture does not show */
};
struct leadseq_box {
    float left, top, right, bottom; /* px; all NaN: there is none */
};
enum { LEADSEQ_MAP_ROWS = LEADSEQ_LEADS + 1 }; /* the last is the rhythm strip */

/* In the pixels of the lead's own picture where each has one, else of the page.
 * x and y are both NaN unless the sample was drawn. */
struct leadseq_map {
    size_t n;                                 /* samples of a lead */
    struct leadseq_box box[LEADSEQ_MAP_ROWS]; /* what the lead has to itself: axes, tile, strip */
    float *x, *y;                             /* (LEADSEQ_MAP_ROWS, n) */
    uint8_t *sample;                          /* (LEADSEQ_MAP_ROWS, n), enum leadseq_sample */
};
int leadseq_map_init(struct leadseq_map *map, size_t n) LEADSEQ_CHECKED;
void leadseq_map_clear(struct leadseq_map *map);

/* Sample k of v mV: x = x0 + k·dx, y = y0 + v·dy. */
struct leadseq_scale {
    double x0, dx, y0, dy; /* NaN where the drawn samples do not tell: all of it where there are
                              fewer than two, dy of a flat lead, which lies at y0 */
};
/* Of a row of the map, from the (n) millivolts of its lead. */
void leadseq_map_scale(const struct leadseq_map *map, int row, const float *mv,
                       struct leadseq_scale *scale);

/* Draws one lead's n samples into pixels (height, width, channels), as dataset4 does.
 * A flat or all-missing lead is drawn as the published code would have drawn it
 * (a level line in the middle; nothing). */
int leadseq_draw_lead(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                      uint8_t *pixels, struct leadseq_trace_report *report) LEADSEQ_CHECKED;

/* --- Parameters ----------------------------------------------------------------------
 * What a drawing has besides style, profile, width, height, range_mv, rate_hz and
 * preparation, in a fixed order, as far as it decides a pixel in that style. Code that
 * keeps a drawing writes all of them (an optional one unless it is 0) and reads them
 * back into a drawing of that style by put(); an optional one may be absent. */

enum leadseq_parameter_kind {
    LEADSEQ_PARAMETER_COUNT,
    LEADSEQ_PARAMETER_REAL,
    LEADSEQ_PARAMETER_WORD
};
enum { LEADSEQ_PARAMETERS = 24 }; /* at most */
struct leadseq_parameter {
    const char *name; /* "seed" */
    enum leadseq_parameter_kind kind;
    bool optional;
    uint64_t count;
    double real;
    const char *word; /* borrowed from the style */
};
size_t leadseq_drawing_parameters(const struct leadseq_drawing *drawing,
                                  struct leadseq_parameter list[LEADSEQ_PARAMETERS]);
/* Refuses words and numbers that mean nothing; check() refuses the rest. */
int leadseq_drawing_put(struct leadseq_drawing *drawing,
                        const struct leadseq_parameter *parameter) LEADSEQ_CHECKED;

/* --- Styles --------------------------------------------------------------------------
 * A style is a struct leadseq_style_type in a file of its own and a row in styles.c.
 * Its number (enum leadseq_style) is its place in that table; files have its name. */

enum leadseq_style_field { /* the type of a parameter's field in struct leadseq_drawing */
                           LEADSEQ_FIELD_REAL, /* double */
                           LEADSEQ_FIELD_WORD, /* int or an enum: a place among the words */
                           LEADSEQ_FIELD_ON,   /* bool, set by its option */
                           LEADSEQ_FIELD_OFF,  /* bool, cleared by its option */
                           LEADSEQ_FIELD_SEED
}; /* uint64_t; follows the seed of all pictures */

/* A parameter that some styles have: how files keep it and which option sets it. */
struct leadseq_style_parameter {
    const char *name;            /* in files: "speed_mm_per_s" */
    const char *option;          /* "speed"; NULL: set by no option of its own */
    const char *argument, *help; /* of the option */
    enum leadseq_style_field type;
    size_t field;             /* offset in struct leadseq_drawing */
    double least, most;       /* of a REAL */
    const char *const *words; /* of a WORD, NULL-ended */
    int first;                /* the number of the first word */
    bool sizes;               /* decides the size of the picture, as --size does */
};

struct render_sheet;
struct leadseq_pen { /* how a trace looks */
    uint8_t r, g, b;
    double width; /* px */
};

struct leadseq_style_type {
    const char *name, *help;
    unsigned profiles;            /* bits: 1 << LEADSEQ_PAPER_CODE … */
    enum leadseq_profile profile; /* the one it has unless another is requested */
    const char *other_profiles;   /* why it has no others, for a message; may be NULL */
    bool page;                    /* one picture shows all leads; else each has its own */
    /* Its parameters beyond those all styles have; ends with a NULL name; may be NULL. */
    const struct leadseq_style_parameter *parameter;

    /* Size and parameters of a new drawing, whose style and profile are set. */
    void (*init)(struct leadseq_drawing *drawing);
    int (*channels)(const struct leadseq_drawing *drawing); /* 1 grey, 3 RGB */
    /* How the trace is drawn, for vector pictures. */
    struct leadseq_pen (*line)(const struct leadseq_drawing *drawing);
    /* Draws a record, or its page without the traces where sheet->svg is set; adds to the report;
     * fills the map unless it is NULL. */
    int (*draw)(const struct leadseq_drawing *drawing, const float *mv, size_t n,
                const struct render_sheet *sheet, struct leadseq_trace_report *report,
                struct leadseq_map *map);

    /* Each of these may be NULL: */
    /* Refuses what only this style cannot draw, after its parameters' ranges were checked. */
    int (*check)(const struct leadseq_drawing *drawing);
    /* After width and height were set, or a parameter that `sizes`; without it nothing follows. */
    void (*fit_size)(struct leadseq_drawing *drawing, bool by_parameter);
    /* Whether a parameter decides no pixel because of others. */
    bool (*ignores)(const struct leadseq_drawing *drawing,
                    const struct leadseq_style_parameter *parameter);
    /* Half the height of a lead's range in mV, beyond which samples are clipped; without it the
     * borders of the picture clip. */
    double (*range_mv)(const struct leadseq_drawing *drawing);
    /* Over the finished picture, by the key of the record: in pixels, and the same in SVG. */
    int (*finish)(const struct leadseq_drawing *drawing, uint64_t key, uint8_t *pixels);
    void (*finish_svg)(const struct leadseq_drawing *drawing, uint64_t key, FILE *out);
    bool paper; /* draw() puts something beside the traces on the page: vector pictures need it */
};

extern const struct leadseq_style_type *const leadseq_style_types[]; /* ends with NULL */
/* By number; NULL if no style has it. */
const struct leadseq_style_type *leadseq_style_type(enum leadseq_style style);
/* "paper-text" …, by number; ends with NULL. */
extern const char *const leadseq_profile_names[];

/* Sets a parameter from the text of its option (NULL for a flag). */
int leadseq_style_parameter_set(struct leadseq_drawing *drawing,
                                const struct leadseq_style_parameter *parameter,
                                const char *text) LEADSEQ_CHECKED;
/* Half the range of millivolts a drawing shows, 0: as far as the picture's borders. */
double leadseq_drawing_range_mv(const struct leadseq_drawing *drawing);
/* The ecg_id that a record of PTB-XL has in its name; -1 for others. */
int leadseq_record_ecg_id(const struct leadseq_record *record);
/* How many of a record's pictures are of one colour: of a style without a grid, they show nothing.
 */
int leadseq_drawing_blank(const struct leadseq_drawing *drawing, const uint8_t *images);

#endif
