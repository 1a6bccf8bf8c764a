/* SPDX-License-Identifier: MIT
 *
 * Every metric of every model with its interval: DeLong by patients for the AUC, Wilson for
 * proportions, Wald for the recalibration, logarithms for likelihood ratios, and one
 * bootstrap of patients, shared by all models, for all of them. */
#include "measure.h"

#include <stdlib.h>

const char *const report_few = "too few for an interval (under 10)";
_Static_assert(LEADSEQ_FEWEST == 10, "the words say 10");

static const char *const by_definition = "by definition";
static const char *const no_threshold = "no threshold";
static const char *const no_temperature = "no temperature: nothing to fit it on";

struct leadseq_bootstrap_options report_bootstrap_options(const struct report *r)
{
    return (struct leadseq_bootstrap_options){
        .resamples = r->options->resamples,
        .seed = r->options->seed ? r->options->seed : 1,
        .cluster = r->patient_id,
        .records = r->records,
        .threads = r->options->threads,
        .bar = r->bar,
    };
}

size_t report_resamples(const struct report *r)
{
    return r->options->resamples ? r->options->resamples : LEADSEQ_RESAMPLES;
}

struct leadseq_predicted report_predicted(const struct report *r, const struct report_model *m)
{
    return (struct leadseq_predicted){r->records, m->test.probability, r->label, m->threshold,
                                      r->patient_id};
}

int report_estimate(struct leadseq_estimate *e, enum leadseq_metric metric,
                    const struct leadseq_predicted *p)
{
    const struct leadseq_metric_type *type = leadseq_metrics[metric];
    size_t positives = 0;
    *e = (struct leadseq_estimate){NAN, NAN, NAN, "no interval: not resampled in subgroups"};
    if (!type->interval) return leadseq_metric_of(&e->value, metric, p);
    for (size_t i = 0; i < p->n; i++) positives += p->label[i];
    if (type->interval(e, p)) return -1;
    bool few = positives < LEADSEQ_FEWEST || p->n - positives < LEADSEQ_FEWEST;
    if (type->needs_many && few && !isnan(e->low))
        *e = (struct leadseq_estimate){e->value, NAN, NAN, report_few};
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
    if (leadseq_scored_init(&m->second, m->tempered, r->label, r->records, f)) return -1;
    m->second.record = r->position;
    return 0;
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
    m->scored.record = r->position;
    bool second =
        m->path && !report_is_brief(r) && !(isnan(m->temperature.value) && isnan(m->f_threshold));
    return second ? prepare_second(r, m) : 0;
}

/* --- From the bootstrap --------------------------------------------------------------- */

/* Resampled together: the question itself, and the outputs. */
static size_t count_questions(const struct report *r)
{
    return r->n_outputs + !r->several;
}

static struct report *question(struct report *r, size_t i)
{
    return r->several ? &r->output[i] : i ? &r->output[i - 1] : r;
}

/* Each question's models, then its tempered ones, in one array that borrows. */
static struct leadseq_scored *gather_scored(struct report *r, size_t *count)
{
    struct leadseq_scored *all = leadseq_calloc(2 * r->n_models * count_questions(r), sizeof *all);
    if (!all) return NULL;
    *count = 0;
    for (size_t i = 0; i < count_questions(r); i++) {
        struct report *q = question(r, i);
        q->first_block = *count;
        for (size_t k = 0; k < q->n_models; k++) all[(*count)++] = q->model[k].scored;
        q->first_tempered = *count;
        for (size_t k = 0; k < q->n_models; k++)
            if (q->model[k].tempered) all[(*count)++] = q->model[k].second;
    }
    return all;
}

/* at: which of the measured models the tempered one is. */
static int take_tempered(struct report_model *m, const struct leadseq_resampled *resampled,
                         size_t at)
{
    const size_t first = at * LEADSEQ_METRICS;
    for (size_t k = 0; k < LEADSEQ_METRICS; k++) {
        struct leadseq_estimate *e = &m->tempered_metric[k];
        *e = (struct leadseq_estimate){NAN, NAN, NAN, m->temperature.method};
        if (!isnan(m->temperature.value) && leadseq_resampled_estimate(e, resampled, first + k))
            return -1;
    }
    m->f1_at_valid_f_max.method = no_threshold;
    if (isnan(m->f_threshold)) return 0;
    return leadseq_resampled_estimate(&m->f1_at_valid_f_max, resampled, first + LEADSEQ_F1);
}

