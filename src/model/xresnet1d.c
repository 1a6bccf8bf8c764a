/* SPDX-License-Identifier: MIT
 *
 * fastai's xresnet along signals, as the PTB-XL benchmark has it under the name xresnet1d101:
 *
 *   (1, T, 1, W)  stem0 by 2, stem1, stem2, maximum of 3 by 2
 *                 layer1 ─► layer2 by 2 ─► layer3 by 2 ─► layer4 by 2 -> head
 *
 * Stems are a convolution of 5, norm and ReLU with W/2, W/2 and W channels (W = 64). A block is a
 * bottleneck of W channels, 4 W after it: conv1 of 1, conv2 of 5 and conv3 of 1, each with its
 * norm, ReLU between them. Its input is added as it is, but for what differs: the mean of two
 * samples where time is halved (of what is left over the last alone), and a convolution of 1 with a
 * norm where channels are. ReLU follows. Convolutions have no bias and begin normal with
 * √(2 / (C k)). */
#include "build.h"

enum { EXPANSION = 4 };

struct xresnet1d {
    int width;
    struct leadseq_integers blocks, kernels;
    struct model_head head;
};

#define FIELD(member) LEADSEQ_FIELD(struct xresnet1d, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"model.width", &leadseq_option_integer, FIELD(width), .unit = "channels", .standard = "64",
     .least = 2, .most = 1024, .help = "channels within a block; there are four times as many after it"},
    {"model.blocks", &leadseq_option_integers, FIELD(blocks), .unit = "blocks", .standard = "[3, 4, 23, 3]",
     .least = 1, .most = 64, .expected = "1 to 8 counts of blocks from 1 to 64, as [3, 4, 23, 3]",
     .help = "bottlenecks of each layer, by default those of depth 101; each layer after the first halves time"},
    {"model.kernels", &leadseq_option_integers, FIELD(kernels), .unit = "samples of its layer",
     .standard = "[5, 5]", .least = 1, .most = LEADSEQ_KERNEL_MAX,
     .expected = "two odd numbers from 1 to 63, as [5, 5]",
     .help = "length of the kernels of the stem, and of the one in the middle of a block, same padding"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {
    LEADSEQ_GROUP(rows, 0),
    MODEL_HEAD_GROUP(struct xresnet1d, head),
    {0},
};
static const char *const standards[] = {"model.head", "benchmark", NULL};

static int check_options(const void *options)
{
    return model_check_pair("model.kernels", &((const struct xresnet1d *)options)->kernels);
}

static const struct nn_norm_options norm = {0}, norm_relu = {.relu = true};
static const struct nn_pool_options halves = {
    .kernel = 2, .stride = 2, .row = true, .mean = true, .partial = true};

static int add_block(struct model_builder *b, const char *name, int stride)
{
    const struct xresnet1d *o = b->options;
    const int in = b->shape.c, out = EXPANSION * o->width;
    const struct nn_conv_options conv1 = model_signal_conv(in, o->width, 1, 1);
    const struct nn_conv_options conv2 =
        model_signal_conv(o->width, o->width, o->kernels.value[1], stride);
    const struct nn_conv_options conv3 = model_signal_conv(o->width, out, 1, 1);
    const struct nn_conv_options match = model_signal_conv(in, out, 1, 1);
    const struct nn_link main[] = {{&nn_conv_type, "conv1", &conv1},
                                   {&nn_norm_type, "bn1", &norm_relu},
                                   {&nn_conv_type, "conv2", &conv2},
                                   {&nn_norm_type, "bn2", &norm_relu},
                                   {&nn_conv_type, "conv3", &conv3},
                                   {&nn_norm_type, "bn3", &norm},
                                   {0}};
    struct nn_link shortcut[4] = {{0}};
    int n = 0;
    if (stride > 1) shortcut[n++] = (struct nn_link){&nn_pool_type, "shortcut.pool", &halves};
    if (in != out) {
        shortcut[n++] = (struct nn_link){&nn_conv_type, "shortcut.conv", &match};
        shortcut[n++] = (struct nn_link){&nn_norm_type, "shortcut.norm", &norm};
    }
    return model_add(b, nn_residual_new(b->store, name, b->shape,
                                        &(struct nn_residual_options){.first = main,
                                                                      .second = n ? shortcut : NULL,
                                                                      .relu = true}));
}

static int add_stems(struct model_builder *b, const struct xresnet1d *o)
{
    const int channels[] = {o->width / 2, o->width / 2, o->width};
    for (int i = 0; i < (int)LEADSEQ_COUNT(channels); i++) {
        const struct nn_conv_options conv =
            model_signal_conv(b->shape.c, channels[i], o->kernels.value[0], i ? 1 : 2);
        if (model_add_conv_norm(b, "stem", i, &conv)) return -1;
    }
    const struct nn_pool_options pool = {.kernel = 3, .stride = 2, .pad = 1, .row = true};
    return model_add(b, nn_pool_new(b->store, "maxpool", b->shape, &pool));
}

static int build(struct model_builder *b)
{
    const struct xresnet1d *o = b->options;
    if (add_stems(b, o)) return -1;
    if (model_add_blocks(b, &o->blocks, add_block)) return -1;
    return model_add_head(b, &o->head);
}

static const struct leadseq_model_sample samples[] = {
    {"model.width=6 model.blocks=[1,1] model.head=mean", 5, 12, 1, 1, 37},
    {"model.width=4 model.blocks=[1,2,1] model.head_features=9 model.head_dropout=0.2", 8, 3, 1, 1,
     66},
    {NULL, 0, 0, 0, 0, 0},
};

const struct leadseq_model_type model_type_xresnet1d = {
    .name = "xresnet1d",
    .help = "a deep residual network along signals, the benchmark's xresnet1d101",
    .input = LEADSEQ_INPUT_SIGNALS,
    .bytes = sizeof(struct xresnet1d),
    .options = groups,
    .standards = standards,
    .check_options = check_options,
    .check_sizes = model_check_signals,
    .has_norm = model_has_norm,
    .build = build,
    .samples = samples,
};
