/* SPDX-License-Identifier: MIT
 *
 * What a result must not depend on: the other records of a batch, a record's place
 * among them, the number of threads. Bits of evaluation: test_model_bits.c. */
#include "crowd.h"
#include "trial.h"

#include "nn/nn_private.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Largest difference over the largest value of each slice, or a thousandth of the largest of
 * all where a slice's are smaller. */
static double difference(const struct leadseq_params *p, const float *a, const float *b)
{
    double worst = 0, all = 1e-30;
    for (size_t i = 0; i < p->count; i++) all = fmax(all, fabs((double)b[i]));
    for (size_t s = 0; s < p->n_slices; s++) {
        double apart = 0, scale = 1e-3 * all;
        for (size_t i = p->slice[s].offset; i < p->slice[s].offset + p->slice[s].count; i++) {
            apart = fmax(apart, fabs((double)a[i] - (double)b[i]));
            scale = fmax(scale, fabs((double)b[i]));
        }
        worst = fmax(worst, apart / scale);
    }
    return worst;
}

/* --- Threads ------------------------------------------------------------------------------ */

struct pass {
    float *logits, *gradient;
};

static struct pass pass_on(const struct variant *v, int threads, enum leadseq_precision precision,
                           struct trial *t)
{
    trial_open_with(t, v, v->batch, v->batch,
                    &(struct leadseq_engine_options){.threads = threads, .precision = precision});
    trial_forward(t, LEADSEQ_TRAINING), trial_backward(t);
    struct pass p = {malloc((size_t)t->n * sizeof *p.logits),
                     malloc(t->params->count * sizeof *p.gradient)};
    cr_assert(p.logits && p.gradient);
    memcpy(p.logits, t->logits, (size_t)t->n * sizeof *p.logits);
    memcpy(p.gradient, t->params->gradient, t->params->count * sizeof *p.gradient);
    return p;
}

static void expect_same_bits(size_t i, enum leadseq_precision precision)
{
    struct trial a, b;
    const struct pass one = pass_on(&variants[i], 1, precision, &a);
    for (size_t k = 0; k < LEADSEQ_COUNT(crowds); k++) {
        const int threads = crowds[k];
        const struct pass more = pass_on(&variants[i], threads, precision, &b);
        cr_expect_arr_eq(one.logits, more.logits, (size_t)a.n * sizeof *one.logits,
                         "variant %zu, %d threads", i, threads);
        for (size_t s = 0; s < a.params->n_slices; s++) {
            const struct leadseq_slice *slice = &a.params->slice[s];
            cr_expect_arr_eq(one.gradient + slice->offset, more.gradient + slice->offset,
                             slice->count * sizeof *one.gradient, "variant %zu, %d threads: %s", i,
                             threads, slice->name);
        }
        free(more.logits), free(more.gradient);
        trial_close(&b);
    }
    free(one.logits), free(one.gradient);
    trial_close(&a);
}

/* Pieces of all sums follow from the shape and are added in their order. */
Test(model_invariance, the_number_of_threads_changes_no_bit)
{
    for (size_t i = 0; i < VARIANTS; i++) expect_same_bits(i, LEADSEQ_F32);
}

Test(model_invariance, nor_does_it_in_bf16)
{
    for (size_t i = 0; i < VARIANTS; i++) expect_same_bits(i, LEADSEQ_BF16_EMULATED);
}

/* --- The batch ------------------------------------------------------------------------------- */

/* Batch norm in training is meant to see the whole batch; dropout draws by place. */
static bool records_are_alone(const struct leadseq_model_spec *s)
{
    return s->type->input == LEADSEQ_INPUT_SEQUENCE && !leadseq_model_spec_has_norm(s) &&
           leadseq_model_spec_is(s, "model.dropout", "0");
}

/* Record `from` of a sequence (T, n, image) to place `to` of one of m records. */
static void place(const struct variant *v, const float *x, int n, int from, float *y, int m, int to)
{
    size_t image = (size_t)v->spec.channels * (size_t)v->spec.height * (size_t)v->spec.width;
    for (size_t t = 0; t < (size_t)v->spec.leads; t++)
        memcpy(y + (t * (size_t)m + (size_t)to) * image, x + (t * (size_t)n + (size_t)from) * image,
               image * sizeof *y);
}

Test(model_invariance, in_training_a_record_has_the_same_logit_alone_first_and_last)
{
    enum { N = 3 };
    int checked = 0;
    for (size_t i = 0; i < VARIANTS; i++) {
        if (!records_are_alone(&variants[i].spec)) continue;
        struct trial all;
        trial_open(&all, &variants[i], N, N);
        float *images = malloc(all.record * N * sizeof *images), logits[N];
        float *turned = malloc(all.record * N * sizeof *turned);
        memcpy(images, all.images, all.record * N * sizeof *images);
        trial_forward(&all, LEADSEQ_TRAINING);
        memcpy(logits, all.logits, sizeof logits);
        for (int n = 0; n < N; n++) place(&variants[i], images, N, n, turned, N, N - 1 - n);
        memcpy(all.images, turned, all.record * N * sizeof *turned);
        trial_forward(&all, LEADSEQ_TRAINING);
        for (int n = 0; n < N; n++) {
            float alone;
            cr_expect_float_eq(all.logits[N - 1 - n], logits[n], 1e-6 * (1 + fabsf(logits[n])),
                               "variant %zu, record %d in another place", i, n);
            place(&variants[i], images, N, n, turned, 1, 0);
            cr_assert_eq(leadseq_model_forward(all.model, LEADSEQ_TRAINING, 0, 1, turned, &alone),
                         0, "%s", leadseq_error());
            cr_expect_float_eq(alone, logits[n], 1e-6 * (1 + fabsf(logits[n])),
                               "variant %zu, record %d alone", i, n);
        }
        checked++;
        free(images), free(turned);
        trial_close(&all);
    }
    cr_assert_gt(checked, 5);
}

Test(model_invariance, a_batchs_gradient_is_the_sum_of_its_records)
{
    enum { N = 3 };
    for (size_t i = 0; i < VARIANTS; i++) {
        if (!records_are_alone(&variants[i].spec)) continue;
        struct trial all, one;
        trial_open(&all, &variants[i], N, N);
        trial_open(&one, &variants[i], 1, 1);
        trial_forward(&all, LEADSEQ_TRAINING), trial_backward(&all);
        memset(one.params->gradient, 0, one.params->count * sizeof *one.params->gradient);
        for (int n = 0; n < N; n++) { /* backward adds */
            place(&variants[i], all.images, N, n, one.images, 1, 0);
            trial_forward(&one, LEADSEQ_TRAINING);
            cr_assert_eq(leadseq_model_backward(one.model, &all.dlogits[n]), 0);
        }
        double apart = difference(all.params, all.params->gradient, one.params->gradient);
        cr_expect_lt(apart, 2e-5, "variant %zu: %g", i, apart);
        trial_close(&all), trial_close(&one);
    }
}
