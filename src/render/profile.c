/* SPDX-License-Identifier: MIT
 *
 * Styles, profiles and what else a drawing has a name for. */
#include "render_private.h"

#include <string.h>

static const char *const style_names[] = {
    [LEADSEQ_DATASET4] = "dataset4", [LEADSEQ_DATASET1] = "dataset1",
    [LEADSEQ_DATASET2] = "dataset2", [LEADSEQ_DATASET3] = "dataset3",
    [LEADSEQ_CLINICAL] = "clinical",
};
static const char *const profile_names[] = {
    [LEADSEQ_PAPER_TEXT] = "paper-text",
    [LEADSEQ_PAPER_CODE] = "paper-code",
    [LEADSEQ_FIXED_MV] = "fixed-mv",
    [LEADSEQ_TRUE_SCALE] = "clinical",
};
static const char *const printout_names[] = {[LEADSEQ_PRINTOUT_3X4] = "3x4",
                                             [LEADSEQ_PRINTOUT_6X2] = "6x2",
                                             [LEADSEQ_PRINTOUT_12X1] = "12x1"};
static const char *const grid_names[] = {
    [LEADSEQ_GRID_PINK] = "pink", [LEADSEQ_GRID_GREY] = "grey", [LEADSEQ_GRID_NONE] = "none"};

/* The index of `name`; -1 where it is none of them. */
static int find(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(name, names[i])) return (int)i;
    return -1;
}

int leadseq_style_parse(enum leadseq_style *style, const char *name)
{
    int i = find(style_names, LEADSEQ_COUNT(style_names), name);
    if (i < 0)
        return leadseq_fail("style: expected dataset1, dataset2, dataset3, dataset4 or clinical, "
                            "found \"%s\"",
                            name);
    *style = (enum leadseq_style)i;
    return 0;
}

int leadseq_profile_parse(enum leadseq_profile *profile, const char *name)
{
    int i = find(profile_names, LEADSEQ_COUNT(profile_names), name);
    if (i < 0)
        return leadseq_fail("profile: expected paper-text, paper-code, fixed-mv or clinical, found "
                            "\"%s\"",
                            name);
    *profile = (enum leadseq_profile)i;
    return 0;
}

int leadseq_printout_parse(enum leadseq_printout *printout, const char *name)
{
    int i = find(printout_names, LEADSEQ_COUNT(printout_names), name);
    if (i < 0) return leadseq_fail("printout: expected 3x4, 6x2 or 12x1, found \"%s\"", name);
    *printout = (enum leadseq_printout)i;
    return 0;
}

int leadseq_grid_parse(enum leadseq_grid *grid, const char *name)
{
    int i = find(grid_names, LEADSEQ_COUNT(grid_names), name);
    if (i < 0) return leadseq_fail("grid: expected pink, grey or none, found \"%s\"", name);
    *grid = (enum leadseq_grid)i;
    return 0;
}

const char *leadseq_style_name(enum leadseq_style style)
{
    return style_names[style];
}

const char *leadseq_profile_name(enum leadseq_profile profile)
{
    return profile_names[profile];
}

const char *leadseq_printout_name(enum leadseq_printout printout)
{
    return printout_names[printout];
}

const char *leadseq_grid_name(enum leadseq_grid grid)
{
    return grid_names[grid];
}
