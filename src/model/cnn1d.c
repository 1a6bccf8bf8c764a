/* SPDX-License-Identifier: MIT
 *
 * A convolutional network over signals, after Śmigiel et al. (2021): five convolutions with leaky
 * ReLU, flattened into one dense layer.
 *
 *   (1, T, 1, W)  stage0 -> stage1 -> … -> stage4 -> head
 *
 * A stage is a convolution along time, a leaky ReLU and the maximum over windows. The publication
 * gives neither channels nor kernels nor windows, so that they are options; the defaults are
 * chosen here. */
#include "build.h"

struct cnn1d {
    struct leadseq_integers hidden, kernels;
    int pool;
    float slope;
    struct model_head head;
};

#define FIELD(member) LEADSEQ_FIELD(struct cnn1d, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"model.hidden", &leadseq_option_integers, FIELD(hidden), .unit = "channels",
     .standard = "[32, 32, 64, 64, 128]", .least = 1, .most = 4096,
     .expected = "1 to 8 channel counts from 1 to 4096, as [16, 32]", .help = "channels of each convolution"},
    {"model.kernels", &leadseq_option_integers, FIELD(kernels), .unit = "samples of its layer",
     .standard = "[7, 5, 5, 5, 3]", .least = 1, .most = LEADSEQ_KERNEL_MAX,
     .expected = "odd numbers from 1 to 63, one for each of model.hidden or one for all, as [5]",
     .help = "length of each convolution's kernel, same padding"},
    {"model.pool", &leadseq_option_integer, FIELD(pool), .unit = "samples of its layer", .standard = "2",
     .least = 1, .most = LEADSEQ_KERNEL_MAX,
     .help = "length of the windows whose maximum follows each convolution, and their stride; 1: none"},
    {"model.slope", &leadseq_option_number32, FIELD(slope), .standard = "0.01", .least = 0, .most = 0.99,
     .help = "of the leaky ReLU below 0"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {
    LEADSEQ_GROUP(rows, 0),
    MODEL_HEAD_GROUP(struct cnn1d, head),
    {0},
};

static int check_options(const void *options)
{
    const struct cnn1d *o = options;
    if (o->kernels.n != 1 && o->kernels.n != o->hidden.n)
        return leadseq_fail("model.kernels: expected one length, or %d as model.hidden has, "
                            "found %d",
                            o->hidden.n, o->kernels.n);
    return model_check_odd("model.kernels", &o->kernels);
}

/* Every stage must leave a sample. */
static int check_sizes(const struct leadseq_model_spec *spec)
{
    const struct cnn1d *o = leadseq_model_options(spec);
    if (model_check_signals(spec)) return -1;
    int w = spec->width;
    for (int i = 0; i < o->hidden.n; i++) w /= o->pool;
    if (w >= 1) return 0;
    return leadseq_fail("model.pool: %d samples cannot be divided by %d %d times; use longer "
                        "windows, a smaller model.pool or fewer stages in model.hidden",
                        spec->width, o->pool, o->hidden.n);
}

static bool has_norm(const void *options)
{
    return ((const struct cnn1d *)options)->head.norm;
}

static int add_stage(struct model_builder *b, const struct cnn1d *o, int i)
{
    char conv[48], relu[48], pool[48];
    snprintf(conv, sizeof conv, "stage%d.conv", i);
    snprintf(relu, sizeof relu, "stage%d.relu", i);
    snprintf(pool, sizeof pool, "stage%d.pool", i);
    const struct nn_conv_options c = {.channels = o->hidden.value[i],
                                      .kernel = o->kernels.value[o->kernels.n > 1 ? i : 0],
                                      .pad = -1,
                                      .bias = true,
                                      .row = true};
    const struct nn_pool_options p = {.kernel = o->pool, .stride = o->pool, .row = true};
    if (model_add(b, nn_conv_new(b->store, conv, b->shape, &c)) ||
        model_add(b, nn_leaky_relu_new(b->store, relu, b->shape, o->slope)))
        return -1;
    return o->pool > 1 ? model_add(b, nn_pool_new(b->store, pool, b->shape, &p)) : 0;
}

static int build(struct model_builder *b)
{
    const struct cnn1d *o = b->options;
    for (int i = 0; i < o->hidden.n; i++)
        if (add_stage(b, o, i)) return -1;
    return model_add_head(b, &o->head);
}

static const struct leadseq_model_sample samples[] = {
    {"model.hidden=[4,17] model.kernels=[5,3]", 3, 12, 1, 1, 29},
    {"model.hidden=[5] model.kernels=[7] model.pool=3 model.slope=0.2 model.head=mean-max", 2, 3, 1,
     1, 16},
    {NULL, 0, 0, 0, 0, 0},
};

const struct leadseq_model_type model_type_cnn1d = {
    .name = "cnn1d",
    .help = "a CNN along signals, the leads as its channels: convolutions, flatten, dense",
    .input = LEADSEQ_INPUT_SIGNALS,
    .bytes = sizeof(struct cnn1d),
    .options = groups,
    .check_options = check_options,
    .check_sizes = check_sizes,
    .has_norm = has_norm,
    .build = build,
    .samples = samples,
};
