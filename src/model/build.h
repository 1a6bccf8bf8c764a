/* SPDX-License-Identifier: MIT
 *
 * What the file of a model type or of a head builds with.
 *
 * A model type is one file that defines a `const struct leadseq_model_type` and one row
 * of types.c. Its `build` adds layers in order; each sees the output of the previous one:
 *
 *   static int build(struct model_builder *b)
 *   {
 *       const struct cnn *o = b->options;
 *       if (model_add_stem(b, &o->stem)) return -1;
 *       …
 *       return model_add_head(b, &o->head);
 *   }
 *
 * Layers declare their parameters under their names, which checkpoints and diagnostics
 * know them by. Nothing is allocated: a model is first built, then measured, and only
 * then gets its memory. */
#ifndef MODEL_BUILD_H
#define MODEL_BUILD_H

#include "model/model.h"
#include "nn/nn_private.h"

#include <math.h>

struct model_builder {
    const struct leadseq_model_spec *spec;
    const void *options; /* of the type, filled in */
    const struct nn_store *store;
    struct nn_chain *chain;
    struct nn_shape shape; /* of the last layer's output; at first of a record's input */
    size_t head_slice;     /* the first slice of the head; model_add_head() sets it */
};

/* Appends a layer, which the chain owns from now on; NULL (its constructor failed) gives -1. */
int model_add(struct model_builder *b, struct nn_layer *layer) LEADSEQ_CHECKED;
/* GROUPi.conv, without bias, which batch norm would remove again; GROUPi.norm and ReLU. */
int model_add_conv_norm(struct model_builder *b, const char *group, int i,
                        const struct nn_conv_options *o) LEADSEQ_CHECKED;

/* --- Networks along signals (builder.c) ------------------------------------------------------ */

/* For `check_sizes`: whether the input is signals, (1, leads, 1, samples). */
int model_check_signals(const struct leadseq_model_spec *spec) LEADSEQ_CHECKED;
/* For `check_options`: whether lengths of kernels are odd, so that they have a middle. */
int model_check_odd(const char *key, const struct leadseq_integers *list) LEADSEQ_CHECKED;
/* The same of two. */
int model_check_pair(const char *key, const struct leadseq_integers *list) LEADSEQ_CHECKED;
/* A convolution along rows from `in` to `out` channels with same padding, without bias, whose
 * weights begin normal with √(2 / (in · kernel)), He et al.'s before ReLU. */
struct nn_conv_options model_signal_conv(int in, int out, int kernel, int stride);

/* layer1.0, layer1.1 … layer2.0 …: blocks[i] of each layer; the first of each but layer1 halves
 * time. */
int model_add_blocks(struct model_builder *b, const struct leadseq_integers *blocks,
                     int (*add)(struct model_builder *b, const char *name,
                                int stride)) LEADSEQ_CHECKED;
/* For `has_norm` of types that always have batch norm. */
bool model_has_norm(const void *options);

/* --- Stem: options that several types share (stem.c) ---------------------------------------- */

enum model_stem_kind { MODEL_STEM_NONE, MODEL_STEM_CONV, MODEL_STEM_PATCH };
struct model_stem {
    enum model_stem_kind kind;
    struct leadseq_integers channels; /* CONV: of each convolution; PATCH: the first alone */
    int patch;                        /* PATCH: side of the kernel, and its stride */
};
enum { MODEL_STEM_ROWS = 3 };
extern const struct leadseq_option model_stem_rows[MODEL_STEM_ROWS];
/* The group of these rows, for a member of the type's options. */
#define MODEL_STEM_GROUP(type, member)                                                             \
    {                                                                                              \
        model_stem_rows, MODEL_STEM_ROWS, offsetof(type, member)                                   \
    }
/* Whether an image has at least one whole patch. */
int model_stem_check(const struct model_stem *stem,
                     const struct leadseq_model_spec *spec) LEADSEQ_CHECKED;
/* Rows and columns after the stem. */
void model_stem_size(const struct model_stem *stem, int *height, int *width);
int model_add_stem(struct model_builder *b, const struct model_stem *stem) LEADSEQ_CHECKED;

/* --- Head: from the last layer's output to the logits (head.c) ------------------------------- */

/* What a head does with rows, columns and images of a record; one file and one row of heads.c. */
struct leadseq_head_type {
    const char *name, *help;
    size_t bytes; /* of options of its own, a struct that only its file knows: b->spec->head */
    const struct leadseq_option_group *options; /* ends with a row NULL; NULL: it has none */
    int (*build)(struct model_builder *b);      /* leaves one row of features per record */
    const struct leadseq_model_alias *aliases;  /* of its layers, in other programs; NULL: none */
    bool kaiming;  /* the last dense layer has normal initial weights */
    bool no_bias;  /* and no bias */
    bool has_norm; /* batch norm is among its layers */
};
/* The heads of fastai 1 and 2: values of each channel, norm, dropout p/2, hidden dense layer with
 * ReLU, norm, dropout p. */
struct model_hidden {
    int features;
    float dropout;
};
struct model_hidden_plan {
    struct nn_global_options pool;
    struct nn_norm_options norm;
    bool bias; /* of the hidden layer */
};
/* `build` of a head whose options are a struct model_hidden (head_body.c). */
int model_add_hidden(struct model_builder *b, const struct model_hidden_plan *plan) LEADSEQ_CHECKED;

struct model_head {
    int type;      /* in the table's order */
    bool norm;     /* batch norm of each channel first */
    float dropout; /* before the last dense layer, 0: none */
};
enum { MODEL_HEAD_ROWS = 3 };
extern const struct leadseq_option model_head_rows[MODEL_HEAD_ROWS];
#define MODEL_HEAD_GROUP(type, member)                                                             \
    {                                                                                              \
        model_head_rows, MODEL_HEAD_ROWS, offsetof(type, member)                                   \
    }
/* [head_norm] -> what the type builds -> [dropout] -> head, a dense layer of spec->outputs. */
int model_add_head(struct model_builder *b, const struct model_head *head) LEADSEQ_CHECKED;
/* Of initial weights: √(2 / inputs), He et al.'s before ReLU. */
static inline float model_head_deviation(int inputs)
{
    return sqrtf(2 / (float)inputs);
}
/* The i-th row of the table, NULL after the last. */
const struct leadseq_head_type *model_head_at(size_t i);
const char *model_head_help(size_t i);

/* --- After the parameters are drawn ----------------------------------------------------------- */

/* Replaces the weights from h of every recurrent layer by random rotations (orthogonal.c). */
int model_orthogonal_initialise(struct leadseq_model *m) LEADSEQ_CHECKED;

#endif
