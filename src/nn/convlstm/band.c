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

/* The rows of a unit. Two at once need kernels that were written for them. */
static int unit_of(const struct nn_band_options *o)
{
    return o->kernel == 3 && o->kernels->mix ? 2 : 1;
}

/* What a pair of channels multiplies by: κ² taps or, two rows at once, 4κ products. */
static size_t factors(const struct nn_band_options *o)
{
    return unit_of(o) == 2 ? (size_t)(NN_BAND_MIXED * o->kernel) : taps(o);
}

/* A thread's partial sums of the weights' gradient: a vector for each factor and bias. */
static size_t sums_floats(const struct nn_band_options *o)
{
    return (gate_channels(o) * in_channels(o) * factors(o) + gate_channels(o)) *
           (size_t)o->kernels->lanes;
}

int nn_band_per_image(const struct nn_band *b, int rows)
{
    return (b->o.h + rows - 1) / rows;
}

int nn_band_rows_back(const struct nn_band *b)
{
    return b->shares ? b->fine : b->rows;
}

/* Rows that let all threads end soonest, if each of a band costs as much and a band two more. */
static int fine_rows(const struct nn_band *b)
{
    enum { MORE = 2 };
    const struct nn_band_options *o = &b->o;
    long least = 0;
    int best = b->rows;
    for (int rows = b->rows; rows >= FEWEST_ROWS; rows -= b->unit) {
        long pieces = (long)o->n * nn_band_per_image(b, rows);
        long time = (pieces + o->threads - 1) / o->threads * (rows + MORE);
        if (!least || time < least) least = time, best = rows;
    }
    return best;
}

static int shares_of(const struct nn_band *b)
{
    const int wanted = (b->o.threads + b->slots - 1) / b->slots;
    if (!b->o.training || wanted == 1) return 0;
    return wanted < b->sums.count ? wanted : b->sums.count;
}

/* The rows of a band follow from the shape alone, never from the number of threads, so that
 * sums are taken in the same order on any. A band is whole units. */
static void divide(struct nn_band *b)
{
    const struct nn_band_options *o = &b->o;
    b->pad = (o->kernel - 1) / 2;
    b->unit = unit_of(o);
    b->ring = o->kernel - 1 + b->unit;
    b->d_ring = b->unit == 2 ? 2 : o->kernel;
    b->d_words = (int)words_of(o, gate_channels(o));
    b->rows = clamp((int)((long)o->n * o->h / BANDS), FEWEST_ROWS, ROWS);
    b->rows += b->rows % b->unit;
    b->per_image = nn_band_per_image(b, b->rows);
    b->pieces = o->n * b->per_image;
    b->slots = b->pieces < BANDS ? b->pieces : BANDS;
    b->stride = round_up(LEFT + round_up((size_t)o->w, 2 * (size_t)o->kernels->lanes), 32);
    b->gates = groups(4 * o->hidden, o->kernels->outs);
    b->to_h = groups(o->hidden, o->kernels->outs);
    b->to_x = groups(o->inputs, o->kernels->outs);
    b->sums = groups(4 * o->hidden, o->kernels->sums);
    b->n_weights = gate_channels(o) * in_channels(o) * taps(o) + gate_channels(o);
    b->fine = fine_rows(b);
    b->shares = shares_of(b);
}

static size_t dgates_bytes(const struct nn_band *b)
{
    const size_t pixels = (size_t)b->o.n * (size_t)b->o.h * (size_t)b->o.w;
    return b->shares ? gate_channels(&b->o) * pixels * sizeof(float) : 0;
}

int nn_band_tile_width(const struct nn_band *b)
{
    return 2 * b->o.kernels->lanes;
}

size_t nn_band_element_bytes(const struct nn_band_kernels *kernels)
{
    return kernels->pairs ? sizeof(uint16_t) : sizeof(float);
}

void *nn_band_element(const struct nn_band *b, void *kept, size_t at)
{
    return kept ? (char *)kept + at * nn_band_element_bytes(b->o.kernels) : NULL;
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
    size_t sums = gate_channels(o) * (in_channels(o) * taps(o) + 1) * (size_t)with.kernels->lanes;
    return sums * sizeof(float) <= SUMS_BYTES ? with.kernels : NULL;
}

/* --- Weights ---------------------------------------------------------------------------------- */

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

/* A convolution whose weights are loaded: to the channels of `out`, from `in` channels. */
struct direction {
    const struct nn_band_groups *out;
    int in, hidden;
    bool back; /* from gates to the channels `first` … of [h, x] */
    int first;
};

