/* SPDX-License-Identifier: MIT
 *
 * The thresholds and the temperature of each model, chosen on its own validation predictions and
 * on nothing else: not where those are among the records compared. And the constant classifier
 * beside the models, which gives every record the prevalence of the training records. */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

/* --- Thresholds ---------------------------------------------------------------------- */

static const char *const no_validation = "no validation predictions";

/* Why nothing can be chosen; false where it can. judged: how many of its validation records are
 * among those compared. */
static bool find_obstacle(char origin[256], const struct report_model *m, size_t judged)
{
    const struct report_set *valid = &m->valid;
    size_t positives = report_set_positives(valid);
    if (!valid->n)
        snprintf(origin, 256, "none: %s",
                 m->is_run ? "the run has no predictions-valid.tsv"
                           : "the table has no rows of split valid");
    else if (!valid->label)
        snprintf(origin, 256, "none: the validation records have no label");
    else if (judged)
        snprintf(origin, 256, "none: %zu of the records compared are its validation records",
                 judged);
    else if (!positives || positives == valid->n)
        snprintf(origin, 256, "none: the validation records are of one class");
    else
        return false;
    return true;
}

static int choose_temperature(struct report_model *m)
{
    m->clamped = 0;
    const struct report_set *valid = &m->valid;
    double *logit = leadseq_calloc(valid->n, sizeof *logit);
    if (!logit) return -1;
    for (size_t i = 0; i < valid->n; i++) {
        logit[i] = leadseq_logit(valid->probability[i]);
        m->clamped += leadseq_is_clamped(valid->probability[i]);
    }
    m->temperature = leadseq_temperature(logit, valid->label, valid->n);
    free(logit);
    return 0;
}

static int choose(const struct report *r, struct report_model *m)
{
    struct leadseq_curve curve;
    size_t judged;
    m->threshold = m->f_threshold = NAN;
    m->temperature = (struct leadseq_estimate){NAN, NAN, NAN, no_validation};
    if (report_count_common(&judged, r->ecg_id, r->records, m->valid.ecg_id, m->valid.n)) return -1;
    if (find_obstacle(m->origin, m, judged)) return 0;
    if (leadseq_curve_init(&curve, m->valid.probability, m->valid.label, m->valid.n)) return -1;
    m->threshold = leadseq_curve_youden(&curve);
    leadseq_curve_f_max(&curve, &m->f_threshold);
    leadseq_curve_clear(&curve);
    snprintf(m->origin, sizeof m->origin, "largest Youden index on validation");
    return choose_temperature(m);
}

int report_thresholds_choose(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        if (choose(r, m)) return -1;
        if (isnan(m->threshold) && !report_is_brief(r) &&
            report_note(r, "%s has no threshold (%s): only what needs no threshold is shown of it.",
                        m->name, m->origin))
            return -1;
    }
    return 0;
}

/* --- The constant classifier -------------------------------------------------------------- */

struct prevalence {
    size_t records, positives;
    char of[128]; /* whose */
};

static bool knows_record(const struct report *r, int ecg_id)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        if (report_set_find(&m->test, ecg_id) < m->test.n) return true;
        if (report_set_find(&m->valid, ecg_id) < m->valid.n) return true;
    }
    return false;
}

/* The prevalence of the first input that reports it; otherwise that of the stack's records which
 * are neither compared nor used to choose a threshold. */
static void find_prevalence(struct prevalence *p, const struct report *r)
{
    *p = (struct prevalence){0};
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        if (!m->train_records) continue;
        *p = (struct prevalence){m->train_records, m->train_positives, ""};
        snprintf(p->of, sizeof p->of, "the training prevalence of %.90s", m->name);
        return;
    }
    const struct report_stack *stack = r->whole ? &r->whole->stack : &r->stack;
    for (size_t i = 0; i < stack->n; i++) {
        uint8_t label = report_stack_label(r, i);
        if (label > 1 || knows_record(r, stack->row[i].ecg_id)) continue;
        p->records++;
        p->positives += label;
    }
    snprintf(p->of, sizeof p->of, "the prevalence of the stack's other %.60s",
             leadseq_count(p->records, "record"));
}

/* A copy of what labels the records compared. */
static int copy_set(struct report_set *to, const struct report_set *from)
{
    to->n = from->n;
    to->ecg_id = leadseq_calloc(from->n, sizeof *to->ecg_id);
    to->label = leadseq_calloc(from->n, sizeof *to->label);
    to->probability = leadseq_calloc(from->n, sizeof *to->probability);
    if (!to->ecg_id || !to->label || !to->probability) return -1;
    memcpy(to->ecg_id, from->ecg_id, from->n * sizeof *to->ecg_id);
    memcpy(to->label, from->label, from->n * sizeof *to->label);
    return 0;
}

int report_constant_add(struct report *r)
{
    struct report_model *m = &r->model[r->n_inputs];
    struct prevalence p;
    find_prevalence(&p, r);
    r->n_models = r->n_inputs + 1;
    if (!r->whole) m->name = leadseq_format("constant");
    if (!m->name) return -1;
    m->threshold = m->f_threshold = m->temperature.value = NAN;
    if (r->several) {
        snprintf(m->origin, sizeof m->origin, "says the training prevalence of each output");
        return 0;
    }
    if (copy_set(&m->test, &r->model[0].test)) return -1;
    m->threshold = .5;
    m->f_threshold = NAN;
    m->temperature = (struct leadseq_estimate){NAN, NAN, NAN, "a constant is not tempered"};
    double says = 2 * r->positives > r->records;
    if (p.records) {
        says = (double)p.positives / (double)p.records;
        snprintf(m->origin, sizeof m->origin, "says %.120s, %.4f", p.of, says);
        m->train_records = p.records;
        m->train_positives = p.positives;
    } else {
        snprintf(m->origin, sizeof m->origin,
                 "says the most frequent class of the records compared (training prevalence "
                 "unknown)");
    }
    for (size_t i = 0; i < m->test.n; i++) m->test.probability[i] = says;
    return 0;
}
