/* SPDX-License-Identifier: MIT
 *
 * The table of layers: what each is, holds and costs, counted; and its text for a
 * person who reads it before training. */
#include "model_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- Counting -------------------------------------------------------------------------- */

/* Parameters whose slices are called "layer.…". */
static size_t count_parameters(const struct leadseq_params *p, const char *layer)
{
    size_t n = 0, length = strlen(layer);
    for (size_t i = 0; i < p->n_slices; i++)
        if (!strncmp(p->slice[i].name, layer, length) && p->slice[i].name[length] == '.')
            n += p->slice[i].count;
    return n;
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

static void describe_layer(const struct leadseq_model *m, int i, const struct nn_description *d,
                           struct leadseq_layer_summary *s)
{
    const struct nn_layer *l = m->chain.layer[i];
    *s = (struct leadseq_layer_summary){
        .images = l->out.n,
        .channels = l->out.c,
        .height = l->out.h,
        .width = l->out.w,
        .parameters = count_parameters(&m->params, l->name),
        .multiply_adds = l->multiply_adds,
        .kept_bytes = d ? d->kept : nn_chain_kept(&m->chain, m->engine, i, m->batch),
    };
    snprintf(s->name, sizeof s->name, "%s", l->name);
    snprintf(s->type, sizeof s->type, "%s", l->type->name);
    if (d)
        snprintf(s->layout, sizeof s->layout, "%s%s", d->layout,
                 d->values == NN_F32 ? "" : " bf16");
}

static void describe_whole(const struct leadseq_model *m, struct leadseq_model_table *t)
{
    const struct nn_shape in = model_input_shape(&m->spec);
    const struct leadseq_work work = leadseq_model_work(m);
    t->n_layers = m->chain.n_layers;
    t->batch = m->batch;
    t->signals = m->spec.type->input == LEADSEQ_INPUT_SIGNALS;
    t->images = in.n, t->channels = in.c, t->height = in.h, t->width = in.w;
    t->forward_flop = m->batch * work.forward;
    t->step_flop = m->batch * (work.forward + work.data + work.weights);
    t->training_bytes = leadseq_model_bytes(m, LEADSEQ_TRAINING);
    t->evaluation_bytes = leadseq_model_bytes(m, LEADSEQ_EVALUATE);
    t->parameter_bytes = 4 * m->params.count * sizeof(float);
    t->available_bytes = leadseq_available_bytes();
}

int leadseq_model_describe(struct leadseq_model *m, struct leadseq_model_table *t)
{
    const size_t n = (size_t)m->chain.n_layers;
    *t = (struct leadseq_model_table){0};
    struct nn_description *d = leadseq_calloc(n, sizeof *d);
    t->layer = d ? leadseq_calloc(n, sizeof *t->layer) : NULL;
    if (!t->layer) {
        free(d);
        return -1;
    }
    describe_whole(m, t);
    t->exact = !model_memory_check(m, LEADSEQ_TRAINING, m->batch) &&
               !nn_chain_describe(&m->chain, m->engine, m->batch, d);
    if (!t->exact) leadseq_error_clear(); /* larger than this machine: estimates will do */
    for (int i = 0; i < t->n_layers; i++) {
        struct leadseq_layer_summary *l = &t->layer[i];
        describe_layer(m, i, t->exact ? &d[i] : NULL, l);
        t->parameters += l->parameters;
        t->multiply_adds += l->multiply_adds;
        t->kept_bytes += l->kept_bytes;
    }
    free(d);
    return 0;
}

void leadseq_model_table_clear(struct leadseq_model_table *t)
{
    if (!t) return;
    free(t->layer);
    *t = (struct leadseq_model_table){0};
}

/* --- For a person ------------------------------------------------------------------------ */

static void format_shape(char text[48], int images, int channels, int height, int width)
{
    char steps[16] = "";
    if (images > 1) snprintf(steps, sizeof steps, "%d × ", images);
    if (height == 1 && width == 1)
        snprintf(text, 48, "%s%d", steps, channels);
    else
        snprintf(text, 48, "%s%d × %d × %d", steps, channels, height, width);
}

/* Columns of text with × in it: printf counts bytes, a person sees letters. */
static int width_of(const char *text, int columns)
{
    int extra = 0;
    for (const char *c = text; *c; c++) extra += ((unsigned char)*c & 0xc0) == 0x80;
    return columns + extra;
}

static void print_layer(const struct leadseq_layer_summary *l, FILE *out)
{
    char shape[48], kept[32];
    format_shape(shape, l->images, l->channels, l->height, l->width);
    model_format_bytes(kept, l->kept_bytes);
    fprintf(out, "%-16s %-12s %-*s %-13s %11zu %14" PRIu64 " %10s\n", l->name, l->type,
            width_of(shape, 20), shape, l->layout, l->parameters, l->multiply_adds, kept);
}

/* After the point, so that four digits are shown and never an exponent. */
static int decimals_of(double value)
{
    return value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : value >= 1 ? 3 : 6;
}

static void print_costs(const struct leadseq_model_table *t, FILE *out)
{
    char training[32], evaluation[32], parameters[32], there[32];
    model_format_bytes(training, t->training_bytes);
    model_format_bytes(evaluation, t->evaluation_bytes);
    model_format_bytes(parameters, t->parameter_bytes);
    model_format_bytes(there, t->available_bytes);
    fprintf(out, "batch %d: %.*f GFLOP a training step, %.*f of them forward\n", t->batch,
            decimals_of(t->step_flop / 1e9), t->step_flop / 1e9, decimals_of(t->forward_flop / 1e9),
            t->forward_flop / 1e9);
    fprintf(out,
            "batch %d: about %s in training, %s in evaluation, %s for parameters, gradients and "
            "Adam's moments; %s are available\n",
            t->batch, training, evaluation, parameters, there);
    if (!t->exact) fputs("Layouts and bytes kept are known where such a batch fits.\n", out);
}

int leadseq_model_table_print(const struct leadseq_model_table *t, FILE *out)
{
    char shape[48], kept[32];
    format_shape(shape, t->images, t->channels, t->height, t->width);
    model_format_bytes(kept, t->kept_bytes);
    fprintf(out, "%-16s %-12s %-20s %-13s %11s %14s %10s\n", "layer", "type", "shape of a record",
            "layout", "parameters", "multiply-adds", "kept");
    fprintf(out, "%-16s %-12s %s\n", t->signals ? "signals" : "images", "", shape);
    for (int i = 0; i < t->n_layers; i++) print_layer(&t->layer[i], out);
    fprintf(out, "%-16s %-12s %-20s %-13s %11zu %14" PRIu64 " %10s\n", "total", "", "", "",
            t->parameters, t->multiply_adds, kept);
    print_costs(t, out);
    return ferror(out) ? leadseq_fail("the summary of the model could not be written: %s",
                                      leadseq_write_reason(out))
                       : 0;
}

int leadseq_model_summary(struct leadseq_model *m, FILE *out)
{
    struct leadseq_model_table t;
    if (leadseq_model_describe(m, &t)) return -1;
    int status = leadseq_model_table_print(&t, out);
    leadseq_model_table_clear(&t);
    return status;
}
