/* SPDX-License-Identifier: MIT */
#include "experiment/experiment.h"
#include "nn/nn_private.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct leadseq_experiment standard(void)
{
    struct leadseq_experiment e;
    leadseq_experiment_default(&e);
    return e;
}

/* The resolved file in fresh memory. */
static char *written(const struct leadseq_experiment *e)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    cr_assert_eq(leadseq_experiment_write(e, memory), 0);
    fclose(memory);
    return text;
}

struct refusal {
    const char *key, *value, *expected;
};

static const struct refusal refusals[] = {
    {"train.lrr", "1", "did you mean train.lr?"},
    {"lr", "1", "did you mean train.lr?"},
    {"train.learning_rate", "1", "did you mean train.lr?"},
    {"batch_size", "1", "did you mean train.batch?"},
    {"weight_decay", "1", "did you mean train.weight_decay?"},
    {"train.early_stopping", "1", "did you mean train.patience?"},
    {"train.foo", "1", "lists them all"},
    {"trian.epochs", "1", "did you mean train.epochs?"},
    {"model.hiden", "[10]", "did you mean model.hidden?"},
    {"data.standardize", "true", "did you mean data.standardise?"},
    {"", "1", "no such option"},
    {"something.entirely.different", "1", "lists them all"},
    {"train.lr", "fast", "expected a number above 0 and at most 100, found \"fast\""},
    {"train.lr", "0", "above 0"},
    {"train.lr", "-1", "above 0"},
    {"train.lr", "nan", "found \"nan\""},
    {"train.lr", "inf", "found \"inf\""},
    {"train.lr", "0x1p-3", "a number"},
    {"train.lr", "1e-3 ", "a number"},
    {"train.lr", "1e999", "a number"},
    {"train.lr", "", "found \"\""},
    {"train.epochs", "2.5", "a whole number from 1"},
    {"train.epochs", "0", "a whole number from 1"},
    {"train.batch", "1e10", "a whole number from 1 to 65536"},
    {"train.optimizer", "Adam", "sgd, adam or adamw"},
    {"train.precision", "bf17", "f32, bf16 or bf16-emulated"},
    {"train.memory", "little", "normal, low or high"},
    {"train.betas", "[0.9]", "two numbers"},
    {"train.betas", "[0.9, 1]", "two numbers"},
    {"data.augment", "flip", "none, heartnet or fastai2"},
    {"data.max_rotate", "90", "from 0 to 45"},
    {"data.max_zoom", "0.9", "from 1 to 4"},
    {"data.max_warp", "0.5", "from 0 to 0.4"},
    {"data.max_lighting", "1", "from 0 to 0.9"},
    {"data.p_affine", "1.5", "from 0 to 1"},
    {"train.sampler", "weighted", "shuffle or balanced"},
    {"train.schedule", "linear", "constant, step, cosine, one-cycle or one-cycle-fastai"},
    {"train.gamma", "0", "above 0"},
    {"train.step_size", "0", "from 1"},
    {"train.accumulate", "0", "from 1"},
    {"train.positive_weight", "0", "above 0"},
    {"train.positive_weight", "[1, -2]", "above 0"},
    {"train.positive_weight", "nan", "above 0"},
    {"train.label_smoothing", "1", "from 0 to 0.999"},
    {"train.label_smoothing", "-0.1", "from 0 to 0.999"},
    {"train.label_smoothing", "nan", "from 0 to 0.999"},
    {"data.crop", "-1", "from 0"},
    {"data.stride", "-1", "from 0"},
    {"seed", "-1", "from 0 to 18446744073709551615"},
    {"seed", "18446744073709551616", "from 0 to 18446744073709551615"},
    {"seed", "1.5", "a whole number"},
    {"name", "", "letters"},
    {"name", "../up", "letters"},
    {"name", "two words", "letters"},
    {"name", "sixty-four-characters-are-one-more-than-the-name-of-a-run-may-have", "1 to 63"},
    {"data.train", "[0]", "folds from 1 to 10"},
    {"data.train", "[11]", "folds from 1 to 10"},
    {"data.train", "[1, 1]", "folds from 1 to 10"},
    {"data.train", "[1, two]", "folds from 1 to 10"},
    {"data.train", "[1 2]", "folds from 1 to 10"},
    {"data.train", "[1,, 2]", "folds from 1 to 10"},
    {"data.train", "", "folds from 1 to 10"},
    {"data.train", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 1, 1, 1, 1, 1, 1]", "folds"},
    {"data.share", "[0.8, 0.2]", "three shares"},
    {"data.share", "[0.8, 0.2, 0.1]", "sum to at most 1"},
    {"data.leads", "[]", "lead names"},
    {"data.leads", "[I, I]", "different lead names"},
    {"data.leads", "[V7]", "lead names"},
    {"data.leads", "random", "ordered, shuffled"},
    {"data.size", "512", "WIDTHxHEIGHT"},
    {"data.size", "512x", "WIDTHxHEIGHT"},
    {"data.size", "0x512", "WIDTHxHEIGHT"},
    {"data.size", "512x512x3", "WIDTHxHEIGHT"},
    {"data.size", "-1x5", "WIDTHxHEIGHT"},
    {"data.size", "99999x99999", "WIDTHxHEIGHT"},
    {"data.invert", "yes", "true or false"},
    {"data.style", "dataset9", "dataset3 or clinical"},
    {"model.hidden", "[]", "1 to 8 channel counts"},
    {"model.hidden", "[0]", "1 to 8 channel counts"},
    {"model.hidden", "[1,1,1,1,1,1,1,1,1]", "1 to 8 channel counts"},
    {"model.hidden", "[10.5]", "1 to 8 channel counts"},
    {"model.kernel", "4", "an odd number from 1 to 63"},
    {"model.type", "rnn", "expected convlstm"},
    {"model.dropout", "1", "from 0 to 0.99"},
    {"diagnose.probes", "all", "none, economy, standard or full"},
    {"diagnose.groups", "logits", "output, head, flow"},
    {"diagnose.groups", "[head, head]", "output, head, flow"},
    {"diagnose.growth", "-1", "from 0"},
};

