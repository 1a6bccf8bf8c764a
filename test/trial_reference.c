/* SPDX-License-Identifier: MIT
 *
 * Specification to double-precision network; see trial_reference.h. */
#include "trial_reference.h"

#include "model/model_private.h"
#include "reference_layer.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* --- By hand, from the options ---------------------------------------------------------- */

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

static bool is(const struct leadseq_model_spec *s, const char *key, const char *value)
{
    return leadseq_model_spec_is(s, key, value);
}

static double number(const struct leadseq_model_spec *s, const char *key)
{
    const void *block;
    const struct leadseq_option *o = leadseq_model_option(s, key, &block);
    char *text = o ? leadseq_option_text(block, o) : NULL;
    cr_assert(text, "%s", key);
    double value = strtod(text, NULL);
    free(text);
    return value;
}

static struct leadseq_integers integers(const struct leadseq_model_spec *s, const char *key)
{
    const void *block;
    const struct leadseq_option *o = leadseq_model_option(s, key, &block);
    cr_assert(o && o->kind == &leadseq_option_integers, "%s", key);
    return *(const struct leadseq_integers *)leadseq_option_value(block, o);
}

static void add_stem(struct ref_net *net, const struct leadseq_model_spec *s)
{
    struct leadseq_integers channels = integers(s, "model.stem_channels");
    int patch = (int)number(s, "model.patch");
    for (int i = 0; is(s, "model.stem", "conv") && i < channels.n; i++)
        add_conv_norm(
            net, "stem", i,
            (struct ref_layer){.k = channels.value[i], .kernel = 3, .stride = 2, .pad = -1});
    if (is(s, "model.stem", "patch"))
        add_conv_norm(net, "stem", 0,
                      (struct ref_layer){.k = channels.value[0], .kernel = patch, .stride = patch});
}

static void add_cells(struct ref_net *net, const struct leadseq_model_spec *s)
{
    struct leadseq_integers hidden = integers(s, "model.hidden");
    for (int i = 0; i < hidden.n; i++) {
        bool last = i == hidden.n - 1;
        add(net,
            (struct ref_layer){.kind = REF_KIND_CONVLSTM,
                               .k = hidden.value[i],
                               .kernel = (int)number(s, "model.kernel"),
                               .bias = is(s, "model.bias", "true"),
                               .cell_norm = is(s, "model.cell_norm", "layer"),
                               .last_only = last && is(s, "model.pool_time", "false")},
            "convlstm", i, "");
    }
}

static void add_stages(struct ref_net *net, const struct leadseq_model_spec *s)
{
    struct leadseq_integers hidden = integers(s, "model.hidden");
    for (int i = 0; i < hidden.n; i++) {
        add_conv_norm(net, "stage", i,
                      (struct ref_layer){.k = hidden.value[i],
                                         .kernel = (int)number(s, "model.kernel"),
                                         .stride = 1,
                                         .pad = -1});
        add(net, (struct ref_layer){.kind = REF_KIND_POOL, .kernel = 2, .stride = 2}, "stage", i,
            ".pool");
    }
}

static void add_head(struct ref_net *net, const struct leadseq_model_spec *s)
{
    bool max = is(s, "model.head", "max"), mean = is(s, "model.head", "mean");
    struct ref_layer pool = {.kind = REF_KIND_GLOBAL, .mean = !max, .max = !mean};
    double rate = number(s, "model.dropout");
    if (is(s, "model.head", "flatten")) pool = (struct ref_layer){.kind = REF_KIND_FLATTEN};
    if (is(s, "model.head_norm", "true"))
        add(net, (struct ref_layer){.kind = REF_KIND_NORM}, "head_norm", -1, "");
    add(net, pool, "pool", -1, "");
    if (rate > 0)
        add(net, (struct ref_layer){.kind = REF_KIND_DROPOUT, .rate = rate}, "dropout", -1, "");
    add(net, (struct ref_layer){.kind = REF_KIND_DENSE, .k = s->outputs, .bias = true}, "head", -1,
        "");
}

