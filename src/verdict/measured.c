/* SPDX-License-Identifier: MIT
 *
 * What probes measured, summed up as rules ask for it: of the step, layer or
 * record where it is worst. */
#include "evidence.h"

#include <stdlib.h>
#include <string.h>

/* Leaves one output's part of rows (K, …). */
static void keep_output(struct leadseq_measured *m, size_t outputs, size_t k)
{
    size_t each = m->items / outputs;
    for (size_t row = 0; row < m->rows; row++)
        memmove(m->value + row * each, m->value + row * m->items + k * each,
                each * sizeof *m->value);
    m->items = each;
    for (int i = 1; i < m->rank; i++) m->shape[i - 1] = m->shape[i];
    m->rank--;
}

static bool has_outputs(const char *name)
{
    const struct leadseq_quantity *q;
    for (size_t i = 0; (q = leadseq_quantity(i)); i++)
        if (!strcmp(q->name, name)) return q->axis[0] == LEADSEQ_AXIS_OUTPUT;
    return false;
}

bool verdict_get(struct leadseq_diagnostics *d, const char *name, size_t output,
                 struct leadseq_measured *m)
{
    char group[32];
    *m = (struct leadseq_measured){0};
    snprintf(group, sizeof group, "%.*s", (int)strcspn(name, "/"), name);
    if (!leadseq_diagnostics_rows(d, group)) return false;
    if (leadseq_diagnostics_read(d, name, m)) leadseq_error_clear();
    size_t outputs = 0;
    while (leadseq_diagnostics_label(d, "outputs", outputs)) outputs++;
    if (m->rows && outputs > 1 && has_outputs(name)) {
        if (output < outputs && m->rank > 0 && m->shape[0] == outputs)
            keep_output(m, outputs, output);
        else
            leadseq_measured_clear(m);
    }
    if (m->rows) return true;
    leadseq_measured_clear(m);
    return false;
}

/* --- Head ------------------------------------------------------------------------------------- */

/* The value of record `item` in row `row` of a quantity, NaN where there is none. */
static double one(struct leadseq_diagnostics *d, const char *name, size_t output, size_t row,
                  size_t item)
{
    struct leadseq_measured m;
    if (!verdict_get(d, name, output, &m)) return NAN;
    double value = row < m.rows && item < m.items ? m.value[row * m.items + item] : NAN;
    leadseq_measured_clear(&m);
    return value;
}

/* The record of a row whose logit moved most. */
static size_t furthest(const struct leadseq_measured *m, size_t row)
{
    size_t best = 0;
    if (row >= m->rows) return 0;
    const double *z = m->value + row * m->items;
    for (size_t i = 1; i < m->items; i++)
        if (fabs(z[i]) > fabs(z[best]) || isnan(z[best])) best = i;
    return best;
}

static void fill_furthest(struct verdict_head *h, struct leadseq_diagnostics *d, size_t k,
                          size_t row, size_t record)
{
    h->predicted = one(d, "head/predicted", k, row, record);
    h->measured = one(d, "head/measured", k, row, record);
    h->sign = one(d, "head/sign", k, row, record);
    h->bound = one(d, "head/bound", k, row, record);
    h->dw_h = one(d, "head/dw_h", k, row, record);
    h->w_dh = one(d, "head/w_dh", k, row, record);
    h->dw_dh = one(d, "head/dw_dh", k, row, record);
    h->db = one(d, "head/db", k, row, 0);
    h->split_error = one(d, "head/split_error", k, row, 0);
    h->lr = one(d, "head/lr", k, row, 0);
    h->lr_one = one(d, "head/lr_one", k, row, 0);
    h->feature_variation = one(d, "head/feature_variation", k, row, 0);
}

