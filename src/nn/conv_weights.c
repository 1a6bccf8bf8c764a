/* SPDX-License-Identifier: MIT
 *
 * See conv_weights.h. Threads take one group each, then add all of them, each a range of the
 * weights. */
#include "conv_weights.h"
#include "lanes.h"

#include <omp.h>
#include <stdlib.h>

/* --- Groups ----------------------------------------------------------------------------------- */

/* Pixels of a group at least, where the batch has them: with 512 its dw takes a fiftieth of the
 * time to add that it takes to compute. */
enum { PIXELS = 512 };

/* The largest divisor of the batch up to the images that have as many pixels. */
static int images_of_group(const struct nn_convolution *s)
{
    const int pixels = s->y.h * s->y.w;
    int images = (PIXELS + pixels - 1) / pixels;
    if (images > s->x.n) images = s->x.n;
    while (s->x.n % images) images--;
    return images;
}

static int lanes_of(int groups, int threads)
{
    return groups < threads ? groups : threads;
}

/* Floats of dw and db, each in whole vectors. */
static size_t whole(size_t floats)
{
    return (floats + WIDTH - 1) / WIDTH * WIDTH;
}

size_t nn_conv_weights_bytes(const struct nn_convolution *s, const struct leadseq_engine *engine)
{
    const struct nn_shape shape = {s->y.c, s->x.c, s->kernel, s->kernel};
    const size_t bytes = nn_padded_bytes(shape);
    const int lanes = lanes_of(s->x.n / images_of_group(s), engine->threads);
    return (size_t)(lanes + 4) * bytes; /* sums, dw in both layouts */
}

/* --- Binding ---------------------------------------------------------------------------------- */

/* Some images of a batch, in its layout. */
static int describe(struct nn_tensor *t, struct leadseq_engine *engine,
                    const struct nn_tensor *batch, int images)
{
    struct nn_shape shape = batch->shape;
    if (images == shape.n) return nn_tensor_describe_like(t, engine, batch);
    shape.n = images;
    return nn_tensor_describe_sized(t, engine, batch, shape);
}

/* The primitive for one group, made for the one thread that runs it. */
static int create(dnnl_primitive_desc_t *pd, struct leadseq_engine *engine,
                  const struct nn_convolution *s, const struct nn_tensor *x,
                  const struct nn_tensor *dy)
{
    const int threads = omp_get_max_threads();
    dnnl_primitive_desc_t forward = NULL;
    omp_set_num_threads(1);
    int status = nn_convolution_forward(&forward, engine, s, x->md, dy->md);
    if (!status) status = nn_convolution_backward_weights(pd, engine, s, x->md, dy->md, forward);
    if (forward) dnnl_primitive_desc_destroy(forward);
    omp_set_num_threads(threads);
    return status;
}

static int init_lane(struct nn_conv_weights *w, struct nn_conv_weights_lane *l,
                     struct leadseq_engine *engine, const_dnnl_primitive_desc_t pd)
{
    const_dnnl_memory_desc_t db = dnnl_primitive_desc_query_md(pd, dnnl_query_diff_weights_md, 1);
    const_dnnl_memory_desc_t scratch = nn_md_of(pd, dnnl_query_scratchpad_md);
    const size_t bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
    const dnnl_engine_t e = engine->handle;
    l->values = nn_aligned(w->vectors * WIDTH * sizeof *l->values);
    l->scratch_values = bytes ? nn_aligned(bytes) : NULL;
    if (!l->values || (bytes && !l->scratch_values)) return -1;
    dnnl_status_t status = dnnl_stream_create(&l->stream, e, dnnl_stream_in_order);
    struct {
        int argument;
        dnnl_memory_t *memory;
        const_dnnl_memory_desc_t md;
        void *values; /* those of x and dy follow when running */
    } row[] = {
        {DNNL_ARG_SRC, &l->x, nn_md_of(pd, dnnl_query_src_md), NULL},
        {DNNL_ARG_DIFF_DST, &l->dy, nn_md_of(pd, dnnl_query_diff_dst_md), NULL},
        {DNNL_ARG_DIFF_WEIGHTS, &l->dw, nn_md_of(pd, dnnl_query_diff_weights_md), l->values},
        {DNNL_ARG_DIFF_BIAS, &l->db, w->db ? db : NULL, l->values + whole(w->weights)},
        {DNNL_ARG_SCRATCHPAD, &l->scratch, bytes ? scratch : NULL, l->scratch_values},
    };
    nn_plan_share(&l->plan, &w->plan);
    for (size_t i = 0; i < LEADSEQ_COUNT(row) && status == dnnl_success; i++) {
        if (!row[i].md) continue;
        status = dnnl_memory_create(row[i].memory, row[i].md, e, row[i].values);
        if (status == dnnl_success) nn_plan_argument(&l->plan, row[i].argument, *row[i].memory);
    }
    return nn_check(status, "gradient of weights");
}

static int init_sums(struct nn_conv_weights *w, struct leadseq_engine *engine,
                     const struct nn_convolution *s, const_dnnl_primitive_desc_t pd)
{
    const struct nn_shape shape = {s->y.c, s->x.c, s->kernel, s->kernel};
    const size_t biases = s->bias ? (size_t)s->y.c : 0;
    if (nn_tensor_init(&w->dw, engine, shape, NULL) ||
        nn_adapter_init(&w->dw_out, engine, &w->dw, nn_md_of(pd, dnnl_query_diff_weights_md), true))
        return -1;
    w->weights = w->dw_out.tensor->bytes / sizeof(float);
    w->vectors = (whole(w->weights) + whole(biases)) / WIDTH;
    w->sum = nn_aligned(w->vectors * WIDTH * sizeof *w->sum);
    w->db = biases ? leadseq_calloc(biases, sizeof *w->db) : NULL;
    return w->sum && (w->db || !biases) ? 0 : -1;
}

