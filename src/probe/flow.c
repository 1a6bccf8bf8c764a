/* SPDX-License-Identifier: MIT
 *
 * The flow group: how large the gradient still is at each lead as it goes back
 * through the recurrent layers, and the factor by which it changes from lead to lead. */
#include "sums.h"
#include "type.h"

#include <stdlib.h>
#include <string.h>

static const struct leadseq_quantity quantities[] = {
    {"flow/norm",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_SIGNAL, LEADSEQ_AXIS_LEAD},
     "1",
     "Frobenius norms over the batch of dL/dh_t, dL/dc_t and dL/d(gates' sums)_t"},
    {"flow/factor",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_SIGNAL},
     "1",
     "factor per lead towards the first: exp(-b), b the slope of the regression of log norm_t on "
     "t"},
    {"flow/factor_se",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_SIGNAL},
     "1",
     "its standard error, factor times that of b"},
    {"flow/mean_factor",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_SIGNAL},
     "1",
     "(norm_0 / norm_{T-1})^(1/(T-1)), the geometric mean"},
    {"flow/first_share",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_SIGNAL},
     "1",
     "norm_0 / norm_{T-1}: the share that reaches the first lead"},
    {"flow/first_part",
     {LEADSEQ_AXIS_LAYER, LEADSEQ_AXIS_SIGNAL},
     "1",
     "norm_0^2 / sum_t norm_t^2"},
};

struct flow {
    int layers, leads;
    const char *name[LEADSEQ_CELLS_MOST]; /* of each cell */
    double *norm;                         /* (layer, signal, lead) */
};

static size_t norms(const struct flow *o)
{
    return (size_t)o->layers * PROBE_SIGNALS * (size_t)o->leads;
}

static int begin(struct leadseq_probes *p, void *own)
{
    const struct leadseq_model_spec *spec = leadseq_model_spec(probe_session_of(p)->t.model);
    struct flow *o = own;
    o->layers = leadseq_model_cells(probe_session_of(p)->t.model);
    for (int i = 0; i < o->layers; i++)
        o->name[i] = leadseq_model_cell(probe_session_of(p)->t.model, i).name;
    o->leads = spec->leads;
    o->norm = leadseq_calloc(norms(o), sizeof *o->norm);
    return o->norm ? 0 : -1;
}

static void clear(void *own)
{
    free(((struct flow *)own)->norm);
}

static int before(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    struct flow *o = own;
    (void)p, (void)step;
    for (size_t i = 0; i < norms(o); i++) o->norm[i] = NAN;
    return 0;
}

/* Called in the backward pass, from the last lead to the first. What is not called for (a lead the
 * pass skips) stays NaN from before(), and the regression leaves it out. */
static void observe(void *own, const char *name, int lead, enum leadseq_observed what,
                    const struct leadseq_view *v)
{
    struct flow *o = own;
    int layer = 0, signal = (int)what - LEADSEQ_OBSERVED_DH;
    while (layer < o->layers && strcmp(name, o->name[layer])) layer++;
    if (layer == o->layers || lead < 0 || lead >= o->leads) return;
    if (signal < 0 || signal >= PROBE_SIGNALS) return; // of the forward pass
    size_t n = (size_t)v->n * (size_t)v->c * (size_t)v->h * (size_t)v->w;
    o->norm[((size_t)layer * PROBE_SIGNALS + (size_t)signal) * (size_t)o->leads + (size_t)lead] =
        probe_norm(v->data, n);
}

/* log y_t = a + b t by least squares; factor = exp(-b), since gradients go backwards;
 * its standard error by the delta method, factor · se(b). Example: norms 1, 2, 4, 8 at leads 0 to 3
 * have b = log 2 and a factor of 0.5: each lead towards the first halves the gradient, and over
 * twelve leads 0.05 % of it is left. */
void probe_flow_factor(const double *y, int n, double *factor, double *error)
{
    double count = 0, t_mean = 0, mean = 0, tt = 0, ty = 0, rest = 0;
    *factor = *error = NAN;
    for (int t = 0; t < n; t++)
        if (y[t] > 0 && isfinite(y[t])) count++, t_mean += t, mean += log(y[t]);
    if (count < 2) return;
    t_mean /= count, mean /= count;
    for (int t = 0; t < n; t++)
        if (y[t] > 0 && isfinite(y[t])) {
            tt += (t - t_mean) * (t - t_mean);
            ty += (t - t_mean) * (log(y[t]) - mean);
        }
    double slope = ty / tt;
    *factor = exp(-slope);
    if (count < 3) return;
    for (int t = 0; t < n; t++)
        if (y[t] > 0 && isfinite(y[t])) {
            double off = log(y[t]) - mean - slope * (t - t_mean);
            rest += off * off;
        }
    *error = *factor * sqrt(rest / (count - 2) / tt);
}

static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    const struct flow *o = own;
    int leads = o->leads, n = o->layers * PROBE_SIGNALS;
    if (probe_row(p, "flow", step->step)) return -1;
    memcpy(probe_values(p, "flow/norm"), o->norm, (size_t)(n * leads) * sizeof *o->norm);
    for (int k = 0; k < n; k++) {
        const double *norm = o->norm + (size_t)k * (size_t)leads;
        double share = norm[0] / norm[leads - 1], all = 0;
        for (int t = 0; t < leads; t++) all += norm[t] * norm[t];
        probe_flow_factor(norm, leads, probe_values(p, "flow/factor") + k,
                          probe_values(p, "flow/factor_se") + k);
        probe_values(p, "flow/first_share")[k] = share;
        probe_values(p, "flow/first_part")[k] = norm[0] * norm[0] / all;
        probe_values(p, "flow/mean_factor")[k] = leads > 1 ? pow(share, 1.0 / (leads - 1)) : NAN;
    }
    probe_cell(step, LEADSEQ_CELL_FLOW_FACTOR, *probe_values(p, "flow/factor"));
    probe_cell(step, LEADSEQ_CELL_FLOW_FIRST, *probe_values(p, "flow/first_share"));
    return 0;
}

const struct leadseq_probe_type probe_flow = {
    .name = "flow",
    .group = LEADSEQ_GROUP_FLOW,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&probe_observing},
    .n_works = 1,
    .own_bytes = sizeof(struct flow),
    .absent = probe_lacks_recurrence,
    .begin = begin,
    .clear = clear,
    .before = before,
    .observe = observe,
    .gradient = gradient,
};
