/* SPDX-License-Identifier: MIT
 *
 * Rules of learning: numbers that ended it, steps too short, labels that cannot
 * be learned, records learned by heart, and nothing wrong. */
#include "finding.h"

#include <string.h>

/* --- Non-finite ------------------------------------------------------------------------------- */

static size_t first_not_finite(const struct verdict_steps *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!isfinite(s->cost[i]) || !isfinite(s->grad[i])) return i;
    return s->n;
}

static bool find_non_finite(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_steps *s = &v->steps;
    const struct verdict_rest *r = &v->rest;
    size_t i = first_not_finite(s);
    (void)before;
    bool layer = r->nonfinite_layer[0] || r->nonfinite_tensor[0];
    if (i == s->n && !layer) return false;
    f->severity = VERDICT_CRITICAL;
    f->confidence = 1;
    f->first_step = i < s->n ? s->step[i] : r->nonfinite_step;
    finding_number(f, "cost", i < s->n ? s->cost[i] : NAN);
    finding_number(f, "gradient", i < s->n ? s->grad[i] : NAN);
    finding_number(f, "cost_before", i && i < s->n ? s->cost[i - 1] : NAN);
    finding_number(f, "gradient_before", i && i < s->n ? s->grad[i - 1] : NAN);
    finding_number(f, "lr", s->lr && i < s->n ? s->lr[i] : NAN);
    finding_say(f, "From step %.0f on, %s is not a finite number.", f->first_step,
                i < s->n && !isfinite(s->cost[i]) ? "the cost" : "the gradient");
    if (r->nonfinite_layer[0])
        finding_say(f, "In the forward pass, they first appear in %s.", r->nonfinite_layer);
    else if (r->nonfinite_tensor[0])
        finding_say(
            f,
            "All layers are finite in the forward pass; in the backward pass, the gradient of "
            "%s is the first that is not.",
            r->nonfinite_tensor);
    else
        finding_say(f, "In which layer was not measured.");
    finding_advise(f, v, NULL, "Lower train.lr (now %.3g).", v->e->train.lr);
    finding_advise(f, v, "train.clip_norm<=1", "Bound the step by clipping (train.clip_norm: 1).");
    finding_advise(f, v, NULL,
                   "To look closer, resume from checkpoints/last.h5, which holds the weights from "
                   "before that step.");
    return true;
}

const struct verdict_rule rule_non_finite = {
    .id = "non-finite",
    .title = "Numbers stopped being finite",
    .holds = find_non_finite,
    .draw = draw_cost,
    .caption = "Cost of each batch up to the step that failed.",
};

/* --- Learning rate too small ------------------------------------------------------------------ */

static bool find_learning_rate(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_steps *s = &v->steps;
    const struct verdict_change *c = &v->change;
    if (findings_find(before, "saturated-output") || findings_find(before, "non-finite"))
        return false;
    // untrained features may rank records by luck: what has not moved has not learned
    double still = verdict_learned(v) == 1 ? .005 : .03;
    if (s->n < 10 || !(c->distance < still)) return false;
    size_t quarter = s->n / 4;
    double early = verdict_mean(s->cost, 0, quarter ? quarter : 1),
           late = verdict_mean(s->cost, s->n - quarter, s->n);
    if (late < .9 * early) return false; // it falls: not long enough, perhaps, but not too small
    f->first_step = 1;
    f->confidence = c->distance < .01 ? .95 : .8;
    finding_number(f, "distance_from_start", c->distance);
    finding_number(f, "update_over_weight", c->ratio);
    finding_number(f, "steps", s->step[s->n - 1]);
    finding_number(f, "cost_first_quarter", early);
    finding_number(f, "cost_last_quarter", late);
    finding_number(f, "cost_constant", verdict_constant_cost(v));
    finding_number(f, "lr", v->e->train.lr);
    finding_number(f, "line_search_best", v->rest.line_best);
    finding_number(f, "head_moved_in_a_step", v->now->head.measured);
    finding_say(
        f,
        "After %s, no tensor is further than %.2g of its own norm from its initial values, and "
        "the cost has not moved: %.4g in the first quarter of the steps, %.4g in the last.",
        leadseq_count((size_t)s->step[s->n - 1], "step"), c->distance, early, late);
    finding_say(f, "A step changes the weights by %.2g of their norm.", c->ratio);
    if (verdict_learned(v) == 1)
        finding_say(f,
                    "That unseen records are ranked above chance (AUC %s) is what the untrained "
                    "network does already.",
                    verdict_estimate(&v->now->scored.auc).text);
    if (v->rest.line_best > 1)
        finding_say(f, "Along the update, a step %.3g times as long would have been best.",
                    v->rest.line_best);
    finding_advise(f, v, NULL,
                   "Raise train.lr (now %.3g): steps of about 1e-3 of the weights' norm are usual.",
                   v->e->train.lr);
    if (c->ratio > 0)
        finding_advise(f, v, NULL, "Here that would be a rate of about %.1g.",
                       v->e->train.lr * 1e-3 / c->ratio);
    return true;
}

