/* SPDX-License-Identifier: MIT
 *
 * Predictions for records of a stack, on all ranks, and the threshold chosen on them.
 *
 * Each rank predicts a run of consecutive records in batches of its own size; in evaluation a
 * record's logit does not depend on the others of its batch, so the parts can be put together as
 * if one rank had computed all. The mean cost is then summed over batches of the training's size on
 * every rank, in the same order as with one rank: the same bits.
 *
 * Records are ranked by probability, as a comparison of runs ranks them: where float32 rounds it to
 * exactly 0 or 1, they tie. */
#include "predict.h"

#include "ranks.h"
#include "windows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int predictions_init(struct train_predictions *p, const size_t *position, size_t n,
                            int outputs)
{
    size_t values = n * (size_t)outputs;
    *p = (struct train_predictions){.n = n, .outputs = outputs, .position = position};
    p->logit = leadseq_calloc(values, sizeof *p->logit);
    p->probability = leadseq_calloc(values, sizeof *p->probability);
    p->label = leadseq_calloc(values, sizeof *p->label);
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

/* Logits of this rank's part of the records, or of their windows; 1 where a signal stopped it, 0 at
 * the end, -1. A rank that is asked to stop leaves the loop alone; the others find out in
 * train_ranks_most(). */
static int predict_part(struct train_network *net, struct leadseq_batches *batches, float *logit,
                        struct leadseq_progress *bar)
{
    const struct leadseq_batch *batch;
    int more;
    if (leadseq_batches_start(batches, 0, 0)) return -1;
    while ((more = leadseq_batches_next(batches, &batch)) == 1) {
        if (leadseq_model_forward(net->model, LEADSEQ_EVALUATE, 0, batch->n, batch->images, logit))
            return -1;
        logit += batch->n * net->outputs;
        leadseq_progress_step(bar, (size_t)batch->n, NULL);
        if (leadseq_stop_signal()) return 1;
    }
    return more;
}

static int run_part(struct train_network *net, struct leadseq_stack *stack,
                    const struct leadseq_batch_options *options, const char *label, float *logit)
{
    struct leadseq_batches *batches = leadseq_batches_open(stack, options);
    if (!batches) return -1;
    const size_t items = options->n * leadseq_windows_count(&options->signals);
    struct leadseq_progress *bar =
        leadseq_progress_new(label, items == options->n ? "records" : "windows", items);
    int status = predict_part(net, batches, logit, bar);
    leadseq_progress_free(bar);
    leadseq_batches_close(batches);
    return status;
}

/* logit (options->n, outputs); windows of a record follow each other and become one. */
static int open_part(struct train_network *net, const struct leadseq_experiment *e,
                     struct leadseq_stack *stack, const struct leadseq_batch_options *options,
                     const char *label, float *logit)
{
    const size_t windows = leadseq_windows_count(&options->signals);
    const size_t outputs = (size_t)net->outputs;
    if (!options->n) return 0; // fewer records than ranks
    if (windows == 1) return run_part(net, stack, options, label, logit);
    float *window = leadseq_calloc(options->n * windows, outputs * sizeof *window);
    if (!window) return -1;
    int status = run_part(net, stack, options, label, window);
    for (size_t i = 0; !status && i < options->n; i++)
        train_aggregate(e, window + i * windows * outputs, windows, net->outputs,
                        logit + i * outputs);
    free(window);
    return status;
}

/* A record's logits, probabilities and labels to their places. */
static void fill_record(struct train_predictions *p, const struct leadseq_loss *loss, size_t i,
                        const float *logit, const uint8_t *label)
{
    float probability[LEADSEQ_OUTPUTS_MOST];
    leadseq_loss_probability(loss->type, logit, p->outputs, probability);
    for (int k = 0; k < p->outputs; k++) {
        size_t at = (size_t)k * p->n + i;
        p->logit[at] = logit[k];
        p->probability[at] = probability[k];
        p->label[at] = label[k];
    }
}

/* Labels, probabilities and the mean cost, summed over batches as in training, on every rank. Each
 * batch has the weight that the mean of its records divides by. */
static void fill(struct train_predictions *p, const struct leadseq_loss *loss,
                 const struct leadseq_labels *labels, const float *logit, int whole, float *target)
{
    size_t batch = (size_t)whole, outputs = (size_t)p->outputs;
    double weights = 0;
    for (size_t first = 0; first < p->n; first += batch) {
        size_t count = p->n - first < batch ? p->n - first : batch;
        const float *z = logit + first * outputs;
        for (size_t i = 0; i < count; i++) {
            const uint8_t *label = labels->value + p->position[first + i] * outputs;
            for (size_t k = 0; k < outputs; k++)
                target[i * outputs + k] = label[k] > 1 ? LEADSEQ_TARGET_UNKNOWN : label[k];
            fill_record(p, loss, first + i, z + i * outputs, label);
        }
        float cost = leadseq_loss_mean(loss, z, target, (int)count, NULL, NULL);
        const double weight = leadseq_loss_weight(loss, target, (int)count);
        p->loss += (double)cost * weight;
        weights += weight;
    }
    p->loss = p->n ? p->loss / weights : NAN;
}

int train_predict(struct train_predictions *p, struct train_network *net,
                  const struct leadseq_experiment *e, const struct train_input *input,
                  struct leadseq_stack *stack, const struct leadseq_labels *labels,
                  const size_t *position, size_t n, const char *name)
{
    struct leadseq_batch_options options = train_batch_options(e, net, input);
    const struct leadseq_loss loss = leadseq_experiment_loss(e);
    size_t first = leadseq_part_first(n, leadseq_rank(), leadseq_ranks());
    size_t outputs = (size_t)net->outputs;
    options.position = position + first;
    options.n = leadseq_part_count(n, leadseq_rank(), leadseq_ranks());
    options.labels = labels;
    options.signals.windows = LEADSEQ_WINDOWS_ALL;
    if (predictions_init(p, position, n, net->outputs)) return -1;
    float *logit = leadseq_calloc(n * outputs, sizeof *logit);
    float *target = leadseq_calloc((size_t)net->whole * outputs, sizeof *target);
    int status =
        logit && target ? open_part(net, e, stack, &options, name, logit + first * outputs) : -1;
    if (status >= 0) status = train_ranks_most(status);
    if (!status) {
        train_ranks_collect(logit, n, net->outputs);
        fill(p, &loss, labels, logit, net->whole, target);
    }
    free(logit);
    free(target);
    if (status < 0) train_predictions_clear(p);
    if (status == 1) train_ranks_stop();
    return status;
}

/* --- One output ------------------------------------------------------------------------------ */

int train_output_init(struct train_output *o, const struct train_predictions *p, int output)
{
    const size_t first = (size_t)output * p->n;
    *o = (struct train_output){.probability = leadseq_calloc(p->n, sizeof *o->probability),
                               .label = leadseq_calloc(p->n, sizeof *o->label)};
    if (!o->probability || !o->label) {
        train_output_clear(o);
        return -1;
    }
    for (size_t i = first; i < first + p->n; i++) {
        if (p->label[i] > 1) {
            o->unknown++;
            continue;
        }
        o->positive += p->label[i];
        o->probability[o->n] = p->probability[i];
        o->label[o->n++] = p->label[i];
    }
    return 0;
}

void train_output_clear(struct train_output *o)
{
    if (!o) return;
    free(o->probability);
    free(o->label);
    *o = (struct train_output){0};
}

/* The threshold is stored with nine digits in tables and JSON. Reading it back must not call a
 * record negative whose probability is exactly the threshold, so it is rounded down to what is
 * printed. */
double train_threshold(const struct train_output *o)
{
    char printed[32];
    double best = leadseq_threshold_youden(o->probability, o->label, o->n);
    if (isnan(best)) return NAN;
    snprintf(printed, sizeof printed, "%.9g", best);
    return fmin(best, strtod(printed, NULL));
}

double train_macro(const double *value, int outputs)
{
    double sum = 0;
    int defined = 0;
    for (int k = 0; k < outputs; k++)
        if (!isnan(value[k])) sum += value[k], defined++;
    return defined ? sum / defined : NAN;
}

const char *train_score_text(char text[TRAIN_SCORE_TEXT], double value)
{
    if (isnan(value))
        snprintf(text, TRAIN_SCORE_TEXT, "undefined");
    else
        snprintf(text, TRAIN_SCORE_TEXT, "%.4f", value);
    return text;
}
