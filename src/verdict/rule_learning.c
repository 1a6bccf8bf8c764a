/* SPDX-License-Identifier: MIT
 *
 * Rules of learning: numbers that ended it, steps too short, labels that cannot
 * be learnt, records learnt by heart, and nothing wrong. */
#include "verdict_private.h"

#include <math.h>
#include <string.h>

/* --- Non-finite ----------------------------------------------------------------------------------
 */

static size_t first_not_finite(const struct verdict_steps *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!isfinite(s->cost[i]) || !isfinite(s->grad[i])) return i;
    return s->n;
}

bool rule_non_finite(struct verdict *v, const struct findings *before, struct finding *f)
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
    finding_say(f, "At step %.0f %s was not a finite number any more.", f->first_step,
                i < s->n && !isfinite(s->cost[i]) ? "the cost" : "the gradient");
    if (r->nonfinite_layer[0])
        finding_say(f, "Going forward, %s is where such numbers first appear.", r->nonfinite_layer);
    else if (r->nonfinite_tensor[0])
        finding_say(f,
                    "All layers are finite going forward; going back, the gradient of %s is the "
                    "first that is not.",
                    r->nonfinite_tensor);
    else
        finding_say(f, "In which layer was not measured.");
    finding_advise(f,
                   "A lower train.lr (now %.3g), train.clip_norm: 1; resume from "
                   "checkpoints/last.h5, which holds the weights from before that step, to look "
                   "closer.",
                   v->e->train.lr);
    return true;
}

/* --- Learning rate too small
 * ----------------------------------------------------------------------- */

bool rule_learning_rate(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_steps *s = &v->steps;
    const struct verdict_change *c = &v->change;
    if (findings_find(before, "saturated-output") || findings_find(before, "non-finite"))
        return false;
    // untrained features may rank records by luck: what has not moved has not learnt
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
    finding_number(f, "head_moved_in_a_step", v->head.measured);
    finding_say(
        f,
        "After %.0f steps no tensor is further than %.2g of its own norm from where it began "
        "(a step changes the weights by %.2g of their norm), and the cost has not moved: %.4g in "
        "the first quarter, %.4g in the last.",
        s->step[s->n - 1], c->distance, c->ratio, early, late);
    if (v->rest.line_best > 1)
        finding_say(f, "Along the update, %.3g times the step would have been best.",
                    v->rest.line_best);
    finding_advise(
        f,
        "A larger train.lr: now %.3g; steps of about 1e-3 of the weights' norm are usual "
        "(%.1g here).",
        v->e->train.lr, c->ratio > 0 ? v->e->train.lr * 1e-3 / c->ratio : NAN);
    return true;
}

/* --- Epochs
 * ------------------------------------------------------------------------------------------------
 */

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
    const struct verdict_scored *s = &v->scored;
    finding_number(f, "auc", s->n ? s->auc.value : NAN);
    finding_number(f, "auc_low", s->n ? s->auc.low : NAN);
    finding_number(f, "auc_high", s->n ? s->auc.high : NAN);
    finding_number(f, "records", (double)s->n);
}

/* The validation loss rises well above its least while the training loss goes on falling. */
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

bool rule_overfitting(struct verdict *v, const struct findings *before, struct finding *f)
{
    struct epochs e;
    if (findings_find(before, "shuffled-labels") || findings_find(before, "saturated-output"))
        return false;
    if (!read_epochs(v, &e) || e.n < 3 || !loss_turns(&e) || !gap_opens(&e)) return false;
    f->first_step = e.step[e.best + 1];
    number_epochs(&e, f);
    number_scores(v, f);
    finding_number(f, "training_records", v->counts.n[LEADSEQ_TRAIN]);
    finding_say(
        f,
        "Validation loss was least after epoch %zu (%.4g) and has risen to %.4g since, while "
        "the training loss fell to %.4g; AUC in training %.3f, on validation %.3f. What is "
        "learnt since then belongs to the %.0f training records, not to hearts.",
        e.best + 1, e.valid_loss[e.best], e.valid_loss[e.n - 1], e.train_loss[e.n - 1],
        e.train_auc[e.n - 1], e.valid_auc[e.n - 1], v->counts.n[LEADSEQ_TRAIN]);
    finding_advise(f,
                   "Use checkpoints/best.h5, fewer train.epochs (%zu), model.dropout, "
                   "train.weight_decay with adamw, fewer channels, or more training records.",
                   e.best + 1);
    return true;
}

/* --- Labels that cannot be learnt
 * ------------------------------------------------------------------------------ */

