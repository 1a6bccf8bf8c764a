/* SPDX-License-Identifier: MIT
 *
 * The table of styles. A style's number is its place here: append new ones. */
#include "words.h"

extern const struct leadseq_style_type render_dataset4, render_dataset1, render_dataset2,
    render_dataset3, render_clinical;

const struct leadseq_style_type *const leadseq_style_types[] = {
    [LEADSEQ_DATASET4] = &render_dataset4, [LEADSEQ_DATASET1] = &render_dataset1,
    [LEADSEQ_DATASET2] = &render_dataset2, [LEADSEQ_DATASET3] = &render_dataset3,
    [LEADSEQ_CLINICAL] = &render_clinical, NULL,
};

const struct leadseq_style_type *leadseq_style_type(enum leadseq_style style)
{
    for (unsigned i = 0; leadseq_style_types[i]; i++)
        if (i == (unsigned)style) return leadseq_style_types[i];
    return NULL;
}

int leadseq_style_parse(enum leadseq_style *style, const char *name)
{
    enum { MOST = 64 };
    const char *known[MOST + 1] = {NULL};
    for (int i = 0; leadseq_style_types[i] && i < MOST; i++)
        known[i] = leadseq_style_types[i]->name;
    int i = render_word_find(known, name);
    if (i < 0) return render_word_refuse("style", known, name);
    *style = (enum leadseq_style)i;
    return 0;
}

const char *leadseq_style_name(enum leadseq_style style)
{
    return leadseq_style_types[style]->name;
}

enum leadseq_profile leadseq_style_profile(enum leadseq_style style)
{
    return leadseq_style_types[style]->profile;
}
