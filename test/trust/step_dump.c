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
#include "nn/norm.h"
#include "train/rehearse.h"

#include <math.h>
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

static bool has(const struct nn_layer *layer, const char *option)
{
    struct nn_option o[NN_OPTIONS_MAX];
    const int n = layer->type->options ? layer->type->options(layer, o) : 0;
    for (int i = 0; i < n; i++)
        if (!strcmp(o[i].name, option)) return o[i].value;
    return false;
}

/* --- Batch norms ------------------------------------------------------------------------------ */

static bool is_norm(const struct nn_layer *layer)
{
    return !strcmp(layer->type->name, "norm");
}

/* Of the chain's k-th batch norm: Σ x, Σ x² and M of the forward pass, dshift and dscale of the
 * backward pass. Forward passes came first; the backward ones in reverse order. */
struct sums {
    const double *forward, *backward;
};
static struct sums sums_of(int k)
{
    return (struct sums){heard.value[k], heard.value[heard.n - 1 - k]};
}

static int check_sums(const struct nn_chain *chain)
{
    int norms = 0;
    for (int i = 0; i < chain->n_layers; i++) norms += is_norm(chain->layer[i]);
    if (heard.n != 2 * norms)
        return leadseq_fail("%d sums of %d batch norms: expected two of each", heard.n, norms);
    for (int i = 0, k = 0; i < chain->n_layers; i++) {
        const size_t channels = (size_t)chain->layer[i]->in.c;
        if (!is_norm(chain->layer[i])) continue;
        if (heard.count[k] != 2 * channels + 1 || heard.count[heard.n - 1 - k] != 2 * channels)
            return leadseq_fail("%s: not the sums of a forward and a backward pass",
                                chain->layer[i]->name);
        k++;
    }
    return 0;
}

static double mean_of(struct sums s, size_t channels, size_t c)
{
    return s.forward[c] / s.forward[2 * channels];
}

static double variance_of(struct sums s, size_t channels, size_t c)
{
    const double mean = mean_of(s, channels, c);
    return s.forward[channels + c] / s.forward[2 * channels] - mean * mean;
}

static void write_norm(const struct nn_layer *layer, struct sums s)
{
    const size_t channels = (size_t)layer->in.c;
    static const char *const name[] = {"mean", "var", "dshift", "dscale"};
    printf("norm\t%s\tvalues\t%.17g\n", layer->name, s.forward[2 * channels]);
    for (int what = 0; what < 4; what++) {
        printf("norm\t%s\t%s", layer->name, name[what]);
        for (size_t c = 0; c < channels; c++)
            printf("\t%.17g", what == 0   ? mean_of(s, channels, c)
                              : what == 1 ? variance_of(s, channels, c)
                              : what == 2 ? s.backward[c]
                                          : s.backward[channels + c]);
        putchar('\n');
    }
}

/* --- What was decided --------------------------------------------------------------------------
 *
 * A batch norm may compute the ReLU and the maximum after it on the way, and leave nothing of what
 * lay between: its y is computed again, from its x and its sums. */

static const float *parameter(const struct dump *d, const struct nn_layer *layer, const char *what)
{
    const struct leadseq_params *p = leadseq_model_params(d->training->model);
    char name[96];
    snprintf(name, sizeof name, "%s.%s", layer->name, what);
    for (size_t i = 0; i < p->n_slices; i++)
        if (!strcmp(p->slice[i].name, name)) return p->value + p->slice[i].offset;
    abort();
}

/* As norm.c has them. */
static void set_lines(const struct dump *d, const struct nn_layer *layer, struct sums s,
                      const struct nn_norm_walk *w, float *lane[3])
{
    const size_t channels = (size_t)layer->in.c;
    const float *weight = parameter(d, layer, "weight"), *bias = parameter(d, layer, "bias");
    double line[3][1024];
    if (channels > 1024) abort();
    for (size_t c = 0; c < channels; c++) {
        double mean = mean_of(s, channels, c), var = variance_of(s, channels, c);
        line[0][c] = mean;
        line[1][c] = (double)weight[c] / sqrt((var > 0 ? var : 0) + (double)1e-5f);
        line[2][c] = (double)bias[c] - line[1][c] * (mean - (double)(float)mean);
    }
    for (int i = 0; i < 3; i++) nn_norm_spread(w, line[i], lane[i]);
}

