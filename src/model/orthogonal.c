/* SPDX-License-Identifier: MIT
 *
 * Orthogonal recurrence: the weights from h to each gate start as a random
 * rotation of the channels at the kernel's centre and zero elsewhere (the delta
 * orthogonal kernels of Xiao et al., ICML 2018), so that at first the convolution
 * of h keeps its norm. The weights from x remain as they were drawn. */
#include "build.h"
#include "model_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Subtracts from row k its parts along the previous rows; returns its norm afterwards. */
static double orthogonalise(double *q, int n, int k)
{
    double *row = q + (size_t)k * (size_t)n, square = 0;
    for (int j = 0; j < k; j++) {
        const double *before = q + (size_t)j * (size_t)n;
        double along = 0;
        for (int i = 0; i < n; i++) along += row[i] * before[i];
        for (int i = 0; i < n; i++) row[i] -= along * before[i];
    }
    for (int i = 0; i < n; i++) square += row[i] * row[i];
    return sqrt(square);
}

/* q (n, n): orthonormal rows, by modified Gram-Schmidt on normal draws, twice for
 * accuracy (Giraud, Langou & Rozložník 2005). A row that is nearly dependent is drawn again. */
static void draw_rotation(double *q, int n, struct leadseq_random *r)
{
    const double least = 1e-6;
    for (int k = 0; k < n; k++) {
        double *row = q + (size_t)k * (size_t)n, norm;
        do {
            for (int i = 0; i < n; i++) row[i] = leadseq_random_normal(r);
            norm = orthogonalise(q, n, k);
        } while (norm < least);
        for (int pass = 0; pass < 2; pass++) {
            for (int i = 0; i < n; i++) row[i] /= norm;
            norm = orthogonalise(q, n, k);
        }
        for (int i = 0; i < n; i++) row[i] /= norm;
    }
}

/* weight (4K, C + K, side, side); gate k's rows are k·K … */
static void set_gate(float *weight, const struct leadseq_slice *s, int gate, const double *q)
{
    size_t hidden = (size_t)s->dims[0] / 4, channels = (size_t)s->dims[1];
    size_t taps = (size_t)s->dims[2] * (size_t)s->dims[3], centre = taps / 2;
    for (size_t k = 0; k < hidden; k++)
        for (size_t j = 0; j < hidden; j++) {
            size_t at = ((size_t)gate * hidden + k) * channels + channels - hidden + j;
            memset(weight + at * taps, 0, taps * sizeof *weight);
            weight[at * taps + centre] = (float)q[k * hidden + j];
        }
}

static int draw_layer(struct leadseq_model *m, const struct leadseq_slice *s)
{
    int hidden = s->dims[0] / 4;
    double *q = leadseq_calloc((size_t)hidden * (size_t)hidden, sizeof *q);
    if (!q) return -1;
    for (int gate = 0; gate < 4; gate++) {
        struct leadseq_random r;
        leadseq_random_init(&r, m->seed, LEADSEQ_STREAM_WEIGHTS, leadseq_hash_text(s->name),
                            1 + (uint64_t)gate);
        draw_rotation(q, hidden, &r);
        set_gate(m->params.value + s->offset, s, gate, q);
    }
    free(q);
    return 0;
}

int model_orthogonal_initialise(struct leadseq_model *m)
{
    for (int cell = 0; cell < leadseq_model_cells(m); cell++) {
        char name[64];
        snprintf(name, sizeof name, "%s.weight", leadseq_model_cell(m, cell).name);
        for (size_t i = 0; i < m->params.n_slices; i++)
            if (!strcmp(m->params.slice[i].name, name) && draw_layer(m, &m->params.slice[i]))
                return -1;
    }
    return 0;
}
