/* SPDX-License-Identifier: MIT
 *
 * oneDNN as layers use it: engine, plans, tensors and their layouts, convolutions. Knows nothing of
 * layers and networks.
 *
 * A tensor may exist in three states: described (shape, layout and a handle), placed (with data)
 * and cleared (zeros). Plans are bound to the handle, so they survive a move of the data. Functions
 * that return int leave a message and return -1 on failure; what was built so far is for the
 * matching clear(). An engine and everything bound to it belong to one thread at a time. */
#ifndef NN_TENSOR_H
#define NN_TENSOR_H

#include "dnnl_compat.h"
#include "nn/nn.h"

/* --- Engine and plans (backend.c) ---------------------------------------------------- */

struct leadseq_engine {
    dnnl_engine_t handle;
    dnnl_stream_t stream;
    int threads;
    enum leadseq_precision precision;
    enum leadseq_memory memory;
    leadseq_sum *sum; /* over the parts of a batch; NULL: there is one */
    bool alone;
    void **lane_scratch; /* of each thread, lane_bytes; of whatever runs at the moment */
    size_t lane_bytes;
    void *turn; /* turn_bytes, of whatever runs at the moment: weights in another layout, sums */
    size_t turn_bytes;
    bool compose; /* layers alone, the ConvLSTM on oneDNN: what our own are tested against */
    char description[192];
};

/* 0 where `status` is success, else -1 and "what: oneDNN's word". `what` is a format. */
int nn_check(dnnl_status_t status, const char *what, ...) LEADSEQ_PRINTF(2, 3) LEADSEQ_CHECKED;

/* Whether oneDNN, within the user's limit (DNNL_MAX_CPU_ISA), takes these instructions of x86: its
 * names for them count up in bits. */
static inline bool nn_cpu_has(unsigned isa)
{
    return ((unsigned)dnnl_get_effective_cpu_isa() & isa) == isa;
}

/* Lets engine->turn have at least as many bytes; it may move, and what was in it is lost. */
int nn_turn_reserve(struct leadseq_engine *engine, size_t bytes) LEADSEQ_CHECKED;

/* A primitive with its arguments, ready to run. */
enum { NN_PLAN_ARGUMENTS = 12 };
struct nn_plan {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t argument[NN_PLAN_ARGUMENTS];
    int n_arguments;
    bool shares; /* the primitive is another plan's */
};
/* Takes the primitive from `pd`, which stays the caller's. */
int nn_plan_init(struct nn_plan *plan, const_dnnl_primitive_desc_t pd) LEADSEQ_CHECKED;
/* Arguments are fixed when binding: nn_plan_argument(p, DNNL_ARG_SRC, x->memory). */
void nn_plan_argument(struct nn_plan *plan, int argument, dnnl_memory_t memory);
int nn_plan_run(struct leadseq_engine *engine, const struct nn_plan *plan) LEADSEQ_CHECKED;
void nn_plan_clear(struct nn_plan *plan); /* takes NULL and zeros */
/* A plan on another's primitive, which must outlive it, with arguments of its own. */
void nn_plan_share(struct nn_plan *plan, const struct nn_plan *owner);

/* --- Tensors (tensor.c) ------------------------------------------------------------------ */

struct nn_shape {
    int n, c, h, w;
};
size_t nn_shape_count(struct nn_shape shape);

/* How values are held: float32; bfloat16, two bytes each; float32 rounded to what bfloat16
 * can hold (emulation). */
enum nn_values { NN_F32, NN_BF16, NN_ROUNDED };
/* What convolutions multiply under the engine's precision, and write for the layers after
 * them. Norm, ReLU and pooling keep what they are given; all others write float32. */
enum nn_values nn_values_of(const struct leadseq_engine *engine);

/* (N, C, H, W) or weights (K, C, kh, kw), in the layout and data type of its descriptor. Padding
 * of blocked layouts is zero: a layer that writes a tensor writes its padding too, since chains
 * reuse memory. Zeros are a valid, undescribed tensor. */
