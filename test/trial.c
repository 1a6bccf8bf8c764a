/* SPDX-License-Identifier: MIT
 *
 * Small models on trial; see trial.h. */
#include "trial.h"

#include "crowd.h"
#include "gradient.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* Options without their section, to keep rows short. */
struct row {
    const char *type, *options;
    int batch, leads, channels, height, width;
};
/* clang-format off */
static const struct row rows[] = {
    {"convlstm", "hidden=[3] head=flatten", 2, 3, 1, 7, 9},
    {"convlstm", "hidden=[5] forget_bias=1 head=mean", 3, 4, 3, 6, 5},
    {"convlstm", "hidden=[4] kernel=5 bias=false pool_time=true head=max", 2, 3, 1, 5, 7},
    {"convlstm", "hidden=[6] pool_time=true stem=conv stem_channels=[5,5] head=mean-max dropout=0.3", 2, 4, 1, 19, 17},
    {"convlstm", "hidden=[4,3] head=mean-max", 2, 3, 2, 5, 5},
    {"convlstm", "hidden=[2,5] pool_time=true head=flatten", 3, 2, 1, 4, 3},
    {"convlstm", "hidden=[3] head=flatten", 1, 1, 1, 1, 1},
    {"convlstm", "hidden=[16] kernel=1 stem=conv stem_channels=[16,16] head=mean", 1, 12, 1, 16, 16},
    {"cnn", "hidden=[4,6] head=mean", 3, 12, 1, 13, 11},
    {"cnn", "hidden=[5] head=flatten", 2, 3, 3, 6, 9},
    {"cnn", "hidden=[8,16,17] kernel=5 head=mean-max dropout=0.25", 4, 2, 1, 17, 18},
    {"cnn", "hidden=[4] stem=conv stem_channels=[6,6] head=max", 3, 12, 1, 23, 25},
    {"cnn", "hidden=[3] kernel=1 head=mean", 2, 1, 1, 2, 2},
    {"convlstm", "hidden=[4] recurrent_init=orthogonal stem=patch stem_channels=[5] patch=4 head=mean", 3, 3, 1, 13, 9},
    {"convlstm", "hidden=[3] head_norm=true head=flatten", 3, 3, 1, 7, 9},
    {"cnn", "hidden=[4] stem=patch stem_channels=[6] patch=2 head_norm=true head=max", 3, 12, 1, 15, 11},
    {"convlstm", "hidden=[17] head=flatten", 2, 3, 3, 33, 1},
    {"convlstm", "hidden=[10] pool_time=true head_norm=true head=flatten", 3, 12, 1, 1, 31},
    {"convlstm", "hidden=[10] head=flatten", 1, 1, 1, 17, 31},
    {"convlstm", "hidden=[3,17,2] head=mean", 2, 4, 1, 9, 7},
    {"convlstm", "hidden=[5] stem=patch stem_channels=[9] patch=4 head=mean", 2, 3, 1, 21, 18},
    {"convlstm", "hidden=[10] head=flatten dropout=0.5", 2, 12, 1, 12, 18},
    {"cnn", "hidden=[17,3] stem=patch stem_channels=[7] patch=2 head_norm=true head=mean-max", 2, 12, 3, 19, 9},
    {"convlstm", "hidden=[10] forget_bias=1 cell_norm=layer head=mean-max", 2, 12, 1, 12, 18},
    {"convlstm", "hidden=[3,5] bias=false cell_norm=layer pool_time=true stem=patch stem_channels=[4] patch=2 head=flatten", 3, 3, 1, 9, 13},
};
/* clang-format on */

struct variant variants[LEADSEQ_COUNT(rows) + SAMPLES_MOST];
int n_variants;
const int n_rows = LEADSEQ_COUNT(rows);

static void add_variant(const struct leadseq_model_type *type, int batch, int leads, int channels,
                        int height, int width)
{
    struct variant *v = &variants[n_variants++];
    leadseq_model_spec_default(&v->spec, type);
    v->batch = batch;
    v->spec.leads = leads, v->spec.channels = channels;
    v->spec.height = height, v->spec.width = width;
}

