/* SPDX-License-Identifier: MIT
 *
 * Batch norm of a batch whose parts are on several ranks: mean, variance and the sums of the
 * backward pass are of all parts. With M values of a channel in all parts, x^ = (x - mean) / sd and
 * dy after ReLU's mask:
 *
 *   forward    oneDNN measures this part; mean and variance are put together from
 *              sums over the parts; oneDNN normalises by them as by constants
 *   backward   dx = (scale / sd) (dy - (Σ dy + x^ Σ dy x^) / M)
 *              oneDNN gives the first term and this part's sums, which are dshift
 *              and dscale; the rest is added here once they are summed */
#include "norm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PADDING = 16 }; /* channels of the widest block */

/* A second forward primitive that only measures: the first normalises by given statistics. */
int norm_share_bind(struct nn_bound *b)
{
    struct norm_state *s = b->state;
    size_t channels = (size_t)b->layer->in.c;
    s->group = nn_tensor_blocks(b->x); /* dx is described like x */
    if (!s->group.block)
        return leadseq_fail("%s: batch norm over ranks: expected a layout in blocks of channels, "
                            "found %s",
                            b->layer->name, nn_tensor_layout(b->x));
    s->sums = leadseq_calloc(2 * channels + 1, sizeof *s->sums);
    s->line = leadseq_calloc(channels + PADDING, sizeof *s->line);
    if (!s->sums || !s->line) return -1;
    dnnl_primitive_desc_t pd;
    if (nn_check(dnnl_batch_normalization_forward_primitive_desc_create(
                     &pd, b->engine->handle, dnnl_forward_training, b->x->md, b->y.md, NORM_EPSILON,
                     0, NULL),
                 "%s: statistics of a part", b->layer->name))
        return -1;
    int status = nn_plan_init(&s->measure, pd);
    dnnl_primitive_desc_destroy(pd);
    if (status) return -1;
    nn_plan_argument(&s->measure, DNNL_ARG_SRC, b->x->memory);
    nn_plan_argument(&s->measure, DNNL_ARG_DST, b->y.memory); // written again by the forward plan
    nn_plan_argument(&s->measure, DNNL_ARG_MEAN, s->vector[MEAN].memory);
    nn_plan_argument(&s->measure, DNNL_ARG_VARIANCE, s->vector[VAR].memory);
    return 0;
}

void norm_share_unbind(struct nn_bound *b)
{
    struct norm_state *s = b->state;
    nn_plan_clear(&s->measure);
    free(s->sums);
    free(s->line);
}

/* Sums over the ranks, in place and in double. All ranks call it in the same order, also one whose
 * records are padding: it adds zeros. While the engine is `alone`, its own part is the batch. */
static void sum(struct nn_bound *b, const struct nn_pass *pass, size_t n)
{
    struct norm_state *s = b->state;
    if (pass->idle) memset(s->sums, 0, n * sizeof *s->sums);
    if (!b->engine->alone) b->engine->sum(s->sums, n);
}

/* In double, so that E x² - (E x)² loses nothing that float32 had. */
int norm_share_forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct norm_state *s = b->state;
    size_t channels = (size_t)b->layer->in.c;
    if (nn_plan_run(b->engine, &s->measure)) return -1;
    float *mean = s->vector[MEAN].data, *var = s->vector[VAR].data;
    double *sums = s->sums, *squares = sums + channels, *values = sums + 2 * channels;
    *values = s->values;
    for (size_t c = 0; c < channels; c++) {
        sums[c] = s->values * mean[c];
        squares[c] = s->values * (var[c] + (double)mean[c] * mean[c]);
    }
    sum(b, pass, 2 * channels + 1);
    s->values = *values;
    for (size_t c = 0; c < channels; c++) {
        double m = sums[c] / *values;
        mean[c] = (float)m;
        var[c] = (float)fmax(0, squares[c] / *values - m * m);
    }
    return 0;
}

/* --- What backward adds: dx += at + slope (x - mean) of each channel ----------------------- */

/* bf16 to float, exactly. */
static inline float widened(uint16_t x)
{
    uint32_t u = (uint32_t)x << 16;
    float value;
    memcpy(&value, &u, sizeof value);
    return value;
}

static inline float line_of(const struct norm_line *line, float x)
{
    return line->at + line->slope * (x - line->mean);
}

/* One block of one image; padding has lines of zeros and stays zero. */
static void add_block(const float *x, float *dx, const struct norm_line *line, size_t pixels,
                      size_t block)
{
    for (size_t p = 0; p < pixels; p++, x += block, dx += block)
        for (size_t k = 0; k < block; k++) dx[k] += line_of(&line[k], x[k]);
}

static void add_block_bf16(const uint16_t *x, uint16_t *dx, const struct norm_line *line,
                           size_t pixels, size_t block)
{
    for (size_t p = 0; p < pixels; p++, x += block, dx += block)
        for (size_t k = 0; k < block; k++)
            dx[k] = nn_bf16_of(widened(dx[k]) + line_of(&line[k], widened(x[k])));
}

static void add_lines(struct nn_bound *b)
{
    const struct norm_state *s = b->state;
    struct nn_tensor *x = b->x, *dx = &b->dx;
    const struct nn_blocks g = s->group;
    const size_t images = (size_t)x->shape.n, blocks = (size_t)g.blocks, block = (size_t)g.block;
#pragma omp parallel for collapse(2)
    for (size_t n = 0; n < images; n++)
        for (size_t k = 0; k < blocks; k++) {
            size_t at = (n * blocks + k) * g.pixels * block;
            const struct norm_line *line = s->line + k * block;
            if (dx->values == NN_BF16)
                add_block_bf16((const uint16_t *)(const void *)x->data + at,
                               (uint16_t *)(void *)dx->data + at, line, g.pixels, block);
            else
                add_block(x->data + at, dx->data + at, line, g.pixels, block);
        }
}

/* dx of a channel so far is (scale / sd) dy. What is missing is linear in x:
 *   - scale / (sd M) (Σ dy + (x - mean) Σ dy x^ / sd)
 * so it is a line per channel, `at` and `slope`, added to dx in one pass. */
int norm_share_backward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct norm_state *s = b->state;
    size_t channels = (size_t)b->layer->in.c;
    double *dshift = s->sums, *dscale = s->sums + channels;
    for (size_t c = 0; c < channels; c++) {
        dshift[c] = s->vector[DSHIFT].data[c];
        dscale[c] = s->vector[DSCALE].data[c];
    }
    sum(b, pass, 2 * channels);
    if (!b->need_dx) return 0;
    for (size_t c = 0; c < channels; c++) {
        double sd = sqrt((double)s->vector[VAR].data[c] + NORM_EPSILON);
        double per = -(double)s->vector[SCALE].data[c] / sd / s->values;
        s->line[c] = (struct norm_line){(float)(per * dshift[c]), (float)(per * dscale[c] / sd),
                                        s->vector[MEAN].data[c]};
    }
    add_lines(b);
    return 0;
}
