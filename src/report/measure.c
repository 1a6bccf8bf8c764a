/* SPDX-License-Identifier: MIT
 *
 * Every metric of every model with its interval: DeLong for the AUC, Wilson for
 * proportions, and one bootstrap of patients, shared by all models, for the rest
 * and for the differences of pairs. */
#include "report_private.h"

#include <math.h>
#include <stdlib.h>

const struct report_metric_info report_metric_info[REPORT_METRICS] = {
    [REPORT_AUC] = {"auc", "AUC", false},
    [REPORT_AVERAGE_PRECISION] = {"average_precision", "Average precision", false},
    [REPORT_SENSITIVITY] = {"sensitivity", "Sensitivity", true},
    [REPORT_SPECIFICITY] = {"specificity", "Specificity", true},
    [REPORT_PRECISION] = {"precision", "Precision", true},
    [REPORT_F1] = {"f1", "F1", true},
    [REPORT_ACCURACY] = {"accuracy", "Accuracy", true},
    [REPORT_BRIER] = {"brier", "Brier score", false},
};

static const char *const clustered = "bootstrap of patients, 2000 resamples, percentiles";
static const char *const unclustered = "bootstrap of records, 2000 resamples, percentiles";
static const char *const by_definition = "by definition";
static const char *const no_threshold = "no threshold";
static const char *const no_interval = "no interval by the bootstrap";
static const char *const undefined = "nothing called positive";
_Static_assert(LEADSEQ_RESAMPLES == 2000, "the methods' names say 2000");

/* Confusion of one model where record i counts weight[i] times. */
static struct leadseq_confusion
weighted_confusion(const struct report *r, const struct report_model *m, const uint32_t *weight)
{
    struct leadseq_confusion c = {0};
    for (size_t i = 0; i < r->records; i++) {
        bool called = m->test.probability[i] >= m->threshold;
        if (r->label[i])
            *(called ? &c.tp : &c.fn) += weight[i];
        else
            *(called ? &c.fp : &c.tn) += weight[i];
    }
    return c;
}

static double weighted_brier(const struct report *r, const double *p, const uint32_t *weight)
{
    double sum = 0, count = 0;
    for (size_t i = 0; i < r->records; i++) {
        double d = p[i] - r->label[i];
        sum += weight[i] * d * d;
        count += weight[i];
    }
    return sum / count;
}

/* value: (models, REPORT_METRICS); the AUC's interval does not come from here. */
static void measure_resample(double *value, const uint32_t *weight, const void *state)
{
    const struct report *r = state;
    for (size_t i = 0; i < r->n_models; i++, value += REPORT_METRICS) {
        const struct report_model *m = &r->model[i];
        struct leadseq_confusion c = weighted_confusion(r, m, weight);
        bool decided = !isnan(m->threshold);
        value[REPORT_AUC] = NAN;
        value[REPORT_AVERAGE_PRECISION] =
            leadseq_curve_average_precision_of(&m->curve, r->label, weight);
        value[REPORT_SENSITIVITY] = decided ? leadseq_sensitivity(&c) : NAN;
        value[REPORT_SPECIFICITY] = decided ? leadseq_specificity(&c) : NAN;
        value[REPORT_PRECISION] = decided ? leadseq_precision(&c) : NAN;
        value[REPORT_F1] = decided ? leadseq_f1(&c) : NAN;
        value[REPORT_ACCURACY] = decided ? leadseq_accuracy(&c) : NAN;
        value[REPORT_BRIER] = weighted_brier(r, m->test.probability, weight);
    }
}

static void measure_decisions(struct report_model *m)
{
    const struct leadseq_confusion c = m->confusion;
    m->metric[REPORT_SENSITIVITY] = leadseq_wilson(c.tp, c.tp + c.fn);
    m->metric[REPORT_SPECIFICITY] = leadseq_wilson(c.tn, c.tn + c.fp);
    m->metric[REPORT_PRECISION] = leadseq_wilson(c.tp, c.tp + c.fp);
    m->metric[REPORT_ACCURACY] = leadseq_wilson(c.tp + c.tn, c.tp + c.fp + c.fn + c.tn);
    m->metric[REPORT_F1].value = leadseq_f1(&c);
    if (!(c.tp + c.fp)) m->metric[REPORT_PRECISION].method = undefined;
}

