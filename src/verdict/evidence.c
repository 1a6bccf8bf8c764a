/* SPDX-License-Identifier: MIT
 *
 * Evidence from a run folder, whatever state it is in: what is absent becomes
 * NaN and, where it matters, a note. */
#include "verdict_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void verdict_note(struct verdict *v, const char *format, ...)
{
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < v->n_notes; i++)
        if (!strcmp(v->note[i], text)) return;
    if (v->n_notes == VERDICT_NOTES) return;
    char *copy = leadseq_format("%s", text);
    if (copy) v->note[v->n_notes++] = copy;
}

double verdict_mean(const double *value, size_t first, size_t last)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = first; value && i < last; i++)
        if (isfinite(value[i])) sum += value[i], n++;
    return n ? sum / (double)n : NAN;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double verdict_median(double *value, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(value[i])) value[kept++] = value[i];
    if (!kept) return NAN;
    qsort(value, kept, sizeof *value, compare);
    return kept % 2 ? value[kept / 2] : (value[kept / 2 - 1] + value[kept / 2]) / 2;
}

/* --- Counts and the stack, from environment.json -----------------------------------------------
 */

static struct leadseq_json *read_json(struct verdict *v, const char *name)
{
    char *path = leadseq_path_join(v->run, name);
    struct leadseq_json *json = NULL;
    if (path && leadseq_path_exists(path)) {
        json = leadseq_json_read(path);
        if (!json) verdict_note(v, "%s cannot be read: %s", name, leadseq_error());
    } else if (path) {
        verdict_note(v, "there is no %s", name);
    }
    free(path);
    return json;
}

static double part_number(const struct leadseq_json *json, int part, const char *what)
{
    char path[64];
    snprintf(path, sizeof path, "parts.%s.%s", leadseq_part_name[part], what);
    return json ? leadseq_json_number(json, path) : NAN;
}

static void copy_text(char *to, size_t room, const struct leadseq_json *json, const char *path)
{
    const char *text = json ? leadseq_json_text(json, path) : NULL;
    snprintf(to, room, "%s", text ? text : "");
}

static void read_counts(struct verdict *v)
{
    struct leadseq_json *json = read_json(v, "environment.json");
    struct verdict_counts *c = &v->counts;
    for (int part = 0; part < LEADSEQ_PARTS; part++) {
        c->n[part] = part_number(json, part, "n");
        c->positive[part] = part_number(json, part, "positive");
    }
    c->both_sides = json ? leadseq_json_number(json, "parts.patients_on_both_sides") : NAN;
    c->records_of_those = json ? leadseq_json_number(json, "parts.records_of_those") : NAN;
    copy_text(c->stack, sizeof c->stack, json, "stack.path");
    copy_text(c->checksum, sizeof c->checksum, json, "stack.checksum");
    leadseq_json_free(json);
    double batch = v->e->train.batch, epochs = v->e->train.epochs, most = v->e->train.max_steps;
    v->total_steps = epochs * ceil(c->n[LEADSEQ_TRAIN] / batch);
    if (most > 0 && !(v->total_steps <= most)) v->total_steps = most;
}

/* --- How it ended --------------------------------------------------------------------------------
 */

/* The reason of the last "… failed: …" of log.txt, unless it went on behind it. */
static void read_failure(struct verdict *v, char *text)
{
    char *last = NULL;
    for (char *at = text; (at = strstr(at, " failed: ")); at++) last = at + 9;
    if (!last || strstr(last, ": resumed after step ")) return;
    last[strcspn(last, "\n")] = '\0';
    snprintf(v->failure, sizeof v->failure, "%s", last);
}

/* A training holds the lock of its log. */
static void read_log(struct verdict *v)
{
    char *path = leadseq_path_join(v->run, "log.txt");
    if (!path || !leadseq_path_exists(path)) {
        free(path);
        return;
    }
    char *text = leadseq_file_read(path, 1 << 28, NULL);
    if (text) read_failure(v, text);
    v->early = text && strstr(text, " stopped early after epoch ");
    free(text);
    v->busy = leadseq_lock_is_held(path);
    free(path);
}

