/* SPDX-License-Identifier: MIT
 *
 * A model: parameters, a chain of layers over them, and the chain's bindings to
 * batch sizes, made when first needed. Knows no loss and no optimiser. */
#include "build.h"
#include "model_private.h"

#include <stdlib.h>
#include <string.h>

struct nn_shape model_input_shape(const struct leadseq_model_spec *spec)
{
    if (spec->type->input == LEADSEQ_INPUT_SEQUENCE)
        return (struct nn_shape){spec->leads, spec->channels, spec->height, spec->width};
    return (struct nn_shape){1, spec->leads * spec->channels, spec->height, spec->width};
}

int leadseq_model_groups(const struct leadseq_model *m)
{
    return (m->spec.type->group ? m->spec.type->body_groups : 1) + 1;
}

/* A model without head's functions has one in its last layer. */
static void group_slices(struct leadseq_model *m, size_t head_slice)
{
    const struct leadseq_model_type *type = m->spec.type;
    const int last = leadseq_model_groups(m) - 1;
    for (size_t i = 0; i < m->params.n_slices; i++) {
        struct leadseq_slice *s = &m->params.slice[i];
        const bool head = i >= head_slice || !strncmp(s->name, "head.", 5);
        s->group = head ? last : type->group ? type->group(s->name) : 0;
    }
}

/* Fills the chain; layers declare their slices in params and state. */
static int build_network(struct leadseq_model *m)
{
    struct nn_store store = {.params = &m->params, .state = &m->state};
    struct model_builder b = {.spec = &m->spec,
                              .options = m->spec.options,
                              .store = &store,
                              .chain = &m->chain,
                              .head_slice = SIZE_MAX,
                              .shape = model_input_shape(&m->spec)};
    if (m->spec.type->build(&b)) return -1;
    group_slices(m, b.head_slice);
    if (leadseq_model_cells(m) > LEADSEQ_CELLS_MOST)
        return leadseq_fail("model.type %s: expected at most %d recurrent layers, found %d",
                            m->spec.type->name, LEADSEQ_CELLS_MOST, leadseq_model_cells(m));
    if (b.shape.n == 1 && b.shape.h == 1 && b.shape.w == 1 && b.shape.c == m->spec.outputs)
        return 0;
    return leadseq_fail("model.type %s: its last layer gives a record %d x %d x %d x %d values; "
                        "expected one for each of %d outputs",
                        m->spec.type->name, b.shape.n, b.shape.c, b.shape.h, b.shape.w,
                        m->spec.outputs);
}

static int build(struct leadseq_model *m)
{
    if (build_network(m) || model_memory_check(m, LEADSEQ_EVALUATE, m->batch) ||
        nn_params_allocate(&m->params, true) || nn_params_allocate(&m->state, false))
        return -1;
    nn_params_initialise(&m->params, m->seed);
    nn_params_initialise(&m->state, m->seed);
    nn_chain_initialise(&m->chain);
    return m->spec.type->initialise ? m->spec.type->initialise(m) : 0;
}

struct leadseq_model *leadseq_model_new(const struct leadseq_model_spec *spec,
                                        struct leadseq_engine *engine, int batch, uint64_t seed)
{
    if (leadseq_model_spec_check(spec)) return NULL;
    if (batch < 1 || batch > 1 << 16) {
        (void)leadseq_fail("model: batch: expected 1 to %d records, found %d", 1 << 16, batch);
        return NULL;
    }
    struct leadseq_model *m = leadseq_calloc(1, sizeof *m);
    if (!m) return NULL;
    m->spec = *spec;
    m->engine = engine;
    m->batch = batch;
    m->seed = seed;
    if (!build(m)) return m;
    leadseq_model_free(m);
    return NULL;
}

static void unbind_training(struct leadseq_model *m, int slot)
{
    if (m->forwarded == &m->training[slot]) m->forwarded = NULL;
    if (m->seen == &m->training[slot]) m->seen = NULL;
    nn_chain_unbind(&m->training[slot]);
    m->training_batch[slot] = 0;
}

void leadseq_model_free(struct leadseq_model *m)
{
    if (!m) return;
    for (int slot = 0; slot < 2; slot++) unbind_training(m, slot);
    nn_chain_unbind(&m->evaluation);
    nn_chain_clear(&m->chain);
    nn_params_clear(&m->params);
    nn_params_clear(&m->state);
    free(m);
}

bool leadseq_model_is_sequence(const struct leadseq_model *m)
{
    return m->spec.type->input == LEADSEQ_INPUT_SEQUENCE;
}

struct leadseq_params *leadseq_model_params(struct leadseq_model *m)
{
    return &m->params;
}

