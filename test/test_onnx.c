/* SPDX-License-Identifier: MIT
 *
 * ONNX files: that every built-in model can be written, that the messages are whole, that each node
 * reads what is there before it, and what is refused. test/peer_onnx.py runs them. */
#include "exchange/exchange.h"
#include "nn/nn_private.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* --- A reader of protocol buffers ------------------------------------------------------------- */

struct message {
    const unsigned char *at, *end;
};
struct field {
    int number, kind;
    uint64_t value; /* kind 0 */
    struct message inside;
};

static uint64_t varint(struct message *m)
{
    uint64_t v = 0;
    for (int shift = 0;; shift += 7) {
        cr_assert(m->at < m->end && shift < 64);
        v |= (uint64_t)(*m->at & 127) << shift;
        if (!(*m->at++ & 128)) return v;
    }
}

static bool next(struct message *m, struct field *f)
{
    if (m->at == m->end) return false;
    const uint64_t key = varint(m);
    *f = (struct field){.number = (int)(key >> 3), .kind = (int)(key & 7)};
    if (f->kind == 0) {
        f->value = varint(m);
        return true;
    }
    cr_assert(f->kind == 2 || f->kind == 5);
    const uint64_t n = f->kind == 5 ? 4 : varint(m);
    cr_assert_leq(n, (uint64_t)(m->end - m->at));
    f->inside = (struct message){m->at, m->at + n};
    m->at += n;
    return true;
}

static struct field only(struct message m, int number)
{
    struct field f, found = {0};
    while (next(&m, &f))
        if (f.number == number) found = f;
    return found;
}

static void text(struct message m, char to[128])
{
    const size_t n = (size_t)(m.end - m.at);
    cr_assert_lt(n, 128);
    memcpy(to, m.at, n);
    to[n] = '\0';
}

/* --- Files ------------------------------------------------------------------------------------ */

struct exported {
    struct leadseq_engine *engine;
    struct leadseq_model *model;
    char *bytes;
    size_t n;
};

static int write_model(struct exported *x, const struct leadseq_export *more)
{
    struct leadseq_export e = *more;
    const struct leadseq_model_spec *spec = leadseq_model_spec(x->model);
    e.model = x->model;
    e.n_leads = spec->leads;
    e.stack_leads = spec->leads == 1 ? 0 : 12;
    for (int i = 0; i < e.n_leads; i++) e.lead[i] = i;
    FILE *out = open_memstream(&x->bytes, &x->n);
    cr_assert(out);
    const int status = leadseq_onnx_write(&e, out);
    fclose(out);
    return status;
}

static void open_sample(struct exported *x, const struct leadseq_model_type *type,
                        const struct leadseq_model_sample *s)
{
    struct leadseq_model_spec spec;
    leadseq_model_spec_default(&spec, type);
    spec.leads = s->leads, spec.channels = s->channels;
    spec.height = s->height, spec.width = s->width;
    cr_assert_eq(leadseq_model_spec_set_all(&spec, s->options), 0, "%s", leadseq_error());
    *x = (struct exported){.engine =
                               leadseq_engine_open(&(struct leadseq_engine_options){.threads = 1})};
    x->model = leadseq_model_new(&spec, x->engine, s->batch, 3);
    cr_assert(x->model, "%s", leadseq_error());
}

static void close_sample(struct exported *x)
{
    free(x->bytes);
    leadseq_model_free(x->model);
    leadseq_engine_close(x->engine);
}

static const struct leadseq_export plain = {.deviation = {1, 1, 1}};

/* --- What is in a file ------------------------------------------------------------------------ */

struct names {
    char (*name)[128];
    int n;
};

static bool known(const struct names *k, const char *name)
{
    for (int i = 0; i < k->n; i++)
        if (!strcmp(k->name[i], name)) return true;
    return false;
}

static void learn(struct names *k, struct message m)
{
    k->name = realloc(k->name, (size_t)(k->n + 1) * sizeof *k->name);
    cr_assert(k->name);
    text(m, k->name[k->n]);
    cr_expect_not(known(k, k->name[k->n]), "%s is there twice", k->name[k->n]);
    k->n++;
}

/* Constants, and the sum of their values; their bytes are as many as their sizes say. */
static size_t read_constants(struct names *k, struct message graph)
{
    struct field f, part;
    size_t values = 0;
    while (next(&graph, &f)) {
        if (f.number != 5) continue;
        struct message tensor = f.inside;
        size_t count = 1;
        while (next(&tensor, &part))
            if (part.number == 1) count *= part.value;
        const struct message raw = only(f.inside, 9).inside;
        const uint64_t type = only(f.inside, 2).value;
        cr_assert(type == 1 || type == 7);
        cr_expect_eq((size_t)(raw.end - raw.at), count * (type == 1 ? 4 : 8));
        learn(k, only(f.inside, 8).inside);
        if (type == 1) values += count;
    }
    return values;
}

