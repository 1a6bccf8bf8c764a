/* SPDX-License-Identifier: MIT
 *
 * The network engine, on oneDNN. Networks know nothing of hearts.
 *
 * Letters, here and in doc/mathematics.md: N batch, T steps of a sequence, C
 * channels in, K channels out, H rows, W columns; x input, y output, w weights,
 * b bias, h hidden state, c cell state; d before a name is ∂loss/∂name. */
#ifndef LEADSEQ_NN_H
#define LEADSEQ_NN_H

#include "base/base.h"
#include "graph.h"

/* The largest side of a kernel or window, in every layer, model option and experiment. Counts of
 * weights (4096 channels · 4096 channels · 63 · 63 taps) stay within 64 bits, and those of one
 * output (4096 · 63 · 63) within an int. */
enum { LEADSEQ_KERNEL_MAX = 63 };
/* ... of a ConvLSTM with layer norm, whose kernels hold pointers to that many rows. */
enum { LEADSEQ_NORMED_KERNEL_MAX = 15 };

/* --- Engine --------------------------------------------------------------------- */

/* oneDNN's engine and stream, and how they are used. Opening one sets OpenMP's number of threads
 * for the calling thread; networks of the engine run on that thread, one pass at a time. Several
 * engines may be used concurrently, each by its own thread. The opener closes it, after everything
 * bound to it is freed. */
struct leadseq_engine;
/* BF16: convolutions multiply bfloat16 (8 bits of mantissa) and sum in float32; weights, their
 * gradients, the optimiser, cell states, statistics of batch norm and the loss stay float32.
 * BF16_EMULATED: the same roundings in float32 arithmetic, on any CPU; not faster than F32. */
enum leadseq_precision { LEADSEQ_F32, LEADSEQ_BF16, LEADSEQ_BF16_EMULATED };
extern const char *const leadseq_precision_names[]; /* "f32", "bf16", "bf16-emulated", NULL */
/* What a ConvLSTM keeps of its steps from forward to backward: HIGH all it needs, NORMAL the gates
 * of a third of them, LOW no gates; the rest is computed again, to the same bits. */
enum leadseq_memory { LEADSEQ_MEMORY_NORMAL, LEADSEQ_MEMORY_LOW, LEADSEQ_MEMORY_HIGH };
extern const char *const leadseq_memory_names[]; /* "normal", "low", "high", NULL */
/* Sums n values over all ranks that share the batches of this engine's networks, in place. Every
 * rank makes the same calls in the same order and gets the same bits. */
typedef void leadseq_sum(double *value, size_t n);
struct leadseq_engine_options {
    int threads; /* 0: leadseq_threads_share() */
    enum leadseq_precision precision;
    enum leadseq_memory memory;
    leadseq_sum
        *sum; /* NULL: batches are not shared; else batch norm's statistics are of all parts */
};
/* BF16 is refused where the CPU has no instructions for it. */
struct leadseq_engine *
leadseq_engine_open(const struct leadseq_engine_options *options) LEADSEQ_CHECKED;
void leadseq_engine_close(struct leadseq_engine *engine);
int leadseq_engine_threads(const struct leadseq_engine *engine);
/* While `alone`, passes are over this process's own records, and nothing is summed over ranks. */
void leadseq_engine_set_alone(struct leadseq_engine *engine, bool alone);
enum leadseq_precision leadseq_engine_precision(const struct leadseq_engine *engine);
/* Whether this CPU, with this oneDNN, has instructions that multiply bf16. */
bool leadseq_bf16_is_native(void);
/* "oneDNN 2.6.3, AVX-512 with bf16, 2 threads (OpenMP), computing in f32" */
const char *leadseq_engine_describe(const struct leadseq_engine *engine);

/* What the machine's arithmetic reaches at best with the engine's threads: a large convolution on
 * oneDNN in f32, or bf16 where that is the engine's precision. */
