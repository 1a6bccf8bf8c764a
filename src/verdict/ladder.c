/* SPDX-License-Identifier: MIT
 *
 * The ladder: every change alone, then pairs of the promising ones, then threes
 * where no pair learns. All begin with the run's seed, so that order of records
 * and initial weights are the same wherever a change leaves them. Which trainings, and
 * what their folders then tell; the caller trains. */
#include "ladder.h"

#include <stdlib.h>
#include <string.h>

/* --- Judging ---------------------------------------------------------------------------------- */

/* Two-sided 5 % for the number of rungs tried (Bonferroni): the tail's bound
 * P(Z > z) = 5 %/2m, solved by bisection. */
static double corrected_z(int m)
{
    double low = 0, high = 10, target = .025 / (m < 1 ? 1 : m);
    for (int i = 0; i < 60; i++) {
        double z = (low + high) / 2;
        if (erfc(z / sqrt(2)) / 2 > target)
            low = z;
        else
            high = z;
    }
    return low;
}

static int count_tried(const struct leadseq_remedies *l)
{
    int n = 0;
    for (int i = 0; i < l->n_rungs; i++) n += l->rung[i].outcome.tried;
    return n;
}

int rung_learns(const struct leadseq_remedies *l, const struct rung *r)
{
    const struct remedy_outcome *o = &r->outcome;
    if (!o->tried || isnan(o->z)) return -1;
    if (o->saturated) return 0;
    if (o->z > corrected_z(count_tried(l))) return 2;
    return o->z > 1.959964;
}

/* --- Rungs ------------------------------------------------------------------------------------ */

static bool excludes(const struct leadseq_remedies *l, const int *change, int n)
{
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++)
            if (l->remedy[change[i]].group == l->remedy[change[k]].group) return true;
    return false;
}

/* "loss-logits+head-mean" */
static void name_rung(const struct leadseq_remedies *l, const int *change, int n, char name[128])
{
    FILE *out = fmemopen(name, 128, "w");
    if (!out) return;
    if (!n) fputs("as-it-was", out);
    for (int i = 0; i < n; i++) fprintf(out, "%s%s", i ? "+" : "", l->remedy[change[i]].name);
    fclose(out);
}

bool ladder_add(struct leadseq_remedies *l, const int *change, int n)
{
    struct rung *r = &l->rung[l->n_rungs];
    if (l->n_rungs == RUNGS_MOST || excludes(l, change, n)) return false;
    *r = (struct rung){.n_changes = n};
    for (int i = 0; i < n; i++) r->change[i] = change[i];
    char name[128] = "";
    name_rung(l, change, n, name);
    memcpy(r->name, name, sizeof r->name);
    for (int i = 0; i < l->n_rungs; i++)
        if (!strcmp(l->rung[i].name, r->name)) return false;
    l->n_rungs++;
    return true;
}

/* --- What came of one ------------------------------------------------------------------------- */

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

static double cost_constant(double p)
{
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
    int status = verdict_read(&v, folder, e);
    char *path = status ? NULL : leadseq_path_join(folder, "diagnostics.h5");
    if (path && leadseq_path_exists(path)) status = verdict_measure(&v, path) < 0 ? -1 : 0;
    free(path);
    if (!status) {
        const struct verdict_head *head = &v.now->head;
        read_steps(o, &v.steps);
        o->tried = true;
        o->first_lead = v.flow.rows ? v.flow.norm[0] : NAN;
        o->first_share = v.flow.share;
        o->moved = isfinite(head->measured) ? fabs(head->measured) : fabs(head->predicted);
        o->records = v.now->scored.n;
        o->auc = v.now->scored.auc;
        o->z = v.now->scored.z;
        o->cost_unseen = cost_unseen(&v.now->scored);
        o->cost_constant = cost_constant(verdict_positives(&v));
    }
    verdict_clear(&v);
    return status;
}

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

/* --- Which are promising ---------------------------------------------------------------------- */

/* Alive ones by how far above chance they rank; unknown last. */
static double promise(const struct rung *r)
{
    const struct remedy_outcome *o = &r->outcome;
    if (!o->tried || o->saturated) return -1e9;
    double gain = o->cost_constant - o->cost_unseen; // breaks ties where no AUC is known
    return isnan(o->z) ? -1e6 + (isfinite(gain) ? gain : 0) : o->z;
}

