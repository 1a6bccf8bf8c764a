/* SPDX-License-Identifier: MIT
 *
 * Layer after layer: binds upwards and downwards, gives tensors their memory,
 * runs forward and backward.
 *
 *   x = input ─► layer 0 ─ y ─► layer 1 ─ y ─► … ─► y      training keeps every y
 *            dx ◄─ layer 0 ◄─ dx ─ layer 1 ◄─ … ◄─ dy      dx alternates in two halves
 *
 * In evaluation y alternates in the two halves as well: a layer reads its x from one half and
 * writes its y into the other, so two halves serve any number of layers, each as large as the
 * largest tensor that takes its turn there.
 * Layers whose y is a view of x (dropout in evaluation, flatten of one plain image) take no turn.
 * Layers that one before has taken are passed over: their x, and the x of the layer after them, is
 * that one's y, and its dy is the dx of the layer after them. */
#include "chain.h"

#include <assert.h>
#include <stdlib.h>

int nn_chain_add(struct nn_chain *chain, struct nn_layer *layer)
{
    if (!layer) return -1;
    size_t n = (size_t)chain->n_layers;
    struct nn_layer **grown = leadseq_realloc(chain->layer, n + 1, sizeof *grown);
    if (!grown) {
        nn_layer_free(layer);
        return -1;
    }
    chain->layer = grown;
    chain->layer[chain->n_layers++] = layer;
    return 0;
}

struct nn_shape nn_chain_out(const struct nn_chain *chain)
{
    assert(chain->n_layers > 0);
    return chain->layer[chain->n_layers - 1]->out;
}

void nn_chain_initialise(struct nn_chain *chain)
{
    for (int i = 0; i < chain->n_layers; i++) {
        struct nn_layer *layer = chain->layer[i];
        if (layer->type->initialise) layer->type->initialise(layer);
    }
}

int nn_chain_graph(const struct nn_chain *chain, struct nn_graph *g, struct nn_graph_images *x)
{
    for (int i = 0; i < chain->n_layers; i++) {
        const struct nn_layer *l = chain->layer[i];
        if (!l->type->graph)
            return leadseq_fail("layer %s: layers of type %s cannot be expressed in ONNX; "
                                "--format safetensors exports the weights",
                                l->name, l->type->name);
        if (l->type->graph(l, g, x)) return -1;
    }
    return 0;
}

void nn_chain_clear(struct nn_chain *chain)
{
    if (!chain) return;
    for (int i = 0; i < chain->n_layers; i++) nn_layer_free(chain->layer[i]);
    free(chain->layer);
    *chain = (struct nn_chain){0};
}

/* --- Binding -------------------------------------------------------------------------- */

struct nn_after nn_chain_after(const struct nn_chain *chain, const struct leadseq_engine *engine,
                               int i)
{
    if (engine->compose) return (struct nn_after){0};
    return (struct nn_after){chain->layer + i + 1, chain->n_layers - i - 1};
}

/* From the input to the output: each layer sees its x described and describes y. No tensor has
 * memory yet, as where y goes depends on what the layers after it do. */
int nn_chain_bind_up(struct nn_bound_chain *b, struct nn_chain *chain,
                     struct leadseq_engine *engine, const struct nn_bind_options *o)
{
    assert(chain->n_layers > 0 && o->batch > 0);
    *b = (struct nn_bound_chain){.chain = chain, .engine = engine};
    b->bound = leadseq_calloc((size_t)chain->n_layers, sizeof *b->bound);
    if (!b->bound) return -1;
    struct nn_shape in = chain->layer[0]->in;
    in.n *= o->batch;
    if (!o->x && nn_tensor_describe(&b->input, engine, in, NULL)) return -1;
    struct nn_tensor *x = o->x ? o->x : &b->input;
    bool rectified = false, spare = false;
    for (int i = 0, taken = 0; i < chain->n_layers; i++) {
        struct nn_bound *l = &b->bound[i];
        *l = (struct nn_bound){.layer = chain->layer[i],
                               .engine = engine,
                               .batch = o->batch,
                               .training = o->training,
                               .need_dx = o->training && (i > 0 || o->need_dx),
                               .after = nn_chain_after(chain, engine, i),
                               .taken = taken > 0,
                               .x_rectified = rectified,
                               .wants_sum = o->sum,
                               .wants_relu = o->relu,
                               .spare_x = spare && !o->training,
                               .x = x};
        if (taken-- > 0) continue;
        if (l->layer->type->bind(l)) return leadseq_fail_in("layer %s", l->layer->name);
        taken = l->takes;
        x = &l->y;
        rectified = l->y_rectified;
        spare |= !l->y_is_x;
    }
    return 0;
}

