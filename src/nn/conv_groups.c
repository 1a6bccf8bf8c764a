/* SPDX-License-Identifier: MIT
 *
 * See conv_groups.h. */
#include "conv_groups.h"

#include <omp.h>
#include <stdlib.h>

int nn_group_images(const struct nn_convolution *s, int pixels)
{
    const int each = s->y.h * s->y.w;
    int images = (pixels + each - 1) / each;
    if (images > s->x.n) images = s->x.n;
    while (s->x.n % images) images--;
    return images;
}

int nn_group_lanes(int groups, int threads)
{
    return groups < threads ? groups : threads;
}

int nn_group_describe(struct nn_tensor *t, struct leadseq_engine *engine,
                      const struct nn_tensor *batch, int images)
{
    struct nn_shape shape = batch->shape;
    if (images == shape.n) return nn_tensor_describe_like(t, engine, batch);
    shape.n = images;
    return nn_tensor_describe_sized(t, engine, batch, shape);
}

/* --- Binding ---------------------------------------------------------------------------------- */

/* At least `bytes` for each of the first lanes, and for those that had some; what was in it is
 * lost. */
static int reserve_scratch(struct leadseq_engine *engine, int lanes, size_t bytes)
{
    void ***lane = &engine->lane_scratch;
    if (!*lane) *lane = leadseq_calloc((size_t)engine->threads, sizeof **lane);
    if (!*lane) return -1;
    const bool grows = bytes > engine->lane_bytes;
    if (grows) engine->lane_bytes = bytes;
    for (int i = 0; i < engine->threads && engine->lane_bytes; i++) {
        if ((*lane)[i] ? !grows : i >= lanes) continue;
        free((*lane)[i]);
        (*lane)[i] = nn_aligned(engine->lane_bytes);
        if (!(*lane)[i]) return -1;
    }
    return 0;
}

static int init_lane(struct nn_conv_groups *g, struct nn_group_lane *l,
                     struct leadseq_engine *engine, const_dnnl_primitive_desc_t pd,
                     const struct nn_group_argument *argument)
{
    const_dnnl_memory_desc_t scratch = nn_md_of(pd, dnnl_query_scratchpad_md);
    const size_t bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
    nn_plan_share(&l->plan, &g->plan);
    dnnl_status_t status = dnnl_stream_create(&l->stream, engine->handle, dnnl_stream_in_order);
    for (int i = 0; i < g->arguments && status == dnnl_success; i++) {
        status = dnnl_memory_create(&l->memory[i], argument[i].md, engine->handle, NULL);
        if (status == dnnl_success) nn_plan_argument(&l->plan, argument[i].argument, l->memory[i]);
    }
    if (bytes && status == dnnl_success)
        status = dnnl_memory_create(&l->scratch, scratch, engine->handle, NULL);
    if (l->scratch) nn_plan_argument(&l->plan, DNNL_ARG_SCRATCHPAD, l->scratch);
    return nn_check(status, "groups of images");
}

int nn_conv_groups_init(struct nn_conv_groups *g, struct leadseq_engine *engine,
                        const_dnnl_primitive_desc_t pd, int groups,
                        const struct nn_group_argument *argument, int n)
{
    const_dnnl_memory_desc_t scratch = nn_md_of(pd, dnnl_query_scratchpad_md);
    *g = (struct nn_conv_groups){.engine = engine,
                                 .groups = groups,
                                 .threads = engine->threads,
                                 .lanes = nn_group_lanes(groups, engine->threads),
                                 .arguments = n};
    for (int i = 0; i < n; i++) g->step[i] = argument[i].step;
    if (nn_plan_init(&g->plan, pd) ||
        reserve_scratch(engine, g->lanes, scratch ? dnnl_memory_desc_get_size(scratch) : 0))
        return -1;
    g->lane = leadseq_calloc((size_t)g->lanes, sizeof *g->lane);
    if (!g->lane) return -1;
    for (int i = 0; i < g->lanes; i++)
        if (init_lane(g, &g->lane[i], engine, pd, argument)) return -1;
    return 0;
}

static void clear_lane(struct nn_group_lane *l)
{
    for (int i = 0; i < NN_GROUP_ARGUMENTS; i++)
        if (l->memory[i]) dnnl_memory_destroy(l->memory[i]);
    if (l->scratch) dnnl_memory_destroy(l->scratch);
    if (l->stream) dnnl_stream_destroy(l->stream);
    nn_plan_clear(&l->plan);
}

void nn_conv_groups_clear(struct nn_conv_groups *g)
{
    for (int i = 0; g->lane && i < g->lanes; i++) clear_lane(&g->lane[i]);
    free(g->lane);
    nn_plan_clear(&g->plan);
    *g = (struct nn_conv_groups){0};
}

/* --- Running ---------------------------------------------------------------------------------- */

dnnl_status_t nn_conv_groups_run_one(const struct nn_conv_groups *g, int lane, int group,
                                     void *const *data)
{
    const struct nn_group_lane *l = &g->lane[lane];
    dnnl_status_t s = dnnl_success;
    for (int i = 0; i < g->arguments && s == dnnl_success; i++)
        s = dnnl_memory_set_data_handle(l->memory[i], (char *)data[i] + (size_t)group * g->step[i]);
    if (l->scratch && s == dnnl_success)
        s = dnnl_memory_set_data_handle(l->scratch, g->engine->lane_scratch[lane]);
    if (s == dnnl_success)
        s = dnnl_primitive_execute(l->plan.primitive, l->stream, l->plan.n_arguments,
                                   l->plan.argument);
    return s == dnnl_success ? dnnl_stream_wait(l->stream) : s;
}

