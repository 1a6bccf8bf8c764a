/* SPDX-License-Identifier: MIT
 *
 * The end of an epoch: validation, the best checkpoint, a row, the next epoch. */
#include "epoch.h"

#include "stats/stats.h"

#include "monitor.h"
#include "ranks.h"
#include "share.h"
#include "tables.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The better monitor; where it is undefined, the smaller loss; the earlier of equals.
 * Without validation records, and with train.keep: last, the last epoch is kept. */
static bool is_better(const struct train_best *best, const struct train_history_row *row,
                      const struct leadseq_experiment *e)
{
    const enum leadseq_monitor m = e->train.monitor;
    if (best->epoch == 0 || !row->validated || e->train.keep == LEADSEQ_KEEP_LAST) return true;
    if (!isnan(row->valid.value[m]) && !isnan(best->value))
        return train_monitor_better(m, row->valid.value[m], best->value, 0);
    return train_monitor_better(LEADSEQ_MONITOR_LOSS, row->valid.value[LEADSEQ_MONITOR_LOSS],
                                best->loss, 0);
}

/* Of one output: probabilities and labels of its records whose label is known. */
static double output_auc(const struct train_state *state, const struct leadseq_loss_type *type,
                         int output, double *score, uint8_t *label)
{
    size_t n = 0, outputs = (size_t)state->outputs;
    for (uint64_t i = 0; i < state->seen; i++) {
        float probability[LEADSEQ_OUTPUTS_MOST];
        size_t at = i * outputs;
        if (state->label[at + (size_t)output] > 1) continue;
        leadseq_loss_probability(type, state->logit + at, state->outputs, probability);
        score[n] = probability[output];
        label[n++] = state->label[at + (size_t)output];
    }
    return leadseq_auc(score, label, n);
}

/* The mean over the outputs of the AUC of what the epoch's steps predicted: each record with the
 * weights of its own step, so it is an average over the epoch and needs no pass of its own. Not the
 * AUC that the final weights have on the training part. */
static double epoch_auc(const struct train_state *state, const struct leadseq_experiment *e)
{
    double *score = leadseq_calloc(state->seen, sizeof *score), auc[LEADSEQ_OUTPUTS_MOST];
    uint8_t *label = leadseq_calloc(state->seen, sizeof *label);
    for (int k = 0; k < state->outputs; k++)
        auc[k] = score && label ? output_auc(state, leadseq_loss_at(e->train.loss), k, score, label)
                                : NAN;
    free(score);
    free(label);
    return train_macro(auc, state->outputs);
}

/* Scores on the validation part; 1 where a signal stopped it. Collective. The state does not
 * change meanwhile, so rank 0 may save it as it is while it waits. */
static int validate(struct train_work *t, struct train_history_row *row)
{
    struct train_session *s = t->s;
    struct train_predictions p = {0};
    size_t n = s->split.n[LEADSEQ_VALID];
    if (!n) return 0;
    t->at = TRAIN_IN_VALIDATION;
    int status = train_predict(&p, &s->net, &s->e, &s->input, s->stack, &s->labels,
                               s->split.position[LEADSEQ_VALID], n, "validation");
    t->at = TRAIN_ELSEWHERE;
    if (!status) {
        row->validated = true;
        status = train_monitor_score(&row->valid, &p);
    }
    train_predictions_clear(&p);
    return status;
}

/* fastai's training loss: an exponential mean over all batches of the phase, whose start at 0 is
 * corrected. */
static double smooth_loss(const struct train_work *t, uint64_t step)
{
    return t->state.loss_smooth / (1 - pow(TRAIN_SMOOTHING, (double)(step - t->phase.first)));
}

