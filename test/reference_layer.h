/* SPDX-License-Identifier: MIT
 *
 * From the network under test to the same network in double precision: each layer by its type's
 * name and its options. A model made of known layers needs no reference network written for it. */
#ifndef TEST_REFERENCE_LAYER_H
#define TEST_REFERENCE_LAYER_H

#include "nn/nn_private.h"
#include "reference_net.h"

/* Fills `l` and returns true, or returns false where double precision does not know the type. A
 * norm with ReLU is followed by a second layer: *then_relu. */
bool ref_layer_of(const struct nn_layer *layer, struct ref_layer *l, bool *then_relu);
/* Appends all layers of the chain; false where one of them is not known. Masks of dropout are the
 * caller's to set. */
bool ref_net_add_chain(struct ref_net *net, const struct nn_chain *chain);

#endif
