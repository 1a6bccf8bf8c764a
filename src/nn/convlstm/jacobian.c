/* SPDX-License-Identifier: MIT
 *
 * One step of a ConvLSTM for one record, (h, c) -> (h', c'), and products with its
 * Jacobian J in both directions, exact up to rounding: forward mode J v, reverse
 * mode J' w. In plain order on oneDNN's convolution, separate from the kernels that
 * train, so that each can be tested against the other.
 *
 *   a  = w ∗ [x, h] + b        ȧ  = w_h ∗ ḣ                      (w_h: the columns of h)
 *   c' = f c + i g             ċ' = f ċ + c f(1-f) ȧ_f + g i(1-i) ȧ_i + i (1-g²) ȧ_g
 *   h' = o tanh c'             ḣ' = tanh c' o(1-o) ȧ_o + o (1 - tanh² c') ċ'
 *
 * A layer norm, if any, is applied to a before the gates; its Jacobian is part of the product.
 *
 * A map owns its memory and borrows the engine; parameters are copied when it is made. A map must
 * not be used by two threads at once; different maps may be, on different engines. */
#include "nn/layers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- Layer norm of the gates as a map --------------------------------------------------------- */

/* y = γ â + β,  â = (a - μ) r, of each gate of one record, in double. Its Jacobian at the sums it
 * was last applied to:
 *
 *   forward     ẏ = γ r (ȧ - mean ȧ - â mean(â ȧ))
 *   transposed  r (e - mean e - â mean(â e)) with e = γ w */
struct gate_norm {
    size_t gate, pixels;       /* K·H·W; H·W */
    const float *gain, *shift; /* (4K), borrowed */
    float *hat;                /* (4K, H, W): â */
    double r[4];               /* of each gate */
};

static int gate_norm_init(struct gate_norm *g, const struct leadseq_cell_map_options *o)
{
    *g = (struct gate_norm){
        .pixels = (size_t)o->height * (size_t)o->width, .gain = o->gain, .shift = o->shift};
    g->gate = (size_t)o->hidden * g->pixels;
    g->hat = nn_aligned(4 * g->gate * sizeof *g->hat);
    return g->hat ? 0 : -1;
}

static void gate_norm_clear(struct gate_norm *g)
{
    free(g->hat);
    *g = (struct gate_norm){0};
}

static double mean_of(const float *a, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i];
    return sum / (double)n;
}

/* Mean of (a - shift) (b - shift). */
static double mean_product(const float *a, const float *b, double shift, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += ((double)a[i] - shift) * ((double)b[i] - shift);
    return sum / (double)n;
}

static void gate_norm_apply(struct gate_norm *g, float *a)
{
    for (size_t gate = 0; gate < 4; gate++) {
        float *at = a + gate * g->gate, *hat = g->hat + gate * g->gate;
        double mean = mean_of(at, g->gate), r;
        r = 1 / sqrt(mean_product(at, at, mean, g->gate) + NN_CELL_NORM_EPSILON);
        g->r[gate] = r;
        for (size_t i = 0; i < g->gate; i++) {
            size_t k = (gate * g->gate + i) / g->pixels;
            double value = ((double)at[i] - mean) * r;
            hat[i] = (float)value;
            at[i] = (float)((double)g->gain[k] * value + (double)g->shift[k]);
        }
    }
}

/* r (v - mean v - â mean(â v)), which is its own transpose. */
static void project(const struct gate_norm *g, size_t gate, float *v)
{
    const float *hat = g->hat + gate * g->gate;
    const double mean = mean_of(v, g->gate), along = mean_product(v, hat, 0, g->gate);
    for (size_t i = 0; i < g->gate; i++)
        v[i] = (float)(g->r[gate] * ((double)v[i] - mean - along * (double)hat[i]));
}

static void scale(const struct gate_norm *g, float *v)
{
    for (size_t i = 0; i < 4 * g->gate; i++) v[i] *= g->gain[i / g->pixels];
}

static void gate_norm_forward(const struct gate_norm *g, float *v)
{
    for (size_t gate = 0; gate < 4; gate++) project(g, gate, v + gate * g->gate);
    scale(g, v);
}

static void gate_norm_reverse(const struct gate_norm *g, float *w)
{
    scale(g, w);
    for (size_t gate = 0; gate < 4; gate++) project(g, gate, w + gate * g->gate);
}

/* --- Products --------------------------------------------------------------------------------- */

/* A convolution of plain tensors with weights of its own. */
struct product {
    struct nn_convolution s;
    struct nn_tensor in, out, weight, bias;
    struct nn_adapter w_forward, w_back;
    struct nn_plan forward, back;
    dnnl_primitive_desc_t pd;
};

