/* SPDX-License-Identifier: MIT */
#include "gradient.h"
#include "trial_reference.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rows of trial.c are chosen so that float32's differences mean something; of samples, only
 * those are checked in this way whose layers have no reference in double precision. */
static bool is_for_differences(size_t i)
{
    return i < (size_t)n_rows || !judged_can(&variants[i]);
}

/* --- Gradients ---------------------------------------------------------------------- */

static double loss_of(void *user)
{
    struct trial *t = user;
    trial_forward(t, LEADSEQ_TRAINING);
    return check_dot(t->logits, t->dlogits, t->n);
}

static struct check_function function_of(struct trial *t, double step)
{
    return (struct check_function){loss_of,          t,   t->params->value, t->params->gradient,
                                   t->params->count, step};
}

/* ReLU and maximum over windows bend the loss at thousands of places, so that
 * the error falls with h and not with its square; without them larger steps
 * keep float32's rounding away. */
static bool bends(const struct variant *v)
{
    return trial_bends(v);
}

/* h spreads little, so that the norm before the head divides by little. */
static bool curves(const struct variant *v)
{
    return leadseq_model_spec_is(&v->spec, "model.head_norm", "true");
}

/* A norm in the cell divides the sums of every lead by their deviation, a few hundredths. */
static bool is_steep(const struct variant *v)
{
    return leadseq_model_spec_is(&v->spec, "model.cell_norm", "layer");
}

Test(model, one_random_direction_agrees_for_every_kind_of_model)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct trial t;
        if (!is_for_differences(i)) continue;
        trial_open(&t, &variants[i], variants[i].batch, variants[i].batch);
        trial_forward(&t, LEADSEQ_TRAINING);
        trial_backward(&t);
        struct check_function f = function_of(&t, bends(&variants[i])      ? 4e-5
                                                  : is_steep(&variants[i]) ? 1e-4
                                                                           : 2.5e-3);
        double bound = bends(&variants[i])                              ? 5e-2
                       : is_steep(&variants[i]) || curves(&variants[i]) ? 5e-3
                                                                        : 1e-3;
        for (uint64_t seed = 1; seed <= 3; seed++) {
            double error = check_direction(&f, seed);
            cr_expect_lt(error, bound, "variant %zu, direction %d: %g", i, (int)seed, error);
        }
        trial_close(&t);
    }
}

Test(model, central_differences_agree_for_every_kind_of_model)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct trial t;
        if (!is_for_differences(i)) continue;
        trial_open(&t, &variants[i], variants[i].batch, variants[i].batch);
        trial_forward(&t, LEADSEQ_TRAINING);
        trial_backward(&t);
        struct check_function f = function_of(&t, bends(&variants[i])      ? 1.5e-4
                                                  : is_steep(&variants[i]) ? 1e-3
                                                                           : 5e-3);
        double error = check_differences(&f, 30);
        double bound =
            bends(&variants[i]) || curves(&variants[i]) || is_steep(&variants[i]) ? 3e-3 : 5e-4;
        cr_expect_lt(error, bound, "variant %zu: %g", i, error);
        trial_close(&t);
    }
}

Test(model, one_random_direction_agrees_at_the_papers_size)
{
    if (leadseq_available_bytes() < (size_t)4 << 30) cr_skip_test("needs 4 GB of memory");
    struct variant paper = {.batch = 1};
    leadseq_model_spec_default(&paper.spec, leadseq_model_type_find("convlstm"));
    paper.spec.leads = 12, paper.spec.channels = 1, paper.spec.height = paper.spec.width = 512;
    struct trial t;
    trial_open(&t, &paper, 1, 1);
    trial_forward(&t, LEADSEQ_TRAINING);
    trial_backward(&t);
    struct check_function f = function_of(&t, 1e-3);
    double error = check_direction(&f, 1);
    cr_assert_lt(error, 2e-3, "%g", error);
    trial_close(&t);
}

Test(model, backward_adds_to_the_gradients)
{
    struct trial t;
    trial_open(&t, &variants[4], 2, 2);
    trial_forward(&t, LEADSEQ_TRAINING);
    trial_backward(&t);
    float *once = malloc(t.params->count * sizeof *once);
    memcpy(once, t.params->gradient, t.params->count * sizeof *once);
    trial_forward(&t, LEADSEQ_TRAINING);
    cr_assert_eq(leadseq_model_backward(t.model, t.dlogits), 0);
    for (size_t i = 0; i < t.params->count; i++)
        cr_assert_float_eq(t.params->gradient[i], 2 * once[i], 1e-5 * fabsf(once[i]) + 1e-7);
    free(once);
    trial_close(&t);
}
