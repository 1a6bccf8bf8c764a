/* SPDX-License-Identifier: MIT
 *
 * Batch norm: what norm.c and norm_share.c share. A norm_state belongs to one binding; while it
 * runs, other bindings of the same layer must not train, as the running averages are shared. */
#ifndef NN_NORM_H
#define NN_NORM_H

#include "layers.h"

static const float NORM_EPSILON = 1e-5f;

struct norm {
    struct nn_layer head;
    int weight, bias;              /* slices of params */
    int running_mean, running_var; /* of state */
    bool relu;
};

enum { SCALE, SHIFT, MEAN, VAR, DSCALE, DSHIFT, VECTORS };

struct norm_line { /* at + slope (x - mean), what backward adds to a channel's dx */
    float at, slope, mean;
};

struct norm_state {
    struct nn_plan forward, backward;
    struct nn_adapter dy;
    struct nn_tensor lost_dx;         /* if dx is not needed, oneDNN still writes it */
    struct nn_tensor vector[VECTORS]; /* each (C) */
    float *batch;                     /* (4, C): mean, variance, dscale, dshift */
    double values;                    /* how many values of a channel the statistics are of */
    struct nn_workspace passed;       /* which values ReLU let pass */
    dnnl_primitive_desc_t pd;         /* forward's, backward's hint */
    struct nn_plan measure;           /* of a shared batch: this part's mean and variance */
    struct nn_blocks group;           /* where channels of x and dx are */
    double *sums;                     /* (2, C) and one more */
    struct norm_line *line;           /* (C), padded */
};

/* For engines with a sum: the statistics of all parts of a batch (norm_share.c). */
int norm_share_bind(struct nn_bound *b) LEADSEQ_CHECKED;
void norm_share_unbind(struct nn_bound *b);
/* Fills vector[MEAN], vector[VAR] and values. */
int norm_share_forward(struct nn_bound *b, const struct nn_pass *pass) LEADSEQ_CHECKED;
/* After the backward plan, which took the statistics for constants: dx becomes what it is. */
int norm_share_backward(struct nn_bound *b, const struct nn_pass *pass) LEADSEQ_CHECKED;

#endif
