/* SPDX-License-Identifier: MIT */
#include "model/model.h"

#include <criterion/criterion.h>
#include <string.h>

static struct leadseq_model_spec sound(const struct leadseq_model_type *type)
{
    struct leadseq_model_spec spec;
    leadseq_model_spec_default(&spec, type);
    spec.leads = 12, spec.channels = 1, spec.height = spec.width = 32;
    return spec;
}

static struct leadseq_model_spec of(const char *type)
{
    return sound(leadseq_model_type_find(type));
}

/* Of the types that the cases below are about. */
static const char *const both[] = {"convlstm", "cnn"};

Test(spec, each_option_out_of_range_is_refused_by_its_key)
{
    static const char *const bad[][2] = {
        {"model.hidden", "[]"},
        {"model.hidden", "[1,1,1,1,1,1,1,1,1]"},
        {"model.hidden", "[0]"},
        {"model.hidden", "[5000]"},
        {"model.kernel", "4"},
        {"model.kernel", "-3"},
        {"model.kernel", "65"},
        {"model.dropout", "1"},
        {"model.dropout", "nan"},
        {"model.stem", "pool"},
        {"model.stem_channels", "[5,0]"},
        {"model.patch", "1"},
        {"model.head", "median"},
        {"model.head_norm", "yes"},
    };
    static const char *const recurrent[][2] = {
        {"model.forget_bias", "inf"},
        {"model.recurrent_init", "ones"},
        {"model.cell_norm", "batch"},
        {"model.bias", "1"},
    };
    for (int type = 0; type < 2; type++)
        for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
            struct leadseq_model_spec s = of(both[type]), before = s;
            cr_assert_eq(leadseq_model_spec_set(&s, bad[i][0], bad[i][1]), -1, "%s", bad[i][1]);
            cr_assert(strstr(leadseq_error(), bad[i][0]), "%s", leadseq_error());
            cr_assert_arr_eq(&s, &before, sizeof s, "%s", bad[i][0]);
        }
    for (size_t i = 0; i < LEADSEQ_COUNT(recurrent); i++) {
        struct leadseq_model_spec s = of("convlstm");
        cr_assert_eq(leadseq_model_spec_set(&s, recurrent[i][0], recurrent[i][1]), -1);
        cr_assert(strstr(leadseq_error(), recurrent[i][0]), "%s", leadseq_error());
    }
}

Test(spec, each_size_out_of_range_is_refused_by_its_name)
{
    static const struct {
        int leads, channels, height, width, outputs;
        const char *said;
    } row[] = {{0, 1, 32, 32, 1, "leads"},
               {12, 0, 32, 32, 1, "image channels"},
               {12, 1, 0, 32, 1, "image height"},
               {12, 1, 32, 1 << 20, 1, "image width"},
               {12, 1, 32, 32, 0, "outputs"}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct leadseq_model_spec s = of("cnn");
        s.leads = row[i].leads, s.channels = row[i].channels;
        s.height = row[i].height, s.width = row[i].width, s.outputs = row[i].outputs;
        cr_assert_eq(leadseq_model_spec_check(&s), -1, "row %zu", i);
        cr_assert(strstr(leadseq_error(), row[i].said), "%s", leadseq_error());
    }
}

Test(spec, a_patch_larger_than_the_image_is_refused)
{
    for (int type = 0; type < 2; type++) {
        struct leadseq_model_spec s = of(both[type]);
        cr_assert_eq(leadseq_model_spec_set_all(&s, "model.stem=patch model.patch=33"), 0);
        cr_assert_eq(leadseq_model_spec_check(&s), -1);
        cr_assert(strstr(leadseq_error(), "model.patch: expected 2 to 32"), "%s", leadseq_error());
    }
}

Test(spec, an_image_too_small_for_its_stages_says_what_to_do)
{
    struct leadseq_model_spec s = of("cnn");
    s.width = 16, s.height = 16;
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    s.height = 15;
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    cr_assert(strstr(leadseq_error(), "16 x 15") && strstr(leadseq_error(), "fewer stages"));
    cr_assert_eq(leadseq_model_spec_set(&s, "model.stem", "conv"), 0);
    s.height = 61, s.width = 64;
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    s.height = 60;
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    cr_assert(strstr(leadseq_error(), "after the stem"));
}