struct leadseq_params *leadseq_model_state(struct leadseq_model *m)
{
    return &m->state;
}

int leadseq_model_graph(const struct leadseq_model *m, struct nn_graph *g,
                        struct nn_graph_images *x)
{
    if (nn_chain_graph(&m->chain, g, x)) return -1;
    x->value[0] = nn_graph_row(g, "head", x->value[0]);
    return x->value[0] < 0 ? -1 : 0;
}

void leadseq_model_observe(struct leadseq_model *m, leadseq_observer *observer, void *user)
{
    m->observer = observer;
    m->observer_user = user;
}

void leadseq_model_set_part(struct leadseq_model *m, int first, bool counted)
{
    m->first = first;
    m->idle = !counted;
}

/* --- Binding -------------------------------------------------------------------------- */

static int bind(struct leadseq_model *m, struct nn_bound_chain *b, enum leadseq_mode mode, int n)
{
    if (model_memory_check(m, mode, n)) return -1;
    const bool training = mode == LEADSEQ_TRAINING;
    struct nn_bind_options o = {.batch = n, .training = training, .lent = training};
    return nn_chain_bind(b, &m->chain, m->engine, &o);
}

static struct nn_bound_chain *bound_evaluation(struct leadseq_model *m)
{
    if (!m->evaluation.chain && bind(m, &m->evaluation, LEADSEQ_EVALUATE, m->batch)) return NULL;
    return &m->evaluation;
}

enum { SMALL = 64 << 20 }; /* bytes of a binding that may be kept beside another */

/* A small whole batch keeps its binding while the last, smaller batch of an epoch has another;
 * a large one is bound again each time, so that an epoch takes no more memory than a step. */
static struct nn_bound_chain *bound_training(struct leadseq_model *m, int n)
{
    int slot = n == m->batch ? 0 : 1;
    if (m->training_batch[slot] == n) return &m->training[slot];
    unbind_training(m, slot);
    if (model_memory_need(m, LEADSEQ_TRAINING, n) > SMALL) unbind_training(m, !slot);
    if (bind(m, &m->training[slot], LEADSEQ_TRAINING, n)) return NULL;
    m->training_batch[slot] = n;
    return &m->training[slot];
}

int leadseq_model_prepare(struct leadseq_model *m, enum leadseq_mode mode)
{
    if (mode == LEADSEQ_EVALUATE) return bound_evaluation(m) ? 0 : -1;
    return bound_training(m, m->batch) ? 0 : -1;
}

/* --- Running -------------------------------------------------------------------------- */

/* (steps, n, …) into the first n places of (steps, bound, …). */
static void copy_input(const struct leadseq_model *m, struct nn_bound_chain *b, int n,
                       const float *images)
{
    struct nn_shape one = model_input_shape(&m->spec);
    size_t image = nn_shape_count(one) / (size_t)one.n;
    size_t bound = (size_t)b->input.shape.n / (size_t)one.n;
    for (int t = 0; t < one.n; t++)
        memcpy(b->input.data + (size_t)t * bound * image, images + (size_t)t * n * image,
               (size_t)n * image * sizeof *images);
}

int leadseq_model_forward(struct leadseq_model *m, enum leadseq_mode mode, uint64_t step, int n,
                          const float *images, float *logits)
{
    if (n < 1 || n > m->batch)
        return leadseq_fail("model: expected a batch of 1 to %d records, found %d", m->batch, n);
    bool training = mode == LEADSEQ_TRAINING;
    struct nn_bound_chain *b = training ? bound_training(m, n) : bound_evaluation(m);
    if (!b) return -1;
    if (training) {
        if (nn_chain_lend(b, images)) return -1;
    } else {
        copy_input(m, b, n, images);
    }
    b->pass = (struct nn_pass){.seed = m->seed,
                               .step = step,
                               .first = m->first,
                               .idle = m->idle,
                               .observer = m->observer,
                               .user = m->observer_user};
    if (training) m->forwarded = NULL;
    if (nn_chain_forward(b)) return -1;
    memcpy(logits, nn_chain_y(b)->data, (size_t)n * (size_t)m->spec.outputs * sizeof *logits);
    if (training) m->forwarded = m->seen = b;
    return 0;
}

int leadseq_model_backward(struct leadseq_model *m, const float *dlogits)
{
    struct nn_bound_chain *b = m->forwarded;
    if (!b) return leadseq_fail("model: backward without a forward pass in training mode before");
    m->forwarded = NULL;
    b->pass.observer = m->observer;
    b->pass.user = m->observer_user;
    memcpy(b->dy.data, dlogits, nn_shape_count(b->dy.shape) * sizeof *dlogits);
    return nn_chain_backward(b);
}
