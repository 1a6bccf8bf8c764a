/* SPDX-License-Identifier: MIT
 *
 * Predictions for records of a stack, on all ranks, and the threshold chosen on them. Records are
 * ranked by probability, as a comparison of runs ranks them: where float32 rounds it to exactly 0
 * or 1, they tie. */
#include "predict.h"

#include "stats/stats.h"

#include "ranks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int predictions_init(struct train_predictions *p, const size_t *position, size_t n)
{
    *p = (struct train_predictions){.position = position};
    p->logit = leadseq_calloc(n, sizeof *p->logit);
    p->probability = leadseq_calloc(n, sizeof *p->probability);
    p->label = leadseq_calloc(n, sizeof *p->label);
    if (p->logit && p->probability && p->label) return 0;
    train_predictions_clear(p);
    return -1;
}

void train_predictions_clear(struct train_predictions *p)
{
    if (!p) return;
    free(p->logit);
    free(p->probability);
    free(p->label);
    *p = (struct train_predictions){0};
}

/* Logits of this rank's part of the records; 1 where a signal stopped it, 0 at the end, -1. */
static int predict_part(struct train_network *net, struct leadseq_batches *batches, float *logit,
                        struct leadseq_progress *bar)
{
    const struct leadseq_batch *batch;
    int more;
    if (leadseq_batches_start(batches, 0, 0)) return -1;
    while ((more = leadseq_batches_next(batches, &batch)) == 1) {
        if (leadseq_model_forward(net->model, LEADSEQ_EVALUATE, 0, batch->n, batch->images, logit))
            return -1;
        logit += batch->n;
        leadseq_progress_step(bar, (size_t)batch->n, NULL);
        if (leadseq_stop_signal()) return 1;
    }
    return more;
}

static int open_part(struct train_network *net, struct leadseq_stack *stack,
                     const struct leadseq_batch_options *options, const char *label, float *logit)
{
    if (!options->n) return 0; // fewer records than ranks
    struct leadseq_batches *batches = leadseq_batches_open(stack, options);
    if (!batches) return -1;
    struct leadseq_progress *bar = leadseq_progress_new(label, "records", options->n);
    int status = predict_part(net, batches, logit, bar);
    leadseq_progress_free(bar);
    leadseq_batches_close(batches);
    return status;
}

/* Labels, probabilities and the mean cost, summed over batches as in training, on every rank. */
static void fill(struct train_predictions *p, const struct leadseq_experiment *e,
                 const struct leadseq_stack *stack, const float *logit, size_t n, int whole,
                 float *target)
{
    size_t batch = (size_t)whole;
    for (size_t first = 0; first < n; first += batch) {
        int count = (int)(n - first < batch ? n - first : batch);
        for (int i = 0; i < count; i++)
            target[i] = leadseq_stack_rows(stack)[p->position[first + (size_t)i]].mi == 1;
        const struct leadseq_loss loss = leadseq_experiment_loss(e);
        float cost = leadseq_loss_mean(&loss, logit + first, target, count, NULL, NULL);
        p->loss += (double)cost * count;
        for (int i = 0; i < count; i++, p->n++) {
            p->logit[p->n] = logit[p->n];
            p->probability[p->n] = leadseq_sigmoid(logit[p->n]);
            p->label[p->n] = target[i] > 0.5f;
        }
    }
    p->loss = n ? p->loss / (double)n : NAN;
}

int train_predict(struct train_predictions *p, struct train_network *net,
                  const struct leadseq_experiment *e, const struct train_input *input,
                  struct leadseq_stack *stack, const size_t *position, size_t n, const char *label)
{
    struct leadseq_batch_options options = train_batch_options(e, net, input);
    size_t first = leadseq_part_first(n, leadseq_rank(), leadseq_ranks());
    options.position = position + first;
    options.n = leadseq_part_count(n, leadseq_rank(), leadseq_ranks());
    if (predictions_init(p, position, n)) return -1;
    float *logit = leadseq_calloc(n, sizeof *logit);
    float *target = leadseq_calloc((size_t)net->whole, sizeof *target);
    int status = logit && target ? open_part(net, stack, &options, label, logit + first) : -1;
    if (status >= 0) status = train_ranks_most(status);
    if (!status) {
        train_ranks_collect(logit, n);
        fill(p, e, stack, logit, n, net->whole, target);
    }
    free(logit);
    free(target);
    if (status < 0) train_predictions_clear(p);
    if (status == 1) train_ranks_stop();
    return status;
}

double train_threshold(const struct train_predictions *p)
{
    char printed[32];
    double best = leadseq_threshold_youden(p->probability, p->label, p->n);
    if (isnan(best)) return NAN;
    snprintf(printed, sizeof printed, "%.9g", best);
    return fmin(best, strtod(printed, NULL));
}
