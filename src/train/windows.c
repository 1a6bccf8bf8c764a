/* SPDX-License-Identifier: MIT
 *
 * A record's logits from those of the windows of its signals.
 *
 * What is aggregated are probabilities, as the public benchmark of PTB-XL does: the largest of the
 * windows, or their mean. The logit is the one that has this probability, so that tables, losses
 * and thresholds need to know nothing of windows:
 *
 *   max of sigmoids    the largest logit, because a sigmoid rises
 *   mean of sigmoids   ln Σ σ(z) - ln Σ σ(-z)
 *   softmax            ln of the largest or mean probability of each class; the softmax of these
 *                      divides them by their sum */
#include "windows.h"

#include <math.h>

/* ln Σ exp(x) of two. */
static double log_add(double a, double b)
{
    const double most = fmax(a, b);
    return most + log(exp(a - most) + exp(b - most));
}

/* ln σ(z) */
static double log_sigmoid(double z)
{
    return z < 0 ? z - log1p(exp(z)) : -log1p(exp(-z));
}

static float of_sigmoids(enum leadseq_aggregate how, const float *z, size_t windows, int stride)
{
    double yes = log_sigmoid((double)z[0]), no = log_sigmoid(-(double)z[0]);
    float most = z[0];
    for (size_t w = 1; w < windows; w++) {
        const float one = z[w * (size_t)stride];
        most = one > most || isnan(one) ? one : most;
        yes = log_add(yes, log_sigmoid((double)one));
        no = log_add(no, log_sigmoid(-(double)one));
    }
    return how == LEADSEQ_AGGREGATE_MAX ? most : (float)(yes - no);
}

/* ln of the probability of class k in a window. */
static double log_softmax(const float *z, int outputs, int k)
{
    double sum = (double)z[0];
    for (int j = 1; j < outputs; j++) sum = log_add(sum, (double)z[j]);
    return (double)z[k] - sum;
}

static float of_softmaxes(enum leadseq_aggregate how, const float *z, size_t windows, int outputs,
                          int k)
{
    double all = log_softmax(z, outputs, k);
    for (size_t w = 1; w < windows; w++) {
        const double one = log_softmax(z + w * (size_t)outputs, outputs, k);
        if (how == LEADSEQ_AGGREGATE_MEAN)
            all = log_add(all, one);
        else
            all = one > all || isnan(one) ? one : all; // fmax() would hide it
    }
    return (float)(how == LEADSEQ_AGGREGATE_MEAN ? all - log((double)windows) : all);
}

/* A record with one window keeps its logits as they are. */
void train_aggregate(const struct leadseq_experiment *e, const float *window, size_t windows,
                     int outputs, float *logit)
{
    const bool exclusive = outputs > 1 && leadseq_loss_at(e->train.loss)->exclusive;
    for (int k = 0; k < outputs; k++)
        logit[k] = windows == 1 ? window[k]
                   : exclusive  ? of_softmaxes(e->data.aggregate, window, windows, outputs, k)
                                : of_sigmoids(e->data.aggregate, window + k, windows, outputs);
}
