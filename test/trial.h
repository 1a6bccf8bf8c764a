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
/* First rows of trial.c: ConvLSTM and CNN with every head, with and without stem; sizes that fill
 * no block of channels or pixels, one pixel, one row, one column, one lead, one channel, a batch of
 * one, several layers, norms before the head. Then the samples of every type of model, so that a
 * new type is tested without a word here. */
enum { SAMPLES_MOST = 64 };
extern struct variant variants[];
extern int n_variants;
extern const int n_rows; /* the first ones, of trial.c */
#define VARIANTS ((size_t)n_variants)
/* "model.hidden=[3] model.head=mean" */
void trial_set(struct variant *v, const char *assignments);
/* Whether ReLUs or maxima over windows bend the loss at many places. */
bool trial_bends(const struct variant *v);
/* Whether rounding goes through some twenty layers with norms and ReLUs, each of which makes more
 * of it. */
bool trial_is_deep(const struct variant *v);

struct trial {
    struct leadseq_engine *engine;
    struct leadseq_model *model;
    struct leadseq_params *params;
    int n, outputs;
    size_t record;                    /* values of one record */
    float *images, *logits, *dlogits; /* (…, n), (n, outputs) */
};

/* Models are drawn from this seed; passes are of this step. */
enum { TRIAL_STEP = 3 };
extern uint64_t trial_seed; /* of parameters and dropout; tests set it back */
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