struct nn_tensor {
    struct nn_shape shape;
    enum nn_values values;
    nn_md md;             /* owned */
    dnnl_memory_t memory; /* owned handle onto data */
    float *data;          /* NULL until placed; not floats where values is NN_BF16 */
    size_t bytes;         /* with the layout's padding */
    bool owns;            /* data is freed with the tensor */
};

/* Describes t without memory; md is copied, NULL means plain NCHW. */
int nn_tensor_describe(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                       const_dnnl_memory_desc_t md) LEADSEQ_CHECKED;
/* Describes t as `like`: shape, layout and values. */
int nn_tensor_describe_like(struct nn_tensor *t, struct leadseq_engine *engine,
                            const struct nn_tensor *like) LEADSEQ_CHECKED;
/* Describes t, of another shape, in the named layout of `like` and with its values. */
int nn_tensor_describe_sized(struct nn_tensor *t, struct leadseq_engine *engine,
                             const struct nn_tensor *like, struct nn_shape shape) LEADSEQ_CHECKED;
/* Memory of its own, 64-byte aligned, zeroed. */
int nn_tensor_allocate(struct nn_tensor *t) LEADSEQ_CHECKED;
/* Borrowed memory of at least t->bytes. */
int nn_tensor_place(struct nn_tensor *t, float *data) LEADSEQ_CHECKED;
/* describe + allocate. */
int nn_tensor_init(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                   const_dnnl_memory_desc_t md) LEADSEQ_CHECKED;
/* describe as plain NCHW + place. */
int nn_tensor_init_plain(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                         float *data) LEADSEQ_CHECKED;
/* One dimension (biases, scales); on `data`, or on memory of its own if that is NULL. */
int nn_tensor_init_vector(struct nn_tensor *t, struct leadseq_engine *engine, int count,
                          float *data) LEADSEQ_CHECKED;
void nn_tensor_clear(struct nn_tensor *t); /* takes NULL and zeros */
/* Copies to and from plain NCHW; builds a reorder each time, so not for training steps. */
int nn_tensor_get(struct leadseq_engine *engine, const struct nn_tensor *t,
                  float *nchw) LEADSEQ_CHECKED;
int nn_tensor_set(struct leadseq_engine *engine, struct nn_tensor *t,
                  const float *nchw) LEADSEQ_CHECKED;

/* Rounds n values, or a tensor of NN_ROUNDED and no other, to bfloat16's: nearest, ties to even. */
void nn_round_bf16(float *x, size_t n);
uint16_t nn_bf16_of(float x); /* the bf16 nearest to x */
void nn_tensor_round(struct nn_tensor *t);

/* The layouts our own code asks for: NCHW, NHWC, nChw16c. */
enum nn_order { NN_CHANNELS_FIRST, NN_CHANNELS_LAST, NN_CHANNELS_BY_16 };

/* describe in such a layout, allocate as well. */
int nn_tensor_describe_as(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                          enum nn_order order) LEADSEQ_CHECKED;
int nn_tensor_init_as(struct nn_tensor *t, struct leadseq_engine *engine, struct nn_shape shape,
                      enum nn_order order) LEADSEQ_CHECKED;

/* --- Layouts (layout.c) ------------------------------------------------------------------- */

/* A descriptor of oneDNN's `tag` (dnnl_format_tag_any: oneDNN chooses), owned by the caller. */
dnnl_status_t nn_layout_tag(nn_md *md, struct nn_shape shape, enum nn_values values,
                            dnnl_format_tag_t tag);
/* float32. */
int nn_layout_create(nn_md *md, struct nn_shape shape, enum nn_order order) LEADSEQ_CHECKED;
int nn_layout_create_values(nn_md *md, struct nn_shape shape, enum nn_order order,
                            enum nn_values values) LEADSEQ_CHECKED;
