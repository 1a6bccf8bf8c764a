/* SPDX-License-Identifier: MIT
 *
 * Graphs of named operations; see graph.h. */
#include "nn/nn.h"

#include <stdlib.h>
#include <string.h>

void nn_graph_clear(struct nn_graph *g)
{
    for (int i = 0; i < g->n_constants; i++) {
        free(g->constant[i].integer);
        free(g->constant[i].own);
    }
    free(g->name);
    free(g->rows);
    free(g->node);
    free(g->constant);
    *g = (struct nn_graph){0};
}

/* Room for one more of `n`; false: no memory. */
static bool grow(void **array, int n, size_t size)
{
    void *grown = leadseq_realloc(*array, (size_t)n + 1, size);
    if (grown) *array = grown;
    return grown != NULL;
}

int nn_graph_input(struct nn_graph *g, const char *name)
{
    if (!grow((void **)&g->name, g->n_values, sizeof *g->name) ||
        !grow((void **)&g->rows, g->n_values, sizeof *g->rows))
        return -1;
    snprintf(g->name[g->n_values], sizeof *g->name, "%s", name);
    g->rows[g->n_values] = false;
    return g->n_values++;
}

/* "convlstm0.17": values of a layer have different numbers. */
static int new_value(struct nn_graph *g, const char *layer)
{
    char name[96];
    snprintf(name, sizeof name, "%s/%d", layer, g->n_values);
    return nn_graph_input(g, name);
}

static struct nn_graph_constant *new_constant(struct nn_graph *g, int value)
{
    if (value < 0 || !grow((void **)&g->constant, g->n_constants, sizeof *g->constant)) return NULL;
    struct nn_graph_constant *c = &g->constant[g->n_constants++];
    *c = (struct nn_graph_constant){.value = value};
    return c;
}

int nn_graph_slice(struct nn_graph *g, const struct leadseq_params *params, int slice)
{
    const struct leadseq_slice *s = &params->slice[slice];
    for (int i = 0; i < g->n_constants; i++)
        if (!strcmp(g->name[g->constant[i].value], s->name)) return g->constant[i].value;
    struct nn_graph_constant *c = new_constant(g, nn_graph_input(g, s->name));
    if (!c) return -1;
    c->n_dims = s->n_dims;
    for (int i = 0; i < s->n_dims; i++) c->dims[i] = s->dims[i];
    c->count = s->count;
    c->real = params->value + s->offset;
    return c->value;
}

static struct nn_graph_constant *numbers(struct nn_graph *g, const char *layer, int n_dims,
                                         const int64_t *dims)
{
    struct nn_graph_constant *c = new_constant(g, new_value(g, layer));
    if (!c) return NULL;
    c->n_dims = n_dims;
    c->count = 1;
    for (int i = 0; i < n_dims; i++) c->dims[i] = dims[i], c->count *= (size_t)dims[i];
    return c;
}

int nn_graph_integers(struct nn_graph *g, const char *layer, const int64_t *v, int n)
{
    struct nn_graph_constant *c = numbers(g, layer, n > 0, &(int64_t){n});
    if (!c) return -1;
    c->integer = leadseq_calloc(c->count, sizeof *c->integer);
    if (!c->integer) return -1;
    memcpy(c->integer, v, c->count * sizeof *v);
    return c->value;
}

int nn_graph_array(struct nn_graph *g, const char *layer, const float *v, int n_dims,
                   const int64_t *dims)
{
    struct nn_graph_constant *c = numbers(g, layer, n_dims, dims);
    if (!c) return -1;
    c->own = leadseq_calloc(c->count, sizeof *c->own);
    if (!c->own) return -1;
    memcpy(c->own, v, c->count * sizeof *v);
    c->real = c->own;
    return c->value;
}

int nn_graph_reals(struct nn_graph *g, const char *layer, const float *v, int n)
{
    return nn_graph_array(g, layer, v, n > 0, &(int64_t){n});
}

int nn_graph_add(struct nn_graph *g, const struct nn_graph_op *op)
{
    for (int i = 0; i < op->n_inputs; i++)
        if (op->input[i] < 0) return -1;
    const int outputs = op->n_outputs ? op->n_outputs : 1, first = g->n_values;
    const bool rows = op->n_inputs && g->rows[op->input[0]];
    for (int i = 0; i < outputs; i++) {
        if (new_value(g, op->layer) < 0) return -1;
        g->rows[first + i] = rows;
    }
    if (!grow((void **)&g->node, g->n_nodes, sizeof *g->node)) return -1;
    struct nn_graph_node *node = &g->node[g->n_nodes++];
    *node = (struct nn_graph_node){.is = *op, .output = first};
    node->is.n_outputs = outputs;
    node->is.layer = NULL;
    return first;
}

int nn_graph_one(struct nn_graph *g, const char *layer, const char *op, int a)
{
    return nn_graph_add(
        g, &(struct nn_graph_op){.op = op, .layer = layer, .n_inputs = 1, .input = {a}});
}

int nn_graph_two(struct nn_graph *g, const char *layer, const char *op, int a, int b)
{
    return nn_graph_add(
        g, &(struct nn_graph_op){.op = op, .layer = layer, .n_inputs = 2, .input = {a, b}});
}

int nn_graph_row(struct nn_graph *g, const char *layer, int value)
{
    if (value < 0 || g->rows[value]) return value;
    const int row = nn_graph_add(g, &(struct nn_graph_op){.op = "Flatten",
                                                          .layer = layer,
                                                          .n_inputs = 1,
                                                          .input = {value},
                                                          .attribute = {NN_GRAPH_INT("axis", 1)}});
    if (row >= 0) g->rows[row] = true;
    return row;
}

int nn_graph_each(struct nn_graph *g, struct nn_graph_images *x, const struct nn_graph_op *op)
{
    struct nn_graph_op one = *op;
    for (int i = 0; i < x->n; i++) {
        one.input[0] = x->value[i];
        x->value[i] = nn_graph_add(g, &one);
        if (x->value[i] < 0) return -1;
    }
    return 0;
}

int nn_graph_concat(struct nn_graph *g, const char *layer, const struct nn_graph_images *x,
                    int axis)
{
    if (x->n == 1) return x->value[0];
    struct nn_graph_op op = {.op = "Concat",
                             .layer = layer,
                             .n_inputs = x->n,
                             .attribute = {NN_GRAPH_INT("axis", axis)}};
    memcpy(op.input, x->value, sizeof op.input);
    return nn_graph_add(g, &op);
}
