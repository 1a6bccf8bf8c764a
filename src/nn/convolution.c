/* SPDX-License-Identifier: MIT
 *
 * oneDNN's convolution described in its three directions (forward, to dx, to dw and db), for the
 * convolution layer, the ConvLSTM and its Jacobian. Runs nothing and holds no memory. */
#include "tensor.h"

#include <omp.h>
#include <string.h>

/* --- Which algorithm ----------------------------------------------------------------------- */

/* Winograd's F(4 x 4, 3 x 3) multiplies 36 times for sixteen outputs in place of 144. oneDNN has it
 * with AVX-512 for float32 in blocks of 16; measured (doc/performance.md) it is twice as fast from
 * 32 channels to be summed on, for the weights' gradient from 16 by 32. With fewer its transforms
 * cost what is saved, and lie in memory whole. Its errors are 1e-6 to 3e-6 of the largest value, in
 * place of 3e-7; gradients' norms keep within PyTorch's (doc/trust.md). Planned for several threads
 * its bits depend on their number, so that training has it in groups of images alone. Where each
 * ReLU that a rounding moves shows in gradients, in deep residual networks, training has it
 * backward alone (`exact`): its errors forward are twice those of a sum. The rule does not look at
 * the batch, so that a record's numbers do not depend on it. */
static bool suits_winograd(const struct nn_convolution *s, enum nn_way way)
{
    const int summed = way == NN_FORWARD ? s->x.c : way == NN_DATA ? s->y.c : s->x.c * s->y.c / 16;
    if (s->training && s->exact && way == NN_FORWARD) return false;
    return (s->training ? s->one_thread : way == NN_FORWARD) && s->values == NN_F32 && !s->row &&
           s->kernel == 3 && s->stride == 1 && s->pad == 1 && s->x.c % 16 == 0 &&
           s->y.c % 16 == 0 && summed >= 32 && s->x.h >= 4 && s->x.w >= 4;
}

struct nn_shape nn_convolution_weights(const struct nn_convolution *s)
{
    return (struct nn_shape){s->y.c, s->x.c, s->row ? 1 : s->kernel, s->kernel};
}

/* Descriptors of the four arguments; biases are NULL where there are none. */
struct arguments {
    nn_md any_x, any_y, weights, bias;
    const_dnnl_memory_desc_t x, y;
};

static dnnl_status_t describe(nn_md *md, struct nn_shape s, enum nn_values values)
{
    return nn_layout_tag(md, s, values, dnnl_format_tag_any);
}

static void arguments_clear(struct arguments *a)
{
    nn_md all[] = {a->any_x, a->any_y, a->weights, a->bias};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++)
        if (all[i]) dnnl_memory_desc_destroy(all[i]);
}

/* `weights`: how w, or dw, is held. */
static dnnl_status_t arguments_init(struct arguments *a, const struct nn_convolution *s,
                                    const_dnnl_memory_desc_t x, const_dnnl_memory_desc_t y,
                                    enum nn_values weights)
{
    *a = (struct arguments){0};
    const struct nn_shape w = nn_convolution_weights(s);
    dnnl_dims_t bias = {s->y.c};
    dnnl_status_t status = describe(&a->any_x, s->x, s->values);
    if (status == dnnl_success) status = describe(&a->any_y, s->y, s->values);
    if (status == dnnl_success) status = describe(&a->weights, w, weights);
    if (status == dnnl_success && s->bias)
        status = dnnl_memory_desc_create_with_tag(&a->bias, 1, bias, dnnl_f32, dnnl_a);
    a->x = x ? x : a->any_x;
    a->y = y ? y : a->any_y;
    return status;
}

/* Frees the descriptors and turns a failure into a message with the whole shape. */
static int done(struct arguments *a, dnnl_status_t status, const struct nn_convolution *s,
                const char *direction)
{
    arguments_clear(a);
    return nn_check(status,
                    "convolution (N=%d C=%d H=%d W=%d K=%d kernel=%d%s stride=%d pad=%d), %s",
                    s->x.n, s->x.c, s->x.h, s->x.w, s->y.c, s->kernel, s->row ? " of one row" : "",
                    s->stride, s->pad, direction);
}

static dnnl_status_t set_post_ops(dnnl_primitive_attr_t attr, bool adds, bool relu)
{
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success && adds) status = nn_post_ops_append_sum(ops);
    if (status == dnnl_success && relu)
        status = nn_post_ops_append_eltwise(ops, dnnl_eltwise_relu, 0, 0);
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(attr, ops);
    if (ops) dnnl_post_ops_destroy(ops);
    return status;
}

/* What follows the primitive, and scratch memory that the caller gives, as it must where several
 * threads run it at once; NULL on failure. */
static dnnl_primitive_attr_t attribute(bool adds, bool relu, bool scratch)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(&attr);
    if (status == dnnl_success && scratch)
        status = dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
    if (status == dnnl_success && (adds || relu)) status = set_post_ops(attr, adds, relu);
    if (status == dnnl_success || !attr) return attr;
    dnnl_primitive_attr_destroy(attr);
    return NULL;
}

/* `dilation` 0 is oneDNN's word for taps side by side; `pad` is the same on all sides. oneDNN is
 * told of training in evaluation too, for which it would propose NHWC. */
