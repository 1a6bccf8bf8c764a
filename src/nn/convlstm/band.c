/* SPDX-License-Identifier: MIT
 *
 * A band's plan and memory: how rows are divided, weights in the kernels' order, a thread's
 * scratch. Computes no step.
 *
 * A kernel computes up to `outs` channels at once, as many as its registers hold sums of. Channels
 * are therefore divided into groups of nearly equal size; 40 gates with outs = 12 are 4 groups of
 * 10. Weights are stored group after group, in exactly the order in which the kernel reads them:
 *
 *   for each group, word c, row ky, column kx:  the weights of all channels of the group */
#include "band.h"

#include <stdlib.h>
#include <string.h>

enum { LEFT = NN_BAND_LEFT, BANDS = 32, ROWS = 32, FEWEST_ROWS = 8 };
enum { SUMS_BYTES = 1 << 20 }; /* of a thread's sums, which must stay in its cache */

/* --- Division -------------------------------------------------------------------------------- */

static struct nn_band_groups groups(int total, int widest)
{
    return (struct nn_band_groups){total, (total + widest - 1) / widest};
}

/* The first total % count groups have one channel more. */
int nn_band_group_at(const struct nn_band_groups *g, int i)
{
    int even = g->total / g->count, longer = g->total % g->count;
    return i * even + (i < longer ? i : longer);
}

static int clamp(int x, int low, int high)
{
    return x < low ? low : x > high ? high : x;
}

static size_t round_up(size_t x, size_t to)
{
    return (x + to - 1) / to * to;
}

static size_t taps(const struct nn_band_options *o)
{
    return (size_t)o->kernel * (size_t)o->kernel;
}

static size_t gate_channels(const struct nn_band_options *o)
{
    return 4 * (size_t)o->hidden;
}

static size_t in_channels(const struct nn_band_options *o)
{
    return (size_t)o->hidden + (size_t)o->inputs;
}

static size_t words_of(const struct nn_band_options *o, size_t channels)
{
    return o->kernels->pairs ? (channels + 1) / 2 : channels;
}

/* A thread's partial sums of the weights' gradient: a vector for each weight and bias. */
static size_t sums_floats(const struct nn_band_options *o)
{
    return (gate_channels(o) * in_channels(o) * taps(o) + gate_channels(o)) *
           (size_t)o->kernels->lanes;
}

/* The rows of a band follow from the shape alone, never from the number of threads, so that
 * sums are taken in the same order on any. */
static void divide(struct nn_band *b)
{
    const struct nn_band_options *o = &b->o;
    b->pad = (o->kernel - 1) / 2;
    b->ring = o->kernel;
    b->d_words = (int)words_of(o, gate_channels(o));
    b->rows = clamp((int)((long)o->n * o->h / BANDS), FEWEST_ROWS, ROWS);
    b->per_image = (o->h + b->rows - 1) / b->rows;
    b->pieces = o->n * b->per_image;
    b->slots = b->pieces < BANDS ? b->pieces : BANDS;
    b->stride = round_up(LEFT + round_up((size_t)o->w, 2 * (size_t)o->kernels->lanes), 32);
    b->gates = groups(4 * o->hidden, o->kernels->outs);
    b->to_h = groups(o->hidden, o->kernels->outs);
    b->to_x = groups(o->inputs, o->kernels->outs);
    b->sums = groups(4 * o->hidden, o->kernels->sums);
    b->n_weights = gate_channels(o) * in_channels(o) * taps(o) + gate_channels(o);
}

int nn_band_tile_width(const struct nn_band *b)
{
    return 2 * b->o.kernels->lanes;
}

/* --- Kernels for a shape ---------------------------------------------------------------------- */

struct nn_band_options nn_band_options(const struct nn_convlstm_options *o, struct nn_shape in,
                                       int batch, const struct leadseq_engine *engine)
{
    return (struct nn_band_options){.n = batch,
                                    .hidden = o->hidden,
                                    .inputs = in.c,
                                    .h = in.h,
                                    .w = in.w,
                                    .kernel = o->kernel,
                                    .threads = engine->threads};
}

