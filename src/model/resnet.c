/* SPDX-License-Identifier: MIT
 *
 * Residual networks (He et al. 2015) as torchvision has them, layer by layer and parameter by
 * parameter, over a page or the leads as channels of one image:
 *
 *   (1, T·C, H, W)  conv1 7 x 7 by 2, bn1, ReLU, maxpool 3 x 3 by 2
 *                   layer1 ─► layer2 ─► layer3 ─► layer4 -> head      W, 2W, 4W, 8W channels
 *
 * A layer is a row of blocks, each the sum of a chain and its input, then ReLU:
 *
 *   basic (18, 34)             conv1 3 x 3, bn1, ReLU, conv2 3 x 3, bn2
 *   bottleneck (50, 101, 152)  conv1 1 x 1, bn1, ReLU, conv2 3 x 3, bn2, ReLU, conv3 1 x 1, bn3;
 * four times the channels
 *
 * The first block of layer2, 3 and 4 halves rows and columns: the first 3 x 3 has stride 2 (in
 * bottlenecks too, "v1.5"), and where the input has another shape it goes through downsample, a
 * 1 x 1 convolution and a norm. Convolutions have no bias. Their initial weights are normal with
 * √(2 / (K k²)) (He et al. for ReLU, counted forward: K outputs, kernel k); norms begin at 1 and 0.
 * So torchvision builds them. */
#include "build.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LAYERS = 4, HALVINGS = 5 };

struct depth {
    const char *name;
    int blocks[LAYERS];
    bool bottleneck;
};
static const struct depth depths[] = {
    {"18", {2, 2, 2, 2}, false},  {"34", {3, 4, 6, 3}, false},  {"50", {3, 4, 6, 3}, true},
    {"101", {3, 4, 23, 3}, true}, {"152", {3, 8, 36, 3}, true},
};

struct resnet {
    int depth; /* which of depths */
    int width;
    struct model_head head;
};

static const char *depth_name(size_t i)
{
    return i < LEADSEQ_COUNT(depths) ? depths[i].name : NULL;
}

