/* SPDX-License-Identifier: MIT
 *
 * The first training step of an experiment, or the N-th, for another program to compute once more:
 *
 *   step_dump EXPERIMENT [KEY=VALUE …]                      its options, resolved, without a stack
 *   step_dump EXPERIMENT STACK OUT [step=N] [KEY=VALUE …]   the step, taken by the trainer itself
 *
 * prints lines "kind<TAB>name<TAB>…": option KEY VALUE, number NAME VALUE, and of each tensor of
 * the step "kind NAME DECAYS DIMS…". OUT gets the tensors' values, float32, in the same order.
 * Kinds: param and state (initial values), array (images, target, logits, features), decided (what
 * ReLUs gave and maxima were taken of, in the order of the layers), gradient, moved and after
 * (parameters and state after the step). What batch norms found is printed as it was before it
 * was rounded: "norm LAYER QUANTITY VALUES…" with quantities values (M), mean, var, dshift and
 * dscale of each channel. */
#include "model/model_private.h"
#include "nn/chain.h"
#include "train/rehearse.h"

#include <stdlib.h>
#include <string.h>

struct dump {
    FILE *values;
    const struct leadseq_training *training;
    uint64_t step; /* the one that is written */
};

/* Batch norms give their sums, in double, to what adds them up over ranks. Here it is one rank:
 * nothing is added, and they are kept in the order they came. Global because the engine's function
 * is told nothing else. */
enum { MOST_SUMS = 64 };
static struct {
    double *value[MOST_SUMS];
    size_t count[MOST_SUMS];
    int n;
} heard;

static void hear(double *value, size_t n)
{
    if (heard.n == MOST_SUMS) abort();
    double *copy = leadseq_calloc(n, sizeof *copy);
    if (!copy) abort();
    memcpy(copy, value, n * sizeof *copy);
    heard.value[heard.n] = copy;
    heard.count[heard.n++] = n;
}

static void listen(const struct dump *d, bool yes)
{
    d->training->engine->sum = yes ? hear : NULL;
}

/* --- What is written ------------------------------------------------------------------------ */

static void write_options(const struct leadseq_experiment *e)
{
    for (size_t i = 0; i < leadseq_option_count(); i++) {
        const char *key = leadseq_option_key(i);
        const void *block;
        if (!leadseq_experiment_option(e, key, &block)) continue;
        char *value = leadseq_experiment_value(e, key);
        printf("option\t%s\t%s\n", key, value ? value : "");
        free(value);
    }
}

static void write_number(const char *name, double value)
{
    printf("number\t%s\t%.17g\n", name, value);
}

static int write_values(struct dump *d, const float *x, size_t n)
{
    return fwrite(x, sizeof *x, n, d->values) == n ? 0 : leadseq_fail("values: cannot be written");
}

static int write_params(struct dump *d, const char *kind, const struct leadseq_params *p,
                        const float *block)
{
    for (size_t i = 0; i < p->n_slices; i++) {
        const struct leadseq_slice *s = &p->slice[i];
        printf("%s\t%s\t%d", kind, s->name, (int)s->decays);
        for (int k = 0; k < s->n_dims; k++) printf("\t%d", s->dims[k]);
        putchar('\n');
        if (write_values(d, block + s->offset, s->count)) return -1;
    }
    return 0;
}

static int write_array(struct dump *d, const char *name, const float *x, size_t n)
{
    printf("array\t%s\t0\t%zu\n", name, n);
    return write_values(d, x, n);
}

/* --- The step's hooks ------------------------------------------------------------------------ */

static int begin(void *user, const struct leadseq_training *training)
{
    struct dump *d = user;
    d->training = training;
    const struct leadseq_model_spec *spec = leadseq_model_spec(training->model);
    write_options(training->e);
    write_number("leads", spec->leads);
    write_number("channels", spec->channels);
    write_number("height", spec->height);
    write_number("width", spec->width);
    write_number("outputs", spec->outputs);
    write_number("cells", leadseq_model_cells(training->model));
    struct leadseq_params *p = leadseq_model_params(training->model);
    struct leadseq_params *s = leadseq_model_state(training->model);
    return write_params(d, "param", p, p->value) || write_params(d, "state", s, s->value) ? -1 : 0;
}

