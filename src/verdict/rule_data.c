/* SPDX-License-Identifier: MIT
 *
 * Rules of the data: patients on both sides, rare classes, the scale of the input. */
#include "finding.h"

/* --- Leakage: three ways to see it ------------------------------------------------------------ */

static const double MANY = .02; /* share of unseen records beyond which their scores mean little */

static void raise_severity(struct finding *f, enum verdict_severity to)
{
    if (f->severity < to) f->severity = to;
}

static bool find_patients(struct verdict *v, struct finding *f)
{
    const struct verdict_counts *c = &v->counts;
    if (isnan(c->both_sides))
        verdict_note(v, "whether patients have records on both sides of the split is not recorded");
    if (!(c->both_sides > 0)) return false;
    double unseen = c->n[LEADSEQ_VALID] + c->n[LEADSEQ_TEST];
    raise_severity(f, c->records_of_those / unseen > MANY ? VERDICT_MAJOR : VERDICT_MINOR);
    finding_number(f, "patients_on_both_sides", c->both_sides);
    finding_number(f, "records_of_those", c->records_of_those);
    finding_number(f, "share_of_unseen_records", c->records_of_those / unseen);
    finding_say(
        f,
        "%s %s records both in training and in validation or test: %.0f of the %.0f records "
        "there (%.1f %%) are of a patient the network has been trained on. Scores on them "
        "say nothing about new patients.",
        leadseq_count((size_t)c->both_sides, "patient"), c->both_sides == 1 ? "has" : "have",
        c->records_of_those, unseen, 100 * c->records_of_those / unseen);
    finding_advise(f, v, "data.split=patient",
                   "Split by patient (data.split: patient), or by the data set's own folds "
                   "(data.split: folds) where these keep patients apart.");
    return true;
}

static bool find_twins(struct verdict *v, struct finding *f)
{
    const struct verdict_twins *t = &v->twins;
    double found = t->identical + t->near;
    if (!(found > 0)) return false;
    raise_severity(f, found / t->unseen > MANY ? VERDICT_MAJOR : VERDICT_MINOR);
    finding_number(f, "unseen_records_with_identical_images", t->identical);
    finding_number(f, "unseen_records_with_nearly_identical_images", t->near);
    finding_number(f, "share_with_a_twin", found / t->unseen);
    finding_number(f, "unseen_records_looked_at", t->unseen);
    finding_number(f, "training_records_looked_at", t->train);
    finding_number(f, "nearest_distance", t->nearest);
    finding_number(f, "typical_distance", t->typical);
    finding_say(f,
                "Of %.0f validation and test records, %.0f have exactly the images of a record in "
                "training, and %.0f have nearly the same images (closer than a twentieth of the "
                "usual distance of two records). The closest pair is record %d and training record "
                "%d.",
                t->unseen, t->identical, t->near, t->ecg_id, t->twin);
    finding_advise(
        f, v, NULL,
        "Look for records that appear twice in the stack under different names. Keep one "
        "of each, or give copies the same patient_id and use data.split: patient.");
    return true;
}

static bool find_too_good(struct verdict *v, struct finding *f)
{
    const double one_in_a_thousand = 3.290527, margin = .02;
    const struct verdict_fitted *w = &v->fitted;
    double gap = v->now->scored.auc.value - w->auc.value;
    if (!(w->z > one_in_a_thousand) || !(gap > margin)) return false;
    raise_severity(f, VERDICT_MAJOR);
    finding_number(f, "auc_on_training_records", w->auc.value);
    finding_number(f, "auc_on_training_low", w->auc.low);
    finding_number(f, "auc_on_training_high", w->auc.high);
    finding_number(f, "training_records_ranked", w->n);
    finding_number(f, "standard_errors_apart", w->z);
    finding_say(
        f,
        "Unseen records (%s) are ranked far better, with AUC %s, than %s of the training set "
        "by the same weights, with AUC %s: %.1f standard errors apart. Parts drawn from the "
        "same records hardly ever differ that much: the unseen ones are easier, labelled by "
        "another rule, or reveal their label by something else.",
        v->now->scored.parts, verdict_estimate(&v->now->scored.auc).text,
        leadseq_count((size_t)w->n, "record"), verdict_estimate(&w->auc).text, w->z);
    finding_advise(
        f, v, NULL,
        "Compare how the records and labels of the parts were made, and how their images "
        "were drawn.");
    return true;
}

static bool find_leakage(struct verdict *v, const struct findings *before, struct finding *f)
{
    (void)before;
    f->severity = VERDICT_NONE;
    f->confidence = 1;
    f->first_step = 1;
    bool patients = find_patients(v, f), twins = find_twins(v, f), good = find_too_good(v, f);
    if (!patients && !twins && !good) return false;
    if (!patients && (good || !(v->twins.identical > 0))) f->confidence = .9;
    finding_number(f, "auc", v->now->scored.n ? v->now->scored.auc.value : NAN);
    return true;
}

const struct verdict_rule rule_leakage = {
    .id = "leakage",
    .title = "Training records leak into the evaluation",
    .holds = find_leakage,
    .draw = draw_history,
    .caption = "Training and validation by epoch.",
};

