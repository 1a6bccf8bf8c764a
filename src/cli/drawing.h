/* SPDX-License-Identifier: MIT
 *
 * How records are drawn: options of commands that draw. */
#ifndef CLI_DRAWING_H
#define CLI_DRAWING_H

#include "options.h"

#include "render/render.h"

/* What was given, as text until all of it is known: defaults depend on style and profile. NULL:
 * not given. */
struct cli_drawing {
    const char *style, *profile, *printout, *rhythm, *grid;
    int width, height; /* 0: not given */
    double range_mv, speed, gain, dpi;
    bool no_pulse, no_names, grey;
};

extern const struct cli_option_kind cli_size; /* int width, height */

/* Rows for the table of a command whose struct arguments has `struct cli_drawing drawing`. */
#define CLI_DRAWING_OPTIONS                                                                        \
    {"style", "STYLE", &cli_text, FIELD(drawing.style),                                            \
     "dataset4: each lead alone (default); dataset1: 3x4 tiles; dataset2: twelve strips; "         \
     "dataset3: those in shadow; clinical: a printer's page"},                                     \
        {"profile", "NAME", &cli_text, FIELD(drawing.profile),                                     \
         "paper-text (dataset4's default), paper-code (of datasets 1 to 3), fixed-mv, or "         \
         "clinical: one true scale for all leads"},                                                \
        {"size", "WxH", &cli_size, FIELD(drawing.width),                                           \
         "Pixels of one image: by default 512x512, paper-code 640x480, dataset1 2048x1536, "       \
         "clinical by --dpi"},                                                                     \
        {"range-mv",                                                                               \
         "MV",                                                                                     \
         &cli_number,                                                                              \
         FIELD(drawing.range_mv),                                                                  \
         "fixed-mv: a lead's height is -MV to +MV (default 2)",                                    \
         .least = 0.01,                                                                            \
         .most = 1000},                                                                            \
        {.help = "Of --style clinical:"},                                                          \
        {"printout", "3x4|6x2|12x1", &cli_text, FIELD(drawing.printout),                           \
         "Rows and columns of leads (default 3x4)"},                                               \
        {"rhythm", "LEAD", &cli_text, FIELD(drawing.rhythm),                                       \
         "3x4: the lead drawn whole below, or none (default II)"},                                 \
        {"grid", "NAME", &cli_text, FIELD(drawing.grid), "pink (default), grey or none"},          \
        {"speed",                                                                                  \
         "MM",                                                                                     \
         &cli_number,                                                                              \
         FIELD(drawing.speed),                                                                     \
         "Millimetres per second (default 25)",                                                    \
         .least = 5,                                                                               \
         .most = 200},                                                                             \
        {"gain",                                                                                   \
         "MM",                                                                                     \
         &cli_number,                                                                              \
         FIELD(drawing.gain),                                                                      \
         "Millimetres per millivolt (default 10)",                                                 \
         .least = 1,                                                                               \
         .most = 100},                                                                             \
        {"dpi",                                                                                    \
         "N",                                                                                      \
         &cli_number,                                                                              \
         FIELD(drawing.dpi),                                                                       \
         "Pixels per inch (default 100, or the most that fit into --size)",                        \
         .least = 10,                                                                              \
         .most = 1200},                                                                            \
        {"no-calibration", NULL, &cli_on, FIELD(drawing.no_pulse),                                 \
         "Without the pulse of 1 mV before each row"},                                             \
        {"no-names", NULL, &cli_on, FIELD(drawing.no_names),                                       \
         "Without names of leads, speed and gain"},                                                \
    {                                                                                              \
        "grey", NULL, &cli_on, FIELD(drawing.grey), "Grey instead of colour"                       \
    }

/* The drawing requested, its rate and preparation left at their defaults. */
int cli_drawing_make(struct leadseq_drawing *drawing, const struct cli_drawing *asked,
                     uint64_t seed) LEADSEQ_CHECKED;

#endif
