/* SPDX-License-Identifier: MIT
 *
 * What diagnostics may look at in a model: its layers, what the last dense layer
 * read, where a value first stopped being finite. Changes nothing. */
#include "model_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct leadseq_model_spec *leadseq_model_spec(const struct leadseq_model *m)
{
    return &m->spec;
}

int leadseq_model_layers(const struct leadseq_model *m)
{
    return m->chain.n_layers;
}

const char *leadseq_model_layer_name(const struct leadseq_model *m, int layer)
{
    return m->chain.layer[layer]->name;
}

size_t leadseq_model_features(const struct leadseq_model *m)
{
    return nn_shape_count(m->chain.layer[m->chain.n_layers - 1]->in);
}

int leadseq_model_get_features(struct leadseq_model *m, float *phi)
{
    struct nn_bound_chain *b = m->seen;
    if (!b) return leadseq_fail("model: no training pass has been made");
    return nn_tensor_get(m->engine, b->bound[m->chain.n_layers - 1].x, phi);
}

/* Whether every value of a tensor is finite; -1 on failure. */
static int is_finite(struct leadseq_engine *engine, const struct nn_tensor *t)
{
    size_t n = nn_shape_count(t->shape), bad = 0;
    float *plain = nn_aligned(n * sizeof *plain);
    int status = plain ? nn_tensor_get(engine, t, plain) : -1;
    for (size_t i = 0; !status && i < n; i++) bad += !isfinite(plain[i]);
    free(plain);
    return status ? -1 : bad == 0;
}

int leadseq_model_nonfinite(struct leadseq_model *m, int *layer)
{
    struct nn_bound_chain *b = m->seen;
    if (!b) return leadseq_fail("model: no training pass has been made");
    int finite = is_finite(m->engine, b->bound[0].x);
    *layer = finite == 0 ? -2 : -1;
    for (int i = 0; finite == 1 && i < m->chain.n_layers; i++) {
        if (b->bound[i].taken) continue;
        finite = is_finite(m->engine, &b->bound[i].y);
        if (finite == 0) *layer = i;
    }
    return finite < 0 ? -1 : 0;
}

/* --- Cells --------------------------------------------------------------------------------- */

/* The values of a slice of the parameters, NULL if the layer has no such slice. */
static const float *slice_of(const struct leadseq_model *m, const char *layer, const char *name)
{
    char whole[64];
    snprintf(whole, sizeof whole, "%s.%s", layer, name);
    for (size_t i = 0; i < m->params.n_slices; i++)
        if (!strcmp(m->params.slice[i].name, whole)) return nn_params_value(&m->params, (int)i);
    return NULL;
}

struct leadseq_cell_map *leadseq_model_cell_map(struct leadseq_model *m, int cell)
{
    int place = model_cell_place(m, cell);
    if (place < 0) return NULL;
    const struct nn_layer *l = m->chain.layer[place];
    struct leadseq_cell_map_options o = {
        .hidden = l->out.c,
        .inputs = l->in.c,
        .kernel = leadseq_model_cell(m, cell).kernel,
        .height = l->in.h,
        .width = l->in.w,
        .weight = slice_of(m, l->name, "weight"),
        .bias = slice_of(m, l->name, "bias"),
        .gain = slice_of(m, l->name, "norm_weight"),
        .shift = slice_of(m, l->name, "norm_bias"),
    };
    return leadseq_cell_map_new(m->engine, &o);
}

/* (T·N, C, H, W), the step outermost: record n's images are N apart. */
int leadseq_model_get_cell_input(struct leadseq_model *m, int cell, int record, float *x)
{
    struct nn_bound_chain *b = m->seen;
    int place = model_cell_place(m, cell);
    if (!b || place < 0) return b ? -1 : leadseq_fail("model: no training pass has been made");
    const struct nn_tensor *t = b->bound[place].x;
    size_t image = leadseq_model_cell(m, cell).inputs, batch = (size_t)b->bound[place].batch;
    float *all = nn_aligned(nn_shape_count(t->shape) * sizeof *all);
    int status = all ? nn_tensor_get(m->engine, t, all) : -1;
    for (size_t k = 0; !status && k < (size_t)m->chain.layer[place]->in.n; k++)
        memcpy(x + k * image, all + (k * batch + (size_t)record) * image, image * sizeof *x);
    free(all);
    return status;
}

/* --- Images -------------------------------------------------------------------------------- */

/* A binding of its own, since training's never computes dx of the images. */
int leadseq_model_image_gradient(struct leadseq_model *m, uint64_t step, int n, const float *images,
                                 const float *dlogits, float *dimages)
{
    struct nn_bound_chain b = {0};
    struct nn_bind_options o = {.batch = n, .training = true, .need_dx = true, .lent = true};
    if (model_memory_check(m, LEADSEQ_TRAINING, n) || nn_chain_bind(&b, &m->chain, m->engine, &o))
        return -1;
    b.pass = (struct nn_pass){.seed = m->seed, .step = step, .first = m->first};
    int status = nn_chain_lend(&b, images);
    if (!status) status = nn_chain_forward(&b);
    if (!status) {
        memcpy(b.dy.data, dlogits, nn_shape_count(b.dy.shape) * sizeof *dlogits);
        status = nn_chain_backward(&b);
    }
    if (!status) status = nn_tensor_get(m->engine, nn_chain_dx(&b), dimages);
    nn_chain_unbind(&b);
    return status;
}
