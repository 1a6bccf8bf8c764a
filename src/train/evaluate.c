/* SPDX-License-Identifier: MIT
 *
 * Predictions for a part of a stack, the threshold chosen on them, their table
 * and their scores. Records are ranked by probability, as a comparison of runs
 * ranks them: where float32 rounds it to exactly 0 or 1, they tie. */
#include "ranks.h"
#include "train_private.h"

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
        float cost = leadseq_loss(e->train.loss, e->train.positive_weight, logit + first, target,
                                  count, NULL, NULL);
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

/* --- Table and scores of a part ---------------------------------------------------------- */

/* The part of every record of the stack in the run's split, LEADSEQ_PARTS where
 * it was left out, or where the split was drawn over another stack. */
static uint8_t *parts_of(const struct train_session *s)
{
    size_t count = leadseq_stack_count(s->stack);
    uint8_t *part = leadseq_calloc(count, sizeof *part);
    if (!part) return NULL;
    memset(part, LEADSEQ_PARTS, count);
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < s->split.n[p]; i++) part[s->split.position[p][i]] = (uint8_t)p;
    return part;
}

static void print_rows(const struct train_predictions *p, const struct train_session *s,
                       const uint8_t *part, FILE *out)
{
    const struct leadseq_stack_row *rows = leadseq_stack_rows(s->stack);
    fputs("ecg_id\tpatient_id\tfold\tsplit\tlabel\tlogit\tprobability\n", out);
    for (size_t i = 0; i < p->n; i++) {
        size_t at = p->position[i];
        const struct leadseq_stack_row *row = &rows[at];
        fprintf(out, "%d\t%d\t%d\t%s\t%d\t%.9g\t%.9g\n", row->ecg_id, row->patient_id,
                row->strat_fold, part[at] < LEADSEQ_PARTS ? leadseq_part_name[part[at]] : "none",
                p->label[i], p->logit[i], p->probability[i]);
    }
}

static int write_table(const struct train_predictions *p, const struct train_session *s,
                       const char *path)
{
    uint8_t *part = parts_of(s);
    struct leadseq_file *file = part ? leadseq_file_create(path) : NULL;
    if (file) print_rows(p, s, part, leadseq_file_stream(file));
    free(part);
    return file ? leadseq_file_commit(file) : -1;
}

static struct train_scores score(const struct train_predictions *p, const struct train_session *s,
                                 const struct train_evaluation *how)
{
    struct train_scores scores = {
        .checkpoint = how->checkpoint,
        .epoch = how->epoch,
        .step = how->step,
        .n = p->n,
        .loss = p->loss,
        .auc = leadseq_auc(p->probability, p->label, p->n),
        .average_precision = leadseq_average_precision(p->probability, p->label, p->n),
        .brier = leadseq_brier(p->probability, p->label, p->n),
        .threshold = how->threshold,
        .threshold_origin = how->threshold_origin,
        .computed_in = leadseq_engine_precision(s->net.engine),
        .at_threshold = leadseq_confusion_at(p->probability, p->label, p->n, how->threshold),
    };
    for (size_t i = 0; i < p->n; i++) scores.positive += p->label[i];
    return scores;
}

static int write_part(const struct train_predictions *p, const struct train_session *s,
                      const struct train_evaluation *how, int part)
{
    const char *name = part < 0 ? "all" : leadseq_part_name[part];
    char *table = leadseq_format("%s/predictions-%s.tsv", how->folder, name);
    char *metrics = train_folder_file(how->folder, "metrics.json");
    struct train_scores scores = score(p, s, how);
    int status = table && metrics ? write_table(p, s, table) : -1;
    if (!status) status = train_scores_write(&scores, name, metrics);
    if (!status)
        leadseq_info("%s: %zu records, %zu with infarction: AUC %.4f, loss %.4g, checkpoint %s of "
                     "epoch %llu",
                     name, scores.n, scores.positive, scores.auc, scores.loss, how->checkpoint,
                     (unsigned long long)how->epoch);
    free(table);
    free(metrics);
    return status;
}

/* Every record with a label, in ascending ecg_id. */
static size_t *labelled(const struct leadseq_stack *stack, size_t *n)
{
    const struct leadseq_stack_row *rows = leadseq_stack_rows(stack);
    size_t count = leadseq_stack_count(stack);
    size_t *position = leadseq_calloc(count, sizeof *position);
    *n = 0;
    for (size_t i = 0; position && i < count; i++)
        if (rows[i].mi <= 1) position[(*n)++] = i;
    return position;
}

int train_evaluate(struct train_session *s, const struct train_evaluation *how, int part)
{
    struct train_predictions p = {0};
    size_t n = part < 0 ? 0 : s->split.n[part];
    size_t *all = part < 0 ? labelled(s->stack, &n) : NULL;
    const size_t *position = part < 0 ? all : s->split.position[part];
    const char *name = part < 0 ? "all" : leadseq_part_name[part];
    int status = part < 0 && !all ? -1 : 0;
    if (!status && !n)
        status = leadseq_fail("%s: expected records in the %s part, found none",
                              leadseq_stack_path(s->stack), name);
    if (!status) status = train_predict(&p, &s->net, &s->e, &s->input, s->stack, position, n, name);
    if (!status && !leadseq_rank()) status = write_part(&p, s, how, part);
    train_predictions_clear(&p);
    free(all);
    return status;
}
