/* SPDX-License-Identifier: MIT */
#include "trial.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Parameters -------------------------------------------------------------------------- */

static const struct leadseq_slice *slice_of(const struct leadseq_params *p, const char *name)
{
    for (size_t i = 0; i < p->n_slices; i++)
        if (!strcmp(p->slice[i].name, name)) return &p->slice[i];
    cr_assert_fail("no slice %s", name);
    return NULL;
}

Test(model, parameters_have_plain_names_and_only_weights_decay)
{
    static const struct {
        int variant;
        const char *name;
        bool decays;
    } row[] = {{3, "stem0.conv.weight", true},  {3, "stem1.norm.weight", false},
               {3, "stem1.norm.bias", false},   {3, "convlstm0.weight", true},
               {3, "convlstm0.bias", false},    {4, "convlstm1.weight", true},
               {8, "stage1.conv.weight", true}, {8, "stage0.norm.bias", false},
               {8, "head.weight", true},        {8, "head.bias", false}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        struct trial t;
        trial_open(&t, &variants[row[i].variant], 1, 1);
        cr_expect_eq(slice_of(t.params, row[i].name)->decays, row[i].decays, "%s", row[i].name);
        trial_close(&t);
    }
}

Test(model, a_tensor_is_drawn_from_its_own_stream_within_its_bound)
{
    struct trial flat, mean;
    struct variant other = variants[0];
    trial_set(&other, "model.head=mean");
    trial_open(&flat, &variants[0], 1, 1);
    trial_open(&mean, &other, 1, 1);
    const struct leadseq_slice *w = slice_of(flat.params, "convlstm0.weight");
    cr_assert_eq(memcmp(flat.params->value + w->offset,
                        mean.params->value + slice_of(mean.params, w->name)->offset,
                        w->count * sizeof(float)),
                 0);
    float bound = 1 / sqrtf((1 + 3) * 9), most = 0;
    for (size_t i = 0; i < w->count; i++)
        most = fmaxf(most, fabsf(flat.params->value[w->offset + i]));
    cr_assert(most <= bound && most > 0.95f * bound, "%g of %g", most, bound);
    trial_close(&flat);
    trial_close(&mean);
}

Test(model, the_forget_bias_is_added_to_the_second_quarter)
{
    struct trial with, without;
    struct variant plain = variants[1];
    trial_set(&plain, "model.forget_bias=0");
    trial_open(&with, &variants[1], 1, 1);
    trial_open(&without, &plain, 1, 1);
    const struct leadseq_slice *b = slice_of(with.params, "convlstm0.bias");
    for (size_t i = 0; i < b->count; i++) {
        float added = with.params->value[b->offset + i] - without.params->value[b->offset + i];
        cr_assert_float_eq(added, i / 5 == 1 ? 1 : 0, 1e-6, "bias %zu", i);
    }
    trial_close(&with);
    trial_close(&without);
}

/* h passes through each gate's kernel with its norm kept: Q Qᵀ = 1 at the centre, nothing around
 * it; what x passes through is drawn as without. */
Test(model, orthogonal_recurrence_is_a_rotation_at_the_kernels_centre)
{
    struct trial with, without;
    struct variant plain = variants[13];
    trial_set(&plain, "model.recurrent_init=uniform");
    trial_open(&with, &variants[13], 1, 1);
    trial_open(&without, &plain, 1, 1);
    const struct leadseq_slice *s = slice_of(with.params, "convlstm0.weight");
    const float *w = with.params->value + s->offset, *u = without.params->value + s->offset;
    enum { K = 4, C = 5, TAPS = 9, CENTRE = 4 };
    for (int row = 0; row < 4 * K; row++)
        for (int c = 0; c < C + K; c++)
            for (int tap = 0; tap < TAPS; tap++) {
                int at = (row * (C + K) + c) * TAPS + tap;
                if (c < C) cr_assert_eq(w[at], u[at]);
                if (c >= C && tap != CENTRE) cr_assert_eq(w[at], 0);
            }
    for (int a = 0; a < 4 * K; a++)
        for (int b = a / K * K; b < a / K * K + K; b++) {
            double product = 0;
            for (int j = 0; j < K; j++)
                product += (double)w[(a * (C + K) + C + j) * TAPS + CENTRE] *
                           w[(b * (C + K) + C + j) * TAPS + CENTRE];
            cr_assert_float_eq(product, a == b, 1e-6, "rows %d, %d: %g", a, b, product);
        }
    trial_close(&with);
    trial_close(&without);
}

/* --- Limits and misuse ------------------------------------------------------------------------ */

/* The first variant with other options. */
static struct leadseq_model_spec changed(const char *options)
{
    struct variant v = variants[0];
    trial_set(&v, options);
    return v.spec;
}

static struct leadseq_model *try_model(struct leadseq_model_spec spec, int batch,
                                       struct leadseq_engine **engine)
{
    *engine = leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1});
    cr_assert(*engine);
    return leadseq_model_new(&spec, *engine, batch, 1);
}

