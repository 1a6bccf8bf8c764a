/* SPDX-License-Identifier: MIT
 *
 * Metrics of the order of the scores: areas under curves, operating points, F-max. */
#include "metric.h"

#include <math.h>

static bool has_both(const struct stats_sweep *s)
{
    return s->positives > 0 && s->negatives > 0;
}

#define ORDER .needs = LEADSEQ_OF_ORDER, .needs_positives = true, .needs_negatives = true

/* --- Areas ------------------------------------------------------------------------------- */

static double auc(const struct stats_sample *sample)
{
    const struct stats_sweep *s = &sample->sweep;
    return has_both(s) ? s->twice_area / (2 * s->positives * s->negatives) : NAN;
}

static double plain_auc(const struct leadseq_predicted *p)
{
    return leadseq_auc(p->probability, p->label, p->n);
}

static int auc_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    return leadseq_auc_interval(e, p->probability, p->label, p->cluster, p->n);
}

static int auc_paired(struct leadseq_difference *d, const struct leadseq_predicted *a,
                      const struct leadseq_predicted *b)
{
    return leadseq_auc_difference(d, a->probability, b->probability, a->label, a->cluster, a->n);
}

const struct leadseq_metric_type leadseq_metric_auc = {
    .name = "auc",
    .title = "AUC",
    ORDER,
    .place = LEADSEQ_IN_HEADLINE,
    .fixed_for_constant = true,
    .value = auc,
    .plain = plain_auc,
    .interval = auc_interval,
    .needs_many = true,
    .paired = auc_paired,
    .sum = leadseq_auc_sum,
};

static double average_precision(const struct stats_sample *sample)
{
    return stats_share(sample->sweep.precisions, sample->sweep.positives);
}

static double plain_average_precision(const struct leadseq_predicted *p)
{
    return leadseq_average_precision(p->probability, p->label, p->n);
}

const struct leadseq_metric_type leadseq_metric_average_precision = {
    .name = "average_precision",
    .title = "Average precision",
    ORDER,
    .place = LEADSEQ_IN_SUMMARY,
    .value = average_precision,
    .plain = plain_average_precision,
};

/* --- Operating points, as they are: nothing between them ------------------------------------ */

static double sensitivity_at(const struct stats_sweep *s, int k)
{
    return has_both(s) ? s->sensitivity[k] / s->positives : NAN;
}

static double specificity_at(const struct stats_sweep *s, int k)
{
    return has_both(s) ? s->specificity[k] / s->negatives : NAN;
}

static double sensitivity_at_90(const struct stats_sample *sample)
{
    return sensitivity_at(&sample->sweep, 0);
}

static double sensitivity_at_95(const struct stats_sample *sample)
{
    return sensitivity_at(&sample->sweep, 1);
}

static double specificity_at_90(const struct stats_sample *sample)
{
    return specificity_at(&sample->sweep, 0);
}

static double specificity_at_95(const struct stats_sample *sample)
{
    return specificity_at(&sample->sweep, 1);
}

const struct leadseq_metric_type leadseq_metric_sensitivity_at_90_specificity = {
    .name = "sensitivity_at_90_specificity",
    .title = "Sensitivity at 90 % specificity",
    ORDER,
    .fixed_for_constant = true,
    .value = sensitivity_at_90,
};

const struct leadseq_metric_type leadseq_metric_sensitivity_at_95_specificity = {
    .name = "sensitivity_at_95_specificity",
    .title = "Sensitivity at 95 % specificity",
    ORDER,
    .fixed_for_constant = true,
    .value = sensitivity_at_95,
};

const struct leadseq_metric_type leadseq_metric_specificity_at_90_sensitivity = {
    .name = "specificity_at_90_sensitivity",
    .title = "Specificity at 90 % sensitivity",
    ORDER,
    .fixed_for_constant = true,
    .value = specificity_at_90,
};

const struct leadseq_metric_type leadseq_metric_specificity_at_95_sensitivity = {
    .name = "specificity_at_95_sensitivity",
    .title = "Specificity at 95 % sensitivity",
    ORDER,
    .fixed_for_constant = true,
    .value = specificity_at_95,
};

static double f_max(const struct stats_sample *sample)
{
    return sample->sweep.positives > 0 ? sample->sweep.f_max : NAN;
}

const struct leadseq_metric_type leadseq_metric_f_max = {
    .name = "f_max",
    .title = "F-max",
    ORDER,
    .value = f_max,
};
