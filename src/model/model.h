/* SPDX-License-Identifier: MIT
 *
 * From a specification to a network that gives each record its logits.
 *
 * Letters: N records of a batch, T leads, C image channels, H rows, W columns, O outputs.
 *
 * Threads: a model belongs to one thread at a time, its engine's. Functions that take a
 * `const` model or specification may run concurrently; the tables are constant. */
#ifndef LEADSEQ_MODEL_H
#define LEADSEQ_MODEL_H

#include "base/option.h"
#include "nn/nn.h"

/* --- Types ---------------------------------------------------------------------------------- */

struct leadseq_model_spec;
struct leadseq_model;
struct model_builder;

/* What a batch must look like, and what of a stack can give it: its drawings, or its signals. */
enum leadseq_model_input {
    LEADSEQ_INPUT_SEQUENCE, /* (T, N, C, H, W): each lead an image of its own, in order */
    LEADSEQ_INPUT_CHANNELS, /* (N, T·C, H, W): the leads as channels of one image, or a page */
    LEADSEQ_INPUT_PAGE,     /* (N, C, H, W): one page that shows all leads */
    LEADSEQ_INPUT_SIGNALS,  /* (N, T, 1, W): W samples of each lead, as channels of one row */
};

/* A small network of a type, which tests build and check against a reference in double
 * precision. `options` are assignments with blanks between them; NULL ends a list. */
struct leadseq_model_sample {
    const char *options; /* "model.hidden=[3] model.kernel=5" */
    int batch, leads, channels, height, width;
};

/* What another program calls parameters whose names begin with `ours`; '#' in both: a number. */
struct leadseq_model_alias {
    const char *ours, *theirs; /* NULL ends a list */
    bool read_only;            /* understood, but not written */
};

/* A kind of network: one file, one row of types.c. Everything else (experiments, help,
 * summary, diagnostics, benchmark) iterates over the table and knows no type by name. */
struct leadseq_model_type {
    const char *name, *help;
    enum leadseq_model_input input;
    bool recurrent; /* has cells: layers whose state goes from lead to lead */
    size_t bytes;   /* of its options, a struct that only its file knows */
    const struct leadseq_option_group *options; /* ends with a row NULL */
    const char *const *standards; /* defaults that differ from those of shared rows, or NULL */
    /* Optional: whether options agree with each other; and whether such a network can be built
     * for the sizes of its input. The message names the option and says what to do. */
    int (*check_options)(const void *options);
    int (*check_sizes)(const struct leadseq_model_spec *spec);
    bool (*has_norm)(const void *options);      /* optional: whether batch norm is in it, apart from
                                                 * its head's own; NULL: never */
    int (*build)(struct model_builder *b);      /* see build.h */
    int (*initialise)(struct leadseq_model *m); /* optional: after the parameters are drawn */
    const struct leadseq_model_sample *samples;
    const struct leadseq_model_alias *aliases; /* optional: names of other programs */
    /* Optional: groups of the parameters before the head, which may learn at rates of their own:
     * how many, and which of them a slice belongs to. Otherwise they are one. */
    int body_groups;
    int (*group)(const char *slice);
};
/* The i-th type, and its name; NULL after the last. The first is the default. */
const struct leadseq_model_type *leadseq_model_type_at(size_t i);
const char *leadseq_model_type_name(size_t i);
const char *leadseq_model_type_help(size_t i);
/* NULL if there is none of that name. */
const struct leadseq_model_type *leadseq_model_type_find(const char *name);

/* --- Specifications ------------------------------------------------------------------------- */

/* Heads, from the last layer to the logits: types of their own, which most model types let their
 * `model.head` choose, and which may bring options as model types do. The i-th of them: its name,
 * NULL after the last; its options, NULL if it has none. */
const char *leadseq_head_name(size_t i);
const struct leadseq_option_group *leadseq_head_options(size_t i);

enum { LEADSEQ_MODEL_OPTIONS_BYTES = 512, LEADSEQ_HEAD_OPTIONS_BYTES = 128 };
/* Plain values throughout: copies by assignment are whole. */
struct leadseq_model_spec {
    const struct leadseq_model_type *type;
    int outputs; /* logits of a record; 1 unless a task has more */
    bool paired; /* a logit is the difference of two units, as a softmax of both has it: yes - no */
    int leads, channels, height, width;                             /* T, C, H, W of the input */
    _Alignas(8) unsigned char options[LEADSEQ_MODEL_OPTIONS_BYTES]; /* the type's own struct */
    _Alignas(8) unsigned char head[LEADSEQ_HEAD_OPTIONS_BYTES];     /* that of its head */
};
/* The type's defaults, one output; the input's sizes are left 0. */
void leadseq_model_spec_default(struct leadseq_model_spec *spec,
                                const struct leadseq_model_type *type);
