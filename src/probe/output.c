/* SPDX-License-Identifier: MIT
 *
 * The output group: what the logits of a batch look like, and whether the loss
 * still has a gradient there. */
#include "probe_private.h"

struct sums {
    double z, squares, least, most, targets, positive, negative;
    int saturated, dead, lattice, nonfinite;
};

static void add(struct sums *s, float z, float t, float dz, float cost)
{
    float p = leadseq_sigmoid(z);
    s->z += z;
    s->least = fmin(s->least, z);
    s->most = fmax(s->most, z);
    s->targets += t > 0.5f;
    *(t > 0.5f ? &s->positive : &s->negative) += z;
    s->saturated += p == 0 || p == 1;
    s->dead += dz == 0;
    s->lattice += cost == 0 || cost == 100;
    s->nonfinite += !isfinite(z);
}

/* Whether a mean cost is exactly 100 k / n in float32, k whole. */
static bool on_lattice(float cost, int n)
{
    double k = round((double)cost * n / 100);
    return isfinite(cost) && k >= 0 && k <= n && cost == (float)(100 * k / n);
}

static void fill(struct leadseq_probes *p, struct leadseq_step *step, const struct sums *s)
{
    struct diag_file *f = &p->file;
    double n = step->batch->whole_n, mean = s->z / n, sd = sqrt(s->squares / n);
    *diag_values(f, "output/epoch") = (double)step->epoch;
    *diag_values(f, "output/records") = n;
    *diag_values(f, "output/cost") = step->cost;
    *diag_values(f, "output/target_mean") = s->targets / n;
    *diag_values(f, "output/logit_mean") = mean;
    *diag_values(f, "output/logit_sd") = sd;
    *diag_values(f, "output/logit_min") = s->least;
    *diag_values(f, "output/logit_max") = s->most;
    *diag_values(f, "output/logit_positive") = s->targets > 0 ? s->positive / s->targets : NAN;
    *diag_values(f, "output/logit_negative") =
        s->targets < n ? s->negative / (n - s->targets) : NAN;
    *diag_values(f, "output/spread") = sd / fabs(mean);
    *diag_values(f, "output/saturated") = s->saturated / n;
    *diag_values(f, "output/dead") = s->dead / n;
    *diag_values(f, "output/on_lattice") = on_lattice((float)step->cost, step->records);
    *diag_values(f, "output/lattice") = s->lattice / n;
    *diag_values(f, "output/nonfinite") = s->nonfinite / n;
    diag_cell(step, LEADSEQ_CELL_LOGIT_SD, sd);
    diag_cell(step, LEADSEQ_CELL_DEAD, s->dead / n);
    diag_cell(step, LEADSEQ_CELL_ON_LATTICE, on_lattice((float)step->cost, step->records));
}

int diag_output(struct leadseq_probes *p, struct leadseq_step *step)
{
    const struct leadseq_experiment *e = p->t.e;
    const float *z = step->logit, *t = step->batch->whole_target; // rank 0's and those behind
    struct sums s = {.least = INFINITY, .most = -INFINITY};
    int n = step->batch->whole_n;
    if (diag_row(&p->file, "output", step->step)) return -1;
    leadseq_loss(e->train.loss, e->train.positive_weight, z, t, n, p->cost, NULL);
    for (int i = 0; i < n; i++) add(&s, z[i], t[i], step->dlogit[i], p->cost[i]);
    for (int i = 0; i < n; i++) s.squares += (z[i] - s.z / n) * (z[i] - s.z / n);
    fill(p, step, &s);
    if (isfinite(step->cost) && isfinite(step->grad_norm)) return 0;
    int layer;
    if (leadseq_model_nonfinite(p->t.model, &layer)) return -1;
    *diag_values(&p->file, "output/nonfinite_layer") = layer;
    return 0;
}
