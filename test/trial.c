/* SPDX-License-Identifier: MIT
 *
 * Small models on trial; see trial.h. */
#include "trial.h"

#include "gradient.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define CONVLSTM LEADSEQ_MODEL_CONVLSTM
#define CNN      LEADSEQ_MODEL_CNN

/* clang-format off */
const struct variant variants[VARIANTS] = {
    {{.type = CONVLSTM, .hidden = {3}, .n_layers = 1, .kernel = 3, .bias = true, .head =
      LEADSEQ_HEAD_FLATTEN, .leads = 3, .channels = 1, .height = 7, .width = 9}, 2},
    {{.type = CONVLSTM, .hidden = {5}, .n_layers = 1, .kernel = 3, .bias = true, .forget_bias = 1,
      .head = LEADSEQ_HEAD_MEAN, .leads = 4, .channels = 3, .height = 6, .width = 5}, 3},
    {{.type = CONVLSTM, .hidden = {4}, .n_layers = 1, .kernel = 5, .bias = false, .pool_time =
      true, .head = LEADSEQ_HEAD_MAX, .leads = 3, .channels = 1, .height = 5, .width = 7}, 2},
    {{.type = CONVLSTM, .hidden = {6}, .n_layers = 1, .kernel = 3, .bias = true, .pool_time = true,
      .stem = LEADSEQ_STEM_CONV, .stem_channels = {5, 5}, .n_stem = 2, .head = LEADSEQ_HEAD_MEAN_MAX, .dropout =
      0.3f, .leads = 4, .channels = 1, .height = 19, .width = 17}, 2},
    {{.type = CONVLSTM, .hidden = {4, 3}, .n_layers = 2, .kernel = 3, .bias = true, .head =
      LEADSEQ_HEAD_MEAN_MAX, .leads = 3, .channels = 2, .height = 5, .width = 5}, 2},
    {{.type = CONVLSTM, .hidden = {2, 5}, .n_layers = 2, .kernel = 3, .bias = true, .pool_time =
      true, .head = LEADSEQ_HEAD_FLATTEN, .leads = 2, .channels = 1, .height = 4, .width = 3}, 3},
    {{.type = CONVLSTM, .hidden = {3}, .n_layers = 1, .kernel = 3, .bias = true, .head =
      LEADSEQ_HEAD_FLATTEN, .leads = 1, .channels = 1, .height = 1, .width = 1}, 1},
    {{.type = CONVLSTM, .hidden = {16}, .n_layers = 1, .kernel = 1, .bias = true, .stem =
      LEADSEQ_STEM_CONV, .stem_channels = {16, 16}, .n_stem = 2, .head = LEADSEQ_HEAD_MEAN, .leads = 12, .channels =
      1, .height = 16, .width = 16}, 1},
    {{.type = CNN, .hidden = {4, 6}, .n_layers = 2, .kernel = 3, .head = LEADSEQ_HEAD_MEAN, .leads
      = 12, .channels = 1, .height = 13, .width = 11}, 3},
    {{.type = CNN, .hidden = {5}, .n_layers = 1, .kernel = 3, .head = LEADSEQ_HEAD_FLATTEN, .leads
      = 3, .channels = 3, .height = 6, .width = 9}, 2},
    {{.type = CNN, .hidden = {8, 16, 17}, .n_layers = 3, .kernel = 5, .head =
      LEADSEQ_HEAD_MEAN_MAX, .dropout = 0.25f, .leads = 2, .channels = 1, .height = 17, .width =
      18}, 4},
    {{.type = CNN, .hidden = {4}, .n_layers = 1, .kernel = 3, .stem = LEADSEQ_STEM_CONV,
      .stem_channels = {6, 6}, .n_stem = 2, .head = LEADSEQ_HEAD_MAX, .leads = 12, .channels = 1, .height = 23,
      .width = 25}, 3},
    {{.type = CNN, .hidden = {3}, .n_layers = 1, .kernel = 1, .head = LEADSEQ_HEAD_MEAN, .leads =
      1, .channels = 1, .height = 2, .width = 2}, 2},
    {{.type = CONVLSTM, .hidden = {4}, .n_layers = 1, .kernel = 3, .bias = true, .recurrent_init =
      LEADSEQ_INIT_ORTHOGONAL, .stem = LEADSEQ_STEM_PATCH, .stem_channels = {5}, .n_stem = 1,
      .patch = 4, .head = LEADSEQ_HEAD_MEAN, .leads = 3, .channels = 1, .height = 13, .width = 9}, 3},
    {{.type = CONVLSTM, .hidden = {3}, .n_layers = 1, .kernel = 3, .bias = true, .head_norm = true,
      .head = LEADSEQ_HEAD_FLATTEN, .leads = 3, .channels = 1, .height = 7, .width = 9}, 3},
    {{.type = CNN, .hidden = {4}, .n_layers = 1, .kernel = 3, .head_norm = true, .stem =
      LEADSEQ_STEM_PATCH, .stem_channels = {6}, .n_stem = 1, .patch = 2, .head = LEADSEQ_HEAD_MAX,
      .leads = 12, .channels = 1, .height = 15, .width = 11}, 3},
    {{.type = CONVLSTM, .hidden = {17}, .n_layers = 1, .kernel = 3, .bias = true, .head =
      LEADSEQ_HEAD_FLATTEN, .leads = 3, .channels = 3, .height = 33, .width = 1}, 2},
    {{.type = CONVLSTM, .hidden = {10}, .n_layers = 1, .kernel = 3, .bias = true, .head =
      LEADSEQ_HEAD_FLATTEN, .pool_time = true, .head_norm = true, .leads = 12, .channels = 1,
      .height = 1, .width = 31}, 3},
    {{.type = CONVLSTM, .hidden = {10}, .n_layers = 1, .kernel = 3, .bias = true, .head =
      LEADSEQ_HEAD_FLATTEN, .leads = 1, .channels = 1, .height = 17, .width = 31}, 1},
    {{.type = CONVLSTM, .hidden = {3, 17, 2}, .n_layers = 3, .kernel = 3, .bias = true, .head =
      LEADSEQ_HEAD_MEAN, .leads = 4, .channels = 1, .height = 9, .width = 7}, 2},
    {{.type = CONVLSTM, .hidden = {5}, .n_layers = 1, .kernel = 3, .bias = true, .stem =
      LEADSEQ_STEM_PATCH, .stem_channels = {9}, .n_stem = 1, .patch = 4, .head =
      LEADSEQ_HEAD_MEAN, .leads = 3, .channels = 1, .height = 21, .width = 18}, 2},
    {{.type = CONVLSTM, .hidden = {10}, .n_layers = 1, .kernel = 3, .bias = true, .head =
      LEADSEQ_HEAD_FLATTEN, .dropout = 0.5f, .leads = 12, .channels = 1, .height = 12, .width =
      18}, 2},
    {{.type = CNN, .hidden = {17, 3}, .n_layers = 2, .kernel = 3, .stem = LEADSEQ_STEM_PATCH,
      .stem_channels = {7}, .n_stem = 1, .patch = 2, .head = LEADSEQ_HEAD_MEAN_MAX, .head_norm =
      true, .leads = 12, .channels = 3, .height = 19, .width = 9}, 2},
    {{.type = CONVLSTM, .hidden = {10}, .n_layers = 1, .kernel = 3, .bias = true, .forget_bias = 1,
      .cell_norm = LEADSEQ_CELL_NORM_LAYER, .head = LEADSEQ_HEAD_MEAN_MAX, .leads = 12, .channels =
      1, .height = 12, .width = 18}, 2},
    {{.type = CONVLSTM, .hidden = {3, 5}, .n_layers = 2, .kernel = 3, .bias = false, .cell_norm =
      LEADSEQ_CELL_NORM_LAYER, .pool_time = true, .stem = LEADSEQ_STEM_PATCH, .stem_channels = {4},
      .n_stem = 1, .patch = 2, .head = LEADSEQ_HEAD_FLATTEN, .leads = 3, .channels = 1, .height = 9,
      .width = 13}, 3},
};
/* clang-format on */

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
    t->engine = leadseq_engine_open(engine);
    cr_assert(t->engine, "%s", leadseq_error());
    t->model = leadseq_model_new(&v->spec, t->engine, batch, TRIAL_SEED);
    cr_assert(t->model, "%s", leadseq_error());
    t->params = leadseq_model_params(t->model);
    t->n = n;
    t->record = (size_t)v->spec.leads * v->spec.channels * v->spec.height * v->spec.width;
    t->images = malloc(t->record * n * sizeof *t->images);
    t->logits = malloc(n * sizeof *t->logits);
    t->dlogits = malloc(n * sizeof *t->dlogits);
    check_fill_uniform(t->images, t->record * n, 5);
    check_fill_uniform(t->dlogits, n, 6);
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