const struct verdict_rule rule_learning_rate = {
    .id = "learning-rate-too-small",
    .title = "The learning rate is too small",
    .holds = find_learning_rate,
    .draw = draw_cost,
    .caption = "Cost of each batch: it does not fall.",
};

/* --- Epochs ----------------------------------------------------------------------------------- */

struct epochs {
    size_t n, best; /* the epoch of least validation loss */
    const double *step, *train_loss, *train_auc, *valid_loss, *valid_auc;
};

static bool read_epochs(const struct verdict *v, struct epochs *e)
{
    const struct verdict_table *t = &v->history;
    *e = (struct epochs){
        .n = t->rows,
        .step = verdict_column(t, "step"),
        .train_loss = verdict_column(t, "train_loss"),
        .train_auc = verdict_column(t, "train_auc"),
        .valid_loss = verdict_column(t, "valid_loss"),
        .valid_auc = verdict_column(t, "valid_auc"),
    };
    if (!e->n || !e->step || !e->train_loss || !e->train_auc || !e->valid_loss || !e->valid_auc)
        return false;
    for (size_t i = 0; i < e->n; i++)
        if (e->valid_loss[i] < e->valid_loss[e->best] || isnan(e->valid_loss[e->best])) e->best = i;
    return true;
}

static void number_epochs(const struct epochs *e, struct finding *f)
{
    size_t last = e->n - 1;
    finding_number(f, "epochs", (double)e->n);
    finding_number(f, "train_loss_last", e->train_loss[last]);
    finding_number(f, "valid_loss_last", e->valid_loss[last]);
    finding_number(f, "valid_loss_least", e->valid_loss[e->best]);
    finding_number(f, "epoch_of_least", (double)e->best + 1);
    finding_number(f, "train_auc_last", e->train_auc[last]);
    finding_number(f, "valid_auc_last", e->valid_auc[last]);
}

static void number_scores(const struct verdict *v, struct finding *f)
{
    const struct verdict_scored *s = &v->now->scored;
    finding_number(f, "auc", s->n ? s->auc.value : NAN);
    finding_number(f, "auc_low", s->n ? s->auc.low : NAN);
    finding_number(f, "auc_high", s->n ? s->auc.high : NAN);
    finding_number(f, "records", (double)s->n);
}

/* The validation loss rises well above its least while the training loss keeps falling. */
static bool loss_turns(const struct epochs *e)
{
    size_t last = e->n - 1;
    double least = e->valid_loss[e->best], end = e->valid_loss[last];
    bool rises = end > 1.15 * least + .02 && last > e->best;
    return rises && e->train_loss[last] < .85 * e->train_loss[e->best] &&
           e->train_loss[last] < .6 * end;
}

static bool gap_opens(const struct epochs *e)
{
    size_t last = e->n - 1;
    return e->train_auc[last] - e->valid_auc[last] > .05;
}

/* The share of training's lead over chance that unseen records keep; NaN: no unseen scores. */
static double carried_over(const struct verdict *v, const struct epochs *e)
{
    const struct verdict_scored *s = &v->now->scored;
    double unseen = s->n ? s->auc.value : e->valid_auc[e->n - 1];
    return (unseen - .5) / (e->train_auc[e->n - 1] - .5);
}

/* What the scores are worth, by the scores: the loss alone does not say. */
static void judge_scores(const struct verdict *v, const struct epochs *e, struct finding *f)
{
    const struct verdict_scored *s = &v->now->scored;
    const double carried = carried_over(v, e), half = .5;
    const int learned = verdict_learned(v);
    bool good = learned == 1 && carried >= half;
    f->severity = good ? VERDICT_MINOR : VERDICT_MAJOR;
    finding_number(f, "share_carried_over", carried);
    if (good) f->title = "Training continued after its best epoch";
    if (!s->n) {
        finding_say(f, good ? "On validation it ranks records well all the same."
                            : "Little or nothing of it carries over to validation.");
        return;
    }
    const char *what = good ? "the scores are not in doubt, only the epochs after the best"
                       : learned == 1
                           ? "above chance, but less than half of what is learned carries over"
                           : "not shown to be better than chance, so what is learned holds for the "
                             "training records only";
    finding_say(f, "%s (%s) are ranked with AUC %s by the checkpoint that is kept: %s.",
                leadseq_count(s->n, "unseen record"), s->parts, verdict_estimate(&s->auc).text,
                what);
}

