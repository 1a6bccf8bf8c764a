/* SPDX-License-Identifier: MIT
 *
 * Rules of the recurrence: the gradient's way through the leads, gates, channels. */
#include "finding.h"

/* Less than a fiftieth, or more than fifty times, arrives at the first lead. Below a ten-thousandth
 * the first leads teach nothing: Adam's own rounding of them is as large. */
static const double LITTLE = .02, NOTHING = 1e-4, MUCH = 50;

/* Iterations that may have ended before three digits were known; of a symmetric matrix, the error
 * of sigma^2 is at most its residual. */
static void say_jacobian(const struct verdict *v, struct finding *f)
{
    const struct verdict_rest *r = &v->rest;
    const double digits = 5e-4, known = finding_rounded(r->radius, r->radius_error);
    finding_number(f, "singular_value", finding_rounded(r->singular, r->singular_residual / 2));
    finding_number(f, "singular_value_residual", r->singular_residual);
    finding_number(f, "spectral_radius", known);
    finding_number(f, "spectral_radius_residual", r->radius_residual);
    finding_number(f, "spectral_radius_error", r->radius_error);
    finding_say(f,
                "The spectral radius of a step's Jacobian is %.3g (median), with residuals up to "
                "%.1e.",
                known, r->radius_residual);
    if (r->radius_error > digits)
        finding_say(f,
                    "The iteration for the spectral radius reached its limit of products with a "
                    "residual up to %.1e and a relative error of about %.1e, %s.",
                    r->radius_residual, r->radius_error,
                    isnan(known) ? "so that none of its digits is known"
                                 : "so that no more digits are known");
}

static void say_flow(const struct verdict *v, struct finding *f)
{
    const struct verdict_flow *w = &v->flow;
    f->first_step = w->step;
    finding_number(f, "factor_per_lead", w->factor);
    finding_number(f, "factor_per_lead_se", w->factor_se);
    finding_number(f, "factor_geometric_mean", w->mean_factor);
    finding_number(f, "share_at_first_lead", w->share);
    finding_number(f, "norm_at_first_lead", w->norm[0]);
    finding_number(f, "norm_at_last_lead", w->leads ? w->norm[w->leads - 1] : NAN);
    finding_number(f, "leads", w->leads);
    finding_number(f, "factor_per_lead_c", w->factor_c);
    finding_number(f, "layer", w->layer);
    say_jacobian(v, f);
    finding_number(f, "memory_leads", v->gates.memory);
    finding_say(
        f,
        "From lead to lead towards the first, ‖∂L/∂h‖ changes by a factor of %.3f (regression of "
        "its "
        "logarithm): it is %.3g at the last lead read and %.3g at the first, a share of %.2g.",
        w->factor, w->leads ? w->norm[w->leads - 1] : NAN, w->norm[0], w->share);
    finding_say(f,
                "The standard error of the factor is %.3f; the geometric mean of the factors is "
                "%.3f.",
                w->factor_se, w->mean_factor);
}

static bool find_vanishing(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_flow *w = &v->flow;
    if (!w->rows || w->leads < 3 || !(w->share < LITTLE)) return false;
    if (w->share >= NOTHING && verdict_learned(v) == 1) return false; // it lives with that
    const struct finding *output = findings_find(before, "saturated-output");
    bool matters = w->share < NOTHING && !output && verdict_learned(v) != 1;
    f->severity = matters ? VERDICT_MAJOR : VERDICT_MINOR;
    f->confidence = w->factor_se < .1 ? .95 : .7;
    say_flow(v, f);
    finding_say_learned(f, v);
    if (output)
        finding_say(f, "This is a second weakness, independent of the first: it exists from the "
                       "beginning, while the training died at the output.");
    finding_advise(f, v, "model.forget_bias>=1",
                   "Open the forget gates, so that more of c is kept (model.forget_bias: 1 or 2).");
    finding_advise(f, v, "model.pool_time=true",
                   "Give every lead its own path to the head (model.pool_time: true).");
    finding_advise(f, v, "model.recurrent_init=orthogonal",
                   "Start from orthogonal recurrent weights (model.recurrent_init: orthogonal).");
    if (leadseq_experiment_says(v->e, "model.head", "flatten"))
        finding_advise(f, v, "model.forget_bias>=1",
                       "A larger c also moves the logit of a head that sums further: open the "
                       "forget gates only where this does not saturate the output.");
    return true;
}

const struct verdict_rule rule_vanishing = {
    .id = "vanishing-through-leads",
    .title = "The gradient vanishes towards the first lead",
    .holds = find_vanishing,
    .draw = draw_flow,
    .caption = "log10 of ‖∂L/∂h‖ by lead, in the order the model reads them.",
};

static bool find_exploding(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_flow *w = &v->flow;
    (void)before;
    if (!w->rows || w->leads < 3 || !(w->peak > MUCH)) return false;
    finding_number(f, "largest_share", w->peak);
    finding_number(f, "step_of_largest_share", w->peak_step);
    finding_say(f, "At step %.0f the gradient at the first lead was %.3g times that at the last.",
                w->peak_step, w->peak);
    f->confidence = w->factor_se < .2 ? .95 : .7;
    say_flow(v, f);
    f->severity = verdict_learned(v) == 1 ? VERDICT_MINOR : VERDICT_MAJOR;
    finding_say_learned(f, v);
    f->first_step = w->peak_step;
    finding_advise(f, v, "train.clip_norm<=1", "Bound the step by clipping (train.clip_norm: 1).");
    finding_advise(f, v, NULL,
                   "Lower train.lr (now %.3g), which keeps the recurrent weights small.",
                   v->e->train.lr);
    finding_advise(f, v, "model.recurrent_init=orthogonal",
                   "Start from orthogonal recurrent weights (model.recurrent_init: orthogonal).");
    finding_advise(f, v, "data.standardise=true",
                   "Standardise the input (data.standardise: true).");
    return true;
}

