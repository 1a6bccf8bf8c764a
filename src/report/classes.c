/* SPDX-License-Identifier: MIT
 *
 * Five superclasses: each against the rest, their means, and who was called what.
 * A record may have several superclasses, so that each has figures of its own; the
 * confusion matrix counts records of exactly one, called by the largest probability. */
#include "report_private.h"

#include <stdlib.h>

const struct report_macro_info report_macro_info[REPORT_MACROS] = {
    [REPORT_MACRO_AUC] = {"macro_auc", "Macro AUC", LEADSEQ_AUC},
    [REPORT_MACRO_AVERAGE_PRECISION] = {"macro_average_precision", "Macro average precision",
                                        LEADSEQ_AVERAGE_PRECISION},
    [REPORT_MACRO_SENSITIVITY] = {"macro_sensitivity", "Macro sensitivity", LEADSEQ_SENSITIVITY},
    [REPORT_MACRO_F1] = {"macro_f1", "Macro F1", LEADSEQ_F1},
};

/* Youden's on validation, as for the binary decision; NaN where that has none. */
static int choose_threshold(struct report_class *c, const struct report_model *m, size_t k)
{
    const struct report_set *valid = &m->valid;
    c->threshold = NAN;
    if (isnan(m->threshold) || !valid->class_probability || !valid->superclass) return 0;
    double *p = leadseq_calloc(valid->n, sizeof *p);
    uint8_t *label = leadseq_calloc(valid->n, sizeof *label);
    for (size_t i = 0; p && label && i < valid->n; i++) {
        p[i] = valid->class_probability[i * REPORT_CLASSES + k];
        label[i] = valid->superclass[i * REPORT_CLASSES + k];
    }
    if (p && label) c->threshold = leadseq_threshold_youden(p, label, valid->n);
    int status = p && label ? 0 : -1;
    free(p);
    free(label);
    return status;
}

static int prepare_class(const struct report *r, struct report_model *m, size_t k)
{
    struct report_class *c = &m->class[k];
    c->probability = leadseq_calloc(r->records, sizeof *c->probability);
    c->label = leadseq_calloc(r->records, sizeof *c->label);
    if (!c->probability || !c->label) return -1;
    for (size_t i = 0; i < r->records; i++) {
        c->probability[i] = m->test.class_probability[i * REPORT_CLASSES + k];
        c->label[i] = r->superclass[i * REPORT_CLASSES + k];
        c->positives += c->label[i];
    }
    if (choose_threshold(c, m, k)) return -1;
    return leadseq_scored_init(&c->scored, c->probability, c->label, r->records, c->threshold);
}

/* The one superclass of a record; -1 where it has none or several. */
static int single_class(const uint8_t *superclass)
{
    int found = -1, n = 0;
    for (int k = 0; k < REPORT_CLASSES; k++)
        if (superclass[k]) found = k, n++;
    return n == 1 ? found : -1;
}

static int count_called(struct report *r, struct report_model *m)
{
    size_t n = 0;
    int *truth = leadseq_calloc(r->records, sizeof *truth);
    int *called = leadseq_calloc(r->records, sizeof *called);
    m->count = leadseq_calloc((size_t)REPORT_CLASSES * REPORT_CLASSES, sizeof *m->count);
    int status = truth && called && m->count ? 0 : -1;
    if (!status)
        leadseq_classes_call(called, m->test.class_probability, r->records, REPORT_CLASSES);
    for (size_t i = 0; !status && i < r->records; i++) {
        int class = single_class(r->superclass + i * REPORT_CLASSES);
        if (class < 0) continue;
        truth[n] = class;
        called[n++] = called[i];
    }
    if (!status) status = leadseq_classes_count(m->count, truth, called, NULL, n, REPORT_CLASSES);
    if (!status) m->called = leadseq_classes_measure(m->count, REPORT_CLASSES);
    r->single = n;
    free(truth);
    free(called);
    return status;
}

static int prepare(struct report *r, struct report_model *m)
{
    m->class = leadseq_calloc(REPORT_CLASSES, sizeof *m->class);
    if (!m->class) return -1;
    for (size_t k = 0; k < REPORT_CLASSES; k++)
        if (prepare_class(r, m, k)) return -1;
    return count_called(r, m);
}

/* --- From the bootstrap: model j's class k is figure block j·REPORT_CLASSES + k -------------- */

static void fill_terms(struct leadseq_term term[REPORT_CLASSES], size_t j, int macro, double sign)
{
    for (size_t k = 0; k < REPORT_CLASSES; k++)
        term[k] = (struct leadseq_term){(j * REPORT_CLASSES + k) * LEADSEQ_METRICS +
                                            report_macro_info[macro].metric,
                                        sign / REPORT_CLASSES};
}