struct leadseq_ceiling;
struct leadseq_ceiling *leadseq_ceiling_new(struct leadseq_engine *engine) LEADSEQ_CHECKED;
void leadseq_ceiling_free(struct leadseq_ceiling *ceiling);
/* Runs it once; floating-point operations per second, below 0 on failure. */
double leadseq_ceiling_run(struct leadseq_ceiling *ceiling);

/* --- Parameters: one flat float32 block, gradients a second of the same shape ------ */

struct leadseq_slice {
    char name[64]; /* "convlstm0.weight" */
    size_t offset, count;
    int dims[5], n_dims;
    bool decays;          /* weight decay applies (weights, not biases or norms) */
    float centre, spread; /* initial values: centre + U(-spread, spread) */
    float deviation;      /* above 0: centre + N(0, deviation²) in their place */
    bool norm;            /* weight or bias of a batch norm, which moves in frozen groups, too */
    int group;            /* of parameters that share a learning rate, below
                           * LEADSEQ_PARAMETER_GROUPS_MOST; a model sets it */
};
enum { LEADSEQ_PARAMETER_GROUPS_MOST = 8 };
struct leadseq_params {
    float *value, *gradient; /* (count), 64-byte aligned; gradient NULL for state */
    size_t count;            /* gaps between slices included; they are and stay zero */
    struct leadseq_slice *slice;
    size_t n_slices;
};
/* Values of all slices, without the gaps. */
static inline size_t leadseq_params_values(const struct leadseq_params *params)
{
    size_t count = 0;
    for (size_t i = 0; i < params->n_slices; i++) count += params->slice[i].count;
    return count;
}

/* --- What diagnostics see ----------------------------------------------------------- */

enum leadseq_observed {
    LEADSEQ_OBSERVED_H,
    LEADSEQ_OBSERVED_C,
    LEADSEQ_OBSERVED_GATES, /* forward; gates after activation, order i f o g */
    LEADSEQ_OBSERVED_DH,
    LEADSEQ_OBSERVED_DC,
    LEADSEQ_OBSERVED_DGATES, /* backward; dgates before activation */
};
struct leadseq_view { /* a tensor in plain NCHW order, valid during the call */
    const float *data;
    int n, c, h, w;
};
typedef void leadseq_observer(void *user, const char *layer, int step, enum leadseq_observed what,
                              const struct leadseq_view *tensor);

/* --- A ConvLSTM's step as a map of its state -------------------------------------------- */

/* (h, c) -> (h', c') for one record at a given x, and exact products with its Jacobian J =
 * d(h', c')/d(h, c). A state is h and then c, (2, K, H, W) in plain order. The engine and the
 * parameters must outlive the map; parameters are read when it is made. */
struct leadseq_cell_map;
struct leadseq_cell_map_options {
    int hidden, inputs, kernel, height, width; /* K, C, odd, H, W */
    const float *weight, *bias;                /* (4K, C + K, kernel, kernel); (4K) or NULL */
    const float *gain, *shift;                 /* (4K) of the gates' layer norm; NULL: none */
};
struct leadseq_cell_map *
leadseq_cell_map_new(struct leadseq_engine *engine,
                     const struct leadseq_cell_map_options *options) LEADSEQ_CHECKED;
void leadseq_cell_map_free(struct leadseq_cell_map *map);
/* Values of a state. */
size_t leadseq_cell_map_state(const struct leadseq_cell_map *map);
/* Moves to (x, state): returns the next state, the map's own, valid until the next step; NULL on
 * failure. x (C, H, W); `state` may be what the last step returned. */
const float *leadseq_cell_map_step(struct leadseq_cell_map *map, const float *x,
                                   const float *state) LEADSEQ_CHECKED;
/* J v and J' w at the state of the last step; the result must not be the argument. -1 with a
 * message on failure. */
int leadseq_cell_map_forward(struct leadseq_cell_map *map, const float *v,
                             float *jv) LEADSEQ_CHECKED;
