/* SPDX-License-Identifier: MIT
 *
 * The records a run was fitted to, ranked by the weights that rank the unseen ones,
 * both in evaluation: the AUC of training in history.tsv is of weights that were still
 * changing, with dropout and norms of batches, and may well be below validation's.
 * Looked at only where it is. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>

enum { RECORDS_MOST = 400 };

/* What the run's own last epoch says of training; NaN where there is none. */
static double last_train_auc(const struct verdict *v)
{
    const double *auc = verdict_column(&v->history, "train_auc");
    return auc && v->history.rows ? auc[v->history.rows - 1] : NAN;
}

/* DeLong's, but never below a quarter of that of chance: where nothing is ranked wrongly it is 0.
 */
static double error_of(const struct leadseq_estimate *auc, size_t n, size_t positive)
{
    double p = (double)positive, q = (double)(n - positive);
    double least = sqrt((p + q + 1) / (12 * p * q)) / 4;
    double error = (auc->high - auc->low) / (2 * 1.959964);
    return error > least ? error : least;
}

static double unseen_error(const struct verdict *v)
{
    return error_of(&v->scored.auc, v->scored.n, v->scored.positive);
}

static bool is_suspicious(const struct verdict *v)
{
    if (!v->rehearse || !v->data || v->busy || !v->scored.n) return false;
    return v->scored.auc.value - 1.959964 * unseen_error(v) > last_train_auc(v);
}

struct ranked {
    double score[RECORDS_MOST];
    uint8_t label[RECORDS_MOST];
    size_t n;
};

/* Every k-th record of the training part. */
static int rank(struct leadseq_run *run, struct leadseq_stack *stack,
                const struct leadseq_split *split, struct ranked *r)
{
    size_t all = split->n[LEADSEQ_TRAIN], n = all < RECORDS_MOST ? all : RECORDS_MOST;
    uint8_t *images =
        leadseq_calloc((size_t)leadseq_stack_images(stack), leadseq_stack_image_bytes(stack));
    int status = images ? 0 : -1;
    for (size_t i = 0; i < n && !status && !leadseq_stop_signal(); i++) {
        size_t position = split->position[LEADSEQ_TRAIN][i * all / n];
        const struct leadseq_stack_row *row = &leadseq_stack_rows(stack)[position];
        float logit;
        status = leadseq_stack_read(stack, position, images);
        if (!status) status = leadseq_run_predict(run, images, &row->ecg_id, 1, &logit);
        r->score[r->n] = status ? 0 : (double)leadseq_sigmoid(logit);
        r->label[r->n++] = row->mi == 1;
    }
    free(images);
    return status;
}

static int judge(struct verdict *v, const struct ranked *r)
{
    struct verdict_fitted *w = &v->fitted;
    size_t positive = 0;
    for (size_t i = 0; i < r->n; i++) positive += r->label[i];
    if (!positive || positive == r->n) return 0;
    if (leadseq_auc_delong(&w->auc, r->score, r->label, r->n)) return -1;
    double error = hypot(error_of(&w->auc, r->n, positive), unseen_error(v));
    w->n = (double)r->n;
    w->z = (v->scored.auc.value - w->auc.value) / error;
    return 0;
}

static int look(struct verdict *v, struct leadseq_stack *stack)
{
    struct leadseq_split split = {0};
    struct ranked *r = leadseq_calloc(1, sizeof *r);
    struct leadseq_run *run =
        r ? leadseq_run_open(v->run, v->e, LEADSEQ_BEST, v->e->train.threads) : NULL;
    int status = run ? leadseq_experiment_split(v->e, stack, &split) : -1;
    if (!status) status = rank(run, stack, &split, r);
    if (!status && !leadseq_stop_signal()) status = judge(v, r);
    leadseq_split_clear(&split);
    leadseq_run_close(run);
    free(r);
    return status;
}

int verdict_fitted(struct verdict *v)
{
    if (!is_suspicious(v)) return 0;
    struct leadseq_stack *stack = leadseq_stack_open(v->data);
    if (!stack || look(v, stack)) {
        verdict_note(v, "how the training records are ranked could not be looked at: %s",
                     leadseq_error());
        leadseq_error_clear();
    }
    leadseq_stack_close(stack);
    return 0;
}