Test(experiment, bad_options_are_refused_with_what_was_expected_and_found)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];
        struct leadseq_experiment e = standard(), before = e;
        cr_assert_eq(leadseq_experiment_set(&e, r->key, r->value), -1, "%s = %s", r->key, r->value);
        cr_assert(strstr(leadseq_error(), r->expected), "%s", leadseq_error());
        cr_assert(!memcmp(&e, &before, sizeof e), "%s = %s", r->key, r->value);
    }
}

struct disagreement {
    const char *key, *value, *also, *other, *expected;
};

static const struct disagreement disagreements[] = {
    {"data.valid", "[8, 9]", NULL, NULL, "both have fold 8"},
    {"data.test", "[9]", NULL, NULL, "data.valid and data.test: both have fold 9"},
    {"data.train", "[]", NULL, NULL, "at least one fold"},
    {"data.split", "patient", "data.share", "[0, 0.5, 0.5]", "share above 0"},
    {"model.bias", "false", "model.forget_bias", "1", "needs model.bias: true"},
    {"train.positive_weight", "3", NULL, NULL, "needs train.loss: bce-logits"},
    {"data.max_rotate", "5", NULL, NULL, "data.augment none has no such option, heartnet and "},
    {"train.min_lr", "1", "train.schedule", "cosine", "at most train.lr"},
    {"train.min_lr", "1", "train.schedule", "step", "at most train.lr"},
    {"data.normalise", "data", "data.standardise", "true", "data.normalise: expected none"},
    {"data.input", "signals", NULL, NULL, "data.input: expected images, which model.type convlstm"},
    {"data.crop", "250", NULL, NULL,
     "data.crop: is for signals, and model.type convlstm reads images"},
    {"data.stride", "125", "data.input", "images", "data.stride: is for signals"},
    {"data.aggregate", "mean", NULL, NULL, "data.aggregate: is for signals"},
    {"data.aggregate", "mean", "model.type", "cnn1d", "no effect without data.crop"},
    {"data.standardise_by", "lead", NULL, NULL, "data.standardise_by: is for signals"},
};

