/* SPDX-License-Identifier: MIT
 *
 * One rung: a training in a run folder of its own, and what its folder then
 * tells. A rung that is done is read, one that was stopped goes on. */
#include "remedies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Counts steps on the ladder's bar beside what the probes do. */
struct counted {
    const struct leadseq_hooks *probes;
    struct leadseq_progress *bar;
    char note[160];
};

static int begin(void *user, const struct leadseq_training *training)
{
    const struct leadseq_hooks *p = ((struct counted *)user)->probes;
    return p->begin ? p->begin(p->user, training) : 0;
}

static int start(void *user, uint64_t step)
{
    const struct counted *c = user;
    if (step) leadseq_progress_step(c->bar, (size_t)step, c->note);
    return c->probes->start ? c->probes->start(c->probes->user, step) : 0;
}

static int before(void *user, struct leadseq_step *step)
{
    const struct leadseq_hooks *p = ((struct counted *)user)->probes;
    return p->before ? p->before(p->user, step) : 0;
}

static int gradient(void *user, struct leadseq_step *step)
{
    const struct leadseq_hooks *p = ((struct counted *)user)->probes;
    return p->gradient ? p->gradient(p->user, step) : 0;
}

static int after(void *user, struct leadseq_step *step)
{
    struct counted *c = user;
    leadseq_progress_step(c->bar, 1, c->note);
    return c->probes->after ? c->probes->after(c->probes->user, step) : 0;
}

static int save(void *user)
{
    const struct leadseq_hooks *p = ((struct counted *)user)->probes;
    return p->save ? p->save(p->user) : 0;
}

static int end(void *user)
{
    const struct leadseq_hooks *p = ((struct counted *)user)->probes;
    return p->end ? p->end(p->user) : 0;
}

/* --- Training ----------------------------------------------------------------------------------
 */

/* Scored on the last part that its split has. */
static bool is_done(const char *folder)
{
    return leadseq_folder_has(folder, "predictions-test.tsv") ||
           (leadseq_folder_has(folder, "predictions-valid.tsv") &&
            leadseq_folder_has(folder, "done"));
}

/* Says that a training ended, also where it has no test part to be scored on. */
static int mark_done(const char *folder)
{
    char *path = leadseq_path_join(folder, "done");
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    return file ? leadseq_file_commit(file) : -1;
}

static int train(const struct ladder *l, const struct rung *r, const struct leadseq_experiment *e,
                 const char *folder, struct leadseq_progress *bar)
{
    struct leadseq_probes *probes = leadseq_probes_new();
    if (!probes) return -1;
    struct counted c = {.probes = leadseq_probes_hooks(probes), .bar = bar};
    snprintf(c.note, sizeof c.note, "%s", r->name);
    struct leadseq_hooks hooks = {&c, begin, start, before, gradient, after, save, end};
    const char *data = l->data;
    for (int i = 0; i < r->n_changes; i++)
        if (l->remedy[r->change[i]].data) data = l->remedy[r->change[i]].data;
    struct leadseq_train_options how = {
        .data = data,
        .out = folder,
        .resume = leadseq_folder_has(folder, "experiment.yaml"),
        .hooks = &hooks,
    };
    int status = leadseq_train(e, &how);
    leadseq_probes_free(probes);
    return status;
}

/* --- What came of it
 * ------------------------------------------------------------------------------- */

/* Unweighted cross-entropy on the logits of unseen records, whatever loss was trained on. */
static double cost_unseen(const struct verdict_scored *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        double z = s->label[i] ? s->logit[i] : -s->logit[i]; // softplus(-z)
        sum += z > 0 ? log1p(exp(-z)) : -z + log1p(exp(z));
    }
    return s->n ? sum / (double)s->n : NAN;
}

static double cost_constant(const struct verdict_counts *c)
{
    double p = c->positive[LEADSEQ_TRAIN] / c->n[LEADSEQ_TRAIN];
    return p > 0 && p < 1 ? -(p * log(p) + (1 - p) * log1p(-p)) : NAN;
}

