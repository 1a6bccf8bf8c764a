/* SPDX-License-Identifier: MIT
 *
 * Write to the oneDNN 3.x C API; supply it on 2.6/2.7.
 *
 * 3.0 made memory descriptors opaque handles and fused "op descriptor +
 * primitive descriptor" into one call.  Below 3.0 this header provides those
 * calls under their 3.x names, so no other file tests DNNL_VERSION_MAJOR.
 * Delete this header when 2.x support ends. */
#ifndef DNNL_COMPAT_H
#define DNNL_COMPAT_H

#include <oneapi/dnnl/dnnl.h>
#include <oneapi/dnnl/dnnl_debug.h>

#if DNNL_VERSION_MAJOR >= 3

typedef dnnl_memory_desc_t nn_md; /* owned handle: destroy it */

#define nn_post_ops_append_eltwise dnnl_post_ops_append_eltwise

static inline dnnl_status_t nn_post_ops_append_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1.0f, 0, dnnl_data_type_undef);
}

static inline dnnl_data_type_t nn_md_type(const_dnnl_memory_desc_t md)
{
    dnnl_data_type_t type = dnnl_data_type_undef;
    (void)dnnl_memory_desc_query(md, dnnl_query_data_type, &type);
    return type;
}

#elif DNNL_VERSION_MAJOR == 2 && DNNL_VERSION_MINOR >= 6

#include <stdlib.h>

typedef dnnl_memory_desc_t *nn_md; /* owned heap copy: destroy it */
typedef const dnnl_memory_desc_t *const_dnnl_memory_desc_t;

/* 2.x scales what it adds. */
static inline dnnl_status_t nn_post_ops_append_eltwise(dnnl_post_ops_t ops, dnnl_alg_kind_t alg,
                                                       float alpha, float beta)
{
    return dnnl_post_ops_append_eltwise(ops, 1.0f, alg, alpha, beta);
}

static inline dnnl_status_t nn_post_ops_append_sum(dnnl_post_ops_t ops)
{
    return dnnl_post_ops_append_sum(ops, 1.0f);
}

static inline dnnl_data_type_t nn_md_type(const_dnnl_memory_desc_t md)
{
    return md->data_type;
}

static inline dnnl_status_t dnnl_memory_desc_create_with_tag(nn_md *md, int ndims,
                                                             const dnnl_dims_t dims,
                                                             dnnl_data_type_t type,
                                                             dnnl_format_tag_t tag)
{
    *md = calloc(1, sizeof **md);
    if (!*md) return dnnl_out_of_memory;
    dnnl_status_t s = dnnl_memory_desc_init_by_tag(*md, ndims, dims, type, tag);
    if (s != dnnl_success) {
        free(*md);
        *md = NULL;
    }
    return s;
}

static inline dnnl_status_t dnnl_memory_desc_clone(nn_md *md, const_dnnl_memory_desc_t from)
{
    *md = malloc(sizeof **md);
    if (!*md) return dnnl_out_of_memory;
    **md = *from;
    return dnnl_success;
}

static inline dnnl_status_t dnnl_memory_desc_destroy(nn_md md)
{
    free(md);
    return dnnl_success;
}

/* One 2.x op descriptor in, one primitive descriptor out. */
#define NN_PD_CREATE_(init_call)                                                                   \
    dnnl_status_t s_ = (init_call);                                                                \
    return s_ != dnnl_success ? s_ : dnnl_primitive_desc_create(pd, &op, attr, engine, hint)

static inline dnnl_status_t dnnl_convolution_forward_primitive_desc_create(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop, dnnl_alg_kind_t alg,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t bias,
    const_dnnl_memory_desc_t dst, const dnnl_dims_t strides, const dnnl_dims_t dilates,
    const dnnl_dims_t pad_l, const dnnl_dims_t pad_r, const_dnnl_primitive_attr_t attr)
{
    dnnl_convolution_desc_t op;
    const_dnnl_primitive_desc_t hint = NULL;
    NN_PD_CREATE_(dnnl_dilated_convolution_forward_desc_init(&op, prop, alg, src, weights, bias,
                                                             dst, strides, dilates, pad_l, pad_r));
}

