/* SPDX-License-Identifier: MIT
 *
 * The table of augmentations. */
#include "dataset/dataset.h"

#include <assert.h>

/* clang-format off */
#define AUGMENTATIONS(ROW) \
    ROW(none)              \
    ROW(heartnet)          \
    ROW(fastai2)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_augment_type dataset_augment_##name;
#define LIST(name)    &dataset_augment_##name,
AUGMENTATIONS(DECLARE)
const struct leadseq_augment_type dataset_augment_none = {.name = "none",
                                                          .help = "images as drawn"};
static const struct leadseq_augment_type *const types[] = {AUGMENTATIONS(LIST)};

const struct leadseq_augment_type *leadseq_augment_at(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i] : NULL;
}

const char *leadseq_augment_name(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i]->name : NULL;
}

const char *leadseq_augment_help(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i]->help : NULL;
}

void leadseq_augment_defaults(const struct leadseq_augment_type *type,
                              struct leadseq_augment_options *options)
{
    assert(type->bytes_of_options <= sizeof *options);
    *options = (struct leadseq_augment_options){{0}};
    leadseq_group_defaults(options, type->options, NULL);
}
