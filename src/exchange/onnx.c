/* SPDX-License-Identifier: MIT
 *
 * ONNX files: a graph of nodes as a message of protocol buffers.
 *
 *   images ─► Cast, Div 255, [1 - p], [- mean, / deviation]
 *          ─► one value per lead (N, C, H, W), or all as channels ─► the model's layers
 *          ─► logits ─► Sigmoid or Softmax ─► probabilities
 *
 * A message is fields one after the other: a varint of number · 8 + kind, then a varint (kind 0), 4
 * bytes (5), or a length and as many bytes (2): text, or another message. The length comes before
 * what is inside, so each message is written twice: once only counted, then into the file. Numbers
 * of fields are those of onnx.proto. */
#include "exchange/exchange.h"

#include <stdlib.h>
#include <string.h>

enum { IR_VERSION = 8, OPERATORS = 17 };
enum { TYPE_FLOAT = 1, TYPE_UINT8 = 2, TYPE_INT64 = 7 };
enum { ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2, ATTRIBUTE_INTS = 7 };
/* Messages of protocol buffers are shorter than this. */
static const size_t MOST = 0x7fffffff;

/* --- Protocol buffers ------------------------------------------------------------------------- */

struct sink {
    FILE *out; /* NULL: bytes are only counted */
    size_t n;
};

static void put(struct sink *s, const void *bytes, size_t n)
{
    if (s->out) fwrite(bytes, 1, n, s->out);
    s->n += n;
}

static void put_varint(struct sink *s, uint64_t v)
{
    unsigned char bytes[10];
    size_t n = 0;
    for (; v > 127; v >>= 7) bytes[n++] = (unsigned char)(v & 127) | 128;
    bytes[n++] = (unsigned char)v;
    put(s, bytes, n);
}

static void put_integer(struct sink *s, int field, int64_t v)
{
    put_varint(s, (uint64_t)field << 3);
    put_varint(s, (uint64_t)v);
}

/* Little-endian words of `bytes` each, 4 or 8. */
static void put_words(struct sink *s, const void *words, size_t count, size_t bytes)
{
    const unsigned char *from = words;
    unsigned char word[8];
    if (!s->out) s->n += count * bytes;
    for (size_t i = 0; s->out && i < count; i++, from += bytes) {
        uint64_t v = 0;
        uint32_t half = 0;
        memcpy(bytes == sizeof half ? (void *)&half : &v, from, bytes);
        v |= half;
        for (size_t k = 0; k < bytes; k++) word[k] = (unsigned char)(v >> 8 * k);
        put(s, word, bytes);
    }
}

static void put_float(struct sink *s, int field, float v)
{
    put_varint(s, (uint64_t)field << 3 | 5);
    put_words(s, &v, 1, sizeof v);
}

static void put_length(struct sink *s, int field, size_t n)
{
    put_varint(s, (uint64_t)field << 3 | 2);
    put_varint(s, n);
}

static void put_text(struct sink *s, int field, const char *text)
{
    put_length(s, field, strlen(text));
    put(s, text, strlen(text));
}

static void put_message(struct sink *s, int field, void (*write)(struct sink *, const void *),
                        const void *what)
{
    struct sink counted = {0};
    write(&counted, what);
    put_length(s, field, counted.n);
    write(s, what);
}

/* --- Messages of onnx.proto ------------------------------------------------------------------- */

struct named { /* something of a graph */
    const struct nn_graph *g;
    const void *is;
};

static void write_tensor(struct sink *s, const void *what)
{
    const struct named *tensor = what;
    const struct nn_graph_constant *c = tensor->is;
    const size_t bytes = c->real ? sizeof(float) : sizeof(int64_t);
    for (int i = 0; i < c->n_dims; i++) put_integer(s, 1, c->dims[i]);
    put_integer(s, 2, c->real ? TYPE_FLOAT : TYPE_INT64);
    put_text(s, 8, tensor->g->name[c->value]);
    put_length(s, 9, c->count * bytes);
    put_words(s, c->real ? (const void *)c->real : c->integer, c->count, bytes);
}

