/* SPDX-License-Identifier: MIT
 *
 * What all layers share: how they are made, and shapes of a batch. */
#include "layer.h"

#include <stdlib.h>
#include <string.h>

int nn_layer_check(const struct nn_layer_type *type, const char *name, struct nn_shape in,
                   const void *options, struct nn_shape *out)
{
    const size_t most = sizeof((struct nn_layer *)NULL)->name - 1;
    if (strlen(name) > most)
        return leadseq_fail("layer %s: the name is longer than %zu letters", name, most);
    if (in.n < 1 || in.c < 1 || in.h < 1 || in.w < 1)
        return leadseq_fail("layer %s: expected an input with at least one image, channel, row and "
                            "column, found %d x %d x %d x %d",
                            name, in.n, in.c, in.h, in.w);
    *out = in;
    return type->check(in, options, out) ? leadseq_fail_in("layer %s", name) : 0;
}

struct nn_layer *nn_layer_new(const struct nn_layer_type *type, const struct nn_store *store,
                              const char *name, struct nn_shape in, const void *options)
{
    struct nn_shape out;
    if (nn_layer_check(type, name, in, options, &out)) return NULL;
    struct nn_layer *layer = leadseq_calloc(1, type->size);
    if (!layer) return NULL;
    *layer = (struct nn_layer){.type = type, .in = in, .out = out, .store = *store};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    if (!type->init(layer, options)) return layer;
    nn_layer_free(layer);
    return NULL;
}

void nn_layer_free(struct nn_layer *layer)
{
    if (layer && layer->type->release) layer->type->release(layer);
    free(layer);
}

struct nn_shape nn_bound_shape(const struct nn_bound *b, struct nn_shape one)
{
    one.n *= b->batch;
    return one;
}

double nn_layer_option(const struct nn_layer *layer, const char *name, double missing)
{
    struct nn_option option[NN_OPTIONS_MAX];
    const int n = layer->type->options ? layer->type->options(layer, option) : 0;
    for (int i = 0; i < n; i++)
        if (!strcmp(option[i].name, name)) return option[i].value;
    return missing;
}

int nn_kernel_check(int kernel)
{
    if (kernel >= 1 && kernel <= LEADSEQ_KERNEL_MAX) return 0;
    return leadseq_fail("kernel: expected 1 to %d, found %d", LEADSEQ_KERNEL_MAX, kernel);
}
