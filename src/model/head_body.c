/* SPDX-License-Identifier: MIT
 *
 * What the heads of fastai 1 and 2 share: values of each channel, norm, dropout, a hidden dense
 * layer with ReLU, norm, dropout. */
#include "build.h"

static int add_norm(struct model_builder *b, const struct nn_norm_options *norm, const char *name,
                    const char *drop, float rate)
{
    if (model_add(b, nn_norm_new(b->store, name, b->shape, norm))) return -1;
    return rate > 0 ? model_add(b, nn_dropout_new(b->store, drop, b->shape, rate)) : 0;
}

int model_add_hidden(struct model_builder *b, const struct model_hidden_plan *plan)
{
    const struct model_hidden *o = (const void *)b->spec->head;
    if (model_add(b, nn_global_new(b->store, "pool", b->shape, &plan->pool)) ||
        add_norm(b, &plan->norm, "head_norm1", "head_dropout1", o->dropout / 2))
        return -1;
    const struct nn_dense_options dense = {
        .features = o->features, .bias = plan->bias, .deviation = model_head_deviation(b->shape.c)};
    if (model_add(b, nn_dense_new(b->store, "head_linear1", b->shape, &dense)) ||
        model_add(b, nn_relu_new(b->store, "head_relu", b->shape)))
        return -1;
    return add_norm(b, &plan->norm, "head_norm2", "head_dropout2", o->dropout);
}