static int init_lanes(struct nn_conv_weights *w, struct leadseq_engine *engine,
                      const_dnnl_primitive_desc_t pd)
{
    w->threads = engine->threads;
    w->lanes = lanes_of(w->groups, engine->threads);
    w->lane = leadseq_calloc((size_t)w->lanes, sizeof *w->lane);
    if (!w->lane) return -1;
    for (int i = 0; i < w->lanes; i++)
        if (init_lane(w, &w->lane[i], engine, pd)) return -1;
    return 0;
}

/* A layout without a name cannot be divided: its batch is one group. */
int nn_conv_weights_init(struct nn_conv_weights *w, struct leadseq_engine *engine,
                         const struct nn_convolution *s, const struct nn_tensor *x,
                         const struct nn_tensor *dy)
{
    const bool named = nn_tensor_blocks(x).block && nn_tensor_blocks(dy).block;
    const int images = named ? images_of_group(s) : s->x.n;
    struct nn_convolution group = *s;
    struct nn_tensor some_x = {0}, some_dy = {0};
    dnnl_primitive_desc_t pd = NULL;
    *w = (struct nn_conv_weights){.groups = s->x.n / images};
    group.x.n = group.y.n = images;
    int status =
        describe(&some_x, engine, x, images) || describe(&some_dy, engine, dy, images) ? -1 : 0;
    w->x_bytes = some_x.bytes, w->dy_bytes = some_dy.bytes;
    if (!status) status = create(&pd, engine, &group, &some_x, &some_dy);
    if (!status) status = init_sums(w, engine, s, pd);
    if (!status) status = nn_plan_init(&w->plan, pd);
    if (!status) status = init_lanes(w, engine, pd);
    if (pd) dnnl_primitive_desc_destroy(pd);
    nn_tensor_clear(&some_x);
    nn_tensor_clear(&some_dy);
    return status;
}

static void clear_lane(struct nn_conv_weights_lane *l)
{
    dnnl_memory_t all[] = {l->x, l->dy, l->dw, l->db, l->scratch};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++)
        if (all[i]) dnnl_memory_destroy(all[i]);
    if (l->stream) dnnl_stream_destroy(l->stream);
    nn_plan_clear(&l->plan);
    free(l->values);
    free(l->scratch_values);
}

void nn_conv_weights_clear(struct nn_conv_weights *w)
{
    for (int i = 0; w->lane && i < w->lanes; i++) clear_lane(&w->lane[i]);
    free(w->lane);
    nn_plan_clear(&w->plan);
    nn_adapter_clear(&w->dw_out);
    nn_tensor_clear(&w->dw);
    free(w->sum);
    free(w->db);
    *w = (struct nn_conv_weights){0};
}

/* --- Running ---------------------------------------------------------------------------------- */

static dnnl_status_t run_group(const struct nn_conv_weights *w,
                               const struct nn_conv_weights_lane *l, int group, void *x, void *dy)
{
    const size_t at = (size_t)group;
    dnnl_status_t s = dnnl_memory_set_data_handle(l->x, (char *)x + at * w->x_bytes);
    if (s == dnnl_success) s = dnnl_memory_set_data_handle(l->dy, (char *)dy + at * w->dy_bytes);
    if (s == dnnl_success)
        s = dnnl_primitive_execute(l->plan.primitive, l->stream, l->plan.n_arguments,
                                   l->plan.argument);
    return s == dnnl_success ? dnnl_stream_wait(l->stream) : s;
}

/* Vectors [from, to) of the sums of the first `lanes` lanes, in their order. */
CLONES static void add_lanes(const struct nn_conv_weights *w, int lanes, size_t from, size_t to)
{
    for (size_t i = from * WIDTH; i < to * WIDTH; i += WIDTH)
        for (int k = 0; k < lanes; k++)
            add_doubles(w->sum + i, doubled(load(w->lane[k].values + i)));
}

/* What one thread of `team` does: all take a group each, then a range of the sums each. */
static dnnl_status_t run_thread(const struct nn_conv_weights *w, int team, void *x, void *dy)
{
    const int me = omp_get_thread_num(), step = lanes_of(w->lanes, team);
    const size_t from = w->vectors * (size_t)me / (size_t)team,
                 to = w->vectors * (size_t)(me + 1) / (size_t)team;
    dnnl_status_t status = dnnl_success;
    for (int first = 0; first < w->groups; first += step) {
        const int lanes = lanes_of(w->groups - first, step);
        if (me < lanes && status == dnnl_success)
            status = run_group(w, &w->lane[me], first + me, x, dy);
#pragma omp barrier
        add_lanes(w, lanes, from, to);
#pragma omp barrier
    }
    return status;
}

int nn_conv_weights_run(struct nn_conv_weights *w, const struct nn_tensor *x,
                        const struct nn_tensor *dy)
{
    int worst = dnnl_success;
#pragma omp parallel num_threads(w->threads) reduction(max : worst)
    worst = (int)run_thread(w, omp_get_num_threads(), x->data, dy->data);
    return nn_check((dnnl_status_t)worst, "running a gradient of weights");
}

int nn_conv_weights_take(struct nn_conv_weights *w, struct leadseq_engine *engine)
{
    float *dw = w->dw_out.tensor->data;
    const double *db = w->sum + whole(w->weights);
    for (size_t i = 0; i < w->weights; i++) dw[i] = (float)w->sum[i];
    for (int k = 0; w->db && k < w->dw.shape.n; k++) w->db[k] = (float)db[k];
    memset(w->sum, 0, w->vectors * WIDTH * sizeof *w->sum);
    return nn_adapter_run(&w->dw_out, engine);
}
