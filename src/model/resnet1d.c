/* SPDX-License-Identifier: MIT
 *
 * A residual network along signals (Wang et al. 2017), as the PTB-XL benchmark has it under the
 * name resnet1d_wang:
 *
 *   (1, T, 1, W)  conv1 of 7, bn1, ReLU -> layer1 -> layer2 by 2 -> layer3 by 2 -> head
 *
 * A layer is a row of blocks, by default one. A block is the sum of conv1 of 5, bn1, ReLU, conv2 of
 * 3, bn2 and of its input, then ReLU; the first block of a layer after layer1 halves time, and its
 * input goes through downsample, a convolution of 1 and a norm. All have the same number of
 * channels. Convolutions have no bias and begin normal with √(2 / (C k)). */
#include "build.h"

enum { FIRST = 7 }; /* kernel of conv1 */

struct resnet1d {
    int width;
    struct leadseq_integers blocks, kernels;
    struct model_head head;
};

#define FIELD(member) LEADSEQ_FIELD(struct resnet1d, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"model.width", &leadseq_option_integer, FIELD(width), .unit = "channels", .standard = "128",
     .least = 1, .most = 4096, .help = "channels of every convolution"},
    {"model.blocks", &leadseq_option_integers, FIELD(blocks), .unit = "blocks", .standard = "[1, 1, 1]",
     .least = 1, .most = 64, .expected = "1 to 8 counts of blocks from 1 to 64, as [1, 1, 1]",
     .help = "residual blocks of each layer; each layer after the first halves time"},
    {"model.kernels", &leadseq_option_integers, FIELD(kernels), .unit = "samples of its layer",
     .standard = "[5, 3]", .least = 1, .most = LEADSEQ_KERNEL_MAX,
     .expected = "two odd numbers from 1 to 63, as [5, 3]",
     .help = "length of the two kernels of a block, same padding"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {
    LEADSEQ_GROUP(rows, 0),
    MODEL_HEAD_GROUP(struct resnet1d, head),
    {0},
};
static const char *const standards[] = {"model.head", "benchmark", NULL};

static int check_options(const void *options)
{
    return model_check_pair("model.kernels", &((const struct resnet1d *)options)->kernels);
}

static const struct nn_norm_options norm = {0}, norm_relu = {.relu = true};

static int add_block(struct model_builder *b, const char *name, int stride)
{
    const struct resnet1d *o = b->options;
    const struct nn_conv_options conv1 =
        model_signal_conv(b->shape.c, o->width, o->kernels.value[0], stride);
    const struct nn_conv_options conv2 =
        model_signal_conv(o->width, o->width, o->kernels.value[1], 1);
    const struct nn_conv_options down = model_signal_conv(b->shape.c, o->width, 1, stride);
    const struct nn_link main[] = {{&nn_conv_type, "conv1", &conv1},
                                   {&nn_norm_type, "bn1", &norm_relu},
                                   {&nn_conv_type, "conv2", &conv2},
                                   {&nn_norm_type, "bn2", &norm},
                                   {0}};
    const struct nn_link downsample[] = {
        {&nn_conv_type, "downsample.0", &down}, {&nn_norm_type, "downsample.1", &norm}, {0}};
    return model_add(
        b, nn_residual_new(b->store, name, b->shape,
                           &(struct nn_residual_options){.first = main,
                                                         .second = stride > 1 ? downsample : NULL,
                                                         .relu = true}));
}

static int build(struct model_builder *b)
{
    const struct resnet1d *o = b->options;
    const struct nn_conv_options conv1 = model_signal_conv(b->shape.c, o->width, FIRST, 1);
    if (model_add(b, nn_conv_new(b->store, "conv1", b->shape, &conv1)) ||
        model_add(b, nn_norm_new(b->store, "bn1", b->shape, &norm_relu)))
        return -1;
    if (model_add_blocks(b, &o->blocks, add_block)) return -1;
    return model_add_head(b, &o->head);
}

static const struct leadseq_model_sample samples[] = {
    {"model.width=6 model.head=mean", 5, 12, 1, 1, 33},
    {"model.width=7 model.blocks=[1,2] model.head_features=9 model.head_dropout=0.2", 8, 3, 1, 1,
     24},
    {NULL, 0, 0, 0, 0, 0},
};

const struct leadseq_model_type model_type_resnet1d = {
    .name = "resnet1d",
    .help = "a residual network along signals, the benchmark's resnet1d_wang",
    .input = LEADSEQ_INPUT_SIGNALS,
    .bytes = sizeof(struct resnet1d),
    .options = groups,
    .standards = standards,
    .check_options = check_options,
    .check_sizes = model_check_signals,
    .has_norm = model_has_norm,
    .build = build,
    .samples = samples,
};
