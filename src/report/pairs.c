/* SPDX-License-Identifier: MIT
 *
 * Two models on the same records: DeLong's paired test, exact McNemar, and the
 * bootstrap's interval of every other difference. */
#include "report_private.h"

#include <math.h>
#include <stdlib.h>

static const char *const clustered = "bootstrap of patients, 2000 resamples, percentiles";
static const char *const unclustered = "bootstrap of records, 2000 resamples, percentiles";
static const char *const no_interval = "no interval by the bootstrap";
static const char *const clustered_mcnemar = "bootstrap of patients; p: exact McNemar";
static const char *const unclustered_mcnemar = "bootstrap of records; p: exact McNemar";

/* Records of the given label (any: -1) that one model decides rightly and the other wrongly. */
static void count_discordant(size_t *only_a, size_t *only_b, const struct report *r,
                             const struct report_pair *pair, int label)
{
    *only_a = *only_b = 0;
    for (size_t i = 0; i < r->records; i++) {
        if (label >= 0 && r->label[i] != label) continue;
        bool a = (pair->a->test.probability[i] >= pair->a->threshold) == r->label[i];
        bool b = (pair->b->test.probability[i] >= pair->b->threshold) == r->label[i];
        *only_a += a && !b;
        *only_b += b && !a;
    }
}

/* p of these three is McNemar's: over all records, over positives, over negatives. */
static bool mcnemar_label(enum report_metric k, int *label)
{
    *label = k == REPORT_SENSITIVITY ? 1 : k == REPORT_SPECIFICITY ? 0 : -1;
    return k == REPORT_ACCURACY || k == REPORT_SENSITIVITY || k == REPORT_SPECIFICITY;
}

static void measure_difference(const struct report *r, struct report_pair *pair,
                               enum report_metric k, double *draws, size_t resamples)
{
    struct leadseq_difference *d = &pair->metric[k];
    size_t only_a, only_b;
    int label;
    d->difference = pair->a->metric[k].value - pair->b->metric[k].value;
    if (isnan(d->difference)) {
        d->method = "a figure of the pair is missing";
        return;
    }
    d->p = leadseq_bootstrap_p(draws, resamples);
    d->method = r->patient_id ? clustered : unclustered;
    if (mcnemar_label(k, &label)) {
        count_discordant(&only_a, &only_b, r, pair, label);
        d->p = leadseq_mcnemar(only_a, only_b);
        d->method = r->patient_id ? clustered_mcnemar : unclustered_mcnemar;
    }
    leadseq_percentiles(&d->low, &d->high, draws, resamples);
    if (isnan(d->low)) d->method = no_interval;
}

int report_pair_measure(struct report *r, struct report_pair *pair, const double *draws,
                        size_t resamples)
{
    const struct report_model *a = pair->a, *b = pair->b;
    const double *of_a = draws + (size_t)(a - r->model) * REPORT_METRICS * resamples;
    const double *of_b = draws + (size_t)(b - r->model) * REPORT_METRICS * resamples;
    double *difference = leadseq_calloc(resamples, sizeof *difference);
    if (!difference) return -1;
    for (int k = 0; k < REPORT_METRICS; k++) {
        pair->metric[k] = (struct leadseq_difference){NAN, NAN, NAN, NAN, NULL};
        if (k == REPORT_AUC) continue;
        for (size_t i = 0; i < resamples; i++) {
            size_t at = (size_t)k * resamples + i;
            difference[i] = of_a[at] - of_b[at];
        }
        measure_difference(r, pair, k, difference, resamples);
    }
    free(difference);
    if (!isnan(a->threshold) && !isnan(b->threshold))
        count_discordant(&pair->only_a_right, &pair->only_b_right, r, pair, -1);
    return leadseq_auc_delong_paired(&pair->metric[REPORT_AUC], a->test.probability,
                                     b->test.probability, r->label, r->records);
}