/* Which head it has; SIZE_MAX if its type offers no choice. */
size_t leadseq_model_head(const struct leadseq_model_spec *spec);
/* Sets the defaults of that head's options. */
void leadseq_model_head_default(struct leadseq_model_spec *spec);
/* Sets "model.hidden" to "[10]". A refused value leaves the specification as it was. */
int leadseq_model_spec_set(struct leadseq_model_spec *spec, const char *key,
                           const char *value) LEADSEQ_CHECKED;
/* "model.hidden=[10] model.kernel=5" */
int leadseq_model_spec_set_all(struct leadseq_model_spec *spec,
                               const char *assignments) LEADSEQ_CHECKED;
/* Whether the type has such an option and its value is this one. */
bool leadseq_model_spec_is(const struct leadseq_model_spec *spec, const char *key,
                           const char *value);
/* The row of an option of the type or its head and the block its value is in; NULL: it has none. */
const struct leadseq_option *leadseq_model_option(const struct leadseq_model_spec *spec,
                                                  const char *key, const void **block);
/* The type's own struct. */
static inline const void *leadseq_model_options(const struct leadseq_model_spec *spec)
{
    return spec->options;
}
/* Whether options agree; and whether such a network can be built for such an input, too. */
int leadseq_model_spec_check_options(const struct leadseq_model_spec *spec) LEADSEQ_CHECKED;
int leadseq_model_spec_check(const struct leadseq_model_spec *spec) LEADSEQ_CHECKED;
/* Whether batch norm is anywhere in it. */
bool leadseq_model_spec_has_norm(const struct leadseq_model_spec *spec);

/* The k-th name under which other programs know the parameter or statistic `name` of such a model;
 * the first is the one to be written. False: there are only k. */
bool leadseq_model_foreign_name(const struct leadseq_model_spec *spec, const char *name, size_t k,
                                char to[96]);

/* --- Models --------------------------------------------------------------------------------- */

/* Parameters are drawn from `seed` (each tensor its own stream). `batch` is the
 * largest N that will be requested. The engine must outlive the model. What does not fit
 * in the available memory is refused before it is allocated: here the parameters and
 * evaluation, training by leadseq_model_prepare() or its first pass. */
struct leadseq_model *leadseq_model_new(const struct leadseq_model_spec *spec,
                                        struct leadseq_engine *engine, int batch,
                                        uint64_t seed) LEADSEQ_CHECKED;
void leadseq_model_free(struct leadseq_model *model);

/* The layout of batches: true (T, N, C, H, W), false (N, T, C, H, W). */
bool leadseq_model_is_sequence(const struct leadseq_model *model);
struct leadseq_params *leadseq_model_params(struct leadseq_model *model);
/* Groups of parameters, the head's the last: slice.group is below this. */
int leadseq_model_groups(const struct leadseq_model *model);
/* Running statistics and the like: what is not trained but belongs to the weights. */
struct leadseq_params *leadseq_model_state(struct leadseq_model *model);

/* logits (n, O) for n <= batch records. Training mode keeps what backward needs and borrows
 * `images`, which must stay valid until the backward pass and all looks at the pass are done;
 * evaluation mode uses running statistics, no dropout, and keeps nothing. `step` keys dropout's
 * draws. In evaluation a record's logits do not depend on the other records or on n. */
enum leadseq_mode { LEADSEQ_EVALUATE, LEADSEQ_TRAINING };
int leadseq_model_forward(struct leadseq_model *model, enum leadseq_mode mode, uint64_t step, int n,
                          const float *images, float *logits) LEADSEQ_CHECKED;
/* The records of the following passes are a part of a larger batch, whose `first`-th record is
 * their first, for dropout's draws. `counted` false: they are padding, and batch norm's statistics
 * are those of the other parts alone. Initially 0 and true. */
void leadseq_model_set_part(struct leadseq_model *model, int first, bool counted);
/* Adds to the gradients of the parameters, for the forward pass just made in
 * training mode; dlogits (n, O) is the derivative of the loss. */
int leadseq_model_backward(struct leadseq_model *model, const float *dlogits) LEADSEQ_CHECKED;
/* Makes now what the first pass of `mode` over a whole batch would make, so that
 * what does not fit is refused before the work begins. Optional. */
int leadseq_model_prepare(struct leadseq_model *model, enum leadseq_mode mode) LEADSEQ_CHECKED;
/* About how many bytes such a pass needs beyond the parameters. */
size_t leadseq_model_bytes(const struct leadseq_model *model, enum leadseq_mode mode);
/* About how many bytes an observer adds to training. */
size_t leadseq_model_observed_bytes(const struct leadseq_model *model);

/* Adds what evaluation computes to a graph: x are the images of a record as forward reads them,
 * each (N, C, H, W); then its one value is the logits (N, O). Parameters are borrowed. A layer that
 * has no form there is refused. */