static void tell_epoch(const struct train_work *t, const struct train_history_row *row)
{
    const enum leadseq_monitor m = t->s->e.train.monitor;
    char valid[160] = "", left[48] = "", watched[64] = "", text[2][TRAIN_SCORE_TEXT];
    const double loss = t->s->e.train.shown_loss == LEADSEQ_SHOWN_SMOOTH ? smooth_loss(t, row->step)
                                                                         : row->train_loss;
    const double *value = row->valid.value;
    if (m != LEADSEQ_MONITOR_LOSS && m != LEADSEQ_MONITOR_AUC)
        snprintf(watched, sizeof watched, " %s %s", leadseq_monitor_name[m],
                 train_score_text(text[0], value[m]));
    if (row->validated)
        snprintf(valid, sizeof valid, ", valid loss %.4g AUC %s%s%s", value[LEADSEQ_MONITOR_LOSS],
                 train_score_text(text[1], value[LEADSEQ_MONITOR_AUC]), watched,
                 row->best && t->s->e.train.keep == LEADSEQ_KEEP_BEST ? " (best)" : "");
    if (row->step < t->total)
        snprintf(left, sizeof left, "; about %.0f s left",
                 row->seconds / (double)row->step * (double)(t->total - row->step));
    leadseq_info("epoch %llu: loss %.4g AUC %s%s%s", (unsigned long long)row->epoch, loss,
                 train_score_text(text[0], row->train_auc), valid, left);
}

/* Takes the epoch's scores into the state and begins the next. Done on every rank, from the same
 * scores, so that all take the same decision about patience and about the best epoch. */
static void close_epoch(struct train_state *state, const struct leadseq_experiment *e,
                        struct train_history_row *row)
{
    const enum leadseq_monitor m = e->train.monitor;
    if (row->validated) {
        train_patience_look(&state->patience, e, row->epoch, row->valid.value);
        memcpy(state->threshold, row->valid.threshold, sizeof state->threshold);
        state->threshold_epoch = row->epoch;
    }
    row->best = is_better(&state->best, row, e);
    if (row->best)
        state->best = (struct train_best){row->epoch, row->valid.value[m],
                                          row->valid.value[LEADSEQ_MONITOR_LOSS]};
    state->epoch++;
    state->batch = state->seen = 0;
    state->loss_sum = 0;
}

int train_epoch_end(struct train_work *t)
{
    const struct train_phase *phase = &t->phase;
    struct leadseq_training_place last = {t->state.step - 1 - phase->first, t->epoch_steps,
                                          phase->total, phase->separate};
    struct train_history_row row = {
        .epoch = t->state.epoch + 1,
        .step = t->state.step,
        .train_loss = t->state.loss_sum / (double)t->state.seen,
        .train_auc = epoch_auc(&t->state, &t->s->e),
        .lr = leadseq_rate_at(&t->optimizer.how, &last).lr,
        .outputs = t->state.outputs,
        .old = t->f->old_history,
    };
    for (int m = 0; m < LEADSEQ_MONITORS; m++) row.valid.value[m] = NAN;
    for (int k = 0; k < LEADSEQ_OUTPUTS_MOST; k++) row.valid.threshold[k] = row.valid.auc[k] = NAN;
    int status = validate(t, &row);
    if (status) return status;
    row.seconds = t->seconds_before + leadseq_seconds() - t->begun;
    close_epoch(&t->state, &t->s->e, &row);
    // Sums over ranks give all the same bits, but a rank may run on another kind of processor:
    // once per epoch all take what rank 0 has, so that they cannot drift apart.
    if (leadseq_ranks() > 1) train_share_work(t);
    if (!t->last) return 0;
    // best.h5 and the row first, last.h5 at the end. Killed before last.h5 is renamed, the run
    // resumes inside the epoch, validates again and writes the same best.h5 and the same row;
    // killed after it, all three agree. In the other order a row or best.h5 could be missing for
    // good.
    if (row.best && train_checkpoint_write(t->best, &t->s->net, NULL, &t->state)) return -1;
    if (train_history_append(t->f->history, &row)) return -1;
    tell_epoch(t, &row);
    return train_work_save(t);
}