static int keep_rows(struct verdict_head *h, struct leadseq_diagnostics *d, size_t k,
                     const struct leadseq_measured *predicted)
{
    h->at = leadseq_calloc(predicted->rows, sizeof *h->at);
    h->moved = leadseq_calloc(predicted->rows, sizeof *h->moved);
    h->reach = leadseq_calloc(predicted->rows, sizeof *h->reach);
    if (!h->at || !h->moved || !h->reach) return -1;
    struct leadseq_measured measured, bound;
    bool has = verdict_get(d, "head/measured_max", k, &measured),
         bounded = verdict_get(d, "head/bound_max", k, &bound);
    h->rows = predicted->rows;
    for (size_t i = 0; i < h->rows; i++) {
        double moved = has && i < measured.rows ? measured.value[i] : NAN;
        h->at[i] = (double)predicted->step[i];
        h->moved[i] = isfinite(moved) ? moved : predicted->value[i];
        h->reach[i] = bounded && i < bound.rows ? bound.value[i] : NAN;
    }
    if (has) leadseq_measured_clear(&measured);
    if (bounded) leadseq_measured_clear(&bound);
    return 0;
}

static int fill_head(struct verdict *v, struct leadseq_diagnostics *d, size_t k)
{
    struct verdict_head *h = &v->output[k].head;
    struct leadseq_measured most, each;
    if (h->rows || !verdict_get(d, "head/predicted_max", k, &most)) return 0;
    int status = keep_rows(h, d, k, &most);
    leadseq_measured_clear(&most);
    if (status || !verdict_get(d, "head/predicted", k, &each)) return status;
    size_t row = 0;
    for (size_t i = 1; i < h->rows; i++)
        if (h->moved[i] > h->moved[row] || !isfinite(h->moved[row])) row = i;
    h->step = h->at[row];
    fill_furthest(h, d, k, row, furthest(&each, row));
    if (h->at[0] == 1) {
        h->first_predicted = one(d, "head/predicted", k, 0, furthest(&each, 0));
        h->first_measured = one(d, "head/measured", k, 0, furthest(&each, 0));
        h->first_bound = one(d, "head/bound", k, 0, furthest(&each, 0));
    }
    leadseq_measured_clear(&each);
    return 0;
}

/* --- Parameters ------------------------------------------------------------------------------- */

/* The largest relative distance any weights went, at the last row; norms of that row. */
static void fill_distance(struct verdict_change *c, struct leadseq_diagnostics *d,
                          const struct leadseq_measured *distance)
{
    struct leadseq_measured norm;
    size_t last = distance->rows - 1;
    if (c->step >= (double)distance->step[last] ||
        !verdict_get(d, "parameters/weight_norm", 0, &norm))
        return;
    c->step = (double)distance->step[last];
    c->distance = 0;
    for (size_t i = 0; i < distance->items && i < norm.items; i++) {
        const char *name = leadseq_diagnostics_label(d, "tensors", i);
        if (!name || !strstr(name, ".weight")) continue; // biases: few numbers, often near 0
        double share = distance->value[last * distance->items + i] /
                       norm.value[(norm.rows - 1) * norm.items + i];
        if (share > c->distance) c->distance = share;
    }
    leadseq_measured_clear(&norm);
}

static void fill_change(struct verdict *v, struct leadseq_diagnostics *d)
{
    struct leadseq_measured distance, ratio;
    if (verdict_get(d, "parameters/distance", 0, &distance)) {
        fill_distance(&v->change, d, &distance);
        leadseq_measured_clear(&distance);
    }
    if (isfinite(v->change.ratio) || !verdict_get(d, "parameters/total_update_ratio", 0, &ratio))
        return;
    v->change.ratio = leadseq_median(ratio.value, ratio.rows);
    leadseq_measured_clear(&ratio);
}

/* --- An output that is dead ------------------------------------------------------------------- */

