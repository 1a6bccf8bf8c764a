/* SPDX-License-Identifier: MIT
 *
 * A model type as an example: a small CNN that looks at each lead alone, with the same
 * weights for all leads, and averages over leads, rows and columns:
 *
 *   (T, C, H, W)  stage0 -> stage1 … -> mean over T, H and W -> logits
 *
 * file  src/model/lead_cnn.c
 * row   src/model/types.c TYPES ROW(lead_cnn)
 *
 * `leadseq train model.type=lead-cnn` then trains it; help, experiment files, --summary,
 * diagnose, bench, compare and the gradient checks of `make check` need nothing else. */
#include "build.h"

struct lead_cnn { /* the values of its options; copied as plain bytes */
    struct leadseq_integers hidden;
    int kernel;
    struct model_head head;
};

#define FIELD(member) LEADSEQ_FIELD(struct lead_cnn, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"model.hidden", &leadseq_option_integers, FIELD(hidden), .unit = "channels", .standard = "[8, 16]",
     .least = 1, .most = 4096, .expected = "1 to 8 channel counts from 1 to 4096, as [8, 16]",
     .help = "channels of each stage"},
    {"model.kernel", &leadseq_option_odd, FIELD(kernel), .unit = "pixels of its layer", .standard = "3",
     .least = 1, .most = LEADSEQ_KERNEL_MAX, .help = "side of the convolutions, same padding"},
};
// clang-format on
/* Its own rows, and those of the head, which several types share. */
static const struct leadseq_option_group groups[] = {
    LEADSEQ_GROUP(rows, 0),
    MODEL_HEAD_GROUP(struct lead_cnn, head),
    {0},
};
static const char *const standards[] = {"model.head", "mean", NULL}; /* shared row: flatten */

/* Called before anything is built. Each stage halves the image and must leave a pixel. */
static int check_sizes(const struct leadseq_model_spec *spec)
{
    const struct lead_cnn *o = leadseq_model_options(spec);
    int n = o->hidden.n;
    if (spec->height >> n >= 1 && spec->width >> n >= 1) return 0;
    return leadseq_fail("model.hidden: %d stages halve an image of %d x %d to nothing; expected at "
                        "least %d rows and columns: fewer stages, or larger images",
                        n, spec->width, spec->height, 1 << n);
}

static bool has_norm(const void *options)
{
    (void)options;
    return true; /* of every convolution */
}

static int build(struct model_builder *b)
{
    const struct lead_cnn *o = b->options;
    for (int i = 0; i < o->hidden.n; i++) {
        char name[48];
        struct nn_conv_options conv = {
            .channels = o->hidden.value[i], .kernel = o->kernel, .stride = 1, .pad = -1};
        struct nn_pool_options pool = {.kernel = 2, .stride = 2};
        snprintf(name, sizeof name, "stage%d.pool", i);
        if (model_add_conv_norm(b, "stage", i, &conv) ||
            model_add(b, nn_pool_new(b->store, name, b->shape, &pool)))
            return -1;
    }
    return model_add_head(b, &o->head); /* the mean is over all leads, too */
}

/* Small networks that `make check` builds, and compares with the same in double precision. */
static const struct leadseq_model_sample samples[] = {
    {"model.hidden=[3,4]", 3, 4, 1, 9, 11},
    {"model.hidden=[5] model.kernel=5 model.head=mean-max model.dropout=0.2", 2, 3, 2, 6, 7},
    {NULL, 0, 0, 0, 0, 0},
};

const struct leadseq_model_type model_type_lead_cnn = {
    .name = "lead-cnn",
    .help = "a CNN of each lead alone, averaged over the leads",
    .input = LEADSEQ_INPUT_SEQUENCE,
    .bytes = sizeof(struct lead_cnn),
    .options = groups,
    .standards = standards,
    .check_sizes = check_sizes,
    .has_norm = has_norm,
    .build = build,
    .samples = samples,
};
