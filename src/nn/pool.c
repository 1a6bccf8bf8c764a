/* SPDX-License-Identifier: MIT
 *
 * The maximum over windows, in x's layout. Rows and columns that fill no whole
 * window are left out; of equal values the first in row order gets the gradient. */
#include "nn_private.h"

#include <stdlib.h>

struct pool {
    struct nn_layer head;
    int kernel, stride;
};

struct pool_state {
    struct nn_plan forward, backward;
    struct nn_adapter dy;
    dnnl_memory_t workspace; /* where each maximum stood */
    void *place;
    dnnl_primitive_desc_t pd; /* forward's, backward's hint */
};

static int make_forward_pd(struct nn_bound *b)
{
    const struct pool *l = (const struct pool *)b->layer;
    struct pool_state *s = b->state;
    struct nn_shape out = nn_bound_shape(b, l->head.out);
    dnnl_dims_t dims = {out.n, out.c, out.h, out.w}, kernel = {l->kernel, l->kernel},
                stride = {l->stride, l->stride}, none = {0, 0};
    nn_md any = NULL;
    dnnl_status_t status =
        dnnl_memory_desc_create_with_tag(&any, 4, dims, nn_md_type(b->x->md), dnnl_format_tag_any);
    if (status == dnnl_success)
        status = dnnl_pooling_forward_primitive_desc_create(
            &s->pd, b->engine->handle, b->training ? dnnl_forward_training : dnnl_forward_inference,
            dnnl_pooling_max, b->x->md, any, stride, kernel, none, none, none, NULL);
    if (any) dnnl_memory_desc_destroy(any);
    return nn_check(status, "%s: maximum over %d x %d", l->head.name, l->kernel, l->kernel);
}

static int init_workspace(struct nn_bound *b)
{
    struct pool_state *s = b->state;
    const_dnnl_memory_desc_t md = nn_md_of(s->pd, dnnl_query_workspace_md);
    size_t bytes = md ? dnnl_memory_desc_get_size(md) : 0;
    if (!bytes) return 0;
    s->place = nn_aligned(bytes);
    if (!s->place) return -1;
    b->kept_bytes += bytes;
    return nn_check(dnnl_memory_create(&s->workspace, md, b->engine->handle, s->place),
                    "%s: workspace", b->layer->name);
}

static int pool_bind(struct nn_bound *b)
{
    struct pool_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s || make_forward_pd(b) || init_workspace(b) || nn_plan_init(&s->forward, s->pd))
        return -1;
    const_dnnl_memory_desc_t md = nn_md_of(s->pd, dnnl_query_dst_md);
    if (nn_tensor_describe(&b->y, b->engine, nn_bound_shape(b, b->layer->out), md)) return -1;
    b->y.values = b->x->values;
    nn_plan_argument(&s->forward, DNNL_ARG_SRC, b->x->memory);
    nn_plan_argument(&s->forward, DNNL_ARG_DST, b->y.memory);
    if (s->workspace) nn_plan_argument(&s->forward, DNNL_ARG_WORKSPACE, s->workspace);
    return 0;
}

static int pool_bind_backward(struct nn_bound *b)
{
    const struct pool *l = (const struct pool *)b->layer;
    struct pool_state *s = b->state;
    if (!b->need_dx) return 0;
    if (nn_tensor_describe_like(&b->dx, b->engine, b->x) ||
        nn_adapter_init_values(&s->dy, b->engine, b->dy, b->y.md, b->y.values, false))
        return -1;
    dnnl_dims_t kernel = {l->kernel, l->kernel}, stride = {l->stride, l->stride}, none = {0, 0};
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_pooling_backward_primitive_desc_create(
                     &pd, b->engine->handle, dnnl_pooling_max, b->dx.md, b->y.md, stride, kernel,
                     none, none, none, s->pd, NULL),
                 "%s: maximum backward", l->head.name))
        return -1;
    int status = nn_plan_init(&s->backward, pd);
    dnnl_primitive_desc_destroy(pd);
    if (status) return -1;
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_DST, s->dy.tensor->memory);
    nn_plan_argument(&s->backward, DNNL_ARG_DIFF_SRC, b->dx.memory);
    nn_plan_argument(&s->backward, DNNL_ARG_WORKSPACE, s->workspace);
    return 0;
}

static int pool_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct pool_state *s = b->state;
    return nn_plan_run(b->engine, &s->forward);
}

static int pool_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct pool_state *s = b->state;
    if (!b->need_dx) return 0;
    return nn_adapter_run(&s->dy, b->engine) ? -1 : nn_plan_run(b->engine, &s->backward);
}

static void pool_unbind(struct nn_bound *b)
{
    struct pool_state *s = b->state;
    if (!s) return;
    nn_plan_clear(&s->forward);
    nn_plan_clear(&s->backward);
    nn_adapter_clear(&s->dy);
    if (s->workspace) dnnl_memory_destroy(s->workspace);
    if (s->pd) dnnl_primitive_desc_destroy(s->pd);
    free(s->place);
    free(s);
}

static void pool_need(const struct nn_layer *layer, int batch, bool training, struct nn_need *need)
{
    struct nn_shape y = layer->out;
    y.n *= batch;
    need->size = need->size_x;
    if (training) need->kept = nn_count_by(y, 16); /* a byte a window */
}

static const struct nn_layer_type pool_type = {
    .name = "pool",
    .bind = pool_bind,
    .bind_backward = pool_bind_backward,
    .forward = pool_forward,
    .backward = pool_backward,
    .unbind = pool_unbind,
    .need = pool_need,
};

struct nn_layer *nn_pool_new(const struct nn_store *store, const char *name, struct nn_shape in,
                             const struct nn_pool_options *o)
{
    if (o->kernel < 1 || o->stride < 1 || in.h < o->kernel || in.w < o->kernel) {
        (void)leadseq_fail("%s: images of %d x %d have no window of %d x %d", name, in.w, in.h,
                           o->kernel, o->kernel);
        return NULL;
    }
    struct pool *l = nn_layer_new(sizeof *l, &pool_type, store, name, in);
    if (!l) return NULL;
    l->kernel = o->kernel;
    l->stride = o->stride;
    l->head.out.h = (in.h - o->kernel) / o->stride + 1;
    l->head.out.w = (in.w - o->kernel) / o->stride + 1;
    return &l->head;
}