bool judged_can(const struct variant *v)
{
    struct trial t;
    trial_open(&t, v, 1, 1);
    const struct nn_shape in = t.model->chain.layer[0]->in;
    struct ref_net net = {.images = in.n, .c = in.c, .h = in.h, .w = in.w};
    const bool all = ref_net_add_chain(&net, &t.model->chain);
    trial_close(&t);
    return all;
}

/* --- A network of a trial ------------------------------------------------------------------- */

/* ConvLSTM and CNN by hand, so that the library's own builders are checked too; other types as
 * they are built. */
static struct ref_net net_of(struct trial *t, const struct leadseq_model_spec *s)
{
    const struct nn_chain *chain = &t->model->chain;
    const struct nn_shape in = chain->layer[0]->in;
    struct ref_net net = {.params = t->params,
                          .state = leadseq_model_state(t->model),
                          .images = in.n,
                          .c = in.c,
                          .h = in.h,
                          .w = in.w};
    bool cells = !strcmp(s->type->name, "convlstm"), stages = !strcmp(s->type->name, "cnn");
    if (!cells && !stages) {
        cr_assert(ref_net_add_chain(&net, chain));
        return net;
    }
    add_stem(&net, s);
    if (cells)
        add_cells(&net, s);
    else
        add_stages(&net, s);
    add_head(&net, s);
    return net;
}

/* The draws nn_dropout's header promises: keyed by seed and layer, step, record. */
static uint8_t *mask_of(const struct trial *t, const struct ref_layer *l)
{
    const size_t features = (size_t)l->c;
    uint8_t *mask = malloc((size_t)t->n * features);
    cr_assert(mask);
    for (size_t n = 0; n < (size_t)t->n; n++) {
        struct leadseq_random r;
        leadseq_random_init(&r, trial_seed ^ leadseq_hash_text(l->name), LEADSEQ_STREAM_DROPOUT,
                            TRIAL_STEP, n);
        for (size_t i = 0; i < features; i++)
            mask[n * features + i] = leadseq_random_uniform(&r) >= l->rate;
    }
    return mask;
}

static void set_masks(struct judged *j)
{
    int n = 0;
    for (int i = 0; i < j->net.n_layers; i++) {
        struct ref_layer *l = &j->net.layer[i];
        if (l->kind != REF_KIND_DROPOUT) continue;
        cr_assert_lt(n, (int)LEADSEQ_COUNT(j->mask));
        l->mask = j->mask[n++] = mask_of(&j->trial, l);
    }
}

static double loss_of(void *user)
{
    struct trial *t = user;
    trial_forward(t, LEADSEQ_TRAINING);
    return check_dot(t->logits, t->dlogits, (size_t)t->n * t->outputs);
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
    *j = (struct judged){0};
    trial_open_with(t, v, v->batch, v->batch, engine);
    t->engine->compose = compose;
    const struct leadseq_params *state = leadseq_model_state(t->model);
    j->state = copy(state->value, state->count);
    j->net = net_of(t, &v->spec);
    set_masks(j);
    trial_forward(t, LEADSEQ_TRAINING);
    trial_backward(t);
    j->y = copy(t->logits, (size_t)t->n * t->outputs);
    j->subject = (struct check_subject){.net = &j->net,
                                        .batch = t->n,
                                        .x = t->images,
                                        .dy = t->dlogits,
                                        .y = j->y,
                                        .n_x = t->record * (size_t)t->n,
                                        .n_y = (size_t)t->n * t->outputs,
                                        .params = t->params,
                                        .state = j->state,
                                        .loss = loss_of,
                                        .user = t};
}

void judged_close(struct judged *j)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(j->mask); i++) free(j->mask[i]);
    free(j->state), free(j->y);
    trial_close(&j->trial);
}
