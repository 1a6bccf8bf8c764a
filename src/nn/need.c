/* SPDX-License-Identifier: MIT
 *
 * Memory a binding will take, estimated from shapes before anything is bound.
 * An estimate: which copies oneDNN's layouts ask for is known only when binding. */
#include "chain.h"

/* What layer i says, and in need.block_x and need.block the layouts of its x and y. */
static struct nn_need need_of(const struct nn_chain *chain, const struct nn_need *start, int i,
                              int batch, bool training)
{
    struct nn_need need = {.block = start->block_x, .size = start->size_x};
    for (int j = 0, taken = 0; j <= i; j++) {
        const struct nn_layer *l = chain->layer[j];
        need = (struct nn_need){.engine = start->engine,
                                .after = nn_chain_after(chain, start->engine, j),
                                .first = start->first && j == 0,
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

/* A whole network: its input is plain. */
static struct nn_need start_of(struct leadseq_engine *engine)
{
    return (struct nn_need){.engine = engine, .first = true, .block_x = 1, .size_x = sizeof(float)};
}

/* Bytes of a tensor of the whole batch. */
static size_t bytes_of(struct nn_shape one, int batch, int block, size_t size)
{
    one.n *= batch;
    return nn_count_by(one, block) * size;
}

static size_t bytes_of_y(const struct nn_chain *chain, int i, int batch, const struct nn_need *need)
{
    return bytes_of(chain->layer[i + need->takes]->out, batch, need->block, need->size);
}

size_t nn_chain_kept(const struct nn_chain *chain, struct leadseq_engine *engine, int i, int batch)
{
    const struct nn_need start = start_of(engine), need = need_of(chain, &start, i, batch, true);
    return need.kept + (need.view ? 0 : bytes_of_y(chain, i, batch, &need));
}

/* Bytes of the tensor of layer i that takes turns with others (chain.c), 0: none. */
static size_t turn_of(const struct nn_chain *chain, const struct nn_need *need, bool first, int i,
                      int batch, bool training)
{
    if (need->view || (training && i == 0 && first)) return 0;
    return training ? bytes_of(chain->layer[i]->in, batch, need->block_x, need->size_x)
                    : bytes_of_y(chain, i, batch, need);
}

/* What is kept or scratch adds up over the layers; tensors that take turns (dx in training, y in
 * evaluation) count as the largest of every second and the largest of the others, scratch that all
 * use in turn as the largest. */
struct nn_chain_sizes nn_chain_measure(const struct nn_chain *chain, const struct nn_need *start,
                                       int batch, bool training)
{
    struct nn_chain_sizes sizes = {.block = start->block_x, .size = start->size_x};
    size_t half[2] = {0}, shared = 0;
    for (int i = 0, turn = 0; i < chain->n_layers; i++) {
        const struct nn_need need = need_of(chain, start, i, batch, training);
        const size_t y = bytes_of_y(chain, i, batch, &need);
        sizes.scratch += need.scratch;
        if (need.shared > shared) shared = need.shared;
        if (need.in_turn > sizes.in_turn) sizes.in_turn = need.in_turn;
        if (training) sizes.kept += need.kept + (need.view ? 0 : y);
        sizes.block = need.block, sizes.size = need.size;
        if (need.view) continue;
        sizes.last = y;
        const size_t bytes = turn_of(chain, &need, start->first, i, batch, training);
        if (!bytes) continue;
        if (bytes > half[turn % 2]) half[turn % 2] = bytes;
        turn++;
    }
    sizes.shared = half[0] + half[1] + shared;
    return sizes;
}

size_t nn_chain_need(const struct nn_chain *chain, struct leadseq_engine *engine, int batch,
                     bool training)
{
    const struct nn_need start = start_of(engine);
    const struct nn_chain_sizes s = nn_chain_measure(chain, &start, batch, training);
    const size_t input = training ? 0 : bytes_of(chain->layer[0]->in, batch, 1, sizeof(float));
    return input + s.kept + s.scratch + s.shared + s.in_turn;
}
