/* SPDX-License-Identifier: MIT
 *
 * Measurements of the recurrence: the gradient's way through the leads, gates
 * and channels, of the layer where they are worst. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>

/* --- Flow through the leads
 * --------------------------------------------------------------------------- */

enum { DH, DC };

/* Median over rows of one (layer, signal) of a quantity (LAYER, SIGNAL), where a gradient was. */
static double flow_median(const struct leadseq_measured *m, size_t layer, size_t signal)
{
    size_t signals = m->rank > 1 ? m->shape[1] : 1;
    double *column = leadseq_calloc(m->rows, sizeof *column);
    if (!column) return NAN;
    for (size_t i = 0; i < m->rows; i++)
        column[i] = m->value[i * m->items + layer * signals + signal];
    double median = verdict_median(column, m->rows);
    free(column);
    return median;
}

static double flow_number(struct leadseq_diagnostics *d, const char *name, size_t layer,
                          size_t signal)
{
    struct leadseq_measured m;
    if (!verdict_get(d, name, &m)) return NAN;
    double median = flow_median(&m, layer, signal);
    leadseq_measured_clear(&m);
    return median;
}

/* The norms of dL/dh_t in the first row that has any. */
static void fill_norms(struct verdict_flow *f, struct leadseq_diagnostics *d)
{
    struct leadseq_measured m;
    if (!verdict_get(d, "flow/norm", &m) || m.rank < 3) return;
    size_t leads = m.shape[2], signals = m.shape[1];
    for (size_t i = 0; i < m.rows; i++) {
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
    size_t signals = share->rank > 1 ? share->shape[1] : 1;
    for (size_t i = 0; i < share->rows; i++)
        for (size_t k = 0; k < share->items; k += signals) {
            double value = share->value[i * share->items + k + DH];
            if (!isfinite(value) || value <= f->peak) continue;
            f->peak = value;
            f->peak_step = (double)share->step[i];
        }
}

void verdict_fill_flow(struct verdict *v, struct leadseq_diagnostics *d)
{
    struct verdict_flow *f = &v->flow;
    struct leadseq_measured share;
    if (!verdict_get(d, "flow/first_share", &share)) return;
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

/* --- Gates and channels
 * ----------------------------------------------------------------------------------- */

static void count_channels(struct verdict_gates *g, struct leadseq_diagnostics *d)
{
    struct leadseq_measured dead, twin;
    bool has_dead = verdict_get(d, "gates/dead", &dead),
         has_twin = verdict_get(d, "gates/duplicate", &twin);
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

void verdict_fill_gates(struct verdict *v, struct leadseq_diagnostics *d)
{
    struct verdict_gates *g = &v->gates;
    struct leadseq_measured m;
    if (!verdict_get(d, "gates/saturated", &m)) return;
    size_t gates = m.rank > 1 ? m.shape[1] : m.items, last = m.rows - 1;
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
    if (verdict_get(d, "gates/memory", &m)) {
        g->memory = verdict_median(m.value + (m.rows - 1) * m.items, m.items);
        leadseq_measured_clear(&m);
    }
}
