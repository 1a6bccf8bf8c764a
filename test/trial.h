/* SPDX-License-Identifier: MIT
 *
 * Small models of every kind, and one of them on trial: random images, logits,
 * gradients. Failures end the test. */
#ifndef TEST_TRIAL_H
#define TEST_TRIAL_H

#include "model/model.h"

struct variant {
    struct leadseq_model_spec spec;
    int batch;
};
/* Both types, every head, with and without stem; sizes that fill no block of
 * channels or pixels, one pixel, one row, one column, one lead, one channel, a
 * batch of one, several layers, norms before the head. */
enum { VARIANTS = 25 };
extern const struct variant variants[VARIANTS];

struct trial {
    struct leadseq_engine *engine;
    struct leadseq_model *model;
    struct leadseq_params *params;
    int n;
    size_t record; /* values of one record */
    float *images, *logits, *dlogits;
};

/* Models are drawn from this seed; passes are of this step. */
enum { TRIAL_SEED = 11, TRIAL_STEP = 3 };
/* A model for `batch`, n random records for it. */
void trial_open(struct trial *t, const struct variant *v, int batch, int n);
void trial_open_in(struct trial *t, const struct variant *v, int batch, int n,
                   enum leadseq_precision precision);
/* On an engine of any kind; the other two have two threads. */
void trial_open_with(struct trial *t, const struct variant *v, int batch, int n,
                     const struct leadseq_engine_options *engine);
void trial_close(struct trial *t);
void trial_forward(struct trial *t, enum leadseq_mode mode);
void trial_backward(struct trial *t); /* zeroes the gradients first */

#endif
