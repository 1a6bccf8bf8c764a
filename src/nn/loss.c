/* SPDX-License-Identifier: MIT
 *
 * The table of losses, and the mean of any of them over the records of a batch. */
#include "loss.h"

#include <math.h>
#include <string.h>

/* clang-format off */
#define LOSSES(ROW) \
    ROW(bce)        \
    ROW(bce_logits) \
    ROW(softmax)
/* clang-format on */

#define DECLARE(name) extern const struct leadseq_loss_type nn_loss_##name;
#define LIST(name)    &nn_loss_##name,
LOSSES(DECLARE)
static const struct leadseq_loss_type *const types[] = {LOSSES(LIST)};

const struct leadseq_loss_type *leadseq_loss_at(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i] : NULL;
}

const char *leadseq_loss_name(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i]->name : NULL;
}

const char *leadseq_loss_help(size_t i)
{
    return i < LEADSEQ_COUNT(types) ? types[i]->help : NULL;
}

const struct leadseq_loss_type *leadseq_loss_find(const char *name)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(types); i++)
        if (!strcmp(types[i]->name, name)) return types[i];
    return NULL;
}

void leadseq_loss_init(struct leadseq_loss *loss, const struct leadseq_loss_type *type, int outputs)
{
    *loss = (struct leadseq_loss){.type = type, .outputs = outputs};
    for (int k = 0; k < outputs; k++) loss->positive_weight[k] = 1;
}

/* A slope in float32. What rounding leaves goes to the next record that is not too small for it, so
 * that the slopes of a batch, which nearly cancel, keep their sum; each is off by less than 3e-7
 * of itself. Zero, of an unknown target or a dead gradient, stays. */
static float round_slope(double slope, double *rest)
{
    if (slope == 0 || !isfinite(slope)) return (float)slope;
    const bool takes = fabs(*rest) <= fabs(slope) * 0x1p-22;
    const float rounded = (float)(takes ? slope + *rest : slope);
    *rest += slope - (double)rounded;
    return rounded;
}

/* Of a record whose outputs are classes; 1 where its class is not known. */
static double weight_of_class(const struct leadseq_loss *loss, const float *t)
{
    double sum = 0;
    if (loss->outputs == 1) // yes and no, whose weight is 1
        return t[0] < 0 ? 1 : (double)(t[0] * loss->positive_weight[0] + (1 - t[0]));
    for (int k = 0; k < loss->outputs; k++) {
        if (t[k] < 0) return 1;
        sum += (double)(t[k] * loss->positive_weight[k]);
    }
    return sum;
}

double leadseq_loss_weight(const struct leadseq_loss *loss, const float *t, int n)
{
    double sum = 0;
    if (!loss->type->exclusive) return n;
    for (int i = 0; i < n; i++) sum += weight_of_class(loss, t + (size_t)i * (size_t)loss->outputs);
    return sum;
}

/* A record's targets, moved towards all classes alike. */
static const float *smooth(const struct leadseq_loss *loss, const float *t, float *smoothed)
{
    const int classes = loss->type->exclusive && loss->outputs > 1 ? loss->outputs : 2;
    const float e = loss->smoothing;
    if (!(e > 0)) return t;
    for (int k = 0; k < loss->outputs; k++)
        smoothed[k] = t[k] < 0 ? t[k] : (1 - e) * t[k] + e / (float)classes;
    return smoothed;
}

float leadseq_loss_mean(const struct leadseq_loss *loss, const float *z, const float *t, int n,
                        float *cost, float *dz)
{
    double sum = 0, slope[LEADSEQ_OUTPUTS_MOST], rest[LEADSEQ_OUTPUTS_MOST] = {0};
    float smoothed[LEADSEQ_OUTPUTS_MOST];
    const double weight = leadseq_loss_weight(loss, t, n);
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i * (size_t)loss->outputs;
        float one = loss->type->record(&(struct leadseq_record_loss){
            .outputs = loss->outputs,
            .z = z + at,
            .t = smooth(loss, t + at, smoothed),
            .positive_weight = loss->positive_weight,
            .scale = 1.0 / weight, // what the mean's derivative passes down
            .slope = dz ? slope : NULL,
        });
        sum += one;
        if (cost) cost[i] = one;
        for (int k = 0; dz && k < loss->outputs; k++)
            dz[at + (size_t)k] = round_slope(slope[k], &rest[k]);
    }
    return (float)(sum / weight);
}

void leadseq_loss_parts(const struct leadseq_loss *loss, const float *z, const float *t, int n,
                        float *part)
{
    float smoothed[LEADSEQ_OUTPUTS_MOST];
    for (int i = 0; i < n; i++) {
        size_t at = (size_t)i * (size_t)loss->outputs;
        float cost = loss->type->record(&(struct leadseq_record_loss){
            .outputs = loss->outputs,
            .z = z + at,
            .t = smooth(loss, t + at, smoothed),
            .positive_weight = loss->positive_weight,
            .scale = 1,
            .part = part + at,
        });
        (void)cost; // the sum of the parts
    }
}

void leadseq_loss_probability(const struct leadseq_loss_type *type, const float *z, int outputs,
                              float *p)
{
    type->probability(z, outputs, p);
}