/* The k most promising of the rungs of one change, at most one of a group. */
static int choose(const struct leadseq_remedies *l, int most, int *chosen)
{
    bool used[RUNGS_MOST] = {false};
    int n = 0;
    while (n < most) {
        int best = -1;
        for (int i = 0; i < l->n_rungs; i++) {
            const struct rung *r = &l->rung[i];
            if (r->n_changes != 1 || used[i] || promise(r) <= -1e9) continue;
            if (best < 0 || promise(r) > promise(&l->rung[best])) best = i;
        }
        if (best < 0) return n;
        used[best] = true;
        bool taken = false;
        for (int k = 0; k < n; k++)
            taken = taken || l->remedy[chosen[k]].group == l->remedy[l->rung[best].change[0]].group;
        if (!taken) chosen[n++] = l->rung[best].change[0];
    }
    return n;
}

static void add_pairs(struct leadseq_remedies *l, const int *chosen, int n)
{
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++) (void)ladder_add(l, (int[]){chosen[a], chosen[b]}, 2);
}

static const struct rung *best_pair(const struct leadseq_remedies *l)
{
    const struct rung *best = NULL;
    for (int i = 0; i < l->n_rungs; i++)
        if (l->rung[i].n_changes == 2 && (!best || promise(&l->rung[i]) > promise(best)))
            best = &l->rung[i];
    return best;
}

static bool any_learns(const struct leadseq_remedies *l)
{
    for (int i = 0; i < l->n_rungs; i++)
        if (rung_learns(l, &l->rung[i]) == 2) return true;
    return false;
}

static void add_threes(struct leadseq_remedies *l, const int *chosen, int n)
{
    const struct rung *pair = best_pair(l);
    if (!pair) return;
    int a = pair->change[0], b = pair->change[1];
    for (int k = 0; k < n; k++)
        if (chosen[k] != a && chosen[k] != b) (void)ladder_add(l, (int[]){a, b, chosen[k]}, 3);
}

/* The fewest changes that learn; of several the best by AUC. */
static void find_answer(struct leadseq_remedies *l)
{
    l->answer = -1;
    for (int i = 0; i < l->n_rungs; i++) {
        const struct rung *r = &l->rung[i];
        if (rung_learns(l, r) < 2) continue;
        const struct rung *best = l->answer < 0 ? NULL : &l->rung[l->answer];
        if (!best || r->n_changes < best->n_changes ||
            (r->n_changes == best->n_changes && r->outcome.auc.value > best->outcome.auc.value))
            l->answer = i;
    }
}

/* --- Levels ----------------------------------------------------------------------------------- */

static const char *missing(const struct leadseq_remedies *l, const struct rung *r)
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

static void print_keys(const struct leadseq_remedies *l, struct rung *r)
{
    for (int i = 0; i < r->n_changes; i++) {
        const struct remedy *remedy = &l->remedy[r->change[i]];
        for (int k = 0; k < remedy->n_sets; k++) {
            size_t n = strlen(r->keys);
            snprintf(r->keys + n, sizeof r->keys - n, "%s%s=%s", n ? " " : "", remedy->set[k].key,
                     remedy->set[k].value);
        }
    }
}

/* The training of a rung, unless it cannot be tried, which is its outcome then. */
static int add_training(struct leadseq_remedies *l, int rung)
{
    struct rung *r = &l->rung[rung];
    struct leadseq_remedy *remedy = &l->level[l->n_level];
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
    print_keys(l, r);
    const char *absent = missing(l, r);
    if (absent) {
        snprintf(r->outcome.failure, sizeof r->outcome.failure, "%s", absent);
        return 0;
    }
    *remedy = (struct leadseq_remedy){.name = r->name, .overrides = r->keys, .data = l->data};
    if (rung_experiment(l, r, &remedy->e)) {
        fail_outcome(&r->outcome);
        return 0;
    }
    for (int i = 0; i < r->n_changes; i++)
        if (l->remedy[r->change[i]].data) remedy->data = l->remedy[r->change[i]].data;
    char *folder = leadseq_path_join(l->folder, r->name);
    if (!folder) return -1;
    remedy->out = folder;
    remedy->done = is_done(folder);
    remedy->steps = remedy->e.train.max_steps > 0 ? (size_t)remedy->e.train.max_steps : 0;
    l->level_rung[l->n_level++] = rung;
    return 0;
}

static void clear_level(struct leadseq_remedies *l)
{
    for (int i = 0; i < l->n_level; i++) free((char *)(uintptr_t)l->level[i].out);
    l->n_level = l->at = 0;
}

/* Adds the rungs of a level, and its trainings; the level's label. */
static const char *add_level(struct leadseq_remedies *l, int number)
{
    if (number == 0) {
        (void)ladder_add(l, NULL, 0);
        for (int i = 0; i < l->n_remedies; i++) (void)ladder_add(l, &i, 1);
        return "remedies one by one";
    }
    int chosen[REMEDY_MOST], n = choose(l, l->options->paired, chosen);
    if (number == 1) {
        add_pairs(l, chosen, n);
        return "remedies in pairs";
    }
    if (n > 2 && !any_learns(l)) add_threes(l, chosen, n);
    return "remedies in threes";
}

