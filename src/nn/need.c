/* SPDX-License-Identifier: MIT
 *
 * Memory a binding will take, estimated from shapes before anything is bound.
 * An estimate: which copies oneDNN's layouts ask for is known only when binding. */
#include "chain.h"

/* What layer i says, and in need.block_x and need.block the layouts of its x and y. */
static struct nn_need need_of(const struct nn_chain *chain, struct leadseq_engine *engine, int i,
                              int batch, bool training)
{
    struct nn_need need = {.block = 1, .size = sizeof(float)};
    for (int j = 0, taken = 0; j <= i; j++) {
        const struct nn_layer *l = chain->layer[j];
        need = (struct nn_need){.engine = engine,
                                .after = nn_chain_after(chain, engine, j),
                                .first = j == 0,
                                .block_x = need.block,
                                .block = need.block,
                                .size_x = need.size,
                                .size = taken > 0 ? need.size : sizeof(float),
                                .view = taken > 0};
        if (taken-- > 0) continue;
        if (l->type->need) l->type->need(l, batch, training, &need);
        taken = need.takes;
    }
    return need;
}

/* Bytes of a tensor of the whole batch. */
static size_t bytes_of(struct nn_shape one, int batch, int block, size_t size)
{
    one.n *= batch;
    return nn_count_by(one, block) * size;
}

size_t nn_chain_kept(const struct nn_chain *chain, struct leadseq_engine *engine, int i, int batch)
{
    struct nn_need need = need_of(chain, engine, i, batch, true);
    return need.kept +
           (need.view ? 0
                      : bytes_of(chain->layer[i + need.takes]->out, batch, need.block, need.size));
}

/* Bytes of the tensor of layer i that takes turns with others (chain.c), 0: none. */
static size_t turn_of(const struct nn_chain *chain, const struct nn_need *need, int i, int batch,
                      bool training)
{
    const struct nn_layer *l = chain->layer[i];
    if (need->view || (training && i == 0)) return 0;
    return training ? bytes_of(l->in, batch, need->block_x, need->size_x)
                    : bytes_of(chain->layer[i + need->takes]->out, batch, need->block, need->size);
}

/* What is kept or scratch adds up over the layers; tensors that take turns (dx in training, y in
 * evaluation) count as the largest of every second and the largest of the others, scratch that all
 * use in turn as the largest. */
size_t nn_chain_need(const struct nn_chain *chain, struct leadseq_engine *engine, int batch,
                     bool training)
{
    size_t sum = training ? 0 : bytes_of(chain->layer[0]->in, batch, 1, sizeof(float));
    size_t half[2] = {0}, in_turn = 0;
    for (int i = 0, turn = 0; i < chain->n_layers; i++) {
        struct nn_need need = need_of(chain, engine, i, batch, training);
        sum += need.scratch + (training ? nn_chain_kept(chain, engine, i, batch) : 0);
        if (need.in_turn > in_turn) in_turn = need.in_turn;
        const size_t bytes = turn_of(chain, &need, i, batch, training);
        if (!bytes) continue;
        if (bytes > half[turn % 2]) half[turn % 2] = bytes;
        turn++;
    }
    return sum + half[0] + half[1] + in_turn;
}
