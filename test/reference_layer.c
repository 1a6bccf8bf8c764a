/* SPDX-License-Identifier: MIT
 *
 * Layers of the library to layers of reference_net.h, by name and options. */
#include "reference_layer.h"

#include <string.h>

static const struct {
    const char *type;
    enum ref_kind kind;
} known[] = {
    {"conv", REF_KIND_CONV},       {"convlstm", REF_KIND_CONVLSTM},
    {"norm", REF_KIND_NORM},       {"relu", REF_KIND_RELU},
    {"pool", REF_KIND_POOL},       {"global pool", REF_KIND_GLOBAL},
    {"flatten", REF_KIND_FLATTEN}, {"dropout", REF_KIND_DROPOUT},
    {"dense", REF_KIND_DENSE},     {"rnn", REF_KIND_RNN},
};

static void set(struct ref_layer *l, const struct nn_option *o)
{
    const struct {
        const char *name;
        int *to;
    } whole[] = {{"channels", &l->k},    {"hidden", &l->k},      {"features", &l->k},
                 {"kernel", &l->kernel}, {"stride", &l->stride}, {"pad", &l->pad}};
    const struct {
        const char *name;
        bool *to;
    } flag[] = {{"bias", &l->bias},       {"last_only", &l->last_only},
                {"norm", &l->cell_norm},  {"mean", &l->mean},
                {"max", &l->max},         {"max_first", &l->max_first},
                {"paired", &l->paired},   {"last", &l->last},
                {"row", &l->row},         {"window_mean", &l->window_mean},
                {"partial", &l->partial}, {"gru", &l->gru}};
    for (size_t i = 0; i < LEADSEQ_COUNT(whole); i++)
        if (!strcmp(whole[i].name, o->name)) *whole[i].to = (int)o->value;
    for (size_t i = 0; i < LEADSEQ_COUNT(flag); i++)
        if (!strcmp(flag[i].name, o->name)) *flag[i].to = o->value != 0;
    if (!strcmp(o->name, "rate")) l->rate = o->value;
    if (!strcmp(o->name, "slope")) l->slope = o->value;
}

bool ref_layer_of(const struct nn_layer *layer, struct ref_layer *l, bool *then_relu)
{
    size_t i = 0;
    while (i < LEADSEQ_COUNT(known) && strcmp(known[i].type, layer->type->name)) i++;
    if (i == LEADSEQ_COUNT(known)) return false;
    struct nn_option option[NN_OPTIONS_MAX];
    const int n = layer->type->options ? layer->type->options(layer, option) : 0;
    *l = (struct ref_layer){.kind = known[i].kind};
    snprintf(l->name, sizeof l->name, "%s", layer->name);
    *then_relu = false;
    for (int k = 0; k < n; k++) {
        if (!strcmp(option[k].name, "relu")) *then_relu = option[k].value != 0;
        set(l, &option[k]);
    }
    return true;
}

static bool add_chain(struct ref_net *net, const struct nn_chain *chain);

/* The place of the layer added last, as a source. */
static int latest(const struct ref_net *net)
{
    return net->n_layers ? net->n_layers : REF_INPUT;
}

/* From now on layers continue from `source`, which a layer that changes nothing takes up. */
static void go_back(struct ref_net *net, int source)
{
    ref_net_add(net, &(struct ref_layer){.kind = REF_KIND_SAME, .name = "same", .source = source});
}

static void add_relu(struct ref_net *net)
{
    ref_net_add(net, &(struct ref_layer){.kind = REF_KIND_RELU, .name = "relu"});
}

/* A norm at the end of a residual layer's main chain adds what is beside it in its own pass. */
static void mark_summed(struct ref_net *net)
{
    struct ref_layer *last = &net->layer[net->n_layers - 1];
    last->summed = last->kind == REF_KIND_NORM;
}

static bool add_residual(struct ref_net *net, const struct nn_layer *layer)
{
    const int from = latest(net);
    const bool first_is_main = nn_residual_chain(layer, 0)->n_layers > 0;
    if (!add_chain(net, nn_residual_chain(layer, 0))) return false;
    if (first_is_main) mark_summed(net);
    const int first = latest(net);
    go_back(net, from);
    if (!add_chain(net, nn_residual_chain(layer, 1))) return false;
    if (!first_is_main) mark_summed(net);
    ref_net_add(net, &(struct ref_layer){.kind = REF_KIND_SUM, .name = "sum", .other = first});
    if (nn_layer_option(layer, "relu", 0) != 0) add_relu(net);
    return true;
}

static bool add_chain(struct ref_net *net, const struct nn_chain *chain)
{
    for (int i = 0; i < chain->n_layers; i++) {
        struct ref_layer l;
        bool relu = false;
        if (nn_residual_chain(chain->layer[i], 0)) {
            if (!add_residual(net, chain->layer[i])) return false;
            continue;
        }
        if (!ref_layer_of(chain->layer[i], &l, &relu)) return false;
        ref_net_add(net, &l);
        if (relu) add_relu(net);
    }
    return true;
}

bool ref_net_add_chain(struct ref_net *net, const struct nn_chain *chain)
{
    return add_chain(net, chain);
}
