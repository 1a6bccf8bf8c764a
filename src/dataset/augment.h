/* SPDX-License-Identifier: MIT
 *
 * The parts of the heartnet augmentation, for its own file and its test: what is drawn, and how a
 * pixel is looked up by it. */
#ifndef DATASET_AUGMENT_H
#define DATASET_AUGMENT_H

#include "dataset/dataset.h"

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

#endif
