/* SPDX-License-Identifier: MIT
 *
 * Processor time of the layers of a training step, by their type: layer_times EXPERIMENT STACK
 * STEPS [KEY=VALUE …] takes STEPS + 1 steps, in memory, and prints of the steps after the first
 *
 *   STEP<TAB>step<TAB>ms    and    STEP<TAB>TYPE<TAB>forward<TAB>backward
 *
 * in milliseconds. Layers of one type are added. Times are of the thread that computes, without the
 * one that reads the next batch: of the layer where train.threads=1. */
#include "model/model_private.h"
#include "nn/chain.h"
#include "rehearsal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_TYPES = 32 };

/* A layer's type with both passes timed, which are given the layer alone and find it by its name.
 */
static struct timed {
    const struct nn_layer_type *real;
    struct nn_layer_type type;
    double forward, backward;
} timed[MOST_TYPES];
static int n_timed;
static double begun;

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct timed *find(const struct nn_layer *layer)
{
    for (int i = 0; i < n_timed; i++)
        if (!strcmp(timed[i].real->name, layer->type->name)) return &timed[i];
    return NULL;
}

static int forward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct timed *t = find(b->layer);
    const double before = seconds();
    const int status = t->real->forward(b, pass);
    t->forward += seconds() - before;
    return status;
}

static int backward(struct nn_bound *b, const struct nn_pass *pass)
{
    struct timed *t = find(b->layer);
    const double before = seconds();
    const int status = t->real->backward(b, pass);
    t->backward += seconds() - before;
    return status;
}

static int begin(void *user, const struct leadseq_training *training)
{
    const struct nn_chain *chain = &training->model->chain;
    (void)user;
    for (int i = 0; i < chain->n_layers; i++) {
        struct timed *t = find(chain->layer[i]);
        if (!t) {
            if (n_timed == MOST_TYPES) return leadseq_fail("more than %d types", MOST_TYPES);
            t = &timed[n_timed++];
            *t = (struct timed){.real = chain->layer[i]->type, .type = *chain->layer[i]->type};
            t->type.forward = forward;
            t->type.backward = backward;
        }
        chain->layer[i]->type = &t->type;
    }
    return 0;
}

static int before(void *user, struct leadseq_step *step)
{
    (void)user, (void)step;
    for (int i = 0; i < n_timed; i++) timed[i].forward = timed[i].backward = 0;
    begun = seconds();
    return 0;
}

static int after(void *user, struct leadseq_step *step)
{
    (void)user;
    if (step->step == 1) return 0;
    printf("%d\tstep\t%.3f\n", (int)step->step, 1e3 * (seconds() - begun));
    for (int i = 0; i < n_timed; i++)
        printf("%d\t%s\t%.3f\t%.3f\n", (int)step->step, timed[i].real->name, 1e3 * timed[i].forward,
               1e3 * timed[i].backward);
    return 0;
}

int main(int argc, char **argv)
{
    const struct leadseq_hooks hooks = {.begin = begin, .before = before, .after = after};
    const int steps = argc < 4 ? 0 : 1 + atoi(argv[3]);
    return rehearse("layer_times", "STEPS", argc, argv, NULL, steps, &hooks);
}