/* Saturated: no gradient is left in nine of ten of the last quarter's steps. */
static void read_steps(struct remedy_outcome *o, const struct verdict_steps *s)
{
    size_t last = s->n > 8 ? s->n / 4 : s->n, dead = 0;
    size_t some = s->n > 10 ? s->n / 10 : 1;
    if (some > 20) some = 20;
    for (size_t i = s->n - last; i < s->n; i++)
        dead += s->saturated && s->saturated[i] >= s->size[i] && s->grad[i] == 0;
    o->saturated = last && 10 * dead >= 9 * last;
    o->saturated_from = NAN;
    for (size_t i = s->n; o->saturated && i-- > 0;)
        if (s->saturated[i] >= s->size[i] && s->grad[i] == 0) o->saturated_from = s->step[i];
    o->steps = s->n ? s->step[s->n - 1] : 0;
    o->cost_first = verdict_mean(s->cost, 0, s->n < some ? s->n : some);
    o->cost_last = verdict_mean(s->cost, s->n < some ? 0 : s->n - some, s->n);
}

static int read_outcome(struct remedy_outcome *o, const char *folder,
                        const struct leadseq_experiment *e)
{
    struct verdict v;
    struct leadseq_diagnose_options how = {.out = folder, .rehearse = false};
    int status = verdict_gather(&v, folder, e, &how);
    if (!status) {
        read_steps(o, &v.steps);
        o->tried = true;
        o->first_lead = v.flow.rows ? v.flow.norm[0] : NAN;
        o->first_share = v.flow.share;
        o->moved = isfinite(v.head.measured) ? fabs(v.head.measured) : fabs(v.head.predicted);
        o->records = v.scored.n;
        o->auc = v.scored.auc;
        o->z = v.scored.z;
        o->cost_unseen = cost_unseen(&v.scored);
        o->cost_constant = cost_constant(&v.counts);
    }
    verdict_clear(&v);
    return status;
}

static const char *missing(const struct ladder *l, const struct rung *r)
{
    for (int i = 0; i < r->n_changes; i++)
        if (l->remedy[r->change[i]].absent[0]) return l->remedy[r->change[i]].absent;
    return NULL;
}

static void fail_outcome(struct remedy_outcome *o)
{
    snprintf(o->failure, sizeof o->failure, "%.239s", leadseq_error());
    leadseq_error_clear();
}

static int train_and_read(struct ladder *l, struct rung *r, const struct leadseq_experiment *e,
                          const char *folder, struct leadseq_progress *bar)
{
    double begun = leadseq_seconds();
    if (is_done(folder)) {
        leadseq_progress_step(bar, rung_steps(l, r), r->name);
    } else {
        int status = train(l, r, e, folder, bar);
        if (leadseq_stop_signal()) return 1;
        if (status) fail_outcome(&r->outcome);
        if (!status && mark_done(folder)) return -1;
    }
    r->outcome.seconds = leadseq_seconds() - begun;
    return leadseq_folder_has(folder, "steps.tsv") ? read_outcome(&r->outcome, folder, e) : 0;
}

int rung_run(struct ladder *l, struct rung *r, struct leadseq_progress *bar)
{
    struct leadseq_experiment e;
    r->outcome = (struct remedy_outcome){.z = NAN,
                                         .saturated_from = NAN,
                                         .first_lead = NAN,
                                         .first_share = NAN,
                                         .moved = NAN,
                                         .cost_first = NAN,
                                         .cost_last = NAN,
                                         .auc = {NAN, NAN, NAN, ""},
                                         .cost_unseen = NAN,
                                         .cost_constant = NAN};
    const char *absent = missing(l, r);
    if (absent) {
        snprintf(r->outcome.failure, sizeof r->outcome.failure, "%s", absent);
        return 0;
    }
    if (rung_experiment(l, r, &e)) {
        fail_outcome(&r->outcome);
        return 0;
    }
    char *folder = leadseq_path_join(l->folder, r->name);
    int status = folder ? train_and_read(l, r, &e, folder, bar) : -1;
    free(folder);
    return status;
}

size_t rung_steps(const struct ladder *l, const struct rung *r)
{
    struct leadseq_experiment e;
    if (missing(l, r) || rung_experiment(l, r, &e)) return leadseq_error_clear(), 0;
    return e.train.max_steps > 0 ? (size_t)e.train.max_steps : 0;
}