static void write_attribute(struct sink *s, const void *what)
{
    const struct nn_graph_attribute *a = what;
    put_text(s, 1, a->name);
    if (a->kind == NN_GRAPH_REAL) put_float(s, 2, (float)a->real);
    if (a->kind == NN_GRAPH_INTEGER) put_integer(s, 3, a->integer[0]);
    for (int i = 0; a->kind == NN_GRAPH_INTEGERS && i < a->n; i++) put_integer(s, 8, a->integer[i]);
    put_integer(s, 20,
                a->kind == NN_GRAPH_REAL      ? ATTRIBUTE_FLOAT
                : a->kind == NN_GRAPH_INTEGER ? ATTRIBUTE_INT
                                              : ATTRIBUTE_INTS);
}

static void write_node(struct sink *s, const void *what)
{
    const struct named *n = what;
    const struct nn_graph_node *node = n->is;
    for (int i = 0; i < node->is.n_inputs; i++) put_text(s, 1, n->g->name[node->is.input[i]]);
    for (int i = 0; i < node->is.n_outputs; i++) put_text(s, 2, n->g->name[node->output + i]);
    put_text(s, 3, n->g->name[node->output]);
    put_text(s, 4, node->is.op);
    for (int i = 0; i < NN_GRAPH_ATTRIBUTES; i++)
        if (node->is.attribute[i].kind) put_message(s, 5, write_attribute, &node->is.attribute[i]);
}

struct port { /* what goes in or comes out */
    const char *name;
    int type, n_dims, dims[5]; /* 0: N */
};

static void write_dimension(struct sink *s, const void *what)
{
    const int size = *(const int *)what;
    if (size)
        put_integer(s, 1, size);
    else
        put_text(s, 2, "N");
}

static void write_shape(struct sink *s, const void *what)
{
    const struct port *p = what;
    for (int i = 0; i < p->n_dims; i++) put_message(s, 1, write_dimension, &p->dims[i]);
}

static void write_tensor_type(struct sink *s, const void *what)
{
    put_integer(s, 1, ((const struct port *)what)->type);
    put_message(s, 2, write_shape, what);
}

static void write_type(struct sink *s, const void *what)
{
    put_message(s, 1, write_tensor_type, what);
}

static void write_port(struct sink *s, const void *what)
{
    put_text(s, 1, ((const struct port *)what)->name);
    put_message(s, 2, write_type, what);
}

struct file {
    const struct nn_graph *g;
    struct port port[3]; /* images; logits, probabilities */
    const char *const *metadata;
};

static void write_graph(struct sink *s, const void *what)
{
    const struct file *f = what;
    for (int i = 0; i < f->g->n_nodes; i++)
        put_message(s, 1, write_node, &(struct named){f->g, &f->g->node[i]});
    put_text(s, 2, "leadseq");
    for (int i = 0; i < f->g->n_constants; i++)
        put_message(s, 5, write_tensor, &(struct named){f->g, &f->g->constant[i]});
    put_message(s, 11, write_port, &f->port[0]);
    put_message(s, 12, write_port, &f->port[1]);
    put_message(s, 12, write_port, &f->port[2]);
}

static void write_operators(struct sink *s, const void *what)
{
    (void)what;
    put_text(s, 1, "");
    put_integer(s, 2, OPERATORS);
}

static void write_metadata(struct sink *s, const void *what)
{
    const char *const *pair = what;
    put_text(s, 1, pair[0]);
    put_text(s, 2, pair[1]);
}

static void write_model(struct sink *s, const void *what)
{
    const struct file *f = what;
    put_integer(s, 1, IR_VERSION);
    put_text(s, 2, "leadseq");
    put_text(s, 3, leadseq_version());
    put_message(s, 7, write_graph, f);
    put_message(s, 8, write_operators, NULL);
    for (const char *const *m = f->metadata; m && *m; m += 2) put_message(s, 14, write_metadata, m);
}

/* --- From images to logits -------------------------------------------------------------------- */

static int number(struct nn_graph *g, float v)
{
    return nn_graph_reals(g, "images", &v, 0);
}

/* One number, or one per colour, which is the last axis. */
static int per_colour(struct nn_graph *g, const double v[3], int channels, bool inverse)
{
    float value[3];
    for (int c = 0; c < channels; c++) value[c] = (float)(inverse ? 1 / v[c] : v[c]);
    return nn_graph_reals(g, "images", value, channels == 1 ? 0 : channels);
}

