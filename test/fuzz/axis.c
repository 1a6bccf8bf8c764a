/* SPDX-License-Identifier: MIT
 *
 * Values of a sweep, KEY=VALUES: each is a value of the option, as it prints, and all differ. */
#include "fuzz.h"

#include "sweep/sweep_private.h"

static void check(const struct sweep_axis *axis)
{
    fuzz_require(axis->n >= 1 && axis->n <= 2 * LEADSEQ_SWEEP_JOBS_MOST, "%zu values", axis->n);
    size_t most = axis->n < 100 ? axis->n : 100;
    for (size_t i = 0; i < most; i++) {
        fuzz_require(leadseq_option_accepts(axis->option, axis->value[i]), "%s", axis->value[i]);
        char *normal = leadseq_option_normal(axis->option, axis->value[i]);
        fuzz_require(normal && !strcmp(normal, axis->value[i]), "%s prints as %s", axis->value[i],
                     normal);
        free(normal);
        for (size_t k = 0; k < i; k++)
            fuzz_require(strcmp(axis->value[i], axis->value[k]), "twice: %s", axis->value[i]);
    }
}

static void run(const uint8_t *data, size_t size)
{
    static struct leadseq_experiment e;
    static bool made;
    if (!made) leadseq_experiment_default(&e);
    made = true;
    char *text = fuzz_text(data, size), *equals = strchr(text, '=');
    if (equals) {
        *equals = '\0';
        const struct leadseq_option *o = leadseq_option_any(&e, text);
        struct sweep_axis axis;
        if (o && !sweep_axis_init(&axis, o, equals + 1)) {
            check(&axis);
            sweep_axis_clear(&axis);
        } else if (o) {
            fuzz_refused();
        }
    }
    free(text);
}

static void seeds(void)
{
    fuzz_seed_text("train.lr=1e-3,1e-4");
    fuzz_seed_text("seed=1..5");
    fuzz_seed_text("train.lr=1e-5..1e-2:log4");
    fuzz_seed_text("train.weight_decay=0..0.5:0.1");
    fuzz_seed_text("model.hidden=[4],[8, 16]");
    fuzz_seed_text("data.task=mi,superclass");
    fuzz_seed_text("train.betas=[0.9,0.99]");
    fuzz_seed_text("train.epochs=10..1:-3");
    fuzz_seed_text("train.lr=1..2:1e-300");
    fuzz_seed_text("data.standardise=true,false");
}

const struct fuzz_harness fuzz_axis = {"axis", "values and ranges of sweeps", run, seeds};