/* "a=1 b=2" with "model." before each. */
static void set_row(struct variant *v, const char *options)
{
    char *copy = strdup(options), *rest = copy;
    for (char *word; (word = strsep(&rest, " "));) {
        char whole[128];
        snprintf(whole, sizeof whole, "model.%s", word);
        trial_set(v, whole);
    }
    free(copy);
}

void trial_set(struct variant *v, const char *assignments)
{
    if (!leadseq_model_spec_set_all(&v->spec, assignments)) return;
    fprintf(stderr, "trial: %s: %s\n", assignments, leadseq_error());
    abort();
}

/* Before main(), in every process that tests. */
__attribute__((constructor)) static void fill_variants(void)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(rows); i++) {
        const struct row *r = &rows[i];
        add_variant(leadseq_model_type_find(r->type), r->batch, r->leads, r->channels, r->height,
                    r->width);
        set_row(&variants[i], r->options);
    }
    for (size_t i = 0; leadseq_model_type_at(i); i++)
        for (const struct leadseq_model_sample *s = leadseq_model_type_at(i)->samples; s->options;
             s++) {
            if (n_variants == (int)LEADSEQ_COUNT(variants)) abort(); // raise SAMPLES_MOST
            add_variant(leadseq_model_type_at(i), s->batch, s->leads, s->channels, s->height,
                        s->width);
            trial_set(&variants[n_variants - 1], s->options);
        }
}

uint64_t trial_seed = 11;

bool trial_bends(const struct variant *v)
{
    return !v->spec.type->recurrent || !leadseq_model_spec_is(&v->spec, "model.stem", "none");
}

bool trial_is_deep(const struct variant *v)
{
    return strstr(v->spec.type->name, "resnet");
}

void trial_open(struct trial *t, const struct variant *v, int batch, int n)
{
    trial_open_in(t, v, batch, n, LEADSEQ_F32);
}

void trial_open_in(struct trial *t, const struct variant *v, int batch, int n,
                   enum leadseq_precision precision)
{
    trial_open_with(t, v, batch, n,
                    &(struct leadseq_engine_options){.threads = 2, .precision = precision});
}

void trial_open_with(struct trial *t, const struct variant *v, int batch, int n,
                     const struct leadseq_engine_options *engine)
{
    t->engine = open_crowded(engine);
    cr_assert(t->engine, "%s", leadseq_error());
    t->model = leadseq_model_new(&v->spec, t->engine, batch, trial_seed);
    cr_assert(t->model, "%s", leadseq_error());
    t->params = leadseq_model_params(t->model);
    t->n = n;
    t->outputs = v->spec.outputs;
    t->record = (size_t)v->spec.leads * v->spec.channels * v->spec.height * v->spec.width;
    t->images = malloc(t->record * n * sizeof *t->images);
    t->logits = malloc((size_t)n * t->outputs * sizeof *t->logits);
    t->dlogits = malloc((size_t)n * t->outputs * sizeof *t->dlogits);
    check_fill_uniform(t->images, t->record * n, 5);
    check_fill_uniform(t->dlogits, (size_t)n * t->outputs, 6);
}

void trial_close(struct trial *t)
{
    free(t->images), free(t->logits), free(t->dlogits);
    leadseq_model_free(t->model);
    leadseq_engine_close(t->engine);
}

void trial_forward(struct trial *t, enum leadseq_mode mode)
{
    cr_assert_eq(leadseq_model_forward(t->model, mode, TRIAL_STEP, t->n, t->images, t->logits), 0,
                 "%s", leadseq_error());
}

void trial_backward(struct trial *t)
{
    memset(t->params->gradient, 0, t->params->count * sizeof *t->params->gradient);
    cr_assert_eq(leadseq_model_backward(t->model, t->dlogits), 0, "%s", leadseq_error());
}