/* Forward from [h, x] to gates. Backward the kernel is transposed, so taps are in reverse order.
 * The last word of an odd number of channels has a zero as its second half. */
static float kernel_at(const struct nn_band *b, const struct direction *d, int out, int in,
                       size_t tap)
{
    if (in >= d->in) return 0;
    return d->back ? weight_at(b, d->hidden, in, d->first + out, taps(&b->o) - 1 - tap)
                   : weight_at(b, d->hidden, out, in, tap);
}

static uint32_t *load_taps(const struct nn_band *b, const struct direction *d, int from, int to,
                           uint32_t *w)
{
    const int per_word = b->o.kernels->pairs ? 2 : 1;
    for (int c = 0; c < d->in; c += per_word)
        for (size_t tap = 0; tap < taps(&b->o); tap++)
            for (int g = from; g < to; g++)
                *w++ = word_of(b, kernel_at(b, d, g, c, tap), kernel_at(b, d, g, c + 1, tap));
    return w;
}

/* What product `turn` of gather() and scatter() multiplies by at column kx. */
static float mixed_at(const struct nn_band *b, const struct direction *d, int out, int in,
                      size_t turn, size_t kx)
{
    double g[3];
    for (size_t ky = 0; ky < 3; ky++) g[ky] = (double)kernel_at(b, d, out, in, 3 * ky + kx);
    const double alternating = (g[0] - g[1] + g[2]) / 2;
    const double factor[] = {d->back ? -alternating : alternating, (g[0] + g[1] + g[2]) / 2,
                             d->back ? g[2] : g[0], d->back ? g[0] : g[2]};
    return (float)factor[turn];
}

static uint32_t *load_mixed(const struct nn_band *b, const struct direction *d, int from, int to,
                            uint32_t *w)
{
    for (size_t turn = 0; turn < NN_BAND_MIXED; turn++)
        for (int c = 0; c < d->in; c++)
            for (size_t kx = 0; kx < 3; kx++)
                for (int g = from; g < to; g++)
                    *w++ = word_of(b, mixed_at(b, d, g, c, turn, kx), 0);
    return w;
}

static void load(const struct nn_band *b, const struct direction *d, uint32_t *w)
{
    for (int i = 0; w && i < d->out->count; i++) {
        int from = nn_band_group_at(d->out, i), to = nn_band_group_at(d->out, i + 1);
        w = b->unit == 2 ? load_mixed(b, d, from, to, w) : load_taps(b, d, from, to, w);
    }
}

void nn_band_load(struct nn_band *b)
{
    struct nn_band_weights *all[] = {&b->first, &b->rest};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) {
        const struct nn_band_weights *k = all[i];
        struct direction d = {.out = &b->gates, .in = k->channels, .hidden = k->hidden};
        load(b, &d, k->forward);
        d = (struct direction){
            .out = &b->to_h, .in = 4 * b->o.hidden, .hidden = k->hidden, .back = true};
        load(b, &d, k->to_h);
        d.out = &b->to_x;
        d.first = k->hidden;
        load(b, &d, k->to_x);
    }
}

/* For [h, x] with hidden = K, for x alone with 0. Evaluation needs no weights backward. */
static int init_weights(struct nn_band *b, struct nn_band_weights *k, int hidden)
{
    const struct nn_band_options *o = &b->o;
    k->hidden = hidden;
    k->channels = hidden + o->inputs;
    k->words = (int)words_of(o, (size_t)k->channels);
    size_t back = words_of(o, gate_channels(o)) * factors(o) * sizeof(uint32_t);
    k->forward = nn_aligned(gate_channels(o) * (size_t)k->words * factors(o) * sizeof(uint32_t));
    if (!k->forward) return -1;
    if (o->training && hidden && !(k->to_h = nn_aligned((size_t)hidden * back))) return -1;
    if (o->need_dx && !(k->to_x = nn_aligned((size_t)o->inputs * back))) return -1;
    return 0;
}

/* --- Scratch ---------------------------------------------------------------------------------- */

/* What two rows at once need more, forward and backward. */
static int init_mixed(const struct nn_band *b, struct nn_band_work *w)
{
    const struct nn_band_options *o = &b->o;
    const size_t row = b->stride * sizeof(float), slack = LEFT * sizeof(float);
    w->in_mixed = nn_aligned(NN_BAND_MIXED * in_channels(o) * row + slack);
    if (!w->in_mixed) return -1;
    if (!o->training) return 0;
    w->d_mixed = nn_aligned(2 * gate_channels(o) * row + slack);
    w->carry = nn_aligned(2 * in_channels(o) * row);
    return w->d_mixed && w->carry ? 0 : -1;
}

