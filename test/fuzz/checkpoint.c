/* SPDX-License-Identifier: MIT
 *
 * Checkpoints that hold other things than they should, for a network and its optimiser: what is
 * accepted fits them, and the present epoch has no more records than there is room for. */
#include "store.h"

#include "train/checkpoint.h"

enum { SIDE = 8, ROOM = 6 };

static struct leadseq_experiment e;
static struct train_network net;
static struct leadseq_optimizer optimizer;

static void set(const char *key, const char *value)
{
    fuzz_require(!leadseq_experiment_set(&e, key, value), "%s", key);
}

static void make_network(void)
{
    struct train_input input = {0};
    leadseq_drawing_default(&input.drawing, LEADSEQ_FIXED_MV);
    input.drawing.width = input.drawing.height = SIDE;
    leadseq_experiment_default(&e);
    set("model.type", "cnn");
    set("model.hidden", "[2]");
    set("train.batch", "2");
    e.model.leads = 2, e.model.channels = 1, e.model.height = e.model.width = SIDE;
    fuzz_require(!train_network_open(&net, &e, &input, 1), "network");
    struct leadseq_optim how = leadseq_experiment_optim(&e);
    fuzz_require(!leadseq_optimizer_init(&optimizer, &how, leadseq_model_params(net.model)->count),
                 "optimizer");
}

static void make(const char *path)
{
    float logit[ROOM] = {0};
    uint8_t label[ROOM] = {0, 1};
    struct train_state state;
    make_network();
    train_state_init(&state);
    state.step = 7, state.epoch = 1, state.batch = 2, state.seen = 4, state.best.epoch = 1;
    state.best.value = state.best.loss = .5;
    state.outputs = net.outputs, state.logit = logit, state.label = label;
    fuzz_require(!train_checkpoint_write(path, &net, &optimizer, &state), "seed");
}

static const struct fuzz_store *valid(void)
{
    static struct fuzz_store store;
    return fuzz_store_made(&store, make);
}

static void run(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    const struct fuzz_store *store = valid();
    float logit[ROOM];
    uint8_t label[ROOM];
    struct train_state state;
    train_state_init(&state);
    state.logit = logit, state.label = label;
    bool whole = size % 2;
    if (train_checkpoint_read(fuzz_store_change(store, &in), &net, whole ? &optimizer : NULL,
                              &state, ROOM))
        fuzz_refused();
    else if (whole)
        fuzz_require(state.seen <= ROOM, "%llu records", (unsigned long long)state.seen);
}

static void seeds(void)
{
    fuzz_store_seeds(valid());
}

const struct fuzz_harness fuzz_checkpoint = {"checkpoint", "checkpoints (HDF5)", run, seeds};
