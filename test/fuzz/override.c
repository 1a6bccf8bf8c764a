/* SPDX-License-Identifier: MIT
 *
 * Lines KEY=VALUE: a value that is refused changes nothing; one that is accepted prints to a text
 * that sets it again; texts that are the same value are accepted alike. */
#include "fuzz.h"

#include "experiment/experiment.h"

static struct leadseq_experiment e, before, again;

static void check_value(const char *assignment)
{
    char key[128];
    size_t n = strcspn(assignment, "=");
    if (n >= sizeof key) n = sizeof key - 1;
    snprintf(key, sizeof key, "%.*s", (int)n, assignment);
    char *value = leadseq_experiment_value(&e, key);
    fuzz_require(value, "%s was set and has no value", key);
    if (strcmp(value, "none")) {
        again = e;
        fuzz_require(!leadseq_experiment_set(&again, key, value), "%s: printed as %s", key, value);
        char *copy = leadseq_experiment_value(&again, key);
        fuzz_require(copy && !strcmp(copy, value), "%s: %s became %s", key, value, copy);
        free(copy);
        const struct leadseq_option *o = leadseq_experiment_option(&e, key, NULL);
        fuzz_require(o && leadseq_option_accepts(o, value) &&
                         leadseq_option_equal(o, value, strchr(assignment, '=') + 1),
                     "%s: %s is not %s", key, value, assignment);
    }
    free(value);
}

static void run(const uint8_t *data, size_t size)
{
    struct fuzz_bytes in = {data, size};
    char line[512];
    leadseq_experiment_default(&e);
    for (int i = 0; i < 12 && in.left; i++) {
        fuzz_line(&in, line, sizeof line);
        before = e;
        if (!leadseq_experiment_override(&e, line)) {
            check_value(line);
        } else {
            fuzz_refused();
            fuzz_require(!memcmp(&e, &before, sizeof e), "'%s' was refused, and changed something",
                         line);
        }
    }
    leadseq_error_clear();
    if (leadseq_experiment_check(&e)) fuzz_refused();
}

static void seeds(void)
{
    fuzz_seed_text("model.type=cnn\nmodel.hidden=[4, 8]\ntrain.lr=1e-3\nseed=18446744073709551615");
    fuzz_seed_text("data.train=[1,2,3]\ndata.leads=II,V1\ndata.share=[.5, .3, .2]\n"
                   "train.betas=[0.9, 0.999]\ntrain.schedule=cosine");
    fuzz_seed_text("train.positive_weight=2.5\ndata.task=superclass\ntrain.loss=bce-logits");
    fuzz_seed_text("train.lr=\ntrain.lr==1\n=1\ntrain.lr=nan\ntrain.epochs=1e3");
    // each option at its default
    for (size_t i = 0; i < leadseq_option_count(); i++) {
        const char *key = leadseq_option_key(i);
        leadseq_experiment_default(&e);
        const struct leadseq_option *o = leadseq_option_any(&e, key);
        char *line = leadseq_format("%s=%s", key, o && o->standard ? o->standard : "1");
        fuzz_seed_text(line);
        free(line);
    }
}

const struct fuzz_harness fuzz_override = {"override", "options, KEY=VALUE", run, seeds};
