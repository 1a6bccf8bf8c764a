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

/* Parts of a group of one image, whole blocks of channels each, that give all threads a piece. By
 * Winograd's algorithm sums over pixels would be taken in an order that depends on the channels. */
static int parts_of(const struct nn_convolution *s, int images, int block, int threads)
{
    struct nn_convolution one = *s;
    one.one_thread = true;
    if (nn_convolution_may_winograd(&one, NN_WEIGHTS)) return 1;
    const int blocks = images == 1 && s->y.c % block == 0 ? s->y.c / block : 1;
    int parts = 1;
    while (parts < blocks && (s->x.n * parts < threads || blocks % parts)) parts++;
    return parts;
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
    const int images = nn_group_images(s, PIXELS);
    const int parts = parts_of(s, images, WIDTH, engine->threads);
    const int lanes = nn_group_lanes(s->x.n / images * parts, engine->threads);
    return (size_t)lanes * bytes / (size_t)parts + 4 * bytes; /* sums, dw in both layouts */
}

/* --- Binding ---------------------------------------------------------------------------------- */

/* The layout of all dw if that of a part, `md`, has the blocks of channels out outermost, so that
 * parts follow each other; NULL: it has not, or is none that is known here. */
static nn_md joined(const struct nn_convolution *s, int parts, const_dnnl_memory_desc_t md)
{
    static const dnnl_format_tag_t tag[] = {dnnl_OIhw16i16o, dnnl_Ohwi16o, dnnl_OIhw8i8o,
                                            dnnl_Ohwi8o};
    const struct nn_shape part = {s->y.c / parts, s->x.c, s->kernel, s->kernel};
    struct nn_shape all = part;
    all.n = s->y.c;
    for (size_t i = 0; i < LEADSEQ_COUNT(tag); i++) {
        nn_md one = NULL, whole_md = NULL;
        bool same = nn_layout_tag(&one, part, NN_F32, tag[i]) == dnnl_success &&
                    dnnl_memory_desc_equal(one, md) &&
                    nn_layout_tag(&whole_md, all, NN_F32, tag[i]) == dnnl_success;
        if (one) dnnl_memory_desc_destroy(one);
        if (same) return whole_md;
    }
    return NULL;
}

/* `md`: of all dw. */
static int init_sums(struct nn_conv_weights *w, struct leadseq_engine *engine,
                     const struct nn_convolution *s, const_dnnl_memory_desc_t md)
{
    const struct nn_shape shape = {s->y.c, s->x.c, s->kernel, s->kernel};
    const size_t biases = s->bias ? (size_t)s->y.c : 0, parts = (size_t)w->parts;
    if (nn_tensor_init(&w->dw, engine, shape, NULL) ||
        nn_adapter_init(&w->dw_out, engine, &w->dw, md, true))
        return -1;
    w->weights = w->dw_out.tensor->bytes / sizeof(float) / parts;
    w->vectors = (whole(w->weights) + whole(biases / parts)) / WIDTH;
    w->sum = nn_aligned(parts * w->vectors * WIDTH * sizeof *w->sum);
    w->db = biases ? leadseq_calloc(biases, sizeof *w->db) : NULL;
    return w->sum && (w->db || !biases) ? 0 : -1;
}

/* `dy_bytes` are a piece's. */
static int init_groups(struct nn_conv_weights *w, struct leadseq_engine *engine,
                       const_dnnl_primitive_desc_t pd, int pieces, size_t dy_bytes)
{
    const struct nn_group_argument argument[] = {
        {DNNL_ARG_SRC, nn_md_of(pd, dnnl_query_src_md), 0}, /* see run_piece() */
        {DNNL_ARG_DIFF_DST, nn_md_of(pd, dnnl_query_diff_dst_md), dy_bytes},
        {DNNL_ARG_DIFF_WEIGHTS, nn_md_of(pd, dnnl_query_diff_weights_md), 0},
        {DNNL_ARG_DIFF_BIAS, dnnl_primitive_desc_query_md(pd, dnnl_query_diff_weights_md, 1), 0},
    };
    const int n = (int)LEADSEQ_COUNT(argument) - (w->db ? 0 : 1);
    if (nn_conv_groups_init(&w->of, engine, pd, pieces, argument, n)) return -1;
    w->values = leadseq_calloc((size_t)w->of.lanes, sizeof *w->values);
    for (int i = 0; w->values && i < w->of.lanes; i++) {
        w->values[i] = nn_aligned(w->vectors * WIDTH * sizeof **w->values);
        if (!w->values[i]) return -1;
    }
    return w->values ? 0 : -1;
}

/* Some images of a batch, and of each some channels. */
static int describe_part(struct nn_tensor *t, struct leadseq_engine *engine,
                         const struct nn_tensor *batch, int images, int parts)
{
    struct nn_shape shape = batch->shape;
    if (parts == 1) return nn_group_describe(t, engine, batch, images);
    shape.n = images;
    shape.c /= parts;
    return nn_tensor_describe_sized(t, engine, batch, shape);
}

