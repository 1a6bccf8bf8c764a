/* SPDX-License-Identifier: MIT
 *
 * Memory a model needs, estimated from its layers' shapes before any is taken,
 * so that what does not fit is refused and not killed. */
#include "model_private.h"

size_t model_memory_need(const struct leadseq_model *m, enum leadseq_mode mode, int n)
{
    return nn_chain_need(&m->chain, m->engine, n, mode == LEADSEQ_TRAINING);
}

size_t leadseq_model_bytes(const struct leadseq_model *m, enum leadseq_mode mode)
{
    return model_memory_need(m, mode, m->batch);
}

/* Gates, their derivatives, c and h of a step of each recurrent layer, in plain order. */
size_t leadseq_model_observed_bytes(const struct leadseq_model *m)
{
    size_t bytes = 0;
    for (int i = 0; i < m->chain.n_layers; i++) {
        const struct nn_layer *l = m->chain.layer[i];
        struct nn_shape step = {m->batch, l->out.c, l->out.h, l->out.w};
        if (l->state_multiply_adds) bytes += 10 * nn_shape_count(step) * sizeof(float);
    }
    return bytes;
}

void model_format_bytes(char text[32], size_t bytes)
{
    static const char *const unit[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double x = (double)bytes;
    size_t i = 0;
    while (x >= 1000 && i < LEADSEQ_COUNT(unit) - 1) x /= 1000, i++;
    snprintf(text, 32, "%.*f %s", i && x < 100 ? 1 : 0, x, unit[i]);
}

/* Whether a tensor is so large that its size in bytes could not even be computed safely. */
static bool is_absurd(const struct leadseq_model *m, int n)
{
    const double most = 0x1p50;
    for (int i = 0; i < m->chain.n_layers; i++) {
        struct nn_shape in = m->chain.layer[i]->in, out = m->chain.layer[i]->out;
        int images = in.n > out.n ? in.n : out.n; /* a layer that gives its last keeps all */
        double x = (double)images * in.c * in.h * in.w, y = (double)images * out.c * out.h * out.w;
        if (x * n > most || y * n > most) return true;
    }
    return false;
}

int model_memory_check(const struct leadseq_model *m, enum leadseq_mode mode, int n)
{
    if (is_absurd(m, n))
        return leadseq_fail("model: a batch of %d with %d leads of %d x %d needs more than a "
                            "petabyte; use a smaller batch or smaller images",
                            n, m->spec.leads, m->spec.width, m->spec.height);
    size_t there = leadseq_available_bytes();
    size_t params = m->params.value ? 0 : 2 * m->params.count * sizeof(float);
    size_t need = model_memory_need(m, mode, n);
    if (!there || (params <= there && need <= there - params)) return 0;
    return leadseq_fail("model: %s a batch of %d with images of %d x %d needs about %zu bytes, "
                        "%zu are available; use a smaller batch or smaller images",
                        mode == LEADSEQ_TRAINING ? "training on" : "evaluating", n, m->spec.width,
                        m->spec.height, need + params, there);
}
