/* SPDX-License-Identifier: MIT
 *
 * The flat block of parameters: layers declare slices while a network is built, then one block is
 * allocated and filled from streams keyed by the slices' names, so that a tensor's initial values
 * do not depend on its neighbours: adding a norm to the head changes no other initial weight.
 *
 *   value     [ conv.weight | 0 0 | conv.bias | 0 … | head.weight | …     64-byte boundaries
 *   gradient  the same shape: optimisers, norms and sums over ranks take the block as one vector
 *
 * Building and filling is one thread's work; afterwards values may be read concurrently. */
#include "layer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SLICE_STEP = 16 }; /* floats: slices start on 64 bytes */

float nn_default_spread(int fan_in)
{
    return 1.0f / sqrtf((float)fan_in);
}

/* The product of the dimensions; 0 where one is not positive or it does not fit. */
static size_t slice_count(const struct nn_slice_options *o)
{
    size_t count = 1;
    for (int i = 0; i < o->n_dims; i++) {
        if (o->dims[i] < 1 || __builtin_mul_overflow(count, (size_t)o->dims[i], &count)) return 0;
    }
    return count;
}

static int fill_slice(struct leadseq_slice *s, const struct nn_slice_options *o)
{
    int length = snprintf(s->name, sizeof s->name, "%s.%s", o->layer, o->name);
    if (length < 0 || (size_t)length >= sizeof s->name)
        return leadseq_fail("parameter %s.%s: the name is longer than %zu letters", o->layer,
                            o->name, sizeof s->name - 1);
    s->count = slice_count(o);
    if (!s->count) return leadseq_fail("parameter %s: dimensions out of range", s->name);
    memcpy(s->dims, o->dims, sizeof s->dims);
    s->n_dims = o->n_dims;
    s->decays = o->decays;
    s->norm = o->norm;
    s->centre = o->centre;
    s->spread = o->spread;
    s->deviation = o->deviation;
    return 0;
}

/* Offsets are final at once, as slices are appended; pointers exist after allocation. */
int nn_params_declare(struct leadseq_params *params, const struct nn_slice_options *o)
{
    assert(!params->value && o->n_dims >= 1 && o->n_dims <= 5);
    struct leadseq_slice s = {.offset = params->count};
    if (fill_slice(&s, o)) return -1;
    for (size_t i = 0; i < params->n_slices; i++) {
        if (!strcmp(params->slice[i].name, s.name))
            return leadseq_fail("parameter %s: declared twice; give the layers different names",
                                s.name);
    }
    struct leadseq_slice *grown =
        leadseq_realloc(params->slice, params->n_slices + 1, sizeof *grown);
    if (!grown) return -1;
    params->slice = grown;
    params->slice[params->n_slices] = s;
    params->count += (s.count + SLICE_STEP - 1) / SLICE_STEP * SLICE_STEP;
    return (int)params->n_slices++;
}

int nn_params_allocate(struct leadseq_params *params, bool gradient)
{
    assert(!params->value);
    params->value = nn_aligned(params->count * sizeof *params->value);
    if (!params->value) return -1;
    if (!gradient) return 0;
    params->gradient = nn_aligned(params->count * sizeof *params->gradient);
    return params->gradient ? 0 : -1;
}

/* centre + U(-spread, spread) or N(0, deviation²) in double, then rounded; where both are 0 nothing
 * is drawn. */
static void initialise_slice(const struct leadseq_slice *s, float *value, uint64_t seed)
{
    struct leadseq_random r;
    leadseq_random_init(&r, seed, LEADSEQ_STREAM_WEIGHTS, leadseq_hash_text(s->name), 0);
    for (size_t i = 0; i < s->count && s->deviation > 0; i++)
        value[i] = s->centre + (float)((double)s->deviation * leadseq_random_normal(&r));
    for (size_t i = 0; i < s->count && !(s->deviation > 0); i++) {
        double u = s->spread > 0 ? 2 * leadseq_random_uniform(&r) - 1 : 0;
        value[i] = s->centre + s->spread * (float)u;
    }
}

void nn_params_initialise(struct leadseq_params *params, uint64_t seed)
{
    for (size_t i = 0; i < params->n_slices; i++)
        initialise_slice(&params->slice[i], params->value + params->slice[i].offset, seed);
}

void nn_params_clear(struct leadseq_params *params)
{
    if (!params) return;
    free(params->value);
    free(params->gradient);
    free(params->slice);
    *params = (struct leadseq_params){0};
}

float *nn_params_value(const struct leadseq_params *params, int slice)
{
    assert(slice >= 0 && (size_t)slice < params->n_slices && params->value);
    return params->value + params->slice[slice].offset;
}

float *nn_params_gradient(const struct leadseq_params *params, int slice)
{
    assert(slice >= 0 && (size_t)slice < params->n_slices && params->gradient);
    return params->gradient + params->slice[slice].offset;
}
