/* SPDX-License-Identifier: MIT
 *
 * All values of a record as one row of features, in the order (C, H, W); where a
 * record has several images (steps of a sequence), one after the other:
 *
 *   x (T·N, C, H, W), step outermost -> y (N, T·C·H·W)
 *
 * With one plain image a record this is x itself under another shape. */
#include "layers.h"

#include <stdlib.h>
#include <string.h>

struct flatten_state {
    struct nn_adapter x, dy, dx; /* plain */
};

/* One plain image per record is already a row of features: then y is a view and costs nothing. */
static int flatten_bind(struct nn_bound *b)
{
    struct flatten_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s || nn_tensor_describe(&b->y, b->engine, nn_bound_shape(b, b->layer->out), NULL))
        return -1;
    b->y_is_x = b->layer->in.n == 1 && nn_tensor_is_plain(b->x);
    return b->y_is_x ? 0 : nn_adapter_init_plain(&s->x, b->engine, b->x, false);
}

/* Where y is x's memory, dx is dy's, so dy must be plain too. Layers of features give it so. */
static int check_view(const struct nn_bound *b)
{
    if (nn_tensor_is_plain(b->dy)) return 0;
    return leadseq_fail("%s: expected the gradient of features in plain order, found %s",
                        b->layer->name, nn_tensor_layout(b->dy));
}

static int flatten_bind_backward(struct nn_bound *b)
{
    struct flatten_state *s = b->state;
    if (!b->need_dx) return 0;
    if (nn_tensor_describe_like(&b->dx, b->engine, b->x)) return -1;
    if (b->y_is_x) return check_view(b);
    return nn_adapter_init_plain(&s->dy, b->engine, b->dy, false) ||
           nn_adapter_init_plain(&s->dx, b->engine, &b->dx, true);
}

/* Copies image (t, n) to or from its place in row n. Images are step-major, rows record-major:
 *
 *   images  t0n0 t0n1 t1n0 t1n1 …        rows  n0: t0 t1 …   n1: t0 t1 … */
static void copy_images(const struct nn_bound *b, float *images, float *rows, bool to_rows)
{
    int steps = b->layer->in.n;
    size_t count = nn_shape_count(b->layer->in) / (size_t)steps;
    for (int t = 0; t < steps; t++)
        for (int n = 0; n < b->batch; n++) {
            float *image = images + ((size_t)t * b->batch + n) * count;
            float *row = rows + ((size_t)n * steps + t) * count;
            memcpy(to_rows ? row : image, to_rows ? image : row, count * sizeof *row);
        }
}

static int flatten_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct flatten_state *s = b->state;
    if (b->y_is_x) return 0;
    if (nn_adapter_run(&s->x, b->engine)) return -1;
    copy_images(b, s->x.tensor->data, b->y.data, true);
    return 0;
}

static int flatten_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    (void)pass;
    struct flatten_state *s = b->state;
    if (b->y_is_x || !b->need_dx) return 0;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    copy_images(b, s->dx.tensor->data, s->dy.tensor->data, false);
    return nn_adapter_run(&s->dx, b->engine);
}

static void flatten_unbind(struct nn_bound *b)
{
    struct flatten_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dy);
    nn_adapter_clear(&s->dx);
    free(s);
}

static void flatten_need(const struct nn_layer *layer, int batch, bool training,
                         struct nn_need *need)
{
    (void)batch, (void)training;
    need->view = layer->in.n == 1;
}

/* --- Type ---------------------------------------------------------------------------------- */

static int flatten_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    size_t features = nn_shape_count(in);
    (void)options;
    if (features > INT32_MAX)
        return leadseq_fail("%zu features per record are too many for a dense layer; pool them or "
                            "use smaller images",
                            features);
    *out = (struct nn_shape){1, (int)features, 1, 1};
    return 0;
}

static int flatten_init(struct nn_layer *layer, const void *options)
{
    (void)layer, (void)options;
    return 0;
}

static int flatten_graph(const struct nn_layer *layer, struct nn_graph *g,
                         struct nn_graph_images *x)
{
    for (int i = 0; i < x->n; i++) x->value[i] = nn_graph_row(g, layer->name, x->value[i]);
    x->value[0] = nn_graph_concat(g, layer->name, x, 1);
    x->n = 1;
    return x->value[0] < 0 ? -1 : 0;
}

static const struct nn_layer_sample samples[] = {
    {.in = {1, 1, 1, 1}, .batch = 1},
    {.in = {3, 17, 5, 3}, .batch = 2},
    {.batch = 0},
};

const struct nn_layer_type nn_flatten_type = {
    .name = "flatten",
    .help = "all values of a record as one row of features",
    .size = sizeof(struct nn_layer),
    .check = flatten_check,
    .init = flatten_init,
    .bind = flatten_bind,
    .bind_backward = flatten_bind_backward,
    .forward = flatten_forward,
    .backward = flatten_backward,
    .unbind = flatten_unbind,
    .need = flatten_need,
    .graph = flatten_graph,
    .samples = samples,
    .sees_all = true,
};

struct nn_layer *nn_flatten_new(const struct nn_store *store, const char *name, struct nn_shape in)
{
    return nn_layer_new(&nn_flatten_type, store, name, in, NULL);
}
