/* SPDX-License-Identifier: MIT
 *
 * Names of profiles and of what a clinical page can have. */
#include "words.h"

const char *const leadseq_profile_names[] = {
    [LEADSEQ_PAPER_TEXT] = "paper-text",
    [LEADSEQ_PAPER_CODE] = "paper-code",
    [LEADSEQ_FIXED_MV] = "fixed-mv",
    [LEADSEQ_TRUE_SCALE] = "clinical",
    NULL,
};
const char *const render_printout_names[] = {[LEADSEQ_PRINTOUT_3X4] = "3x4",
                                             [LEADSEQ_PRINTOUT_6X2] = "6x2",
                                             [LEADSEQ_PRINTOUT_12X1] = "12x1",
                                             NULL};
const char *const render_grid_names[] = {
    [LEADSEQ_GRID_PINK] = "pink", [LEADSEQ_GRID_GREY] = "grey", [LEADSEQ_GRID_NONE] = "none", NULL};
const char *const render_rhythm_names[] = {"none", "I",  "II", "III", "AVR", "AVL", "AVF",
                                           "V1",   "V2", "V3", "V4",  "V5",  "V6",  NULL};

int leadseq_profile_parse(enum leadseq_profile *profile, const char *name)
{
    int i = render_word_find(leadseq_profile_names, name);
    if (i < 0) return render_word_refuse(leadseq_profile_names, name);
    *profile = (enum leadseq_profile)i;
    return 0;
}

const char *leadseq_profile_name(enum leadseq_profile profile)
{
    return leadseq_profile_names[profile];
}
