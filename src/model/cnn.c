/* SPDX-License-Identifier: MIT
 *
 * A convolutional network that sees all leads at once, as channels of one image:
 *
 *   (1, T·C, H, W)  [stem] -> stage0 -> stage1 … -> head
 *
 * A stage is a convolution, batch norm, ReLU and the maximum over 2 × 2 pixels, so that
 * each halves rows and columns, rounded down. */
#include "build.h"

struct cnn {
    struct leadseq_integers hidden; /* channels of each stage */
    int kernel;                     /* odd; same padding */
    struct model_stem stem;
    struct model_head head;
};

#define FIELD(member) LEADSEQ_FIELD(struct cnn, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"model.hidden", &leadseq_option_integers, FIELD(hidden), .unit = "channels",
     .standard = "[16, 32, 64, 128]", .least = 1, .most = 4096,
     .expected = "1 to 8 channel counts from 1 to 4096, as [16, 32]", .help = "channels of each stage"},
    {"model.kernel", &leadseq_option_odd, FIELD(kernel), .unit = "pixels of its layer", .standard = "3",
     .least = 1, .most = LEADSEQ_KERNEL_MAX, .help = "side of the convolutions, same padding"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {
    LEADSEQ_GROUP(rows, 0),
    MODEL_STEM_GROUP(struct cnn, stem),
    MODEL_HEAD_GROUP(struct cnn, head),
    {0},
};
static const char *const standards[] = {"model.head", "mean", NULL};

/* Every stage must leave a pixel. */
static int check_sizes(const struct leadseq_model_spec *spec)
{
    const struct cnn *o = leadseq_model_options(spec);
    int h = spec->height, w = spec->width, n = o->hidden.n;
    if (model_stem_check(&o->stem, spec)) return -1;
    model_stem_size(&o->stem, &h, &w);
    if (h >> n >= 1 && w >> n >= 1) return 0;
    return leadseq_fail("model: an image of %d x %d%s is too small to be halved %d times; expected "
                        "at least %d rows and columns there: fewer stages in model.hidden, or "
                        "larger images",
                        spec->width, spec->height,
                        o->stem.kind == MODEL_STEM_NONE ? "" : " after the stem", n, 1 << n);
}

static bool has_norm(const void *options)
{
    (void)options;
    return true;
}

static int build(struct model_builder *b)
{
    const struct cnn *o = b->options;
    if (model_add_stem(b, &o->stem)) return -1;
    for (int i = 0; i < o->hidden.n; i++) {
        char name[48];
        snprintf(name, sizeof name, "stage%d.pool", i);
        struct nn_conv_options conv = {
            .channels = o->hidden.value[i], .kernel = o->kernel, .stride = 1, .pad = -1};
        struct nn_pool_options pool = {.kernel = 2, .stride = 2};
        if (model_add_conv_norm(b, "stage", i, &conv) ||
            model_add(b, nn_pool_new(b->store, name, b->shape, &pool)))
            return -1;
    }
    return model_add_head(b, &o->head);
}

static const struct leadseq_model_sample samples[] = {
    {"model.hidden=[4,6]", 3, 12, 1, 13, 11},
    {"model.hidden=[5] model.stem=conv model.stem_channels=[6] model.head=mean-max", 3, 4, 1, 15,
     14},
    {NULL, 0, 0, 0, 0, 0},
};

const struct leadseq_model_type model_type_cnn = {
    .name = "cnn",
    .help = "a CNN over the leads as channels of one image, or over one page",
    .input = LEADSEQ_INPUT_CHANNELS,
    .bytes = sizeof(struct cnn),
    .options = groups,
    .standards = standards,
    .check_sizes = check_sizes,
    .has_norm = has_norm,
    .build = build,
    .samples = samples,
};
