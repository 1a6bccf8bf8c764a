/* SPDX-License-Identifier: MIT
 *
 * Between the types of losses (loss_*.c) and their table (loss.c). */
#ifndef NN_LOSS_H
#define NN_LOSS_H

#include "nn/nn.h"

/* The probability of each output by itself, p = σ(z) in float32. */
void nn_probability_sigmoid(const float *z, int outputs, float *p);

/* The cost and slope of one output with a known target, for losses whose outputs are independent:
 * a record's cost is their sum over the known targets. */
typedef void nn_output_loss(float z, float t, float positive_weight, double scale, float *cost,
                            double *slope);
float nn_sum_outputs(nn_output_loss *one, const struct leadseq_record_loss *r);

#endif
