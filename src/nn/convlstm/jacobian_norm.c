/* SPDX-License-Identifier: MIT
 *
 * The layer norm of a ConvLSTM's gates as a map, and products with its Jacobian.
 * In plain loops, apart from the kernels that train, as jacobian.c.
 *
 *   y = γ â + β,  â = (a - μ) r        ẏ = γ r (ȧ - mean ȧ - â mean(â ȧ))
 *
 * and transposed, with e = γ w:  r (e - mean e - â mean(â e)). */
#include "convlstm.h"

#include <math.h>
#include <stdlib.h>

int nn_gate_norm_init(struct nn_gate_norm *g, const struct leadseq_cell_map_options *o)
{
    *g = (struct nn_gate_norm){
        .pixels = (size_t)o->height * (size_t)o->width, .gain = o->gain, .shift = o->shift};
    g->gate = (size_t)o->hidden * g->pixels;
    g->hat = nn_aligned(4 * g->gate * sizeof *g->hat);
    return g->hat ? 0 : -1;
}

void nn_gate_norm_clear(struct nn_gate_norm *g)
{
    free(g->hat);
    *g = (struct nn_gate_norm){0};
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

void nn_gate_norm_apply(struct nn_gate_norm *g, float *a)
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
static void project(const struct nn_gate_norm *g, size_t gate, float *v)
{
    const float *hat = g->hat + gate * g->gate;
    const double mean = mean_of(v, g->gate), along = mean_product(v, hat, 0, g->gate);
    for (size_t i = 0; i < g->gate; i++)
        v[i] = (float)(g->r[gate] * ((double)v[i] - mean - along * (double)hat[i]));
}

static void scale(const struct nn_gate_norm *g, float *v)
{
    for (size_t i = 0; i < 4 * g->gate; i++) v[i] *= g->gain[i / g->pixels];
}

void nn_gate_norm_forward(const struct nn_gate_norm *g, float *v)
{
    for (size_t gate = 0; gate < 4; gate++) project(g, gate, v + gate * g->gate);
    scale(g, v);
}

void nn_gate_norm_reverse(const struct nn_gate_norm *g, float *w)
{
    scale(g, w);
    for (size_t gate = 0; gate < 4; gate++) project(g, gate, w + gate * g->gate);
}
