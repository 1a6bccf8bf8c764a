/* SPDX-License-Identifier: MIT
 *
 * Runs a model once and writes everything that went in and came out, for another
 * framework to repeat: model_dump OUT key=value …
 *
 * OUT is text, a line per tensor: "kind name dims : values" with kinds param, state
 * (before the pass), gradient, after (state after it), array; with steps=S also
 * batch (images of step s are batch s mod 4), and after S steps of the optimiser trained
 * and trained_state. Targets of a batch are 1, 0, 1 … Options of the experiment, as
 * train.optimizer=sgd, are those of the program; Adam is its default. With binary=1 a line
 * ends after the colon and is followed by the values, float32 as the machine has them; with
 * random=1 norms and running statistics are random, too. With onnx=1 OUT.onnx is the same network,
 * which is fed images of all leads without any preparation. */
#include "exchange/exchange.h"
#include "gradient.h"
#include "train/train.h"

#include <stdlib.h>
#include <string.h>

enum { BATCHES = 4 };
struct request {
    struct leadseq_model_spec spec;
    struct leadseq_engine_options engine;
    struct leadseq_experiment e;
    int batch, steps, random, seed;
};

static int binary; /* how tensors are written */
static int onnx;

/* "type=cnn" first, then the type's options under their keys, as "model.hidden=[4,6]", and numbers
 * of the input and the engine. */
static int set(struct request *r, const char *key, const char *value)
{
    struct leadseq_model_spec *s = &r->spec;
    struct {
        const char *key;
        int *to;
    } whole[] = {{"leads", &s->leads},     {"channels", &s->channels},
                 {"height", &s->height},   {"width", &s->width},
                 {"outputs", &s->outputs}, {"batch", &r->batch},
                 {"steps", &r->steps},     {"threads", &r->engine.threads},
                 {"random", &r->random},   {"seed", &r->seed},
                 {"binary", &binary},      {"onnx", &onnx}};
    for (size_t i = 0; i < LEADSEQ_COUNT(whole); i++)
        if (!strcmp(key, whole[i].key)) return *whole[i].to = atoi(value), 0;
    if (!strcmp(key, "memory")) return r->engine.memory = (enum leadseq_memory)atoi(value), 0;
    if (!strcmp(key, "precision"))
        return r->engine.precision = (enum leadseq_precision)atoi(value), 0;
    if (!strncmp(key, "train.", 6)) return leadseq_experiment_set(&r->e, key, value);
    if (strcmp(key, "type")) return leadseq_model_spec_set(s, key, value);
    const struct leadseq_model_type *type = leadseq_model_type_find(value);
    if (!type) return leadseq_fail("%s: no such type", value);
    leadseq_model_spec_default(s, type);
    return 0;
}

static const struct leadseq_loss_type *loss_of(const struct request *r)
{
    return leadseq_loss_at(r->e.train.loss);
}

static void write_values(FILE *out, const float *x, size_t n)
{
    if (binary) {
        fputc('\n', out);
        fwrite(x, sizeof *x, n, out);
        return;
    }
    for (size_t i = 0; i < n; i++) fprintf(out, " %a", x[i]);
    fputc('\n', out);
}

static void write_params(FILE *out, const char *kind, const struct leadseq_params *p,
                         const float *block)
{
    for (size_t i = 0; i < p->n_slices; i++) {
        const struct leadseq_slice *s = &p->slice[i];
        fprintf(out, "%s %s", kind, s->name);
        for (int d = 0; d < s->n_dims; d++) fprintf(out, " %d", s->dims[d]);
        fputs(" :", out);
        write_values(out, block + s->offset, s->count);
    }
}

static void write_array(FILE *out, const char *name, const float *x, size_t n)
{
    fprintf(out, "array %s %zu :", name, n);
    write_values(out, x, n);
}

/* --- One pass -------------------------------------------------------------------------- */

struct arrays {
    size_t records, n, n_images; /* n: logits */
    float *images, *z, *dz, *target;
};

static int arrays_init(struct arrays *a, const struct request *r)
{
    const struct leadseq_model_spec *s = &r->spec;
    a->records = (size_t)r->batch;
    a->n = a->records * (size_t)s->outputs;
    a->n_images =
        a->records * (size_t)s->leads * (size_t)s->channels * (size_t)s->height * (size_t)s->width;
    a->images = leadseq_calloc(a->n_images, sizeof *a->images);
    a->z = leadseq_calloc(a->n, sizeof *a->z);
    a->dz = leadseq_calloc(a->n, sizeof *a->dz);
    a->target = leadseq_calloc(a->n, sizeof *a->target);
    if (!a->images || !a->z || !a->dz || !a->target) return -1;
    check_fill_uniform(a->images, a->n_images, 21);
    check_fill_uniform(a->dz, a->n, 22);
    for (size_t i = 0; i < a->n; i += 2) a->target[i] = 1;
    return 0;
}

static void arrays_clear(struct arrays *a)
{
    free(a->images), free(a->z), free(a->dz), free(a->target);
}

