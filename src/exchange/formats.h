/* SPDX-License-Identifier: MIT
 *
 * Formats of other programs that a model can be written in: one row of formats.c each. */
#ifndef EXCHANGE_FORMATS_H
#define EXCHANGE_FORMATS_H

#include "model/model.h"

struct exchange_format {
    const char *name, *help;
    int (*write)(struct leadseq_model *model, FILE *out);
};
/* The i-th, NULL after the last; and its name. */
const struct exchange_format *exchange_format_at(size_t i);
extern const char *const exchange_format_names[]; /* ended by NULL */

#endif
