/* SPDX-License-Identifier: MIT
 *
 * The parts of the augmentations heartnet and fastai2, for their own files and tests: what is
 * drawn, and how a pixel is looked up by it. */
#ifndef DATASET_AUGMENT_H
#define DATASET_AUGMENT_H

#include "dataset/dataset.h"

/* Strengths of changes to images, p being the pixel (0 … 1, paper 1). Each is 0 (zoom: 1) for none,
 * and each kind of change is made with its probability, else left out:
 * warp      each edge stretched by 1 + U(-max_warp, max_warp), a perspective
 * rotation  by U(-max_rotate, max_rotate) degrees, in pixels, so that angles stay
 * zoom      by U(1, max_zoom) towards a point anywhere in the image
 * lighting  σ(c (logit p + b)): b = logit U(½(1 - l), ½(1 + l)), log c = U(log(1 - l), -log(1 - l))
 * Never a flip: a flipped ECG is another ECG. */
struct leadseq_augment {
    double max_rotate, max_zoom, max_warp, max_lighting;
    double p_affine, p_lighting; /* p_affine: of warp, rotation and zoom, each by itself */
};
/* What the paper's CNN was trained with: 10 degrees, 1.1, .2, .2, .75, .75. */
void leadseq_augment_heartnet(struct leadseq_augment *a);
/* Whether it changes anything. */
bool leadseq_augment_is_on(const struct leadseq_augment *a);

extern const struct leadseq_option_group dataset_augment_options[]; /* of both */

/* --- heartnet --------------------------------------------------------------------------------- */

struct dataset_view {            /* how a record is seen */
    double stretch[4];           /* of the left, right, top, bottom edge */
    double degrees;              /* anticlockwise */
    double zoom, x, y;           /* towards (x, y) of [-1, 1]² */
    double brightness, contrast; /* added to logits, then multiplied */
};
void dataset_view_draw(struct dataset_view *view, const struct leadseq_augment *a,
                       const struct leadseq_augment_key *key);
/* (column, row, 1) of a pixel to where it is looked up in the image as drawn. */
void dataset_view_matrix(double m[9], const struct dataset_view *view, int width, int height);
void dataset_view_light(uint8_t light[256], const struct dataset_view *view);

struct dataset_augmenter;
struct dataset_augmenter *dataset_augmenter_new(int width, int height,
                                                int channels) LEADSEQ_CHECKED;
void dataset_augmenter_free(struct dataset_augmenter *a);
size_t dataset_augmenter_bytes(int width, int height);
/* n images (height, width, channels) of a record, in place. */
void dataset_augment(struct dataset_augmenter *a, const struct dataset_view *view, uint8_t *images,
                     size_t n);

/* --- fastai2 ---------------------------------------------------------------------------------- */

/* Of the same strengths warp is U(-max_warp, max_warp) for each of x and y, by itself with
 * p_affine. */
struct dataset_fastai2 {
    double degrees;              /* θ */
    double zoom, u, v;           /* about a point, 0 to 1 from the left and from above */
    double x, y;                 /* of the perspective */
    double brightness, contrast; /* b, 0.5: none; c, 1: none */
};
void dataset_fastai2_draw(struct dataset_fastai2 *view, const struct leadseq_augment *a,
                          const struct leadseq_augment_key *key);
/* (column, row, 1) of a pixel to where it is looked up. */
void dataset_fastai2_matrix(double m[9], const struct dataset_fastai2 *view, int width, int height);
/* n images (height, width, channels) as values p from 0 to 1; `state` as the type opens it. */
void dataset_fastai2_look(void *state, const struct dataset_fastai2 *view, const uint8_t *images,
                          float *values, size_t n);

#endif
