/* SPDX-License-Identifier: MIT
 *
 * Several outputs judged together: who was called what, by the largest probability, where each
 * record has one class, and F-max over records; of models and of pairs, from the draws and
 * exchanges that the outputs have too. */
#include "measure.h"

#include <stdlib.h>
#include <string.h>

static const char *const no_classes = "no figure: the outputs do not exclude each other";
static const char *const no_single = "no figure: no record has exactly one true output";
static const char *const no_truth = "no figure: no record has a true output";
static const char *const no_record = "no figure: a class has no record";
static const char *const never_called = "no figure: a class is never called";
static const char *const neither = "no figure: a class has no record and is never called";
static const char *const one_answer = "no figure: all labels or all calls are the same";

/* --- Models ----------------------------------------------------------------------------------- */

/* The constant says of each output what its comparison's constant does. */
static int fill_constant(const struct report *r, struct report_model *m)
{
    m->constant = leadseq_calloc(r->records * r->n_outputs, sizeof *m->constant);
    if (!m->constant) return -1;
    for (size_t i = 0; i < r->records; i++)
        for (size_t k = 0; k < r->n_outputs; k++)
            m->constant[i * r->n_outputs + k] =
                r->output[k].model[m->of_output].test.probability[0];
    return 0;
}

static int prepare(const struct report *r, struct report_model *m, const uint8_t *label)
{
    if (!m->path && fill_constant(r, m)) return -1;
    const double *p = m->path ? m->test.output_probability : m->constant;
    if (leadseq_joint_init(&m->joint, p, label, r->records, r->n_outputs)) return -1;
    m->count = leadseq_calloc(r->n_outputs * r->n_outputs, sizeof *m->count);
    if (!m->count) return -1;
    leadseq_joint_count(m->count, &m->joint);
    return 0;
}

/* Why a figure has no value. */
static const char *reason_of(const struct report *r, size_t figure)
{
    if (!leadseq_joint_types[figure].of_calls) return no_truth;
    if (!r->classes) return no_classes;
    if (!r->single) return no_single;
    if (figure == LEADSEQ_JOINT_BALANCED_ACCURACY) return no_record;
    if (figure == LEADSEQ_JOINT_MACRO_PRECISION) return never_called;
    return figure == LEADSEQ_JOINT_MACRO_F1 ? neither : one_answer;
}

static struct leadseq_estimate accuracy_of(const struct report *r, const size_t *count)
{
    size_t right = 0;
    for (size_t k = 0; k < r->n_outputs; k++) right += count[k * r->n_outputs + k];
    return leadseq_wilson(right, r->single);
}

static int measure_model(const struct report *r, struct report_model *m,
                         const struct leadseq_resampled *resampled, size_t at)
{
    for (size_t k = 0; k < LEADSEQ_JOINTS; k++) {
        struct leadseq_estimate *e = &m->together[k], *b = &m->together_resampled[k];
        if (leadseq_resampled_estimate(b, resampled, at * LEADSEQ_JOINTS + k)) return -1;
        bool shown = r->classes || !leadseq_joint_types[k].of_calls;
        if (!shown || isnan(b->value))
            *b = (struct leadseq_estimate){NAN, NAN, NAN, reason_of(r, k)};
        *e = *b;
        if (k == LEADSEQ_JOINT_ACCURACY && !isnan(b->value)) *e = accuracy_of(r, m->count);
        if (!m->flaw) continue;
        report_drop_interval(e, m->flaw);
        report_drop_interval(b, m->flaw);
    }
    return 0;
}

/* --- Pairs ------------------------------------------------------------------------------------ */

static int measure_figure(const struct report *r, struct report_pair *p,
                          const struct leadseq_resampled *resampled, size_t k)
{
    struct leadseq_difference *d = &p->together[k], *b = &p->together_resampled[k];
    const char *flaw = p->a->flaw ? p->a->flaw : p->b->flaw;
    size_t a = p->a->at_joint * LEADSEQ_JOINTS + k, z = p->b->at_joint * LEADSEQ_JOINTS + k;
    if (leadseq_resampled_difference(b, resampled, a, z)) return -1;
    bool shown = r->classes || !leadseq_joint_types[k].of_calls;
    if (!shown || isnan(b->difference)) {
        *b = (struct leadseq_difference){NAN, NAN, NAN, NAN, reason_of(r, k)};
        p->together_permuted[k] = NAN;
    }
    *d = *b;
    if (k == LEADSEQ_JOINT_ACCURACY && !isnan(d->difference)) *d = leadseq_newcombe(&p->called);
    if (!flaw) return 0;
    report_drop_difference(d, flaw);
    *b = *d;
    p->together_permuted[k] = NAN;
    return 0;
}

