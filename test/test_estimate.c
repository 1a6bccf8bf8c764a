/* SPDX-License-Identifier: MIT
 *
 * What a training is said to take against what it takes. */
#include "tiny_run.h"

#include <math.h>

/* Estimated over taken; NaN where either failed. */
static double ratio(const struct leadseq_experiment *e, const char *data, const char *run)
{
    struct leadseq_forecast f;
    cr_assert_eq(leadseq_train_estimate(e, data, 0, &f), 0, "%s", leadseq_error());
    cr_expect_gt(f.steps, 0);
    cr_expect_gt(f.bytes, 0);
    const double begun = leadseq_seconds();
    cr_assert_trains(e, data, in_folder(run), false);
    return f.seconds / (leadseq_seconds() - begun);
}

/* A machine that does other work may slow down between the two: one of four tries must do. */
Test(estimate, the_time_is_within_a_factor_of_two, .init = tiny_begin, .fini = remove_folder)
{
    const char *data = tiny_write("stack.h5", (struct tiny_stack){.n = 100});
    struct leadseq_experiment e = TINY("model.hidden", "[16, 32]", "train.epochs", "30");
    double r = NAN;
    for (int i = 0; i < 4 && !(r > 0.5 && r < 2); i++) {
        char run[16];
        snprintf(run, sizeof run, "run%d", i);
        r = ratio(&e, data, run);
    }
    cr_expect(r > 0.5 && r < 2, "estimated over taken: %g", r);
}

Test(estimate, twice_the_epochs_take_about_twice_the_time, .init = tiny_begin,
     .fini = remove_folder)
{
    const char *data = tiny_write("stack.h5", (struct tiny_stack){.n = 100});
    struct leadseq_experiment once = TINY("train.epochs", "1000"),
                              twice = TINY("train.epochs", "100000");
    struct leadseq_forecast a, b;
    cr_assert_eq(leadseq_train_estimate(&once, data, 0, &a), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_train_estimate(&twice, data, 0, &b), 0, "%s", leadseq_error());
    cr_expect_gt(b.seconds, 10 * a.seconds, "%g and %g s", a.seconds, b.seconds);
    cr_expect_eq(a.bytes, b.bytes);
}

Test(estimate, nothing_is_written_and_the_experiment_stays, .init = tiny_begin,
     .fini = remove_folder)
{
    const char *data = tiny_write("stack.h5", (struct tiny_stack){.n = 100});
    struct leadseq_experiment e = TINY("train.max_steps", "3"), before = e;
    struct leadseq_forecast f;
    cr_assert_eq(setenv("TMPDIR", folder, 1), 0);
    cr_assert_eq(leadseq_train_estimate(&e, data, 0, &f), 0, "%s", leadseq_error());
    cr_expect_eq(memcmp(&e, &before, sizeof e), 0);
    char command[128];
    snprintf(command, sizeof command, "test \"$(ls %s)\" = stack.h5", folder);
    cr_expect_eq(system(command), 0);
}

Test(estimate, an_absent_stack_is_refused, .init = tiny_begin, .fini = remove_folder)
{
    struct leadseq_experiment e = TINY("train.max_steps", "3");
    struct leadseq_forecast f;
    cr_expect_eq(leadseq_train_estimate(&e, in_folder("absent.h5"), 0, &f), -1);
    cr_assert_error_has("absent.h5");
}