Test(model, what_does_not_fit_in_memory_is_refused_with_both_sizes_before_it_is_taken)
{
    struct leadseq_model_spec spec = changed("model.head=mean");
    struct leadseq_engine *engine;
    spec.leads = 12, spec.height = spec.width = 4096;
    size_t before = leadseq_peak_bytes();
    cr_assert_null(try_model(spec, 60000, &engine));
    cr_assert(strstr(leadseq_error(), "bytes") && strstr(leadseq_error(), "are available"), "%s",
              leadseq_error());
    cr_assert_lt(leadseq_peak_bytes() - before, 200 << 20);
    leadseq_engine_close(engine);
}

Test(model, sizes_beyond_counting_are_refused)
{
    struct leadseq_model_spec spec =
        changed("model.head=mean model.hidden=[4096] model.pool_time=true");
    struct leadseq_engine *engine;
    spec.leads = 1024, spec.height = spec.width = LEADSEQ_SIDE_MAX;
    cr_assert_null(try_model(spec, 1 << 16, &engine));
    cr_assert(strstr(leadseq_error(), "petabyte"), "%s", leadseq_error());
    leadseq_engine_close(engine);
}

Test(model, training_that_does_not_fit_is_refused_when_prepared_though_evaluation_does)
{
    struct leadseq_model_spec spec = changed("model.head=mean model.hidden=[512]");
    struct leadseq_engine *engine;
    spec.leads = 1000, spec.height = spec.width = 256;
    struct leadseq_model *m = try_model(spec, 1, &engine);
    size_t there = leadseq_available_bytes();
    if (!m || !there || leadseq_model_bytes(m, LEADSEQ_TRAINING) < there)
        cr_skip_test("this machine's memory is of another size");
    cr_assert_eq(leadseq_model_prepare(m, LEADSEQ_TRAINING), -1);
    cr_assert(strstr(leadseq_error(), "training on a batch of 1"), "%s", leadseq_error());
    leadseq_model_free(m);
    leadseq_engine_close(engine);
}

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Estimated bytes over bytes taken; 0 where the allocator does not count. */
static double said_over_taken(const struct variant *v, enum leadseq_mode mode,
                              enum leadseq_precision precision)
{
    struct trial t;
    trial_open_in(&t, v, 8, 8, precision);
    size_t before = allocated();
    cr_assert_eq(leadseq_model_prepare(t.model, mode), 0, "%s", leadseq_error());
    size_t taken = allocated() - before, said = leadseq_model_bytes(t.model, mode);
    trial_close(&t);
    return taken ? (double)said / (double)taken : 0;
}

/* As many channels for every layer of a list. */
static void widen(struct variant *v, const char *key, int channels)
{
    const void *block;
    const struct leadseq_option *o = leadseq_model_option(&v->spec, key, &block);
    int n = ((const struct leadseq_integers *)leadseq_option_value(block, o))->n;
    char text[128];
    size_t used = (size_t)snprintf(text, sizeof text, "%s=[%d", key, channels);
    while (--n) used += (size_t)snprintf(text + used, sizeof text - used, ",%d", channels);
    snprintf(text + used, sizeof text - used, "]");
    trial_set(v, text);
}

/* Channels that fill blocks leave little to guess; of others it is known only when binding which
 * copies oneDNN will ask for on this processor. Below 1 is oneDNN's own scratch. */
Test(model, the_memory_said_to_be_needed_is_about_what_binding_takes)
{
    static const struct {
        int variant, channels;
        double least, most;
        enum leadseq_precision precision;
    } row[] = {{0, 10, .7, 1.4, 0},
               {1, 16, .7, 1.4, 0},
               {3, 16, .7, 1.4, 0},
               {8, 16, .7, 1.4, 0},
               {11, 16, .7, 1.4, 0},
               {0, 3, .5, 3, 0},
               {3, 6, .5, 3, 0},
               {10, 9, .5, 3, 0},
               {8, 16, .7, 1.4, LEADSEQ_BF16},
               {11, 16, .7, 1.4, LEADSEQ_BF16},
               {10, 9, .5, 3, LEADSEQ_BF16},
               {0, 10, .7, 1.4, LEADSEQ_BF16_EMULATED},
               {8, 16, .7, 1.4, LEADSEQ_BF16_EMULATED},
               {10, 9, .5, 3, LEADSEQ_BF16_EMULATED}};
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++)
        for (int mode = LEADSEQ_EVALUATE; mode <= LEADSEQ_TRAINING; mode++) {
            struct variant v = variants[row[i].variant];
            if (row[i].precision == LEADSEQ_BF16 && !leadseq_bf16_is_native()) continue;
            v.spec.height += 128, v.spec.width += 128;
            widen(&v, "model.hidden", row[i].channels);
            widen(&v, "model.stem_channels", row[i].channels);
            double ratio = said_over_taken(&v, mode, row[i].precision);
            if (ratio == 0) cr_skip_test("the sanitizer's allocator does not count");
            cr_expect(ratio > row[i].least && ratio < row[i].most, "row %zu, mode %d: %g", i, mode,
                      ratio);
        }
}

