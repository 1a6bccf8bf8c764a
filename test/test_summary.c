/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include "nn/nn_private.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct leadseq_model_table describe(struct leadseq_model *m)
{
    struct leadseq_model_table t;
    cr_assert_eq(leadseq_model_describe(m, &t), 0, "%s", leadseq_error());
    return t;
}

static char *text_of(const struct leadseq_model_table *t)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    cr_assert_eq(leadseq_model_table_print(t, out), 0);
    fclose(out);
    return text;
}

Test(summary, totals_are_the_sums_of_the_layers_and_the_parameters_there_are)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct trial t;
        trial_open(&t, &variants[i], 2, 2);
        struct leadseq_model_table table = describe(t.model);
        size_t parameters = 0, counted = 0, kept = 0;
        uint64_t multiply_adds = 0;
        for (size_t s = 0; s < t.params->n_slices; s++) parameters += t.params->slice[s].count;
        for (int l = 0; l < table.n_layers; l++) {
            counted += table.layer[l].parameters, kept += table.layer[l].kept_bytes;
            multiply_adds += table.layer[l].multiply_adds;
            cr_expect(*table.layer[l].layout, "variant %zu, %s", i, table.layer[l].name);
        }
        cr_expect(table.exact && table.batch == 2);
        cr_expect_eq(counted, parameters);
        cr_expect_eq(table.parameters, parameters);
        cr_expect_eq(table.kept_bytes, kept);
        cr_expect_eq(table.multiply_adds, multiply_adds);
        cr_expect_eq(table.forward_flop, 2.0 * 2.0 * (double)multiply_adds);
        char *text = text_of(&table), total[32];
        snprintf(total, sizeof total, "%zu", parameters);
        char *line = strstr(text, "\ntotal");
        cr_assert(line && strstr(line, total), "%s in %s", total, text);
        free(text);
        leadseq_model_table_clear(&table);
        trial_close(&t);
    }
}

/* By a multiply-add for each weight and place it is used at, counted from the shapes. */
Test(summary, a_cnns_layers_are_counted_by_hand)
{
    struct variant cnn = {.batch = 3};
    leadseq_model_spec_default(&cnn.spec, leadseq_model_type_find("cnn"));
    trial_set(&cnn, "model.hidden=[16,32]");
    cnn.spec.leads = 12, cnn.spec.channels = 1, cnn.spec.height = 65, cnn.spec.width = 34;
    static const struct {
        const char *name, *type;
        int c, h, w;
        size_t parameters;
        uint64_t multiply_adds;
        size_t kept; /* values; the norm keeps the maxima's output in place of its own */
    } row[] = {
        {"stage0.conv", "conv", 16, 65, 34, 12 * 16 * 9, 12 * 16 * 9 * 65 * 34, 16 * 65 * 34},
        {"stage0.norm", "norm", 16, 65, 34, 32, 0, 16 * 32 * 17},
        {"stage0.pool", "pool", 16, 32, 17, 0, 0, 0},
        {"stage1.conv", "conv", 32, 32, 17, 16 * 32 * 9, 16 * 32 * 9 * 32 * 17, 32 * 32 * 17},
        {"stage1.norm", "norm", 32, 32, 17, 64, 0, 32 * 16 * 8},
        {"stage1.pool", "pool", 32, 16, 8, 0, 0, 0},
        {"pool", "global pool", 32, 1, 1, 0, 0, 32},
        {"head", "dense", 1, 1, 1, 33, 32, 1},
    };
    struct trial t;
    trial_open(&t, &cnn, 3, 3);
    struct leadseq_model_table table = describe(t.model);
    cr_assert_eq(table.n_layers, LEADSEQ_COUNT(row));
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        const struct leadseq_layer_summary *l = &table.layer[i];
        cr_expect_str_eq(l->name, row[i].name);
        cr_expect_str_eq(l->type, row[i].type);
        cr_expect(l->images == 1 && l->channels == row[i].c && l->height == row[i].h &&
                  l->width == row[i].w);
        cr_expect_eq(l->parameters, row[i].parameters, "%s: %zu", l->name, l->parameters);
        cr_expect_eq(l->multiply_adds, row[i].multiply_adds, "%s", l->name);
        cr_expect_geq(l->kept_bytes, 3 * 4 * row[i].kept, "%s", l->name);
    }
    leadseq_model_table_clear(&table);
    trial_close(&t);
}

