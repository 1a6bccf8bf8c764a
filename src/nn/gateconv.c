/* SPDX-License-Identifier: MIT
 *
 * The convolution to the ConvLSTM's gates, on oneDNN: its layouts, its weights
 * in our inner order [h, x], and its gradients back in the parameters' [x, h].
 * A kernel of our own for some shapes would stand beside it here. */
#include "convlstm.h"

#include <string.h>

/* --- The layout all tensors share -------------------------------------------------------- */

static struct nn_convolution geometry(const struct nn_gate_conv_options *o)
{
    int channels = o->inputs + (o->recurrent ? o->hidden : 0);
    return (struct nn_convolution){.x = {o->n, channels, o->h, o->w},
                                   .y = {o->n, 4 * o->hidden, o->h, o->w},
                                   .kernel = o->kernel,
                                   .stride = 1,
                                   .pad = (o->kernel - 1) / 2,
                                   .bias = o->bias != NULL,
                                   .training = o->training};
}

static bool is_reference(const_dnnl_primitive_desc_t pd)
{
    const char *name = "";
    dnnl_status_t s = dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, (void *)&name);
    return s != dnnl_success || strstr(name, "ref");
}

/* Whether oneDNN has more than plain loops for all directions, channels last. */
static bool all_directions_are_fast(struct leadseq_engine *engine, const struct nn_convolution *s,
                                    const_dnnl_memory_desc_t x, const_dnnl_memory_desc_t y)
{
    dnnl_primitive_desc_t pd[3] = {NULL, NULL, NULL};
    bool fast =
        !nn_convolution_forward(&pd[0], engine, s, x, y) && !is_reference(pd[0]) &&
        !nn_convolution_backward_data(&pd[1], engine, s, x, y, pd[0]) && !is_reference(pd[1]) &&
        !nn_convolution_backward_weights(&pd[2], engine, s, x, y, pd[0]) && !is_reference(pd[2]);
    for (int i = 0; i < 3; i++)
        if (pd[i]) dnnl_primitive_desc_destroy(pd[i]);
    return fast;
}

bool nn_gate_conv_channels_last(struct leadseq_engine *engine, const struct nn_gate_conv_options *o)
{
    struct nn_gate_conv_options full = *o;
    full.recurrent = true;
    full.training = true; /* evaluation takes the layout of training, and gives the same bits */
    struct nn_convolution s = geometry(&full);
    nn_md x = NULL, y = NULL;
    bool fast = !nn_layout_create(&x, s.x, true) && !nn_layout_create(&y, s.y, true) &&
                all_directions_are_fast(engine, &s, x, y);
    if (x) dnnl_memory_desc_destroy(x);
    if (y) dnnl_memory_desc_destroy(y);
    if (!fast) leadseq_error_clear();
    return fast;
}

/* --- Primitives ---------------------------------------------------------------------------- */

static int init_forward(struct nn_gate_conv *g, struct leadseq_engine *engine,
                        const struct nn_gate_conv_options *o)
{
    struct nn_shape w = {g->s.y.c, g->s.x.c, g->s.kernel, g->s.kernel};
    if (nn_convolution_forward(&g->forward_pd, engine, &g->s, o->in, o->gates)) return -1;
    if (nn_tensor_init(&g->w, engine, w, NULL)) return -1;
    if (o->bias && nn_tensor_init_vector(&g->bias, engine, g->s.y.c, o->bias)) return -1;
    if (nn_adapter_init(&g->w_forward, engine, &g->w,
                        nn_md_of(g->forward_pd, dnnl_query_weights_md), false))
        return -1;
    return nn_plan_init(&g->forward, g->forward_pd);
}

static int init_data(struct nn_gate_conv *g, struct leadseq_engine *engine,
                     const struct nn_gate_conv_options *o)
{
    dnnl_primitive_desc_t pd;
    if (nn_convolution_backward_data(&pd, engine, &g->s, o->in, o->gates, g->forward_pd)) return -1;
    int status =
        nn_adapter_init(&g->w_data, engine, &g->w, nn_md_of(pd, dnnl_query_weights_md), false);
    if (!status) status = nn_plan_init(&g->data, pd);
    dnnl_primitive_desc_destroy(pd);
    return status;
}

static int init_weights(struct nn_gate_conv *g, struct leadseq_engine *engine,
                        const struct nn_gate_conv_options *o)
{
    dnnl_primitive_desc_t pd;
    if (nn_convolution_backward_weights(&pd, engine, &g->s, o->in, o->gates, g->forward_pd))
        return -1;
    int status = nn_tensor_init(&g->dw, engine, g->w.shape, NULL);
    if (!status)
        status = nn_adapter_init(&g->dw_out, engine, &g->dw,
                                 nn_md_of(pd, dnnl_query_diff_weights_md), true);
    if (!status && o->bias) status = nn_tensor_init_vector(&g->db, engine, g->s.y.c, NULL);
    if (!status) status = nn_plan_init(&g->weights, pd);
    dnnl_primitive_desc_destroy(pd);
    return status;
}

