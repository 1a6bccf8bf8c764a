/* SPDX-License-Identifier: MIT
 *
 * Rules of the output: saturation with a dead gradient, displacement by the
 * head, a classifier that answers one thing. */
#include "finding.h"

#include <string.h>

/* --- Saturated output ------------------------------------------------------------------------- */

/* Every record saturated and no gradient at all. */
static bool is_dead(const struct verdict_steps *s, size_t i)
{
    return s->saturated && s->saturated[i] >= s->size[i] && s->grad[i] == 0;
}

struct dead {
    size_t first, n, dead, lattice, costs[3]; /* costs of 0, 50 and 100 */
    double cost;
};

/* From the first dead step to the end. */
static struct dead count_dead(const struct verdict_steps *s)
{
    struct dead d = {.first = s->n};
    for (size_t i = 0; i < s->n; i++) {
        bool dead = is_dead(s, i);
        if (dead && d.first == s->n) d.first = i;
        if (d.first == s->n) continue;
        double k = s->cost[i] * s->size[i] / 100;
        d.n++;
        d.dead += dead;
        d.cost += s->cost[i];
        d.lattice += fabs(k - round(k)) < 1e-6;
        for (int c = 0; c < 3; c++) d.costs[c] += s->cost[i] == 50. * c;
    }
    if (d.n) d.cost /= (double)d.n;
    return d;
}

static void say_lottery(const struct verdict *v, const struct dead *d, struct finding *f)
{
    double p = verdict_positives(v);
    double n = (double)d->n;
    finding_number(f, "cost_mean_after", d->cost);
    finding_number(f, "share_on_lattice", (double)d->lattice / n);
    finding_number(f, "cost_constant_positive", 100 * (1 - p));
    finding_number(f, "cost_constant_negative", 100 * p);
    if (v->e->train.batch != 2) return;
    finding_number(f, "share_cost_0", (double)d->costs[0] / n);
    finding_number(f, "share_cost_50", (double)d->costs[1] / n);
    finding_number(f, "share_cost_100", (double)d->costs[2] / n);
    if (!(p > 0 && p < 1) || !v->steps.z_mean) return;
    bool positive = v->steps.z_mean[d->first] > 0; // what it always answers
    double right = positive ? p : 1 - p;
    finding_number(f, "lottery_0", right * right);
    finding_number(f, "lottery_50", 2 * right * (1 - right));
    finding_number(f, "lottery_100", (1 - right) * (1 - right));
    finding_say(
        f,
        "The cost is the label lottery of a batch of two: 0, 50 and 100 came up in %.0f, %.0f "
        "and %.0f %% of these steps; always answering \"%s\" gives %.0f, %.0f and %.0f %%.",
        100. * (double)d->costs[0] / n, 100. * (double)d->costs[1] / n,
        100. * (double)d->costs[2] / n, positive ? "yes" : "no", 100 * right * right,
        200 * right * (1 - right), 100 * (1 - right) * (1 - right));
}

static const struct leadseq_optimizer_type *optimizer_of(const struct verdict *v)
{
    return leadseq_optimizer_at((size_t)v->e->train.optimizer);
}

/* experiments/heartnet-rnn-stem: of 22 single changes it alone taught the network anything. */
static void advise_stem(const struct verdict *v, struct finding *f)
{
    if (leadseq_experiment_says(v->e, "model.head", "flatten") &&
        leadseq_experiment_says(v->e, "model.stem", "none"))
        finding_advise(f, v, "model.stem=conv",
                       "Add a stem (model.stem: conv): it leaves this head few features and lets "
                       "each step see the whole lead. The other changes revive the gradient, which "
                       "is not yet learning.");
}

static void advise_saturated(const struct verdict *v, struct finding *f)
{
    if (leadseq_loss_at(v->e->train.loss)->dies)
        finding_advise(
            f, v, "train.loss=bce-logits",
            "Train on logits (train.loss: bce-logits): the gradient p - t does not vanish "
            "where the sigmoid is flat.");
    finding_advise(f, v, NULL,
                   "Lower train.lr (now %.3g), so that the logits stay where the sigmoid has a "
                   "slope.",
                   v->e->train.lr);
    finding_advise(f, v, "model.head!=flatten",
                   "Use a head that pools (model.head: mean-max) instead of one that sums every "
                   "pixel.");
    const struct leadseq_optimizer_type *optimizer = optimizer_of(v);
    if (optimizer->scales_gradient)
        finding_advise(f, v, NULL,
                       "Clipping does not help: %s divides the gradient by its own size.",
                       optimizer->title);
    advise_stem(v, f);
    finding_advise(f, v, NULL, "'leadseq diagnose RUN --remedies' tries these changes.");
}