static int run(struct leadseq_model *m, struct arrays *a, FILE *out)
{
    struct leadseq_params *params = leadseq_model_params(m), *state = leadseq_model_state(m);
    write_array(out, "images", a->images, a->n_images);
    write_params(out, "param", params, params->value);
    write_params(out, "state", state, state->value);
    if (leadseq_model_forward(m, LEADSEQ_TRAINING, 0, (int)a->records, a->images, a->z)) return -1;
    write_array(out, "logits", a->z, a->n);
    write_array(out, "dlogits", a->dz, a->n);
    if (leadseq_model_backward(m, a->dz)) return -1;
    write_params(out, "gradient", params, params->gradient);
    write_params(out, "after", state, state->value);
    if (leadseq_model_forward(m, LEADSEQ_EVALUATE, 0, (int)a->records, a->images, a->z)) return -1;
    write_array(out, "evaluated", a->z, a->n);
    return 0;
}

/* Slices that begin at ones and zeros: weights 0.5 to 1.5, biases and means -0.5 to 0.5. */
static void draw(const struct leadseq_params *p, uint64_t seed)
{
    for (size_t i = 0; i < p->n_slices; i++) {
        const struct leadseq_slice *s = &p->slice[i];
        float *value = p->value + s->offset;
        if (s->spread > 0 || s->deviation > 0) continue;
        const float centre = s->centre > 0.5f ? 1 : 0;
        check_fill_uniform(value, s->count, seed + i);
        for (size_t k = 0; k < s->count; k++) value[k] = centre + 0.5f * value[k];
    }
}

static void draw_norms(struct leadseq_model *m)
{
    draw(leadseq_model_params(m), 1000);
    draw(leadseq_model_state(m), 2000);
}

static int write_onnx(struct leadseq_model *m, const char *path)
{
    char name[1024];
    struct leadseq_export e = {.model = m, .deviation = {1, 1, 1}};
    e.n_leads = e.stack_leads = leadseq_model_spec(m)->leads;
    for (int i = 0; i < e.n_leads; i++) e.lead[i] = i;
    snprintf(name, sizeof name, "%s.onnx", path);
    FILE *out = fopen(name, "w");
    const int status = out ? leadseq_onnx_write(&e, out) : -1;
    return out && !fclose(out) ? status : -1;
}

/* --- Steps of Adam ------------------------------------------------------------------------ */

static int step(struct leadseq_model *m, struct arrays *a, const struct leadseq_optimizer *o,
                const struct leadseq_loss_type *type)
{
    struct leadseq_params *params = leadseq_model_params(m);
    check_fill_uniform(a->images, a->n_images, 100 + o->step % BATCHES);
    if (leadseq_model_forward(m, LEADSEQ_TRAINING, o->step, (int)a->records, a->images, a->z))
        return -1;
    struct leadseq_loss loss;
    leadseq_loss_init(&loss, type, (int)(a->n / a->records));
    leadseq_loss_mean(&loss, a->z, a->target, (int)a->records, NULL, a->dz);
    memset(params->gradient, 0, params->count * sizeof *params->gradient);
    return leadseq_model_backward(m, a->dz);
}

static int train(struct leadseq_model *m, struct arrays *a, const struct request *r, FILE *out)
{
    struct leadseq_params *params = leadseq_model_params(m), *state = leadseq_model_state(m);
    struct leadseq_optimizer o;
    struct leadseq_optim how = leadseq_experiment_optim(&r->e);
    if (leadseq_optimizer_init(&o, &how, params->count)) return -1;
    int status = 0;
    for (int i = 0; i < r->steps && !status; i++) {
        status = step(m, a, &o, loss_of(r));
        char name[16];
        snprintf(name, sizeof name, "batch%d", i);
        if (!status && i < BATCHES) write_array(out, name, a->images, a->n_images);
        if (!status) leadseq_optimizer_step(&o, params, r->e.train.lr, leadseq_momentum(&how));
    }
    write_params(out, "trained", params, params->value);
    write_params(out, "trained_state", state, state->value);
    leadseq_optimizer_clear(&o);
    return status;
}

int main(int argc, char **argv)
{
    static struct request r = {.batch = 2, .seed = 9};
    leadseq_experiment_default(&r.e); /* Adam as the program's */
    if (leadseq_experiment_set(&r.e, "train.loss", "bce-logits")) return 1;
    int status = argc < 2 ? leadseq_fail("usage: model_dump OUT key=value ...") : 0;
    for (int i = 2; i < argc && !status; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals) *equals = '\0';
        status = equals ? set(&r, argv[i], equals + 1) : leadseq_fail("%s: no value", argv[i]);
    }
    struct leadseq_engine *engine = status ? NULL : leadseq_engine_open(&r.engine);
    struct leadseq_model *m = NULL;
    struct arrays a = {0};
    FILE *out = status ? NULL : fopen(argv[1], "w");
    r.spec.paired = loss_of(&r)->exclusive;
    if (out && engine) m = leadseq_model_new(&r.spec, engine, r.batch, (uint64_t)r.seed);
    if (m && r.random) draw_norms(m);
    status = m && !arrays_init(&a, &r) ? run(m, &a, out) : -1;
    if (!status && onnx) status = write_onnx(m, argv[1]);
    if (!status && r.steps) status = train(m, &a, &r, out);
    if (status) fprintf(stderr, "model_dump: %s\n", leadseq_error());
    arrays_clear(&a);
    leadseq_model_free(m);
    leadseq_engine_close(engine);
    if (out && fclose(out)) status = -1;
    return status ? 1 : 0;
}
