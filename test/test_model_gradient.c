/* SPDX-License-Identifier: MIT */
#include "gradient.h"
#include "trial.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

Test(model, one_random_direction_agrees_for_every_kind_of_model)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct trial t;
        trial_open(&t, &variants[i], variants[i].batch, variants[i].batch);
        trial_forward(&t, LEADSEQ_TRAINING);
        trial_backward(&t);
        struct check_function f = function_of(&t, 2e-3);
        for (uint64_t seed = 1; seed <= 3; seed++)
            cr_expect_lt(check_direction(&f, seed), 2e-2, "variant %zu, direction %d: %g", i,
                         (int)seed, check_direction(&f, seed));
        trial_close(&t);
    }
}

Test(model, central_differences_agree_for_every_kind_of_model)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct trial t;
        trial_open(&t, &variants[i], variants[i].batch, variants[i].batch);
        trial_forward(&t, LEADSEQ_TRAINING);
        trial_backward(&t);
        struct check_function f = function_of(&t, 4e-3);
        double worst = check_differences(&f, 150);
        cr_expect_lt(worst, 2e-2, "variant %zu: %g", i, worst);
        trial_close(&t);
    }
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
