/* SPDX-License-Identifier: MIT
 *
 * What probes measured, boiled down to what rules ask for: from the run's own
 * diagnostics.h5, and from rehearsals of its first and of its present steps
 * where that is silent. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All rows of a quantity; false, with nothing to clear, where there are none. */
bool verdict_get(struct leadseq_diagnostics *d, const char *name, struct leadseq_measured *m)
{
    char group[32];
    *m = (struct leadseq_measured){0};
    snprintf(group, sizeof group, "%.*s", (int)strcspn(name, "/"), name);
    if (!leadseq_diagnostics_rows(d, group)) return false;
    if (leadseq_diagnostics_read(d, name, m)) leadseq_error_clear();
    if (m->rows) return true;
    leadseq_measured_clear(m);
    return false;
}

/* --- Head ----------------------------------------------------------------------------------------
 */

/* The value of record `item` in row `row` of a quantity, NaN where there is none. */
static double one(struct leadseq_diagnostics *d, const char *name, size_t row, size_t item)
{
    struct leadseq_measured m;
    if (!verdict_get(d, name, &m)) return NAN;
    double value = row < m.rows && item < m.items ? m.value[row * m.items + item] : NAN;
    leadseq_measured_clear(&m);
    return value;
}

/* The record of a row whose logit moved most. */
static size_t furthest(const struct leadseq_measured *m, size_t row)
{
    size_t best = 0;
    const double *z = m->value + row * m->items;
    for (size_t i = 1; i < m->items; i++)
        if (fabs(z[i]) > fabs(z[best]) || isnan(z[best])) best = i;
    return best;
}

static void fill_furthest(struct verdict_head *h, struct leadseq_diagnostics *d, size_t row,
                          size_t record)
{
    h->predicted = one(d, "head/predicted", row, record);
    h->measured = one(d, "head/measured", row, record);
    h->sign = one(d, "head/sign", row, record);
    h->bound = one(d, "head/bound", row, record);
    h->dw_h = one(d, "head/dw_h", row, record);
    h->w_dh = one(d, "head/w_dh", row, record);
    h->dw_dh = one(d, "head/dw_dh", row, record);
    h->db = one(d, "head/db", row, 0);
    h->split_error = one(d, "head/split_error", row, 0);
    h->lr = one(d, "head/lr", row, 0);
    h->lr_one = one(d, "head/lr_one", row, 0);
    h->feature_variation = one(d, "head/feature_variation", row, 0);
}