/* Of several outputs each has a weight of its own, and no choice of records suits all. */
static void advise_weights(const struct verdict *v, struct finding *f, double p)
{
    const bool dies = leadseq_loss_at(v->e->train.loss)->dies;
    char weight[64];
    if (v->n_outputs > 1) {
        finding_advise(f, v,
                       dies ? "train.loss=bce-logits train.class_weights=balanced"
                            : "train.class_weights=balanced",
                       "Weight the rare classes: %strain.class_weights: balanced.",
                       dies ? "train.loss: bce-logits with " : "");
        return;
    }
    snprintf(weight, sizeof weight, "%strain.positive_weight=%.2g",
             dies ? "train.loss=bce-logits " : "", (1 - p) / p);
    finding_advise(
        f, v, weight,
        "Weight the rarer class: %strain.positive_weight: %.2g (negatives per positive).",
        dies ? "train.loss: bce-logits with " : "", (1 - p) / p);
    finding_advise(f, v, "data.select=balanced",
                   "Or train on as many records of either class (data.select: balanced).");
}

static bool find_class_imbalance(struct verdict *v, const struct findings *before,
                                 struct finding *f)
{
    const struct verdict_output *o = v->now;
    const struct verdict_scored *s = &o->scored;
    (void)before;
    double p = verdict_positives(v), w = verdict_weight(v, v->now);
    double share = verdict_cost_share(v, v->now), rare = fmin(share, 1 - share);
    if (isnan(p)) verdict_note(v, "how many training records are positive is not recorded");
    if (!(rare < .12)) return false;
    double found = share < .5 ? s->sensitivity : s->specificity;
    bool ignored = s->n && !(found > 0);
    bool learned = verdict_learned(v) == 1;
    f->severity = learned ? VERDICT_MINOR : VERDICT_MAJOR;
    f->first_step = 1;
    finding_number(f, "training_records", o->labelled[LEADSEQ_TRAIN]);
    finding_number(f, "training_positives", o->positive[LEADSEQ_TRAIN]);
    finding_number(f, "positive_weight", w);
    finding_number(f, "weighted_share_of_rarer_class", rare);
    finding_number(f, "sensitivity_at_half", s->n ? s->sensitivity : NAN);
    finding_number(f, "specificity_at_half", s->n ? s->specificity : NAN);
    finding_say(f,
                "%.0f of %s in training are positive. With positive_weight %.3g, the rarer class "
                "makes up %.1f %% of the cost.",
                o->positive[LEADSEQ_TRAIN],
                leadseq_count((size_t)o->labelled[LEADSEQ_TRAIN], "record"), w, 100 * rare);
    if (ignored && learned)
        finding_say(f, "At a threshold of one half, no record of that class is found: decisions "
                       "need the threshold chosen on validation, which is lower or higher.");
    else if (ignored)
        finding_say(f, "At a threshold of one half, no record of that class is found: always "
                       "answering the other class costs next to nothing.");
    finding_say_learned(f, v);
    advise_weights(v, f, p);
    return true;
}

const struct verdict_rule rule_class_imbalance = {
    .id = "class-imbalance",
    .title = "One class is rare and not weighted",
    .holds = find_class_imbalance,
    .draw = draw_classes,
    .caption = "Probabilities of unseen records, by class.",
    .each = true,
};

static void say_input(struct finding *f, const struct verdict *v, bool norm)
{
    const struct verdict_rest *r = &v->rest;
    if (v->e->data.input == LEADSEQ_DATA_SIGNALS) {
        finding_say(f,
                    "The samples that the model is fed have mean %.3g and standard deviation %.3g, "
                    "far from 0 and 1, for which its weights are drawn.",
                    r->pixel_mean, r->pixel_sd);
        return;
    }
    finding_say(
        f,
        "The pixels that the model is fed have mean %.3g and standard deviation %.3g: the "
        "background is a large number everywhere, and the trace a small deviation from it. "
        "Activations then mostly say \"background\", and the weights of a sum move together.",
        r->pixel_mean, r->pixel_sd);
    if (norm)
        finding_say(f, "Batch norm after the first convolution removes the mean, except along the "
                       "border, where padding is 0 and the background is not.");
}

static bool find_not_standardised(struct verdict *v, const struct findings *before,
                                  struct finding *f)
{
    const struct verdict_rest *r = &v->rest;
    double ratio = fabs(r->pixel_mean) / r->pixel_sd, size = hypot(r->pixel_mean, r->pixel_sd);
    (void)before;
    if (!(ratio > 1.5) && !(size > 8) && !(size < .02)) return false;
    bool norm = leadseq_model_spec_has_norm(&v->e->model);
    bool cause = findings_find(before, "saturated-output") || findings_find(before, "non-finite") ||
                 findings_find(before, "learning-rate-too-small");
    f->severity = norm || cause || verdict_learned(v) == 1 ? VERDICT_MINOR : VERDICT_MAJOR;
    f->confidence = norm ? .5 : .9;
    f->first_step = 1;
    finding_number(f, "pixel_mean", r->pixel_mean);
    finding_number(f, "pixel_sd", r->pixel_sd);
    finding_number(f, "mean_over_sd", ratio);
    finding_number(f, "feature_variation", v->now->head.feature_variation);
    say_input(f, v, norm);
    finding_say_learned(f, v);
    finding_advise(f, v, "data.standardise=true",
                   "Standardise the input (data.standardise: true).");
    finding_advise(f, v, "data.invert=true", "Or feed ink as 1 on paper as 0 (data.invert: true).");
    return true;
}

const struct verdict_rule rule_not_standardised = {
    .id = "input-not-standardised",
    .title = "The input is far from zero mean",
    .holds = find_not_standardised,
    .draw = draw_logits,
    .caption = "Logits of the batches: smallest, mean and largest.",
};
