/* SPDX-License-Identifier: MIT
 *
 * A model as a network in double precision: ConvLSTM and CNN built from their options
 * without the library's own builder, other types from the layers they build. */
#ifndef TEST_TRIAL_REFERENCE_H
#define TEST_TRIAL_REFERENCE_H

#include "checks.h"
#include "trial.h"

/* Whether every layer of a model has a reference in double precision. */
bool judged_can(const struct variant *v);
/* A trial after a training forward and backward pass, beside its double. */
struct judged {
    struct trial trial;
    struct ref_net net;
    uint8_t *mask[4]; /* of each dropout */
    float *state;     /* before the pass */
    float *y;         /* the logits of that pass */
    struct check_subject subject;
};
/* `compose`: the ConvLSTM's steps of plain layers, on oneDNN. */
void judged_open(struct judged *j, const struct variant *v,
                 const struct leadseq_engine_options *engine, bool compose);
void judged_close(struct judged *j);

#endif
