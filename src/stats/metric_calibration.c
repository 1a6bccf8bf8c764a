/* SPDX-License-Identifier: MIT
 *
 * Metrics of the probabilities: the Brier score, calibration errors, and the logistic
 * recalibration. */
#include "metric.h"

#include <math.h>

/* --- Brier score --------------------------------------------------------------------------- */

static double brier(const struct stats_sample *sample)
{
    const struct stats_view *v = &sample->view;
    double sum = 0, count = 0;
    for (size_t r = 0; r < v->n; r++) {
        double d = v->sorted[r] - v->truth[r], weight = stats_weight(v, r);
        sum += weight * d * d;
        count += weight;
    }
    return stats_share(sum, count);
}

static double plain_brier(const struct leadseq_predicted *p)
{
    return leadseq_brier(p->probability, p->label, p->n);
}

const struct leadseq_metric_type leadseq_metric_brier = {
    .name = "brier",
    .title = "Brier score",
    .needs = LEADSEQ_OF_PROBABILITIES,
    .place = LEADSEQ_IN_HEADLINE,
    .lower_is_better = true,
    .value = brier,
    .plain = plain_brier,
};

/* --- Expected calibration errors ------------------------------------------------------------- */

/* Resampling adds its own sampling error to every bin: the draws lie above the truth. */
#define NO_ECE_INTERVAL "no interval: biased"

static double ece_equal_mass(const struct stats_sample *sample)
{
    return sample->ece[LEADSEQ_EQUAL_MASS];
}

static double ece_equal_width(const struct stats_sample *sample)
{
    return sample->ece[LEADSEQ_EQUAL_WIDTH];
}

const struct leadseq_metric_type leadseq_metric_ece_equal_mass = {
    .name = "ece_equal_mass",
    .title = "ECE, bins of equal mass",
    .needs = LEADSEQ_OF_PROBABILITIES,
    .place = LEADSEQ_IN_SUMMARY,
    .lower_is_better = true,
    .value = ece_equal_mass,
    .no_interval = NO_ECE_INTERVAL,
};

const struct leadseq_metric_type leadseq_metric_ece_equal_width = {
    .name = "ece_equal_width",
    .title = "ECE, bins of equal width",
    .needs = LEADSEQ_OF_PROBABILITIES,
    .lower_is_better = true,
    .value = ece_equal_width,
    .no_interval = NO_ECE_INTERVAL,
};

/* --- Logistic recalibration ----------------------------------------------------------------- */

static int recalibrate(struct leadseq_recalibration *to, const struct leadseq_predicted *p)
{
    struct leadseq_scored scored;
    if (leadseq_scored_init(&scored, p->probability, p->label, p->n, p->threshold)) return -1;
    *to = leadseq_recalibrate(&scored);
    leadseq_scored_clear(&scored);
    return 0;
}

static double slope(const struct stats_sample *sample)
{
    return sample->slope;
}

static int slope_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_recalibration r;
    if (recalibrate(&r, p)) return -1;
    *e = r.slope;
    return 0;
}

static double intercept(const struct stats_sample *sample)
{
    return sample->intercept;
}

static int intercept_interval(struct leadseq_estimate *e, const struct leadseq_predicted *p)
{
    struct leadseq_recalibration r;
    if (recalibrate(&r, p)) return -1;
    *e = r.in_the_large;
    return 0;
}

const struct leadseq_metric_type leadseq_metric_calibration_slope = {
    .name = "calibration_slope",
    .title = "Calibration slope",
    .needs = LEADSEQ_OF_PROBABILITIES,
    .needs_positives = true,
    .needs_negatives = true,
    .value = slope,
    .interval = slope_interval,
    .needs_many = true,
};

const struct leadseq_metric_type leadseq_metric_calibration_intercept = {
    .name = "calibration_intercept",
    .title = "Calibration intercept",
    .needs = LEADSEQ_OF_PROBABILITIES,
    .needs_positives = true,
    .needs_negatives = true,
    .value = intercept,
    .interval = intercept_interval,
    .needs_many = true,
};
