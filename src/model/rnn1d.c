/* SPDX-License-Identifier: MIT
 *
 * An LSTM and a GRU along signals, sample by sample, as the PTB-XL benchmark has them:
 *
 *   (1, T, 1, W)  rnn0 -> rnn1 -> head        by default two layers of 256 and [mean, maximum,
 * last]
 *
 * All weights and biases begin uniformly within 1 / √K, as PyTorch's do. */
#include "build.h"

struct rnn1d {
    struct leadseq_integers hidden;
    struct model_head head;
};

#define FIELD(member) LEADSEQ_FIELD(struct rnn1d, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"model.hidden", &leadseq_option_integers, FIELD(hidden), .unit = "units", .standard = "[256, 256]",
     .least = 1, .most = 4096, .expected = "1 to 8 unit counts from 1 to 4096, as [256, 256]",
     .help = "units of each layer"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {
    LEADSEQ_GROUP(rows, 0),
    MODEL_HEAD_GROUP(struct rnn1d, head),
    {0},
};
static const char *const standards[] = {"model.head", "benchmark-last", NULL};

static bool has_norm(const void *options)
{
    return ((const struct rnn1d *)options)->head.norm;
}

static int build_cells(struct model_builder *b, bool gru)
{
    const struct rnn1d *o = b->options;
    for (int i = 0; i < o->hidden.n; i++) {
        char name[48];
        snprintf(name, sizeof name, "rnn%d", i);
        const struct nn_rnn_options layer = {.hidden = o->hidden.value[i], .gru = gru};
        if (model_add(b, nn_rnn_new(b->store, name, b->shape, &layer))) return -1;
    }
    return model_add_head(b, &o->head);
}

static int build_lstm(struct model_builder *b)
{
    return build_cells(b, false);
}

static int build_gru(struct model_builder *b)
{
    return build_cells(b, true);
}

static const struct leadseq_model_sample samples[] = {
    {"model.hidden=[9] model.head=flatten", 3, 12, 1, 1, 7},
    {"model.hidden=[5,17] model.head_features=9 model.head_dropout=0.2", 8, 3, 1, 1, 11},
    {NULL, 0, 0, 0, 0, 0},
};

const struct leadseq_model_type model_type_lstm1d = {
    .name = "lstm1d",
    .help = "LSTM layers along signals, sample by sample",
    .input = LEADSEQ_INPUT_SIGNALS,
    .bytes = sizeof(struct rnn1d),
    .options = groups,
    .standards = standards,
    .check_sizes = model_check_signals,
    .has_norm = has_norm,
    .build = build_lstm,
    .samples = samples,
};

const struct leadseq_model_type model_type_gru1d = {
    .name = "gru1d",
    .help = "GRU layers along signals, sample by sample",
    .input = LEADSEQ_INPUT_SIGNALS,
    .bytes = sizeof(struct rnn1d),
    .options = groups,
    .standards = standards,
    .check_sizes = model_check_signals,
    .has_norm = has_norm,
    .build = build_gru,
    .samples = samples,
};