/* The scratch of one thread; rows have room for whole vectors and zeros on the left. What only
 * training or only pairs need is left NULL otherwise. */
static int init_work(const struct nn_band *b, struct nn_band_work *w)
{
    const struct nn_band_options *o = &b->o;
    bool pairs = o->kernels->pairs;
    size_t ring = (size_t)b->ring * b->stride, slack = LEFT, gates = gate_channels(o);
    size_t tile = (size_t)nn_band_tile_width(b), row = b->stride;
    w->in = nn_aligned((words_of(o, in_channels(o)) * ring + slack) * sizeof *w->in);
    w->gates = nn_aligned((size_t)b->unit * gates * row * sizeof *w->gates);
    w->out = nn_aligned(4 * (size_t)o->kernels->outs * tile * sizeof *w->out);
    if (!w->in || !w->gates || !w->out || (b->unit == 2 && init_mixed(b, w))) return -1;
    if (pairs) {
        w->row = nn_aligned(row * sizeof *w->row);
        w->in_planar = nn_aligned((in_channels(o) * ring + slack) * sizeof *w->in_planar);
        if (!w->row || !w->in_planar) return -1;
    }
    if (!o->training) return 0;
    w->d = nn_aligned((words_of(o, gates) * (size_t)b->d_ring * row + slack) * sizeof *w->d);
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
    void *all[] = {w->in,    w->d,   w->in_planar, w->d_planar, w->ones,    w->row,  w->gates,
                   w->d_row, w->out, w->sums,      w->in_mixed, w->d_mixed, w->carry};
    for (size_t i = 0; i < LEADSEQ_COUNT(all); i++) free(all[i]);
}

/* Rows next to a band, of two tensors. */
static size_t edges_bytes(const struct nn_band *b)
{
    const struct nn_band_options *o = &b->o;
    if (!o->in_place) return 0;
    const size_t pieces = (size_t)o->n * (size_t)nn_band_per_image(b, nn_band_rows_back(b));
    return pieces * 4 * (size_t)b->pad * (size_t)o->hidden * (size_t)o->w * sizeof(float);
}

/* An estimate from the shape: copies of pairs are not counted. */
size_t nn_band_bytes(const struct nn_band_options *o)
{
    struct nn_band b = {.o = *o};
    divide(&b);
    size_t row = b.stride * sizeof(float), ins = in_channels(o), gates = gate_channels(o);
    size_t unit = (size_t)b.unit, mixed = unit == 2 ? 2 : 0; /* rows */
    size_t work = ((size_t)b.ring * ins + unit * gates + 2 * mixed * ins) * row;
    if (o->training)
        work += ((size_t)b.d_ring * gates + mixed * (gates + ins)) * row +
                sums_floats(o) * sizeof(float);
    size_t partial = o->training ? (size_t)b.slots * b.n_weights * sizeof(double) : 0;
    partial += edges_bytes(&b);
    return (size_t)o->threads * work + partial + dgates_bytes(&b) +
           3 * gates * ins * factors(o) * sizeof(uint32_t);
}

size_t nn_band_norm_bytes(const struct nn_band_options *o)
{
    struct nn_band b = {.o = *o};
    divide(&b);
    return gate_channels(o) *
           ((size_t)b.pieces * 2 * sizeof(double) + (size_t)o->n * 4 * sizeof(float));
}

/* --- Life ------------------------------------------------------------------------------------- */

/* Scratch for all threads at once: a step allocates nothing. */
int nn_band_init(struct nn_band *b, const struct nn_band_options *o)
{
    *b = (struct nn_band){.o = *o};
    divide(b);
    if (init_weights(b, &b->first, 0) || init_weights(b, &b->rest, o->hidden)) return -1;
    if (o->training && !(b->partial = nn_aligned((size_t)b->slots * b->n_weights * sizeof(double))))
        return -1;
    if (o->in_place && !(b->edges = nn_aligned(edges_bytes(b)))) return -1;
    if (b->shares && !(b->dgates = nn_aligned(dgates_bytes(b)))) return -1;
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
    free(b->edges);
    free(b->dgates);
    *b = (struct nn_band){0};
}