/* What else would explain that nothing is learnt. */
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
    const struct verdict_scored *s = &v->scored;
    finding_say(
        f,
        "The AUC on %zu unseen records (%s) is %.3f [%.3f, %.3f]: %s, after %zu epochs. "
        "Nothing else explains it: gradients flow, weights have moved (by %.2g of their norm), "
        "logits differ between records (standard deviation %.2g).",
        s->n, s->parts, s->auc.value, s->auc.low, s->auc.high,
        s->auc.low > .5 ? "one lucky checkpoint, which the last epoch does not bear out" : "chance",
        e->n, v->change.distance, s->logit_sd);
    if (knows_by_heart(e->train_auc[e->n - 1], &s->auc))
        finding_say(
            f,
            "The training records are learnt by heart (AUC %.3f), yet nothing carries over: "
            "what their labels have in common is not in the images.",
            e->train_auc[e->n - 1]);
    const struct verdict_yardstick *y = &v->yardstick;
    finding_number(f, "yardstick_train_auc", y->train_auc);
    finding_number(f, "yardstick_auc", y->auc.value);
    finding_number(f, "yardstick_auc_low", y->auc.low);
    finding_number(f, "yardstick_auc_high", y->auc.high);
    if (isfinite(y->train_auc))
        finding_say(
            f,
            "A plain convolutional network trained on the same records for comparison knows "
            "its training records (AUC %.3f) and not the unseen ones (%.3f [%.3f, %.3f]) "
            "either: it is not the model.",
            y->train_auc, y->auc.value, y->auc.low, y->auc.high);
}

/* 1: the labels cannot be learnt; 0: they can; -1: not known. */
static int judge_labels(struct verdict *v, const struct epochs *e)
{
    const struct verdict_scored *s = &v->scored;
    const struct verdict_yardstick *y = &v->yardstick;
    if (isfinite(y->train_auc)) {
        if (y->z > 1.959964) return 0;
        return knows_by_heart(y->train_auc, &y->auc) ? 1 : -1;
    }
    return knows_by_heart(e->train_auc[e->n - 1], &s->auc) ? 1 : -1;
}

static bool is_question(const struct verdict *v, const struct findings *before)
{
    const struct verdict_scored *s = &v->scored;
    if (!s->n || isnan(s->z) || verdict_learned(v) == 1 || is_explained(before)) return false;
    return s->distinct > 1 && !(v->change.distance < .05);
}

bool rule_shuffled_labels(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_scored *s = &v->scored;
    struct epochs e;
    if (!is_question(v, before) || !read_epochs(v, &e)) return false;
    if (verdict_yardstick(v)) return false;
    int unlearnable = judge_labels(v, &e);
    if (!unlearnable)
        verdict_note(v,
                     "the labels can be learnt: a plain convolutional network trained on the same "
                     "records reaches AUC %.3f [%.3f, %.3f] on unseen ones",
                     v->yardstick.auc.value, v->yardstick.auc.low, v->yardstick.auc.high);
    if (unlearnable < 0)
        verdict_note(v,
                     "whether the labels can be learnt is not known: %zu unseen records, %zu of "
                     "them positive, leave the AUC between %.2f and %.2f",
                     s->n, s->positive, s->auc.low, s->auc.high);
    if (unlearnable != 1) return false;
    f->first_step = 1;
    f->confidence = isfinite(v->yardstick.train_auc) ? .9 : .75;
    number_scores(v, f);
    number_epochs(&e, f);
    finding_number(f, "gradient_agreement", v->rest.agreement);
    finding_number(f, "distance_from_start", v->change.distance);
    finding_number(f, "logit_sd", s->logit_sd);
    say_labels(v, &e, f);
    finding_advise(f,
                   "Check that labels are joined to images by ecg_id and not by position, and that "
                   "the stack's label/mi is what is meant; if they are right, these images do not "
                   "show what tells the classes apart.");
    return true;
}

/* --- Nothing wrong
 * --------------------------------------------------------------------------------------------------
 */

bool rule_healthy(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_steps *s = &v->steps;
    struct epochs e;
    for (size_t i = 0; i < before->n; i++)
        if (before->finding[i].severity >= VERDICT_MAJOR) return false;
    if (verdict_learned(v) != 1) {
        verdict_note(
            v, "no rule found a fault, but it is not shown either that the model ranks unseen "
               "records better than chance");
        return false;
    }
    f->severity = VERDICT_NONE;
    f->confidence = v->scored.n && v->head.rows ? .9 : .6;
    number_scores(v, f);
    if (read_epochs(v, &e)) number_epochs(&e, f);
    finding_number(f, "cost_first", s->n ? s->cost[0] : NAN);
    finding_number(f, "cost_last_quarter", verdict_mean(s->cost, s->n - s->n / 4, s->n));
    finding_number(f, "distance_from_start", v->change.distance);
    finding_number(f, "head_moved_most", v->head.measured);
    finding_number(f, "nearest_image_in_training", v->twins.nearest / v->twins.typical);
    finding_number(f, "factor_per_lead", v->flow.factor);
    char auc[48];
    finding_estimate(&v->scored.auc, auc);
    if (v->scored.n)
        finding_say(f, "It ranks %zu unseen records (%s) better than chance: AUC %s.", v->scored.n,
                    v->scored.parts, auc);
    else
        finding_say(f, "On validation it ranks records better than chance so far.");
    finding_say(f, "No rule found a fault that would matter.");
    finding_advise(f, "Nothing to change. More records, more epochs and several seeds say how good "
                      "it can get: 'leadseq compare'.");
    return true;
}
