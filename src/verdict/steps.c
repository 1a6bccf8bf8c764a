/* SPDX-License-Identifier: MIT
 *
 * What the tables of a run say: its steps, with the records each batch had, and
 * its epochs. Costs and gradients that are missing were not finite; other empty
 * cells were not measured. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>

/* The last batch of an epoch has what is left. */
static double batch_size(const struct verdict *v, double step)
{
    double n = v->counts.n[LEADSEQ_TRAIN], batch = v->e->train.batch;
    if (isnan(n) || isnan(step) || n < 1) return batch;
    double steps = ceil(n / batch), place = fmod(step - 1, steps);
    return place < steps - 1 ? batch : n - (steps - 1) * batch;
}

static void find_columns(struct verdict_steps *s)
{
    s->n = s->table.rows;
    s->step = verdict_column(&s->table, "step");
    s->cost = verdict_column(&s->table, "cost");
    s->grad = verdict_column(&s->table, "grad_norm");
    s->lr = verdict_column(&s->table, "lr");
    s->z_mean = verdict_column(&s->table, "logit_mean");
    s->z_min = verdict_column(&s->table, "logit_min");
    s->z_max = verdict_column(&s->table, "logit_max");
    s->saturated = verdict_column(&s->table, "saturated");
    s->zeros = verdict_column(&s->table, "zero_gradient");
}

static void note_steps(struct verdict *v)
{
    const struct verdict_steps *s = &v->steps;
    if (s->table.dropped)
        verdict_note(v,
                     "steps.tsv: %zu lines at its end are cut short or damaged and were left out",
                     s->table.dropped);
    if (!s->n)
        verdict_note(v,
                     "steps.tsv has no rows: nothing can be said of costs and gradients by step");
    else if (!s->step || !s->cost || !s->grad)
        verdict_note(v,
                     "steps.tsv lacks the columns step, cost or grad_norm, as an older or another "
                     "program writes it: nothing can be said by step");
    else if (!s->saturated || !s->z_mean)
        verdict_note(v, "steps.tsv has no columns of logits: an older version's, so saturation is "
                        "judged by rehearsal alone");
}

int verdict_steps_read(struct verdict *v)
{
    struct verdict_steps *s = &v->steps;
    if (verdict_table_read(&s->table, v->run, "steps.tsv")) return -1;
    if (verdict_table_read(&v->history, v->run, "history.tsv")) return -1;
    find_columns(s);
    note_steps(v);
    if (!s->step || !s->cost || !s->grad) s->n = 0;
    s->size = leadseq_calloc(s->n + 1, sizeof *s->size);
    if (!s->size) return -1;
    for (size_t i = 0; i < s->n; i++) s->size[i] = batch_size(v, s->step[i]);
    return 0;
}
