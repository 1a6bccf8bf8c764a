/* SPDX-License-Identifier: MIT
 *
 * What every way to compute a ConvLSTM's steps needs of its layer: the parameters, the place of
 * a step within x and y, and showing a step to observers. */
#include "steps.h"

#include <math.h>

/* --- Parameters ------------------------------------------------------------------------------ */

const struct nn_convlstm_options *nn_convlstm_options_of(const struct nn_layer *layer)
{
    return &((const struct nn_convlstm *)layer)->o;
}

typedef float *slice_place(const struct leadseq_params *params, int slice);

/* `of` is nn_params_value() or nn_params_gradient(). */
static struct nn_convlstm_values values_of(const struct nn_layer *layer, slice_place *of)
{
    const struct nn_convlstm *l = (const struct nn_convlstm *)layer;
    const struct leadseq_params *p = layer->store.params;
    return (struct nn_convlstm_values){.weight = of(p, l->weight),
                                       .bias = l->bias < 0 ? NULL : of(p, l->bias),
                                       .gain = l->o.norm ? of(p, l->norm_weight) : NULL,
                                       .shift = l->o.norm ? of(p, l->norm_bias) : NULL};
}

struct nn_convlstm_values nn_convlstm_parameters(const struct nn_layer *layer)
{
    return values_of(layer, nn_params_value);
}

struct nn_convlstm_values nn_convlstm_gradients(const struct nn_layer *layer)
{
    return values_of(layer, nn_params_gradient);
}

/* --- Places ----------------------------------------------------------------------------------- */

float *nn_step_of_x(const struct nn_bound *b, float *x, int t)
{
    struct nn_shape one = b->layer->in;
    one.n = b->batch;
    return x + (size_t)t * nn_shape_count(one);
}

float *nn_step_of_y(const struct nn_bound *b, const struct nn_tensor *y, int t)
{
    struct nn_shape one = b->layer->out;
    one.n = b->batch;
    if (b->layer->out.n > 1) return y->data + (size_t)t * nn_shape_count(one);
    return t == b->layer->in.n - 1 ? y->data : NULL; /* also where a sequence has one step */
}

/* --- Observers -------------------------------------------------------------------------------- */

void nn_step_show(struct nn_bound *b, const struct nn_pass *pass, int t, enum leadseq_observed what,
                  const float *data, int channels)
{
    struct nn_shape in = b->layer->in;
    struct leadseq_view view = {data, b->batch, channels, in.h, in.w};
    pass->observer(pass->user, b->layer->name, t, what, &view);
}

void nn_step_show_back(struct nn_bound *b, const struct nn_pass *pass, int t,
                       const struct nn_step_back *s)
{
    const struct nn_shape out = b->layer->out;
    const size_t one = (size_t)out.c * (size_t)out.h * (size_t)out.w; /* K·H·W of a record */
    for (size_t i = 0; i < one * (size_t)b->batch; i++) {
        float o = s->gates[(i / one * 4 + 2) * one + i % one], tangent = tanhf(s->c[i]);
        s->dh_sum[i] = (s->dh ? s->dh[i] : 0) + (s->dy ? s->dy[i] : 0);
        s->dc_sum[i] = (s->dc ? s->dc[i] : 0) + s->dh_sum[i] * o * (1 - tangent * tangent);
    }
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_DH, s->dh_sum, out.c);
    nn_step_show(b, pass, t, LEADSEQ_OBSERVED_DC, s->dc_sum, out.c);
}