static void say_epochs(const struct epochs *e, struct finding *f)
{
    const size_t last = e->n - 1;
    finding_say(
        f,
        "Validation loss was least after epoch %zu (%.4g) and has risen to %.4g since, while "
        "the training loss fell to %.4g.",
        e->best + 1, e->valid_loss[e->best], e->valid_loss[last], e->train_loss[last]);
    finding_say(f, "In the last epoch, the AUC is %.3f in training and %.3f on validation.",
                e->train_auc[last], e->valid_auc[last]);
    if (e->valid_auc[last] >= e->valid_auc[e->best])
        finding_say(f,
                    "The validation AUC has not fallen since (%.3f then): the order of the records "
                    "is as good, but their probabilities have become too extreme.",
                    e->valid_auc[e->best]);
}

static bool find_overfitting(struct verdict *v, const struct findings *before, struct finding *f)
{
    struct epochs e;
    if (findings_find(before, "shuffled-labels") || findings_find(before, "saturated-output"))
        return false;
    if (!read_epochs(v, &e) || e.n < 3 || !loss_turns(&e) || !gap_opens(&e)) return false;
    f->first_step = e.step[e.best + 1];
    number_epochs(&e, f);
    number_scores(v, f);
    finding_number(f, "training_records", v->counts.n[LEADSEQ_TRAIN]);
    say_epochs(&e, f);
    judge_scores(v, &e, f);
    finding_advise(f, v, NULL,
                   "Use checkpoints/best.h5, or train for fewer epochs (train.epochs: %zu).",
                   e.best + 1);
    finding_advise(f, v, "model.dropout>=0.01", "Try model.dropout: 0.5.");
    finding_advise(f, v, "train.weight_decay>=1e-9",
                   "Try weight decay (train.optimizer: adamw, train.weight_decay: 0.01).");
    if (v->e->data.input == LEADSEQ_DATA_IMAGES)
        finding_advise(f, v, "data.augment!=none", "Augment the images (data.augment: heartnet).");
    finding_advise(f, v, NULL, "Fewer channels or more training records help too.");
    return true;
}

const struct verdict_rule rule_overfitting = {
    .id = "overfitting",
    .title = "It learns the training records by heart",
    .holds = find_overfitting,
    .draw = draw_history,
    .caption = "Training and validation by epoch.",
};

/* --- Labels that cannot be learned ------------------------------------------------------------ */

/* What else would explain that nothing is learned. */
static bool is_explained(const struct findings *before)
{
    for (size_t i = 0; i < before->n; i++)
        if (before->finding[i].severity >= VERDICT_MAJOR &&
            strcmp(before->finding[i].id, "leakage"))
            return true;
    return false;
}

/* Learnt by heart, and nothing of it carries over to records it has not seen. */
static bool knows_by_heart(double train_auc, const struct leadseq_estimate *unseen)
{
    return unseen->low <= .5 && unseen->high < .72 && train_auc > unseen->high + .08;
}

static void say_labels(const struct verdict *v, const struct epochs *e, struct finding *f)
{
    const struct verdict_scored *s = &v->now->scored;
    finding_say(f, "The AUC on %s (%s) is %s after %s: %s.", leadseq_count(s->n, "unseen record"),
                s->parts, verdict_estimate(&s->auc).text, leadseq_count(e->n, "epoch"),
                s->auc.low > .5 ? "one lucky checkpoint, which the last epoch does not confirm"
                                : "chance");
    finding_say(f,
                "Nothing else explains it: gradients flow, weights have moved (by %.2g of their "
                "norm), logits differ between records (standard deviation %.2g).",
                v->change.distance, s->logit_sd);
    if (knows_by_heart(e->train_auc[e->n - 1], &s->auc))
        finding_say(
            f,
            "The training records are learned by heart (AUC %.3f), but nothing carries over "
            "to others: what their labels have in common is not in the images.",
            e->train_auc[e->n - 1]);
    const struct verdict_yardstick *y = &v->yardstick;
    finding_number(f, "yardstick_train_auc", y->train_auc);
    finding_number(f, "yardstick_auc", y->auc.value);
    finding_number(f, "yardstick_auc_low", y->auc.low);
    finding_number(f, "yardstick_auc_high", y->auc.high);
    if (isfinite(y->train_auc))
        finding_say(
            f,
            "A plain convolutional network, trained on the same records for comparison, ranks "
            "its training records (AUC %.3f) but not the unseen ones (AUC %s) either: the "
            "model is not the cause.",
            y->train_auc, verdict_estimate(&y->auc).text);
}

