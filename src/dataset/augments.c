/* SPDX-License-Identifier: MIT
 *
 * The table of augmentations. */
#include "dataset/dataset.h"

static const struct leadseq_augment_type none = {.name = "none", .help = "images as drawn"};
extern const struct leadseq_augment_type dataset_augment_heartnet;

static const struct leadseq_augment_type *const types[] = {
    &none,
    &dataset_augment_heartnet,
};

const struct leadseq_augment_type *leadseq_augment_at(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i] : NULL;
}

const char *leadseq_augment_name(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i]->name : NULL;
}
