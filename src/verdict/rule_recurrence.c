/* SPDX-License-Identifier: MIT
 *
 * Rules of the recurrence: the gradient's way through the leads, gates, channels. */
#include "verdict_private.h"

#include <math.h>

/* Less than a fiftieth, or more than fifty times, arrives at the first lead. Below a ten-thousandth
 * the first leads teach nothing: Adam's own rounding of them is as large. */
static const double LITTLE = .02, NOTHING = 1e-4, MUCH = 50;

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
    finding_number(f, "singular_value", v->rest.singular);
    finding_number(f, "spectral_radius", v->rest.radius);
    finding_number(f, "memory_leads", v->gates.memory);
    finding_say(
        f,
        "‖∂L/∂h‖ changes by a factor of %.3f ± %.3f a lead towards the first (regression of "
        "its logarithm; geometric mean %.3f): %.3g at the last lead read, %.3g at the first, a "
        "share of %.2g.",
        w->factor, w->factor_se, w->mean_factor, w->leads ? w->norm[w->leads - 1] : NAN, w->norm[0],
        w->share);
}

bool rule_vanishing(struct verdict *v, const struct findings *before, struct finding *f)
{
    const struct verdict_flow *w = &v->flow;
    if (!w->rows || w->leads < 3 || !(w->share < LITTLE)) return false;
    if (w->share >= NOTHING && verdict_learned(v) == 1) return false; // it lives with that
    const struct finding *output = findings_find(before, "saturated-output");
    f->severity = w->share < NOTHING && !output ? VERDICT_MAJOR : VERDICT_MINOR;
    f->confidence = w->factor_se < .1 ? .95 : .7;
    say_flow(v, f);
    if (output)
        finding_say(f, "This is a second weakness, independent of the first: it is there from the "
                       "beginning, while the training died at the output.");
    finding_advise(f,
                   "model.forget_bias: 1 or 2 keeps more of c; model.pool_time: true gives every "
                   "lead a way of its own to the head; model.recurrent_init: orthogonal.");
    if (leadseq_experiment_says(v->e, "model.head", "flatten"))
        finding_advise(f, "A larger c also moves the logit of a head that sums further: open the "
                          "forget gates only where it does not saturate.");
    return true;
}

bool rule_exploding(struct verdict *v, const struct findings *before, struct finding *f)
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
    f->first_step = w->peak_step;
    finding_advise(f, "train.clip_norm: 1 bounds the step; a lower train.lr keeps the recurrent "
                      "weights small; model.recurrent_init: orthogonal; data.standardise.");
    return true;
}

static const char *const gate_name[] = {"input gates", "forget gates", "output gates",
                                        "candidates g", "tanh(c)"};

bool rule_saturated_gates(struct verdict *v, const struct findings *before, struct finding *f)
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
        "%.0f %% of the %s lie in the flat tenth of their range at step %.0f (i %.0f %%, f %.0f "
        "%%, o %.0f %%, g %.0f %%, tanh(c) %.0f %%): their slope is below a third of the "
        "largest, and what passes through several of them is lost.",
        100 * g->worst, gate_name[g->worst_gate], g->step, 100 * g->saturated[0],
        100 * g->saturated[1], 100 * g->saturated[2], 100 * g->saturated[3], 100 * g->saturated[4]);
    double forget_bias;
    if (leadseq_experiment_number(v->e, "model.forget_bias", &forget_bias) && fabs(forget_bias) > 3)
        finding_say(f, "model.forget_bias is %g.", forget_bias);
    finding_advise(f, "A lower train.lr, data.standardise or data.invert so that gates see small "
                      "numbers, model.forget_bias between 0 and 2, weight decay on large weights.");
    return true;
}

bool rule_dead_channels(struct verdict *v, const struct findings *before, struct finding *f)
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
        "Of %.0f hidden channels %.0f say the same at every pixel of every record, and %.0f "
        "more repeat another channel (correlation above .999), at step %.0f: the network is "
        "that much smaller than it looks.",
        g->channels, g->dead, g->duplicate, g->step);
    finding_advise(f, "A lower train.lr (a gate driven to 0 does not come back), less "
                      "train.weight_decay, another seed, or fewer model.hidden channels.");
    return true;
}