/* One of several outputs is dead: seen by the probes alone, since steps.tsv is of all of them. */
static bool output_is_dead(struct verdict *v, struct finding *f)
{
    const struct verdict_dead *d = &v->now->dead;
    if (d->after < 3 || (double)d->dead < .9 * (double)d->after) return false;
    f->severity = VERDICT_CRITICAL;
    f->first_step = d->first_step;
    f->confidence = d->dead == d->after ? 1 : .95;
    finding_number(f, "steps_judged", (double)d->after);
    finding_number(f, "share_dead", (double)d->dead / (double)d->after);
    finding_number(f, "logit_mean", d->logit_mean);
    finding_number(f, "logit_mean_last", d->logit_mean_last);
    finding_say(
        f,
        "From step %.0f on, the probability of %s is exactly 0 or 1 for every record, and the "
        "gradient at its logit is exactly zero in %zu of %s: this output learns "
        "nothing any more.",
        f->first_step, v->now->name, d->dead, leadseq_count(d->after, "step"));
    finding_say(f, "Its mean logit was %.4g then and is %.4g at the end.", d->logit_mean,
                d->logit_mean_last);
    advise_saturated(v, f);
    return true;
}

static bool find_saturated_output(struct verdict *v, const struct findings *before,
                                  struct finding *f)
{
    const struct verdict_steps *s = &v->steps;
    (void)before;
    if (*v->now->name) return output_is_dead(v, f);
    struct dead d = count_dead(s);
    if (d.n < 3 || (double)d.dead < .9 * (double)d.n || d.cost < 1) return false;
    f->severity = VERDICT_CRITICAL;
    f->first_step = s->step[d.first];
    f->confidence = d.dead == d.n ? 1 : .95;
    finding_number(f, "steps_judged", (double)d.n);
    finding_number(f, "share_dead", (double)d.dead / (double)d.n);
    finding_number(f, "logit_mean", s->z_mean ? s->z_mean[d.first] : NAN);
    finding_number(f, "logit_mean_last", s->z_mean ? s->z_mean[s->n - 1] : NAN);
    finding_number(f, "gradient_before", d.first ? s->grad[d.first - 1] : NAN);
    finding_number(f, "gradient_after", s->grad[d.first]);
    finding_say(f,
                "From step %.0f on, the float32 sigmoid of every record is exactly 0 or 1, and the "
                "gradient of the whole network is exactly zero in %zu of %s: the slope "
                "p(1 - p) of a saturated sigmoid is 0, and the clamped cross-entropy multiplies by "
                "it. Nothing is learned any more; a record costs exactly 0 or 100.",
                f->first_step, d.dead, leadseq_count(d.n, "step"));
    if (s->z_mean)
        finding_say(f, "The mean logit was %.4g at that step and is %.4g at the end.",
                    s->z_mean[d.first], s->z_mean[s->n - 1]);
    say_lottery(v, &d, f);
    finding_say(f, "The gradient does not vanish on its way through the leads: it is zero at the "
                   "output already, before any lead.");
    advise_saturated(v, f);
    return true;
}

const struct verdict_rule rule_saturated_output = {
    .id = "saturated-output",
    .title = "The output is saturated and its gradient is dead",
    .holds = find_saturated_output,
    .draw = draw_cost,
    .caption = "Cost of each batch: from the first saturated step on, it can only take the values "
               "100 k/B.",
    .each = true,
};

/* --- Displacement by the head ----------------------------------------------------------------- */

/* Logits that one step moves by less than this still answer for their record; measured: 3.6 is
 * harmless, 14 makes costs wander, beyond 16.6 the float32 sigmoid is exactly 1. */
static const double FAR = 5;

/* Without probes: the jump of the mean logit between the first two batches. */
static bool guess(const struct verdict *v, struct finding *f)
{
    const struct verdict_steps *s = &v->steps;
    if (s->n < 2 || !s->z_mean || s->step[0] != 1) return false;
    double jump = s->z_mean[1] - s->z_mean[0];
    if (!(fabs(jump) > FAR)) return false;
    f->first_step = 1;
    f->confidence = .6;
    finding_number(f, "logit_jump", jump);
    finding_say(f,
                "Between the first two batches the mean logit moved by %.4g, by a single step. How "
                "much of this the head contributed was not measured.",
                jump);
    return true;
}