int leadseq_model_graph(const struct leadseq_model *model, struct nn_graph *g,
                        struct nn_graph_images *x) LEADSEQ_CHECKED;

/* Floating-point operations that a record costs by what its layers' products are (a multiply-add
 * is two), however they are computed: nothing for the gradient of the image, for the recurrence
 * at the first lead, for what is padded or computed twice. */
struct leadseq_work {
    double forward, data, weights; /* backward: to activations, to parameters */
};
struct leadseq_work leadseq_model_work(const struct leadseq_model *model);

/* Calls `observer` with (layer, lead, what, tensor) during forward and backward; NULL ends it. */
void leadseq_model_observe(struct leadseq_model *model, leadseq_observer *observer, void *user);

/* --- What diagnostics look at ------------------------------------------------------------- */

const struct leadseq_model_spec *leadseq_model_spec(const struct leadseq_model *model);
/* Layers of the chain, first to last, and their names: "stem0.conv", "convlstm0", …, "head". */
int leadseq_model_layers(const struct leadseq_model *model);
const char *leadseq_model_layer_name(const struct leadseq_model *model, int layer);
/* Values of a record that the last dense layer reads. */
size_t leadseq_model_features(const struct leadseq_model *model);
/* What it read in the last forward pass in training mode, phi (n, features). */
int leadseq_model_get_features(struct leadseq_model *model, float *phi) LEADSEQ_CHECKED;
/* dimages = d(Σ dlogits·z)/d images for n records in training mode, in the images' own layout. Adds
 * to the gradients of the parameters and moves running statistics, as training would. */
int leadseq_model_image_gradient(struct leadseq_model *model, uint64_t step, int n,
                                 const float *images, const float *dlogits,
                                 float *dimages) LEADSEQ_CHECKED;
/* The first layer whose output was not finite in the last training pass: -1 none, -2 the images. */
int leadseq_model_nonfinite(struct leadseq_model *model, int *layer) LEADSEQ_CHECKED;

/* --- Geometry: recurrent cells, and what they see of the images ----------------------------- */

enum { LEADSEQ_CELLS_MOST = 16 }; /* of a model; a type that builds more is refused */
/* A recurrent layer. Cells count from 0 in the order of the layers. */
struct leadseq_model_cell {
    const char *name;            /* "convlstm0" */
    int layer;                   /* of the chain; -1: the model has no such cell */
    int channels, height, width; /* of its state h, per record */
    int kernel;                  /* side of its convolutions */
    size_t inputs;               /* values it reads at a lead */
    double step;                 /* image pixels between neighbouring values of h */
    double field; /* side, in image pixels, of what a value of h of the last lead depends on */
};
int leadseq_model_cells(const struct leadseq_model *model);
struct leadseq_model_cell leadseq_model_cell(const struct leadseq_model *model, int cell);
/* The step of a cell as a map, with the weights as they are now; the caller frees it. */
struct leadseq_cell_map *leadseq_model_cell_map(struct leadseq_model *model,
                                                int cell) LEADSEQ_CHECKED;
/* What it read in the last training pass for a record, x (T, inputs). */
int leadseq_model_get_cell_input(struct leadseq_model *model, int cell, int record,
                                 float *x) LEADSEQ_CHECKED;

/* Layer by layer, what a model is and costs. */
struct leadseq_layer_summary {
    char name[48], type[24];
    int images, channels, height, width; /* of a record's y */
    char layout[24];                     /* of a batch's y in memory: "nchw", "nChw16c bf16" … */
    size_t parameters;
    uint64_t multiply_adds; /* of a record, forward */
    size_t kept_bytes;      /* of a batch, from forward to backward, y included */
};
struct leadseq_model_table {
    struct leadseq_layer_summary *layer;
    int n_layers, batch;
    int images, channels, height, width; /* of a record's images */
    bool signals;                        /* which are rows of samples */
    bool exact; /* layouts and kept_bytes are of a binding; else estimates, no layouts */
    size_t parameters, kept_bytes;
    uint64_t multiply_adds;
    double step_flop, forward_flop; /* of a batch: leadseq_model_work() */
    size_t training_bytes, evaluation_bytes,
        parameter_bytes; /* about; parameters with gradients and Adam's moments */
    size_t available_bytes;
};
/* The caller clears the table. Needs next to no memory itself. */
int leadseq_model_describe(struct leadseq_model *model,
                           struct leadseq_model_table *table) LEADSEQ_CHECKED;
void leadseq_model_table_clear(struct leadseq_model_table *table);
/* For a person. */
int leadseq_model_table_print(const struct leadseq_model_table *table, FILE *out) LEADSEQ_CHECKED;
/* describe, print and clear. */
int leadseq_model_summary(struct leadseq_model *model, FILE *out) LEADSEQ_CHECKED;

#endif
