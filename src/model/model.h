/* SPDX-License-Identifier: MIT
 *
 * A specification to a network that gives one logit a record.
 *
 * Letters: N records of a batch, T leads, C image channels, H rows, W columns. */
#ifndef LEADSEQ_MODEL_H
#define LEADSEQ_MODEL_H

#include "nn/nn.h"

enum { LEADSEQ_LAYERS_MAX = 8 };
enum leadseq_model_type { LEADSEQ_MODEL_CONVLSTM, LEADSEQ_MODEL_CNN };
enum leadseq_stem { LEADSEQ_STEM_NONE, LEADSEQ_STEM_CONV, LEADSEQ_STEM_PATCH };
enum leadseq_head {
    LEADSEQ_HEAD_FLATTEN,
    LEADSEQ_HEAD_MEAN,
    LEADSEQ_HEAD_MAX,
    LEADSEQ_HEAD_MEAN_MAX
};
enum leadseq_cell_norm { LEADSEQ_CELL_NORM_NONE, LEADSEQ_CELL_NORM_LAYER };
enum leadseq_recurrent_init { LEADSEQ_INIT_UNIFORM, LEADSEQ_INIT_ORTHOGONAL };

struct leadseq_model_spec {
    enum leadseq_model_type type;
    int hidden[LEADSEQ_LAYERS_MAX],
        n_layers;      /* channels of each ConvLSTM layer, or of each CNN stage */
    int kernel;        /* odd; same padding */
    bool bias;         /* of the ConvLSTM's gates; a convolution before batch norm has none */
    float forget_bias; /* added to the initial bias of the forget gate, or of its norm */
    enum leadseq_cell_norm
        cell_norm; /* of each gate's sums, over a record's channels, rows and columns */
    enum leadseq_recurrent_init
        recurrent_init; /* of the weights from h: as all others, or orthogonal */
    enum leadseq_stem
        stem; /* CONV: 3 × 3 convolutions of stride 2, each with batch norm and ReLU */
    int stem_channels[LEADSEQ_LAYERS_MAX],
        n_stem; /* of each stem convolution; PATCH: the first alone */
    int patch;  /* PATCH: one convolution of kernel and stride so many, norm, ReLU */
    enum leadseq_head head;
    bool head_norm; /* batch norm of each channel before the head */
    bool pool_time; /* pool over all leads' h, not only the last; flatten: all leads' h in turn */
    float dropout;  /* before the last dense layer, 0: none */
    int leads, channels, height, width; /* T, C, H, W of the input */
};
/* CONVLSTM: the paper's RNN, one layer of 10 channels, 3 × 3, bias, flatten.
 * CNN: stages of 16, 32, 64 and 128 channels, each convolution, batch norm, ReLU
 * and a maximum over 2 × 2, then the mean. The input's shape is left 0. */
void leadseq_model_spec_default(struct leadseq_model_spec *spec, enum leadseq_model_type type);
/* Whether such a network can be built: sizes, an image large enough for the
 * stages, knobs that mean something for the type. The message names the knob. */
int leadseq_model_spec_check(const struct leadseq_model_spec *spec) LEADSEQ_CHECKED;

struct leadseq_model;

/* Parameters are drawn from `seed` (each tensor its own stream). `batch` is the
 * largest N ever asked for. The engine must outlive the model. What does not fit
 * in the memory there is gets refused before it is allocated: here the parameters
 * and evaluation, training by leadseq_model_prepare() or its first pass. */
struct leadseq_model *leadseq_model_new(const struct leadseq_model_spec *spec,
                                        struct leadseq_engine *engine, int batch,
                                        uint64_t seed) LEADSEQ_CHECKED;
void leadseq_model_free(struct leadseq_model *model);

/* The layout batches must have: true (T, N, C, H, W), false (N, T, C, H, W). */
bool leadseq_model_is_sequence(const struct leadseq_model *model);
struct leadseq_params *leadseq_model_params(struct leadseq_model *model);
/* Running statistics and the like: what is not trained but belongs to the weights. */
struct leadseq_params *leadseq_model_state(struct leadseq_model *model);