static int before(void *user, struct leadseq_step *step)
{
    const struct dump *d = user;
    listen(d, step->step == d->step);
    return 0;
}

/* What the last dense layer read, after dropout. */
static int write_features(struct dump *d, int n)
{
    const size_t count = (size_t)n * leadseq_model_features(d->training->model);
    float *phi = leadseq_calloc(count, sizeof *phi);
    int status = phi ? leadseq_model_get_features(d->training->model, phi) : -1;
    if (!status) status = write_array(d, "features", phi, count);
    free(phi);
    return status;
}

static int write_tensor(struct dump *d, const char *name, const struct nn_tensor *t)
{
    const size_t n = nn_shape_count(t->shape);
    float *plain = leadseq_calloc(n, sizeof *plain);
    int status = plain ? nn_tensor_get(d->training->engine, t, plain) : -1;
    if (!status) {
        printf("decided\t%s\t0\t%d\t%d\t%d\t%d\n", name, t->shape.n, t->shape.c, t->shape.h,
               t->shape.w);
        status = write_values(d, plain, n);
    }
    free(plain);
    return status;
}

static bool has(const struct nn_layer *layer, const char *option)
{
    struct nn_option o[NN_OPTIONS_MAX];
    const int n = layer->type->options ? layer->type->options(layer, o) : 0;
    for (int i = 0; i < n; i++)
        if (!strcmp(o[i].name, option)) return o[i].value;
    return false;
}

/* The values by which a pass chose one of two slopes, or one value of several. */
static int write_decisions(struct dump *d)
{
    const struct nn_bound_chain *b = d->training->model->seen;
    for (int i = 0; i < b->chain->n_layers; i++) {
        const struct nn_layer *layer = b->chain->layer[i];
        const char *type = layer->type->name;
        char name[96];
        int status = 0;
        if (!strcmp(type, "relu") || has(layer, "relu")) {
            snprintf(name, sizeof name, "relu %s", layer->name);
            status = write_tensor(d, name, &b->bound[i].y);
        } else if (!strcmp(type, "pool") || has(layer, "max")) {
            snprintf(name, sizeof name, "most %s", layer->name);
            status = write_tensor(d, name, b->bound[i].x);
        }
        if (status) return -1;
    }
    return 0;
}

/* --- Batch norms ------------------------------------------------------------------------------ */

static void write_doubles(const char *layer, const char *what, const double *x, size_t n)
{
    printf("norm\t%s\t%s", layer, what);
    for (size_t i = 0; i < n; i++) printf("\t%.17g", x[i]);
    putchar('\n');
}

/* Σ x, Σ x², M of the forward pass; dshift and dscale of the backward pass. */
static void write_norm(const char *layer, size_t channels, double *forward, const double *backward)
{
    double *mean = forward, *var = forward + channels, m = forward[2 * channels];
    for (size_t c = 0; c < channels; c++) {
        mean[c] /= m;
        var[c] = var[c] / m - mean[c] * mean[c];
    }
    write_doubles(layer, "values", &m, 1);
    write_doubles(layer, "mean", mean, channels);
    write_doubles(layer, "var", var, channels);
    write_doubles(layer, "dshift", backward, channels);
    write_doubles(layer, "dscale", backward + channels, channels);
}