/* 1: the labels cannot be learned; 0: they can; -1: not known. */
static int judge_labels(struct verdict *v, const struct epochs *e)
{
    const struct verdict_scored *s = &v->now->scored;
    const struct verdict_yardstick *y = &v->yardstick;
    if (isfinite(y->train_auc)) {
        if (y->z > 1.959964) return 0;
        return knows_by_heart(y->train_auc, &y->auc) ? 1 : -1;
    }
    return knows_by_heart(e->train_auc[e->n - 1], &s->auc) ? 1 : -1;
}

static bool is_question(const struct verdict *v, const struct findings *before)
{
    const struct verdict_scored *s = &v->now->scored;
    if (!s->n || isnan(s->z) || verdict_learned(v) == 1 || is_explained(before)) return false;
    return s->distinct > 1 && !(v->change.distance < .05);
}

static bool find_shuffled_labels(struct verdict *v, const struct findings *before,
                                 struct finding *f)
{
    const struct verdict_scored *s = &v->now->scored;
    struct epochs e;
    if (!is_question(v, before) || !read_epochs(v, &e)) return false;
    v->wants_yardstick = true;
    if (isnan(v->yardstick.train_auc) && v->rehearse && v->data && !v->busy && !v->yardstick_failed)
        return false; // judged again when it is trained
    int unlearnable = judge_labels(v, &e);
    if (!unlearnable)
        verdict_note(v,
                     "the labels can be learned: a plain convolutional network trained on the same "
                     "records reaches AUC %s on unseen ones",
                     verdict_estimate(&v->yardstick.auc).text);
    if (unlearnable < 0)
        verdict_note(
            v,
            "whether the labels can be learned is not known: %s, %zu of them positive, leave "
            "the AUC at %s",
            leadseq_count(s->n, "unseen record"), s->positive, verdict_estimate(&s->auc).text);
    if (unlearnable != 1) return false;
    f->first_step = 1;
    f->confidence = isfinite(v->yardstick.train_auc) ? .9 : .75;
    number_scores(v, f);
    number_epochs(&e, f);
    finding_number(f, "gradient_agreement", v->rest.agreement);
    finding_number(f, "distance_from_start", v->change.distance);
    finding_number(f, "logit_sd", s->logit_sd);
    say_labels(v, &e, f);
    finding_advise(f, v, NULL,
                   "Check that labels are joined to images by ecg_id and not by position, and that "
                   "the label column of data.task is the one you mean. If both are right, these "
                   "images do not show what separates the classes.");
    return true;
}

const struct verdict_rule rule_shuffled_labels = {
    .id = "shuffled-labels",
    .title = "The labels cannot be learned from these images",
    .holds = find_shuffled_labels,
    .draw = draw_history,
    .caption = "Training and validation by epoch.",
};

/* --- Nothing wrong ---------------------------------------------------------------------------- */

static bool find_healthy(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_steps *s = &v->steps;
    struct epochs e;
    for (size_t i = 0; i < before->n; i++)
        if (before->finding[i].severity >= VERDICT_MAJOR) return false;
    if (verdict_learned(v) != 1) {
        verdict_note(v,
                     "no rule found a fault, but the run does not show either that the model ranks "
                     "unseen records better than chance");
        return false;
    }
    f->severity = VERDICT_NONE;
    f->confidence = v->now->scored.n && v->now->head.rows ? .9 : .6;
    number_scores(v, f);
    if (read_epochs(v, &e)) number_epochs(&e, f);
    finding_number(f, "cost_first", s->n ? s->cost[0] : NAN);
    finding_number(f, "cost_last_quarter", verdict_mean(s->cost, s->n - s->n / 4, s->n));
    finding_number(f, "distance_from_start", v->change.distance);
    finding_number(f, "head_moved_most", v->now->head.measured);
    finding_number(f, "nearest_image_in_training", v->twins.nearest / v->twins.typical);
    finding_number(f, "factor_per_lead", v->flow.factor);
    if (v->now->scored.n)
        finding_say(f, "It ranks %s (%s) better than chance: AUC %s.",
                    leadseq_count(v->now->scored.n, "unseen record"), v->now->scored.parts,
                    verdict_estimate(&v->now->scored.auc).text);
    else
        finding_say(f, "On validation it ranks records better than chance so far.");
    if (v->n_outputs > 1)
        finding_say(f, "That is output %s, the best of %zu.", v->now->name, v->n_outputs);
    finding_say(f, "No rule found a fault that matters.");
    finding_advise(
        f, v, NULL,
        "Nothing to change. More records, more epochs and several seeds show how good it "
        "can get: 'leadseq compare'.");
    return true;
}

const struct verdict_rule rule_healthy = {
    .id = "healthy",
    .title = "Nothing wrong",
    .holds = find_healthy,
    .draw = draw_history,
    .caption = "Training and validation by epoch.",
};
