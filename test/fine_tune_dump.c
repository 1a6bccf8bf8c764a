/* SPDX-License-Identifier: MIT
 *
 * A training as the program does it, with everything PyTorch needs to repeat it:
 *
 *   fine_tune_dump OUT EXPERIMENT.yaml STACK RUN [KEY=VALUE …]
 *
 * OUT has a line per tensor, "kind name dims :", followed by its values, float32 as the machine
 * has them: param and state as they were at first, of each step N images and target, and trained
 * and trained_state; and lines "rate N lr momentum :" without values. */
#include "train/train.h"

#include <stdlib.h>
#include <string.h>

struct dump {
    FILE *out;
    struct leadseq_model *model;
    size_t image; /* values of a record */
};

static void put(FILE *out, const char *kind, const char *name, const int *dims, int n_dims,
                const float *value)
{
    size_t count = 1;
    fprintf(out, "%s %s", kind, name);
    for (int i = 0; i < n_dims; i++) fprintf(out, " %d", dims[i]), count *= (size_t)dims[i];
    fputs(" :\n", out);
    fwrite(value, sizeof *value, count, out);
}

static void put_block(FILE *out, const char *kind, const struct leadseq_params *p)
{
    for (size_t i = 0; i < p->n_slices; i++) {
        const struct leadseq_slice *s = &p->slice[i];
        put(out, kind, s->name, s->dims, s->n_dims, p->value + s->offset);
    }
}

static int begin(void *user, const struct leadseq_training *t)
{
    struct dump *d = user;
    const struct leadseq_model_spec *spec = leadseq_model_spec(t->model);
    d->model = t->model;
    d->image =
        (size_t)spec->leads * (size_t)spec->channels * (size_t)spec->height * (size_t)spec->width;
    put_block(d->out, "param", leadseq_model_params(d->model));
    put_block(d->out, "state", leadseq_model_state(d->model));
    return 0;
}

static int after(void *user, struct leadseq_step *step)
{
    struct dump *d = user;
    char name[32];
    snprintf(name, sizeof name, "%d", (int)step->step);
    const int images[] = {step->batch->n, (int)d->image}, targets[] = {step->batch->n};
    put(d->out, "images", name, images, 2, step->batch->images);
    put(d->out, "target", name, targets, 1, step->batch->target);
    fprintf(d->out, "rate %s %.17g %.17g :\n", name, step->lr, step->beta1);
    return 0;
}

static int end(void *user)
{
    struct dump *d = user;
    put_block(d->out, "trained", leadseq_model_params(d->model));
    put_block(d->out, "trained_state", leadseq_model_state(d->model));
    return 0;
}

static int read_experiment(struct leadseq_experiment *e, int argc, char **argv)
{
    if (leadseq_experiment_read(e, argv[2])) return -1;
    for (int i = 5; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) return leadseq_fail("%s: expected KEY=VALUE", argv[i]);
        *value++ = '\0';
        if (leadseq_experiment_set(e, argv[i], value)) return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct leadseq_experiment e;
    struct dump d = {0};
    if (argc < 5) return 2;
    const struct leadseq_hooks hooks = {.user = &d, .begin = begin, .after = after, .end = end};
    int status = read_experiment(&e, argc, argv);
    if (!status && !(d.out = fopen(argv[1], "wb"))) status = leadseq_fail("%s", argv[1]);
    if (!status)
        status = leadseq_train(
            &e, &(struct leadseq_train_options){.data = argv[3], .out = argv[4], .hooks = &hooks});
    if (d.out) fclose(d.out);
    if (status) fprintf(stderr, "%s\n", leadseq_error());
    return status ? 1 : 0;
}