static void say_split(const struct verdict_head *h, struct finding *f)
{
    finding_number(f, "predicted", h->predicted);
    finding_number(f, "measured", h->measured);
    finding_number(f, "bound", h->bound);
    finding_number(f, "sign_prediction", h->sign);
    finding_number(f, "dw_h", h->dw_h);
    finding_number(f, "w_dh", h->w_dh);
    finding_number(f, "dw_dh", h->dw_dh);
    finding_number(f, "db", h->db);
    finding_number(f, "split_error", h->split_error);
    finding_number(f, "relative_error", fabs(h->predicted - h->measured) / fabs(h->measured));
    finding_number(f, "lr", h->lr);
    finding_number(f, "lr_that_moves_by_one", h->lr_one);
    if (isnan(h->measured)) return;
    finding_say(
        f,
        "Measured after the step: %.5g, of which Δw·h is %.5g, w·Δh %.5g, Δw·Δh %.5g and the "
        "bias %.3g.",
        h->measured, h->dw_h, h->w_dh, h->dw_dh, h->db);
}

static void say_displacement(const struct verdict *v, struct finding *f)
{
    const struct verdict_head *h = &v->now->head;
    f->first_step = h->step;
    for (size_t i = h->rows; i-- > 0;)
        if (h->moved[i] > FAR) f->first_step = h->at[i];
    finding_number(f, "step", h->step);
    finding_number(f, "step_1_predicted", h->first_predicted);
    finding_number(f, "step_1_measured", h->first_measured);
    finding_number(f, "step_1_bound", h->first_bound);
    if (optimizer_of(v)->scales_gradient && h->step == 1)
        finding_say(f,
                    "Adam's first step moves every weight of the head by lr·sign(g), so that the "
                    "logit moves by -lr·Σ_j sign(g_j)·h_nj: predicted before the step %.5g for one "
                    "record, bound lr·Σ|h| = %.5g.",
                    h->sign, h->bound);
    else
        finding_say(
            f,
            "Step %.0f was predicted to move the logit of one record by Σ_j Δw_j·h_j = %.5g; "
            "lr·Σ|h| = %.5g.",
            h->step, h->predicted, h->bound);
    say_split(h, f);
    finding_say(
        f,
        "The learning rate %.3g is too large for the number of activations that the head sums: a "
        "rate of %.2g would move the logit by 1.",
        h->lr, h->lr_one);
}

static bool find_head_displacement(struct verdict *v, const struct findings *before,
                                   struct finding *f)
{
    const struct verdict_head *h = &v->now->head;
    double most = isfinite(h->measured) ? fabs(h->measured) : fabs(h->predicted);
    if (h->rows ? !(most > FAR) : *v->now->name || !guess(v, f)) return false;
    if (h->rows) {
        say_displacement(v, f);
        f->confidence = isfinite(h->measured) ? .98 : .85;
    }
    bool saturated = findings_find(before, "saturated-output") != NULL;
    f->severity = saturated                 ? VERDICT_CRITICAL
                  : verdict_learned(v) == 1 ? VERDICT_MINOR
                                            : VERDICT_MAJOR;
    if (saturated) finding_say(f, "This is what saturated the output.");
    finding_say_learned(f, v);
    if (isfinite(h->lr_one))
        finding_advise(f, v, NULL, "Lower train.lr (now %.3g) to at most %.1e for this head.",
                       v->e->train.lr, h->lr_one);
    else
        finding_advise(f, v, NULL, "Lower train.lr (now %.3g).", v->e->train.lr);
    finding_advise(f, v, "model.head!=flatten",
                   "Or use a head that averages instead of summing (model.head: mean-max).");
    if (!leadseq_experiment_says(v->e, "model.head", "flatten"))
        finding_advise(f, v, "model.head_norm=true",
                       "Or make the features before the head smaller (model.head_norm: true).");
    finding_advise(f, v, "train.warmup>=1", "Or let the rate rise slowly (train.warmup: 100).");
    if (leadseq_loss_at(v->e->train.loss)->dies)
        finding_advise(
            f, v, "train.loss=bce-logits",
            "Train on logits (train.loss: bce-logits), so that a logit that is far off can "
            "come back.");
    advise_stem(v, f);
    if (optimizer_of(v)->scales_gradient)
        finding_advise(f, v, NULL,
                       "Clipping does not help: the update does not depend on the size of the "
                       "gradient.");
    return true;
}

const struct verdict_rule rule_head_displacement = {
    .id = "head-displacement",
    .title = "One step moves the logits too far",
    .holds = find_head_displacement,
    .draw = draw_displacement,
    .caption = "How far a step moved the logit that moved most, and lr·Σ|φ|, which it cannot "
               "exceed by more "
               "than the momentum.",
    .each = true,
};