const struct nn_band_kernels *nn_band_choose(const struct leadseq_engine *engine,
                                             const struct nn_band_options *o)
{
    struct nn_band_options with = *o;
    if (o->kernel > NN_BAND_KERNEL) return NULL;
    with.kernels = nn_band_kernels(engine);
    return sums_floats(&with) * sizeof(float) <= SUMS_BYTES ? with.kernels : NULL;
}

/* --- Weights -----------------------------------------------------------------------------------
 */

/* A weight, or a pair of them as bf16, as kernels read it. */
static uint32_t word_of(const struct nn_band *b, float low, float high)
{
    uint32_t word;
    if (b->o.kernels->pairs) return nn_bf16_of(low) | (uint32_t)nn_bf16_of(high) << 16;
    memcpy(&word, &low, sizeof word);
    return word;
}

/* The weight from channel c of [h, x] (of x alone: hidden = 0) to gate g. */
static float weight_at(const struct nn_band *b, int hidden, int g, int c, size_t tap)
{
    const struct nn_band_options *o = &b->o;
    size_t from = (size_t)(c < hidden ? o->inputs + c : c - hidden);
    return o->weight[((size_t)g * in_channels(o) + from) * taps(o) + tap];
}

/* From [h, x] to gates. The last word of an odd number of channels has a zero as its second half.
 */
static void load_forward(const struct nn_band *b, const struct nn_band_weights *k)
{
    uint32_t *w = k->forward;
    int per_word = b->o.kernels->pairs ? 2 : 1;
    for (int i = 0; i < b->gates.count; i++)
        for (int c = 0; c < k->channels; c += per_word)
            for (size_t tap = 0; tap < taps(&b->o); tap++)
                for (int g = nn_band_group_at(&b->gates, i); g < nn_band_group_at(&b->gates, i + 1);
                     g++)
                    *w++ = word_of(b, weight_at(b, k->hidden, g, c, tap),
                                   c + 1 < k->channels ? weight_at(b, k->hidden, g, c + 1, tap)
                                                       : 0.0f);
}

/* From gates to the channels `first` … of [h, x]: the transposed kernel, so taps are in reverse
 * order. */
static void load_back(const struct nn_band *b, const struct nn_band_weights *k,
                      const struct nn_band_groups *to, int first, uint32_t *w)
{
    int per_word = b->o.kernels->pairs ? 2 : 1;
    size_t last = taps(&b->o) - 1;
    for (int i = 0; w && i < to->count; i++)
        for (int g = 0; g < 4 * b->o.hidden; g += per_word)
            for (size_t tap = 0; tap <= last; tap++)
                for (int c = nn_band_group_at(to, i); c < nn_band_group_at(to, i + 1); c++)
                    *w++ = word_of(b, weight_at(b, k->hidden, g, first + c, last - tap),
                                   per_word == 2
                                       ? weight_at(b, k->hidden, g + 1, first + c, last - tap)
                                       : 0.0f);
}

void nn_band_load(struct nn_band *b)
{
    struct nn_band_weights *all[] = {&b->first, &b->rest};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) {
        load_forward(b, all[i]);
        load_back(b, all[i], &b->to_h, 0, all[i]->to_h);
        load_back(b, all[i], &b->to_x, all[i]->hidden, all[i]->to_x);
    }
}

/* For [h, x] with hidden = K, for x alone with 0. Evaluation needs no weights backward. */
static int init_weights(struct nn_band *b, struct nn_band_weights *k, int hidden)
{
    const struct nn_band_options *o = &b->o;
    k->hidden = hidden;
    k->channels = hidden + o->inputs;
    k->words = (int)words_of(o, (size_t)k->channels);
    size_t back = words_of(o, gate_channels(o)) * taps(o) * sizeof(uint32_t);
    k->forward = nn_aligned(gate_channels(o) * (size_t)k->words * taps(o) * sizeof(uint32_t));
    if (!k->forward) return -1;
    if (o->training && hidden && !(k->to_h = nn_aligned((size_t)hidden * back))) return -1;
    if (o->need_dx && !(k->to_x = nn_aligned((size_t)o->inputs * back))) return -1;
    return 0;
}

/* --- Scratch -----------------------------------------------------------------------------------
 */

/* The scratch of one thread; rows have room for whole vectors and zeros on the left. What only
 * training or only pairs need is left NULL otherwise. */