Test(experiment, options_that_disagree_are_refused)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(disagreements); i++) {
        const struct disagreement *d = &disagreements[i];
        struct leadseq_experiment e = standard();
        cr_assert_eq(leadseq_experiment_set(&e, d->key, d->value), 0, "%s", leadseq_error());
        if (d->also) cr_assert_eq(leadseq_experiment_set(&e, d->also, d->other), 0);
        cr_assert_eq(leadseq_experiment_check(&e), -1, "%s = %s", d->key, d->value);
        cr_assert(strstr(leadseq_error(), d->expected), "%s", leadseq_error());
    }
}

Test(experiment, the_defaults_are_the_papers_rnn_and_agree)
{
    struct leadseq_experiment e = standard();
    cr_assert_eq(leadseq_experiment_check(&e), 0, "%s", leadseq_error());
    cr_assert_eq(e.seed, 1);
    cr_assert_eq(e.data.folds[LEADSEQ_TRAIN], 0x1fe);
    cr_assert_eq(e.data.folds[LEADSEQ_VALID], 1 << 9);
    cr_assert_eq(e.data.folds[LEADSEQ_TEST], 1 << 10);
    cr_assert_eq(e.data.n_leads, LEADSEQ_LEADS);
    cr_assert_str_eq(e.model.type->name, "convlstm");
    cr_assert(leadseq_experiment_says(&e, "model.hidden", "[10]"));
    cr_assert(leadseq_experiment_says(&e, "model.head", "flatten"));
    cr_assert_str_eq(leadseq_experiment_optim(&e).optimizer->name, "adam");
    cr_assert(leadseq_experiment_says(&e, "train.betas", "[0.9, 0.999]"));
    cr_assert_eq(e.train.batch, 2);
    cr_assert_eq(e.train.lr, 1e-3);
}

/* An experiment file, a model's specification and a layer draw the line at the same side. */
Test(experiment, the_largest_kernel_is_the_same_for_experiments_models_and_layers)
{
    for (int kernel = LEADSEQ_KERNEL_MAX; kernel <= LEADSEQ_KERNEL_MAX + 2; kernel += 2) {
        const bool may = kernel == LEADSEQ_KERNEL_MAX;
        struct leadseq_experiment e = standard();
        struct leadseq_params params = {0}, state = {0};
        struct nn_store store = {&params, &state};
        struct leadseq_model_spec spec;
        char text[16];
        snprintf(text, sizeof text, "%d", kernel);
        cr_expect_eq(leadseq_experiment_set(&e, "model.kernel", text) == 0, may, "experiment, %d",
                     kernel);
        leadseq_model_spec_default(&spec, leadseq_model_type_at(0));
        cr_expect_eq(leadseq_model_spec_set(&spec, "model.kernel", text) == 0, may, "model, %d",
                     kernel);
        struct nn_layer *layer = nn_convlstm_new(
            &store, "layer", (struct nn_shape){2, 1, 64, 64},
            &(struct nn_convlstm_options){.hidden = 1, .kernel = kernel, .bias = true});
        cr_expect_eq(layer != NULL, may, "layer, %d", kernel);
        nn_layer_free(layer);
        nn_params_clear(&params);
    }
}

Test(experiment, the_model_of_an_experiment_has_its_types_own_defaults)
{
    for (size_t type = 0; leadseq_model_type_at(type); type++) {
        struct leadseq_experiment e = standard();
        struct leadseq_model_spec spec;
        cr_assert_eq(leadseq_experiment_set(&e, "model.type", leadseq_model_type_name(type)), 0);
        leadseq_model_spec_default(&spec, leadseq_model_type_at(type));
        cr_assert(!memcmp(&e.model, &spec, sizeof spec), "%s", spec.type->name);
    }
}