static void read_nodes(struct names *k, struct message graph)
{
    struct field f, part;
    char name[128];
    while (next(&graph, &f)) {
        if (f.number != 1) continue;
        struct message node = f.inside;
        while (next(&node, &part)) {
            if (part.number > 2) continue;
            text(part.inside, name);
            if (part.number == 1) cr_expect(known(k, name), "%s is read before it is there", name);
            if (part.number == 2) learn(k, part.inside);
        }
    }
}

static size_t count_parameters(struct leadseq_model *m)
{
    size_t n = 0;
    const struct leadseq_params *blocks[] = {leadseq_model_params(m), leadseq_model_state(m)};
    for (size_t b = 0; b < LEADSEQ_COUNT(blocks); b++)
        for (size_t i = 0; i < blocks[b]->n_slices; i++) n += blocks[b]->slice[i].count;
    return n;
}

static void check_file(const struct exported *x)
{
    struct message file = {(const unsigned char *)x->bytes, (const unsigned char *)x->bytes + x->n};
    struct names k = {0};
    cr_expect_eq(only(file, 1).value, 8);
    cr_expect_eq(only(only(file, 8).inside, 2).value, 17);
    const struct message graph = only(file, 7).inside;
    learn(&k, only(only(graph, 11).inside, 1).inside);
    const bool signals = leadseq_model_spec(x->model)->type->input == LEADSEQ_INPUT_SIGNALS;
    cr_expect_str_eq(k.name[0], signals ? "signals" : "images");
    const size_t constants = read_constants(&k, graph);
    if (!strstr("lstm1d gru1d", leadseq_model_spec(x->model)->type->name)) // biases in one
        cr_expect_geq(constants, count_parameters(x->model));
    read_nodes(&k, graph);
    cr_expect(known(&k, "logits") && known(&k, "probabilities"));
    free(k.name);
}

Test(onnx, every_model_of_the_tables_is_written_whole)
{
    int n = 0;
    for (size_t i = 0; leadseq_model_type_at(i); i++)
        for (const struct leadseq_model_sample *s = leadseq_model_type_at(i)->samples; s->options;
             s++, n++) {
            struct exported x;
            open_sample(&x, leadseq_model_type_at(i), s);
            const int status = write_model(&x, &plain);
            const bool may = !strstr("convlstm cnn resnet cnn1d resnet1d xresnet1d lstm1d gru1d",
                                     leadseq_model_type_at(i)->name);
            if (status && may && strstr(leadseq_error(), "cannot be expressed in ONNX"))
                fprintf(stderr, "# %s: %s\n", leadseq_model_type_at(i)->name, leadseq_error());
            else
                cr_assert_eq(status, 0, "%s: %s", s->options, leadseq_error());
            if (!status) check_file(&x);
            close_sample(&x);
        }
    cr_assert_gt(n, 5);
}

Test(onnx, metadata_and_the_preparation_of_images_are_in_it)
{
    static const char *const metadata[] = {"leads", "I,II", "outputs", "mi", NULL};
    const struct leadseq_model_type *type = leadseq_model_type_find("cnn");
    struct exported x, y;
    open_sample(&x, type, &type->samples[0]);
    cr_assert_eq(write_model(&x, &plain), 0);
    open_sample(&y, type, &type->samples[0]);
    cr_assert_eq(write_model(&y, &(struct leadseq_export){.invert = true,
                                                          .mean = {0.5},
                                                          .deviation = {0.25, 1, 1},
                                                          .metadata = metadata}),
                 0);
    check_file(&y);
    struct message file = {(unsigned char *)y.bytes, (unsigned char *)y.bytes + y.n};
    struct field f;
    char name[128];
    int found = 0;
    while (next(&file, &f)) {
        if (f.number != 14) continue;
        text(only(f.inside, 2).inside, name);
        cr_expect_str_eq(name, metadata[2 * found++ + 1]);
    }
    cr_expect_eq(found, 2);
    cr_expect_null(memmem(x.bytes, x.n, "Sub", 3));
    cr_expect(memmem(y.bytes, y.n, "Sub", 3));
    close_sample(&x), close_sample(&y);
}

Test(onnx, what_cannot_be_expressed_is_refused_by_name)
{
    const struct leadseq_model_type *type = leadseq_model_type_find("convlstm");
    struct exported x;
    open_sample(&x, type, &type->samples[0]);
    struct leadseq_export shuffled = plain;
    shuffled.shuffled = true;
    cr_assert_eq(write_model(&x, &shuffled), -1);
    cr_expect(strstr(leadseq_error(), "data.leads: shuffled"), "%s", leadseq_error());
    cr_expect_eq(x.n, 0);
    close_sample(&x);

    struct nn_layer_type own = nn_relu_type;
    own.name = "swish", own.graph = NULL;
    struct nn_layer layer = {.type = &own, .name = "act"}, *only_layer = &layer;
    const struct nn_chain chain = {.layer = &only_layer, .n_layers = 1};
    struct nn_graph g = {0};
    struct nn_graph_images images = {1, {nn_graph_input(&g, "images")}};
    cr_assert_eq(nn_chain_graph(&chain, &g, &images), -1);
    cr_expect(strstr(leadseq_error(), "layer act: layers of type swish cannot be expressed"), "%s",
              leadseq_error());
    nn_graph_clear(&g);
}