/* Forward passes came first, one a norm; the backward ones in reverse order. */
static int write_norms(struct dump *d)
{
    const struct nn_chain *chain = d->training->model->seen->chain;
    int at = 0, status = 0;
    for (int i = 0; i < chain->n_layers && !status; i++) {
        const struct nn_layer *layer = chain->layer[i];
        if (strcmp(layer->type->name, "norm") != 0) continue;
        const size_t channels = (size_t)layer->in.c;
        const int back = heard.n - 1 - at;
        if (back <= at || heard.count[at] != 2 * channels + 1 || heard.count[back] != 2 * channels)
            status = leadseq_fail("%s: not the sums of a forward and a backward pass", layer->name);
        else
            write_norm(layer->name, channels, heard.value[at], heard.value[back]);
        at++;
    }
    if (!status && heard.n != 2 * at)
        status = leadseq_fail("%d sums of %d batch norms: expected two of each", heard.n, at);
    for (int i = 0; i < heard.n; i++) free(heard.value[i]);
    heard.n = 0;
    return status;
}

static int gradient(void *user, struct leadseq_step *step)
{
    struct dump *d = user;
    if (step->step != d->step) return 0;
    listen(d, false);
    const struct leadseq_batch *b = step->batch;
    const struct leadseq_model_spec *spec = leadseq_model_spec(d->training->model);
    const size_t images = (size_t)b->n * (size_t)spec->leads * (size_t)spec->channels *
                          (size_t)spec->height * (size_t)spec->width;
    const size_t outputs = (size_t)b->n * (size_t)spec->outputs;
    struct leadseq_params *p = leadseq_model_params(d->training->model);
    write_number("records", b->n);
    write_number("cost", step->cost);
    write_number("grad_norm", step->grad_norm);
    write_number("lr", step->lr);
    write_number("momentum", step->beta1);
    return write_array(d, "images", b->images, images) ||
                   write_array(d, "target", b->target, outputs) ||
                   write_array(d, "logits", step->logit, outputs) || write_features(d, b->n) ||
                   write_decisions(d) || write_params(d, "gradient", p, p->gradient) ||
                   write_norms(d)
               ? -1
               : 0;
}

static int after(void *user, struct leadseq_step *step)
{
    struct dump *d = user;
    if (step->step != d->step) return 0;
    struct leadseq_params *p = leadseq_model_params(d->training->model);
    struct leadseq_params *s = leadseq_model_state(d->training->model);
    return write_params(d, "moved", p, p->value) || write_params(d, "after", s, s->value) ? -1 : 0;
}

/* --- Running ---------------------------------------------------------------------------------- */

static int take_step(const struct leadseq_experiment *e, const char *stack, struct dump *d)
{
    const struct leadseq_hooks hooks = {
        .user = d, .begin = begin, .before = before, .gradient = gradient, .after = after};
    struct train_session s;
    if (train_session_open(&s, e, stack, 0)) return -1;
    int status = train_fit_input(&s);
    if (!status)
        status = train_rehearse(&s, &(struct leadseq_rehearsal){.data = stack,
                                                                .from = LEADSEQ_FROM_SEED,
                                                                .steps = (int)d->step,
                                                                .hooks = &hooks});
    train_session_close(&s);
    return status;
}

int main(int argc, char **argv)
{
    int first = 2, status = argc < 2 ? leadseq_fail("usage: step_dump EXPERIMENT …") : 0;
    struct leadseq_experiment e;
    leadseq_experiment_default(&e);
    if (!status) status = leadseq_experiment_read(&e, argv[1]);
    const bool takes = argc > 3 && !strchr(argv[2], '=');
    struct dump d = {.step = 1};
    if (takes) first = 4;
    if (takes && argc > 4 && !strncmp(argv[4], "step=", 5))
        d.step = strtoull(argv[first++] + 5, NULL, 10);
    for (int i = first; i < argc && !status; i++) status = leadseq_experiment_override(&e, argv[i]);
    if (!status && !takes) write_options(&e);
    if (!status && takes) {
        d.values = fopen(argv[3], "wb");
        status =
            d.values ? take_step(&e, argv[2], &d) : leadseq_fail("%s: cannot be made", argv[3]);
        if (d.values && fclose(d.values)) status = leadseq_fail("%s: cannot be written", argv[3]);
    }
    if (status) fprintf(stderr, "step_dump: %s\n", leadseq_error());
    return status ? 1 : 0;
}