int nn_conv_groups_run(const struct nn_conv_groups *g, void *const *data)
{
    int worst = dnnl_success;
#pragma omp parallel num_threads(g->lanes) reduction(max : worst)
    {
        const int team = omp_get_num_threads();
        for (int i = omp_get_thread_num(); i < g->groups; i += team) {
            const int status = (int)nn_conv_groups_run_one(g, omp_get_thread_num(), i, data);
            if (status > worst) worst = status;
        }
    }
    return nn_check((dnnl_status_t)worst, "running groups of images");
}

/* --- Winograd's algorithm --------------------------------------------------------------------- */

/* Pixels of a group at least, where the batch has them: weights are transformed for each group. A
 * batch of small images is divided into a few groups all the same, for there to be some for
 * threads. By the shape alone: oneDNN plans a sum over many channels by the images of a group. */
enum { PIXELS = 4096, FEWEST = 1024, GROUPS = 4 };

static int winograd_images(const struct nn_convolution *s)
{
    const int fewest = nn_group_images(s, FEWEST);
    int images = nn_group_images(s, PIXELS);
    while (images > fewest && (s->x.n / images < GROUPS || s->x.n % images)) images--;
    return images;
}

static int init_winograd(struct nn_conv_groups *g, struct leadseq_engine *engine,
                         const struct nn_convolution *s, enum nn_way way,
                         const_dnnl_primitive_desc_t pd, int groups, const struct nn_tensor *x,
                         const struct nn_tensor *y)
{
    const bool data = way == NN_DATA;
    const struct nn_tensor *in = data ? y : x, *out = data ? x : y;
    const struct nn_group_argument argument[] = {
        {data ? DNNL_ARG_DIFF_DST : DNNL_ARG_SRC, in->md, in->bytes},
        {DNNL_ARG_WEIGHTS, nn_md_of(pd, dnnl_query_weights_md), 0},
        {data ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST, out->md, out->bytes},
        {DNNL_ARG_BIAS, dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 1), 0},
    };
    const int n = (int)LEADSEQ_COUNT(argument) - (s->bias && !data ? 0 : 1);
    return nn_conv_groups_init(g, engine, pd, groups, argument, n);
}

int nn_conv_winograd_init(struct nn_conv_groups *g, struct leadseq_engine *engine,
                          const struct nn_convolution *s, enum nn_way way,
                          const struct nn_tensor *x, const struct nn_tensor *y,
                          struct nn_adapter *w, struct nn_tensor *weight, bool at_once)
{
    const int images = winograd_images(s);
    struct nn_convolution group = *s;
    struct nn_tensor some_x = {0}, some_y = {0};
    dnnl_primitive_desc_t pd = NULL;
    group.x.n = group.y.n = images;
    group.one_thread = true;
    *g = (struct nn_conv_groups){0};
    if (!s->training || !nn_convolution_may_winograd(&group, way) || !nn_tensor_blocks(x).block ||
        !nn_tensor_blocks(y).block)
        return 0;
    int status = nn_group_describe(&some_x, engine, x, images) ||
                         nn_group_describe(&some_y, engine, y, images)
                     ? -1
                     : 0;
    if (!status)
        status = nn_convolution_create(&pd, engine, &group, way, some_x.md, some_y.md, NULL);
    if (!status && nn_is_winograd(pd)) {
        status = init_winograd(g, engine, s, way, pd, s->x.n / images, &some_x, &some_y);
        const_dnnl_memory_desc_t wanted = nn_md_of(pd, dnnl_query_weights_md);
        if (!status)
            status = at_once ? nn_adapter_init_turn(w, engine, weight, wanted, s->values)
                             : nn_adapter_init_values(w, engine, weight, wanted, s->values, false);
    }
    if (pd) dnnl_primitive_desc_destroy(pd);
    nn_tensor_clear(&some_x);
    nn_tensor_clear(&some_y);
    return status;
}

int nn_conv_winograd_run(const struct nn_conv_groups *g, const struct nn_tensor *in,
                         const struct nn_adapter *w, const struct nn_tensor *bias,
                         const struct nn_tensor *out)
{
    void *data[NN_GROUP_ARGUMENTS] = {in->data, w->tensor->data, out->data,
                                      bias ? bias->data : NULL};
    return nn_conv_groups_run(g, data);
}

/* Transformed tensors of a group in each lane, 36 values for sixteen, and the weights, 36 for nine.
 */
size_t nn_conv_winograd_bytes(const struct nn_convolution *s, const struct leadseq_engine *engine)
{
    struct nn_convolution one = *s;
    one.training = one.one_thread = true;
    if (!nn_convolution_may_winograd(&one, NN_FORWARD) &&
        !nn_convolution_may_winograd(&one, NN_DATA))
        return 0;
    const int images = winograd_images(s);
    const int lanes = nn_group_lanes(s->x.n / images, engine->threads);
    const size_t tiles = (size_t)images * ((size_t)(s->y.h + 3) / 4) * ((size_t)(s->y.w + 3) / 4);
    const size_t in = (size_t)s->x.c, out = (size_t)s->y.c;
    return (size_t)lanes * 36 * sizeof(float) * (tiles * (in + out) + in * out);
}