Test(experiment, every_option_has_a_place_of_its_own_and_reads_what_it_prints)
{
    cr_assert_leq(leadseq_option_count(), LEADSEQ_OPTIONS_MOST);
    for (size_t i = 0; i < leadseq_option_count(); i++) {
        const char *key = leadseq_option_key(i);
        cr_assert_eq(leadseq_option_find(key), i, "%s appears twice", key);
        for (size_t type = 0; leadseq_model_type_at(type); type++) {
            struct leadseq_experiment e = standard();
            cr_assert_eq(leadseq_experiment_set(&e, "model.type", leadseq_model_type_name(type)),
                         0);
            if (!leadseq_experiment_option(&e, key, NULL)) continue;
            struct leadseq_experiment before = e;
            char *text = leadseq_experiment_value(&e, key);
            cr_assert_eq(leadseq_experiment_set(&e, key, text), 0, "%s", leadseq_error());
            memcpy(before.given, e.given, sizeof before.given);
            cr_assert(!memcmp(&e, &before, sizeof e), "%s: %s", key, text);
            free(text);
        }
    }
}

Test(experiment, defaults_that_depend_on_the_type_do_not_depend_on_the_order_of_keys)
{
    static const char *const order[2][2] = {{"model.type", "model.hidden"},
                                            {"model.hidden", "model.type"}};
    for (int i = 0; i < 2; i++) {
        struct leadseq_experiment e = standard();
        for (int k = 0; k < 2; k++) {
            const char *value = strstr(order[i][k], "type") ? "cnn" : "[7, 9]";
            cr_assert_eq(leadseq_experiment_set(&e, order[i][k], value), 0);
        }
        cr_assert(leadseq_experiment_says(&e, "model.hidden", "[7, 9]"));
        cr_assert(leadseq_experiment_says(&e, "model.head", "mean"));
    }
}

/* A cnn has no forget gate, whether it is chosen before the option is set or after. */
Test(experiment, an_option_of_another_type_is_refused_in_any_order_and_names_its_types)
{
    static const char *const order[2][4] = {{"model.type", "cnn", "model.forget_bias", "1"},
                                            {"model.forget_bias", "1", "model.type", "cnn"}};
    for (int i = 0; i < 2; i++) {
        struct leadseq_experiment e = standard();
        cr_assert_eq(leadseq_experiment_set(&e, order[i][0], order[i][1]), 0);
        cr_assert_eq(leadseq_experiment_set(&e, order[i][2], order[i][3]), 0);
        cr_assert_eq(leadseq_experiment_check(&e), -1);
        cr_assert(strstr(leadseq_error(), "model.forget_bias: model.type cnn has no such option"),
                  "%s", leadseq_error());
        cr_assert(strstr(leadseq_error(), "convlstm has"), "%s", leadseq_error());
        // a type chosen later that has it takes it
        cr_assert_eq(leadseq_experiment_set(&e, "model.type", "convlstm"), 0);
        cr_assert_eq(leadseq_experiment_check(&e), 0, "%s", leadseq_error());
        cr_assert(leadseq_experiment_says(&e, "model.forget_bias", "1"));
    }
}