/* From the output to the input: each layer sees dy described and describes dx. */
int nn_chain_bind_down(struct nn_bound_chain *b, struct nn_tensor *dy)
{
    bool masked = false;
    for (int i = b->chain->n_layers - 1; i >= 0; i--) {
        struct nn_bound *l = &b->bound[i];
        if (l->taken) continue;
        l->dy = dy;
        l->dy_masked = masked;
        if (l->layer->type->bind_backward(l)) return leadseq_fail_in("layer %s", l->layer->name);
        dy = &l->dx;
        masked = l->dx_masked;
    }
    return 0;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* The tensor of layer i that takes turns in the shared memory: dx in training, y in evaluation,
 * unless it has a place of its own. */
static const struct nn_tensor *turn_of(const struct nn_bound_chain *b, const struct nn_places *p,
                                       int i)
{
    const struct nn_bound *l = &b->bound[i];
    if (l->taken || l->y_is_x || (l->training && !l->need_dx)) return NULL;
    if (l->training) return p->dx && i == 0 ? NULL : &l->dx;
    return p->y && l == nn_chain_last(b) ? NULL : &l->y;
}

/* Each half holds the tensors whose turn it is; a chain with one of them has one half. Rounded to
 * 64 bytes, so that the second half is aligned. */
static void half_bytes(const struct nn_bound_chain *b, const struct nn_places *p, size_t half[2])
{
    const int n = b->chain->n_layers;
    for (int i = 0, turn = 0; i < n; i++) {
        const struct nn_tensor *t = turn_of(b, p, b->bound[0].training ? n - 1 - i : i);
        if (!t) continue;
        half[turn % 2] = larger(half[turn % 2], nn_whole_lines(t->bytes));
        turn++;
    }
}

/* Two halves, and what layers themselves use within a pass, one after the other. */
size_t nn_chain_scratch(const struct nn_bound_chain *b, const struct nn_places *p)
{
    size_t most = 0, half[2] = {0};
    half_bytes(b, p, half);
    for (int i = 0; i < b->chain->n_layers; i++) most = larger(most, b->bound[i].scratch_bytes);
    return half[0] + half[1] + nn_whole_lines(most);
}

/* Training keeps every y for the backward pass, so each has memory of its own. Evaluation lets two
 * halves alternate. */
static int place_y(struct nn_bound_chain *b, const struct nn_places *p, char *half[2])
{
    const struct nn_bound *last = nn_chain_last(b);
    for (int i = 0, turn = 0; i < b->chain->n_layers; i++) {
        struct nn_bound *l = &b->bound[i];
        if (l->taken) continue;
        int status = l->y_is_x           ? nn_tensor_place(&l->y, l->x->data)
                     : p->y && l == last ? nn_tensor_place(&l->y, p->y->data)
                     : l->training       ? nn_tensor_allocate(&l->y)
                                   : nn_tensor_place(&l->y, (float *)(void *)half[turn++ % 2]);
        if (status) return leadseq_fail_in("layer %s", l->layer->name);
    }
    return 0;
}

/* dx is read once, by the layer below, so two halves alternate in training. */
static int place_dx(struct nn_bound_chain *b, const struct nn_places *p, char *half[2])
{
    for (int i = b->chain->n_layers - 1, turn = 0; i >= 0; i--) {
        struct nn_bound *l = &b->bound[i];
        if (!l->need_dx || l->taken) continue;
        int status = l->y_is_x         ? nn_tensor_place(&l->dx, l->dy->data)
                     : p->dx && i == 0 ? nn_tensor_place(&l->dx, p->dx->data)
                                       : nn_tensor_place(&l->dx, (float *)(void *)half[turn++ % 2]);
        if (status) return leadseq_fail_in("layer %s", l->layer->name);
    }
    return 0;
}

int nn_chain_place(struct nn_bound_chain *b, const struct nn_places *p)
{
    size_t bytes[2] = {0};
    half_bytes(b, p, bytes);
    char *half[2] = {p->memory, (char *)p->memory + bytes[0]}, *scratch = half[1] + bytes[1];
    if (place_y(b, p, half)) return -1;
    if (b->bound[0].training && place_dx(b, p, half)) return -1;
    for (int i = 0; i < b->chain->n_layers; i++) {
        struct nn_bound *l = &b->bound[i];
        if (l->taken || !l->layer->type->place) continue;
        if (l->layer->type->place(l, scratch)) return leadseq_fail_in("layer %s", l->layer->name);
    }
    return 0;
}

static int place_all(struct nn_bound_chain *b)
{
    struct nn_places p = {0};
    p.memory = b->memory = nn_aligned(nn_chain_scratch(b, &p));
    return b->memory ? nn_chain_place(b, &p) : -1;
}

int nn_chain_bind(struct nn_bound_chain *b, struct nn_chain *chain, struct leadseq_engine *engine,
                  const struct nn_bind_options *o)
{
    struct nn_shape out = nn_chain_out(chain);
    out.n *= o->batch;
    if (nn_chain_bind_up(b, chain, engine, o)) goto fail;
    if (!o->x && !o->lent && nn_tensor_allocate(&b->input)) goto fail;
    if (o->training && !o->dy && nn_tensor_init(&b->dy, engine, out, NULL)) goto fail;
    if (o->training && nn_chain_bind_down(b, o->dy ? o->dy : &b->dy)) goto fail;
    if (place_all(b)) goto fail;
    return 0;
fail:
    nn_chain_unbind(b);
    return leadseq_fail_in("a network for a batch of %d", o->batch);
}

/* Also of what a failed bind left: layers that were not reached have no `layer`. */
void nn_chain_unbind(struct nn_bound_chain *b)
{
    if (!b || !b->chain) return;
    for (int i = 0; b->bound && i < b->chain->n_layers; i++) {
        struct nn_bound *l = &b->bound[i];
        if (!l->layer || l->taken) continue;
        l->layer->type->unbind(l);
        nn_tensor_clear(&l->y);
        nn_tensor_clear(&l->dx);
    }
    free(b->bound);
    free(b->memory);
    nn_tensor_clear(&b->input);
    nn_tensor_clear(&b->dy);
    *b = (struct nn_bound_chain){0};
}

/* --- Running -------------------------------------------------------------------------- */

int nn_chain_follow(struct nn_bound_chain *b)
{
    const struct nn_tensor *x = b->bound[0].x;
    for (int i = 0; i < b->chain->n_layers && b->bound[i].y_is_x; i++)
        if (nn_tensor_place(&b->bound[i].y, x->data)) return -1;
    return 0;
}

int nn_chain_lend(struct nn_bound_chain *b, const float *x)
{
    if (nn_tensor_place(&b->input, (float *)(uintptr_t)x)) return -1; /* it is only read */
    return nn_chain_follow(b);
}

/* After each layer its y is rounded, if bf16 is emulated: native bf16 rounds when it is stored. */
int nn_chain_forward(struct nn_bound_chain *b)
{
    for (int i = 0; i < b->chain->n_layers; i++) {
        struct nn_bound *l = &b->bound[i];
        if (l->taken) continue;
        if (l->layer->type->forward(l, &b->pass))
            return leadseq_fail_in("layer %s, forward", l->layer->name);
        if (!l->y_is_x) nn_tensor_round(&l->y);
    }
    return 0;
}

int nn_chain_backward(struct nn_bound_chain *b)
{
    for (int i = b->chain->n_layers - 1; i >= 0; i--) {
        struct nn_bound *l = &b->bound[i];
        if (l->taken) continue;
        if (l->layer->type->backward(l, &b->pass))
            return leadseq_fail_in("layer %s, backward", l->layer->name);
        if (l->need_dx && !l->y_is_x) nn_tensor_round(&l->dx);
    }
    return 0;
}

size_t nn_bound_kept(const struct nn_bound *b)
{
    if (!b->training) return 0;
    return b->kept_bytes + (b->y_is_x ? 0 : b->y.bytes);
}

struct nn_bound *nn_chain_last(const struct nn_bound_chain *b)
{
    int last = b->chain->n_layers - 1;
    while (b->bound[last].taken) last--;
    return &b->bound[last];
}

struct nn_tensor *nn_chain_y(struct nn_bound_chain *b)
{
    return &nn_chain_last(b)->y;
}

struct nn_tensor *nn_chain_dx(struct nn_bound_chain *b)
{
    return &b->bound[0].dx;
}

/* Binds without touching memory (nn_leave_untouched()): pages that are never written cost nothing,
 * so the layouts of a network larger than the machine can be looked at. */
int nn_chain_describe(struct nn_chain *chain, struct leadseq_engine *engine, int batch,
                      struct nn_description *d)
{
    struct nn_bound_chain b = {0};
    nn_leave_untouched(true);
    int status = nn_chain_bind(&b, chain, engine,
                               &(struct nn_bind_options){.batch = batch, .training = true});
    for (int i = 0; i < chain->n_layers && !status; i++) {
        const struct nn_tensor *y = b.bound[i].taken ? b.bound[i].x : &b.bound[i].y;
        snprintf(d[i].layout, sizeof d[i].layout, "%s", nn_tensor_layout(y));
        d[i].values = y->values;
        d[i].kept = nn_bound_kept(&b.bound[i]);
    }
    nn_chain_unbind(&b);
    nn_leave_untouched(false);
    return status;
}
