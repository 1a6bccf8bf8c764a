/* SPDX-License-Identifier: MIT
 *
 * Binding a ConvLSTM to oneDNN: layouts and saved tensors. */
#include "convlstm.h"

#include <stdlib.h>

/* One channel is the same in both layouts, and is taken as it comes. */
static bool last_for_x(const struct nn_convlstm_state *st)
{
    return st->cell.channels_last && st->cell.inputs > 1;
}

static struct nn_gate_conv_options conv_options(const struct nn_bound *b, int hidden, int kernel)
{
    struct nn_shape in = b->layer->in;
    return (struct nn_gate_conv_options){.n = b->batch,
                                         .h = in.h,
                                         .w = in.w,
                                         .hidden = hidden,
                                         .inputs = in.c,
                                         .kernel = kernel,
                                         .training = b->training};
}

static int init_cell(struct nn_bound *b, struct nn_convlstm_state *st,
                     const struct nn_gate_conv_options *o)
{
    st->cell = (struct nn_cell){.n = b->batch,
                                .hidden = o->hidden,
                                .inputs = o->inputs,
                                .pixels = o->h * o->w,
                                .channels_last = nn_gate_conv_channels_last(b->engine, o),
                                .threads = b->engine->threads};
    return nn_cell_init(&st->cell);
}

/* x in its blocks, a view of its first step, and y. */
static int init_ends(struct nn_bound *b, struct nn_convlstm_state *st)
{
    struct nn_shape all = b->x->shape, one = all;
    one.n = b->batch;
    nn_md md;
    if (nn_layout_create(&md, all, last_for_x(st))) return -1;
    int status = nn_adapter_init(&st->x, b->engine, b->x, md, false);
    dnnl_memory_desc_destroy(md);
    if (status || nn_tensor_describe_as(&st->x_first, b->engine, one, st->cell.channels_last))
        return -1;
    b->kept_bytes += st->x.own.bytes;
    return nn_tensor_describe_as(&b->y, b->engine, nn_bound_shape(b, b->layer->out),
                                 st->cell.channels_last);
}

/* The tensors that training saves for every step; hx[0] is not needed there. */
static int init_saved(struct nn_bound *b, struct nn_convlstm_state *st)
{
    struct nn_shape in = b->layer->in, c = {b->batch, st->cell.hidden, in.h, in.w}, gates = c,
                    hx = c;
    gates.c *= 4;
    hx.c += in.c;
    size_t n = (size_t)st->saved;
    st->gates = leadseq_calloc(n, sizeof *st->gates);
    st->c = leadseq_calloc(n, sizeof *st->c);
    st->hx = leadseq_calloc(n, sizeof *st->hx);
    if (!st->gates || !st->c || !st->hx) return -1;
    for (int s = 0; s < st->saved; s++) {
        if (nn_tensor_init_as(&st->gates[s], b->engine, gates, st->cell.channels_last) ||
            nn_tensor_init_as(&st->c[s], b->engine, c, st->cell.channels_last))
            return -1;
        bool needed = st->steps > 1 && (s > 0 || !b->training);
        if (needed && nn_tensor_init_as(&st->hx[s], b->engine, hx, st->cell.channels_last))
            return -1;
        b->kept_bytes += st->gates[s].bytes + st->c[s].bytes + st->hx[s].bytes;
    }
    return 0;
}

static int init_convolutions(struct nn_bound *b, struct nn_convlstm_state *st,
                             struct nn_gate_conv_options *o)
{
    o->channels_last = st->cell.channels_last;
    o->need_data = b->need_dx;
    if (nn_gate_conv_init(&st->first, b->engine, o)) return -1;
    if (st->steps == 1) return 0;
    o->recurrent = o->need_data = true;
    return nn_gate_conv_init(&st->rest, b->engine, o);
}

int nn_steps_onednn_bind(struct nn_bound *b, const struct nn_convlstm_options *o, float *weight,
                         float *bias)
{
    struct nn_convlstm_state *st = b->state = leadseq_calloc(1, sizeof *st);
    if (!st) return -1;
    st->head.type = &nn_steps_onednn;
    st->steps = b->layer->in.n;
    st->saved = b->training ? st->steps : 1;
    st->last_only = o->last_only;
    struct nn_gate_conv_options conv = conv_options(b, o->hidden, o->kernel);
    conv.weight = weight;
    conv.bias = bias;
    if (init_cell(b, st, &conv) || init_ends(b, st) || init_saved(b, st)) return -1;
    return init_convolutions(b, st, &conv);
}

/* --- Backward -------------------------------------------------------------------------------- */

static int init_gradients(struct nn_bound *b, struct nn_convlstm_state *st)
{
    struct nn_shape c = st->c[0].shape;
    nn_md md;
    if (nn_layout_create(&md, b->y.shape, st->cell.channels_last)) return -1;
    int status = nn_adapter_init(&st->dy, b->engine, b->dy, md, false);
    dnnl_memory_desc_destroy(md);
    if (status || nn_tensor_init_as(&st->dc, b->engine, c, st->cell.channels_last)) return -1;
    if (!b->need_dx) return 0;
    if (nn_tensor_describe_as(&st->dx_first, b->engine, st->x_first.shape, st->cell.channels_last))
        return -1;
    return nn_tensor_describe_as(&b->dx, b->engine, b->x->shape, last_for_x(st));
}

int nn_steps_onednn_bind_backward(struct nn_bound *b)
{
    struct nn_convlstm_state *st = b->state;
    if (init_gradients(b, st)) return -1;
    if (st->steps == 1) return 0;
    return nn_tensor_init_as(&st->dhx, b->engine, st->hx[1].shape, st->cell.channels_last);
}

void nn_steps_onednn_unbind(struct nn_bound *b)
{
    struct nn_convlstm_state *st = b->state;
    if (!st) return;
    struct nn_tensor *saved[] = {st->gates, st->c, st->hx};
    for (size_t i = 0; i < LEADSEQ_COUNT(saved); i++) {
        for (int s = 0; saved[i] && s < st->saved; s++) nn_tensor_clear(&saved[i][s]);
        free(saved[i]);
    }
    struct nn_tensor *tensor[] = {&st->x_first, &st->dx_first, &st->dhx, &st->dc};
    for (size_t i = 0; i < LEADSEQ_COUNT(tensor); i++) nn_tensor_clear(tensor[i]);
    nn_gate_conv_clear(&st->first);
    nn_gate_conv_clear(&st->rest);
    nn_adapter_clear(&st->dy);
    nn_adapter_clear(&st->x);
    nn_cell_clear(&st->cell);
    free(st);
    b->state = NULL;
}