/* Optimisers and schedules as model types: each has its options, in any order of keys. */
Test(experiment, options_of_another_optimizer_or_schedule_are_refused_and_name_their_types)
{
    static const struct {
        const char *chooser, *type, *key, *value, *expected, *other;
    } cases[] = {
        {"train.optimizer", "adamw", "train.momentum", "0.9",
         "train.momentum: train.optimizer adamw has no such option, sgd has", "sgd"},
        {"train.optimizer", "sgd", "train.betas", "[0.8, 0.9]",
         "sgd has no such option, adam and adamw have", "adamw"},
        {"train.schedule", "constant", "train.min_lr", "1e-05", "step and cosine have", "cosine"},
        {"train.schedule", "cosine", "train.cycle_momentum", "false", "one-cycle has", "one-cycle"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++)
        for (int first = 0; first < 2; first++) {
            struct leadseq_experiment e = standard();
            if (first) cr_assert_eq(leadseq_experiment_set(&e, cases[i].chooser, cases[i].type), 0);
            cr_assert_eq(leadseq_experiment_set(&e, cases[i].key, cases[i].value), 0, "%s",
                         leadseq_error());
            if (!first)
                cr_assert_eq(leadseq_experiment_set(&e, cases[i].chooser, cases[i].type), 0);
            cr_assert_eq(leadseq_experiment_check(&e), -1, "%s", cases[i].key);
            cr_assert(strstr(leadseq_error(), cases[i].expected), "%s", leadseq_error());
            struct leadseq_experiment without = e;
            leadseq_experiment_forget(&without);
            cr_assert_eq(leadseq_experiment_check(&without), 0, "%s", leadseq_error());
            cr_assert_eq(leadseq_experiment_set(&e, cases[i].chooser, cases[i].other), 0);
            cr_assert_eq(leadseq_experiment_check(&e), 0, "%s", leadseq_error());
            cr_assert(leadseq_experiment_says(&e, cases[i].key, cases[i].value));
        }
}

/* What the optimiser and the schedule of a training are told. */
Test(experiment, a_training_gets_the_options_of_its_own_optimizer_and_schedule)
{
    struct leadseq_experiment e = standard();
    cr_assert_eq(leadseq_experiment_set(&e, "train.momentum", "0.75"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.optimizer", "sgd"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.schedule", "step"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.gamma", "0.5"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.step_size", "1"), 0);
    struct leadseq_optim how = leadseq_experiment_optim(&e);
    struct leadseq_rate rate =
        leadseq_rate_at(&how, &(struct leadseq_training_place){20, 10, 100, false});
    cr_assert_eq(rate.momentum, 0.75);
    cr_assert_float_eq(rate.lr, 1e-3 * 0.25, 1e-18);
}

/* Every option there was, of every optimiser and schedule; those of others had no effect then. */
Test(experiment, resolved_trainings_of_earlier_versions_are_read)
{
    static const char old[] = "name: old\ntrain:\n  optimizer: adam\n  schedule: cosine\n"
                              "  step_size: 3\n  gamma: 0.1\n  min_lr: 1e-05\n  warmup: 0\n"
                              "  lr: 0.001\n  weight_decay: 0\n  momentum: 0.9\n"
                              "  betas: [0.9, 0.99]\n  epsilon: 1e-08\n  cycle_momentum: false\n";
    struct leadseq_experiment e, now = standard();
    char *copy = strdup(old);
    bool same = false;
    cr_assert_eq(leadseq_experiment_read_back(&e, copy), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_experiment_check(&e), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_experiment_set(&now, "name", "old"), 0);
    cr_assert_eq(leadseq_experiment_set(&now, "train.schedule", "cosine"), 0);
    cr_assert_eq(leadseq_experiment_set(&now, "train.min_lr", "1e-5"), 0);
    cr_assert_eq(leadseq_experiment_set(&now, "train.betas", "[0.9, 0.99]"), 0);
    cr_assert_eq(leadseq_experiment_is(&now, old, &same), 0);
    cr_assert(same);
    char *text = written(&e);
    cr_assert(!strstr(text, "momentum") && !strstr(text, "gamma"), "%s", text);
    cr_assert(strstr(text, "  betas: [0.9, 0.99]\n") && strstr(text, "  min_lr: 1e-05\n"), "%s",
              text);
    free(text);
    free(copy);
}

Test(experiment, a_value_that_no_type_reads_is_refused_at_once)
{
    struct leadseq_experiment e = standard();
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "cnn"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "model.forget_bias", "much"), -1);
    cr_assert(strstr(leadseq_error(), "from -100 to 100"), "%s", leadseq_error());
}

