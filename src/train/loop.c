/* SPDX-License-Identifier: MIT
 *
 * The training loop. All it remembers stands in train_state, the weights and the
 * moments, and a checkpoint holds them all: a training that was stopped at any
 * step goes on to the same bits. Numbers in tables count steps and epochs from 1. */
#include "train_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHECKPOINT_SECONDS = 600, COUNTED_AT_FIRST = 10 };

struct training {
    struct train_session *s;
    struct train_folder *f;
    struct train_optimizer optimizer;
    struct train_state state;
    struct leadseq_batches *batches;
    char *last, *best; /* checkpoints' paths */
    uint64_t epoch_steps, total;
    double lr;             /* of the last step */
    double begun, saved;   /* clock when this process began, and when it last saved */
    double seconds_before; /* of earlier processes */
};

/* --- Checkpoints ------------------------------------------------------------------------ */

static int save(struct training *t)
{
    t->saved = leadseq_seconds();
    t->state.seconds = t->seconds_before + t->saved - t->begun;
    fsync(fileno(t->f->steps)); // rows up to the checkpoint must not be lost behind it
    fsync(fileno(t->f->history));
    return train_checkpoint_write(t->last, &t->s->net, &t->optimizer, &t->state);
}

static int check_place(const struct training *t)
{
    const struct train_state *state = &t->state;
    if (state->step <= t->total && state->batch <= t->epoch_steps &&
        state->epoch <= (uint64_t)t->s->e.train.epochs)
        return 0;
    return leadseq_fail("%s: step %llu of %llu, batch %llu of %llu: not a place in this training",
                        t->last, (unsigned long long)state->step, (unsigned long long)t->total,
                        (unsigned long long)state->batch, (unsigned long long)t->epoch_steps);
}

static int load(struct training *t)
{
    size_t room = t->s->split.n[LEADSEQ_TRAIN];
    if (!leadseq_path_exists(t->last)) {
        leadseq_info("%s: no checkpoint yet, training begins anew", t->f->path);
        return 0;
    }
    if (train_checkpoint_read(t->last, &t->s->net, &t->optimizer, &t->state, room)) return -1;
    t->seconds_before = t->state.seconds;
    if (check_place(t)) return -1;
    leadseq_info("%s: resumed after step %llu of %llu", t->f->path,
                 (unsigned long long)t->state.step, (unsigned long long)t->total);
    return 0;
}

/* --- A step ------------------------------------------------------------------------------- */

static void probe_logits(struct train_step_row *row, const float *logit, int n)
{
    double sum = 0, least = logit[0], most = logit[0];
    for (int i = 0; i < n; i++) {
        float p = leadseq_sigmoid(logit[i]);
        sum += logit[i];
        least = fmin(least, logit[i]);
        most = fmax(most, logit[i]);
        row->saturated += p == 0 || p == 1;
    }
    row->probed = true;
    row->logit_mean = sum / n;
    row->logit_min = least;
    row->logit_max = most;
}

static void measure_gradient(struct training *t, struct train_step_row *row)
{
    const struct leadseq_params *params = leadseq_model_params(t->s->net.model);
    uint64_t every = (uint64_t)t->s->e.diagnose.every;
    size_t zeros, count = 0;
    row->grad_norm = train_gradient_norm(params, &zeros);
    row->counted = t->s->e.diagnose.probes == LEADSEQ_PROBES_ECONOMY &&
                   (row->step <= COUNTED_AT_FIRST || row->step % every == 0);
    for (size_t i = 0; i < params->n_slices; i++) count += params->slice[i].count;
    row->zero_gradient = count ? (double)zeros / (double)count : 0;
}

static bool all_finite(const float *value, int n)
{
    for (int i = 0; i < n; i++)
        if (!isfinite(value[i])) return false;
    return true;
}

/* Forward, loss, backward; the gradients are the model's then. */
static int differentiate(struct training *t, const struct leadseq_batch *batch,
                         struct train_step_row *row)
{
    struct train_network *net = &t->s->net;
    struct leadseq_params *params = leadseq_model_params(net->model);
    memset(params->gradient, 0, params->count * sizeof *params->gradient);
    if (leadseq_model_forward(net->model, LEADSEQ_TRAINING, t->state.step, batch->n, batch->images,
                              net->logit))
        return -1;
    row->cost = leadseq_loss(t->s->e.train.loss, t->s->e.train.positive_weight, net->logit,
                             batch->target, batch->n, NULL, net->dlogit);
    if (!all_finite(net->logit, batch->n)) row->cost = NAN;
    if (leadseq_model_backward(net->model, net->dlogit)) return -1;
    measure_gradient(t, row);
    if (t->s->e.diagnose.probes == LEADSEQ_PROBES_ECONOMY) probe_logits(row, net->logit, batch->n);
    return 0;
}

/* The checkpoint keeps the weights from before the step that failed. */
static int fail_not_finite(struct training *t, const struct train_step_row *row)
{
    if (save(t)) return -1;
    return leadseq_fail("%s: step %llu: expected a finite cost and gradient, found cost %g and "
                        "gradient norm %g; the weights before it are in checkpoints/last.h5; a "
                        "lower train.lr or a train.clip_norm may help",
                        t->f->path, (unsigned long long)row->step, row->cost, row->grad_norm);
}