static int init_work(const struct nn_band *b, struct nn_band_work *w)
{
    const struct nn_band_options *o = &b->o;
    bool pairs = o->kernels->pairs;
    size_t ring = (size_t)b->ring * b->stride, slack = LEFT, gates = gate_channels(o);
    size_t tile = (size_t)nn_band_tile_width(b), row = b->stride;
    w->in = nn_aligned((words_of(o, in_channels(o)) * ring + slack) * sizeof *w->in);
    w->gates = nn_aligned(gates * row * sizeof *w->gates);
    w->out = nn_aligned((size_t)o->kernels->outs * tile * sizeof *w->out);
    if (!w->in || !w->gates || !w->out) return -1;
    if (pairs) {
        w->row = nn_aligned(row * sizeof *w->row);
        w->in_planar = nn_aligned((in_channels(o) * ring + slack) * sizeof *w->in_planar);
        if (!w->row || !w->in_planar) return -1;
    }
    if (!o->training) return 0;
    w->d = nn_aligned((words_of(o, gates) * ring + slack) * sizeof *w->d);
    w->sums = nn_aligned(sums_floats(o) * sizeof *w->sums);
    w->ones = nn_aligned(row * sizeof(uint32_t));
    if (!w->d || !w->sums || !w->ones) return -1;
    for (size_t i = 0; i < row; i++)
        if (pairs)
            ((uint16_t *)w->ones)[i] = nn_bf16_of(1);
        else
            ((float *)w->ones)[i] = 1;
    if (!pairs) return 0;
    w->d_row = nn_aligned(gates * row * sizeof *w->d_row);
    w->d_planar = nn_aligned((gates * row + slack) * sizeof *w->d_planar);
    return w->d_row && w->d_planar ? 0 : -1;
}

static void work_clear(struct nn_band_work *w)
{
    void *all[] = {w->in,  w->d,     w->in_planar, w->d_planar, w->ones,
                   w->row, w->gates, w->d_row,     w->out,      w->sums};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
}

/* An estimate from the shape: copies of pairs are not counted. */
size_t nn_band_bytes(const struct nn_band_options *o)
{
    struct nn_band b = {.o = *o};
    divide(&b);
    size_t ring = (size_t)b.ring * b.stride * sizeof(uint32_t);
    size_t work = ring * in_channels(o) + gate_channels(o) * b.stride * sizeof(float);
    if (o->training) work += ring * gate_channels(o) + sums_floats(o) * sizeof(float);
    size_t partial = o->training ? (size_t)b.slots * b.n_weights * sizeof(double) : 0;
    return (size_t)o->threads * work + partial + 3 * b.n_weights * sizeof(uint32_t);
}

size_t nn_band_norm_bytes(const struct nn_band_options *o)
{
    struct nn_band b = {.o = *o};
    divide(&b);
    return gate_channels(o) *
           ((size_t)b.pieces * 2 * sizeof(double) + (size_t)o->n * 4 * sizeof(float));
}

/* --- Life --------------------------------------------------------------------------------------
 */

/* Scratch for all threads at once: a step allocates nothing. */
int nn_band_init(struct nn_band *b, const struct nn_band_options *o)
{
    *b = (struct nn_band){.o = *o};
    divide(b);
    if (init_weights(b, &b->first, 0) || init_weights(b, &b->rest, o->hidden)) return -1;
    if (o->training && !(b->partial = nn_aligned((size_t)b->slots * b->n_weights * sizeof(double))))
        return -1;
    b->work = leadseq_calloc((size_t)o->threads, sizeof *b->work);
    if (!b->work) return -1;
    for (int i = 0; i < o->threads; i++)
        if (init_work(b, &b->work[i])) return -1;
    return 0;
}

void nn_band_clear(struct nn_band *b)
{
    struct nn_band_weights *all[] = {&b->first, &b->rest};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) {
        free(all[i]->forward);
        free(all[i]->to_h);
        free(all[i]->to_x);
    }
    for (int i = 0; b->work && i < b->o.threads; i++) work_clear(&b->work[i]);
    free(b->work);
    free(b->partial);
    *b = (struct nn_band){0};
}