int leadseq_remedies_next(struct leadseq_remedies *l, const char **label,
                          struct leadseq_remedy **remedy, size_t *n)
{
    clear_level(l);
    while (!l->stopped && l->level_number < 3) {
        int first = l->n_rungs;
        *label = add_level(l, l->level_number++);
        for (int i = first; i < l->n_rungs; i++)
            if (add_training(l, i)) return -1;
        if (!l->n_level) continue;
        *remedy = l->level;
        *n = (size_t)l->n_level;
        return 1;
    }
    find_answer(l);
    return 0;
}

int leadseq_remedies_done(struct leadseq_remedies *l, int status)
{
    const struct leadseq_remedy *remedy = &l->level[l->at];
    int rung = l->level_rung[l->at++];
    struct remedy_outcome *o = &l->rung[rung].outcome;
    if (status > 0) {
        l->stopped = true;
        l->n_rungs = rung; // what was not finished is no result
        find_answer(l);
        return 0;
    }
    if (status < 0) fail_outcome(o);
    if (!status && !remedy->done && mark_done(remedy->out)) return -1;
    if (!leadseq_folder_has(remedy->out, "steps.tsv")) return 0;
    return read_outcome(o, remedy->out, &remedy->e);
}

/* --- Its folder ------------------------------------------------------------------------------- */

/* What every rung shares; a ladder begun with other settings is not continued. */
static char *settings(const struct leadseq_remedies *l)
{
    char *experiment = leadseq_experiment_text(l->e), *text = NULL;
    if (experiment)
        text = leadseq_format("steps %d\nepochs %d\nlimit %d\n%s", l->options->steps,
                              l->options->epochs, l->options->limit, experiment);
    free(experiment);
    return text;
}

static int write_text(const char *path, const char *text)
{
    struct leadseq_file *file = leadseq_file_create(path);
    if (!file) return -1;
    fputs(text, leadseq_file_stream(file));
    return leadseq_file_commit(file);
}

/* Lengths to the letter, the experiment option by option, so that a ladder of a version with fewer
 * options is continued. */
static int compare_settings(const struct leadseq_remedies *l, const char *then, const char *now)
{
    const char *rest = strstr(now, "\nlimit "), *end = rest ? strchr(rest + 1, '\n') : NULL;
    const size_t lengths = end ? (size_t)(end + 1 - now) : strlen(now);
    bool same = !strncmp(then, now, lengths);
    if (same && leadseq_experiment_is(l->e, then + lengths, &same)) {
        leadseq_error_clear();
        same = false;
    }
    if (same) return 0;
    return leadseq_fail("%s: the remedies there were begun with another experiment or other "
                        "lengths; remove the folder or give another --out",
                        l->folder);
}

static int open_folder(const struct leadseq_remedies *l)
{
    if (leadseq_folder_make(l->folder)) return -1;
    char *path = leadseq_path_join(l->folder, "settings.txt"), *now = settings(l), *then = NULL;
    int status = path && now ? 0 : -1;
    if (!status && leadseq_path_exists(path)) {
        then = leadseq_file_read(path, 1 << 20, NULL);
        status = then ? 0 : -1;
        if (!status) status = compare_settings(l, then, now);
    } else if (!status) {
        status = write_text(path, now);
    }
    free(path);
    free(now);
    free(then);
    return status;
}

struct leadseq_remedies *ladder_open(const struct verdict *v, const char *out,
                                     const struct leadseq_remedies_options *options)
{
    if (!v->data) {
        leadseq_fail("%s: its stack (%s) was not found; remedies are trained on it: give it with "
                     "--data",
                     v->run, v->counts.stack[0] ? v->counts.stack : "unknown");
        return NULL;
    }
    struct leadseq_remedies *l = leadseq_calloc(1, sizeof *l);
    if (!l) return NULL;
    l->e = v->e;
    l->options = options;
    l->data = v->data;
    l->answer = -1;
    l->folder = leadseq_path_join(out, "remedies");
    l->level = leadseq_calloc(RUNGS_MOST, sizeof *l->level);
    l->level_rung = leadseq_calloc(RUNGS_MOST, sizeof *l->level_rung);
    if (l->folder && l->level && l->level_rung) {
        remedies_plan(l);
        if (!open_folder(l)) return l;
    }
    leadseq_remedies_free(l);
    return NULL;
}

void leadseq_remedies_free(struct leadseq_remedies *l)
{
    if (!l) return;
    clear_level(l);
    free(l->level);
    free(l->level_rung);
    free(l->folder);
    free(l);
}