/* In parts; 1: these cannot be, which parts = 1 always can. */
static int init_in_parts(struct nn_conv_weights *w, struct leadseq_engine *engine,
                         const struct nn_convolution *s, const struct nn_tensor *x,
                         const struct nn_tensor *dy, int images, int parts)
{
    struct nn_convolution piece = *s;
    struct nn_tensor some_x = {0}, some_dy = {0};
    dnnl_primitive_desc_t pd = NULL;
    nn_md all = NULL;
    *w = (struct nn_conv_weights){.parts = parts};
    piece.x.n = piece.y.n = images;
    piece.y.c /= parts;
    piece.one_thread = true;
    int status = nn_group_describe(&some_x, engine, x, images) ||
                         describe_part(&some_dy, engine, dy, images, parts)
                     ? -1
                     : 0;
    w->x_bytes = some_x.bytes;
    if (!status)
        status =
            nn_convolution_create(&pd, engine, &piece, NN_WEIGHTS, some_x.md, some_dy.md, NULL);
    if (!status && parts > 1) {
        all = joined(s, parts, nn_md_of(pd, dnnl_query_diff_weights_md));
        if (!all) status = 1;
    }
    if (!status)
        status = init_sums(w, engine, s, all ? all : nn_md_of(pd, dnnl_query_diff_weights_md));
    if (!status) status = init_groups(w, engine, pd, s->x.n / images * parts, some_dy.bytes);
    if (all) dnnl_memory_desc_destroy(all);
    if (pd) dnnl_primitive_desc_destroy(pd);
    nn_tensor_clear(&some_x);
    nn_tensor_clear(&some_dy);
    return status;
}

/* A layout without a name cannot be divided: its batch is one group. */
int nn_conv_weights_init(struct nn_conv_weights *w, struct leadseq_engine *engine,
                         const struct nn_convolution *s, const struct nn_tensor *x,
                         const struct nn_tensor *dy)
{
    const int block = nn_tensor_blocks(dy).block;
    const bool named = nn_tensor_blocks(x).block && block;
    const int images = named ? nn_group_images(s, PIXELS) : s->x.n;
    const int parts = named ? parts_of(s, images, block, engine->threads) : 1;
    const int status = init_in_parts(w, engine, s, x, dy, images, parts);
    return status == 1 ? init_in_parts(w, engine, s, x, dy, images, 1) : status;
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

/* Vectors [from, to) of the sums of pieces from `first` on, which the first `lanes` lanes have, in
 * their order. */
CLONES static void add_lanes(const struct nn_conv_weights *w, int first, int lanes, size_t from,
                             size_t to)
{
    for (size_t i = from * WIDTH; i < to * WIDTH; i += WIDTH)
        for (int k = 0; k < lanes; k++)
            add_doubles(w->sum + (size_t)((first + k) % w->parts) * w->vectors * WIDTH + i,
                        doubled(load(w->values[k] + i)));
}

/* Piece `i` of the batch by lane `me`. */
static dnnl_status_t run_piece(const struct nn_conv_weights *w, int me, int i, void *x, void *dy)
{
    void *data[] = {(char *)x + (size_t)(i / w->parts) * w->x_bytes, dy, w->values[me],
                    w->values[me] + whole(w->weights)};
    return nn_conv_groups_run_one(&w->of, me, i, data);
}

/* What one thread of `team` does: all take a piece each, then a range of the sums each. */
static dnnl_status_t run_thread(const struct nn_conv_weights *w, int team, void *x, void *dy)
{
    const int me = omp_get_thread_num(), step = nn_group_lanes(w->of.lanes, team);
    const size_t from = w->vectors * (size_t)me / (size_t)team,
                 to = w->vectors * (size_t)(me + 1) / (size_t)team;
    dnnl_status_t status = dnnl_success;
    for (int first = 0; first < w->of.groups; first += step) {
        const int lanes = nn_group_lanes(w->of.groups - first, step);
        if (me < lanes && status == dnnl_success) status = run_piece(w, me, first + me, x, dy);
#pragma omp barrier
        add_lanes(w, first, lanes, from, to);
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
    const size_t parts = (size_t)w->parts, biases = (size_t)w->dw.shape.n / parts;
    float *dw = w->dw_out.tensor->data;
    double *sum = w->sum;
    for (size_t part = 0; part < parts; part++, sum += w->vectors * WIDTH) {
        const double *db = sum + whole(w->weights);
        for (size_t i = 0; i < w->weights; i++) dw[part * w->weights + i] = (float)sum[i];
        for (size_t k = 0; w->db && k < biases; k++) w->db[part * biases + k] = (float)db[k];
    }
    memset(w->sum, 0, parts * w->vectors * WIDTH * sizeof *w->sum);
    return nn_adapter_run(&w->dw_out, engine);
}
