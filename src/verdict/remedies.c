/* SPDX-License-Identifier: MIT
 *
 * The ladder: every change alone, then pairs of the promising ones, then threes
 * where no pair learns. All begin with the run's seed, so that order of records
 * and initial weights are the same wherever a change leaves them. */
#include "remedies.h"

#include <math.h>
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

static int count_tried(const struct ladder *l)
{
    int n = 0;
    for (int i = 0; i < l->n_rungs; i++) n += l->rung[i].outcome.tried;
    return n;
}

int rung_learns(const struct ladder *l, const struct rung *r)
{
    const struct remedy_outcome *o = &r->outcome;
    if (!o->tried || isnan(o->z)) return -1;
    if (o->saturated) return 0;
    if (o->z > corrected_z(count_tried(l))) return 2;
    return o->z > 1.959964;
}

/* --- Climbing
 * ------------------------------------------------------------------------------------- */

static int run_from(struct ladder *l, int first, struct leadseq_progress *bar)
{
    for (int i = first; i < l->n_rungs; i++) {
        int status = rung_run(l, &l->rung[i], bar);
        if (status < 0) return -1;
        if (status > 0) {
            l->stopped = true;
            l->n_rungs = i; // what was not finished is no result
            return 1;
        }
    }
    return 0;
}

static int run_level(struct ladder *l, int first, const char *label)
{
    size_t steps = 0;
    for (int i = first; i < l->n_rungs; i++) steps += rung_steps(l, &l->rung[i]);
    if (first == l->n_rungs) return 0;
    struct leadseq_progress *bar = leadseq_progress_new(label, "steps", steps);
    leadseq_progress_show_only(bar);
    const enum leadseq_log_level level = leadseq_log_level(LEADSEQ_LOG_WARN);
    int status = run_from(l, first, bar);
    leadseq_log_level(level);
    leadseq_progress_show_only(NULL);
    leadseq_progress_free(bar);
    return status;
}

/* Alive ones by how far above chance they rank; unknown last. */
static double promise(const struct rung *r)
{
    const struct remedy_outcome *o = &r->outcome;
    if (!o->tried || o->saturated) return -1e9;
    double gain = o->cost_constant - o->cost_unseen; // breaks ties where no AUC is known
    return isnan(o->z) ? -1e6 + (isfinite(gain) ? gain : 0) : o->z;
}

/* The k most promising of the rungs of one change, at most one of a group. */
static int choose(const struct ladder *l, int most, int *chosen)
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

static int climb_pairs(struct ladder *l, const int *chosen, int n)
{
    int first = l->n_rungs;
    for (int a = 0; a < n; a++)
        for (int b = a + 1; b < n; b++) (void)ladder_add(l, (int[]){chosen[a], chosen[b]}, 2);
    return run_level(l, first, "remedies in pairs");
}

static const struct rung *best_pair(const struct ladder *l)
{
    const struct rung *best = NULL;
    for (int i = 0; i < l->n_rungs; i++)
        if (l->rung[i].n_changes == 2 && (!best || promise(&l->rung[i]) > promise(best)))
            best = &l->rung[i];
    return best;
}

static bool any_learns(const struct ladder *l)
{
    for (int i = 0; i < l->n_rungs; i++)
        if (rung_learns(l, &l->rung[i]) == 2) return true;
    return false;
}

static int climb_threes(struct ladder *l, const int *chosen, int n)
{
    const struct rung *pair = best_pair(l);
    int first = l->n_rungs;
    if (!pair) return 0;
    int a = pair->change[0], b = pair->change[1];
    for (int k = 0; k < n; k++)
        if (chosen[k] != a && chosen[k] != b) (void)ladder_add(l, (int[]){a, b, chosen[k]}, 3);
    return run_level(l, first, "remedies in threes");
}

/* The fewest changes that learn; of several the best by AUC. */
static void find_answer(struct ladder *l)
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

static int climb(struct ladder *l)
{
    int chosen[REMEDY_MOST], n = 0;
    (void)ladder_add(l, NULL, 0);
    for (int i = 0; i < l->n_remedies; i++) (void)ladder_add(l, &i, 1);
    int status = run_level(l, 0, "remedies one by one");
    if (!status) n = choose(l, l->options->paired, chosen);
    if (!status) status = climb_pairs(l, chosen, n);
    if (!status && n > 2 && !any_learns(l)) status = climb_threes(l, chosen, n);
    find_answer(l);
    return status < 0 ? -1 : 0;
}

/* --- Where it is tried
 * -------------------------------------------------------------------------------- */

/* What every rung shares; a ladder begun with other settings is not gone on with. */
static char *settings(const struct ladder *l)
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
 * options goes on. */
static int compare_settings(const struct ladder *l, const char *then, const char *now)
{
    const char *rest = strstr(now, "\nlimit "), *end = rest ? strchr(rest + 1, '\n') : NULL;
    const size_t lengths = end ? (size_t)(end + 1 - now) : strlen(now);
    bool same = !strncmp(then, now, lengths);
    if (same && leadseq_experiment_is(l->e, then + lengths, &same)) {
        leadseq_error_clear();
        same = false;
    }
    if (same) return 0;
    return leadseq_fail("%s: the ladder there was begun with another experiment or other "
                        "lengths; remove it or give another --out",
                        l->folder);
}

static int open_folder(const struct ladder *l)
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

static const char *stack_of(const struct verdict *v, const struct leadseq_diagnose_options *options)
{
    if (options->data) return options->data;
    return v->counts.stack[0] && leadseq_path_exists(v->counts.stack) ? v->counts.stack : NULL;
}

int ladder_climb(struct ladder *l, const struct verdict *v,
                 const struct leadseq_diagnose_options *options)
{
    *l = (struct ladder){.e = v->e,
                         .options = options->remedies,
                         .data = stack_of(v, options),
                         .folder = leadseq_path_join(options->out, "remedies"),
                         .answer = -1};
    if (!l->folder) return -1;
    if (!l->data)
        return leadseq_fail(
            "%s: its stack (%s) is not there; remedies are trained on it: give it with "
            "--data",
            v->run, v->counts.stack[0] ? v->counts.stack : "unknown");
    remedies_plan(l);
    return open_folder(l) ? -1 : climb(l);
}

void ladder_clear(struct ladder *l)
{
    if (!l) return;
    free(l->folder);
    *l = (struct ladder){0};
}
