/* SPDX-License-Identifier: MIT
 *
 * y = x where x > 0, else x/10: a rectifier that keeps a slope everywhere (Maas, Hannun & Ng
 * 2013). It has no parameters, and works on plain memory (N, C, H, W): adapters copy x and dy
 * there where their neighbours chose another layout.
 *
 * file  src/nn/leaky.c
 * row   src/nn/layers.c TYPES ROW(leaky)
 */
#include "layers.h"

#include <stdlib.h>

static const float slope = 0.1f;

struct leaky_state {
    struct nn_adapter x, dy; /* plain */
};

static int leaky_bind(struct nn_bound *b)
{
    struct leaky_state *s = b->state = leadseq_calloc(1, sizeof *s);
    if (!s || nn_adapter_init_plain(&s->x, b->engine, b->x, false)) return -1;
    return nn_tensor_describe(&b->y, b->engine, b->x->shape, NULL);
}

static int leaky_bind_backward(struct nn_bound *b)
{
    struct leaky_state *s = b->state;
    if (nn_adapter_init_plain(&s->dy, b->engine, b->dy, false)) return -1;
    return b->need_dx ? nn_tensor_describe(&b->dx, b->engine, b->x->shape, NULL) : 0;
}

static void leaky_unbind(struct nn_bound *b)
{
    struct leaky_state *s = b->state;
    if (!s) return;
    nn_adapter_clear(&s->x);
    nn_adapter_clear(&s->dy);
    free(s);
}

static int leaky_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct leaky_state *s = b->state;
    (void)pass;
    if (nn_adapter_run(&s->x, b->engine)) return -1;
    const float *x = s->x.tensor->data;
    float *y = b->y.data;
    size_t n = nn_shape_count(b->y.shape);
    for (size_t i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
    return 0;
}

/* dx = dy where y > 0, which is where x > 0, else dy/10. */
static int leaky_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct leaky_state *s = b->state;
    (void)pass;
    if (!b->need_dx) return 0;
    if (nn_adapter_run(&s->dy, b->engine)) return -1;
    const float *y = b->y.data, *dy = s->dy.tensor->data;
    float *dx = b->dx.data;
    size_t n = nn_shape_count(b->y.shape);
    for (size_t i = 0; i < n; i++) dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
    return 0;
}

static int leaky_check(struct nn_shape in, const void *options, struct nn_shape *out)
{
    (void)in, (void)options, (void)out; /* any shape, and y has it too */
    return 0;
}

static int leaky_init(struct nn_layer *layer, const void *options)
{
    (void)layer, (void)options;
    return 0;
}

/* What test/test_layers.c checks the gradient, the precision and the memory of. */
/* What it is in an ONNX graph (optional). */
static int leaky_graph(const struct nn_layer *layer, struct nn_graph *g, struct nn_graph_images *x)
{
    return nn_graph_each(g, x,
                         &(struct nn_graph_op){.op = "LeakyRelu",
                                               .layer = layer->name,
                                               .n_inputs = 1,
                                               .attribute = {NN_GRAPH_FLOAT("alpha", slope)}});
}

static const struct nn_layer_sample samples[] = {
    {.in = {1, 1, 1, 1}, .batch = 1},
    {.in = {2, 17, 5, 3}, .batch = 2},
    {.batch = 0},
};

const struct nn_layer_type nn_leaky_type = {
    .name = "leaky",
    .help = "y = x where x > 0, else x/10",
    .size = sizeof(struct nn_layer),
    .check = leaky_check,
    .init = leaky_init,
    .bind = leaky_bind,
    .bind_backward = leaky_bind_backward,
    .forward = leaky_forward,
    .backward = leaky_backward,
    .unbind = leaky_unbind,
    .graph = leaky_graph,
    .samples = samples,
    .bent = true,
};
