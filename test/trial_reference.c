/* SPDX-License-Identifier: MIT
 *
 * Specification to double-precision network; see trial_reference.h. */
#include "trial_reference.h"

#include "nn/nn_private.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void add(struct ref_net *net, struct ref_layer l, const char *name, int i, const char *part)
{
    if (i < 0)
        snprintf(l.name, sizeof l.name, "%s", name);
    else
        snprintf(l.name, sizeof l.name, "%s%d%s", name, i, part);
    ref_net_add(net, &l);
}

static void add_conv_norm(struct ref_net *net, const char *group, int i, struct ref_layer conv)
{
    conv.kind = REF_KIND_CONV;
    add(net, conv, group, i, ".conv");
    add(net, (struct ref_layer){.kind = REF_KIND_NORM}, group, i, ".norm");
    add(net, (struct ref_layer){.kind = REF_KIND_RELU}, group, i, ".relu");
}

static void add_stem(struct ref_net *net, const struct leadseq_model_spec *s)
{
    for (int i = 0; s->stem == LEADSEQ_STEM_CONV && i < s->n_stem; i++)
        add_conv_norm(
            net, "stem", i,
            (struct ref_layer){.k = s->stem_channels[i], .kernel = 3, .stride = 2, .pad = -1});
    if (s->stem == LEADSEQ_STEM_PATCH)
        add_conv_norm(
            net, "stem", 0,
            (struct ref_layer){.k = s->stem_channels[0], .kernel = s->patch, .stride = s->patch});
}

static void add_body(struct ref_net *net, const struct leadseq_model_spec *s)
{
    for (int i = 0; i < s->n_layers; i++) {
        bool last = i == s->n_layers - 1;
        struct ref_layer cell = {.kind = REF_KIND_CONVLSTM,
                                 .k = s->hidden[i],
                                 .kernel = s->kernel,
                                 .bias = s->bias,
                                 .cell_norm = s->cell_norm == LEADSEQ_CELL_NORM_LAYER,
                                 .last_only = last && !s->pool_time};
        struct ref_layer stage = {.k = s->hidden[i], .kernel = s->kernel, .stride = 1, .pad = -1};
        if (s->type == LEADSEQ_MODEL_CONVLSTM) {
            add(net, cell, "convlstm", i, "");
            continue;
        }
        add_conv_norm(net, "stage", i, stage);
        add(net, (struct ref_layer){.kind = REF_KIND_POOL, .kernel = 2, .stride = 2}, "stage", i,
            ".pool");
    }
}

static void add_head(struct ref_net *net, const struct leadseq_model_spec *s, const uint8_t *mask)
{
    struct ref_layer pool = {.kind = REF_KIND_GLOBAL,
                             .mean = s->head != LEADSEQ_HEAD_MAX,
                             .max = s->head != LEADSEQ_HEAD_MEAN};
    if (s->head == LEADSEQ_HEAD_FLATTEN) pool = (struct ref_layer){.kind = REF_KIND_FLATTEN};
    if (s->head_norm) add(net, (struct ref_layer){.kind = REF_KIND_NORM}, "head_norm", -1, "");
    add(net, pool, "pool", -1, "");
    if (s->dropout > 0)
        add(net,
            (struct ref_layer){.kind = REF_KIND_DROPOUT, .rate = (double)s->dropout, .mask = mask},
            "dropout", -1, "");
    add(net, (struct ref_layer){.kind = REF_KIND_DENSE, .k = 1, .bias = true}, "head", -1, "");
}

static struct ref_net net_of(struct trial *t, const struct leadseq_model_spec *s,
                             const uint8_t *mask)
{
    bool sequence = s->type == LEADSEQ_MODEL_CONVLSTM;
    struct ref_net net = {.params = t->params,
                          .state = leadseq_model_state(t->model),
                          .images = sequence ? s->leads : 1,
                          .c = sequence ? s->channels : s->leads * s->channels,
                          .h = s->height,
                          .w = s->width};
    add_stem(&net, s);
    add_body(&net, s);
    add_head(&net, s, mask);
    return net;
}

/* The features before the last dense layer: its weights. */
static size_t features_of(const struct leadseq_params *p)
{
    for (size_t i = 0; i < p->n_slices; i++)
        if (!strcmp(p->slice[i].name, "head.weight")) return p->slice[i].count;
    cr_assert_fail("no head.weight");
    return 0;
}

/* The draws nn_dropout's header promises: keyed by seed and layer, step, record. */
static uint8_t *mask_of(const struct trial *t, float rate)
{
    size_t features = features_of(t->params);
    uint8_t *mask = malloc((size_t)t->n * features);
    cr_assert(mask);
    for (size_t n = 0; n < (size_t)t->n; n++) {
        struct leadseq_random r;
        leadseq_random_init(&r, TRIAL_SEED ^ leadseq_hash_text("dropout"), LEADSEQ_STREAM_DROPOUT,
                            TRIAL_STEP, n);
        for (size_t i = 0; i < features; i++)
            mask[n * features + i] = leadseq_random_uniform(&r) >= (double)rate;
    }
    return mask;
}

static double loss_of(void *user)
{
    struct trial *t = user;
    trial_forward(t, LEADSEQ_TRAINING);
    return check_dot(t->logits, t->dlogits, (size_t)t->n);
}

static float *copy(const float *x, size_t n)
{
    float *y = malloc((n ? n : 1) * sizeof *y);
    cr_assert(y);
    if (n) memcpy(y, x, n * sizeof *y);
    return y;
}

void judged_open(struct judged *j, const struct variant *v,
                 const struct leadseq_engine_options *engine, bool compose)
{
    struct trial *t = &j->trial;
    trial_open_with(t, v, v->batch, v->batch, engine);
    t->engine->compose = compose;
    const struct leadseq_params *state = leadseq_model_state(t->model);
    j->state = copy(state->value, state->count);
    j->mask = v->spec.dropout > 0 ? mask_of(t, v->spec.dropout) : NULL;
    j->net = net_of(t, &v->spec, j->mask);
    trial_forward(t, LEADSEQ_TRAINING);
    trial_backward(t);
    j->y = copy(t->logits, (size_t)t->n);
    j->subject = (struct check_subject){.net = &j->net,
                                        .batch = t->n,
                                        .x = t->images,
                                        .dy = t->dlogits,
                                        .y = j->y,
                                        .n_x = t->record * (size_t)t->n,
                                        .n_y = (size_t)t->n,
                                        .params = t->params,
                                        .state = j->state,
                                        .loss = loss_of,
                                        .user = t};
}

void judged_close(struct judged *j)
{
    free(j->mask), free(j->state), free(j->y);
    trial_close(&j->trial);
}