static int take_class(struct report_model *m, size_t k, const struct leadseq_resampled *resampled,
                      size_t block)
{
    struct report_class *c = &m->class[k];
    for (size_t i = 0; i < LEADSEQ_METRICS; i++) {
        if (leadseq_resampled_estimate(&c->metric[i], resampled, block * LEADSEQ_METRICS + i))
            return -1;
        if (isnan(c->threshold) && leadseq_metrics[i]->needs == LEADSEQ_OF_DECISIONS)
            c->metric[i] = (struct leadseq_estimate){NAN, NAN, NAN, "no threshold"};
        if (m->flaw)
            c->metric[i] = (struct leadseq_estimate){c->metric[i].value, NAN, NAN, m->flaw};
    }
    if (m->flaw) return 0;
    const struct leadseq_predicted p = {c->scored.n, c->probability, c->label, c->threshold};
    return report_estimate(&c->metric[LEADSEQ_AUC], LEADSEQ_AUC, &p);
}

static int take_model(struct report_model *m, const struct leadseq_resampled *resampled, size_t j)
{
    struct leadseq_term term[REPORT_CLASSES];
    for (size_t k = 0; k < REPORT_CLASSES; k++)
        if (take_class(m, k, resampled, j * REPORT_CLASSES + k)) return -1;
    for (int q = 0; q < REPORT_MACROS; q++) {
        struct leadseq_difference d;
        fill_terms(term, j, q, 1);
        if (leadseq_resampled_sum(&d, resampled, term, REPORT_CLASSES)) return -1;
        m->macro[q] = (struct leadseq_estimate){d.difference, d.low, d.high, d.method};
        if (m->flaw) m->macro[q] = (struct leadseq_estimate){d.difference, NAN, NAN, m->flaw};
    }
    return 0;
}

/* The index among the models with classes. */
static size_t block_of(const struct report *r, const struct report_model *m)
{
    size_t j = 0;
    for (const struct report_model *k = r->model; k < m; k++) j += !!k->class;
    return j;
}

static int take_pair(const struct report *r, struct report_pair *p,
                     const struct leadseq_resampled *resampled)
{
    struct leadseq_term term[2 * REPORT_CLASSES];
    if (!p->a->class || !p->b->class) return 0;
    const char *flaw = p->a->flaw ? p->a->flaw : p->b->flaw;
    for (int q = 0; q < REPORT_MACROS; q++) {
        struct leadseq_difference *d = &p->macro[q];
        fill_terms(term, block_of(r, p->a), q, 1);
        fill_terms(term + REPORT_CLASSES, block_of(r, p->b), q, -1);
        if (leadseq_resampled_sum(d, resampled, term, 2 * (size_t)REPORT_CLASSES)) return -1;
        if (flaw) *d = (struct leadseq_difference){d->difference, NAN, NAN, NAN, flaw};
    }
    return 0;
}

static int take_all(struct report *r, const struct leadseq_resampled *resampled)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        if (m->class && take_model(m, resampled, block_of(r, m))) return -1;
    }
    for (size_t i = 0; i < r->n_pairs; i++)
        if (take_pair(r, &r->pair[i], resampled)) return -1;
    return 0;
}

static int resample(struct report *r)
{
    struct leadseq_bootstrap_options options = report_bootstrap_options(r);
    struct leadseq_resampled resampled = {0};
    struct leadseq_scored *all = leadseq_calloc(r->n_inputs * REPORT_CLASSES, sizeof *all);
    if (!all) return -1;
    size_t n = 0;
    for (size_t i = 0; i < r->n_inputs; i++)
        for (size_t k = 0; r->model[i].class && k < REPORT_CLASSES; k++)
            all[n++] = r->model[i].class[k].scored;
    int status = leadseq_resample_models(&resampled, all, n, &options);
    if (!status) status = take_all(r, &resampled);
    leadseq_resampled_clear(&resampled);
    free(all);
    return status;
}

int report_classes_measure(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        if (!m->test.class_probability) continue;
        if (!r->superclass)
            return report_note(r,
                               "%s has probabilities of five superclasses, but no input has "
                               "their labels: they are not shown; take the labels from a stack "
                               "by --data FILE.h5.",
                               m->name);
        if (prepare(r, m)) return -1;
        if (!r->with_classes) r->with_classes = m;
    }
    return r->with_classes ? resample(r) : 0;
}

void report_classes_clear(struct report_model *m)
{
    for (size_t k = 0; m->class && k < REPORT_CLASSES; k++) {
        leadseq_scored_clear(&m->class[k].scored);
        free(m->class[k].probability);
        free(m->class[k].label);
    }
    free(m->class);
    free(m->count);
    m->class = NULL;
    m->count = NULL;
}