static dnnl_status_t create_by(dnnl_primitive_desc_t *pd, struct leadseq_engine *engine,
                               const struct nn_convolution *s, const struct arguments *a,
                               enum nn_way way, const_dnnl_primitive_desc_t hint,
                               dnnl_alg_kind_t kind)
{
    dnnl_dims_t stride = {s->row ? 1 : s->stride, s->stride}, dilation = {0, 0},
                pad = {s->row ? 0 : s->pad, s->pad};
    dnnl_primitive_attr_t attr =
        attribute(way == NN_FORWARD && s->adds, way == NN_FORWARD && s->relu, s->one_thread);
    dnnl_status_t status = dnnl_out_of_memory;
    if (attr && way == NN_DATA)
        status = dnnl_convolution_backward_data_primitive_desc_create(
            pd, engine->handle, kind, a->x, a->weights, a->y, stride, dilation, pad, pad, hint,
            attr);
    else if (attr && way == NN_WEIGHTS)
        status = dnnl_convolution_backward_weights_primitive_desc_create(
            pd, engine->handle, kind, a->x, a->weights, a->bias, a->y, stride, dilation, pad, pad,
            hint, attr);
    else if (attr)
        status = dnnl_convolution_forward_primitive_desc_create(
            pd, engine->handle, dnnl_forward_training, kind, a->x, a->weights, a->bias, a->y,
            stride, dilation, pad, pad, attr);
    if (attr) dnnl_primitive_attr_destroy(attr);
    return status;
}

/* Winograd's where that suits and oneDNN has it in these layouts, else direct. */
static dnnl_status_t create(dnnl_primitive_desc_t *pd, struct leadseq_engine *engine,
                            const struct nn_convolution *s, const struct arguments *a,
                            enum nn_way way, const_dnnl_primitive_desc_t hint)
{
    if (suits_winograd(s, way) &&
        create_by(pd, engine, s, a, way, hint, dnnl_convolution_winograd) == dnnl_success)
        return dnnl_success;
    return create_by(pd, engine, s, a, way, hint, dnnl_convolution_direct);
}

/* --- The three directions of y = w * x + b ------------------------------------------------- */

static int create_with(dnnl_primitive_desc_t *pd, struct leadseq_engine *engine,
                       const struct nn_convolution *s, enum nn_way way, const_dnnl_memory_desc_t x,
                       const_dnnl_memory_desc_t y, const_dnnl_primitive_desc_t forward)
{
    static const char *const names[] = {"forward", "backward to data", "backward to weights"};
    const int threads = omp_get_max_threads();
    struct arguments a;
    dnnl_status_t status = arguments_init(&a, s, x, y, way == NN_WEIGHTS ? NN_F32 : s->values);
    if (s->one_thread) omp_set_num_threads(1); // oneDNN plans for as many as there are
    if (status == dnnl_success) status = create(pd, engine, s, &a, way, forward);
    if (s->one_thread) omp_set_num_threads(threads);
    return done(&a, status, s, names[way]);
}

int nn_convolution_create(dnnl_primitive_desc_t *pd, struct leadseq_engine *engine,
                          const struct nn_convolution *s, enum nn_way way,
                          const_dnnl_memory_desc_t x, const_dnnl_memory_desc_t y,
                          const_dnnl_primitive_desc_t forward)
{
    dnnl_primitive_desc_t hint = NULL;
    if (way == NN_FORWARD || forward) return create_with(pd, engine, s, way, x, y, forward);
    if (create_with(&hint, engine, s, NN_FORWARD, x, y, NULL)) return -1;
    const int status = create_with(pd, engine, s, way, x, y, hint);
    dnnl_primitive_desc_destroy(hint);
    return status;
}

/* As measured on AVX-512: from 4 channels on NHWC is up to twice as fast in f32 and six times in
 * bf16, whose weights' gradient has no kernel of its own otherwise; but bf16 to whole blocks has.
 * Not along rows in f32: there its kernels (brgconv_1x1 of 2.6, from 4 channels to 16 with 9
 * samples) give other bits with 64 threads than with one. */
bool nn_convolution_prefers_last(const struct nn_convolution *s)
{
    if (s->row && s->values != NN_BF16) return false;
    bool whole = s->y.c % 16 == 0 && (s->x.c % 16 == 0 || (s->values == NN_BF16 && s->x.c < 16));
    return nn_cpu_has(dnnl_cpu_isa_avx512_core) && s->x.c > 3 && !whole;
}

bool nn_convolution_may_winograd(const struct nn_convolution *s, enum nn_way way)
{
    return nn_cpu_has(dnnl_cpu_isa_avx512_core) && suits_winograd(s, way);
}

static const char *name_of(const_dnnl_primitive_desc_t pd)
{
    const char *name = NULL;
    dnnl_status_t status =
        dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, (void *)&name);
    return status == dnnl_success ? name : NULL;
}

bool nn_is_winograd(const_dnnl_primitive_desc_t pd)
{
    const char *name = name_of(pd);
    return name && strstr(name, "wino");
}

bool nn_is_reference(const_dnnl_primitive_desc_t pd)
{
    const char *name = name_of(pd);
    return !name || strstr(name, "ref");
}
