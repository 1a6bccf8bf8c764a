/* SPDX-License-Identifier: MIT
 *
 * Between the files of leadseq watch. */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "verdict/verdict.h"

struct watch_page {
    const char *name; /* of the run */
    int width;        /* columns */
    bool blocks;      /* the terminal shows ▁▂▃▄▅▆▇█ */
};
/* The run as lines of text, no wider than the page. */
int watch_write(const struct leadseq_glance *g, const struct watch_page *page,
                FILE *out) LEADSEQ_CHECKED;

#endif