int leadseq_cell_map_reverse(struct leadseq_cell_map *map, const float *w,
                             float *jw) LEADSEQ_CHECKED;

/* --- Loss ------------------------------------------------------------------------------ */

enum { LEADSEQ_OUTPUTS_MOST = 64 };
/* The target of an output whose label is not known: it adds nothing to cost and gradient. */
#define LEADSEQ_TARGET_UNKNOWN (-1.0f)

/* One record: logits and targets (0 to 1, or LEADSEQ_TARGET_UNKNOWN) of its outputs. */
struct leadseq_record_loss {
    int outputs;
    const float *z, *t, *positive_weight; /* (outputs) */
    double scale;                         /* of the slope, 1 / n in a mean over n records */
    double *slope;                        /* (outputs) to be written; NULL: not asked for */
    float *part; /* (outputs) the same of each output's share of the cost */
};
struct leadseq_loss_type {
    const char *name; /* as in train.loss */
    const char *help;
    /* The tasks it serves: true: outputs are classes that exclude each other, as softmax, or one
     * output, yes or no as two classes; false: one output, or several, each yes or no. */
    bool exclusive;
    bool weighted; /* positive_weight has an effect */
    bool dies;     /* float32 makes its gradient exactly 0 far from the right side */
    /* The cost of a record, the sum over its outputs with known targets. Called concurrently. */
    float (*record)(const struct leadseq_record_loss *r);
    /* p (outputs) from the logits of a record. */
    void (*probability)(const float *z, int outputs, float *p);
};
/* 0 … n-1 in the order of the options' documentation; NULL from n. */
const struct leadseq_loss_type *leadseq_loss_at(size_t i);
const char *leadseq_loss_name(size_t i);
const char *leadseq_loss_help(size_t i);
/* NULL where there is none of that name. */
const struct leadseq_loss_type *leadseq_loss_find(const char *name);

struct leadseq_loss {
    const struct leadseq_loss_type *type;
    int outputs;
    float positive_weight[LEADSEQ_OUTPUTS_MOST]; /* (outputs) of a positive label, of a class */
    /* e: targets are (1 - e) t + e / classes; each output that excludes no other has two. */
    float smoothing;
};
/* Positive weights are 1, targets not smoothed. */
void leadseq_loss_init(struct leadseq_loss *loss, const struct leadseq_loss_type *type,
                       int outputs);
/* What the mean over records divides by: n, or, where outputs exclude each other, the sum of the
 * weights of their classes (t as before smoothing; 1 where the class is not known). */
double leadseq_loss_weight(const struct leadseq_loss *loss, const float *t, int n);
/* z, t (n, outputs) logits and targets; cost (n) per record, may be NULL; dz (n, outputs) the
 * derivative of the mean, may be NULL. Returns the mean over records of the sums over outputs.
 * bce: p = σ(z) in float32, each log clamped at -100; backward
 *   dz = (p - t) / max(p(1 - p), 1e-12) · p(1 - p) / n, in float32 throughout, as PyTorch.
 * bce-logits: w_p t softplus(-z) + (1 - t) softplus(z).
 * softmax: Σ_k w_k t_k (log Σ_j exp(z_j) - z_k); of one output, of (z, 0) with weights (w, 1). */
float leadseq_loss_mean(const struct leadseq_loss *loss, const float *z, const float *t, int n,
                        float *cost, float *dz);
/* Each output's share of a record's cost, part (n, outputs); 0 where the target is unknown. */
void leadseq_loss_parts(const struct leadseq_loss *loss, const float *z, const float *t, int n,
                        float *part);
/* Probabilities p (outputs) of a record's logits. */
void leadseq_loss_probability(const struct leadseq_loss_type *type, const float *z, int outputs,
                              float *p);
/* The float32 sigmoid these losses use. */
float leadseq_sigmoid(float z);

#endif