/* What earlier versions wrote for a cnn: every option there was. */
Test(experiment, resolved_files_of_earlier_versions_are_read)
{
    static const char old[] = "name: old\nmodel:\n  type: cnn\n  hidden: [4, 8]\n  kernel: 3\n"
                              "  bias: false\n  forget_bias: 0\n  stem: none\n"
                              "  stem_channels: [16, 16]\n  patch: 8\n  cell_norm: none\n"
                              "  recurrent_init: uniform\n  head_norm: false\n  head: mean\n"
                              "  pool_time: false\n  dropout: 0\n";
    struct leadseq_experiment e, now = standard();
    char *copy = strdup(old);
    bool same = false;
    cr_assert_eq(leadseq_experiment_read_back(&e, copy), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_experiment_check(&e), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_experiment_set(&now, "name", "old"), 0);
    cr_assert_eq(leadseq_experiment_set(&now, "model.type", "cnn"), 0);
    cr_assert_eq(leadseq_experiment_set(&now, "model.hidden", "[4, 8]"), 0);
    cr_assert_eq(leadseq_experiment_is(&now, old, &same), 0);
    cr_assert(same);
    // and as an experiment file, where defaults of other types are accepted
    char *text = written(&e);
    cr_assert(!strstr(text, "forget_bias") && strstr(text, "  hidden: [4, 8]\n"), "%s", text);
    free(text);
    free(copy);
}

Test(experiment, defaults_of_another_type_say_nothing_and_are_accepted)
{
    struct leadseq_experiment e = standard();
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "cnn"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "model.forget_bias", "0.0"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "model.pool_time", "false"), 0);
    cr_assert_eq(leadseq_experiment_check(&e), 0, "%s", leadseq_error());
}

static const char *const unusual[][2] = {
    {"name", "a.b-c_1+2"},
    {"seed", "18446744073709551615"},
    {"data.size", "640x480"},
    {"data.profile", "fixed-mv"},
    {"data.leads", "[V6, aVR, I]"},
    {"data.select", "heartnet-rnn"},
    {"data.split", "record"},
    {"data.train", "[10, 1]"},
    {"data.valid", "[]"},
    {"data.test", "3"},
    {"data.share", "[0.3333333333333333, 0.1, 0.1]"},
    {"data.invert", "true"},
    {"data.augment", "heartnet"},
    {"data.max_zoom", "1.3"},
    {"train.schedule", "cosine"},
    {"train.sampler", "balanced"},
    {"train.monitor", "average_precision"},
    {"train.class_weights", "balanced"},
    {"model.hidden", "[16,32]"},
    {"model.forget_bias", "0.1"},
    {"model.stem", "conv"},
    {"model.head", "mean-max"},
    {"train.loss", "bce-logits"},
    {"train.positive_weight", "3.3333333"},
    {"train.lr", "0.1e-2"},
    {"train.weight_decay", "1.2345678901234567e-5"},
    {"train.betas", "[0.95, 0.9999999]"},
    {"train.threads", "2"},
    {"diagnose.probes", "none"},
    {"diagnose.groups", "[head, gates]"},
};

Test(experiment, the_resolved_file_reads_back_to_the_same_experiment)
{
    struct leadseq_experiment e = standard();
    for (size_t i = 0; i < LEADSEQ_COUNT(unusual); i++)
        cr_assert_eq(leadseq_experiment_set(&e, unusual[i][0], unusual[i][1]), 0, "%s",
                     leadseq_error());
    char *text = written(&e), *copy = strdup(text);
    struct leadseq_experiment back;
    cr_assert_eq(leadseq_experiment_read_back(&back, copy), 0, "%s", leadseq_error());
    memcpy(back.given, e.given, sizeof back.given);
    cr_assert(!memcmp(&e, &back, sizeof e), "%s", text);
    cr_assert(strstr(text, "  leads: [V6, AVR, I]\n"));
    cr_assert(strstr(text, "  lr: 0.001\n"));
    free(text);
    free(copy);
}

