/* SPDX-License-Identifier: MIT
 *
 * Between the files of model. */
#ifndef MODEL_PRIVATE_H
#define MODEL_PRIVATE_H

#include "model/model.h"
#include "nn/nn_private.h"

/* Bindings of one chain to batch sizes. Evaluation is always bound to the whole
 * batch, whatever is asked for, so that a record's logit does not depend on how
 * many came with it. Training is bound to what was asked for, because batch norm
 * must see these records only. */
struct leadseq_model {
    struct leadseq_model_spec spec;
    struct leadseq_engine *engine; /* the caller's */
    int batch;
    uint64_t seed;
    struct leadseq_params params, state;
    struct nn_chain chain;
    struct nn_bound_chain evaluation;
    struct nn_bound_chain training[2]; /* of the whole batch; of the last other size */
    int training_batch[2];             /* their sizes, 0: not bound */
    struct nn_bound_chain *forwarded;  /* the training pass that backward belongs to */
    struct nn_bound_chain *seen;       /* the last training pass, for diagnostics */
    leadseq_observer *observer;
    void *observer_user;
    int first; /* leadseq_model_set_part() */
    bool idle;
};

/* Shape of a record's input: (T, C, H, W) for a sequence, (1, T·C, H, W) otherwise. */
struct nn_shape model_input_shape(const struct leadseq_model_spec *spec);
/* The layer of a cell in the chain; -1 and a message if the model has no such cell. */
int model_cell_place(const struct leadseq_model *m, int cell) LEADSEQ_CHECKED;

/* Fails with the bytes needed and the bytes there are. */
int model_memory_check(const struct leadseq_model *m, enum leadseq_mode mode,
                       int n) LEADSEQ_CHECKED;
size_t model_memory_need(const struct leadseq_model *m, enum leadseq_mode mode, int n);
/* "629 MB" */
void model_format_bytes(char text[32], size_t bytes);

#endif