Test(spec, options_of_another_type_are_refused)
{
    static const char *const key[] = {"model.pool_time", "model.forget_bias", "model.cell_norm",
                                      "model.recurrent_init", "model.bias"};
    struct leadseq_model_spec s = of("cnn");
    for (size_t i = 0; i < LEADSEQ_COUNT(key); i++) {
        cr_assert_eq(leadseq_model_spec_set(&s, key[i], "0"), -1);
        cr_assert(strstr(leadseq_error(), "model.type cnn has no such option"));
    }
    s = of("convlstm");
    cr_assert_eq(leadseq_model_spec_set(&s, "model.forget_bias", "1"), 0);
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    cr_assert_eq(leadseq_model_spec_set(&s, "model.bias", "false"), 0);
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    cr_assert_eq(leadseq_model_spec_set(&s, "model.cell_norm", "layer"), 0);
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    cr_assert_eq(leadseq_model_spec_set(&s, "model.kernel", "17"), 0);
    cr_assert_eq(leadseq_model_spec_check(&s), -1);
    cr_assert(strstr(leadseq_error(), "at most 15"), "%s", leadseq_error());
}

Test(spec, the_default_is_the_papers_network)
{
    static const char *const paper[][2] = {
        {"model.hidden", "[10]"},    {"model.kernel", "3"},     {"model.bias", "true"},
        {"model.forget_bias", "0"},  {"model.head", "flatten"}, {"model.pool_time", "false"},
        {"model.stem", "none"},      {"model.dropout", "0"},    {"model.cell_norm", "none"},
        {"model.head_norm", "false"}};
    struct leadseq_model_spec s = sound(leadseq_model_type_at(0));
    cr_assert_str_eq(s.type->name, "convlstm");
    cr_assert_eq(leadseq_model_spec_check(&s), 0);
    for (size_t i = 0; i < LEADSEQ_COUNT(paper); i++)
        cr_assert(leadseq_model_spec_is(&s, paper[i][0], paper[i][1]), "%s", paper[i][0]);
}

/* Options of heads are read into the head's own block, whatever the model type. */
Test(spec, every_head_has_its_own_options_with_their_defaults)
{
    for (size_t i = 0; leadseq_model_type_at(i); i++)
        for (size_t k = 0; leadseq_head_name(k); k++) {
            struct leadseq_model_spec s = sound(leadseq_model_type_at(i));
            if (leadseq_model_head(&s) == SIZE_MAX) continue;
            cr_assert_eq(leadseq_model_spec_set(&s, "model.head", leadseq_head_name(k)), 0);
            cr_assert_eq(leadseq_model_head(&s), k);
            for (const struct leadseq_option_group *g = leadseq_head_options(k); g && g->row; g++)
                for (size_t j = 0; j < g->n; j++) {
                    const struct leadseq_option *o = &g->row[j];
                    cr_assert_leq(g->offset + o->offset + o->size, LEADSEQ_HEAD_OPTIONS_BYTES);
                    cr_assert(leadseq_model_spec_is(&s, o->key, o->standard), "%s", o->key);
                }
        }
}

/* What the table promises of every row, so that a new type needs no test of its own for it. */
Test(spec, every_type_keeps_the_rules_of_the_table)
{
    for (size_t i = 0; leadseq_model_type_at(i); i++) {
        const struct leadseq_model_type *type = leadseq_model_type_at(i);
        cr_assert(type->name && type->help && type->build, "type %zu", i);
        cr_assert_eq(leadseq_model_type_find(type->name), type, "%s appears twice", type->name);
        cr_assert_leq(type->bytes, LEADSEQ_MODEL_OPTIONS_BYTES, "%s", type->name);
        cr_assert(type->samples && type->samples->options, "%s has no sample", type->name);
        for (const struct leadseq_option_group *g = type->options; g->row; g++)
            for (size_t k = 0; k < g->n; k++) {
                const struct leadseq_option *o = &g->row[k];
                struct leadseq_model_spec s = sound(type);
                const char *standard = leadseq_option_standard(o, type->standards);
                cr_assert(!strncmp(o->key, "model.", 6), "%s", o->key);
                cr_assert_leq(g->offset + o->offset + o->size, type->bytes, "%s", o->key);
                cr_assert(leadseq_model_spec_is(&s, o->key, standard), "%s", o->key);
                cr_assert_eq(leadseq_model_spec_set(&s, o->key, standard), 0, "%s", o->key);
            }
    }
}