static int take_estimates(struct report *r)
{
    size_t second = r->first_tempered;
    for (size_t i = 0; i < r->n_models; i++) {
        struct report_model *m = &r->model[i];
        for (size_t k = 0; k < LEADSEQ_METRICS; k++)
            if (leadseq_resampled_estimate(&m->resampled[k], r->resampled, report_figure(r, i, k)))
                return -1;
        m->f1_at_valid_f_max = (struct leadseq_estimate){NAN, NAN, NAN, no_temperature};
        for (int k = 0; k < LEADSEQ_METRICS; k++) m->tempered_metric[k] = m->f1_at_valid_f_max;
        if (m->tempered && take_tempered(m, r->resampled, second++)) return -1;
    }
    return 0;
}

/* --- What the report shows ------------------------------------------------------------------ */

void report_drop_interval(struct leadseq_estimate *e, const char *why)
{
    if (!isnan(e->value)) *e = (struct leadseq_estimate){e->value, NAN, NAN, why};
}

void report_drop_difference(struct leadseq_difference *d, const char *why)
{
    *d = (struct leadseq_difference){d->difference, NAN, NAN, NAN, why};
}

/* What a constant says by definition has no uncertainty. */
static void clear_by_definition(struct report_model *m)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++)
        if (leadseq_metrics[k]->fixed_for_constant)
            report_drop_interval(&m->metric[k], by_definition);
}

static void clear_by_flaw(struct report_model *m)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        report_drop_interval(&m->metric[k], m->flaw);
        report_drop_interval(&m->resampled[k], m->flaw);
        report_drop_interval(&m->tempered_metric[k], m->flaw);
    }
    report_drop_interval(&m->f1_at_valid_f_max, m->flaw);
}

/* obstacle: where the bootstrap has too few patients of a class, so has an asymptotic interval. */
static int set_metric(const struct report *r, struct report_model *m, size_t k,
                      const char *obstacle)
{
    const struct leadseq_metric_type *type = leadseq_metrics[k];
    const struct leadseq_predicted p = report_predicted(r, m);
    m->metric[k] = m->resampled[k];
    if (type->needs == LEADSEQ_OF_DECISIONS && isnan(m->threshold)) {
        m->metric[k] = m->resampled[k] = (struct leadseq_estimate){NAN, NAN, NAN, no_threshold};
        return 0;
    }
    if (report_is_brief(r)) // only the AUC has another interval than the bootstrap's
        return k == LEADSEQ_AUC ? report_estimate(&m->metric[k], LEADSEQ_AUC, &p) : 0;
    if (type->interval && type->interval(&m->metric[k], &p)) return -1;
    if (type->needs_many && obstacle) report_drop_interval(&m->metric[k], obstacle);
    return 0;
}

static int finish(struct report *r)
{
    if (take_estimates(r)) return -1;
    for (size_t i = 0; i < r->n_models; i++) {
        struct report_model *m = &r->model[i];
        for (size_t k = 0; k < LEADSEQ_METRICS; k++)
            if (set_metric(r, m, k, r->resampled->obstacle[report_figure(r, i, k)]))
                return leadseq_fail_in("%s", m->name);
        if (!m->path) clear_by_definition(m);
        if (m->flaw) clear_by_flaw(m);
    }
    return 0;
}

static int prepare_models(struct report *r)
{
    for (size_t i = 0; i < r->n_models; i++)
        if (prepare(r, &r->model[i])) {
            leadseq_fail_in("%s", r->model[i].name);
            return r->whole ? leadseq_fail_in("%s", r->question) : -1;
        }
    return 0;
}

int report_measure(struct report *r)
{
    size_t count;
    struct leadseq_bootstrap_options options = report_bootstrap_options(r);
    for (size_t i = 0; i < count_questions(r); i++)
        if (prepare_models(question(r, i))) return -1;
    struct leadseq_scored *all = gather_scored(r, &count);
    int status = all ? leadseq_resample_models(r->resampled, all, count, &options) : -1;
    for (size_t i = 0; !status && i < count_questions(r); i++) status = finish(question(r, i));
    free(all);
    return status;
}

void report_measured_clear(struct report_model *m)
{
    leadseq_curve_clear(&m->curve);
    leadseq_scored_clear(&m->scored);
    leadseq_scored_clear(&m->second);
    free(m->tempered);
    leadseq_joint_clear(&m->joint);
    free(m->count);
    free(m->constant);
    m->tempered = m->constant = NULL;
    m->count = NULL;
}