static struct leadseq_model *papers_model(struct leadseq_engine **engine,
                                          enum leadseq_memory memory)
{
    struct leadseq_model_spec spec;
    leadseq_model_spec_default(&spec, leadseq_model_type_find("convlstm"));
    spec.leads = 12, spec.channels = 1, spec.height = spec.width = 512;
    *engine = leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1, .memory = memory});
    cr_assert(*engine, "%s", leadseq_error());
    struct leadseq_model *m = leadseq_model_new(&spec, *engine, 2, 1);
    cr_assert(m, "%s", leadseq_error());
    return m;
}

/* 40 gates · 9 · 512² · (1 channel at the first lead + 11 leads of 1 + 10); the head's 10 · 512²
 * weights and its bias. Kept: c, h and gates as keep.h draws them, and y. */
Test(summary, the_papers_network_has_the_numbers_known_for_it)
{
    const size_t plane = (size_t)2 * 10 * 512 * 512 * sizeof(float);
    for (int low = 0; low < 2; low++) {
        struct leadseq_engine *engine;
        struct leadseq_model *m =
            papers_model(&engine, low ? LEADSEQ_MEMORY_LOW : LEADSEQ_MEMORY_NORMAL);
        size_t before = leadseq_peak_bytes();
        struct leadseq_model_table t = describe(m);
#ifndef __SANITIZE_ADDRESS__ /* which writes its own notes on what was allocated */
        cr_expect_lt(leadseq_peak_bytes() - before, 64 << 20, "describing takes memory");
#else
        (void)before;
#endif
        cr_assert(t.exact && t.n_layers == 3);
        cr_expect_eq(t.layer[0].parameters, 4 * 10 * (1 + 10) * 9 + 4 * 10);
        cr_expect_eq(t.layer[0].multiply_adds, UINT64_C(11513364480));
        cr_expect_eq(t.layer[2].parameters, 2621441);
        cr_expect_float_eq(t.step_flop, 134e9, .5e9, "%g", t.step_flop);
        cr_expect_float_eq(t.forward_flop, 46.1e9, .05e9, "%g", t.forward_flop);
        size_t least = (low ? 6 + 5 : 7 + 3 + 4 * 4) * plane;
        cr_expect(t.kept_bytes >= least && t.kept_bytes <= least + plane + 1024, "%zu planes",
                  t.kept_bytes / plane);
        cr_expect_geq(t.training_bytes, t.kept_bytes);
        /* y's gradient, over which others are written, and scratch */
        cr_expect_lt(t.training_bytes, t.kept_bytes + 2 * plane, "%zu planes",
                     (t.training_bytes - t.kept_bytes) / plane);
        leadseq_model_table_clear(&t);
        leadseq_model_free(m);
        leadseq_engine_close(engine);
    }
}

/* Inspecting a binding leaves no trace in the model. */
Test(summary, describing_a_model_does_not_change_what_it_computes)
{
    for (size_t i = 0; i < VARIANTS; i++) {
        struct trial a, b;
        trial_open(&a, &variants[i], variants[i].batch, variants[i].batch);
        trial_open(&b, &variants[i], variants[i].batch, variants[i].batch);
        struct leadseq_model_table t = describe(b.model);
        leadseq_model_table_clear(&t);
        trial_forward(&a, LEADSEQ_TRAINING), trial_backward(&a);
        trial_forward(&b, LEADSEQ_TRAINING), trial_backward(&b);
        cr_expect_arr_eq(a.params->gradient, b.params->gradient, a.params->count * sizeof(float),
                         "variant %zu", i);
        trial_close(&a);
        trial_close(&b);
    }
}

/* What no machine holds is described from its shapes. */
Test(summary, a_batch_that_does_not_fit_is_estimated)
{
    struct leadseq_model_spec spec;
    leadseq_model_spec_default(&spec, leadseq_model_type_find("convlstm"));
    spec.leads = 1000, spec.channels = 1, spec.height = spec.width = 256;
    cr_assert_eq(leadseq_model_spec_set_all(&spec, "model.hidden=[512] model.head=mean"), 0);
    struct leadseq_engine *engine =
        leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1});
    struct leadseq_model *m = leadseq_model_new(&spec, engine, 1, 1);
    if (!m || leadseq_model_bytes(m, LEADSEQ_TRAINING) < leadseq_available_bytes())
        cr_skip_test("this machine's memory is of another size");
    struct leadseq_model_table t = describe(m);
    char *text = text_of(&t);
    cr_expect(!t.exact && !*t.layer[0].layout && t.kept_bytes > (size_t)1 << 38);
    cr_expect(strstr(text, "known where such a batch fits"), "%s", text);
    free(text);
    leadseq_model_table_clear(&t);
    leadseq_model_free(m);
    leadseq_engine_close(engine);
}
