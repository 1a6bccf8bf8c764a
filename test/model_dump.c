/* SPDX-License-Identifier: MIT
 *
 * Runs a model once and writes everything that went in and came out, for another
 * framework to repeat: model_dump OUT key=value …
 *
 * OUT is text, a line a tensor: "kind name dims : values" with kinds param, state
 * (before the pass), gradient, after (state after it), array. */
#include "gradient.h"
#include <leadseq/model.h>

#include <stdlib.h>
#include <string.h>

struct request {
    struct leadseq_model_spec spec;
    int batch;
};

static int set_channels(int *channels, int *n, const char *value)
{
    *n = 0;
    for (char *end; *value && *n < LEADSEQ_LAYERS_MAX; value = end) {
        channels[(*n)++] = (int)strtol(value, &end, 10);
        if (*end == ',') end++;
    }
    return 0;
}

static int set(struct request *r, const char *key, const char *value)
{
    struct leadseq_model_spec *s = &r->spec;
    struct {
        const char *key;
        int *to;
    } whole[] = {{"kernel", &s->kernel}, {"leads", &s->leads}, {"channels", &s->channels},
                 {"height", &s->height}, {"width", &s->width}, {"batch", &r->batch}};
    for (size_t i = 0; i < LEADSEQ_COUNT(whole); i++)
        if (!strcmp(key, whole[i].key)) return *whole[i].to = atoi(value), 0;
    if (!strcmp(key, "hidden")) return set_channels(s->hidden, &s->n_layers, value);
    if (!strcmp(key, "stem_channels")) return set_channels(s->stem_channels, &s->n_stem, value);
    if (!strcmp(key, "head")) return s->head = (enum leadseq_head)atoi(value), 0;
    if (!strcmp(key, "stem")) return s->stem = (enum leadseq_stem)atoi(value), 0;
    if (!strcmp(key, "bias")) return s->bias = atoi(value), 0;
    if (!strcmp(key, "pool_time")) return s->pool_time = atoi(value), 0;
    if (!strcmp(key, "type")) return leadseq_model_spec_default(s, atoi(value)), 0;
    return leadseq_fail("%s: no such key", key);
}

static void write_values(FILE *out, const float *x, size_t n)
{
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

static int run(struct leadseq_model *m, const struct request *r, FILE *out)
{
    size_t n = (size_t)r->batch, n_images = n * (size_t)r->spec.leads * (size_t)r->spec.channels *
                                            (size_t)r->spec.height * (size_t)r->spec.width;
    float *images = leadseq_calloc(n_images, sizeof *images);
    float *z = leadseq_calloc(n, sizeof *z), *dz = leadseq_calloc(n, sizeof *dz);
    struct leadseq_params *params = leadseq_model_params(m), *state = leadseq_model_state(m);
    int status = images && z && dz ? 0 : -1;
    if (!status) {
        check_fill_uniform(images, n_images, 21);
        check_fill_uniform(dz, n, 22);
        write_array(out, "images", images, n_images);
        write_params(out, "param", params, params->value);
        write_params(out, "state", state, state->value);
        status = leadseq_model_forward(m, LEADSEQ_TRAINING, 0, r->batch, images, z);
    }
    if (!status) {
        write_array(out, "logits", z, n);
        write_array(out, "dlogits", dz, n);
        status = leadseq_model_backward(m, dz);
        write_params(out, "gradient", params, params->gradient);
        write_params(out, "after", state, state->value);
    }
    if (!status) status = leadseq_model_forward(m, LEADSEQ_EVALUATE, 0, r->batch, images, z);
    write_array(out, "evaluated", z, n);
    free(images), free(z), free(dz);
    return status;
}

int main(int argc, char **argv)
{
    struct request r = {.batch = 2};
    int status = argc < 2 ? leadseq_fail("usage: model_dump OUT key=value ...") : 0;
    for (int i = 2; i < argc && !status; i++) {
        char *equals = strchr(argv[i], '=');
        if (equals) *equals = '\0';
        status = equals ? set(&r, argv[i], equals + 1) : leadseq_fail("%s: no value", argv[i]);
    }
    struct leadseq_engine *engine = leadseq_engine_open(NULL);
    struct leadseq_model *m = NULL;
    FILE *out = status ? NULL : fopen(argv[1], "w");
    if (out && engine) m = leadseq_model_new(&r.spec, engine, r.batch, 9);
    status = m ? run(m, &r, out) : -1;
    if (status) fprintf(stderr, "model_dump: %s\n", leadseq_error());
    leadseq_model_free(m);
    leadseq_engine_close(engine);
    if (out && fclose(out)) status = -1;
    return status ? 1 : 0;
}
