/* SPDX-License-Identifier: MIT
 *
 * The table of styles. A style's number is its place here: append new ones. */
#include "words.h"

/* In the order of enum leadseq_style; what comes after those has the next numbers. */
/* clang-format off */
#define STYLES(ROW) \
    ROW(dataset4)   \
    ROW(dataset1)   \
    ROW(dataset2)   \
    ROW(dataset3)   \
    ROW(clinical)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_style_type render_##name;
#define LIST(name)    &render_##name,
STYLES(DECLARE)
const struct leadseq_style_type *const leadseq_style_types[] = {STYLES(LIST) NULL};

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
    if (i < 0) return render_word_refuse(known, name);
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