/* The named layout of `like` and its values, for another shape. */
int nn_layout_create_like(nn_md *md, struct nn_shape shape,
                          const struct nn_tensor *like) LEADSEQ_CHECKED;
/* float32 in NCHW. */
bool nn_tensor_is_plain(const struct nn_tensor *t);
/* "nchw", "nhwc", "nChw16c" …, "nc" for features; "blocked" where it has no name here. */
const char *nn_tensor_layout(const struct nn_tensor *t);
/* Whether t has the layout and data type md, so that no reorder is needed. */
bool nn_tensor_has_layout(const struct nn_tensor *t, const_dnnl_memory_desc_t md);
/* Whether md is NHWC or nChw16c of sixteen channels: both are the same memory. */
bool nn_layout_is_16_last(struct nn_shape shape, const_dnnl_memory_desc_t md);
/* Where a value is, in any named layout: channels lie in blocks of `block`, pixel by pixel, 1 in
 * NCHW, 16 in nChw16c, C in NHWC; block 0: the layout has no name here, so adapt it first. */
struct nn_blocks {
    int block, blocks; /* channels side by side; blocks of an image, padding included */
    size_t pixels;     /* H·W */
};
struct nn_blocks nn_tensor_blocks(const struct nn_tensor *t);
/* Index of channel c at pixel 0 of an image; pixel p is p · block further on. */
static inline size_t nn_blocks_at(const struct nn_blocks *g, size_t image, int c)
{
    const size_t block = (size_t)g->block;
    return (image * (size_t)g->blocks + (size_t)c / block) * g->pixels * block + (size_t)c % block;
}

/* Values of a shape in a layout whose channels lie in blocks, and their bytes as float32. */
size_t nn_count_by(struct nn_shape s, int block);
size_t nn_bytes_by(struct nn_shape s, int block);
/* float32 in blocks of 16, the widest. */
size_t nn_padded_bytes(struct nn_shape s);
/* Bytes per value of what convolutions write. */
size_t nn_value_size(const struct leadseq_engine *engine);

/* --- Copies between layouts (tensor.c) ---------------------------------------------------- */

/* A copy between layouts, planned when binding. */
int nn_reorder_init(struct nn_plan *plan, struct leadseq_engine *engine,
                    const struct nn_tensor *from, const struct nn_tensor *to) LEADSEQ_CHECKED;

/* `t` seen in the layout a primitive wants: `tensor` is t itself where it has that layout,
 * else `own`, filled from t before the primitive runs or copied back to t after. Sixteen channels
 * lie in a block of 16 as they lie in NHWC: then `own` is t's memory under another name. */
struct nn_adapter {
    struct nn_tensor own;
    struct nn_plan reorder;
    struct nn_tensor *tensor;
    const struct nn_tensor *viewed; /* t, where own is its memory */
    bool in_turn;                   /* own is in engine->turn: for what is read at once */
};
/* `out`: the primitive writes (reorder own -> t), else it reads (t -> own). */
int nn_adapter_init(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                    const_dnnl_memory_desc_t wanted, bool out) LEADSEQ_CHECKED;
/* Wanted: that layout, holding `values`. */
int nn_adapter_init_values(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                           const_dnnl_memory_desc_t wanted, enum nn_values values,
                           bool out) LEADSEQ_CHECKED;
/* The same, to read; `own` is valid until something else takes its turn. */
int nn_adapter_init_turn(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                         const_dnnl_memory_desc_t wanted, enum nn_values values) LEADSEQ_CHECKED;
/* To write; the caller places `own`, where there is a copy, before it is run. */
int nn_adapter_init_out(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                        const_dnnl_memory_desc_t wanted) LEADSEQ_CHECKED;
/* Wanted: float32 in plain NCHW. */
int nn_adapter_init_plain(struct nn_adapter *a, struct leadseq_engine *engine, struct nn_tensor *t,
                          bool out) LEADSEQ_CHECKED;