/* y: (N, C, H, W) in plain order. */
static int compute_again(const struct dump *d, const struct nn_bound *b, struct sums s, float *y)
{
    struct nn_tensor t = {0};
    struct nn_norm_walk w = {0};
    float *x = nn_aligned(nn_shape_count(b->x->shape) * sizeof *x), *lanes = NULL;
    int status = x ? nn_tensor_get(b->engine, b->x, x) : -1;
    if (!status) status = nn_tensor_init_plain(&t, b->engine, b->x->shape, x);
    if (!status) status = nn_norm_walk_init(&w, &t);
    if (!status) status = (lanes = nn_aligned(3 * nn_norm_lanes(&w) * sizeof *lanes)) ? 0 : -1;
    if (!status) {
        const size_t n = nn_norm_lanes(&w);
        set_lines(d, b->layer, s, &w, (float *[]){lanes, lanes + n, lanes + 2 * n});
        nn_norm_apply(&w,
                      &(struct nn_norm_map){.mean = lanes,
                                            .scale = lanes + n,
                                            .shift = lanes + 2 * n,
                                            .relu = has(b->layer, "relu")},
                      x, y);
    }
    nn_norm_walk_clear(&w);
    nn_tensor_clear(&t);
    free(x), free(lanes);
    return status;
}

/* Whether that gives the y there is, of which windows of 2 x 2 may be left. */
static int check_again(const struct nn_bound *b, const float *full)
{
    const struct nn_shape x = b->x->shape, y = b->y.shape;
    const size_t by = x.h == y.h ? 1 : 2, n = nn_shape_count(y);
    const size_t rows = (size_t)x.h, columns = (size_t)x.w;
    float *found = leadseq_calloc(n, sizeof *found);
    int status = found ? nn_tensor_get(b->engine, &b->y, found) : -1;
    for (size_t i = 0; i < n && !status; i++) {
        const size_t plane = i / (size_t)y.w / (size_t)y.h, row = i / (size_t)y.w % (size_t)y.h;
        const float *at = full + (plane * rows + by * row) * columns + by * (i % (size_t)y.w);
        float most = at[0];
        for (size_t k = 1; k < by * by; k++) most = fmaxf(most, at[k / by * columns + k % by]);
        if (most != found[i])
            status = leadseq_fail("%s: y[%zu] is %.9g, computed again %.9g", b->layer->name, i,
                                  (double)found[i], (double)most);
    }
    free(found);
    return status;
}

static int write_decided(struct dump *d, const char *kind, const char *layer, struct nn_shape s,
                         const float *plain)
{
    printf("decided\t%s %s\t0\t%d\t%d\t%d\t%d\n", kind, layer, s.n, s.c, s.h, s.w);
    return write_values(d, plain, nn_shape_count(s));
}

/* The values by which a pass chose one of two slopes, or one value of several. `last` is the y of
 * the layer before, in plain order, where that is a batch norm. */
static int write_decision(struct dump *d, int i, int norm, float **last)
{
    const struct nn_bound *b = &d->training->model->seen->bound[i];
    const struct nn_layer *layer = d->training->model->seen->chain->layer[i];
    int status = 0;
    if (is_norm(layer)) {
        free(*last);
        *last = nn_aligned(nn_shape_count(b->x->shape) * sizeof **last);
        status = *last ? compute_again(d, b, sums_of(norm), *last) : -1;
        if (!status) status = check_again(b, *last);
        if (!status && has(layer, "relu"))
            status = write_decided(d, "relu", layer->name, b->x->shape, *last);
        return status;
    }
    if (!strcmp(layer->type->name, "relu")) {
        free(*last);
        *last = nn_aligned(nn_shape_count(b->y.shape) * sizeof **last);
        status = *last ? nn_tensor_get(b->engine, &b->y, *last) : -1;
        return status ? -1 : write_decided(d, "relu", layer->name, b->y.shape, *last);
    }
    if (!strcmp(layer->type->name, "pool") || has(layer, "max")) {
        struct nn_shape s = layer->in;
        s.n *= b->batch;
        if (!*last) {
            *last = nn_aligned(nn_shape_count(s) * sizeof **last);
            status = *last ? nn_tensor_get(b->engine, b->x, *last) : -1;
        }
        if (!status) status = write_decided(d, "most", layer->name, s, *last);
    }
    free(*last);
    *last = NULL;
    return status;
}

static int write_decisions(struct dump *d)
{
    const struct nn_chain *chain = d->training->model->seen->chain;
    float *last = NULL;
    int status = check_sums(chain);
    for (int i = 0, norm = 0; i < chain->n_layers && !status; i++) {
        status = write_decision(d, i, norm, &last);
        if (!status && is_norm(chain->layer[i])) write_norm(chain->layer[i], sums_of(norm++));
    }
    free(last);
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
                   write_decisions(d) || write_params(d, "gradient", p, p->gradient)
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
