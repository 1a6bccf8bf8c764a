/* SPDX-License-Identifier: MIT
 *
 * Between words.c and those who read names of styles, profiles and parameters. */
#ifndef RENDER_WORDS_H
#define RENDER_WORDS_H

#include "render/render.h"

/* The place of a word in a NULL-ended list, -1 if it is not in it. */
int render_word_find(const char *const *words, const char *word);
/* "expected A, B or C, found …", before which callers put whose value it is; returns -1. */
int render_word_refuse(const char *const *words, const char *word);

/* profile.c */
extern const char *const render_printout_names[], *const render_grid_names[];
/* "none" (-1), then the leads. */
extern const char *const render_rhythm_names[];

#endif
