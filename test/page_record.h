/* SPDX-License-Identifier: MIT
 *
 * A record whose samples are known, and pages of it. */
#ifndef PAGE_RECORD_H
#define PAGE_RECORD_H

#include "render/trace.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 1000, TOTAL = LEADSEQ_LEADS * N };

static float mv[TOTAL];

/* Beats of another height in each lead; level leads where `height` is 0. */
static inline void make_record(double height)
{
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        for (int k = 0; k < N; k++) {
            double beat = (double)((k + 7 * lead) % 83) / 83;
            mv[lead * N + k] = (float)(height * (0.3 + 0.05 * lead) *
                                       (exp(-pow((beat - .4) / .02, 2)) + 0.1 * sin(6.28 * beat)));
        }
}

static inline struct leadseq_drawing drawing_of(enum leadseq_style style,
                                                enum leadseq_profile profile)
{
    struct leadseq_drawing d;
    leadseq_drawing_init(&d, style, profile);
    return d;
}

static inline uint8_t *draw(const struct leadseq_drawing *d, uint64_t key,
                            struct leadseq_trace_report *report, struct leadseq_map *map)
{
    uint8_t *pixels = malloc(leadseq_drawing_bytes(d));
    cr_assert(pixels);
    if (map) cr_assert_eq(leadseq_map_init(map, N), 0);
    cr_assert_eq(leadseq_draw_record(d, mv, N, key, pixels, report, map), 0, "%s", leadseq_error());
    return pixels;
}

static inline bool is(const uint8_t *p, int r, int g, int b)
{
    return p[0] == r && p[1] == g && p[2] == b;
}

static inline size_t count_colour(const uint8_t *p, size_t pixels, int r, int g, int b)
{
    size_t n = 0;
    for (size_t i = 0; i < pixels; i++) n += is(p + 3 * i, r, g, b);
    return n;
}

#endif
