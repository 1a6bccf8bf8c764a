/* SPDX-License-Identifier: MIT
 *
 * A ConvLSTM that goes from lead to lead (Shi et al., NeurIPS 2015), the paper's RNN:
 *
 *   (T, C, H, W)  [stem] -> convlstm0 -> convlstm1 … -> head
 *
 * The stem sees each lead alone. The last layer gives the head its h of the last lead, or
 * of every lead with pool_time. */
#include "build.h"

struct convlstm {
    struct leadseq_integers hidden; /* channels of each layer */
    int kernel;                     /* odd; same padding */
    bool bias;                      /* of the gates */
    float forget_bias;              /* added to the forget gate's bias, or to its norm's shift */
    enum { CELL_NORM_NONE, CELL_NORM_LAYER } cell_norm;
    enum { INIT_UNIFORM, INIT_ORTHOGONAL } recurrent_init;
    bool pool_time;
    struct model_stem stem;
    struct model_head head;
};

static const char *const cell_norms[] = {"none", "layer", NULL};
static const char *const recurrent_inits[] = {"uniform", "orthogonal", NULL};

#define FIELD(member) LEADSEQ_FIELD(struct convlstm, member)
// clang-format off
static const struct leadseq_option rows[] = {
    {"model.hidden", &leadseq_option_integers, FIELD(hidden), .unit = "channels", .standard = "[10]",
     .least = 1, .most = 4096, .expected = "1 to 8 channel counts from 1 to 4096, as [10]",
     .help = "channels of each layer"},
    {"model.kernel", &leadseq_option_odd, FIELD(kernel), .unit = "pixels of its layer", .standard = "3",
     .least = 1, .most = LEADSEQ_KERNEL_MAX, .help = "side of the convolutions, same padding"},
    {"model.bias", &leadseq_option_bool, FIELD(bias), .standard = "true",
     .help = "whether the gates' convolutions have a bias"},
    {"model.forget_bias", &leadseq_option_number32, FIELD(forget_bias), .standard = "0",
     .least = -100, .most = 100, .help = "added to the initial bias of the forget gate"},
    {"model.cell_norm", &leadseq_option_choice, FIELD(cell_norm), .standard = "none",
     .choices = cell_norms,
     .help = "norm of each gate before its activation; layer: over a record's channels, rows and columns, "
             "then scaled and shifted channel by channel (forget_bias is added to that shift)"},
    {"model.recurrent_init", &leadseq_option_choice, FIELD(recurrent_init), .standard = "uniform",
     .choices = recurrent_inits,
     .help = "initial weights from h; orthogonal: a rotation at the kernel's centre"},
    {"model.pool_time", &leadseq_option_bool, FIELD(pool_time), .standard = "false",
     .help = "true: the head pools over h of all leads; false: it uses h of the last lead only"},
};
// clang-format on
static const struct leadseq_option_group groups[] = {
    LEADSEQ_GROUP(rows, 0),
    MODEL_STEM_GROUP(struct convlstm, stem),
    MODEL_HEAD_GROUP(struct convlstm, head),
    {0},
};

static int check_options(const void *options)
{
    const struct convlstm *o = options;
    if (o->forget_bias != 0 && !o->bias && o->cell_norm == CELL_NORM_NONE)
        return leadseq_fail("model.forget_bias: %g needs model.bias: true", (double)o->forget_bias);
    if (o->cell_norm == CELL_NORM_LAYER && o->kernel > LEADSEQ_NORMED_KERNEL_MAX)
        return leadseq_fail("model.cell_norm: layer needs a model.kernel of at most %d, found %d",
                            LEADSEQ_NORMED_KERNEL_MAX, o->kernel);
    return 0;
}

static int check_sizes(const struct leadseq_model_spec *spec)
{
    return model_stem_check(&((const struct convlstm *)leadseq_model_options(spec))->stem, spec);
}

static bool has_norm(const void *options)
{
    const struct convlstm *o = options;
    return o->stem.kind != MODEL_STEM_NONE || o->head.norm;
}

static int build(struct model_builder *b)
{
    const struct convlstm *o = b->options;
    if (model_add_stem(b, &o->stem)) return -1;
    for (int i = 0; i < o->hidden.n; i++) {
        char name[48];
        snprintf(name, sizeof name, "convlstm%d", i);
        struct nn_convlstm_options layer = {.hidden = o->hidden.value[i],
                                            .kernel = o->kernel,
                                            .bias = o->bias,
                                            .forget_bias = o->forget_bias,
                                            .norm = o->cell_norm == CELL_NORM_LAYER,
                                            .last_only = i == o->hidden.n - 1 && !o->pool_time};
        if (model_add(b, nn_convlstm_new(b->store, name, b->shape, &layer))) return -1;
    }
    return model_add_head(b, &o->head);
}

static int initialise(struct leadseq_model *m)
{
    const struct convlstm *o = leadseq_model_options(leadseq_model_spec(m));
    return o->recurrent_init == INIT_ORTHOGONAL ? model_orthogonal_initialise(m) : 0;
}

static const struct leadseq_model_sample samples[] = {
    {"model.hidden=[3]", 2, 3, 1, 7, 9},
    {"model.hidden=[4,3] model.cell_norm=layer model.pool_time=true model.head=mean-max", 3, 4, 2,
     6, 5},
    {"model.hidden=[5] model.stem=patch model.stem_channels=[4] model.patch=4 model.head_norm=true "
     "model.head=max",
     2, 3, 1, 13, 9},
    {NULL, 0, 0, 0, 0, 0},
};

/* ndrplz' ConvLSTM, whose gates are in the order i f o g and whose kernels read x before h, too. */
static const struct leadseq_model_alias aliases[] = {
    {"convlstm#.", "cell_list.#.conv.", false},
    {NULL, NULL, false},
};

const struct leadseq_model_type model_type_convlstm = {
    .name = "convlstm",
    .help = "a ConvLSTM over the sequence of leads, the paper's RNN",
    .input = LEADSEQ_INPUT_SEQUENCE,
    .recurrent = true,
    .bytes = sizeof(struct convlstm),
    .options = groups,
    .check_options = check_options,
    .check_sizes = check_sizes,
    .has_norm = has_norm,
    .build = build,
    .initialise = initialise,
    .samples = samples,
    .aliases = aliases,
};
