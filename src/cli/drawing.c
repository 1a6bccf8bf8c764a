/* SPDX-License-Identifier: MIT
 *
 * The options that say how records are drawn, for commands that draw. What was
 * asked for is kept as text until all is known: defaults depend on style and profile,
 * and an option that belongs to another style is refused rather than passed over. */
#include "cli_private.h"

enum {
    STYLE = 768,
    PROFILE,
    SIZE,
    RANGE,
    PRINTOUT,
    RHYTHM,
    GRID,
    SPEED,
    GAIN,
    DPI,
    NO_PULSE,
    NO_NAMES,
    GREY
};

static const struct argp_option options[] = {
    {"style", STYLE, "STYLE", 0,
     "dataset4: each lead alone (default); dataset1: 3x4 tiles; dataset2: twelve strips; dataset3: "
     "those in shadow; clinical: a printer's page",
     0},
    {"profile", PROFILE, "NAME", 0,
     "paper-text (dataset4's default), paper-code (of datasets 1 to 3), fixed-mv, or clinical: one "
     "true scale for all leads",
     0},
    {"size", SIZE, "WxH", 0,
     "Pixels of one image: by default 512x512, paper-code 640x480, dataset1 2048x1536, clinical by "
     "--dpi",
     0},
    {"range-mv", RANGE, "MV", 0, "fixed-mv: a lead's height is -MV to +MV (default 2)", 0},
    {0, 0, 0, 0, "Of --style clinical:", 1},
    {"printout", PRINTOUT, "3x4|6x2|12x1", 0, "Rows and columns of leads (default 3x4)", 1},
    {"rhythm", RHYTHM, "LEAD", 0, "3x4: the lead drawn whole below, or none (default II)", 1},
    {"grid", GRID, "NAME", 0, "pink (default), grey or none", 1},
    {"speed", SPEED, "MM", 0, "Millimetres a second (default 25)", 1},
    {"gain", GAIN, "MM", 0, "Millimetres a millivolt (default 10)", 1},
    {"dpi", DPI, "N", 0, "Pixels an inch (default 100, or the most that fit into --size)", 1},
    {"no-calibration", NO_PULSE, NULL, 0, "Without the pulse of 1 mV before each row", 1},
    {"no-names", NO_NAMES, NULL, 0, "Without names of leads, speed and gain", 1},
    {"grey", GREY, NULL, 0, "Grey instead of colour", 1},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct cli_drawing *d = state->input;
    const char **of[] = {&d->style,    &d->profile,  &d->size,  &d->range_mv, &d->printout,
                         &d->rhythm,   &d->grid,     &d->speed, &d->gain,     &d->dpi,
                         &d->no_pulse, &d->no_names, &d->grey};
    if (key < STYLE || key > GREY) return ARGP_ERR_UNKNOWN;
    *of[key - STYLE] = text ? text : "";
    return 0;
}

const struct argp cli_drawing_argp = {.options = options, .parser = parse};

static void parse_printed(struct argp_state *state, const struct cli_drawing *a,
                          struct leadseq_drawing *d)
{
    if (a->printout && leadseq_printout_parse(&d->printout, a->printout))
        argp_error(state, "--printout: %s", leadseq_error());
    if (a->grid && leadseq_grid_parse(&d->grid, a->grid))
        argp_error(state, "--grid: %s", leadseq_error());
    if (a->rhythm && d->printout != LEADSEQ_PRINTOUT_3X4)
        argp_error(state, "--rhythm belongs to --printout 3x4; the others show whole leads enough");
    if (a->rhythm && leadseq_rhythm_parse(&d->rhythm, a->rhythm))
        argp_error(state, "--rhythm: %s", leadseq_error());
    if (a->speed) d->speed_mm_per_s = cli_number(state, "--speed", a->speed, 5, 200);
    if (a->gain) d->gain_mm_per_mv = cli_number(state, "--gain", a->gain, 1, 100);
    if (a->no_pulse) d->calibration = false;
    if (a->no_names) d->names = false;
    if (a->grey) d->colour = false;
    if (a->size && a->dpi)
        argp_error(state, "--size and --dpi each say how large a clinical page is; give one");
    leadseq_drawing_set_dpi(d, a->dpi ? cli_number(state, "--dpi", a->dpi, 10, 1200) : 100);
}

/* What only one style or profile knows. */
static void refuse_strangers(struct argp_state *state, const struct cli_drawing *a,
                             const struct leadseq_drawing *d)
{
    bool printed = a->printout || a->rhythm || a->grid || a->speed || a->gain || a->dpi ||
                   a->no_pulse || a->no_names || a->grey;
    if (printed && d->style != LEADSEQ_CLINICAL)
        argp_error(state, "--printout, --rhythm, --grid, --speed, --gain, --dpi, --no-calibration, "
                          "--no-names and --grey belong to --style clinical");
    if (a->range_mv && d->profile != LEADSEQ_FIXED_MV)
        argp_error(state, "--range-mv belongs to --profile fixed-mv");
}

void cli_drawing_finish(struct argp_state *state, const struct cli_drawing *a,
                        struct leadseq_drawing *d)
{
    enum leadseq_style style = LEADSEQ_DATASET4;
    if (a->style && leadseq_style_parse(&style, a->style))
        argp_error(state, "--style: %s", leadseq_error());
    enum leadseq_profile profile = leadseq_style_profile(style);
    if (a->profile && leadseq_profile_parse(&profile, a->profile))
        argp_error(state, "--profile: %s", leadseq_error());
    leadseq_drawing_init(d, style, profile);
    refuse_strangers(state, a, d);
    if (style == LEADSEQ_CLINICAL) parse_printed(state, a, d);
    if (a->size) {
        int width, height;
        cli_size(state, a->size, &width, &height);
        leadseq_drawing_set_size(d, width, height);
    }
    if (a->range_mv) d->range_mv = cli_number(state, "--range-mv", a->range_mv, 0.01, 1000);
    if (style == LEADSEQ_DATASET3) d->seed = a->seed;
}