/* Doubles of every size, drawn from the bits of a keyed stream. */
Test(experiment, doubles_read_back_to_the_same_bits)
{
    struct leadseq_random r;
    leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, 0, 0);
    for (int i = 0; i < 2000; i++) {
        struct leadseq_experiment e = standard(), back = e;
        e.train.weight_decay = leadseq_random_uniform(&r) * pow(10, 2 - i % 300);
        char *text = leadseq_experiment_value(&e, "train.weight_decay");
        cr_assert_eq(leadseq_experiment_set(&back, "train.weight_decay", text), 0, "%s",
                     leadseq_error());
        cr_assert_eq(back.train.weight_decay, e.train.weight_decay, "%s", text);
        free(text);
    }
}

static void expect_value(const struct leadseq_experiment *e, const char *key, const char *value)
{
    char *text = leadseq_experiment_get(e, key);
    cr_assert(text, "%s", leadseq_error());
    cr_expect_str_eq(text, value, "%s is %s", key, text);
    free(text);
}

/* Given before or after it, a value stays; what is not given follows the recipe, the model's groups
 * and the task; and without the recipe it has its default again. */
Test(experiment, a_recipe_sets_what_is_not_given)
{
    struct leadseq_experiment e = standard();
    const struct leadseq_experiment before = e;
    cr_assert_eq(leadseq_experiment_set(&e, "train.weight_decay", "0.5"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "train.recipe", "fastai-fine-tune"), 0, "%s",
                 leadseq_error());
    expect_value(&e, "train.optimizer", "adamw");
    expect_value(&e, "train.betas", "[0.95, 0.99]");
    expect_value(&e, "train.epsilon", "1e-05");
    expect_value(&e, "train.weight_decay", "0.5");
    expect_value(&e, "train.schedule", "one-cycle-fastai");
    expect_value(&e, "train.start_div", "5");
    expect_value(&e, "train.freeze_epochs", "1");
    expect_value(&e, "train.group_lr", "[0.01, 1]");
    expect_value(&e, "train.loss", "softmax");
    expect_value(&e, "data.augment", "fastai2");
    expect_value(&e, "data.normalise", "imagenet");
    cr_assert_eq(leadseq_experiment_set(&e, "model.type", "resnet"), 0, "%s", leadseq_error());
    expect_value(&e, "train.group_lr", "[0.01, 0.1, 1]");
    cr_assert_eq(leadseq_experiment_set(&e, "data.task", "superclass"), 0);
    expect_value(&e, "train.loss", "bce-logits");
    cr_assert_eq(leadseq_experiment_set(&e, "train.betas", "[0.8, 0.9]"), 0);
    cr_assert_eq(leadseq_experiment_set(&e, "data.augment", "none"), 0);
    expect_value(&e, "train.betas", "[0.8, 0.9]");
    expect_value(&e, "data.augment", "none");
    cr_assert_eq(leadseq_experiment_set(&e, "train.optimizer", "sgd"), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_experiment_set(&e, "train.optimizer", "adam"), 0, "%s", leadseq_error());
    expect_value(&e, "train.betas", "[0.8, 0.9]");
    expect_value(&e, "train.epsilon", "1e-05");
    cr_assert_eq(leadseq_experiment_check(&e), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_experiment_set(&e, "train.recipe", "none"), 0, "%s", leadseq_error());
    cr_assert_eq(e.train.freeze_epochs, before.train.freeze_epochs);
    cr_assert_eq(e.train.n_group_lr, 0);
    expect_value(&e, "train.schedule", "constant");
    expect_value(&e, "train.epsilon", "1e-08");
    expect_value(&e, "train.betas", "[0.8, 0.9]");
}

Test(experiment, help_names_every_option)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    cr_assert_eq(leadseq_experiment_help(memory), 0);
    fclose(memory);
    for (size_t i = 0; i < leadseq_option_count(); i++)
        cr_assert(strstr(text, leadseq_option_key(i)), "%s", leadseq_option_key(i));
    free(text);
}
