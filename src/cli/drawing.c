/* SPDX-License-Identifier: MIT
 *
 * From the options that say how records are drawn to a drawing. An option that belongs
 * to another style is refused rather than ignored. */
#include "drawing.h"

static int read_size(const struct cli_option *o, char *text, void *field)
{
    int *size = field;
    (void)o;
    if (leadseq_parse_size(text, LEADSEQ_SIDE_MAX, &size[0], &size[1])) return 0;
    return leadseq_fail("expected WIDTHxHEIGHT in pixels, each at most %d, such as 512x512, found "
                        "'%s'",
                        LEADSEQ_SIDE_MAX, text);
}

const struct cli_option_kind cli_size = {.read = read_size};

static int make_printed(struct leadseq_drawing *d, const struct cli_drawing *a)
{
    if (a->printout && leadseq_printout_parse(&d->printout, a->printout))
        return leadseq_fail_in("--printout");
    if (a->grid && leadseq_grid_parse(&d->grid, a->grid)) return leadseq_fail_in("--grid");
    if (a->rhythm && d->printout != LEADSEQ_PRINTOUT_3X4)
        return leadseq_fail("--rhythm belongs to --printout 3x4; the others show whole leads "
                            "enough");
    if (a->rhythm && leadseq_rhythm_parse(&d->rhythm, a->rhythm))
        return leadseq_fail_in("--rhythm");
    if (a->speed > 0) d->speed_mm_per_s = a->speed;
    if (a->gain > 0) d->gain_mm_per_mv = a->gain;
    if (a->no_pulse) d->calibration = false;
    if (a->no_names) d->names = false;
    if (a->grey) d->colour = false;
    if (a->width && a->dpi > 0)
        return leadseq_fail("--size and --dpi each say how large a clinical page is; give one");
    leadseq_drawing_set_dpi(d, a->dpi > 0 ? a->dpi : 100);
    return 0;
}

/* What only one style or profile has. */
static int refuse_others(const struct leadseq_drawing *d, const struct cli_drawing *a)
{
    bool printed = a->printout || a->rhythm || a->grid || a->speed > 0 || a->gain > 0 ||
                   a->dpi > 0 || a->no_pulse || a->no_names || a->grey;
    if (printed && d->style != LEADSEQ_CLINICAL)
        return leadseq_fail("--printout, --rhythm, --grid, --speed, --gain, --dpi, "
                            "--no-calibration, --no-names and --grey belong to --style clinical");
    if (a->range_mv > 0 && d->profile != LEADSEQ_FIXED_MV)
        return leadseq_fail("--range-mv belongs to --profile fixed-mv");
    return 0;
}

int cli_drawing_make(struct leadseq_drawing *d, const struct cli_drawing *a, uint64_t seed)
{
    enum leadseq_style style = LEADSEQ_DATASET4;
    if (a->style && leadseq_style_parse(&style, a->style)) return leadseq_fail_in("--style");
    enum leadseq_profile profile = leadseq_style_profile(style);
    if (a->profile && leadseq_profile_parse(&profile, a->profile))
        return leadseq_fail_in("--profile");
    leadseq_drawing_init(d, style, profile);
    if (refuse_others(d, a)) return -1;
    if (style == LEADSEQ_CLINICAL && make_printed(d, a)) return -1;
    if (a->width) leadseq_drawing_set_size(d, a->width, a->height);
    if (a->range_mv > 0) d->range_mv = a->range_mv;
    if (style == LEADSEQ_DATASET3) d->seed = seed;
    return 0;
}
