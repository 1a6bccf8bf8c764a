/* SPDX-License-Identifier: MIT
 *
 * The table of layer types. A new layer is its file, with `const struct nn_layer_type
 * nn_NAME_type`, and one row here. */
#include "layers.h"

#include <string.h>

/* clang-format off */
#define TYPES(ROW)  \
    ROW(conv)       \
    ROW(convlstm)   \
    ROW(norm)       \
    ROW(relu)       \
    ROW(pool)       \
    ROW(global)     \
    ROW(flatten)    \
    ROW(dropout)    \
    ROW(dense)      \
    ROW(residual)   \
    ROW(rnn)
/* clang-format on */

#define DECLARE(name) extern const struct nn_layer_type nn_##name##_type;
#define ADDRESS(name) &nn_##name##_type,

TYPES(DECLARE)
const struct nn_layer_type *const nn_layer_types[] = {TYPES(ADDRESS) NULL};

const struct nn_layer_type *nn_layer_type_named(const char *name)
{
    for (size_t i = 0; nn_layer_types[i]; i++)
        if (!strcmp(nn_layer_types[i]->name, name)) return nn_layer_types[i];
    return NULL;
}