struct leadseq_cell_map {
    struct leadseq_cell_map_options o;
    struct leadseq_engine *engine;
    size_t pixels, state;           /* H·W, K·H·W */
    struct product sums, recurrent; /* of [x, h] with b; of h alone, both directions */
    float *i, *f, *o_gate, *g;      /* (K, H, W) each, at the state of the last step */
    float *c_before, *tangent;      /* c; tanh c' */
    float *next;                    /* h', c' */
    struct gate_norm norm;          /* at the state of the last step */
};

static int bind_forward(struct product *p, struct leadseq_engine *engine)
{
    if (nn_convolution_create(&p->pd, engine, &p->s, NN_FORWARD, p->in.md, p->out.md, NULL) ||
        nn_adapter_init(&p->w_forward, engine, &p->weight, nn_md_of(p->pd, dnnl_query_weights_md),
                        false) ||
        nn_plan_init(&p->forward, p->pd))
        return -1;
    nn_plan_argument(&p->forward, DNNL_ARG_SRC, p->in.memory);
    nn_plan_argument(&p->forward, DNNL_ARG_WEIGHTS, p->w_forward.tensor->memory);
    if (p->s.bias) nn_plan_argument(&p->forward, DNNL_ARG_BIAS, p->bias.memory);
    nn_plan_argument(&p->forward, DNNL_ARG_DST, p->out.memory);
    return 0;
}

/* in = wᵀ out, in place of the two tensors of the forward product. */
static int bind_back(struct product *p, struct leadseq_engine *engine)
{
    dnnl_primitive_desc_t pd;
    if (nn_convolution_create(&pd, engine, &p->s, NN_DATA, p->in.md, p->out.md, p->pd)) return -1;
    int status =
        nn_adapter_init(&p->w_back, engine, &p->weight, nn_md_of(pd, dnnl_query_weights_md), false);
    if (!status) status = nn_plan_init(&p->back, pd);
    dnnl_primitive_desc_destroy(pd);
    if (status) return -1;
    nn_plan_argument(&p->back, DNNL_ARG_DIFF_DST, p->out.memory);
    nn_plan_argument(&p->back, DNNL_ARG_WEIGHTS, p->w_back.tensor->memory);
    nn_plan_argument(&p->back, DNNL_ARG_DIFF_SRC, p->in.memory);
    return 0;
}

/* A 1-record convolution with same padding; forward is ready, bind_back() adds the transpose. */
static int product_init(struct product *p, struct leadseq_engine *engine,
                        const struct leadseq_cell_map_options *o, int inputs, bool bias)
{
    struct nn_shape in = {1, inputs, o->height, o->width};
    struct nn_shape out = {1, 4 * o->hidden, o->height, o->width};
    struct nn_shape w = {4 * o->hidden, inputs, o->kernel, o->kernel};
    p->s = (struct nn_convolution){.x = in,
                                   .y = out,
                                   .kernel = o->kernel,
                                   .stride = 1,
                                   .pad = (o->kernel - 1) / 2,
                                   .bias = bias,
                                   .training = true};
    if (nn_tensor_init(&p->in, engine, in, NULL) || nn_tensor_init(&p->out, engine, out, NULL) ||
        nn_tensor_init(&p->weight, engine, w, NULL))
        return -1;
    if (bias && nn_tensor_init_vector(&p->bias, engine, 4 * o->hidden, NULL)) return -1;
    return bind_forward(p, engine);
}

static void product_clear(struct product *p)
{
    nn_plan_clear(&p->forward);
    nn_plan_clear(&p->back);
    nn_adapter_clear(&p->w_forward);
    nn_adapter_clear(&p->w_back);
    nn_tensor_clear(&p->in);
    nn_tensor_clear(&p->out);
    nn_tensor_clear(&p->weight);
    nn_tensor_clear(&p->bias);
    if (p->pd) dnnl_primitive_desc_destroy(p->pd);
}

/* --- The map ---------------------------------------------------------------------------------- */

/* The parameters as they are now, the columns of h once more by themselves. */
static int load(struct leadseq_cell_map *m)
{
    const struct leadseq_cell_map_options *o = &m->o;
    size_t taps = (size_t)o->kernel * (size_t)o->kernel, k = (size_t)o->hidden;
    size_t all = ((size_t)o->inputs + k) * taps, own = k * taps;
    memcpy(m->sums.weight.data, o->weight, 4 * k * all * sizeof(float));
    for (size_t row = 0; row < 4 * k; row++)
        memcpy(m->recurrent.weight.data + row * own,
               o->weight + row * all + (size_t)o->inputs * taps, own * sizeof(float));
    if (o->bias) memcpy(m->sums.bias.data, o->bias, 4 * k * sizeof(float));
    if (nn_adapter_run(&m->sums.w_forward, m->engine)) return -1;
    if (nn_adapter_run(&m->recurrent.w_forward, m->engine)) return -1;
    return nn_adapter_run(&m->recurrent.w_back, m->engine);
}