/* logits (n) for n <= batch records. Training mode keeps what backward needs, and reads `images`
 * where they are until the way back and all looks at the pass are done; evaluation mode uses
 * running statistics, no dropout, and keeps nothing. `step` keys dropout's draws. In evaluation a
 * record's logit does not depend on the others or on n. */
enum leadseq_mode { LEADSEQ_EVALUATE, LEADSEQ_TRAINING };
int leadseq_model_forward(struct leadseq_model *model, enum leadseq_mode mode, uint64_t step, int n,
                          const float *images, float *logits) LEADSEQ_CHECKED;
/* Records of the passes that follow are a part of a larger batch: the first stands at its place
 * `first`, for dropout's draws. `counted` false: they stand in for none, batch norm's statistics
 * are of the other parts alone. At first 0 and true. */
void leadseq_model_set_part(struct leadseq_model *model, int first, bool counted);
/* Adds to the gradients of the parameters, for the forward pass just made in
 * training mode; dlogits (n) is the derivative of the loss. */
int leadseq_model_backward(struct leadseq_model *model, const float *dlogits) LEADSEQ_CHECKED;
/* Makes now what the first pass of `mode` over a whole batch would make, so that
 * what does not fit is refused before the work begins. Optional. */
int leadseq_model_prepare(struct leadseq_model *model, enum leadseq_mode mode) LEADSEQ_CHECKED;
/* Bytes such a pass needs beyond the parameters, about. */
size_t leadseq_model_bytes(const struct leadseq_model *model, enum leadseq_mode mode);
/* Bytes an observer adds to training, about. */
size_t leadseq_model_observed_bytes(const struct leadseq_model *model);

/* Floating-point operations that a record costs by what its layers' products are (a multiply-add
 * is two), however they are computed: nothing for the gradient of the image, for the recurrence
 * at the first lead, for what is padded or computed twice. */
struct leadseq_work {
    double forward, data, weights; /* backward: to activations, to parameters */
};
struct leadseq_work leadseq_model_work(const struct leadseq_model *model);

/* Called with (layer, lead, what, tensor) as forward and backward go; NULL ends it. */
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
/* The step of the i-th ConvLSTM as a map, with the weights as they are now; the caller frees it. */
struct leadseq_cell_map *leadseq_model_cell_map(struct leadseq_model *model, int i) LEADSEQ_CHECKED;
/* Values it reads at a lead, C·H·W, 0 where there is no such layer; those of a record of the last
 * training pass, x (T, C, H, W). */
size_t leadseq_model_cell_input(const struct leadseq_model *model, int i);
int leadseq_model_get_cell_input(struct leadseq_model *model, int i, int record,
                                 float *x) LEADSEQ_CHECKED;
/* dimages = d(Σ dlogits·z)/d images for n records in training mode, in the images' own layout. Adds
 * to the gradients of the parameters and moves running statistics, as training would. */
int leadseq_model_image_gradient(struct leadseq_model *model, uint64_t step, int n,
                                 const float *images, const float *dlogits,
                                 float *dimages) LEADSEQ_CHECKED;
/* The first layer whose output was not finite in that pass: -1 none, -2 the images. */
int leadseq_model_nonfinite(struct leadseq_model *model, int *layer) LEADSEQ_CHECKED;

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
    bool exact; /* layouts and kept_bytes are of a binding; else estimates, no layouts */
    size_t parameters, kept_bytes;
    uint64_t multiply_adds;
    double step_flop, forward_flop; /* of a batch: leadseq_model_work() */
    size_t training_bytes, evaluation_bytes,
        parameter_bytes; /* about; parameters with gradients and Adam's moments */
    size_t available_bytes;
};
/* The table is the caller's to clear. Takes next to no memory itself. */
int leadseq_model_describe(struct leadseq_model *model,
                           struct leadseq_model_table *table) LEADSEQ_CHECKED;
void leadseq_model_table_clear(struct leadseq_model_table *table);
/* For a person. */
int leadseq_model_table_print(const struct leadseq_model_table *table, FILE *out) LEADSEQ_CHECKED;
/* describe, print and clear. */
int leadseq_model_summary(struct leadseq_model *model, FILE *out) LEADSEQ_CHECKED;

#endif