int nn_gate_conv_init(struct nn_gate_conv *g, struct leadseq_engine *engine,
                      const struct nn_gate_conv_options *o)
{
    *g = (struct nn_gate_conv){.s = geometry(o),
                               .hidden = o->hidden,
                               .inputs = o->inputs,
                               .recurrent = o->recurrent,
                               .weight = o->weight};
    if (init_forward(g, engine, o)) return -1;
    if (!o->training) return 0;
    if (o->need_data && init_data(g, engine, o)) return -1;
    return init_weights(g, engine, o);
}

void nn_gate_conv_clear(struct nn_gate_conv *g)
{
    struct nn_adapter *adapter[] = {&g->w_forward, &g->w_data, &g->dw_out};
    struct nn_plan *plan[] = {&g->forward, &g->data, &g->weights};
    struct nn_tensor *tensor[] = {&g->w, &g->bias, &g->dw, &g->db};
    for (size_t i = 0; i < LEADSEQ_COUNT(plan); i++) nn_plan_clear(plan[i]);
    for (size_t i = 0; i < LEADSEQ_COUNT(adapter); i++) nn_adapter_clear(adapter[i]);
    for (size_t i = 0; i < LEADSEQ_COUNT(tensor); i++) nn_tensor_clear(tensor[i]);
    if (g->forward_pd) dnnl_primitive_desc_destroy(g->forward_pd);
    *g = (struct nn_gate_conv){0};
}

void nn_gate_conv_plan_forward(const struct nn_gate_conv *g, struct nn_plan *plan,
                               const struct nn_tensor *in, const struct nn_tensor *gates)
{
    nn_plan_share(plan, &g->forward);
    nn_plan_argument(plan, DNNL_ARG_SRC, in->memory);
    nn_plan_argument(plan, DNNL_ARG_WEIGHTS, g->w_forward.tensor->memory);
    if (g->s.bias) nn_plan_argument(plan, DNNL_ARG_BIAS, g->bias.memory);
    nn_plan_argument(plan, DNNL_ARG_DST, gates->memory);
}

void nn_gate_conv_plan_data(const struct nn_gate_conv *g, struct nn_plan *plan,
                            const struct nn_tensor *dgates, const struct nn_tensor *din)
{
    nn_plan_share(plan, &g->data);
    nn_plan_argument(plan, DNNL_ARG_DIFF_DST, dgates->memory);
    nn_plan_argument(plan, DNNL_ARG_WEIGHTS, g->w_data.tensor->memory);
    nn_plan_argument(plan, DNNL_ARG_DIFF_SRC, din->memory);
}

void nn_gate_conv_plan_weights(const struct nn_gate_conv *g, struct nn_plan *plan,
                               const struct nn_tensor *in, const struct nn_tensor *dgates)
{
    nn_plan_share(plan, &g->weights);
    nn_plan_argument(plan, DNNL_ARG_SRC, in->memory);
    nn_plan_argument(plan, DNNL_ARG_DIFF_DST, dgates->memory);
    nn_plan_argument(plan, DNNL_ARG_DIFF_WEIGHTS, g->dw_out.tensor->memory);
    if (g->s.bias) nn_plan_argument(plan, DNNL_ARG_DIFF_BIAS, g->db.memory);
}

/* --- Weights between the parameters' order and ours ---------------------------------------- */

/* Where our input channel c stands in the parameters' [x, h]; ours is [h, x], or x alone. */
static int channel_of(const struct nn_gate_conv *g, int c)
{
    if (!g->recurrent) return c;
    return c < g->hidden ? g->inputs + c : c - g->hidden;
}

/* Offset in the parameters of the kernel from our channel c to gate channel k. */
static size_t kernel_offset(const struct nn_gate_conv *g, int k, int c)
{
    size_t taps = (size_t)g->s.kernel * (size_t)g->s.kernel;
    return ((size_t)k * (size_t)(g->inputs + g->hidden) + (size_t)channel_of(g, c)) * taps;
}

int nn_gate_conv_load(struct nn_gate_conv *g, struct leadseq_engine *engine)
{
    size_t taps = (size_t)g->s.kernel * (size_t)g->s.kernel;
    float *w = g->w.data;
    for (int k = 0; k < g->s.y.c; k++)
        for (int c = 0; c < g->s.x.c; c++, w += taps)
            memcpy(w, g->weight + kernel_offset(g, k, c), taps * sizeof *w);
    if (nn_adapter_run(&g->w_forward, engine)) return -1;
    return nn_adapter_run(&g->w_data, engine);
}

int nn_gate_conv_add(struct nn_gate_conv *g, struct leadseq_engine *engine, float *dweight,
                     float *dbias)
{
    size_t taps = (size_t)g->s.kernel * (size_t)g->s.kernel;
    if (nn_adapter_run(&g->dw_out, engine)) return -1;
    const float *dw = g->dw.data;
    for (int k = 0; k < g->s.y.c; k++)
        for (int c = 0; c < g->s.x.c; c++, dw += taps)
            nn_accumulate(dweight + kernel_offset(g, k, c), dw, taps);
    if (dbias) nn_accumulate(dbias, g->db.data, (size_t)g->s.y.c);
    return 0;
}
