/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include <math.h>

static void statistics(const double *a, int count, double *mean, double *deviation)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < count; i++) sum += a[i];
    *mean = sum / count;
    for (int i = 0; i < count; i++) squares += (a[i] - *mean) * (a[i] - *mean);
    *deviation = sqrt(squares / count + 1e-5);
}

void ref_layer_norm_forward(int gates, int k, int hw, const double *a, const double *gain,
                            const double *shift, double *y)
{
    for (int gate = 0; gate < gates; gate++) {
        double mean, deviation;
        const int from = gate * k * hw;
        statistics(a + from, k * hw, &mean, &deviation);
        for (int i = from; i < from + k * hw; i++)
            y[i] = gain[i / hw] * (a[i] - mean) / deviation + shift[i / hw];
    }
}

/* dL/da_i = Σ_j dL/dâ_j dâ_j/da_i, with dâ_j/da_i = (δ_ij - 1/M - â_i â_j / M) / deviation. */
void ref_layer_norm_backward(int gates, int k, int hw, const double *a, const double *gain,
                             const double *dy, double *da, double *dgain, double *dshift)
{
    const int count = k * hw;
    for (int gate = 0; gate < gates; gate++) {
        double mean, deviation, sum = 0, along = 0;
        const int from = gate * count;
        statistics(a + from, count, &mean, &deviation);
        for (int i = from; i < from + count; i++) {
            double hat = (a[i] - mean) / deviation, dhat = gain[i / hw] * dy[i];
            dshift[i / hw] += dy[i];
            dgain[i / hw] += dy[i] * hat;
            sum += dhat, along += dhat * hat;
        }
        for (int i = from; i < from + count; i++) {
            double hat = (a[i] - mean) / deviation, dhat = gain[i / hw] * dy[i];
            da[i] = (dhat - sum / count - hat * along / count) / deviation;
        }
    }
}
