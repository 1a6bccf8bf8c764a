/* SPDX-License-Identifier: MIT
 *
 * Memory a binding will take, estimated from shapes before anything is bound.
 * An estimate: which copies oneDNN's layouts ask for is known only when binding. */
#include "nn_private.h"

size_t nn_padded_bytes(struct nn_shape s)
{
    if (s.h * s.w > 1 && s.c > 4) s.c = (s.c + 15) / 16 * 16; /* blocked layouts pad channels */
    return nn_shape_count(s) * sizeof(float);
}

static struct nn_need need_of(const struct nn_layer *l, int batch, bool training)
{
    struct nn_need need = {0};
    if (l->type->need) l->type->need(l, batch, training, &need);
    return need;
}

static size_t output_bytes(const struct nn_layer *l, int batch)
{
    struct nn_shape y = l->out;
    y.n *= batch;
    return nn_padded_bytes(y);
}

static size_t input_bytes(const struct nn_layer *l, int batch)
{
    struct nn_shape x = l->in;
    x.n *= batch;
    return nn_padded_bytes(x);
}

size_t nn_layer_kept(const struct nn_layer *l, int batch)
{
    struct nn_need need = need_of(l, batch, true);
    return need.kept + (need.view ? 0 : output_bytes(l, batch));
}

size_t nn_chain_need(const struct nn_chain *chain, int batch, bool training)
{
    size_t sum = input_bytes(chain->layer[0], batch), turns = 0;
    for (int i = 0; i < chain->n_layers; i++) {
        const struct nn_layer *l = chain->layer[i];
        struct nn_need need = need_of(l, batch, training);
        sum += need.scratch + (training ? nn_layer_kept(l, batch) : 0);
        if (need.view || (training && i == 0)) continue;
        size_t turn = training ? input_bytes(l, batch) : output_bytes(l, batch);
        if (turn > turns) turns = turn;
    }
    return sum + 2 * turns;
}
