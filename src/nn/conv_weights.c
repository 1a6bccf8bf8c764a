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

/* Floats of dw and db, each in whole vectors. */
static size_t whole(size_t floats)
{
    return (floats + WIDTH - 1) / WIDTH * WIDTH;
}

size_t nn_conv_weights_bytes(const struct nn_convolution *s, const struct leadseq_engine *engine)
{
    const struct nn_shape shape = {s->y.c, s->x.c, s->kernel, s->kernel};
    const size_t bytes = nn_padded_bytes(shape);
    const int lanes = nn_group_lanes(s->x.n / nn_group_images(s, PIXELS), engine->threads);
    return (size_t)(lanes + 4) * bytes; /* sums, dw in both layouts */
}

/* --- Binding ---------------------------------------------------------------------------------- */

/* The primitive for one group, made for the one thread that runs it. */
static int create(dnnl_primitive_desc_t *pd, struct leadseq_engine *engine,
                  const struct nn_convolution *s, const struct nn_tensor *x,
                  const struct nn_tensor *dy)
{
    const int before = nn_one_thread_begin();
    dnnl_primitive_desc_t forward = NULL;
    int status = nn_convolution_forward(&forward, engine, s, x->md, dy->md);
    if (!status) status = nn_convolution_backward_weights(pd, engine, s, x->md, dy->md, forward);
    if (forward) dnnl_primitive_desc_destroy(forward);
    nn_one_thread_end(before);
    return status;
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

/* `x_bytes` and `dy_bytes` are a group's. */
static int init_groups(struct nn_conv_weights *w, struct leadseq_engine *engine,
                       const_dnnl_primitive_desc_t pd, int groups, size_t x_bytes, size_t dy_bytes)
{
    const struct nn_group_argument argument[] = {
        {DNNL_ARG_SRC, nn_md_of(pd, dnnl_query_src_md), x_bytes},
        {DNNL_ARG_DIFF_DST, nn_md_of(pd, dnnl_query_diff_dst_md), dy_bytes},
        {DNNL_ARG_DIFF_WEIGHTS, nn_md_of(pd, dnnl_query_diff_weights_md), 0},
        {DNNL_ARG_DIFF_BIAS, dnnl_primitive_desc_query_md(pd, dnnl_query_diff_weights_md, 1), 0},
    };
    const int n = (int)LEADSEQ_COUNT(argument) - (w->db ? 0 : 1);
    if (nn_conv_groups_init(&w->of, engine, pd, groups, argument, n)) return -1;
    w->values = leadseq_calloc((size_t)w->of.lanes, sizeof *w->values);
    for (int i = 0; w->values && i < w->of.lanes; i++) {
        w->values[i] = nn_aligned(w->vectors * WIDTH * sizeof **w->values);
        if (!w->values[i]) return -1;
    }
    return w->values ? 0 : -1;
}

/* A layout without a name cannot be divided: its batch is one group. */
int nn_conv_weights_init(struct nn_conv_weights *w, struct leadseq_engine *engine,
                         const struct nn_convolution *s, const struct nn_tensor *x,
                         const struct nn_tensor *dy)
{
    const bool named = nn_tensor_blocks(x).block && nn_tensor_blocks(dy).block;
    const int images = named ? nn_group_images(s, PIXELS) : s->x.n;
    struct nn_convolution group = *s;
    struct nn_tensor some_x = {0}, some_dy = {0};
    dnnl_primitive_desc_t pd = NULL;
    *w = (struct nn_conv_weights){0};
    group.x.n = group.y.n = images;
    group.one_thread = true;
    int status = nn_group_describe(&some_x, engine, x, images) ||
                         nn_group_describe(&some_dy, engine, dy, images)
                     ? -1
                     : 0;
    if (!status) status = create(&pd, engine, &group, &some_x, &some_dy);
    if (!status) status = init_sums(w, engine, s, pd);
    if (!status) status = init_groups(w, engine, pd, s->x.n / images, some_x.bytes, some_dy.bytes);
    if (pd) dnnl_primitive_desc_destroy(pd);
    nn_tensor_clear(&some_x);
    nn_tensor_clear(&some_dy);
    return status;
}

void nn_conv_weights_clear(struct nn_conv_weights *w)
{
    for (int i = 0; w->values && i < w->of.lanes; i++) free(w->values[i]);
    free(w->values);
    nn_conv_groups_clear(&w->of);
    nn_adapter_clear(&w->dw_out);
    nn_tensor_clear(&w->dw);
    free(w->sum);
    free(w->db);
    *w = (struct nn_conv_weights){0};
}

/* --- Running ---------------------------------------------------------------------------------- */

/* Vectors [from, to) of the sums of the first `lanes` lanes, in their order. */
CLONES static void add_lanes(const struct nn_conv_weights *w, int lanes, size_t from, size_t to)
{
    for (size_t i = from * WIDTH; i < to * WIDTH; i += WIDTH)
        for (int k = 0; k < lanes; k++) add_doubles(w->sum + i, doubled(load(w->values[k] + i)));
}

/* What one thread of `team` does: all take a group each, then a range of the sums each. */
static dnnl_status_t run_thread(const struct nn_conv_weights *w, int team, void *x, void *dy)
{
    const int me = omp_get_thread_num(), step = nn_group_lanes(w->of.lanes, team);
    const size_t from = w->vectors * (size_t)me / (size_t)team,
                 to = w->vectors * (size_t)(me + 1) / (size_t)team;
    dnnl_status_t status = dnnl_success;
    for (int first = 0; first < w->of.groups; first += step) {
        const int lanes = nn_group_lanes(w->of.groups - first, step);
        if (me < lanes && status == dnnl_success) {
            void *data[] = {x, dy, w->values[me], w->values[me] + whole(w->weights)};
            status = nn_conv_groups_run_one(&w->of, me, first + me, data);
        }
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
#pragma omp parallel num_threads(w->of.threads) reduction(max : worst)
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
