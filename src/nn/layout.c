/* SPDX-License-Identifier: MIT
 *
 * Layouts of tensors: creating, comparing and naming oneDNN's memory descriptors, and where a
 * value is in those that our own loops can walk through.
 *
 *   nchw       a channel's rows and columns are contiguous        plain
 *   nhwc       a pixel's channels are contiguous                  channels last
 *   nChw16c    sixteen channels of a pixel are contiguous, then the next pixel; the last block
 *              is padded with channels of zeros                   blocked */
#include "tensor.h"

/* The layouts with a name here. `block` is the number of channels that lie side by side, 0: all
 * of them. */
static const struct known {
    dnnl_format_tag_t tag;
    const char *name;
    int block;
} known[] = {{dnnl_nchw, "nchw", 1},
             {dnnl_nhwc, "nhwc", 0},
             {dnnl_nChw16c, "nChw16c", 16},
             {dnnl_nChw8c, "nChw8c", 8},
             {dnnl_nChw4c, "nChw4c", 4}};

dnnl_status_t nn_layout_tag(nn_md *md, struct nn_shape s, enum nn_values values,
                            dnnl_format_tag_t tag)
{
    dnnl_dims_t dims = {s.n, s.c, s.h, s.w};
    return dnnl_memory_desc_create_with_tag(md, 4, dims, values == NN_BF16 ? dnnl_bf16 : dnnl_f32,
                                            tag);
}

int nn_layout_create_values(nn_md *md, struct nn_shape s, enum nn_order order,
                            enum nn_values values)
{
    static const dnnl_format_tag_t tag[] = {dnnl_nchw, dnnl_nhwc, dnnl_nChw16c};
    return nn_check(nn_layout_tag(md, s, values, tag[order]), "layout (N=%d C=%d H=%d W=%d)", s.n,
                    s.c, s.h, s.w);
}

int nn_layout_create(nn_md *md, struct nn_shape s, enum nn_order order)
{
    return nn_layout_create_values(md, s, order, NN_F32);
}

/* Whether `md`, with values of its own type, is the layout `tag` of the shape. */
static bool has_tag(struct nn_shape s, const_dnnl_memory_desc_t md, dnnl_format_tag_t tag)
{
    nn_md other;
    const enum nn_values values = nn_md_type(md) == dnnl_bf16 ? NN_BF16 : NN_F32;
    if (nn_layout_tag(&other, s, values, tag) != dnnl_success) return false;
    bool same = dnnl_memory_desc_equal(other, md);
    dnnl_memory_desc_destroy(other);
    return same;
}

/* The first of the known layouts that `t` has; NULL: none. Several may fit, as nchw and nhwc do
 * with one channel: the addresses are the same then. */
static const struct known *find(const struct nn_tensor *t)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(known); i++)
        if (has_tag(t->shape, t->md, known[i].tag)) return &known[i];
    return NULL;
}

bool nn_tensor_is_plain(const struct nn_tensor *t)
{
    return nn_md_type(t->md) == dnnl_f32 && has_tag(t->shape, t->md, dnnl_nchw);
}

bool nn_tensor_has_layout(const struct nn_tensor *t, const_dnnl_memory_desc_t md)
{
    return dnnl_memory_desc_equal(t->md, md);
}

const char *nn_tensor_layout(const struct nn_tensor *t)
{
    if (t->shape.h == 1 && t->shape.w == 1 && nn_tensor_is_plain(t)) return "nc";
    const struct known *k = find(t);
    return k ? k->name : "blocked";
}

struct nn_blocks nn_tensor_blocks(const struct nn_tensor *t)
{
    const struct known *k = find(t);
    if (!k) return (struct nn_blocks){0};
    const int block = k->block ? k->block : t->shape.c;
    return (struct nn_blocks){.block = block,
                              .blocks = (t->shape.c + block - 1) / block,
                              .pixels = (size_t)t->shape.h * (size_t)t->shape.w};
}

int nn_layout_create_like(nn_md *md, struct nn_shape s, const struct nn_tensor *like)
{
    const struct known *k = find(like);
    return nn_check(nn_layout_tag(md, s, like->values, k ? k->tag : dnnl_nchw),
                    "layout (N=%d C=%d H=%d W=%d)", s.n, s.c, s.h, s.w);
}

bool nn_layout_is_16_last(struct nn_shape s, const_dnnl_memory_desc_t md)
{
    return s.c == 16 && (has_tag(s, md, dnnl_nhwc) || has_tag(s, md, dnnl_nChw16c));
}

/* --- Sizes ---------------------------------------------------------------------------------- */

size_t nn_shape_count(struct nn_shape s)
{
    return (size_t)s.n * (size_t)s.c * (size_t)s.h * (size_t)s.w;
}

/* A layout in blocks pads the channels of images; rows of features are never blocked. */
size_t nn_count_by(struct nn_shape s, int block)
{
    if (s.h * s.w > 1) s.c = (s.c + block - 1) / block * block;
    return nn_shape_count(s);
}

size_t nn_bytes_by(struct nn_shape s, int block)
{
    return nn_count_by(s, block) * sizeof(float);
}

size_t nn_padded_bytes(struct nn_shape s)
{
    return nn_bytes_by(s, 16);
}

size_t nn_value_size(const struct leadseq_engine *engine)
{
    return nn_values_of(engine) == NN_BF16 ? 2 : sizeof(float);
}