static int keep_rows(struct verdict_head *h, struct leadseq_diagnostics *d,
                     const struct leadseq_measured *predicted)
{
    h->at = leadseq_calloc(predicted->rows, sizeof *h->at);
    h->moved = leadseq_calloc(predicted->rows, sizeof *h->moved);
    h->reach = leadseq_calloc(predicted->rows, sizeof *h->reach);
    if (!h->at || !h->moved || !h->reach) return -1;
    struct leadseq_measured measured, bound;
    bool has = verdict_get(d, "head/measured_max", &measured),
         bounded = verdict_get(d, "head/bound_max", &bound);
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

static int fill_head(struct verdict *v, struct leadseq_diagnostics *d)
{
    struct verdict_head *h = &v->head;
    struct leadseq_measured most, each;
    if (h->rows || !verdict_get(d, "head/predicted_max", &most)) return 0;
    int status = keep_rows(h, d, &most);
    leadseq_measured_clear(&most);
    if (status || !verdict_get(d, "head/predicted", &each)) return status;
    size_t row = 0;
    for (size_t i = 1; i < h->rows; i++)
        if (h->moved[i] > h->moved[row] || !isfinite(h->moved[row])) row = i;
    h->step = h->at[row];
    fill_furthest(h, d, row, furthest(&each, row));
    if (h->at[0] == 1) {
        h->first_predicted = one(d, "head/predicted", 0, furthest(&each, 0));
        h->first_measured = one(d, "head/measured", 0, furthest(&each, 0));
        h->first_bound = one(d, "head/bound", 0, furthest(&each, 0));
    }
    leadseq_measured_clear(&each);
    return 0;
}

/* --- Parameters
 * ------------------------------------------------------------------------------------------- */

/* The largest relative distance any weights went, at the last row; norms of that row. */
static void fill_distance(struct verdict_change *c, struct leadseq_diagnostics *d,
                          const struct leadseq_measured *distance)
{
    struct leadseq_measured norm;
    size_t last = distance->rows - 1;
    if (c->step >= (double)distance->step[last] || !verdict_get(d, "parameters/weight_norm", &norm))
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
    if (verdict_get(d, "parameters/distance", &distance)) {
        fill_distance(&v->change, d, &distance);
        leadseq_measured_clear(&distance);
    }
    if (isfinite(v->change.ratio) || !verdict_get(d, "parameters/total_update_ratio", &ratio))
        return;
    v->change.ratio = verdict_median(ratio.value, ratio.rows);
    leadseq_measured_clear(&ratio);
}

/* --- The rest
 * -----------------------------------------------------------------------------------------------
 */

static void fill_median(double *to, struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_measured m;
    if (isfinite(*to) || !verdict_get(d, name, &m)) return;
    *to = verdict_median(m.value, m.rows * m.items);
    leadseq_measured_clear(&m);
}

static void fill_last(double *to, struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_measured m;
    if (isfinite(*to) || !verdict_get(d, name, &m)) return;
    for (size_t i = 0; i < m.rows; i++)
        if (isfinite(m.value[i * m.items])) *to = m.value[i * m.items];
    leadseq_measured_clear(&m);
}

/* The first layer whose output was not finite, by the chain's order. */
static void fill_layer(struct verdict_rest *r, struct leadseq_diagnostics *d)
{
    struct leadseq_measured m;
    if (r->nonfinite_layer[0] || !verdict_get(d, "output/nonfinite_layer", &m)) return;
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
    if (r->nonfinite_tensor[0] || !verdict_get(d, "parameters/grad_nonfinite", &m)) return;
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
    if (fill_head(v, d)) return -1;
    verdict_fill_flow(v, d);
    verdict_fill_gates(v, d);
    fill_change(v, d);
    fill_median(&r->line_best, d, "step/best");
    fill_median(&r->agreement, d, "step/agreement");
    fill_last(&r->noise_scale, d, "step/batch_suggested");
    fill_last(&r->pixel_mean, d, "input/pixel_mean");
    fill_last(&r->pixel_sd, d, "input/pixel_sd");
    fill_last(&r->order_shift, d, "input/permuted_shift");
    fill_median(&r->singular, d, "recurrence/singular");
    fill_median(&r->radius, d, "recurrence/radius");
    fill_last(&r->lyapunov, d, "recurrence/lyapunov");
    fill_last(&r->field, d, "recurrence/field");
    fill_last(&r->beat, d, "recurrence/beat");
    fill_layer(r, d);
    fill_tensor(r, d);
    return 0;
}

int verdict_measure_file(struct verdict *v, const char *path)
{
    struct leadseq_diagnostics *d = leadseq_diagnostics_open(path);
    if (!d) {
        verdict_note(v, "%s", leadseq_error());
        leadseq_error_clear();
        return 1;
    }
    int status = fill(v, d);
    leadseq_diagnostics_close(d);
    return status;
}

void verdict_measure_nothing(struct verdict *v)
{
    struct verdict_head *h = &v->head;
    double *unknown[] = {&h->step,
                         &h->predicted,
                         &h->measured,
                         &h->bound,
                         &h->sign,
                         &h->dw_h,
                         &h->w_dh,
                         &h->dw_dh,
                         &h->db,
                         &h->split_error,
                         &h->lr,
                         &h->lr_one,
                         &h->first_bound,
                         &h->first_predicted,
                         &h->first_measured,
                         &h->feature_variation,
                         &v->flow.step,
                         &v->flow.factor,
                         &v->flow.factor_se,
                         &v->flow.share,
                         &v->flow.share_c,
                         &v->flow.mean_factor,
                         &v->flow.factor_c,
                         &v->gates.step,
                         &v->gates.worst,
                         &v->gates.dead,
                         &v->gates.duplicate,
                         &v->gates.channels,
                         &v->gates.memory,
                         &v->change.step,
                         &v->change.distance,
                         &v->change.ratio};
    for (size_t i = 0; i < LEADSEQ_COUNT(unknown); i++) *unknown[i] = NAN;
    for (int k = 0; k < 5; k++) v->gates.saturated[k] = NAN;
    v->flow.peak = 0;
    v->flow.peak_step = NAN;
    v->yardstick = (struct verdict_yardstick){NAN, NAN, {NAN, NAN, NAN, ""}};
    v->twins = (struct verdict_twins){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, -1, -1};
    v->fitted = (struct verdict_fitted){{NAN, NAN, NAN, ""}, NAN, NAN};
    v->rest = (struct verdict_rest){.line_best = NAN,
                                    .agreement = NAN,
                                    .noise_scale = NAN,
                                    .pixel_mean = NAN,
                                    .pixel_sd = NAN,
                                    .nonfinite_step = NAN,
                                    .singular = NAN,
                                    .radius = NAN,
                                    .lyapunov = NAN,
                                    .field = NAN,
                                    .beat = NAN,
                                    .order_shift = NAN};
}
