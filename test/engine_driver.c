/* SPDX-License-Identifier: MIT
 *
 * Lets other programs check optimisers and losses:
 *   engine_driver steps EPOCH TOTAL N KEY=VALUE...   N weights that decay and N biases; reads their
 *       2N values, then 2N gradients of each of TOTAL steps; prints each step's norm before
 *       clipping, and the 2N values after the last
 *   engine_driver loss NAME OUTPUTS WEIGHT...   a positive weight of each output; reads lines of
 *       OUTPUTS logits and OUTPUTS targets, -1: unknown; prints the mean cost, then of each record
 *       its cost and OUTPUTS derivatives */
#include "experiment/experiment.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS_MAX = 4096, OUTPUTS_MAX = LEADSEQ_OUTPUTS_MOST };

static int read_values(float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (scanf("%f", &x[i]) != 1) return leadseq_fail("expected %zu values, found %zu", n, i);
    return 0;
}

static int set(struct leadseq_experiment *e, char *pair)
{
    char *value = strchr(pair, '=');
    if (!value) return leadseq_fail("%s: expected KEY=VALUE", pair);
    *value++ = '\0';
    return leadseq_experiment_set(e, pair, value);
}

static int walk(struct leadseq_params *params, const struct leadseq_optim *how, double clip,
                uint64_t epoch, uint64_t total)
{
    struct leadseq_optimizer o;
    if (leadseq_optimizer_init(&o, how, params->count)) return -1;
    int status = read_values(params->value, params->count);
    for (uint64_t step = 0; !status && step < total; step++) {
        status = read_values(params->gradient, params->count);
        if (status) break;
        printf("%.9g\n", leadseq_gradient_limit(params, clip, NULL));
        struct leadseq_rate rate =
            leadseq_rate_at(how, &(struct leadseq_training_place){step, epoch, total, false});
        leadseq_optimizer_step(&o, params, rate.lr, rate.momentum);
    }
    for (size_t i = 0; !status && i < params->count; i++) printf("%.9g\n", params->value[i]);
    leadseq_optimizer_clear(&o);
    return status;
}

static int steps(int argc, char **argv)
{
    struct leadseq_experiment e;
    leadseq_experiment_default(&e);
    for (int i = 5; i < argc; i++)
        if (set(&e, argv[i])) return -1;
    const size_t n = strtoul(argv[4], NULL, 10);
    struct leadseq_slice slice[] = {{.name = "weight", .count = n, .decays = true},
                                    {.name = "bias", .offset = n, .count = n}};
    struct leadseq_params params = {.count = 2 * n, .slice = slice, .n_slices = 2};
    params.value = leadseq_calloc(2 * n, sizeof *params.value);
    params.gradient = leadseq_calloc(2 * n, sizeof *params.gradient);
    const struct leadseq_optim how = leadseq_experiment_optim(&e);
    int status = -1;
    if (params.value && params.gradient)
        status = walk(&params, &how, e.train.clip_norm, strtoull(argv[2], NULL, 10),
                      strtoull(argv[3], NULL, 10));
    free(params.value), free(params.gradient);
    return status;
}

static int loss(int argc, char **argv)
{
    static float z[RECORDS_MAX * OUTPUTS_MAX], t[RECORDS_MAX * OUTPUTS_MAX],
        dz[RECORDS_MAX * OUTPUTS_MAX], cost[RECORDS_MAX];
    const struct leadseq_loss_type *type = leadseq_loss_find(argv[2]);
    const int k = atoi(argv[3]);
    int n = 0;
    if (!type || k < 1 || k > OUTPUTS_MAX || argc != 5 + k)
        return leadseq_fail("expected the name of a loss, its outputs, how much targets are "
                            "smoothed and a weight of each");
    struct leadseq_loss of;
    leadseq_loss_init(&of, type, k);
    of.smoothing = strtof(argv[4], NULL);
    for (int i = 0; i < k; i++) of.positive_weight[i] = strtof(argv[5 + i], NULL);
    while (n < RECORDS_MAX && !read_values(z + n * k, (size_t)k)) {
        if (read_values(t + n * k, (size_t)k)) return -1;
        n++;
    }
    printf("%.9g\n", leadseq_loss_mean(&of, z, t, n, cost, dz));
    for (int i = 0; i < n; i++) {
        printf("%.9g", cost[i]);
        for (int j = 0; j < k; j++) printf(" %.9g", dz[i * k + j]);
        putchar('\n');
    }
    return 0;
}

int main(int argc, char **argv)
{
    int status = leadseq_fail("expected steps EPOCH TOTAL N or loss NAME OUTPUTS");
    if (argc > 4 && !strcmp(argv[1], "steps")) status = steps(argc, argv);
    if (argc > 4 && !strcmp(argv[1], "loss")) status = loss(argc, argv);
    if (status) fprintf(stderr, "%s\n", leadseq_error());
    return status ? 1 : 0;
}
