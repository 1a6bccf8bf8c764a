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

/* A model that is written for other programs, and what it is fed. Images are as a stack has them:
 * uint8 (N, leads, H, W), (N, leads, H, W, 3) in colour, without `leads` where they are pages.
 * Signals are windows of the model's length in mV, NaN where a sample is missing: float32 (N,
 * leads, samples). */
struct leadseq_export {
    struct leadseq_model *model;
    int stack_leads;              /* leads of a record in a stack, 0: a page */
    int n_leads, lead[64];        /* which of them the model reads, in its order */
    bool shuffled;                /* in an order drawn for each record */
    bool invert;                  /* p is 1 - u/255, else u/255; then (p - mean) / deviation */
    double mean[3], deviation[3]; /* of each colour; of grey and of signals the first */
    /* Of signals that are standardised lead by lead: (n_leads); NULL: mean and deviation. */
    const double *lead_mean, *lead_deviation;
    bool exclusive;              /* probabilities of several outputs are a softmax */
    const char *const *metadata; /* key, value, …, NULL; may be NULL */
};
/* Writes the model as an ONNX graph (operator set 17): from `images` or `signals` as a stack has
 * them to `logits` and `probabilities` (N, O), N symbolic, the preparation of images included. What
 * ONNX cannot express is refused by name. */
int leadseq_onnx_write(const struct leadseq_export *what, FILE *out) LEADSEQ_CHECKED;

/* A format that a model can be written in: one row of formats.c. */
struct leadseq_export_format {
    const char *name, *help;
    int (*write)(const struct leadseq_export *what, FILE *out);
};
/* The i-th, NULL after the last; and their names, ended by NULL. */
const struct leadseq_export_format *leadseq_export_format_at(size_t i);
extern const char *const leadseq_export_format_names[];

#endif
