/* SPDX-License-Identifier: MIT
 *
 * Every metric of every model with its interval: DeLong for the AUC, Wilson for
 * proportions, Wald for the recalibration, logarithms for likelihood ratios, and one
 * bootstrap of patients, shared by all models, for all of them. */
#include "report_private.h"

#include <stdlib.h>

const char *const report_few = "too few for an interval (under 10)";
_Static_assert(LEADSEQ_FEWEST == 10, "the words say 10");

static const char *const by_definition = "by definition";
static const char *const no_threshold = "no threshold";
static const char *const no_temperature = "no temperature: nothing to fit it on";

const struct report_after_info report_after_info[REPORT_AFTERS] = {
    [REPORT_AFTER_BRIER] = {"brier_tempered", "Brier score", LEADSEQ_BRIER},
    [REPORT_AFTER_ECE_MASS] = {"ece_equal_mass_tempered", "ECE, bins of equal mass",
                               LEADSEQ_ECE_MASS},
    [REPORT_AFTER_ECE_WIDTH] = {"ece_equal_width_tempered", "ECE, bins of equal width",
                                LEADSEQ_ECE_WIDTH},
    [REPORT_AFTER_SLOPE] = {"calibration_slope_tempered", "Calibration slope", LEADSEQ_SLOPE},
    [REPORT_AFTER_INTERCEPT] = {"calibration_intercept_tempered", "Calibration intercept",
                                LEADSEQ_INTERCEPT},
    [REPORT_F1_AT_VALID_F_MAX] = {"f1_at_valid_f_max", "F1 at the threshold of validation's F-max",
                                  LEADSEQ_F1},
};

struct leadseq_bootstrap_options report_bootstrap_options(const struct report *r)
{
    return (struct leadseq_bootstrap_options){
        .resamples = r->options->resamples,
        .seed = r->options->seed ? r->options->seed : 1,
        .cluster = r->patient_id,
        .threads = r->options->threads,
        .bar = r->bar,
    };
}

int report_auc(struct leadseq_estimate *auc, const double *probability, const uint8_t *label,
               size_t n)
{
    size_t positives = 0;
    for (size_t i = 0; i < n; i++) positives += label[i];
    if (leadseq_auc_delong(auc, probability, label, n)) return -1;
    if (isnan(auc->low) || (positives >= LEADSEQ_FEWEST && n - positives >= LEADSEQ_FEWEST))
        return 0;
    auc->low = auc->high = NAN;
    auc->method = report_few;
    return 0;
}

/* Tempering keeps the order, so that the decision at the tempered F-max threshold is that at the
 * threshold itself. Without a temperature the probabilities stay as they are. */
static int prepare_second(const struct report *r, struct report_model *m)
{
    double t = isnan(m->temperature.value) ? 1 : m->temperature.value;
    double f = isnan(m->f_threshold) ? NAN : leadseq_temper(leadseq_logit(m->f_threshold), t);
    m->tempered = leadseq_calloc(r->records, sizeof *m->tempered);
    if (!m->tempered) return -1;
    for (size_t i = 0; i < r->records; i++)
        m->tempered[i] = leadseq_temper(leadseq_logit(m->test.probability[i]), t);
    return leadseq_scored_init(&m->second, m->tempered, r->label, r->records, f);
}

static int prepare(const struct report *r, struct report_model *m)
{
    const double *p = m->test.probability;
    if (leadseq_curve_init(&m->curve, p, r->label, r->records)) return -1;
    if (leadseq_scored_init(&m->scored, p, r->label, r->records, m->threshold)) return -1;
    m->mass = leadseq_reliability_of(&m->scored, LEADSEQ_EQUAL_MASS);
    m->width = leadseq_reliability_of(&m->scored, LEADSEQ_EQUAL_WIDTH);
    if (!isnan(m->threshold))
        m->confusion = leadseq_confusion_at(p, r->label, r->records, m->threshold);
    bool second = m->path && !(isnan(m->temperature.value) && isnan(m->f_threshold));
    return second ? prepare_second(r, m) : 0;
}

/* --- From the bootstrap --------------------------------------------------------------- */

/* The figures of all models, then of the tempered ones, in one array that borrows. */
static struct leadseq_scored *gather_scored(const struct report *r, size_t *count)
{
    struct leadseq_scored *all = leadseq_calloc(2 * r->n_models, sizeof *all);
    if (!all) return NULL;
    *count = 0;
    for (size_t i = 0; i < r->n_models; i++) all[(*count)++] = r->model[i].scored;
    for (size_t i = 0; i < r->n_models; i++)
        if (r->model[i].tempered) all[(*count)++] = r->model[i].second;
    return all;
}

static int take_after(struct report_model *m, const struct leadseq_resampled *resampled, size_t at)
{
    for (int k = 0; k < REPORT_AFTERS; k++) {
        struct leadseq_estimate *e = &m->after[k];
        bool decision = k == REPORT_F1_AT_VALID_F_MAX;
        size_t figure = at * LEADSEQ_METRICS + report_after_info[k].metric;
        bool known = decision ? !isnan(m->f_threshold) : !isnan(m->temperature.value);
        *e = (struct leadseq_estimate){NAN, NAN, NAN,
                                       decision ? no_threshold : m->temperature.method};
        if (known && leadseq_resampled_estimate(e, resampled, figure)) return -1;
    }
    return 0;
}

