/* SPDX-License-Identifier: MIT
 *
 * The output group: what the logits of a batch look like, and whether the loss
 * still has a gradient there; of every output by itself. */
#include "type.h"

static const struct leadseq_quantity quantities[] = {
    {"output/epoch", {0}, "1", "epoch of the step, from 1"},
    {"output/records", {0}, "records", "N, records of the batch"},
    {"output/cost", {0}, "1", "mean cost of the batch, before the step"},
    {"output/target_mean", {LEADSEQ_AXIS_OUTPUT}, "1", "share of records of class 1"},
    {"output/logit_mean", {LEADSEQ_AXIS_OUTPUT}, "1", "mean z over the batch"},
    {"output/logit_sd",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "standard deviation of z over the batch (divisor N)"},
    {"output/logit_min", {LEADSEQ_AXIS_OUTPUT}, "1", "smallest z"},
    {"output/logit_max", {LEADSEQ_AXIS_OUTPUT}, "1", "largest z"},
    {"output/logit_positive",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "mean z of records of class 1, NaN without one"},
    {"output/logit_negative",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "mean z of records of class 0, NaN without one"},
    {"output/spread", {LEADSEQ_AXIS_OUTPUT}, "1", "logit_sd / |logit_mean|"},
    {"output/saturated",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "share of records whose float32 sigmoid is exactly 0 or 1"},
    {"output/dead", {LEADSEQ_AXIS_OUTPUT}, "1", "share of records whose dz is exactly 0"},
    {"output/on_lattice", {0}, "1", "1 where cost is exactly 100 k / N for a whole k, else 0"},
    {"output/lattice",
     {LEADSEQ_AXIS_OUTPUT},
     "1",
     "share of records whose own cost is exactly 0 or 100"},
    {"output/nonfinite", {LEADSEQ_AXIS_OUTPUT}, "1", "share of logits that are not finite"},
    {"output/nonfinite_layer",
     {0},
     "index",
     "first layer (attribute chain) whose output was not finite in this step's forward pass; -1: "
     "none; -2: the images themselves; NaN: not looked for"},
};

struct sums { /* of one output over the batch */
    double n; /* records whose label is known */
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

/* The loss clamps a record's logarithm at -100, so that a record whose sigmoid is exactly on the
 * wrong side costs exactly 100, and on the right side exactly 0. A batch of such records costs 100
 * k / n, k of them wrong: a mean cost on this lattice says that the whole batch is saturated.
 *
 * Whether a mean cost is exactly 100 k / n in float32, k whole. */
static bool on_lattice(float cost, int n)
{
    double k = round((double)cost * n / 100);
    return isfinite(cost) && k >= 0 && k <= n && cost == (float)(100 * k / n);
}

static void fill(struct leadseq_probes *p, int k, const struct sums *s)
{
    const double n = s->n;
    double mean = s->z / n, sd = sqrt(s->squares / n);
    probe_values(p, "output/target_mean")[k] = s->targets / n;
    probe_values(p, "output/logit_mean")[k] = mean;
    probe_values(p, "output/logit_sd")[k] = sd;
    probe_values(p, "output/logit_min")[k] = s->least;
    probe_values(p, "output/logit_max")[k] = s->most;
    probe_values(p, "output/logit_positive")[k] = s->targets > 0 ? s->positive / s->targets : NAN;
    probe_values(p, "output/logit_negative")[k] =
        s->targets < n ? s->negative / (n - s->targets) : NAN;
    probe_values(p, "output/spread")[k] = sd / fabs(mean);
    probe_values(p, "output/saturated")[k] = s->saturated / n;
    probe_values(p, "output/dead")[k] = s->dead / n;
    probe_values(p, "output/lattice")[k] = s->lattice / n;
    probe_values(p, "output/nonfinite")[k] = s->nonfinite / n;
}

/* Of one output of all ranks' records whose label is known; K logits per record. Two passes, the
 * mean first: logits of a saturated network are large and close together, where Σz² − n·mean² would
 * lose all digits of their spread. */
static struct sums sum_output(struct leadseq_probes *p, const struct leadseq_step *step, int k)
{
    const struct probe_session *s = probe_session_of(p);
    const float *z = step->logit, *t = step->batch->whole_target;
    int n = step->batch->whole_n, outputs = s->outputs;
    struct sums sums = {.least = INFINITY, .most = -INFINITY};
    for (int i = 0; i < n; i++) {
        int at = i * outputs + k;
        if (t[at] < 0) continue;
        sums.n++;
        add(&sums, z[at], t[at], step->dlogit[at], s->scratch[at]);
    }
    for (int i = 0; i < n; i++) {
        float x = z[i * outputs + k];
        if (t[i * outputs + k] < 0) continue;
        sums.squares += (x - sums.z / sums.n) * (x - sums.z / sums.n);
    }
    return sums;
}

static int gradient(struct leadseq_probes *p, void *own, struct leadseq_step *step)
{
    const struct probe_session *s = probe_session_of(p);
    const struct leadseq_loss loss = leadseq_experiment_loss(s->t.e);
    double sd = NAN, dead = 0;
    bool lattice = on_lattice((float)step->cost, step->records);
    (void)own;
    if (probe_row(p, "output", step->step)) return -1;
    leadseq_loss_parts(&loss, step->logit, step->batch->whole_target, step->batch->whole_n,
                       s->scratch);
    for (int k = 0; k < s->outputs; k++) {
        struct sums sums = sum_output(p, step, k);
        fill(p, k, &sums);
        sd = fmin(sd, sqrt(sums.squares / sums.n)); // the output that says least
        dead = fmax(dead, sums.dead / sums.n);
    }
    *probe_values(p, "output/epoch") = (double)step->epoch;
    *probe_values(p, "output/records") = step->batch->whole_n;
    *probe_values(p, "output/cost") = step->cost;
    *probe_values(p, "output/on_lattice") = lattice;
    probe_cell(step, LEADSEQ_CELL_LOGIT_SD, sd);
    probe_cell(step, LEADSEQ_CELL_DEAD, dead);
    probe_cell(step, LEADSEQ_CELL_ON_LATTICE, lattice);
    if (isfinite(step->cost) && isfinite(step->grad_norm)) return 0;
    int layer;
    if (leadseq_model_nonfinite(s->t.model, &layer)) return -1;
    *probe_values(p, "output/nonfinite_layer") = layer;
    return 0;
}

static const struct probe_work every_step = {.name = "output"};

const struct leadseq_probe_type probe_output = {
    .name = "output",
    .group = LEADSEQ_GROUP_OUTPUT,
    .quantity = quantities,
    .n_quantities = LEADSEQ_COUNT(quantities),
    .work = (const struct probe_work *const[]){&every_step},
    .n_works = 1,
    .gradient = gradient,
};
