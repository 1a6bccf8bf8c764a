/* SPDX-License-Identifier: MIT
 *
 * The table of layers that a person reads before training. */
#include "model_private.h"

#include <inttypes.h>
#include <string.h>

/* Parameters whose slices are called "layer.…". */
static size_t count_parameters(const struct leadseq_params *p, const char *layer)
{
    size_t n = 0, length = strlen(layer);
    for (size_t i = 0; i < p->n_slices; i++)
        if (!strncmp(p->slice[i].name, layer, length) && p->slice[i].name[length] == '.')
            n += p->slice[i].count;
    return n;
}

static void format_shape(char text[48], struct nn_shape s)
{
    char steps[16] = "";
    if (s.n > 1) snprintf(steps, sizeof steps, "%d × ", s.n);
    if (s.h == 1 && s.w == 1)
        snprintf(text, 48, "%s%d", steps, s.c);
    else
        snprintf(text, 48, "%s%d × %d × %d", steps, s.c, s.h, s.w);
}

/* Columns of text with × in it: printf counts bytes, a person sees letters. */
static int width_of(const char *text, int columns)
{
    int extra = 0;
    for (const char *c = text; *c; c++) extra += ((unsigned char)*c & 0xc0) == 0x80;
    return columns + extra;
}

struct totals {
    size_t parameters;
    uint64_t multiply_adds;
};

static void write_layer(const struct leadseq_model *m, int i, struct totals *sum, FILE *out)
{
    const struct nn_layer *l = m->chain.layer[i];
    char shape[48], kept[32];
    format_shape(shape, l->out);
    model_format_bytes(kept, nn_chain_kept(&m->chain, m->engine, i, m->batch));
    size_t parameters = count_parameters(&m->params, l->name);
    fprintf(out, "%-16s %-12s %-*s %11zu %14" PRIu64 " %10s\n", l->name, l->type->name,
            width_of(shape, 20), shape, parameters, l->multiply_adds, kept);
    sum->parameters += parameters;
    sum->multiply_adds += l->multiply_adds;
}

static void write_memory(const struct leadseq_model *m, FILE *out)
{
    char training[32], evaluation[32], parameters[32], there[32];
    model_format_bytes(training, leadseq_model_bytes(m, LEADSEQ_TRAINING));
    model_format_bytes(evaluation, leadseq_model_bytes(m, LEADSEQ_EVALUATE));
    model_format_bytes(parameters, 2 * m->params.count * sizeof(float));
    model_format_bytes(there, leadseq_available_bytes());
    fprintf(out,
            "batch %d: about %s in training, %s in evaluation, %s for parameters and gradients; "
            "%s are available\n",
            m->batch, training, evaluation, parameters, there);
}

struct leadseq_work leadseq_model_work(const struct leadseq_model *m)
{
    struct leadseq_work work = {0};
    for (int i = 0; i < m->chain.n_layers; i++) {
        const struct nn_layer *l = m->chain.layer[i];
        work.forward += 2 * (double)l->multiply_adds;
        work.weights += 2 * (double)l->multiply_adds;
        work.data += 2 * (double)(l->state_multiply_adds + (i > 0 ? l->dx_multiply_adds : 0));
    }
    return work;
}

int leadseq_model_summary(const struct leadseq_model *m, FILE *out)
{
    char shape[48];
    struct totals sum = {0};
    format_shape(shape, model_input_shape(&m->spec));
    fprintf(out, "%-16s %-12s %-20s %11s %14s %10s\n", "layer", "type", "shape of a record",
            "parameters", "multiply-adds", "kept");
    fprintf(out, "%-16s %-12s %s\n", "images", "", shape);
    for (int i = 0; i < m->chain.n_layers; i++) write_layer(m, i, &sum, out);
    fprintf(out, "%-16s %-12s %-20s %11zu %14" PRIu64 "\n", "total", "", "", sum.parameters,
            sum.multiply_adds);
    write_memory(m, out);
    if (ferror(out)) return leadseq_fail("the summary of the model could not be written");
    return 0;
}