const struct verdict_rule rule_exploding = {
    .id = "exploding-through-leads",
    .title = "The gradient explodes towards the first lead",
    .holds = find_exploding,
    .draw = draw_flow,
    .caption = "log10 of ‖∂L/∂h‖ by lead, in the order the model reads them.",
};

static const char *const gate_name[] = {"input gates", "forget gates", "output gates",
                                        "candidates g", "tanh(c)"};

static bool find_saturated_gates(struct verdict *v, const struct findings *before,
                                 struct finding *f)
{
    static const char *const name[] = {"saturated_i", "saturated_f", "saturated_o", "saturated_g",
                                       "saturated_tanh_c"};
    const struct verdict_gates *g = &v->gates;
    (void)before;
    if (!(g->worst > .6)) return false;
    // that it fits its own records shows that enough passes: what fails then is another thing
    f->severity = verdict_learned(v) == 1 || verdict_fits(v) ? VERDICT_MINOR : VERDICT_MAJOR;
    f->first_step = g->step;
    for (int k = 0; k < 5; k++) finding_number(f, name[k], g->saturated[k]);
    finding_number(f, "memory_leads", g->memory);
    finding_say(
        f,
        "At step %.0f, %.0f %% of the %s are in the outer tenth of their range, where their "
        "slope is below a third of the largest: what passes through several of them is lost.",
        g->step, 100 * g->worst, gate_name[g->worst_gate]);
    finding_say(f, "By kind: i %.0f %%, f %.0f %%, o %.0f %%, g %.0f %%, tanh(c) %.0f %%.",
                100 * g->saturated[0], 100 * g->saturated[1], 100 * g->saturated[2],
                100 * g->saturated[3], 100 * g->saturated[4]);
    finding_say_learned(f, v);
    double forget_bias = 0;
    bool has_bias = leadseq_experiment_number(v->e, "model.forget_bias", &forget_bias);
    if (has_bias && fabs(forget_bias) > 3) finding_say(f, "model.forget_bias is %g.", forget_bias);
    finding_advise(f, v, NULL, "Lower train.lr (now %.3g).", v->e->train.lr);
    if (v->e->data.invert || v->e->data.standardise)
        finding_advise(f, v, "data.standardise=true",
                       "Let the gates see smaller numbers (data.standardise: true).");
    else
        finding_advise(f, v, "data.invert=true",
                       "Let the gates see smaller numbers (data.invert: true).");
    if (has_bias && (forget_bias < 0 || forget_bias > 2))
        finding_advise(f, v, NULL, "Set model.forget_bias between 0 and 2.");
    finding_advise(f, v, "train.weight_decay>=1e-9",
                   "Keep the weights small (train.weight_decay: 0.01).");
    return true;
}

const struct verdict_rule rule_saturated_gates = {
    .id = "saturated-gates",
    .title = "Gates of the recurrence are saturated",
    .holds = find_saturated_gates,
    .draw = draw_gates,
    .caption = "Share of i, f, o, g and tanh(c) that is saturated.",
};

static bool find_dead_channels(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_gates *g = &v->gates;
    bool stuck = findings_find(before, "saturated-gates") && g->worst > .9;
    double share = (g->dead + g->duplicate) / g->channels;
    if (!(share >= .25) || !(g->dead + g->duplicate >= 1)) return false;
    f->severity =
        stuck || verdict_learned(v) == 1 || verdict_fits(v) ? VERDICT_MINOR : VERDICT_MAJOR;
    f->follows = stuck ? "saturated-gates" : NULL; // a gate that does not move says one thing
    f->first_step = g->step;
    finding_number(f, "channels", g->channels);
    finding_number(f, "dead", g->dead);
    finding_number(f, "duplicate", g->duplicate);
    finding_number(f, "saturated_i", g->saturated[0]);
    finding_number(f, "saturated_o", g->saturated[2]);
    finding_say(
        f,
        "Of %.0f hidden channels, %.0f have the same value at every pixel of every record, "
        "and %.0f repeat another channel (correlation above .999), at step %.0f: the network "
        "is that much smaller than it looks.",
        g->channels, g->dead, g->duplicate, g->step);
    finding_say_learned(f, v);
    finding_advise(f, v, NULL,
                   "Lower train.lr (now %.3g): a gate that is driven to 0 does not recover.",
                   v->e->train.lr);
    if (v->e->train.weight_decay > 0)
        finding_advise(f, v, NULL, "Lower train.weight_decay (now %.3g).",
                       v->e->train.weight_decay);
    finding_advise(f, v, NULL, "Try another seed, or fewer model.hidden channels.");
    return true;
}

const struct verdict_rule rule_dead_channels = {
    .id = "dead-channels",
    .title = "Channels of the recurrence are dead",
    .holds = find_dead_channels,
    .draw = draw_gates,
    .caption = "Share of i, f, o, g and tanh(c) that is saturated.",
};