static bool is_normalised(const struct leadseq_export *e, int channels)
{
    bool moved = false;
    for (int c = 0; c < channels; c++) moved = moved || e->mean[c] != 0 || e->deviation[c] != 1;
    return moved;
}

/* As batches are made: p = u/255 or 1 - u/255, then (p - mean) · (1 / deviation). */
static int add_preparation(struct nn_graph *g, const struct leadseq_export *e, int images)
{
    const int channels = leadseq_model_spec(e->model)->channels;
    int p = nn_graph_add(g, &(struct nn_graph_op){.op = "Cast",
                                                  .layer = "images",
                                                  .n_inputs = 1,
                                                  .input = {images},
                                                  .attribute = {NN_GRAPH_INT("to", TYPE_FLOAT)}});
    p = nn_graph_two(g, "images", "Div", p, number(g, 255));
    if (e->invert) p = nn_graph_two(g, "images", "Sub", number(g, 1), p);
    if (!is_normalised(e, channels)) return p;
    p = nn_graph_two(g, "images", "Sub", p, per_colour(g, e->mean, channels, false));
    return nn_graph_two(g, "images", "Mul", p, per_colour(g, e->deviation, channels, true));
}

/* (N, H, W) or (N, H, W, 3) as (N, C, H, W). */
static int channels_first(struct nn_graph *g, int channels, int image)
{
    const int64_t axis = 1;
    if (channels == 1)
        return nn_graph_two(g, "images", "Unsqueeze", image,
                            nn_graph_integers(g, "images", &axis, 1));
    return nn_graph_add(g,
                        &(struct nn_graph_op){.op = "Transpose",
                                              .layer = "images",
                                              .n_inputs = 1,
                                              .input = {image},
                                              .attribute = {NN_GRAPH_INTS("perm", 4, 0, 3, 1, 2)}});
}

static int one_lead(struct nn_graph *g, int images, int lead)
{
    const int64_t place = lead;
    return nn_graph_add(
        g, &(struct nn_graph_op){.op = "Gather",
                                 .layer = "images",
                                 .n_inputs = 2,
                                 .input = {images, nn_graph_integers(g, "images", &place, 0)},
                                 .attribute = {NN_GRAPH_INT("axis", 1)}});
}

static int add_images(struct nn_graph *g, const struct leadseq_export *e, int images,
                      struct nn_graph_images *x)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(e->model);
    const int p = add_preparation(g, e, images);
    *x = (struct nn_graph_images){.n = e->stack_leads ? e->n_leads : 1};
    for (int t = 0; t < x->n; t++) {
        const int image = e->stack_leads ? one_lead(g, p, e->lead[t]) : p;
        x->value[t] = channels_first(g, spec->channels, image);
        if (x->value[t] < 0) return -1;
    }
    if (leadseq_model_is_sequence(e->model)) return 0;
    x->value[0] = nn_graph_concat(g, "images", x, 1);
    x->n = 1;
    return x->value[0] < 0 ? -1 : 0;
}

/* A number of each lead the model reads, (leads, 1). */
static int per_lead(struct nn_graph *g, const struct leadseq_export *e, const double *own,
                    double all, bool inverse)
{
    float value[LEADSEQ_COUNT(e->lead)];
    for (int t = 0; t < e->n_leads; t++) {
        const double v = own ? own[t] : all;
        value[t] = (float)(inverse ? 1 / v : v);
    }
    return nn_graph_array(g, "signals", value, 2, (int64_t[]){e->n_leads, 1});
}

/* Missing samples are 0 in batches. */
static int fill_missing(struct nn_graph *g, int v)
{
    const float zero = 0;
    const int missing = nn_graph_one(g, "signals", "IsNaN", v);
    return nn_graph_add(
        g, &(struct nn_graph_op){.op = "Where",
                                 .layer = "signals",
                                 .n_inputs = 3,
                                 .input = {missing, nn_graph_reals(g, "signals", &zero, 0), v}});
}

