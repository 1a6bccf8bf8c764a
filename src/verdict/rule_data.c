/* SPDX-License-Identifier: MIT
 *
 * Rules of the data: patients on both sides, rare classes, the scale of the input. */
#include "verdict_private.h"

#include <math.h>
#include <string.h>

/* --- Leakage: three ways to see it -------------------------------------------------------------
 */

static const double MANY = .02; /* share of unseen records beyond which their scores mean little */

static void raise_severity(struct finding *f, enum verdict_severity to)
{
    if (f->severity < to) f->severity = to;
}

static bool find_patients(struct verdict *v, struct finding *f)
{
    const struct verdict_counts *c = &v->counts;
    if (isnan(c->both_sides)) verdict_note(v, "whether patients are on both sides is not recorded");
    if (!(c->both_sides > 0)) return false;
    double unseen = c->n[LEADSEQ_VALID] + c->n[LEADSEQ_TEST];
    raise_severity(f, c->records_of_those / unseen > MANY ? VERDICT_MAJOR : VERDICT_MINOR);
    finding_number(f, "patients_on_both_sides", c->both_sides);
    finding_number(f, "records_of_those", c->records_of_those);
    finding_number(f, "share_of_unseen_records", c->records_of_those / unseen);
    finding_say(
        f,
        "%.0f patients have records both in training and in validation or test: %.0f of the "
        "%.0f records there (%.1f %%) show a heart the network has been trained on. Scores on "
        "them are too good, and tell nothing about new patients.",
        c->both_sides, c->records_of_those, unseen, 100 * c->records_of_those / unseen);
    finding_advise(f, "data.split: folds (the official folds keep patients apart) or patient.");
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
                "Of %.0f validation and test records %.0f have the very images of a record in "
                "training, pixel for pixel, and %.0f more nearly the same (closer than a "
                "twentieth of what two records are usually apart); the closest: record %d and "
                "training's %d.",
                t->unseen, t->identical, t->near, t->ecg_id, t->twin);
    finding_advise(f, "Look for records that are in the stack twice under other names; keep one of "
                      "each, or give copies the same patient_id and use data.split: patient.");
    return true;
}

static bool find_too_good(struct verdict *v, struct finding *f)
{
    const double one_in_a_thousand = 3.290527, margin = .02;
    const struct verdict_fitted *w = &v->fitted;
    double gap = v->scored.auc.value - w->auc.value;
    if (!(w->z > one_in_a_thousand) || !(gap > margin)) return false;
    char unseen[48], fitted[48];
    finding_estimate(&v->scored.auc, unseen);
    finding_estimate(&w->auc, fitted);
    raise_severity(f, VERDICT_MAJOR);
    finding_number(f, "auc_on_training_records", w->auc.value);
    finding_number(f, "auc_on_training_low", w->auc.low);
    finding_number(f, "auc_on_training_high", w->auc.high);
    finding_number(f, "training_records_ranked", w->n);
    finding_number(f, "standard_errors_apart", w->z);
    finding_say(
        f,
        "Unseen records (%s) are ranked far better (AUC %.3f [%.3f, %.3f]) than %.0f of the "
        "records the same weights were fitted to (%.3f [%.3f, %.3f]), %.1f standard errors "
        "apart. Parts drawn from the same records cannot differ so: the unseen ones are "
        "easier, labelled by another rule, or tell their label by something else.",
        v->scored.parts, v->scored.auc.value, v->scored.auc.low, v->scored.auc.high, w->n,
        w->auc.value, w->auc.low, w->auc.high, w->z);
    finding_advise(f, "Compare how the parts' records and labels were made, and how their images "
                      "were drawn.");
    return true;
}

bool rule_leakage(struct verdict *v, const struct findings *before, struct finding *f)
{
    (void)before;
    f->severity = VERDICT_NONE;
    f->confidence = 1;
    f->first_step = 1;
    bool patients = find_patients(v, f), twins = find_twins(v, f), good = find_too_good(v, f);
    if (!patients && !twins && !good) return false;
    if (!patients && (good || !(v->twins.identical > 0))) f->confidence = .9;
    finding_number(f, "auc", v->scored.n ? v->scored.auc.value : NAN);
    return true;
}

bool rule_class_imbalance(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_counts *c = &v->counts;
    const struct verdict_scored *s = &v->scored;
    (void)before;
    double p = c->positive[LEADSEQ_TRAIN] / c->n[LEADSEQ_TRAIN], w = v->e->train.positive_weight[0];
    double share = w * p / (w * p + 1 - p), rare = fmin(share, 1 - share);
    if (isnan(p)) verdict_note(v, "how many training records are positive is not recorded");
    if (!(rare < .12)) return false;
    double found = share < .5 ? s->sensitivity : s->specificity;
    bool ignored = s->n && !(found > 0);
    f->severity = verdict_learned(v) == 1 && !ignored ? VERDICT_MINOR : VERDICT_MAJOR;
    f->first_step = 1;
    finding_number(f, "training_records", c->n[LEADSEQ_TRAIN]);
    finding_number(f, "training_positives", c->positive[LEADSEQ_TRAIN]);
    finding_number(f, "positive_weight", w);
    finding_number(f, "weighted_share_of_rarer_class", rare);
    finding_number(f, "sensitivity_at_half", s->n ? s->sensitivity : NAN);
    finding_number(f, "specificity_at_half", s->n ? s->specificity : NAN);
    finding_say(
        f,
        "%.0f of %.0f training records are positive; with positive_weight %.3g the rarer class "
        "has %.1f %% of the cost.",
        c->positive[LEADSEQ_TRAIN], c->n[LEADSEQ_TRAIN], w, 100 * rare);
    if (ignored)
        finding_say(f, "At a threshold of one half not one record of it is found: always answering "
                       "the other class costs next to nothing.");
    finding_advise(f,
                   "train.loss: bce-logits with train.positive_weight: %.2g (negatives per "
                   "positive), or data.select: balanced.",
                   (1 - p) / p);
    return true;
}

bool rule_not_standardised(struct verdict *v, const struct findings *before, struct finding *f)
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
    finding_number(f, "feature_variation", v->head.feature_variation);
    finding_say(
        f,
        "The pixels fed have mean %.3g and standard deviation %.3g: white paper is a large "
        "number everywhere, the trace a small deviation from it. Every activation mostly says "
        "\"paper\", weights of a sum move together, and records differ little behind it.",
        r->pixel_mean, r->pixel_sd);
    if (norm)
        finding_say(f, "Batch norm behind the first convolution takes the mean away again, but for "
                       "the border, where padding is 0 and paper is not.");
    finding_advise(f, "data.standardise: true, or data.invert: true (ink 1 on paper 0).");
    return true;
}
