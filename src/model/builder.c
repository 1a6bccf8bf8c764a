/* SPDX-License-Identifier: MIT
 *
 * Steps that building any network is made of. */
#include "build.h"

int model_add(struct model_builder *b, struct nn_layer *layer)
{
    if (nn_chain_add(b->chain, layer)) return -1;
    b->shape = nn_chain_out(b->chain);
    return 0;
}

int model_add_conv_norm(struct model_builder *b, const char *group, int i,
                        const struct nn_conv_options *o)
{
    char conv[48], norm[48];
    snprintf(conv, sizeof conv, "%s%d.conv", group, i);
    snprintf(norm, sizeof norm, "%s%d.norm", group, i);
    if (model_add(b, nn_conv_new(b->store, conv, b->shape, o))) return -1;
    return model_add(
        b, nn_norm_new(b->store, norm, b->shape, &(struct nn_norm_options){.relu = true}));
}

int model_check_signals(const struct leadseq_model_spec *spec)
{
    if (spec->height == 1 && spec->channels == 1) return 0;
    return leadseq_fail("model.type: a %s reads signals, one row of samples of each lead; found "
                        "images of %d x %d",
                        spec->type->name, spec->width, spec->height);
}

int model_check_odd(const char *key, const struct leadseq_integers *list)
{
    for (int i = 0; i < list->n; i++)
        if (list->value[i] % 2 == 0)
            return leadseq_fail("%s: expected odd numbers, found %d", key, list->value[i]);
    return 0;
}

int model_check_pair(const char *key, const struct leadseq_integers *list)
{
    if (list->n == 2) return model_check_odd(key, list);
    return leadseq_fail("%s: expected two lengths, found %d", key, list->n);
}

struct nn_conv_options model_signal_conv(int in, int out, int kernel, int stride)
{
    return (struct nn_conv_options){.channels = out,
                                    .kernel = kernel,
                                    .stride = stride,
                                    .pad = -1,
                                    .deviation = sqrtf(2 / ((float)in * (float)kernel)),
                                    .row = true};
}

int model_add_blocks(struct model_builder *b, const struct leadseq_integers *blocks,
                     int (*add)(struct model_builder *b, const char *name, int stride))
{
    for (int i = 0; i < blocks->n; i++)
        for (int j = 0; j < blocks->value[i]; j++) {
            char name[48];
            snprintf(name, sizeof name, "layer%d.%d", i + 1, j);
            if (add(b, name, i > 0 && j == 0 ? 2 : 1)) return -1;
        }
    return 0;
}

bool model_has_norm(const void *options)
{
    (void)options;
    return true;
}
