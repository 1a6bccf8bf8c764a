/* SPDX-License-Identifier: MIT
 *
 * What happens to a picture after it was drawn: ink fades, the sheet is folded, photographed
 * at an angle, in bad light, and saved by a camera. For studies of robustness.
 *
 * Each distortion has a strength and a probability, both 0 to 1. The strength alone decides
 * how strong; chance decides whether, where and which way. Chance is keyed by (seed, key of the
 * record, picture, distortion): one picture can be made again alone, a larger strength
 * moves the same picture the same way but further, and a larger probability adds pictures to those
 * that were distorted already.
 *
 * The caller owns every buffer; all functions are reentrant. */
#ifndef LEADSEQ_DISTORT_H
#define LEADSEQ_DISTORT_H

#include "render/render.h"

enum leadseq_distortion { /* in the order in which they are applied */
                          LEADSEQ_FADING,
                          LEADSEQ_CREASE,
                          LEADSEQ_ROTATION,
                          LEADSEQ_PERSPECTIVE,
                          LEADSEQ_CROP,
                          LEADSEQ_SHADOW,
                          LEADSEQ_BLUR,
                          LEADSEQ_NOISE,
                          LEADSEQ_BLOCKING,
                          LEADSEQ_DISTORTIONS
};
const char *leadseq_distortion_name(enum leadseq_distortion kind);
/* What strength 1 is, in units: "turned by 15 degrees about the middle, either way". */
const char *leadseq_distortion_meaning(enum leadseq_distortion kind);

struct leadseq_distort {
    uint64_t seed;
    struct {
        double strength, probability;
    } of[LEADSEQ_DISTORTIONS]; /* 0: not requested */
};
/* Reads "shadow=0.5:0.3,rotation=0.2": NAME=STRENGTH[:PROBABILITY], 1 where no probability is said.
 * The seed stays. Refuses unknown names (and lists the known), numbers beyond 0 to 1, and
 * a name said twice. "" is none. */
int leadseq_distort_parse(struct leadseq_distort *distort, const char *text) LEADSEQ_CHECKED;
/* The same as text in fresh memory, in the order above: parse() reads it back exactly. */
char *leadseq_distort_format(const struct leadseq_distort *distort) LEADSEQ_CHECKED;
/* False where nothing would ever be done. */
bool leadseq_distort_any(const struct leadseq_distort *distort);

struct leadseq_distorted { /* what happened to one picture */
    bool applied[LEADSEQ_DISTORTIONS];
    double warp[9]; /* row by row: (x, y, 1) went to (X, Y, W), pixel (X/W, Y/W) */
};
/* Distorts one picture, number `index` of the record with that key. */
int leadseq_distort_image(const struct leadseq_distort *distort, uint64_t key, int index,
                          struct leadseq_image *image,
                          struct leadseq_distorted *done) LEADSEQ_CHECKED;
/* All pictures of a record as leadseq_draw_record() leaves them, reduced to the drawing's levels
 * again; done: (images). */
int leadseq_distort_record(const struct leadseq_distort *distort,
                           const struct leadseq_drawing *drawing, uint64_t key, uint8_t *pixels,
                           struct leadseq_distorted *done) LEADSEQ_CHECKED;
/* Where the point (x, y) of the picture as drawn is now; it may lie outside the picture. */
void leadseq_distorted_point(const struct leadseq_distorted *done, double *x, double *y);

/* Homographies, row by row: c = a b, which is first b, then a; c may be one of them. */
void leadseq_warp_multiply(double c[9], const double a[9], const double b[9]);

#endif