static void count_batch(struct train_state *state, const struct leadseq_batch *batch,
                        const float *logit, double cost)
{
    state->loss_sum += cost * batch->n;
    for (int i = 0; i < batch->n; i++, state->seen++) {
        state->logit[state->seen] = logit[i];
        state->label[state->seen] = batch->target[i] > 0.5f;
    }
    state->batch++;
    state->step++;
}

static int take_step(struct training *t, const struct leadseq_batch *batch, double waited)
{
    double begun = leadseq_seconds();
    struct leadseq_params *params = leadseq_model_params(t->s->net.model);
    struct train_step_row row = {
        .step = t->state.step + 1, .epoch = t->state.epoch + 1, .waited_s = waited};
    struct train_rate rate = train_schedule(&t->s->e, t->state.step, t->total);
    if (differentiate(t, batch, &row)) return -1;
    row.lr = t->lr = rate.lr;
    row.step_s = leadseq_seconds() - begun;
    bool finite = isfinite(row.cost) && isfinite(row.grad_norm);
    if (finite) {
        if (t->s->e.train.clip_norm > 0)
            train_gradient_clip(params, row.grad_norm, t->s->e.train.clip_norm);
        train_optimizer_step(&t->optimizer, params, rate.lr, rate.beta1);
        count_batch(&t->state, batch, t->s->net.logit, row.cost);
        row.step_s = leadseq_seconds() - begun;
    }
    if (train_steps_append(t->f->steps, &row)) return -1;
    return finite ? 0 : fail_not_finite(t, &row);
}

/* --- An epoch ------------------------------------------------------------------------------ */

static void show(struct training *t, struct leadseq_progress *bar, int n)
{
    char note[96];
    snprintf(note, sizeof note, "loss %.4g lr %.3g", t->state.loss_sum / (double)t->state.seen,
             t->lr);
    leadseq_progress_step(bar, (size_t)n, note);
}

/* The steps of an epoch that are left; 1 where a signal asks to stop. */
static int take_steps(struct training *t, struct leadseq_progress *bar)
{
    const struct leadseq_batch *batch;
    double waited = leadseq_batches_waited(t->batches);
    while (t->state.step < t->total && t->state.batch < t->epoch_steps) {
        int more = leadseq_batches_next(t->batches, &batch);
        if (more < 0) return -1;
        if (more == 0) return leadseq_fail("%s: the epoch ended early", t->f->path);
        double now = leadseq_batches_waited(t->batches);
        if (take_step(t, batch, now - waited)) return -1;
        waited = now;
        show(t, bar, batch->n);
        if (leadseq_stop_signal()) return 1;
        if (leadseq_seconds() - t->saved > CHECKPOINT_SECONDS && save(t)) return -1;
    }
    return 0;
}

static int run_steps(struct training *t)
{
    char label[64];
    if (t->state.step >= t->total || t->state.batch >= t->epoch_steps) return 0;
    snprintf(label, sizeof label, "epoch %llu/%d", (unsigned long long)t->state.epoch + 1,
             t->s->e.train.epochs);
    if (leadseq_batches_start(t->batches, t->state.epoch, t->state.batch)) return -1;
    struct leadseq_progress *bar = leadseq_progress_new(
        label, "records", t->s->split.n[LEADSEQ_TRAIN] - (size_t)t->state.seen);
    int status = take_steps(t, bar);
    leadseq_progress_free(bar);
    return status;
}

/* --- Validation ------------------------------------------------------------------------------ */

/* The larger AUC; where it is undefined, the smaller loss; the earlier of equals.
 * Without validation records the last epoch is the best there is. */
static bool is_better(const struct train_best *best, const struct train_history_row *row)
{
    if (best->epoch == 0 || !row->validated) return true;
    if (!isnan(row->valid_auc) && !isnan(best->auc)) return row->valid_auc > best->auc;
    return row->valid_loss < best->loss || (isnan(best->loss) && !isnan(row->valid_loss));
}

static double epoch_auc(const struct train_state *state)
{
    double *score = leadseq_calloc(state->seen, sizeof *score);
    if (!score) return NAN;
    for (uint64_t i = 0; i < state->seen; i++) score[i] = leadseq_sigmoid(state->logit[i]);
    double auc = leadseq_auc(score, state->label, state->seen);
    free(score);
    return auc;
}

/* Scores on the validation part; 1 where a signal stopped it. */
static int validate(struct training *t, struct train_history_row *row)
{
    struct train_session *s = t->s;
    struct train_predictions p = {0};
    size_t n = s->split.n[LEADSEQ_VALID];
    if (!n) return 0;
    int status = train_predict(&p, &s->net, &s->e, &s->input, s->stack,
                               s->split.position[LEADSEQ_VALID], n, "validation");
    if (!status) {
        row->validated = true;
        row->valid_loss = p.loss;
        row->valid_auc = leadseq_auc(p.probability, p.label, p.n);
        row->valid_threshold = train_threshold(&p);
    }
    train_predictions_clear(&p);
    return status;
}