static int measure_model(const struct report *r, struct report_model *m)
{
    const struct report_set *test = &m->test;
    for (int k = 0; k < REPORT_METRICS; k++)
        m->metric[k] = (struct leadseq_estimate){NAN, NAN, NAN, no_threshold};
    if (leadseq_curve_init(&m->curve, test->probability, r->label, r->records)) return -1;
    if (leadseq_auc_delong(&m->metric[REPORT_AUC], test->probability, r->label, r->records))
        return -1;
    m->metric[REPORT_AVERAGE_PRECISION].value = leadseq_curve_average_precision(&m->curve);
    m->metric[REPORT_BRIER].value = leadseq_brier(test->probability, r->label, r->records);
    if (isnan(m->threshold)) return 0;
    m->confusion = leadseq_confusion_at(test->probability, r->label, r->records, m->threshold);
    measure_decisions(m);
    return 0;
}

/* Sorts the draws of these three, which pairs no longer need. */
static void set_bootstrap_interval(const struct report *r, struct report_model *m,
                                   enum report_metric k, double *draws)
{
    struct leadseq_estimate *e = &m->metric[k];
    if (report_metric_info[k].needs_threshold && isnan(m->threshold)) return;
    leadseq_percentiles(&e->low, &e->high, draws, LEADSEQ_RESAMPLES);
    e->method = isnan(e->low) ? no_interval : r->patient_id ? clustered : unclustered;
}

/* What a constant says by definition has no uncertainty. */
static void clear_by_definition(struct report_model *m)
{
    static const enum report_metric fixed[] = {REPORT_AUC, REPORT_SENSITIVITY, REPORT_SPECIFICITY};
    for (size_t i = 0; i < LEADSEQ_COUNT(fixed); i++) {
        struct leadseq_estimate *e = &m->metric[fixed[i]];
        *e = (struct leadseq_estimate){e->value, NAN, NAN, by_definition};
    }
    struct leadseq_estimate *f1 = &m->metric[REPORT_F1];
    if (f1->value == 0) *f1 = (struct leadseq_estimate){0, NAN, NAN, by_definition};
}

static int measure_pairs(struct report *r, const double *draws)
{
    r->pair = leadseq_calloc(r->n_inputs * (r->n_inputs - 1) / 2, sizeof *r->pair);
    if (!r->pair) return -1;
    for (size_t a = 0; a < r->n_inputs; a++)
        for (size_t b = a + 1; b < r->n_inputs; b++) {
            struct report_pair *pair = &r->pair[r->n_pairs++];
            pair->a = &r->model[a];
            pair->b = &r->model[b];
            if (report_pair_measure(r, pair, draws, LEADSEQ_RESAMPLES)) return -1;
        }
    return 0;
}

static int measure_draws(struct report *r, double *draws)
{
    struct leadseq_bootstrap_options options = {.seed = 1, .cluster = r->patient_id};
    size_t figures = r->n_models * REPORT_METRICS;
    if (leadseq_bootstrap(draws, figures, r->records, measure_resample, r, &options)) return -1;
    if (measure_pairs(r, draws)) return -1;
    for (size_t i = 0; i < r->n_models; i++) {
        double *of = draws + i * REPORT_METRICS * LEADSEQ_RESAMPLES;
        static const enum report_metric drawn[] = {REPORT_AVERAGE_PRECISION, REPORT_F1,
                                                   REPORT_BRIER};
        for (size_t k = 0; k < LEADSEQ_COUNT(drawn); k++)
            set_bootstrap_interval(r, &r->model[i], drawn[k], of + drawn[k] * LEADSEQ_RESAMPLES);
    }
    clear_by_definition(&r->model[r->n_models - 1]);
    return 0;
}

int report_measure(struct report *r)
{
    for (size_t i = 0; i < r->n_models; i++)
        if (measure_model(r, &r->model[i])) return leadseq_fail_in("%s", r->model[i].name);
    double *draws = leadseq_calloc(r->n_models * REPORT_METRICS, LEADSEQ_RESAMPLES * sizeof *draws);
    int status = draws ? measure_draws(r, draws) : -1;
    free(draws);
    return status;
}
