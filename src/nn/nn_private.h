/* SPDX-License-Identifier: MIT
 *
 * What src/model builds networks from: layers and chains of them. Order of work: construct all
 * layers (each declares its slices), nn_params_allocate(), nn_params_initialise(),
 * nn_chain_initialise(), then nn_chain_bind() for every (batch, mode) wanted; all bindings read
 * and write the same parameters. */
#ifndef NN_PRIVATE_H
#define NN_PRIVATE_H

#include "chain.h"
#include "layers.h"

#endif