/* One block for seven arrays, next being two of them (h' and c'). */
struct leadseq_cell_map *leadseq_cell_map_new(struct leadseq_engine *engine,
                                              const struct leadseq_cell_map_options *o)
{
    struct leadseq_cell_map *m = leadseq_calloc(1, sizeof *m);
    if (!m) return NULL;
    m->o = *o;
    m->engine = engine;
    m->pixels = (size_t)o->height * (size_t)o->width;
    m->state = m->pixels * (size_t)o->hidden;
    m->i = nn_aligned(8 * m->state * sizeof *m->i);
    if (!m->i) goto fail;
    m->f = m->i + m->state;
    m->o_gate = m->f + m->state;
    m->g = m->o_gate + m->state;
    m->c_before = m->g + m->state;
    m->tangent = m->c_before + m->state;
    m->next = m->tangent + m->state;
    if (product_init(&m->sums, engine, o, o->inputs + o->hidden, o->bias != NULL)) goto fail;
    if (product_init(&m->recurrent, engine, o, o->hidden, false)) goto fail;
    if (bind_back(&m->recurrent, engine) || load(m)) goto fail;
    if (o->gain && gate_norm_init(&m->norm, o)) goto fail;
    return m;
fail:
    leadseq_cell_map_free(m);
    return NULL;
}

void leadseq_cell_map_free(struct leadseq_cell_map *m)
{
    if (!m) return;
    product_clear(&m->sums);
    product_clear(&m->recurrent);
    gate_norm_clear(&m->norm);
    free(m->i);
    free(m);
}

size_t leadseq_cell_map_state(const struct leadseq_cell_map *m)
{
    return 2 * m->state;
}

static float logistic(float x)
{
    return 1 / (1 + expf(-x));
}

const float *leadseq_cell_map_step(struct leadseq_cell_map *m, const float *x, const float *state)
{
    size_t n = m->state, inputs = (size_t)m->o.inputs * m->pixels;
    memcpy(m->sums.in.data, x, inputs * sizeof *x);
    memcpy(m->sums.in.data + inputs, state, n * sizeof *state);
    memcpy(m->c_before, state + n, n * sizeof *state);
    if (nn_plan_run(m->engine, &m->sums.forward)) return NULL;
    if (m->o.gain) gate_norm_apply(&m->norm, m->sums.out.data);
    const float *a = m->sums.out.data;
#pragma omp parallel for schedule(static)
    for (size_t k = 0; k < n; k++) {
        m->i[k] = logistic(a[k]);
        m->f[k] = logistic(a[n + k]);
        m->o_gate[k] = logistic(a[2 * n + k]);
        m->g[k] = tanhf(a[3 * n + k]);
        float c = m->f[k] * m->c_before[k] + m->i[k] * m->g[k];
        m->tangent[k] = tanhf(c);
        m->next[k] = m->o_gate[k] * m->tangent[k];
        m->next[n + k] = c;
    }
    return m->next;
}

/* The dotted formulas at the head of this file; only h passes the convolution, c is local. */
int leadseq_cell_map_forward(struct leadseq_cell_map *m, const float *v, float *jv)
{
    size_t n = m->state;
    memcpy(m->recurrent.in.data, v, n * sizeof *v);
    if (nn_plan_run(m->engine, &m->recurrent.forward)) return -1;
    if (m->o.gain) gate_norm_forward(&m->norm, m->recurrent.out.data);
    const float *a = m->recurrent.out.data;
#pragma omp parallel for simd schedule(static)
    for (size_t k = 0; k < n; k++) {
        float i = m->i[k], f = m->f[k], o = m->o_gate[k], g = m->g[k], t = m->tangent[k];
        float c = f * v[n + k] + m->c_before[k] * f * (1 - f) * a[n + k] + g * i * (1 - i) * a[k] +
                  i * (1 - g * g) * a[3 * n + k];
        jv[k] = t * o * (1 - o) * a[2 * n + k] + o * (1 - t * t) * c;
        jv[n + k] = c;
    }
    return 0;
}

/* The same map transposed: gradients as in training, but of a given w and without weights. */
int leadseq_cell_map_reverse(struct leadseq_cell_map *m, const float *w, float *jw)
{
    size_t n = m->state;
    float *a = m->recurrent.out.data;
#pragma omp parallel for simd schedule(static)
    for (size_t k = 0; k < n; k++) {
        float i = m->i[k], f = m->f[k], o = m->o_gate[k], g = m->g[k], t = m->tangent[k];
        float c = w[n + k] + w[k] * o * (1 - t * t);
        a[k] = c * g * i * (1 - i);
        a[n + k] = c * m->c_before[k] * f * (1 - f);
        a[2 * n + k] = w[k] * t * o * (1 - o);
        a[3 * n + k] = c * i * (1 - g * g);
        jw[n + k] = c * f;
    }
    if (m->o.gain) gate_norm_reverse(&m->norm, a);
    if (nn_plan_run(m->engine, &m->recurrent.back)) return -1;
    memcpy(jw, m->recurrent.in.data, n * sizeof *jw);
    return 0;
}
