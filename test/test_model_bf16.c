/* SPDX-License-Identifier: MIT
 *
 * Whole models in bfloat16: against the CNN in double precision with the same
 * roundings, and against float32. */
#include "gradient.h"
#include "trial_reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Those that can be tested here; emulation always. */
static int precisions(enum leadseq_precision found[2])
{
    int n = 0;
    found[n++] = LEADSEQ_BF16_EMULATED;
    if (leadseq_bf16_is_native()) found[n++] = LEADSEQ_BF16;
    return n;
}

/* CNNs and residual networks: their roundings are in the reference. */
static bool is_cnn(int i)
{
    return variants[i].spec.type == leadseq_model_type_find("cnn") ||
           variants[i].spec.type == leadseq_model_type_find("resnet");
}

static double error_of(int i, enum leadseq_precision precision, char where[96])
{
    struct judged j;
    judged_open(&j, &variants[i],
                &(struct leadseq_engine_options){.threads = 2, .precision = precision}, false);
    j.net.rounds = true;
    const double error = check_reference(&j.subject, where);
    judged_close(&j);
    return error;
}

/* Where float32 and double lie on opposite sides of a tie, the rounded values differ by one ulp,
 * 2^-7 of the value. That is rare, so the bound allows for a few such differences. */
Test(model_bf16, a_cnn_and_its_gradient_equal_double_precision_with_the_same_roundings)
{
    int models = 0, same = 0;
    enum leadseq_precision found[2];
    for (int p = precisions(found); p--;)
        for (int i = 0; i < n_variants; i++) {
            if (!is_cnn(i) || trial_is_deep(&variants[i])) continue;
            char where[96];
            const double error = error_of(i, found[p], where);
            cr_expect_lt(error, 0x1p-6, "variant %d, %s: %g", i, where, error);
            models++;
            same += error < 1e-4;
        }
    cr_expect_geq(4 * same, 3 * models, "%d of %d are the same", same, models);
}

/* A deep network multiplies such a difference, so that of several networks one has to be without,
 * in emulation, and with few, where sums are the processor's. */
Test(model_bf16, so_do_some_of_several_deep_networks)
{
    enum leadseq_precision found[2];
    const uint64_t begun = trial_seed;
    for (int p = precisions(found); p--;)
        for (int i = 0; i < n_variants; i++) {
            if (!is_cnn(i) || !trial_is_deep(&variants[i])) continue;
            char where[96];
            const double bound = found[p] == LEADSEQ_BF16 ? 0x1p-6 : 1e-4;
            double least = INFINITY;
            for (uint64_t k = 0; k < 16 && least > bound; k++) {
                trial_seed = begun + k;
                least = fmin(least, error_of(i, found[p], where));
            }
            cr_expect_lt(least, bound, "variant %d, %s: %g", i, where, least);
        }
    trial_seed = begun;
}

static void run_model(struct trial *t, const struct variant *v, enum leadseq_precision precision)
{
    trial_open_in(t, v, v->batch, v->batch, precision);
    trial_forward(t, LEADSEQ_TRAINING);
    trial_backward(t);
}

static double cosine(const float *a, const float *b, size_t n)
{
    return check_dot(a, b, n) / sqrt(check_dot(a, a, n) * check_dot(b, b, n));
}

/* What rounding may do: 8 u = 2^-5 of logits. Maxima and ReLU decide otherwise where values are
 * nearer than u, so of gradients the direction is held. Where the roundings of double precision
 * alone do more than half of that, as in deep networks with norms, twice as much as they do. */
struct bounds {
    double logits, same;
};

static struct bounds bounds_of(const struct variant *v, bool training)
{
    struct bounds bounds = {0x1p-5, 0.95};
    struct judged j;
    if (!judged_can(v)) return bounds;
    judged_open(&j, v, &(struct leadseq_engine_options){.threads = 2}, false);
    if (!training) j.subject.state = leadseq_model_state(j.trial.model)->value;
    const struct check_rounding alone = check_rounding(&j.subject, training);
    judged_close(&j);
    bounds.logits = fmax(bounds.logits, 2 * alone.y);
    bounds.same = fmin(bounds.same, 1 - 2 * (1 - alone.same));
    return bounds;
}

static void expect_near(struct trial *a, struct trial *b, int i, bool training)
{
    const struct bounds most = bounds_of(&variants[i], training);
    double *exact = ref_widen(b->logits, (size_t)b->n);
    double error = ref_difference(a->logits, exact, (size_t)b->n);
    cr_expect_lt(error, most.logits, "variant %d: logits %g, at most %g", i, error, most.logits);
    free(exact);
    if (!training) return;
    double same = cosine(a->params->gradient, b->params->gradient, b->params->count);
    cr_expect_gt(same, most.same, "variant %d: gradient %g, at least %g", i, same, most.same);
}

Test(model_bf16, every_kind_of_model_stays_near_float32)
{
    enum leadseq_precision found[2];
    for (int p = precisions(found); p--;)
        for (int i = 0; i < n_variants; i++) {
            struct trial a, b;
            run_model(&a, &variants[i], found[p]);
            run_model(&b, &variants[i], LEADSEQ_F32);
            expect_near(&a, &b, i, true);
            trial_forward(&a, LEADSEQ_EVALUATE), trial_forward(&b, LEADSEQ_EVALUATE);
            expect_near(&a, &b, i, false);
            trial_close(&a), trial_close(&b);
        }
}

Test(model_bf16, the_same_seed_gives_the_same_bits)
{
    enum leadseq_precision found[2];
    for (int p = precisions(found); p--;)
        for (int i = 0; i < n_variants; i++) {
            struct trial a, b;
            run_model(&a, &variants[i], found[p]);
            run_model(&b, &variants[i], found[p]);
            cr_expect_arr_eq(a.logits, b.logits, (size_t)a.n * sizeof *a.logits);
            cr_expect_arr_eq(a.params->gradient, b.params->gradient,
                             a.params->count * sizeof *a.params->gradient);
            trial_close(&a), trial_close(&b);
        }
}

/* The records of (steps, n, image) beside the first do not matter to it. */
Test(model_bf16, in_evaluation_a_record_has_the_same_bits_alone_and_in_a_batch)
{
    enum leadseq_precision found[2];
    for (int p = precisions(found); p--;)
        for (int i = 0; i < n_variants; i++) {
            struct trial t;
            trial_open_in(&t, &variants[i], 3, 3, found[p]);
            trial_forward(&t, LEADSEQ_EVALUATE);
            bool sequence = leadseq_model_is_sequence(t.model);
            size_t steps = sequence ? (size_t)variants[i].spec.leads : 1, image = t.record / steps;
            float *one = malloc(t.record * sizeof *one), alone;
            for (size_t s = 0; s < steps; s++)
                memcpy(one + s * image, t.images + s * 3 * image, image * sizeof *one);
            cr_assert_eq(leadseq_model_forward(t.model, LEADSEQ_EVALUATE, 0, 1, one, &alone), 0);
            cr_expect_eq(alone, t.logits[0], "variant %d: %.9g, %.9g", i, alone, t.logits[0]);
            free(one);
            trial_close(&t);
        }
}