static void tell_epoch(const struct training *t, const struct train_history_row *row)
{
    char valid[96] = "", left[48] = "";
    if (row->validated)
        snprintf(valid, sizeof valid, ", valid loss %.4g AUC %.4f%s", row->valid_loss,
                 row->valid_auc, row->best ? " (best)" : "");
    if (row->step < t->total)
        snprintf(left, sizeof left, "; about %.0f s left",
                 row->seconds / (double)row->step * (double)(t->total - row->step));
    leadseq_info("epoch %llu: loss %.4g AUC %.4f%s%s", (unsigned long long)row->epoch,
                 row->train_loss, row->train_auc, valid, left);
}

/* Takes the epoch's scores into the state and begins the next. */
static void close_epoch(struct train_state *state, struct train_history_row *row)
{
    if (row->validated) {
        state->threshold = row->valid_threshold;
        state->threshold_epoch = row->epoch;
    }
    row->best = is_better(&state->best, row);
    if (row->best) state->best = (struct train_best){row->epoch, row->valid_auc, row->valid_loss};
    state->epoch++;
    state->batch = state->seen = 0;
    state->loss_sum = 0;
}

static int end_epoch(struct training *t)
{
    struct train_history_row row = {
        .epoch = t->state.epoch + 1,
        .step = t->state.step,
        .train_loss = t->state.loss_sum / (double)t->state.seen,
        .train_auc = epoch_auc(&t->state),
        .lr = train_schedule(&t->s->e, t->state.step - 1, t->total).lr,
        .valid_loss = NAN,
        .valid_auc = NAN,
        .valid_threshold = NAN,
    };
    int status = validate(t, &row);
    if (status) return status;
    row.seconds = t->seconds_before + leadseq_seconds() - t->begun;
    close_epoch(&t->state, &row);
    if (row.best && train_checkpoint_write(t->best, &t->s->net, NULL, &t->state)) return -1;
    if (train_history_append(t->f->history, &row)) return -1;
    tell_epoch(t, &row);
    return save(t);
}

/* --- The whole ------------------------------------------------------------------------------- */

static int open_tables(struct training *t)
{
    char *steps = train_folder_file(t->f->path, "steps.tsv");
    char *history = train_folder_file(t->f->path, "history.tsv");
    if (steps && history) {
        t->f->steps = train_table_open(steps, train_steps_header, t->state.step);
        if (t->f->steps)
            t->f->history = train_table_open(history, train_history_header, t->state.epoch);
    }
    free(steps);
    free(history);
    return t->f->history ? 0 : -1;
}

static int open_training(struct training *t)
{
    struct train_session *s = t->s;
    size_t n = s->split.n[LEADSEQ_TRAIN];
    struct leadseq_batch_options options = train_batch_options(&s->e, &s->net, &s->input);
    options.position = s->split.position[LEADSEQ_TRAIN];
    options.n = n;
    options.shuffle = true;
    t->last = train_folder_file(t->f->path, "checkpoints/last.h5");
    t->best = train_folder_file(t->f->path, "checkpoints/best.h5");
    t->state.logit = leadseq_calloc(n, sizeof *t->state.logit);
    t->state.label = leadseq_calloc(n, sizeof *t->state.label);
    if (!t->last || !t->best || !t->state.logit || !t->state.label) return -1;
    size_t count = leadseq_model_params(s->net.model)->count;
    if (train_optimizer_init(&t->optimizer, &s->e, count)) return -1;
    if (t->f->resumed && load(t)) return -1;
    t->batches = leadseq_batches_open(s->stack, &options);
    return t->batches ? open_tables(t) : -1;
}

static void close_training(struct training *t)
{
    leadseq_batches_close(t->batches);
    train_optimizer_clear(&t->optimizer);
    free(t->state.logit);
    free(t->state.label);
    free(t->last);
    free(t->best);
}

/* Epochs until the last step is taken and validated. */
static int run_epochs(struct training *t)
{
    int status = 0;
    while (!status && (t->state.step < t->total || t->state.batch)) {
        status = run_steps(t);
        if (!status) status = end_epoch(t);
    }
    if (status == 1 && save(t)) return -1;
    return status;
}

int train_loop(struct train_session *s, struct train_folder *f)
{
    struct training t = {
        .s = s,
        .f = f,
        .state = {.threshold = NAN, .best = {0, NAN, NAN}},
        .epoch_steps = train_epoch_steps(s),
        .total = train_total_steps(s),
        .begun = leadseq_seconds(),
    };
    t.saved = t.begun;
    int status = open_training(&t);
    if (!status) status = run_epochs(&t);
    if (status == 1)
        leadseq_info("%s: stopped by signal %d after step %llu of %llu; the same command with "
                     "--resume goes on",
                     f->path, leadseq_stop_signal(), (unsigned long long)t.state.step,
                     (unsigned long long)t.total);
    close_training(&t);
    return status;
}