static int measure_pair(const struct report *r, struct report_pair *p,
                        const struct leadseq_resampled *resampled)
{
    const struct leadseq_bootstrap_options options = report_bootstrap_options(r);
    p->called = leadseq_joint_right(&p->a->joint, &p->b->joint);
    p->called_exact = leadseq_mcnemar(p->called.only_a, p->called.only_b);
    p->called_mid = leadseq_mcnemar_mid(p->called.only_a, p->called.only_b);
    if (p->a->flaw || p->b->flaw) p->called_exact = p->called_mid = NAN;
    if (leadseq_permute_joint(p->together_permuted, &p->a->joint, &p->b->joint, &options))
        return -1;
    for (size_t k = 0; k < LEADSEQ_JOINTS; k++)
        if (measure_figure(r, p, resampled, k)) return -1;
    p->has_together = true;
    return 0;
}

/* Holm's correction over the pairs that have the outputs, each figure a family of its own. */
static int correct(struct report *r)
{
    double *p = leadseq_calloc(r->n_pairs + 1, sizeof *p);
    if (!p) return -1;
    int status = 0;
    for (int k = 0; !status && k < LEADSEQ_JOINTS; k++) {
        for (size_t i = 0; i < r->n_pairs; i++)
            p[i] = r->pair[i].has_together ? r->pair[i].together[k].p : NAN;
        status = leadseq_holm(p, p, r->n_pairs);
        for (size_t i = 0; i < r->n_pairs; i++) r->pair[i].together_holm[k] = p[i];
    }
    free(p);
    return status;
}

/* --- The whole -------------------------------------------------------------------------------- */

static bool is_joint(const struct report *r, const struct report_model *m)
{
    return m->path ? m->test.outputs.n && m->test.output_label : r->several;
}

/* The models of one array that borrows, and their places in it. */
static int prepare_all(struct report *r, struct leadseq_joint *all, size_t *n)
{
    const uint8_t *label = NULL;
    for (size_t i = 0; i < r->n_inputs && !label; i++)
        if (is_joint(r, &r->model[i])) label = r->model[i].test.output_label;
    for (size_t i = 0; i < r->n_models; i++) {
        struct report_model *m = &r->model[i];
        if (!is_joint(r, m)) continue;
        if (prepare(r, m, label)) return leadseq_fail_in("%s", m->name);
        m->at_joint = *n;
        r->single = m->joint.single;
        all[(*n)++] = m->joint;
    }
    return 0;
}

static int measure(struct report *r, struct leadseq_joint *all)
{
    const struct leadseq_bootstrap_options options = report_bootstrap_options(r);
    struct leadseq_resampled resampled = {0};
    size_t n = 0;
    int status = prepare_all(r, all, &n);
    if (!status) status = leadseq_resample_joint(&resampled, all, n, &options);
    for (size_t i = 0; !status && i < r->n_models; i++)
        if (r->model[i].count)
            status = measure_model(r, &r->model[i], &resampled, r->model[i].at_joint);
    for (size_t i = 0; !status && i < r->n_pairs; i++)
        if (r->pair[i].a->count && r->pair[i].b->count)
            status = measure_pair(r, &r->pair[i], &resampled);
    leadseq_resampled_clear(&resampled);
    return status ? -1 : correct(r);
}

int report_joint_measure(struct report *r)
{
    if (!r->n_outputs) return 0;
    // calls mean something of superclasses, too: most records have one
    r->classes = r->multi_class || report_are_superclasses(r);
    struct leadseq_joint *all = leadseq_calloc(r->n_models, sizeof *all);
    int status = all ? measure(r, all) : -1;
    free(all);
    return status;
}
