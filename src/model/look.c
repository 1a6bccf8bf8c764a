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
        finite = is_finite(m->engine, &b->bound[i].y);
        if (finite == 0) *layer = i;
    }
    return finite < 0 ? -1 : 0;
}