/* Every record's sigmoid exactly 0 or 1, and no gradient at its logit, from some row on. */
static void fill_dead(struct verdict_output *o, struct leadseq_diagnostics *d, size_t k)
{
    struct leadseq_measured saturated, zero, mean;
    struct verdict_dead *dead = &o->dead;
    if (dead->rows || !verdict_get(d, "output/saturated", k, &saturated)) return;
    bool whole = verdict_get(d, "output/dead", k, &zero),
         has = verdict_get(d, "output/logit_mean", k, &mean);
    size_t n = dead->rows = dead->first = saturated.rows;
    whole = whole && zero.rows == n;
    has = has && mean.rows == n;
    for (size_t i = 0; whole && i < n; i++) {
        bool is_dead = saturated.value[i] == 1 && zero.value[i] == 1;
        if (is_dead && dead->first == n) {
            dead->first = i;
            dead->first_step = (double)saturated.step[i];
            dead->logit_mean = has ? mean.value[i] : NAN;
        }
        dead->after += i >= dead->first;
        dead->dead += is_dead;
    }
    if (has) dead->logit_mean_last = mean.value[n - 1];
    leadseq_measured_clear(&saturated);
    leadseq_measured_clear(&zero);
    leadseq_measured_clear(&mean);
}

/* --- Flow through the leads ------------------------------------------------------------------- */

enum { DH, DC };

/* Median over rows of one (layer, signal) of a quantity (LAYER, SIGNAL), where a gradient was. */
static double flow_median(const struct leadseq_measured *m, size_t layer, size_t signal)
{
    size_t signals = m->rank > 1 ? m->shape[1] : 1;
    if (layer * signals + signal >= m->items) return NAN;
    double *column = leadseq_calloc(m->rows, sizeof *column);
    if (!column) return NAN;
    for (size_t i = 0; i < m->rows; i++)
        column[i] = m->value[i * m->items + layer * signals + signal];
    double median = leadseq_median(column, m->rows);
    free(column);
    return median;
}

static double flow_number(struct leadseq_diagnostics *d, const char *name, size_t layer,
                          size_t signal)
{
    struct leadseq_measured m;
    if (!verdict_get(d, name, 0, &m)) return NAN;
    double median = flow_median(&m, layer, signal);
    leadseq_measured_clear(&m);
    return median;
}

/* The norms of dL/dh_t in the first row that has any. */
static void fill_norms(struct verdict_flow *f, struct leadseq_diagnostics *d)
{
    struct leadseq_measured m;
    if (!verdict_get(d, "flow/norm", 0, &m)) return;
    bool whole = m.rank == 3 && (size_t)f->layer < m.shape[0] && m.shape[1] && m.shape[2];
    size_t leads = m.shape[2], signals = m.shape[1];
    for (size_t i = 0; whole && i < m.rows; i++) {
        const double *norm = m.value + i * m.items + (size_t)f->layer * signals * leads;
        if (!(norm[leads - 1] > 0)) continue;
        if (f->rows++) continue;
        f->step = (double)m.step[i];
        f->leads = leads < VERDICT_LEADS ? (int)leads : VERDICT_LEADS;
        for (int t = 0; t < f->leads; t++) f->norm[t] = norm[t];
    }
    leadseq_measured_clear(&m);
}

/* The largest share any row of any layer has: a gradient may begin to explode late. */
static void fill_peak(struct verdict_flow *f, const struct leadseq_measured *share)
{
    size_t signals = share->rank > 1 && share->shape[1] ? share->shape[1] : 1;
    for (size_t i = 0; i < share->rows; i++)
        for (size_t k = 0; k < share->items; k += signals) {
            double value = share->value[i * share->items + k + DH];
            if (!isfinite(value) || value <= f->peak) continue;
            f->peak = value;
            f->peak_step = (double)share->step[i];
        }
}