/* --- Constant classifier ---------------------------------------------------------------------- */

static const char *const causes[] = {
    "saturated-output",        "head-displacement",      "non-finite",
    "learning-rate-too-small", "dead-channels",          "saturated-gates",
    "class-imbalance",         "input-not-standardised", "shuffled-labels"};

/* The records of a batch get the same logit in the last quarter of the steps; so the present
 * weights, whatever an earlier checkpoint could do. */
static bool ends_constant(const struct verdict *v)
{
    const struct verdict_steps *t = &v->steps;
    if (*v->now->name) return false; // steps.tsv is of all outputs
    if (t->n < 20 || !t->z_max || v->e->train.batch < 2) return false;
    double spread = 0;
    size_t n = 0;
    for (size_t i = t->n - t->n / 4; i < t->n; i++)
        if (isfinite(t->z_max[i])) spread += t->z_max[i] - t->z_min[i], n++;
    return n && spread / (double)n < .02;
}

static bool is_constant(const struct verdict *v)
{
    const struct verdict_scored *s = &v->now->scored;
    if (ends_constant(v)) return true;
    if (verdict_learned(v) == 1 || !s->n) return false;
    return s->distinct == 1 || s->logit_sd < .05 || s->probability_sd < .005;
}

static bool find_constant(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_scored *s = &v->now->scored;
    bool once = verdict_learned(v) == 1; // at an earlier checkpoint
    if (!is_constant(v)) return false;
    for (size_t i = 0; i < LEADSEQ_COUNT(causes) && !f->follows; i++) {
        const struct finding *cause = findings_find(before, causes[i]);
        if (cause && cause->severity >= VERDICT_MAJOR) f->follows = causes[i];
    }
    f->severity = f->follows ? VERDICT_MINOR : VERDICT_MAJOR;
    f->first_step = v->steps.n ? v->steps.step[v->steps.n - 1] : NAN;
    f->confidence = s->n && s->distinct == 1 ? 1 : .9;
    finding_number(f, "logit_mean", s->n ? s->logit_mean : NAN);
    finding_number(f, "logit_sd", s->n ? s->logit_sd : NAN);
    finding_number(f, "probability_sd", s->n ? s->probability_sd : NAN);
    finding_number(f, "distinct_probabilities", s->n ? s->distinct : NAN);
    finding_number(f, "records", (double)s->n);
    finding_number(f, "auc", s->n ? s->auc.value : NAN);
    finding_number(f, "feature_variation", v->now->head.feature_variation);
    if (once)
        finding_say(
            f,
            "In the last quarter of the steps, the records of a batch get the same logit within "
            "0.02, although the best checkpoint still ranked unseen records (AUC %.3f): what "
            "the model knew was lost.",
            s->auc.value);
    else if (s->n)
        finding_say(
            f,
            "The logits of %s (%s) are within %.2g of each other (standard deviation) around "
            "%.4g: %s.",
            leadseq_count(s->n, "unseen record"), s->parts, s->logit_sd, s->logit_mean,
            s->distinct == 1 ? "every probability is the same number"
                             : "what makes records different does not reach the output");
    else
        finding_say(f, "In the last quarter of the steps, the logits of a batch's records hardly "
                       "differ.");
    if (f->follows) finding_say(f, "It follows from %s.", f->follows);
    finding_advise(f, v, NULL, "Let the differences between records reach the head.");
    if (!v->e->data.standardise)
        finding_advise(f, v, "data.invert=true",
                       "Feed ink as 1 on paper as 0 (data.invert: true).");
    finding_advise(f, v, "model.head_norm=true",
                   "Use batch norm before the head (model.head_norm: true).");
    if (leadseq_experiment_says(v->e, "model.stem", "none"))
        finding_advise(f, v, "model.stem=conv", "Add a stem (model.stem: conv).");
    finding_advise(f, v, "model.head=mean-max",
                   "Let the head take the maximum besides the mean (model.head: mean-max).");
    if (v->e->train.weight_decay > 0)
        finding_advise(f, v, NULL, "Lower train.weight_decay (now %.3g).",
                       v->e->train.weight_decay);
    return true;
}

const struct verdict_rule rule_constant = {
    .id = "constant-classifier",
    .title = "It answers the same for every record",
    .holds = find_constant,
    .draw = draw_scores,
    .caption = "Logits of unseen records, by class.",
    .each = true,
};