/* Whether every step that was asked for was taken. */
static void note_end(struct verdict *v)
{
    double last = v->steps.n ? v->steps.step[v->steps.n - 1] : 0;
    if (v->early) v->total_steps = last; // as train.patience had it
    v->finished = v->scored.n > 0 && !v->busy && !(last < v->total_steps);
    if (v->busy)
        verdict_note(v,
                     "the run is still going on, at step %.0f of %.0f: what is said holds so far",
                     last, v->total_steps);
    else if (v->failure[0])
        verdict_note(v, "the run ended by a failure after step %.0f: %s", last, v->failure);
    else if (last < v->total_steps)
        verdict_note(v,
                     "the run was cut short after step %.0f of %.0f: what would have come is not "
                     "known",
                     last, v->total_steps);
}

/* --- All of it
 * ------------------------------------------------------------------------------------- */

int verdict_gather_tables(struct verdict *v, const char *run, const struct leadseq_experiment *e)
{
    *v = (struct verdict){.run = run, .e = e};
    if (!leadseq_path_is_folder(run))
        return leadseq_fail("%s: expected a run's folder, found none", run);
    read_counts(v);
    read_log(v);
    if (verdict_steps_read(v) || verdict_scored_read(v)) return -1;
    note_end(v);
    return 0;
}

int verdict_gather(struct verdict *v, const char *run, const struct leadseq_experiment *e,
                   const struct leadseq_diagnose_options *options)
{
    return verdict_gather_tables(v, run, e) ? -1 : verdict_measure(v, options);
}

void verdict_clear(struct verdict *v)
{
    if (!v) return;
    verdict_table_clear(&v->steps.table);
    free(v->steps.size);
    verdict_table_clear(&v->history);
    verdict_scored_clear(&v->scored);
    free(v->head.at);
    free(v->head.moved);
    free(v->head.reach);
    for (size_t i = 0; i < v->n_notes; i++) free(v->note[i]);
    *v = (struct verdict){0};
}

/* --- Judgements rules share
 * ---------------------------------------------------------------------------- */

/* Hanley & McNeil (1982): the standard error of an AUC from its value and the counts. */
static double auc_error(double a, double p, double n)
{
    double q1 = a / (2 - a), q2 = 2 * a * a / (1 + a), square = a * a;
    return sqrt((a * (1 - a) + (p - 1) * (q1 - square) + (n - 1) * (q2 - square)) / (p * n));
}

/* How far the last epoch's AUC of a part is above chance, in standard errors of chance; NaN. */
static double last_epoch_z(const struct verdict *v, enum leadseq_part part)
{
    const double *auc =
        verdict_column(&v->history, part == LEADSEQ_TRAIN ? "train_auc" : "valid_auc");
    double p = v->counts.positive[part], n = v->counts.n[part] - p;
    if (!auc || !v->history.rows || !(p > 0 && n > 0)) return NAN;
    return (auc[v->history.rows - 1] - .5) / auc_error(.5, p, n);
}

/* One early checkpoint that ranks well by luck does not make a model that learns: the last epoch
 * must not contradict it, unless the odds are below one in a thousand. */
int verdict_learned(const struct verdict *v)
{
    const double five_percent = 1.959964, one_in_a_thousand = 3.290527;
    double last = last_epoch_z(v, LEADSEQ_VALID), z = v->scored.z;
    if (!v->scored.n) return isnan(last) ? -1 : last > five_percent;
    if (isnan(z)) return -1;
    if (z > one_in_a_thousand) return 1;
    return z > five_percent && !(last < 1);
}

bool verdict_fits(const struct verdict *v)
{
    const double one_in_a_thousand = 3.290527;
    return last_epoch_z(v, LEADSEQ_TRAIN) > one_in_a_thousand;
}

double verdict_constant_cost(const struct verdict *v)
{
    double p = v->counts.positive[LEADSEQ_TRAIN] / v->counts.n[LEADSEQ_TRAIN];
    double w = v->e->train.positive_weight[0];
    if (!(p > 0 && p < 1)) return NAN;
    double q = w * p / (w * p + 1 - p); // the constant probability of least weighted cost
    return -(w * p * log(q) + (1 - p) * log1p(-q));
}
