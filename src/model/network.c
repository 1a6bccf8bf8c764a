/* SPDX-License-Identifier: MIT
 *
 * From a specification to a chain of layers. Names are what checkpoints and
 * diagnostics know the parameters by.
 *
 *   ConvLSTM  (T, C, H, W)   [stem] -> convlstm0 … -> head
 *   CNN       (1, T·C, H, W) [stem] -> stage0 … (conv, norm + ReLU, maximum) -> head
 *   head      [norm] -> flatten or pool -> [dropout] -> dense -> 1 logit */
#include "model_private.h"

struct builder {
    struct nn_chain *chain;
    const struct nn_store *store;
    struct nn_shape shape; /* of what was built last */
};

static int add(struct builder *b, struct nn_layer *layer)
{
    if (nn_chain_add(b->chain, layer)) return -1;
    b->shape = nn_chain_out(b->chain);
    return 0;
}

/* Convolution without bias, which batch norm would take away again, norm and ReLU. */
static int add_conv_norm(struct builder *b, const char *group, int i,
                         const struct nn_conv_options *o)
{
    char conv[48], norm[48];
    snprintf(conv, sizeof conv, "%s%d.conv", group, i);
    snprintf(norm, sizeof norm, "%s%d.norm", group, i);
    if (add(b, nn_conv_new(b->store, conv, b->shape, o))) return -1;
    return add(b, nn_norm_new(b->store, norm, b->shape, &(struct nn_norm_options){.relu = true}));
}

static int add_stem(struct builder *b, const struct leadseq_model_spec *spec)
{
    for (int i = 0; i < spec->n_stem && spec->stem == LEADSEQ_STEM_CONV; i++) {
        struct nn_conv_options o = {
            .channels = spec->stem_channels[i], .kernel = 3, .stride = 2, .pad = -1};
        if (add_conv_norm(b, "stem", i, &o)) return -1;
    }
    if (spec->stem != LEADSEQ_STEM_PATCH) return 0;
    struct nn_conv_options o = {
        .channels = spec->stem_channels[0], .kernel = spec->patch, .stride = spec->patch};
    return add_conv_norm(b, "stem", 0, &o);
}

static int add_convlstm(struct builder *b, const struct leadseq_model_spec *spec)
{
    for (int i = 0; i < spec->n_layers; i++) {
        struct nn_convlstm_options o = {.hidden = spec->hidden[i],
                                        .kernel = spec->kernel,
                                        .bias = spec->bias,
                                        .forget_bias = spec->forget_bias,
                                        .norm = spec->cell_norm == LEADSEQ_CELL_NORM_LAYER,
                                        .last_only = i == spec->n_layers - 1 && !spec->pool_time};
        char name[48];
        snprintf(name, sizeof name, "convlstm%d", i);
        if (add(b, nn_convlstm_new(b->store, name, b->shape, &o))) return -1;
    }
    return 0;
}

static int add_stages(struct builder *b, const struct leadseq_model_spec *spec)
{
    for (int i = 0; i < spec->n_layers; i++) {
        struct nn_conv_options o = {
            .channels = spec->hidden[i], .kernel = spec->kernel, .stride = 1, .pad = -1};
        char name[48];
        snprintf(name, sizeof name, "stage%d.pool", i);
        if (add_conv_norm(b, "stage", i, &o) ||
            add(b, nn_pool_new(b->store, name, b->shape,
                               &(struct nn_pool_options){.kernel = 2, .stride = 2})))
            return -1;
    }
    return 0;
}

static int add_head(struct builder *b, const struct leadseq_model_spec *spec)
{
    struct nn_global_options pool = {.mean = spec->head != LEADSEQ_HEAD_MAX,
                                     .max = spec->head != LEADSEQ_HEAD_MEAN};
    if (spec->head_norm &&
        add(b, nn_norm_new(b->store, "head_norm", b->shape, &(struct nn_norm_options){0})))
        return -1;
    if (spec->head == LEADSEQ_HEAD_FLATTEN) {
        if (add(b, nn_flatten_new(b->store, "flatten", b->shape))) return -1;
    } else if (add(b, nn_global_new(b->store, "pool", b->shape, &pool))) {
        return -1;
    }
    if (spec->dropout > 0 && add(b, nn_dropout_new(b->store, "dropout", b->shape, spec->dropout)))
        return -1;
    return add(b, nn_dense_new(b->store, "head", b->shape,
                               &(struct nn_dense_options){.features = 1, .bias = true}));
}

struct nn_shape model_input_shape(const struct leadseq_model_spec *spec)
{
    if (spec->type == LEADSEQ_MODEL_CONVLSTM)
        return (struct nn_shape){spec->leads, spec->channels, spec->height, spec->width};
    return (struct nn_shape){1, spec->leads * spec->channels, spec->height, spec->width};
}

int model_network_build(struct leadseq_model *m)
{
    const struct leadseq_model_spec *spec = &m->spec;
    struct nn_store store = {.params = &m->params, .state = &m->state};
    struct builder b = {&m->chain, &store, model_input_shape(spec)};
    if (add_stem(&b, spec)) return -1;
    if (spec->type == LEADSEQ_MODEL_CONVLSTM ? add_convlstm(&b, spec) : add_stages(&b, spec))
        return -1;
    return add_head(&b, spec);
}