static void fill_flow(struct verdict *v, struct leadseq_diagnostics *d)
{
    struct verdict_flow *f = &v->flow;
    struct leadseq_measured share;
    if (!verdict_get(d, "flow/first_share", 0, &share)) return;
    fill_peak(f, &share);
    if (f->rows) {
        leadseq_measured_clear(&share);
        return;
    }
    f->layer = 0;
    f->share = flow_median(&share, 0, DH);
    for (size_t layer = 1; layer < share.shape[0]; layer++) {
        double other = flow_median(&share, layer, DH);
        if (fabs(log(other)) > fabs(log(f->share))) f->share = other, f->layer = (int)layer;
    }
    leadseq_measured_clear(&share);
    size_t layer = (size_t)f->layer;
    f->factor = flow_number(d, "flow/factor", layer, DH);
    f->factor_se = flow_number(d, "flow/factor_se", layer, DH);
    f->mean_factor = flow_number(d, "flow/mean_factor", layer, DH);
    f->factor_c = flow_number(d, "flow/factor", layer, DC);
    f->share_c = flow_number(d, "flow/first_share", layer, DC);
    fill_norms(f, d);
}

/* --- Gates and channels ----------------------------------------------------------------------- */

static void count_channels(struct verdict_gates *g, struct leadseq_diagnostics *d)
{
    struct leadseq_measured dead, twin;
    bool has_dead = verdict_get(d, "gates/dead", 0, &dead),
         has_twin = verdict_get(d, "gates/duplicate", 0, &twin);
    size_t n = has_dead ? dead.items : 0;
    g->dead = g->duplicate = g->channels = 0;
    for (size_t i = 0; i < n; i++) {
        double is_dead = dead.value[(dead.rows - 1) * n + i];
        if (isnan(is_dead)) continue;
        g->channels++;
        g->dead += is_dead != 0;
        if (has_twin && !is_dead && twin.items == n)
            g->duplicate += twin.value[(twin.rows - 1) * n + i] >= 0;
    }
    if (!g->channels) g->dead = g->duplicate = NAN;
    if (has_dead) leadseq_measured_clear(&dead);
    if (has_twin) leadseq_measured_clear(&twin);
}

static void fill_gates(struct verdict *v, struct leadseq_diagnostics *d)
{
    struct verdict_gates *g = &v->gates;
    struct leadseq_measured m;
    if (!verdict_get(d, "gates/saturated", 0, &m)) return;
    size_t gates = m.rank > 1 && m.shape[1] ? m.shape[1] : m.items, last = m.rows - 1;
    if (g->step >= (double)m.step[last]) {
        leadseq_measured_clear(&m);
        return;
    }
    g->step = (double)m.step[last];
    g->worst = -1;
    for (size_t i = 0; i < m.items; i++) {
        double share = m.value[last * m.items + i];
        size_t layer = i / gates, gate = i % gates;
        if (gate >= 5 || !(share > g->worst)) continue;
        g->worst = share;
        g->worst_gate = (int)gate;
        for (size_t k = 0; k < 5 && k < gates; k++)
            g->saturated[k] = m.value[last * m.items + layer * gates + k];
    }
    leadseq_measured_clear(&m);
    count_channels(g, d);
    if (verdict_get(d, "gates/memory", 0, &m)) {
        g->memory = leadseq_median(m.value + (m.rows - 1) * m.items, m.items);
        leadseq_measured_clear(&m);
    }
}

/* --- The rest --------------------------------------------------------------------------------- */

static void fill_median(double *to, struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_measured m;
    if (isfinite(*to) || !verdict_get(d, name, 0, &m)) return;
    *to = leadseq_median(m.value, m.rows * m.items);
    leadseq_measured_clear(&m);
}

static void fill_most(double *to, struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_measured m;
    if (isfinite(*to) || !verdict_get(d, name, 0, &m)) return;
    for (size_t i = 0; i < m.rows * m.items; i++) *to = fmax(*to, m.value[i]);
    leadseq_measured_clear(&m);
}

static void fill_last(double *to, struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_measured m;
    if (isfinite(*to) || !verdict_get(d, name, 0, &m)) return;
    for (size_t i = 0; i < m.rows; i++)
        if (isfinite(m.value[i * m.items])) *to = m.value[i * m.items];
    leadseq_measured_clear(&m);
}

