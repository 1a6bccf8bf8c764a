/* SPDX-License-Identifier: MIT
 *
 * How records are drawn: options of commands that draw. Styles and their own options come
 * from the table of src/render/styles.c. */
#ifndef CLI_DRAWING_H
#define CLI_DRAWING_H

#include "options.h"

#include "render/render.h"

enum { CLI_STYLE_OPTIONS_MOST = 32 };

/* What was given, as text until all of it is known: defaults depend on style and profile. NULL:
 * not given. */
struct cli_drawing {
    const char *style, *profile;
    int width, height; /* 0: not given */
    double range_mv;
    const char *own[CLI_STYLE_OPTIONS_MOST]; /* by cli_drawing_options(); "" of a flag */
};

extern const struct cli_option_kind cli_size; /* int width, height */

/* The rows of all options, for a command whose struct has its `struct cli_drawing` at that offset;
 * ends with an empty row. Made once: all commands have the same offset. */
const struct cli_option *cli_drawing_options(size_t offset);
/* Styles by name, for the help. */
void cli_drawing_list(FILE *out);

/* The drawing requested, its rate and preparation left at their defaults. */
int cli_drawing_make(struct leadseq_drawing *drawing, const struct cli_drawing *asked,
                     uint64_t seed) LEADSEQ_CHECKED;

#endif