Test(model, misuse_is_refused)
{
    struct trial t;
    trial_open(&t, &variants[0], 2, 2);
    cr_assert_eq(leadseq_model_backward(t.model, t.dlogits), -1);
    cr_assert_eq(leadseq_model_forward(t.model, LEADSEQ_EVALUATE, 0, 3, t.images, t.logits), -1);
    cr_assert(strstr(leadseq_error(), "1 to 2 records, found 3"), "%s", leadseq_error());
    cr_assert_eq(leadseq_model_forward(t.model, LEADSEQ_EVALUATE, 0, 0, t.images, t.logits), -1);
    trial_forward(&t, LEADSEQ_EVALUATE);
    cr_assert_eq(leadseq_model_backward(t.model, t.dlogits), -1);
    struct leadseq_model_spec bad = variants[0].spec;
    bad.width = 0;
    cr_assert_null(leadseq_model_new(&bad, t.engine, 2, 1));
    cr_assert_null(leadseq_model_new(&variants[0].spec, t.engine, 0, 1));
    trial_close(&t);
}

/* --- What a person and diagnostics see -------------------------------------------------------- */

/* By hand, at 3 × 3 and 4 gates of 10: 360 multiply-adds a pixel and channel; x alone at the first
 * of 12 leads, [x, h] at eleven; backward to h at eleven; the head of 10 · 512² features. */
Test(model, the_papers_step_is_134_gflop)
{
    struct leadseq_model_spec spec;
    struct leadseq_engine *engine;
    leadseq_model_spec_default(&spec, leadseq_model_type_find("convlstm"));
    spec.leads = 12, spec.channels = 1, spec.height = spec.width = 512;
    struct leadseq_model *m = try_model(spec, 2, &engine);
    cr_assert(m, "%s", leadseq_error());
    struct leadseq_work work = leadseq_model_work(m);
    double pixels = 512 * 512, head = 2 * 10 * pixels;
    cr_assert_eq(work.forward, 2 * 360 * pixels * (1 + 11 * 11) + head);
    cr_assert_eq(work.data, 2 * 360 * pixels * 11 * 10 + head);
    cr_assert_eq(work.weights, work.forward);
    cr_assert_float_eq(2 * work.forward, 46.1e9, .05e9); /* batch 2: 46.1 + 41.5 + 46.1 */
    cr_assert_float_eq(2 * work.data, 41.5e9, .05e9);
    cr_assert_float_eq(2 * (work.forward + work.data + work.weights), 134e9, .5e9);
    leadseq_model_free(m);
    leadseq_engine_close(engine);
}

/* A stem and two recurrent layers: the second's x and the stem's output have gradients, the
 * image has none. Two leads of 8 × 6; the stem halves them. */
Test(model, work_is_counted_for_every_gradient_that_is_wanted)
{
    struct leadseq_model_spec spec;
    struct leadseq_engine *engine;
    leadseq_model_spec_default(&spec, leadseq_model_type_find("convlstm"));
    spec.leads = 2, spec.channels = 1, spec.height = 8, spec.width = 6;
    cr_assert_eq(leadseq_model_spec_set_all(&spec, "model.stem=conv model.stem_channels=[5] "
                                                   "model.hidden=[3,4] model.head=mean"),
                 0);
    struct leadseq_model *m = try_model(spec, 1, &engine);
    cr_assert(m, "%s", leadseq_error());
    struct leadseq_work work = leadseq_model_work(m);
    double pixels = 4 * 3, stem = 2 * 9 * 5 * pixels;
    double first_x = 2 * 5 * 9 * 12 * pixels, first_h = 3 * 9 * 12 * pixels;
    double second_x = 2 * 3 * 9 * 16 * pixels, second_h = 4 * 9 * 16 * pixels;
    double forward = stem + first_x + first_h + second_x + second_h + 4;
    cr_assert_eq(work.forward, 2 * forward);
    cr_assert_eq(work.weights, 2 * forward);
    cr_assert_eq(work.data, 2 * (forward - stem));
    leadseq_model_free(m);
    leadseq_engine_close(engine);
}

struct seen {
    int h, dh;
    bool named;
};

static void count(void *user, const char *layer, int step, enum leadseq_observed what,
                  const struct leadseq_view *tensor)
{
    struct seen *seen = user;
    seen->named |= !strcmp(layer, "convlstm1") && step == 2;
    seen->h += what == LEADSEQ_OBSERVED_H && tensor->h == 5;
    seen->dh += what == LEADSEQ_OBSERVED_DH;
}

Test(model, an_observer_sees_every_lead_of_every_recurrent_layer_until_it_is_taken_off)
{
    struct trial t;
    struct seen seen = {0};
    trial_open(&t, &variants[4], 2, 2);
    leadseq_model_observe(t.model, count, &seen);
    trial_forward(&t, LEADSEQ_TRAINING), trial_backward(&t);
    cr_assert(seen.h == 6 && seen.dh == 6 && seen.named, "%d %d", seen.h, seen.dh);
    leadseq_model_observe(t.model, NULL, NULL);
    trial_forward(&t, LEADSEQ_TRAINING), trial_backward(&t);
    cr_assert_eq(seen.h, 6);
    trial_close(&t);
}
