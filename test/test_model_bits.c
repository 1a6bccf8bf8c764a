/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* --- Bits ------------------------------------------------------------------------------ */

Test(model, the_same_seed_gives_the_same_bits)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct trial a, b;
        trial_open(&a, &variants[i], variants[i].batch, variants[i].batch);
        trial_open(&b, &variants[i], variants[i].batch, variants[i].batch);
        trial_forward(&a, LEADSEQ_TRAINING), trial_backward(&a);
        trial_forward(&b, LEADSEQ_TRAINING), trial_backward(&b);
        size_t bytes = a.params->count * sizeof(float);
        cr_expect_eq(memcmp(a.logits, b.logits, a.n * sizeof(float)), 0, "variant %zu", i);
        cr_expect_eq(memcmp(a.params->gradient, b.params->gradient, bytes), 0, "variant %zu", i);
        trial_close(&a);
        trial_close(&b);
    }
}

/* Record k of (steps, n, image) alone. */
static void take_record(const struct trial *t, const struct variant *v, int k, float *one)
{
    size_t steps = v->spec.type->input == LEADSEQ_INPUT_SEQUENCE ? v->spec.leads : 1,
           image = t->record / steps;
    for (size_t s = 0; s < steps; s++)
        memcpy(one + s * image, t->images + (s * t->n + k) * image, image * sizeof *one);
}

Test(model, in_evaluation_a_record_has_the_same_bits_alone_and_in_any_batch)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct trial t;
        trial_open(&t, &variants[i], 5, 5);
        trial_forward(&t, LEADSEQ_TRAINING); /* moves the running statistics */
        trial_forward(&t, LEADSEQ_EVALUATE);
        float *one = malloc(t.record * sizeof *one);
        for (int k = 0; k < 5; k++) {
            float alone;
            take_record(&t, &variants[i], k, one);
            cr_assert_eq(leadseq_model_forward(t.model, LEADSEQ_EVALUATE, 0, 1, one, &alone), 0);
            cr_expect_eq(alone, t.logits[k], "variant %zu, record %d: %.9g and %.9g", i, k, alone,
                         t.logits[k]);
        }
        free(one);
        trial_close(&t);
    }
}

Test(model, a_smaller_last_batch_trains_as_in_a_model_of_that_size)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        if (variants[i].batch < 2) continue;
        int n = variants[i].batch - 1;
        struct trial large, small;
        trial_open(&large, &variants[i], variants[i].batch, variants[i].batch);
        trial_open(&small, &variants[i], n, n);
        trial_forward(&large, LEADSEQ_TRAINING), trial_backward(&large);
        memcpy(leadseq_model_state(large.model)->value, leadseq_model_state(small.model)->value,
               leadseq_model_state(small.model)->count * sizeof(float));
        large.n = n;
        memcpy(large.images, small.images, small.record * n * sizeof(float));
        memcpy(large.dlogits, small.dlogits, n * sizeof(float));
        trial_forward(&large, LEADSEQ_TRAINING), trial_backward(&large);
        trial_forward(&small, LEADSEQ_TRAINING), trial_backward(&small);
        cr_expect_eq(memcmp(large.logits, small.logits, n * sizeof(float)), 0, "variant %zu", i);
        cr_expect_eq(memcmp(large.params->gradient, small.params->gradient,
                            small.params->count * sizeof(float)),
                     0, "variant %zu", i);
        trial_close(&large);
        trial_close(&small);
    }
}

Test(model, evaluating_between_forward_and_backward_changes_nothing)
{
    struct trial a, b;
    trial_open(&a, &variants[3], 2, 2);
    trial_open(&b, &variants[3], 2, 2);
    trial_forward(&a, LEADSEQ_TRAINING), trial_backward(&a);
    trial_forward(&b, LEADSEQ_TRAINING);
    trial_forward(&b, LEADSEQ_EVALUATE);
    trial_backward(&b);
    cr_assert_eq(memcmp(a.params->gradient, b.params->gradient, a.params->count * sizeof(float)),
                 0);
    trial_close(&a);
    trial_close(&b);
}