/* The first layer whose output was not finite, by the chain's order. */
static void fill_layer(struct verdict_rest *r, struct leadseq_diagnostics *d)
{
    struct leadseq_measured m;
    if (r->nonfinite_layer[0] || !verdict_get(d, "output/nonfinite_layer", 0, &m)) return;
    for (size_t i = 0; i < m.rows && !r->nonfinite_layer[0]; i++) {
        double layer = m.value[i];
        if (isnan(layer) || layer == -1) continue;
        const char *name =
            layer < 0 ? "the images" : leadseq_diagnostics_label(d, "chain", (size_t)layer);
        snprintf(r->nonfinite_layer, sizeof r->nonfinite_layer, "%s", name ? name : "?");
        r->nonfinite_step = (double)m.step[i];
    }
    leadseq_measured_clear(&m);
}

/* Backward goes from the last tensor to the first: of those with gradients that are not finite
 * the last is where they begin. */
static void fill_tensor(struct verdict_rest *r, struct leadseq_diagnostics *d)
{
    struct leadseq_measured m;
    if (r->nonfinite_tensor[0] || !verdict_get(d, "parameters/grad_nonfinite", 0, &m)) return;
    for (size_t i = 0; i < m.rows && !r->nonfinite_tensor[0]; i++)
        for (size_t k = m.items; k-- > 0 && !r->nonfinite_tensor[0];) {
            if (!(m.value[i * m.items + k] > 0)) continue;
            const char *name = leadseq_diagnostics_label(d, "tensors", k);
            snprintf(r->nonfinite_tensor, sizeof r->nonfinite_tensor, "%s", name ? name : "?");
            if (isnan(r->nonfinite_step)) r->nonfinite_step = (double)m.step[i];
        }
    leadseq_measured_clear(&m);
}

static int fill(struct verdict *v, struct leadseq_diagnostics *d)
{
    struct verdict_rest *r = &v->rest;
    for (size_t k = 0; k < v->n_outputs; k++) {
        if (fill_head(v, d, k)) return -1;
        fill_dead(&v->output[k], d, k);
    }
    fill_flow(v, d);
    fill_gates(v, d);
    fill_change(v, d);
    fill_median(&r->line_best, d, "step/best");
    fill_median(&r->agreement, d, "step/agreement");
    fill_last(&r->noise_scale, d, "step/batch_suggested");
    fill_last(&r->pixel_mean, d, "input/pixel_mean");
    fill_last(&r->pixel_sd, d, "input/pixel_sd");
    fill_last(&r->order_shift, d, "input/permuted_shift");
    fill_median(&r->singular, d, "recurrence/singular");
    fill_most(&r->singular_residual, d, "recurrence/singular_residual");
    fill_median(&r->radius, d, "recurrence/radius");
    fill_most(&r->radius_residual, d, "recurrence/radius_residual");
    fill_most(&r->radius_error, d, "recurrence/radius_error");
    fill_last(&r->lyapunov, d, "recurrence/lyapunov");
    fill_last(&r->field, d, "recurrence/field");
    fill_last(&r->beat, d, "recurrence/beat");
    fill_layer(r, d);
    fill_tensor(r, d);
    return 0;
}

/* The first quantity that is there and cannot be read. */
static int check_all(struct leadseq_diagnostics *d)
{
    const struct leadseq_quantity *q;
    for (size_t i = 0; (q = leadseq_quantity(i)); i++)
        if (leadseq_diagnostics_check(d, q->name)) return -1;
    return 0;
}

int verdict_measure(struct verdict *v, const char *path)
{
    struct leadseq_diagnostics *d = leadseq_diagnostics_open(path);
    if (!d) {
        verdict_note(v, "%s", leadseq_error());
        leadseq_error_clear();
        return 1;
    }
    if (check_all(d)) {
        verdict_note(v, "what was measured is incomplete: %s", leadseq_error());
        leadseq_error_clear();
    }
    int status = fill(v, d);
    leadseq_diagnostics_close(d);
    return status;
}