static int take_estimates(struct report *r, const struct leadseq_resampled *resampled)
{
    size_t second = r->n_models;
    for (size_t i = 0; i < r->n_models; i++) {
        struct report_model *m = &r->model[i];
        for (size_t k = 0; k < LEADSEQ_METRICS; k++)
            if (leadseq_resampled_estimate(&m->resampled[k], resampled, i * LEADSEQ_METRICS + k))
                return -1;
        for (int k = 0; k < REPORT_AFTERS; k++)
            m->after[k] = (struct leadseq_estimate){NAN, NAN, NAN, no_temperature};
        if (m->tempered && take_after(m, resampled, second++)) return -1;
    }
    return 0;
}

/* --- What stands in the report -------------------------------------------------------------- */

static void set_proportions(struct report_model *m)
{
    const struct leadseq_confusion c = m->confusion;
    struct leadseq_estimate *e = m->metric;
    e[LEADSEQ_SENSITIVITY] = leadseq_wilson(c.tp, c.tp + c.fn);
    e[LEADSEQ_SPECIFICITY] = leadseq_wilson(c.tn, c.tn + c.fp);
    e[LEADSEQ_PPV] = leadseq_wilson(c.tp, c.tp + c.fp);
    e[LEADSEQ_NPV] = leadseq_wilson(c.tn, c.tn + c.fn);
    e[LEADSEQ_ACCURACY] = leadseq_wilson(c.tp + c.tn, c.tp + c.fp + c.fn + c.tn);
    e[LEADSEQ_LR_POSITIVE] = leadseq_lr_positive(&c);
    e[LEADSEQ_LR_NEGATIVE] = leadseq_lr_negative(&c);
    if (!(c.tp + c.fp)) e[LEADSEQ_PPV].method = "nothing called positive";
    if (!(c.tn + c.fn)) e[LEADSEQ_NPV].method = "nothing called negative";
}

/* What has no value keeps its own reason. */
static void drop_interval(struct leadseq_estimate *e, const char *why)
{
    if (!isnan(e->value)) *e = (struct leadseq_estimate){e->value, NAN, NAN, why};
}

/* What a constant says by definition has no uncertainty. */
static void clear_by_definition(struct report_model *m)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        bool counted = k == LEADSEQ_PPV || k == LEADSEQ_NPV || k == LEADSEQ_ACCURACY;
        bool order = k <= LEADSEQ_F_MAX && k != LEADSEQ_AVERAGE_PRECISION && k != LEADSEQ_F_MAX;
        if (!counted && (order || leadseq_metric_info[k].needs_threshold))
            drop_interval(&m->metric[k], isnan(m->metric[k].value) ? "not defined" : by_definition);
    }
}

static void clear_by_flaw(struct report_model *m)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        drop_interval(&m->metric[k], m->flaw);
        drop_interval(&m->resampled[k], m->flaw);
    }
    for (int k = 0; k < REPORT_AFTERS; k++) drop_interval(&m->after[k], m->flaw);
}

static int set_metrics(const struct report *r, struct report_model *m)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++) m->metric[k] = m->resampled[k];
    if (leadseq_auc_delong(&m->metric[LEADSEQ_AUC], m->test.probability, r->label, r->records))
        return -1;
    struct leadseq_recalibration wald = leadseq_recalibrate(&m->scored);
    m->metric[LEADSEQ_SLOPE] = wald.slope;
    m->metric[LEADSEQ_INTERCEPT] = wald.in_the_large;
    if (isnan(m->threshold)) {
        for (int k = 0; k < LEADSEQ_METRICS; k++)
            if (leadseq_metric_info[k].needs_threshold)
                m->metric[k] = m->resampled[k] =
                    (struct leadseq_estimate){NAN, NAN, NAN, no_threshold};
    } else {
        set_proportions(m);
    }
    return 0;
}

/* Where the bootstrap has too few patients of a class, DeLong and Wald have too. */
static void clear_few(struct report_model *m, const char *const *obstacle)
{
    static const enum leadseq_metric rough[] = {LEADSEQ_AUC, LEADSEQ_SLOPE, LEADSEQ_INTERCEPT};
    for (size_t i = 0; i < LEADSEQ_COUNT(rough); i++)
        if (obstacle[rough[i]]) drop_interval(&m->metric[rough[i]], obstacle[rough[i]]);
}

static int finish(struct report *r, const struct leadseq_resampled *resampled)
{
    if (take_estimates(r, resampled)) return -1;
    for (size_t i = 0; i < r->n_models; i++) {
        struct report_model *m = &r->model[i];
        if (set_metrics(r, m)) return leadseq_fail_in("%s", m->name);
        clear_few(m, resampled->obstacle + i * LEADSEQ_METRICS);
        if (!m->path) clear_by_definition(m);
        if (m->flaw) clear_by_flaw(m);
    }
    return report_pairs_measure(r, resampled);
}

int report_measure(struct report *r)
{
    size_t count;
    struct leadseq_bootstrap_options options = report_bootstrap_options(r);
    for (size_t i = 0; i < r->n_models; i++)
        if (prepare(r, &r->model[i])) return leadseq_fail_in("%s", r->model[i].name);
    struct leadseq_resampled resampled = {0};
    struct leadseq_scored *all = gather_scored(r, &count);
    int status = all ? leadseq_resample_models(&resampled, all, count, &options) : -1;
    if (!status) status = finish(r, &resampled);
    leadseq_resampled_clear(&resampled);
    free(all);
    return status;
}
