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
