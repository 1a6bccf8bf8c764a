/* SPDX-License-Identifier: MIT
 *
 * Two models on the same records: DeLong's paired test by patients, Newcombe's interval with
 * exact and mid-p McNemar, the bootstrap of every other difference, the exchange of
 * the two in patients for all, and Holm's correction over the pairs. */
#include "measure.h"

#include <stdlib.h>
#include <string.h>

static const char *const missing = "a figure of the pair is missing";
const char *const report_rough =
    "no interval: fewer than 10 patients of a class; p: exchange of the two models";
_Static_assert(LEADSEQ_FEWEST == 10, "the words say 10");

/* Of all records, of the positive and of the negative ones. */
static void count_right(const struct report *r, struct report_pair *p)
{
    const struct leadseq_predicted a = report_predicted(r, p->a), b = report_predicted(r, p->b);
    struct leadseq_pairs *const right[] = {&p->right, &p->right_positive, &p->right_negative};
    static const int label[] = {-1, 1, 0};
    for (int k = 0; k < 3; k++) {
        *right[k] = leadseq_pairs_right(&a, &b, label[k]);
        p->exact_p[k] = leadseq_mcnemar(right[k]->only_a, right[k]->only_b);
        p->mid_p[k] = leadseq_mcnemar_mid(right[k]->only_a, right[k]->only_b);
    }
}

/* A model that learnt from these records takes the meaning from every test with it. */
static void clear_by_flaw(struct report_pair *p, const char *flaw)
{
    for (int k = 0; k < LEADSEQ_METRICS; k++) {
        report_drop_difference(&p->metric[k], flaw);
        report_drop_difference(&p->resampled[k], flaw);
        p->permuted[k] = NAN;
    }
    for (int k = 0; k < 3; k++) p->exact_p[k] = p->mid_p[k] = NAN;
}

/* The bootstrap's difference, or that of the metric's customary test. */
static int measure_metric(const struct report *r, struct report_pair *p, size_t k)
{
    const struct leadseq_metric_type *type = leadseq_metrics[k];
    const struct leadseq_predicted pa = report_predicted(r, p->a), pb = report_predicted(r, p->b);
    size_t a = report_figure(r, (size_t)(p->a - r->model), k);
    size_t b = report_figure(r, (size_t)(p->b - r->model), k);
    struct leadseq_difference *d = &p->resampled[k];
    if (leadseq_resampled_difference(d, r->resampled, a, b)) return -1;
    if (isnan(d->difference)) report_drop_difference(d, missing);
    p->metric[k] = *d;
    bool decided = !isnan(pa.threshold) && !isnan(pb.threshold);
    if (!type->paired || (type->needs == LEADSEQ_OF_DECISIONS && !decided)) return 0;
    d = &p->metric[k];
    if (type->paired(d, &pa, &pb)) return -1;
    if (type->needs_many && r->resampled->obstacle[a])
        *d = (struct leadseq_difference){d->difference, NAN, NAN, p->permuted[k], report_rough};
    return 0;
}

/* Once the two were exchanged. */
static int measure_pair(const struct report *r, struct report_pair *p)
{
    for (size_t k = 0; k < LEADSEQ_METRICS; k++)
        if (measure_metric(r, p, k)) return -1;
    if (!isnan(p->a->threshold) && !isnan(p->b->threshold)) count_right(r, p);
    const char *flaw = p->a->flaw ? p->a->flaw : p->b->flaw;
    if (flaw) clear_by_flaw(p, flaw);
    return 0;
}

int report_pairs_correct(struct report *r)
{
    if (!r->n_pairs) return 0;
    double *p = leadseq_calloc(r->n_pairs, sizeof *p);
    if (!p) return -1;
    int status = 0;
    for (int k = 0; !status && k < LEADSEQ_METRICS; k++) {
        for (size_t i = 0; i < r->n_pairs; i++) p[i] = r->pair[i].metric[k].p;
        status = leadseq_holm(p, p, r->n_pairs);
        for (size_t i = 0; i < r->n_pairs; i++) r->pair[i].holm[k] = p[i];
    }
    free(p);
    return status;
}

int report_pairs_make(struct report *r)
{
    const struct leadseq_difference none = {NAN, NAN, NAN, NAN, missing};
    if (r->n_inputs < 2) return 0; /* one beside published results */
    r->pair = leadseq_calloc(r->n_inputs * (r->n_inputs - 1) / 2, sizeof *r->pair);
    if (!r->pair) return -1;
    for (size_t a = 0; a < r->n_inputs; a++)
        for (size_t b = a + 1; b < r->n_inputs; b++) {
            struct report_pair *pair = &r->pair[r->n_pairs++];
            pair->a = &r->model[a];
            pair->b = &r->model[b];
            for (int k = 0; k < LEADSEQ_METRICS; k++) {
                pair->macro[k] = pair->metric[k] = pair->resampled[k] = none;
                pair->macro_resampled[k] = none;
                pair->permuted[k] = NAN;
            }
        }
    return 0;
}

static int measure_pairs(struct report *r)
{
    for (size_t i = 0; i < r->n_pairs; i++)
        if (measure_pair(r, &r->pair[i]))
            return leadseq_fail_in("%s and %s", r->pair[i].a->name, r->pair[i].b->name);
    return report_pairs_correct(r);
}

int report_pairs_measure(struct report *r)
{
    const struct leadseq_bootstrap_options options = report_bootstrap_options(r);
    if (report_pairs_make(r)) return -1;
    for (size_t i = 0; i < r->n_pairs; i++) {
        struct report_pair *p = &r->pair[i];
        if (leadseq_permute_models(p->permuted, &p->a->scored, &p->b->scored, &options)) return -1;
    }
    return measure_pairs(r);
}

/* --- Several outputs ---------------------------------------------------------------------- */

/* Pair i of every output, exchanged together. */
static int exchange_outputs(struct report *r, size_t i)
{
    const struct leadseq_bootstrap_options options = report_bootstrap_options(r);
    const size_t n = r->n_outputs;
    const struct leadseq_scored **scored = leadseq_calloc(2 * n, sizeof *scored);
    double *p = leadseq_calloc(n + 1, LEADSEQ_METRICS * sizeof *p);
    int status = scored && p ? 0 : -1;
    for (size_t q = 0; !status && q < n; q++) {
        scored[q] = &r->output[q].pair[i].a->scored;
        scored[n + q] = &r->output[q].pair[i].b->scored;
    }
    if (!status) status = leadseq_permute_outputs(p, scored, scored + n, n, &options);
    for (size_t q = 0; !status && q <= n; q++)
        memcpy(q < n ? r->output[q].pair[i].permuted : r->pair[i].permuted, p + q * LEADSEQ_METRICS,
               LEADSEQ_METRICS * sizeof *p);
    free(scored);
    free(p);
    return status;
}

int report_pairs_measure_outputs(struct report *r)
{
    if (report_pairs_make(r)) return -1;
    for (size_t q = 0; q < r->n_outputs; q++)
        if (report_pairs_make(&r->output[q])) return -1;
    for (size_t i = 0; i < r->n_pairs; i++)
        if (exchange_outputs(r, i)) return -1;
    for (size_t q = 0; q < r->n_outputs; q++)
        if (measure_pairs(&r->output[q])) return leadseq_fail_in("%s", r->output[q].question);
    return 0;
}
