/* SPDX-License-Identifier: MIT
 *
 * Networks along signals: as large as those of the PTB-XL benchmark, begun as they are, and what
 * they refuse. Their outputs and gradients: test_model_reference.c and peer_signals.py. */
#include "model/model.h"
#include "nn/nn_private.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct leadseq_model_spec spec_of(const char *type, const char *options)
{
    struct leadseq_model_spec s;
    leadseq_model_spec_default(&s, leadseq_model_type_find(type));
    s.leads = 12, s.channels = 1, s.height = 1, s.width = 250, s.outputs = 5;
    cr_assert_eq(leadseq_model_spec_set_all(&s, options), 0, "%s", leadseq_error());
    return s;
}

struct opened {
    struct leadseq_engine *engine;
    struct leadseq_model *model;
    struct leadseq_params *params;
};

static struct opened open_model(const char *type, const char *options, int batch)
{
    const struct leadseq_model_spec s = spec_of(type, options);
    struct opened o = {.engine =
                           leadseq_engine_open(&(struct leadseq_engine_options){.threads = 2})};
    cr_assert(o.engine, "%s", leadseq_error());
    o.model = leadseq_model_new(&s, o.engine, batch, 3);
    cr_assert(o.model, "%s: %s", type, leadseq_error());
    o.params = leadseq_model_params(o.model);
    return o;
}

static void close_model(struct opened *o)
{
    leadseq_model_free(o->model);
    leadseq_engine_close(o->engine);
}

/* With five outputs, as published (resnet1d, xresnet1d, lstm1d), as PyTorch counts them (gru1d),
 * and as layers sum up (cnn1d). */
Test(signal_models, they_have_as_many_parameters_as_those_of_the_benchmark)
{
    static const struct {
        const char *type;
        size_t parameters;
    } row[] = {{"cnn1d", 67909},
               {"resnet1d", 473349},
               {"xresnet1d", 1872261},
               {"lstm1d", 903685},
               {"gru1d", 702981}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct opened o = open_model(row[i].type, "", 1);
        struct leadseq_model_table t;
        size_t count = 0;
        for (size_t k = 0; k < o.params->n_slices; k++) count += o.params->slice[k].count;
        cr_expect_eq(count, row[i].parameters, "%s: %zu", row[i].type, count);
        cr_assert_eq(leadseq_model_describe(o.model, &t), 0);
        cr_expect_eq(t.parameters, row[i].parameters, "%s says %zu", row[i].type, t.parameters);
        leadseq_model_table_clear(&t);
        close_model(&o);
    }
}

/* --- Where they begin --------------------------------------------------------------------------
 */

static bool ends(const char *name, const char *end)
{
    const size_t n = strlen(name), e = strlen(end);
    return n >= e && !strcmp(name + n - e, end);
}

static void expect_all(const struct leadseq_params *p, const struct leadseq_slice *s, float value)
{
    for (size_t i = 0; i < s->count; i++)
        cr_assert_eq(p->value[s->offset + i], value, "%s, value %zu: %g", s->name, i,
                     (double)p->value[s->offset + i]);
}

/* √(2 / inputs), of as many values as make a mean of squares. */
static void expect_kaiming(const struct leadseq_params *p, const struct leadseq_slice *s)
{
    const double inputs = (double)s->count / s->dims[0];
    double squares = 0;
    for (size_t i = 0; i < s->count; i++) squares += pow((double)p->value[s->offset + i], 2);
    const double ratio = sqrt(squares / (double)s->count) / sqrt(2 / inputs);
    cr_expect(fabs(ratio - 1) < 4 / sqrt(2.0 * (double)s->count), "%s: %g", s->name, ratio);
}

Test(signal_models, convolutions_and_dense_layers_begin_normal_biases_at_zero_norms_at_one)
{
    static const char *const type[] = {"resnet1d", "xresnet1d", "lstm1d"};
    for (size_t i = 0; i < LEADSEQ_COUNT(type); i++) {
        struct opened o = open_model(type[i], "", 1);
        for (size_t k = 0; k < o.params->n_slices; k++) {
            const struct leadseq_slice *s = &o.params->slice[k];
            if (!strncmp(s->name, "rnn", 3)) continue;
            if (s->n_dims > 1)
                expect_kaiming(o.params, s);
            else
                expect_all(o.params, s, ends(s->name, ".bias") ? 0 : 1);
        }
        close_model(&o);
    }
}