/* As batches are made: (x - mean) · (1 / deviation) of the model's leads, as (N, leads, 1, W). */
static int add_signals(struct nn_graph *g, const struct leadseq_export *e, int signals,
                       struct nn_graph_images *x)
{
    int64_t lead[LEADSEQ_COUNT(e->lead)];
    const int64_t axis = 2;
    for (int t = 0; t < e->n_leads; t++) lead[t] = e->lead[t];
    int v = nn_graph_add(
        g,
        &(struct nn_graph_op){.op = "Gather",
                              .layer = "signals",
                              .n_inputs = 2,
                              .input = {signals, nn_graph_integers(g, "signals", lead, e->n_leads)},
                              .attribute = {NN_GRAPH_INT("axis", 1)}});
    if (e->lead_mean || is_normalised(e, 1)) {
        v = nn_graph_two(g, "signals", "Sub", v, per_lead(g, e, e->lead_mean, e->mean[0], false));
        v = nn_graph_two(g, "signals", "Mul", v,
                         per_lead(g, e, e->lead_deviation, e->deviation[0], true));
    }
    v = fill_missing(g, v);
    *x = (struct nn_graph_images){.n = 1};
    x->value[0] =
        nn_graph_two(g, "signals", "Unsqueeze", v, nn_graph_integers(g, "signals", &axis, 1));
    return x->value[0] < 0 ? -1 : 0;
}

static int add_outputs(struct nn_graph *g, const struct leadseq_export *e, int logits)
{
    const bool softmax = e->exclusive && leadseq_model_spec(e->model)->outputs > 1;
    const int p = nn_graph_add(
        g, &(struct nn_graph_op){
               .op = softmax ? "Softmax" : "Sigmoid",
               .layer = "probabilities",
               .n_inputs = 1,
               .input = {logits},
               .attribute = {softmax ? (struct nn_graph_attribute)NN_GRAPH_INT("axis", 1)
                                     : (struct nn_graph_attribute){0}}});
    if (p < 0) return -1;
    snprintf(g->name[logits], sizeof *g->name, "logits");
    snprintf(g->name[p], sizeof *g->name, "probabilities");
    return 0;
}

static bool reads_signals(const struct leadseq_export *e)
{
    return leadseq_model_spec(e->model)->type->input == LEADSEQ_INPUT_SIGNALS;
}

static struct port input_of(const struct leadseq_export *e)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(e->model);
    if (reads_signals(e))
        return (struct port){"signals", TYPE_FLOAT, 3, {0, e->stack_leads, spec->width}};
    struct port p = {.name = "images", .type = TYPE_UINT8, .n_dims = 1};
    if (e->stack_leads) p.dims[p.n_dims++] = e->stack_leads;
    p.dims[p.n_dims++] = spec->height;
    p.dims[p.n_dims++] = spec->width;
    if (spec->channels > 1) p.dims[p.n_dims++] = spec->channels;
    return p;
}

static int write_file(const struct leadseq_export *e, const struct nn_graph *g, FILE *out)
{
    const int outputs = leadseq_model_spec(e->model)->outputs;
    const struct file f = {.g = g,
                           .port = {input_of(e),
                                    {"logits", TYPE_FLOAT, 2, {0, outputs}},
                                    {"probabilities", TYPE_FLOAT, 2, {0, outputs}}},
                           .metadata = e->metadata};
    struct sink counted = {0}, s = {.out = out};
    write_model(&counted, &f);
    if (counted.n > MOST)
        return leadseq_fail("ONNX files are at most %zu bytes, this one would have %zu; --format "
                            "safetensors has no such limit",
                            MOST, counted.n);
    write_model(&s, &f);
    return ferror(out) ? leadseq_fail("writing failed: %s", leadseq_write_reason(out)) : 0;
}

int leadseq_onnx_write(const struct leadseq_export *e, FILE *out)
{
    struct nn_graph g = {0};
    struct nn_graph_images x;
    if (e->shuffled)
        return leadseq_fail("data.leads: shuffled draws an order for each record, which ONNX "
                            "cannot express; --format safetensors exports the weights");
    const bool signals = reads_signals(e);
    const int input = nn_graph_input(&g, signals ? "signals" : "images");
    int status = input < 0 ||
                         (signals ? add_signals(&g, e, input, &x) : add_images(&g, e, input, &x)) ||
                         leadseq_model_graph(e->model, &g, &x) || add_outputs(&g, e, x.value[0])
                     ? -1
                     : write_file(e, &g, out);
    nn_graph_clear(&g);
    return status;
}