#define FIELD(member) LEADSEQ_FIELD(struct resnet, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"model.depth", &leadseq_option_choice, FIELD(depth), .standard = "18", .choice = depth_name,
     .help = "layers with weights: 18 and 34 of basic blocks, 50, 101 and 152 of bottlenecks"},
    {"model.width", &leadseq_option_integer, FIELD(width), .unit = "channels", .standard = "64",
     .least = 1, .most = 512,
     .help = "channels of the first convolution; 64 as published and in torchvision's weights"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {
    LEADSEQ_GROUP(rows, 0),
    MODEL_HEAD_GROUP(struct resnet, head),
    {0},
};
static const char *const standards[] = {"model.head", "fastai", NULL};

/* --- Sizes ------------------------------------------------------------------------------------ */

static int check_sizes(const struct leadseq_model_spec *spec)
{
    const struct resnet *o = leadseq_model_options(spec);
    const int least = 1 << HALVINGS;
    if (spec->height >= least && spec->width >= least) return 0;
    return leadseq_fail(
        "model.type: a resnet of depth %s halves images %d times: expected at least "
        "%d rows and columns, found images of %d x %d; use larger images, or "
        "model.type: cnn, whose stages model.hidden lists",
        depths[o->depth].name, HALVINGS, least, spec->width, spec->height);
}

/* --- Blocks ----------------------------------------------------------------------------------- */

static struct nn_conv_options conv_of(int channels, int kernel, int stride)
{
    return (struct nn_conv_options){.channels = channels,
                                    .kernel = kernel,
                                    .stride = stride,
                                    .pad = -1,
                                    .exact = true,
                                    .deviation =
                                        (float)sqrt(2.0 / ((double)channels * kernel * kernel))};
}

static const struct nn_norm_options norm = {0}, norm_relu = {.relu = true};

/* layerI.J: `width` channels within, `out` after it. */
static int add_block(struct model_builder *b, const char *name, bool bottleneck, int width,
                     int stride)
{
    const int out = bottleneck ? 4 * width : width;
    const struct nn_conv_options conv1 =
        bottleneck ? conv_of(width, 1, 1) : conv_of(width, 3, stride);
    const struct nn_conv_options conv2 = conv_of(width, 3, bottleneck ? stride : 1);
    const struct nn_conv_options conv3 = conv_of(out, 1, 1), down = conv_of(out, 1, stride);
    const struct nn_link basic[] = {{&nn_conv_type, "conv1", &conv1},
                                    {&nn_norm_type, "bn1", &norm_relu},
                                    {&nn_conv_type, "conv2", &conv2},
                                    {&nn_norm_type, "bn2", &norm},
                                    {0}};
    const struct nn_link bottle[] = {{&nn_conv_type, "conv1", &conv1},
                                     {&nn_norm_type, "bn1", &norm_relu},
                                     {&nn_conv_type, "conv2", &conv2},
                                     {&nn_norm_type, "bn2", &norm_relu},
                                     {&nn_conv_type, "conv3", &conv3},
                                     {&nn_norm_type, "bn3", &norm},
                                     {0}};
    const struct nn_link downsample[] = {
        {&nn_conv_type, "downsample.0", &down}, {&nn_norm_type, "downsample.1", &norm}, {0}};
    const struct nn_residual_options o = {.first = bottleneck ? bottle : basic,
                                          .second =
                                              stride > 1 || b->shape.c != out ? downsample : NULL,
                                          .relu = true};
    return model_add(b, nn_residual_new(b->store, name, b->shape, &o));
}

static int build(struct model_builder *b)
{
    const struct resnet *o = b->options;
    const struct depth *d = &depths[o->depth];
    const struct nn_conv_options conv1 = conv_of(o->width, 7, 2);
    const struct nn_pool_options pool = {.kernel = 3, .stride = 2, .pad = 1};
    if (model_add(b, nn_conv_new(b->store, "conv1", b->shape, &conv1)) ||
        model_add(b, nn_norm_new(b->store, "bn1", b->shape, &norm_relu)) ||
        model_add(b, nn_pool_new(b->store, "maxpool", b->shape, &pool)))
        return -1;
    for (int i = 0; i < LAYERS; i++)
        for (int j = 0; j < d->blocks[i]; j++) {
            char name[48];
            snprintf(name, sizeof name, "layer%d.%d", i + 1, j);
            if (add_block(b, name, d->bottleneck, o->width << i, i > 0 && j == 0 ? 2 : 1))
                return -1;
        }
    return model_add_head(b, &o->head);
}

static const struct leadseq_model_sample samples[] = {
    {"model.width=6 model.head=linear", 3, 12, 1, 34, 37},
    {"model.width=5 model.head_features=9 model.head_dropout=0.2", 8, 1, 3, 33, 40},
    {NULL, 0, 0, 0, 0, 0},
};

/* torchvision's are ours but for the head; fastai counts the layers of its body. */
static const struct leadseq_model_alias aliases[] = {
    {"head.", "fc.", false},   {"conv1.", "0.0.", true},  {"bn1.", "0.1.", true},
    {"layer1.", "0.4.", true}, {"layer2.", "0.5.", true}, {"layer3.", "0.6.", true},
    {"layer4.", "0.7.", true}, {NULL, NULL, false},
};

/* fastai's: the first half of the body, the second. */
static int group(const char *slice)
{
    return !strncmp(slice, "layer3.", 7) || !strncmp(slice, "layer4.", 7);
}

const struct leadseq_model_type model_type_resnet = {
    .name = "resnet",
    .help =
        "a residual network as torchvision's, over a page or the leads as channels of one image",
    .input = LEADSEQ_INPUT_CHANNELS,
    .bytes = sizeof(struct resnet),
    .options = groups,
    .standards = standards,
    .check_sizes = check_sizes,
    .has_norm = model_has_norm,
    .build = build,
    .samples = samples,
    .aliases = aliases,
    .body_groups = 2,
    .group = group,
};
