/* SPDX-License-Identifier: MIT
 *
 * Millivolts to pixels, for the other layers: the public part is <leadseq/draw.h>. Pictures
 * know nothing of networks. */
#ifndef LEADSEQ_RENDER_H
#define LEADSEQ_RENDER_H

#include <leadseq/draw.h>

#include "signal/signal.h"

/* What a drawing has besides style, profile, width, height, range_mv, rate_hz and
 * preparation, in a fixed order, as far as it decides a pixel in that style. Whoever
 * keeps a drawing writes all of them (an optional one unless it is 0) and reads them
 * back into a drawing of that style by put(); an optional one may be absent. */
enum leadseq_parameter_kind {
    LEADSEQ_PARAMETER_COUNT,
    LEADSEQ_PARAMETER_REAL,
    LEADSEQ_PARAMETER_WORD
};
enum { LEADSEQ_PARAMETERS = 11 }; /* at most */
struct leadseq_parameter {
    const char *name; /* "seed" */
    enum leadseq_parameter_kind kind;
    bool optional;
    uint64_t count;
    double real;
    const char *word; /* not owned */
};
size_t leadseq_drawing_parameters(const struct leadseq_drawing *drawing,
                                  struct leadseq_parameter list[LEADSEQ_PARAMETERS]);
/* Refuses words and numbers that mean nothing; check() refuses the rest. */
int leadseq_drawing_put(struct leadseq_drawing *drawing,
                        const struct leadseq_parameter *parameter) LEADSEQ_CHECKED;

#endif
