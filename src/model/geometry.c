/* SPDX-License-Identifier: MIT
 *
 * Where things are in a model: its recurrent cells, their shapes, and which pixels of the
 * images they depend on. All of it is asked of the layers, so that a new model type gets
 * the right answers without saying anything itself.
 *
 * A layer whose value sees kernel × kernel values of the layer before, `stride` apart,
 * widens the field in the image by (kernel - 1) times the image pixels between two
 * neighbouring values, and spreads its own values `stride` times as far apart:
 *
 *   image            field 1              step 1
 *   conv 3, by 2     1 + 2·1 = 3          2
 *   conv 3, by 2     3 + 2·2 = 7          4
 *   cell, kernel 3   7 + 2·4 = 15         4        at the first lead
 *                    15 + (T - 1)·2·4     4        at the last, over h from lead to lead */
#include "model_private.h"

#include <math.h>
#include <string.h>

/* The layer of a cell in the chain, -1 if it has no such cell. */
static int place_of(const struct leadseq_model *m, int cell)
{
    for (int i = 0; i < m->chain.n_layers; i++)
        if (m->chain.layer[i]->type->recurrent && cell-- == 0) return i;
    return -1;
}

int leadseq_model_cells(const struct leadseq_model *m)
{
    int n = 0;
    for (int i = 0; i < m->chain.n_layers; i++) n += m->chain.layer[i]->type->recurrent;
    return n;
}

int model_cell_place(const struct leadseq_model *m, int cell)
{
    int place = place_of(m, cell);
    return place >= 0 ? place : leadseq_fail("model: it has no cell %d", cell);
}

/* An option of a layer by name, `standard` if it has none of that name. */
static double option_of(const struct nn_layer *l, const char *name, double standard)
{
    struct nn_option option[NN_OPTIONS_MAX];
    int n = l->type->options ? l->type->options(l, option) : 0;
    for (int i = 0; i < n; i++)
        if (!strcmp(option[i].name, name)) return option[i].value;
    return standard;
}

/* A layer norm within a cell is over whole images. */
static bool sees_all(const struct nn_layer *l)
{
    return l->type->sees_all || (l->type->recurrent && option_of(l, "norm", 0) != 0);
}

/* Pixels between neighbouring values of a layer's output, and the side of what one of them, of
 * the last lead, depends on. */
static double field_of(const struct leadseq_model *m, int place, double *step)
{
    double field = 1, again = 0; /* again: what each further lead adds over h */
    const struct nn_shape in = m->chain.layer[0]->in;
    bool all = false;
    *step = 1;
    for (int i = 0; i <= place; i++) {
        const struct nn_layer *l = m->chain.layer[i];
        double wider = (option_of(l, "kernel", 1) - 1) * *step;
        field += wider;
        if (l->type->recurrent) again = fmax(again, wider);
        all = all || sees_all(l);
        *step *= option_of(l, "stride", 1);
    }
    return all ? fmax(in.h, in.w) : field + (in.n - 1) * again;
}

struct leadseq_model_cell leadseq_model_cell(const struct leadseq_model *m, int cell)
{
    struct leadseq_model_cell c = {.layer = place_of(m, cell)};
    if (c.layer < 0) return c;
    const struct nn_layer *l = m->chain.layer[c.layer];
    c.name = l->name;
    c.channels = l->out.c, c.height = l->out.h, c.width = l->out.w;
    c.kernel = (int)option_of(l, "kernel", 1);
    c.inputs = (size_t)l->in.c * (size_t)l->in.h * (size_t)l->in.w;
    c.field = field_of(m, c.layer, &c.step);
    return c;
}