int nn_adapter_run(struct nn_adapter *a,
                   struct leadseq_engine *engine) LEADSEQ_CHECKED; /* before or after */
/* Before the primitive that writes, too; nn_adapter_run() has done it for one that reads. */
int nn_adapter_point(struct nn_adapter *a) LEADSEQ_CHECKED;
void nn_adapter_clear(struct nn_adapter *a);

/* Memory in which a forward primitive leaves what its backward primitive needs (where each maximum
 * was, what a ReLU let pass). Empty where the primitive wants none. */
struct nn_workspace {
    dnnl_memory_t memory;
    void *data;
    size_t bytes;
};
int nn_workspace_init(struct nn_workspace *w, struct leadseq_engine *engine,
                      const_dnnl_primitive_desc_t pd) LEADSEQ_CHECKED;
void nn_workspace_argument(const struct nn_workspace *w,
                           struct nn_plan *plan); /* if there is any */
void nn_workspace_clear(struct nn_workspace *w);

/* Bytes rounded up to whole cache lines, after which the next block is aligned. */
static inline size_t nn_whole_lines(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

/* 64-byte aligned zeros, freed with free(). */
void *nn_aligned(size_t bytes) LEADSEQ_CHECKED;
/* This thread's nn_aligned() no longer writes zeros: what is bound then can be looked at but
 * not run, and takes next to no memory. */
void nn_leave_untouched(bool on);
/* to += from, n values. */
void nn_accumulate(float *to, const float *from, size_t n);

/* --- Convolutions in three directions (convolution.c) ---------------------------------- */

struct nn_convolution { /* y (N, K, ·, ·) = w (K, C, kernel, kernel) * x (N, C, H, W) + b (K) */
    struct nn_shape x, y;
    int kernel, stride, pad;
    bool row; /* along rows alone: the kernel is (1, kernel), and so are stride and pad */
    bool bias;
    bool training;         /* a gradient follows */
    bool one_thread;       /* planned for one, a group of images each (conv_groups.h) */
    bool adds;             /* to what is in y, forward only */
    bool relu;             /* y = max(·, 0) of all that, forward only */
    bool exact;            /* never Winograd's algorithm forward in training */
    enum nn_values values; /* of x, y, w, dx and dy; b, dw and db are float32 */
};
/* (K, C, kernel, kernel), or (K, C, 1, kernel). */
struct nn_shape nn_convolution_weights(const struct nn_convolution *s);
enum nn_way { NN_FORWARD, NN_DATA, NN_WEIGHTS, NN_WAYS };
/* The primitive's descriptor in a direction. Layouts of x or dx and y or dy; NULL lets oneDNN
 * choose. Weights are always oneDNN's choice. `forward`: that of s forward, a hint for the other
 * directions; NULL: one is made for the call. */
int nn_convolution_create(dnnl_primitive_desc_t *pd, struct leadseq_engine *engine,
                          const struct nn_convolution *s, enum nn_way way,
                          const_dnnl_memory_desc_t x, const_dnnl_memory_desc_t y,
                          const_dnnl_primitive_desc_t forward) LEADSEQ_CHECKED;
/* Whether few channels, that fill no block of 16, are better given and taken in NHWC. */
bool nn_convolution_prefers_last(const struct nn_convolution *s);
/* Whether it may be Winograd's algorithm by its shape and this machine. */
bool nn_convolution_may_winograd(const struct nn_convolution *s, enum nn_way way);
/* Whether it is Winograd's algorithm (convolution.c says when it is). */
bool nn_is_winograd(const_dnnl_primitive_desc_t pd);
/* Whether oneDNN has plain loops only for it. */
bool nn_is_reference(const_dnnl_primitive_desc_t pd);
/* A memory descriptor of a primitive; belongs to pd. */
static inline const_dnnl_memory_desc_t nn_md_of(const_dnnl_primitive_desc_t pd, dnnl_query_t what)
{
    return dnnl_primitive_desc_query_md(pd, what, 0);
}

#endif
