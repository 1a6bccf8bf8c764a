/* SPDX-License-Identifier: MIT
 *
 * Whole models of every kind against the same networks in double precision:
 * ConvLSTM with each head, stems, pooling over time, several layers; CNN. */
#include "trial_reference.h"

#include <criterion/criterion.h>

static const struct leadseq_engine_options two_threads = {.threads = 2};

static bool bends(const struct variant *v)
{
    return trial_bends(v) || leadseq_model_spec_is(&v->spec, "model.head", "max") ||
           leadseq_model_spec_is(&v->spec, "model.head", "mean-max");
}

static const struct way {
    const char *name;
    struct leadseq_engine_options engine;
    bool compose;
    double bound;
} ways[] = {
    {"own kernels", {.threads = 2}, false, 1e-4},
    {"low memory", {.threads = 3, .memory = LEADSEQ_MEMORY_LOW}, false, 1e-4},
    {"high memory", {.threads = 1, .memory = LEADSEQ_MEMORY_HIGH}, false, 1e-4},
    {"composed of plain layers", {.threads = 2}, true, 1e-4},
};

Test(model_reference, logits_and_every_gradient_equal_double_precision_in_every_way)
{
    for (size_t i = 0; i < VARIANTS * LEADSEQ_COUNT(ways); i++) {
        const struct way *way = &ways[i / VARIANTS];
        struct judged j;
        if (!judged_can(&variants[i % VARIANTS])) continue;
        char where[96];
        judged_open(&j, &variants[i % VARIANTS], &way->engine, way->compose);
        double error = check_reference(&j.subject, where);
        cr_expect_lt(error, way->bound, "variant %zu, %s, %s: %g", i % VARIANTS, way->name, where,
                     error);
        judged_close(&j);
    }
}

/* The layers of the built-in types all have a reference, in both ways of finding it. */
Test(model_reference, no_type_of_the_table_is_left_out_in_silence)
{
    for (int i = 0; i < n_variants; i++)
        if (!judged_can(&variants[i]))
            fprintf(stderr, "# %s: a layer has no reference in double precision\n",
                    variants[i].spec.type->name);
    cr_assert(judged_can(&variants[0]) && judged_can(&variants[8]));
}

/* Five logits of a record, as a task with five outputs has. */
Test(model_reference, several_outputs_equal_double_precision)
{
    static const int chosen[] = {0, 3, 10, 23};
    for (size_t i = 0; i < LEADSEQ_COUNT(chosen); i++) {
        struct variant v = variants[chosen[i]];
        struct judged j;
        char where[96];
        v.spec.outputs = 5;
        judged_open(&j, &v, &two_threads, false);
        cr_assert_eq(j.trial.params->slice[j.trial.params->n_slices - 1].count, 5);
        double error = check_reference(&j.subject, where);
        cr_expect_lt(error, 1e-4, "variant %d, %s: %g", chosen[i], where, error);
        judged_close(&j);
    }
}

Test(model_reference, backward_is_the_adjoint_of_the_derivative_of_forward)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct judged j;
        if (!judged_can(&variants[i])) continue;
        judged_open(&j, &variants[i], &two_threads, false);
        for (uint64_t seed = 1; seed <= 3; seed++) {
            double error = check_adjoint_map(&j.subject, seed);
            cr_expect_lt(error, 1e-4, "variant %zu, direction %d: %g", i, (int)seed, error);
        }
        judged_close(&j);
    }
}

/* Of models without bends, in which the remainder is Taylor's second term. */
Test(model_reference, taylors_remainder_falls_with_the_square_of_the_step)
{
    int checked = 0;
    for (size_t i = 0; i < VARIANTS; i++) {
        if (bends(&variants[i]) || !judged_can(&variants[i])) continue;
        struct judged j;
        judged_open(&j, &variants[i], &two_threads, false);
        struct check_remainder r = check_taylor(&j.subject, 0.02, 5);
        if (r.at_h > 3e-3) {
            checked++;
            cr_expect_gt(r.fall, 3, "variant %zu: %g to %g falls by %g", i, r.at_h, r.at_half,
                         r.fall);
        }
        judged_close(&j);
    }
    cr_assert_gt(checked, 3, "%d", checked);
}
