/* SPDX-License-Identifier: MIT
 *
 * Dropout of features: y = x m / (1 - rate), m = 0 with probability `rate`. The
 * draws are a stream keyed by (seed and layer, step, record's place in the whole
 * batch), so they depend on neither threads, ranks nor the other records. In evaluation y is x. */
#include "nn_private.h"

#include <stdlib.h>

struct dropout {
    struct nn_layer head;
    float rate;
    uint64_t key; /* of the layer's name */
};

static int dropout_bind(struct nn_bound *b)
{
    if (!nn_tensor_is_plain(b->x))
        return leadseq_fail("%s: expected features in plain order", b->layer->name);
    if (nn_tensor_describe(&b->y, b->engine, b->x->shape, NULL)) return -1;
    b->y_is_x = !b->training;
    if (!b->training) return 0;
    b->state = nn_aligned(nn_shape_count(b->x->shape)); /* m: bytes of 0 or 1 */
    b->kept_bytes += nn_shape_count(b->x->shape);
    return b->state ? 0 : -1;
}

static int dropout_bind_backward(struct nn_bound *b)
{
    if (!nn_tensor_is_plain(b->dy))
        return leadseq_fail("%s: expected its gradient in plain order", b->layer->name);
    return b->need_dx ? nn_tensor_describe(&b->dx, b->engine, b->x->shape, NULL) : 0;
}

static void dropout_unbind(struct nn_bound *b)
{
    free(b->state);
}

static void draw_record(struct nn_bound *b, const struct nn_pass *pass, int n)
{
    const struct dropout *l = (const struct dropout *)b->layer;
    size_t features = nn_shape_count(l->head.in);
    uint8_t *mask = (uint8_t *)b->state + (size_t)n * features;
    struct leadseq_random r;
    leadseq_random_init(&r, pass->seed ^ l->key, LEADSEQ_STREAM_DROPOUT, pass->step,
                        (uint64_t)pass->first + (uint64_t)n);
    for (size_t i = 0; i < features; i++) mask[i] = leadseq_random_uniform(&r) >= l->rate;
}

static void multiply(const struct nn_bound *b, const float *from, float *to)
{
    const struct dropout *l = (const struct dropout *)b->layer;
    const uint8_t *mask = b->state;
    float scale = 1 / (1 - l->rate);
    size_t count = nn_shape_count(b->x->shape);
    for (size_t i = 0; i < count; i++) to[i] = mask[i] ? scale * from[i] : 0;
}

static int dropout_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    if (b->y_is_x) return 0;
#pragma omp parallel for
    for (int n = 0; n < b->batch; n++) draw_record(b, pass, n);
    multiply(b, b->x->data, b->y.data);
    return 0;
}

static int dropout_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    if (b->need_dx) multiply(b, b->dy->data, b->dx.data);
    return 0;
}

static void dropout_need(const struct nn_layer *layer, int batch, bool training,
                         struct nn_need *need)
{
    need->view = !training;
    if (training) need->kept = (size_t)batch * nn_shape_count(layer->in);
}

static const struct nn_layer_type dropout_type = {
    .name = "dropout",
    .bind = dropout_bind,
    .bind_backward = dropout_bind_backward,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .unbind = dropout_unbind,
    .need = dropout_need,
};

struct nn_layer *nn_dropout_new(const struct nn_store *store, const char *name, struct nn_shape in,
                                float rate)
{
    if (!(rate >= 0 && rate < 1) || in.n != 1) {
        (void)leadseq_fail("%s: expected 0 <= rate < 1 and one image a record, found %g and %d",
                           name, rate, in.n);
        return NULL;
    }
    struct dropout *l = nn_layer_new(sizeof *l, &dropout_type, store, name, in);
    if (!l) return NULL;
    l->rate = rate;
    l->key = leadseq_hash_text(name);
    return &l->head;
}
