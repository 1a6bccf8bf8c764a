/* SPDX-License-Identifier: MIT
 *
 * Weights of a model in files of other programs: loaded, and written in one of the formats of
 * formats.c.
 *
 * Threads: a model belongs to one thread at a time, and so do these functions. */
#ifndef LEADSEQ_EXCHANGE_H
#define LEADSEQ_EXCHANGE_H

#include "model/model.h"

/* Replaces parameters and running statistics by those of a safetensors file, under our names or
 * those of other programs (leadseq_model_foreign_name()), or of a run's checkpoint. What fits is
 * loaded; what is missing, has another shape or is not in the model is told, and an error if
 * `strict`. A first convolution of one channel takes the sum of a file's three. Nothing that fits
 * is an error, and so is a number that is not finite; then the model may have parts of the file. */
int leadseq_weights_load(struct leadseq_model *model, const char *path,
                         bool strict) LEADSEQ_CHECKED;
/* Writes all of them as safetensors, under the names of other programs. */
int leadseq_weights_write(struct leadseq_model *model, FILE *out) LEADSEQ_CHECKED;

/* A format that a model can be written in: one row of formats.c. */
struct leadseq_export_format {
    const char *name, *help;
    int (*write)(struct leadseq_model *model, FILE *out);
};
/* The i-th, NULL after the last; and their names, ended by NULL. */
const struct leadseq_export_format *leadseq_export_format_at(size_t i);
extern const char *const leadseq_export_format_names[];

#endif
