/* SPDX-License-Identifier: MIT
 *
 * What losses with independent outputs share: the sigmoid, and the sum over the outputs whose
 * target is known. */
#include "loss.h"

#include <math.h>

float leadseq_sigmoid(float z)
{
    return 1.0f / (1.0f + expf(-z)); // expf overflows below z = -88.7: exactly 0 there
}

void nn_probability_sigmoid(const float *z, int outputs, float *p)
{
    for (int k = 0; k < outputs; k++) p[k] = leadseq_sigmoid(z[k]);
}

float nn_sum_outputs(nn_output_loss *one, const struct leadseq_record_loss *r)
{
    double sum = 0; // of one output exactly its float32 cost
    for (int k = 0; k < r->outputs; k++) {
        float cost = 0;
        double slope = 0;
        if (r->t[k] >= 0) one(r->z[k], r->t[k], r->positive_weight[k], r->scale, &cost, &slope);
        sum += cost;
        if (r->slope) r->slope[k] = slope;
        if (r->part) r->part[k] = cost;
    }
    return (float)sum;
}
