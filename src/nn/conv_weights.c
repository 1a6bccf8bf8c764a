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
    const struct nn_shape shape = nn_convolution_weights(s);
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
    const struct nn_shape all = nn_convolution_weights(s);
    struct nn_shape part = all;
    part.n /= parts;
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
    const struct nn_shape shape = nn_convolution_weights(s);
    const size_t biases = s->bias ? (size_t)s->y.c : 0, parts = (size_t)w->parts;
    if (nn_tensor_describe(&w->dw, engine, shape, NULL) ||
        nn_adapter_init_out(&w->dw_out, engine, &w->dw, md))
        return -1;
    w->weights = w->dw_out.tensor->bytes / sizeof(float) / parts;
    w->vectors = (whole(w->weights) + whole(biases / parts)) / WIDTH;
    w->db = biases ? leadseq_calloc(biases, sizeof *w->db) : NULL;
    return w->db || !biases ? 0 : -1;
}

/* The memory of sums, pieces and dw, one after the other: where they begin, and how much it is. */
static size_t lay_out(struct nn_conv_weights *w, char *memory)
{
    const size_t vectors = w->vectors * WIDTH;
    size_t at = 0;
    if (memory) w->sum = (double *)(void *)memory;
    at += (size_t)w->parts * vectors * sizeof *w->sum;
    for (int i = 0; i < w->of.lanes; i++, at += vectors * sizeof **w->values)
        if (memory) w->values[i] = (float *)(void *)(memory + at);
    if (memory) w->all = (float *)(void *)(memory + at);
    at += whole(w->dw_out.tensor->bytes / sizeof(float)) * sizeof(float);
    if (memory) w->plain = (float *)(void *)(memory + at);
    return at + whole(w->dw.bytes / sizeof(float)) * sizeof(float);
}

/* In turn, the memory may have moved since. */
static int place(struct nn_conv_weights *w)
{
    lay_out(w, w->at_once ? w->of.engine->turn : w->memory);
    if (w->dw_out.tensor == &w->dw) w->plain = w->all;
    return nn_tensor_place(&w->dw, w->plain) ||
                   (w->dw_out.tensor != &w->dw && nn_tensor_place(&w->dw_out.own, w->all))
               ? -1
               : 0;
}

static int init_memory(struct nn_conv_weights *w, struct leadseq_engine *engine)
{
    const size_t bytes = lay_out(w, NULL);
    if (w->at_once) return nn_turn_reserve(engine, bytes);
    w->memory = nn_aligned(bytes);
    return w->memory ? place(w) : -1;
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
    return w->values ? init_memory(w, engine) : -1;
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
                         const struct nn_tensor *dy, int images, int parts, bool at_once)
{
    struct nn_convolution piece = *s;
    struct nn_tensor some_x = {0}, some_dy = {0};
    dnnl_primitive_desc_t pd = NULL;
    nn_md all = NULL;
    *w = (struct nn_conv_weights){.parts = parts, .at_once = at_once};
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
                         const struct nn_tensor *dy, bool at_once)
{
    const int block = nn_tensor_blocks(dy).block;
    const bool named = nn_tensor_blocks(x).block && block;
    const int images = named ? nn_group_images(s, PIXELS) : s->x.n;
    const int parts = named ? parts_of(s, images, block, engine->threads) : 1;
    const int status = init_in_parts(w, engine, s, x, dy, images, parts, at_once);
    return status == 1 ? init_in_parts(w, engine, s, x, dy, images, 1, at_once) : status;
}

void nn_conv_weights_clear(struct nn_conv_weights *w)
{
    free(w->values);
    free(w->memory);
    nn_conv_groups_clear(&w->of);
    nn_adapter_clear(&w->dw_out);
    nn_tensor_clear(&w->dw);
    free(w->db);
    *w = (struct nn_conv_weights){0};
}

/* --- Running ---------------------------------------------------------------------------------- */

/* Vectors [from, to) of the sums of pieces from `first` on, which the first `lanes` lanes have, in
 * their order. The first of a part begins its sum. */
CLONES static void add_lanes(const struct nn_conv_weights *w, int first, int lanes, size_t from,
                             size_t to)
{
    for (size_t i = from * WIDTH; i < to * WIDTH; i += WIDTH)
        for (int k = 0; k < lanes; k++) {
            double *sum = w->sum + (size_t)((first + k) % w->parts) * w->vectors * WIDTH + i;
            const struct doubles v = doubled(load(w->values[k] + i));
            if (w->begun || first + k >= w->parts)
                add_doubles(sum, v);
            else
                memcpy(sum, &v, sizeof v);
        }
}

/* Piece `i` of the batch by lane `me`. */
static dnnl_status_t run_piece(const struct nn_conv_weights *w, int me, int i, void *x, void *dy)
{
    void *data[] = {(char *)x + (size_t)(i / w->parts) * w->x_bytes, dy, w->values[me],
                    w->values[me] + whole(w->weights)};
    return nn_conv_groups_run_one(&w->of, me, i, data);
}

/* Whether a part is one piece, which is its sum, and needs none. */
static bool alone(const struct nn_conv_weights *w)
{
    return w->at_once && w->parts == 1 && w->of.groups == 1;
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
        if (!alone(w)) add_lanes(w, first, lanes, from, to);
#pragma omp barrier
    }
    return status;
}

int nn_conv_weights_run(struct nn_conv_weights *w, const struct nn_tensor *x,
                        const struct nn_tensor *dy)
{
    int worst = dnnl_success;
    if (w->at_once && place(w)) return -1;
#pragma omp parallel num_threads(w->of.threads) reduction(max : worst)
    worst = (int)run_thread(w, omp_get_num_threads(), x->data, dy->data);
    w->begun = true;
    return nn_check((dnnl_status_t)worst, "running a gradient of weights");
}

/* to[i] = the sum rounded. */
CLONES static void round_sums(float *to, const double *sum, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) to[i] = (float)sum[i];
}

static void round_part(const struct nn_conv_weights *w, size_t part)
{
    const size_t biases = (size_t)w->dw.shape.n / (size_t)w->parts;
    const double *sum = w->sum + part * w->vectors * WIDTH;
    round_sums(w->dw_out.tensor->data + part * w->weights, sum, w->weights);
    if (w->db) round_sums(w->db + part * biases, sum + whole(w->weights), biases);
}

int nn_conv_weights_take(struct nn_conv_weights *w, struct leadseq_engine *engine)
{
    const float *only = w->values[0];
    w->begun = false;
    if (!alone(w)) {
        for (size_t part = 0; part < (size_t)w->parts; part++) round_part(w, part);
    } else {
        if (nn_tensor_place(w->dw_out.tensor, w->values[0])) return -1;
        for (int k = 0; w->db && k < w->dw.shape.n; k++)
            w->db[k] = only[whole(w->weights) + (size_t)k];
    }
    return nn_adapter_run(&w->dw_out, engine);
}
