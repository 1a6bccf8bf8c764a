/* SPDX-License-Identifier: MIT
 *
 * What all layers share: their head, and shapes of a batch. */
#include "nn_private.h"

#include <stdlib.h>

void *nn_layer_new(size_t size, const struct nn_layer_type *type, const struct nn_store *store,
                   const char *name, struct nn_shape in)
{
    struct nn_layer *layer = leadseq_calloc(1, size);
    if (!layer) return NULL;
    *layer = (struct nn_layer){.type = type, .in = in, .out = in, .store = *store};
    int length = snprintf(layer->name, sizeof layer->name, "%s", name);
    if (length >= 0 && (size_t)length < sizeof layer->name) return layer;
    (void)leadseq_fail("layer %s: the name is longer than %zu letters", name,
                       sizeof layer->name - 1);
    free(layer);
    return NULL;
}

void nn_layer_free(struct nn_layer *layer)
{
    if (!layer) return;
    if (layer->type->free) layer->type->free(layer);
    free(layer);
}

struct nn_shape nn_bound_shape(const struct nn_bound *b, struct nn_shape one)
{
    one.n *= b->batch;
    return one;
}

size_t nn_bound_kept(const struct nn_bound *b)
{
    if (!b->training) return 0;
    return b->kept_bytes + (b->y_is_x ? 0 : b->y.bytes);
}
