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
    {"data.augment", "flip", "none or heartnet"},
    {"data.max_rotate", "90", "from 0 to 45"},
    {"data.max_zoom", "0.9", "from 1 to 4"},
    {"data.max_warp", "0.5", "from 0 to 0.4"},
    {"data.max_lighting", "1", "from 0 to 0.9"},
    {"data.p_affine", "1.5", "from 0 to 1"},
    {"train.sampler", "weighted", "shuffle or balanced"},
    {"train.schedule", "linear", "constant, step, cosine or one-cycle"},
    {"train.gamma", "0", "above 0"},
    {"train.step_size", "0", "from 1"},
    {"train.accumulate", "0", "from 1"},
    {"train.positive_weight", "0", "above 0"},
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
    {"data.style", "dataset9", "dataset4 or clinical"},
    {"model.hidden", "[]", "1 to 8 channel counts"},
    {"model.hidden", "[0]", "1 to 8 channel counts"},
    {"model.hidden", "[1,1,1,1,1,1,1,1,1]", "1 to 8 channel counts"},
    {"model.hidden", "[10.5]", "1 to 8 channel counts"},
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
    {"model.kernel", "4", NULL, NULL, "odd number"},
    {"model.bias", "false", "model.forget_bias", "1", "needs model.bias: true"},
    {"train.positive_weight", "3", NULL, NULL, "needs train.loss: bce-logits"},
    {"data.max_rotate", "5", NULL, NULL, "needs data.augment: heartnet"},
    {"train.min_lr", "1", NULL, NULL, "at most train.lr"},
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
    cr_assert_eq(e.model.type, LEADSEQ_MODEL_CONVLSTM);
    cr_assert_eq(e.model.n_layers, 1);
    cr_assert_eq(e.model.hidden[0], 10);
    cr_assert_eq(e.model.head, LEADSEQ_HEAD_FLATTEN);
    cr_assert_str_eq(leadseq_experiment_optim(&e).optimizer->name, "adam");
    cr_assert_eq(e.train.beta2, 0.999);
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
        leadseq_model_spec_default(&spec, LEADSEQ_MODEL_CONVLSTM);
        spec.leads = 2, spec.channels = 1, spec.height = spec.width = 64, spec.kernel = kernel;
        cr_expect_eq(leadseq_model_spec_check(&spec) == 0, may, "model, %d", kernel);
        struct nn_layer *layer = nn_convlstm_new(
            &store, "layer", (struct nn_shape){2, 1, 64, 64},
            &(struct nn_convlstm_options){.hidden = 1, .kernel = kernel, .bias = true});
        cr_expect_eq(layer != NULL, may, "layer, %d", kernel);
        nn_layer_free(layer);
        nn_params_clear(&params);
    }
}

Test(experiment, the_table_and_the_models_own_defaults_agree)
{
    static const char *const types[] = {"convlstm", "cnn"};
    for (int type = 0; type < 2; type++) {
        struct leadseq_experiment e = standard();
        struct leadseq_model_spec spec;
        cr_assert_eq(leadseq_experiment_set(&e, "model.type", types[type]), 0);
        leadseq_model_spec_default(&spec, (enum leadseq_model_type)type);
        cr_assert_eq(e.model.type, spec.type);
        cr_assert_eq(e.model.n_layers, spec.n_layers);
        for (int i = 0; i < spec.n_layers; i++) cr_assert_eq(e.model.hidden[i], spec.hidden[i]);
        cr_assert_eq(e.model.kernel, spec.kernel);
        cr_assert_eq(e.model.bias, spec.bias);
        cr_assert_eq(e.model.forget_bias, spec.forget_bias);
        cr_assert_eq(e.model.stem, spec.stem);
        cr_assert_eq(e.model.n_stem, spec.n_stem);
        cr_assert_arr_eq(e.model.stem_channels, spec.stem_channels, sizeof spec.stem_channels);
        cr_assert_eq(e.model.head, spec.head);
        cr_assert_eq(e.model.pool_time, spec.pool_time);
        cr_assert_eq(e.model.dropout, spec.dropout);
    }
}

Test(experiment, every_option_has_a_place_of_its_own_and_reads_its_defaults)
{
    cr_assert_leq(option_table_size, LEADSEQ_OPTIONS_MOST);
    for (size_t i = 0; i < option_table_size; i++) {
        struct leadseq_experiment e = standard();
        const struct leadseq_option *o = &option_table[i];
        cr_assert_eq(option_find(o->key), o, "%s stands twice", o->key);
        cr_assert_eq(leadseq_experiment_set(&e, o->key, o->standard), 0, "%s", leadseq_error());
        if (o->standard_cnn) cr_assert_eq(leadseq_experiment_set(&e, o->key, o->standard_cnn), 0);
        char *text = option_print(&e, o);
        cr_assert_str_eq(text, o->standard_cnn ? o->standard_cnn : o->standard);
        free(text);
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
        cr_assert_eq(e.model.n_layers, 2);
        cr_assert_eq(e.model.hidden[1], 9);
        cr_assert_eq(e.model.head, LEADSEQ_HEAD_MEAN);
    }
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
    const struct leadseq_option *o = option_find("train.weight_decay");
    for (int i = 0; i < 2000; i++) {
        struct leadseq_experiment e = standard(), back = e;
        e.train.weight_decay = leadseq_random_uniform(&r) * pow(10, 2 - i % 300);
        char *text = option_print(&e, o);
        cr_assert_eq(leadseq_experiment_set(&back, o->key, text), 0, "%s", leadseq_error());
        cr_assert_eq(back.train.weight_decay, e.train.weight_decay, "%s", text);
        free(text);
    }
}

Test(experiment, help_names_every_option)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    cr_assert_eq(leadseq_experiment_help(memory), 0);
    fclose(memory);
    for (size_t i = 0; i < option_table_size; i++)
        cr_assert(strstr(text, option_table[i].key), "%s", option_table[i].key);
    free(text);
}