Test(signal_models, recurrent_layers_begin_uniform_within_one_over_the_root_of_their_units)
{
    struct opened o = open_model("gru1d", "model.hidden=[64]", 1);
    const char *const name[] = {"rnn0.weight_ih", "rnn0.weight_hh", "rnn0.bias_ih", "rnn0.bias_hh"};
    for (size_t i = 0; i < LEADSEQ_COUNT(name); i++) {
        const struct leadseq_slice *s = &o.params->slice[i];
        float most = 0;
        cr_expect_str_eq(s->name, name[i]);
        cr_expect_eq(s->decays, i < 2);
        for (size_t k = 0; k < s->count; k++)
            most = fmaxf(most, fabsf(o.params->value[s->offset + k]));
        cr_expect(most <= 0.125f && most > 0.11f, "%s: %g", s->name, (double)most);
    }
    close_model(&o);
}

/* --- Refused ------------------------------------------------------------------------------------
 */

Test(signal_models, what_does_not_fit_is_refused_with_what_was_expected)
{
    static const struct {
        const char *type, *options, *words;
        int height, width;
    } row[] = {
        {"cnn1d", "", "reads signals", 64, 250},
        {"lstm1d", "", "reads signals", 2, 250},
        {"cnn1d", "model.kernels=[7,5]", "expected one length, or 5", 1, 250},
        {"cnn1d", "model.kernels=[4]", "expected odd numbers, found 4", 1, 250},
        {"cnn1d", "model.pool=4", "cannot be divided by 4 5 times", 1, 250},
        {"resnet1d", "model.kernels=[5]", "expected two lengths", 1, 250},
        {"xresnet1d", "model.kernels=[5,5,5]", "expected two lengths", 1, 250},
        {"resnet1d", "model.kernels=[5,2]", "expected odd numbers, found 2", 1, 250},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct leadseq_model_spec s = spec_of(row[i].type, row[i].options);
        s.height = row[i].height, s.width = row[i].width;
        cr_expect_eq(leadseq_model_spec_check(&s), -1, "row %zu", i);
        cr_expect(strstr(leadseq_error(), row[i].words), "row %zu: %s", i, leadseq_error());
    }
}

Test(signal_models, the_shortest_signals_they_take_are_taken)
{
    static const char *const type[] = {"resnet1d", "xresnet1d", "lstm1d", "gru1d", "cnn1d"};
    for (size_t i = 0; i < LEADSEQ_COUNT(type); i++) {
        struct leadseq_model_spec s =
            spec_of(type[i], !strcmp(type[i], "cnn1d") ? "model.hidden=[4] model.kernels=[3]" : "");
        s.width = !strcmp(type[i], "cnn1d") ? 2 : 1;
        struct leadseq_engine *engine =
            leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1});
        struct leadseq_model *m = leadseq_model_new(&s, engine, 2, 3);
        const float x[2 * 12 * 2] = {1, 2, 3};
        float z[2 * 5];
        cr_assert(m, "%s: %s", type[i], leadseq_error());
        cr_expect_eq(leadseq_model_forward(m, LEADSEQ_EVALUATE, 0, 2, x, z), 0, "%s",
                     leadseq_error());
        for (size_t k = 0; k < LEADSEQ_COUNT(z); k++) cr_expect(isfinite(z[k]), "%s", type[i]);
        leadseq_model_free(m);
        leadseq_engine_close(engine);
    }
}

Test(signal_models, a_norm_in_the_head_alone_is_one)
{
    struct leadseq_model_spec s = spec_of("lstm1d", "");
    cr_expect(leadseq_model_spec_has_norm(&s));
    s = spec_of("lstm1d", "model.head=mean");
    cr_expect_not(leadseq_model_spec_has_norm(&s));
    s = spec_of("lstm1d", "model.head=mean model.head_norm=true");
    cr_expect(leadseq_model_spec_has_norm(&s));
    leadseq_model_spec_default(&s, leadseq_model_type_find("convlstm"));
    cr_assert_eq(leadseq_model_spec_set(&s, "model.head", "fastai"), 0);
    cr_expect(leadseq_model_spec_has_norm(&s));
}

/* --- Memory -------------------------------------------------------------------------------------
 */

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

Test(signal_models, the_memory_said_to_be_needed_is_about_what_binding_takes)
{
    static const char *const type[] = {"cnn1d", "resnet1d", "xresnet1d", "lstm1d", "gru1d"};
    for (size_t i = 0; i < LEADSEQ_COUNT(type); i++)
        for (int mode = LEADSEQ_EVALUATE; mode <= LEADSEQ_TRAINING; mode++) {
            struct opened o = open_model(type[i], "", 16);
            const size_t before = allocated();
            cr_assert_eq(leadseq_model_prepare(o.model, (enum leadseq_mode)mode), 0, "%s",
                         leadseq_error());
            const size_t taken = allocated() - before;
            const double ratio =
                (double)leadseq_model_bytes(o.model, (enum leadseq_mode)mode) / (double)taken;
            close_model(&o);
            if (!taken) cr_skip_test("the sanitizer's allocator does not count");
            cr_expect(ratio > 0.7 && ratio < 1.4, "%s, mode %d: %g", type[i], mode, ratio);
        }
}