static inline dnnl_status_t dnnl_convolution_backward_data_primitive_desc_create(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t alg,
    const_dnnl_memory_desc_t diff_src, const_dnnl_memory_desc_t weights,
    const_dnnl_memory_desc_t diff_dst, const dnnl_dims_t strides, const dnnl_dims_t dilates,
    const dnnl_dims_t pad_l, const dnnl_dims_t pad_r, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attr)
{
    dnnl_convolution_desc_t op;
    NN_PD_CREATE_(dnnl_dilated_convolution_backward_data_desc_init(
        &op, alg, diff_src, weights, diff_dst, strides, dilates, pad_l, pad_r));
}

static inline dnnl_status_t dnnl_convolution_backward_weights_primitive_desc_create(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t alg,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t diff_weights,
    const_dnnl_memory_desc_t diff_bias, const_dnnl_memory_desc_t diff_dst,
    const dnnl_dims_t strides, const dnnl_dims_t dilates, const dnnl_dims_t pad_l,
    const dnnl_dims_t pad_r, const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr)
{
    dnnl_convolution_desc_t op;
    NN_PD_CREATE_(dnnl_dilated_convolution_backward_weights_desc_init(
        &op, alg, src, diff_weights, diff_bias, diff_dst, strides, dilates, pad_l, pad_r));
}

/* 2.x names one descriptor for src and dst; 3.x names both. */
static inline dnnl_status_t dnnl_eltwise_forward_primitive_desc_create(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop, dnnl_alg_kind_t alg,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t dst, float alpha, float beta,
    const_dnnl_primitive_attr_t attr)
{
    dnnl_eltwise_desc_t op;
    const_dnnl_primitive_desc_t hint = NULL;
    (void)dst;
    NN_PD_CREATE_(dnnl_eltwise_forward_desc_init(&op, prop, alg, src, alpha, beta));
}

static inline dnnl_status_t dnnl_eltwise_backward_primitive_desc_create(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t alg,
    const_dnnl_memory_desc_t diff_src, const_dnnl_memory_desc_t diff_dst,
    const_dnnl_memory_desc_t data, float alpha, float beta, const_dnnl_primitive_desc_t hint,
    const_dnnl_primitive_attr_t attr)
{
    dnnl_eltwise_desc_t op;
    (void)diff_src;
    NN_PD_CREATE_(dnnl_eltwise_backward_desc_init(&op, alg, diff_dst, data, alpha, beta));
}

static inline dnnl_status_t dnnl_pooling_forward_primitive_desc_create(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_prop_kind_t prop, dnnl_alg_kind_t alg,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t dst, const dnnl_dims_t strides,
    const dnnl_dims_t kernel, const dnnl_dims_t dilation, const dnnl_dims_t pad_l,
    const dnnl_dims_t pad_r, const_dnnl_primitive_attr_t attr)
{
    dnnl_pooling_v2_desc_t op;
    const_dnnl_primitive_desc_t hint = NULL;
    NN_PD_CREATE_(dnnl_pooling_v2_forward_desc_init(&op, prop, alg, src, dst, strides, kernel,
                                                    dilation, pad_l, pad_r));
}

static inline dnnl_status_t dnnl_pooling_backward_primitive_desc_create(
    dnnl_primitive_desc_t *pd, dnnl_engine_t engine, dnnl_alg_kind_t alg,
    const_dnnl_memory_desc_t diff_src, const_dnnl_memory_desc_t diff_dst, const dnnl_dims_t strides,
    const dnnl_dims_t kernel, const dnnl_dims_t dilation, const dnnl_dims_t pad_l,
    const dnnl_dims_t pad_r, const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t attr)
{
    dnnl_pooling_v2_desc_t op;
    NN_PD_CREATE_(dnnl_pooling_v2_backward_desc_init(&op, alg, diff_src, diff_dst, strides, kernel,
                                                     dilation, pad_l, pad_r));
}

#undef NN_PD_CREATE_

#else
#error "oneDNN >= 2.6 is required"
#endif

#endif /* DNNL_COMPAT_H */
