/* SPDX-License-Identifier: MIT
 *
 * The table of model types: one row each, in the order of the documentation. The first
 * is the default. */
#include "model/model.h"

#include <string.h>

/* clang-format off */
#define TYPES(ROW) \
    ROW(convlstm)  \
    ROW(cnn)       \
    ROW(resnet)    \
    ROW(cnn1d)     \
    ROW(resnet1d)  \
    ROW(xresnet1d) \
    ROW(lstm1d)    \
    ROW(gru1d)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_model_type model_type_##name;
#define LIST(name)    &model_type_##name,
TYPES(DECLARE)
static const struct leadseq_model_type *const types[] = {TYPES(LIST) NULL};

const struct leadseq_model_type *leadseq_model_type_at(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i] : NULL;
}

const char *leadseq_model_type_name(size_t i)
{
    const struct leadseq_model_type *type = leadseq_model_type_at(i);
    return type ? type->name : NULL;
}

const struct leadseq_model_type *leadseq_model_type_find(const char *name)
{
    size_t i = 0;
    while (types[i] && strcmp(types[i]->name, name)) i++;
    return types[i];
}

const char *leadseq_model_type_help(size_t i)
{
    const struct leadseq_model_type *type = leadseq_model_type_at(i);
    return type ? type->help : NULL;
}
