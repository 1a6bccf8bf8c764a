/* SPDX-License-Identifier: MIT
 *
 * Dropout of features: y = x m / (1 - rate), m = 0 with probability `rate`, else 1. The division
 * keeps the expected value of y at x, so that evaluation, where y is x, needs no correction.
 *
 * The draws are a stream keyed by (seed and layer, step, the record's place in the whole batch):
 *
 *   record 5 of step 17 gets the same mask with 1 or 8 threads, as record 5 of one rank or as
 *   record 1 of the second of two, and whether its batch is computed at once or in parts. */
#include "layers.h"

#include <stdlib.h>
#include <string.h>

struct dropout {
    struct nn_layer head;
    float rate;
    uint64_t key; /* of the layer's name */
};

struct dropout_state {
    struct nn_adapter x, dy; /* plain */
    uint8_t *mask;           /* m: (N, features) of 0 or 1; training */
};

static int dropout_bind(struct nn_bound *b)
{
    struct dropout_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s || nn_adapter_init_plain(&s->x, b->engine, b->x, false) ||
        nn_tensor_describe(&b->y, b->engine, b->x->shape, NULL))
        return -1;
    b->y_is_x = !b->training && nn_tensor_is_plain(b->x);
    if (!b->training) return 0;
    s->mask = nn_aligned(nn_shape_count(b->x->shape));
    b->kept_bytes += nn_shape_count(b->x->shape);
    return s->mask ? 0 : -1;
}

static int dropout_bind_backward(struct nn_bound *b)
{
    struct dropout_state *s = b->state;
    if (nn_adapter_init_plain(&s->dy, b->engine, b->dy, false)) return -1;
    return b->need_dx ? nn_tensor_describe(&b->dx, b->engine, b->x->shape, NULL) : 0;
}

static void dropout_unbind(struct nn_bound *b)
{
    struct dropout_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dy);
    free(s->mask);
    free(s);
}

/* The mask of the record at place n of this binding, `first` + n of the whole batch. */
static void draw_record(struct nn_bound *b, const struct nn_pass *pass, int n)
{
    const struct dropout *l = (const struct dropout *)b->layer;
    size_t features = nn_shape_count(l->head.in);
    uint8_t *mask = ((struct dropout_state *)b->state)->mask + (size_t)n * features;
    struct leadseq_random r;
    leadseq_random_init(&r, pass->seed ^ l->key, LEADSEQ_STREAM_DROPOUT, pass->step,
                        (uint64_t)pass->first + (uint64_t)n);
    for (size_t i = 0; i < features; i++) mask[i] = leadseq_random_uniform(&r) >= l->rate;
}

/* to = from · m / (1 - rate): forward of x, and backward of dy, with the same mask. */
static void multiply(const struct nn_bound *b, const float *from, float *to)
{
    const struct dropout *l = (const struct dropout *)b->layer;
    const uint8_t *mask = ((const struct dropout_state *)b->state)->mask;
    float scale = 1 / (1 - l->rate);
    size_t count = nn_shape_count(b->x->shape);
    for (size_t i = 0; i < count; i++) to[i] = mask[i] ? scale * from[i] : 0;
}

/* Records are drawn concurrently: each has a stream and a part of the mask to itself. */
static int dropout_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct dropout_state *s = b->state;
    if (b->y_is_x) return 0;
    if (nn_adapter_run(&s->x, b->engine)) return -1;
    if (!b->training) {
        memcpy(b->y.data, s->x.tensor->data, b->y.bytes);
        return 0;
    }
#pragma omp parallel for
    for (int n = 0; n < b->batch; n++) draw_record(b, pass, n);
    multiply(b, s->x.tensor->data, b->y.data);
    return 0;
}

static int dropout_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct dropout_state *s = b->state;
    (void)pass;
    if (!b->need_dx) return 0;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    multiply(b, s->dy.tensor->data, b->dx.data);
    return 0;
}

static void dropout_need(const struct nn_layer *layer, int batch, bool training,
                         struct nn_need *need)
{
    need->view = !training;
    if (training) need->kept = (size_t)batch * nn_shape_count(layer->in);
}

/* --- Type ---------------------------------------------------------------------------------- */

static int dropout_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    const float rate = ((const struct nn_dropout_options *)options)->rate;
    (void)out;
    if (!(rate >= 0 && rate < 1))
        return leadseq_fail("dropout: expected 0 <= rate < 1, found %g", (double)rate);
    if (in.n != 1) return leadseq_fail("dropout: expected one image per record, found %d", in.n);
    return 0;
}

static int dropout_init(struct nn_layer *layer, const void *options)
{
    struct dropout *l = (struct dropout *)layer;
    l->rate = ((const struct nn_dropout_options *)options)->rate;
    l->key = leadseq_hash_text(layer->name);
    return 0;
}

static int dropout_options(const struct nn_layer *layer, struct nn_option option[NN_OPTIONS_MAX])
{
    option[0] = (struct nn_option){"rate", (double)((const struct dropout *)layer)->rate};
    return 1;
}

/* In evaluation y is x. */
static int dropout_graph(const struct nn_layer *layer, struct nn_graph *g,
                         struct nn_graph_images *x)
{
    (void)layer, (void)g, (void)x;
    return 0;
}

static const struct nn_layer_sample samples[] = {
    {{1, 1, 1, 1}, 1, &(const struct nn_dropout_options){.rate = 0}},
    {{1, 333, 1, 1}, 3, &(const struct nn_dropout_options){.rate = 0.4f}},
    {.batch = 0},
};

const struct nn_layer_type nn_dropout_type = {
    .name = "dropout",
    .help = "features dropped at random in training, the others scaled up",
    .size = sizeof(struct dropout),
    .check = dropout_check,
    .init = dropout_init,
    .options = dropout_options,
    .bind = dropout_bind,
    .bind_backward = dropout_bind_backward,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .unbind = dropout_unbind,
    .need = dropout_need,
    .graph = dropout_graph,
    .samples = samples,
    .differs_in_training = true,
};

struct nn_layer *nn_dropout_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                float rate)
{
    return nn_layer_new(&nn_dropout_type, store, name, in,
                        &(struct nn_dropout_options){.rate = rate});
}
