/* SPDX-License-Identifier: MIT
 *
 * What the files of a run folder say, whatever state it is in: a run that is being
 * written, or was killed, may have half a line at the end of a table; an older version
 * wrote other columns. What is absent becomes NaN and, where it matters, a note.
 *
 * Predictions of validation and test are taken together: both are of the same
 * checkpoint, and an AUC of twice the records says twice as much. (That checkpoint
 * was chosen on validation, which favours that half a little; doc/diagnostics.md.) */
#include "evidence.h"

#include "page/page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Tables of numbers ------------------------------------------------------------------------ */

int verdict_table_read(struct verdict_table *t, const char *folder, const char *name)
{
    *t = (struct verdict_table){0};
    struct leadseq_sheet *s = &t->sheet;
    if (leadseq_sheet_read_unfinished(s, folder, name)) return -1;
    t->rows = s->rows;
    t->value = leadseq_calloc(s->columns * s->rows + 1, sizeof *t->value);
    if (!t->value) {
        verdict_table_clear(t);
        return -1;
    }
    for (size_t c = 0; c < s->columns; c++)
        for (size_t i = 0; i < s->rows; i++)
            if (leadseq_sheet_number(s, i, (int)c, &t->value[c * s->rows + i]))
                leadseq_error_clear(); // words, which count as unknown
    return 0;
}

void verdict_table_clear(struct verdict_table *t)
{
    leadseq_sheet_clear(&t->sheet);
    free(t->value);
    *t = (struct verdict_table){0};
}

/* --- Predictions ------------------------------------------------------------------------------ */

static int make_room(struct verdict_scored *s, size_t more)
{
    size_t n = s->n + more + 1;
    double *logit = leadseq_realloc(s->logit, n, sizeof *logit);
    if (logit) s->logit = logit;
    double *probability = logit ? leadseq_realloc(s->probability, n, sizeof *probability) : NULL;
    if (probability) s->probability = probability;
    uint8_t *label = probability ? leadseq_realloc(s->label, n, sizeof *label) : NULL;
    if (label) s->label = label;
    int *patient = label ? leadseq_realloc(s->patient, n, sizeof *patient) : NULL;
    if (patient) s->patient = patient;
    return patient ? 0 : -1;
}

/* "logit" of the only output, "logit_NAME" of one of several. */
static const double *column_of(const struct verdict_table *t, const char *what, const char *output)
{
    char title[96];
    snprintf(title, sizeof title, "%s%s%s", what, *output ? "_" : "", output);
    return verdict_column(t, title);
}

/* Adds an output's rows of a part; 1 where there are none or its columns are not ours. Records
 * whose label is unknown are left out. */
static int add_part(struct verdict_output *o, const struct verdict_table *t)
{
    struct verdict_scored *s = &o->scored;
    const double *logit = column_of(t, "logit", o->name), *label = column_of(t, "label", o->name);
    const double *probability = column_of(t, "probability", o->name);
    const double *patient = verdict_column(t, "patient_id");
    bool usable = t->rows && logit && label && probability;
    int status = usable ? make_room(s, t->rows) : 1;
    for (size_t i = 0; !status && i < t->rows; i++) {
        if (!isfinite(logit[i]) || isnan(probability[i]) || (label[i] != 0 && label[i] != 1))
            continue;
        s->logit[s->n] = logit[i];
        s->probability[s->n] = probability[i];
        s->label[s->n] = label[i] == 1;
        // a record whose patient is not known is one of its own
        bool known = patient && patient[i] >= 0 && patient[i] <= INT32_MAX;
        s->patient[s->n] = known ? (int)patient[i] : -1 - (int)s->n;
        s->positive += s->label[s->n++];
    }
    return status;
}

static int count_distinct(struct verdict_scored *s)
{
    double *sorted = leadseq_calloc(s->n, sizeof *sorted);
    if (!sorted) return -1;
    memcpy(sorted, s->probability, s->n * sizeof *sorted);
    qsort(sorted, s->n, sizeof *sorted, leadseq_ascending);
    s->distinct = 1;
    for (size_t i = 1; i < s->n; i++) s->distinct += sorted[i] != sorted[i - 1];
    free(sorted);
    return 0;
}

static double deviation(const double *x, size_t n, double *mean)
{
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += x[i];
    *mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) square += (x[i] - *mean) * (x[i] - *mean);
    return sqrt(square / (double)n);
}

static int measure(struct verdict_scored *s)
{
    double mean;
    s->logit_sd = deviation(s->logit, s->n, &s->logit_mean);
    s->probability_sd = deviation(s->probability, s->n, &mean);
    struct leadseq_confusion c = leadseq_confusion_at(s->probability, s->label, s->n, .5);
    s->sensitivity = leadseq_sensitivity(&c);
    s->specificity = leadseq_specificity(&c);
    if (count_distinct(s)) return -1;
    if (!s->positive || s->positive == s->n) return 0;
    if (leadseq_auc_interval(&s->auc, s->probability, s->label, s->patient, s->n)) return -1;
    if (leadseq_auc_delong(&s->plain, s->probability, s->label, s->n)) return -1;
    // no distinct scores leave DeLong's variance at zero: chance has this much
    double p = (double)s->positive, n = (double)(s->n - s->positive);
    double null = sqrt((p + n + 1) / (12 * p * n));
    double error = (s->plain.high - s->plain.low) / (2 * 1.959964);
    if (!(error > null / 4)) error = null;
    s->z = (s->auc.value - .5) / error;
    return 0;
}

static int read_output(struct verdict_output *o, const struct verdict_table *valid,
                       const struct verdict_table *test)
{
    struct verdict_scored *s = &o->scored;
    int in_valid = add_part(o, valid), in_test = in_valid < 0 ? -1 : add_part(o, test);
    if (in_valid < 0 || in_test < 0) return -1;
    s->parts = in_valid ? in_test ? "" : "test" : in_test ? "validation" : "validation and test";
    s->z = s->auc.value = s->auc.low = s->auc.high = NAN;
    return s->n ? measure(s) : 0;
}

/* --- Outputs ---------------------------------------------------------------------------------- */

static int add_output(struct verdict *v, const char *name)
{
    struct verdict_output *grown = leadseq_realloc(v->output, v->n_outputs + 1, sizeof *v->output);
    if (!grown) return -1;
    v->output = grown;
    struct verdict_output *o = &v->output[v->n_outputs++];
    *o = (struct verdict_output){.scored.parts = ""};
    snprintf(o->name, sizeof o->name, "%s", name);
    return 0;
}

/* The names of several outputs, from the columns of a table of predictions. */
static int add_outputs(struct verdict *v, const struct verdict_table *t)
{
    static const char prefix[] = "logit_";
    for (size_t c = 0; c < t->sheet.columns && v->n_outputs < VERDICT_OUTPUTS; c++) {
        const char *title = leadseq_sheet_title(&t->sheet, (int)c);
        if (!strncmp(title, prefix, strlen(prefix)) && add_output(v, title + strlen(prefix)))
            return -1;
    }
    return 0;
}

/* Or, of a run that has predicted nothing yet, from what its probes wrote. */
static int add_measured_outputs(struct verdict *v)
{
    char *path = leadseq_path_join(v->run, "diagnostics.h5");
    if (!path) return -1;
    struct leadseq_diagnostics *d =
        leadseq_path_exists(path) ? leadseq_diagnostics_open(path) : NULL;
    const char *name;
    int status = 0;
    while (d && !status && (name = leadseq_diagnostics_label(d, "outputs", v->n_outputs)))
        status = add_output(v, name);
    leadseq_diagnostics_close(d);
    free(path);
    if (!status) leadseq_error_clear();
    return status;
}

/* The output that ranks unseen records best: rules about the whole run look at it. */
static void choose_output(struct verdict *v)
{
    v->now = &v->output[0];
    for (size_t k = 1; k < v->n_outputs; k++)
        if (v->output[k].scored.z > v->now->scored.z || isnan(v->now->scored.z))
            v->now = &v->output[k];
}

static int read_outputs(struct verdict *v)
{
    struct verdict_table valid = {0}, test = {0};
    int status = verdict_table_read(&valid, v->run, "predictions-valid.tsv");
    if (!status) status = verdict_table_read(&test, v->run, "predictions-test.tsv");
    if (!status) status = add_outputs(v, valid.rows ? &valid : &test);
    if (!status && !valid.rows && !test.rows) status = add_measured_outputs(v);
    if (!status && !v->n_outputs) status = add_output(v, "");
    for (size_t k = 0; !status && k < v->n_outputs; k++)
        status = read_output(&v->output[k], &valid, &test);
    verdict_table_clear(&valid);
    verdict_table_clear(&test);
    if (status) return -1;
    choose_output(v);
    if (!v->now->scored.n)
        verdict_note(v, "the run has no predictions of validation or test records: whether it "
                        "learned is judged by its epochs only");
    return 0;
}

/* --- Counts and the stack, from environment.json ---------------------------------------------- */

static struct leadseq_json *read_json(struct verdict *v, const char *name)
{
    char *path = leadseq_path_join(v->run, name);
    struct leadseq_json *json = NULL;
    if (path && leadseq_path_exists(path)) {
        json = leadseq_json_read(path);
        if (!json) verdict_note(v, "%s cannot be read: %s", name, leadseq_error());
    } else if (path) {
        verdict_note(v, "the run has no %s", name);
    }
    free(path);
    return json;
}

static double part_number(const struct leadseq_json *json, int part, const char *what)
{
    char path[224];
    snprintf(path, sizeof path, "parts.%s.%s", leadseq_part_name[part], what);
    return json ? leadseq_json_number(json, path) : NAN;
}

/* Of an output: its positives and the records whose label is known. */
static void count_output(struct verdict_output *o, const struct leadseq_json *json, int part)
{
    char path[160];
    o->positive[part] = part_number(json, part, "positive");
    o->labelled[part] = part_number(json, part, "n");
    if (!*o->name) return;
    snprintf(path, sizeof path, "outputs.%s.positive", o->name);
    o->positive[part] = part_number(json, part, path);
    snprintf(path, sizeof path, "outputs.%s.label_unknown", o->name);
    o->labelled[part] -= part_number(json, part, path);
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
        for (size_t k = 0; k < v->n_outputs; k++) count_output(&v->output[k], json, part);
    }
    c->both_sides = json ? leadseq_json_number(json, "parts.patients_on_both_sides") : NAN;
    c->records_of_those = json ? leadseq_json_number(json, "parts.records_of_those") : NAN;
    copy_text(c->stack, sizeof c->stack, json, "stack.path");
    copy_text(c->given, sizeof c->given, json, "stack.given");
    copy_text(c->checksum, sizeof c->checksum, json, "stack.checksum");
    leadseq_json_free(json);
    double batch = v->e->train.batch, epochs = v->e->train.epochs, most = v->e->train.max_steps;
    v->total_steps = epochs * ceil(c->n[LEADSEQ_TRAIN] / batch);
    if (most > 0 && !(v->total_steps <= most)) v->total_steps = most;
}

/* --- Steps and epochs ------------------------------------------------------------------------- */

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
    if (s->table.sheet.dropped)
        verdict_note(v, "steps.tsv: %s at its end cut short or damaged and left out",
                     leadseq_count(s->table.sheet.dropped, "line"));
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

static int read_steps(struct verdict *v)
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

/* --- How it ended ----------------------------------------------------------------------------- */

/* The reason of the last "… failed: …" of log.txt, unless the run was resumed after it. */
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
    char total[48] = "";
    if (isfinite(v->total_steps)) snprintf(total, sizeof total, " of %.0f", v->total_steps);
    if (v->early) v->total_steps = last; // as train.patience had it
    v->finished = v->now->scored.n > 0 && !v->busy && !(last < v->total_steps);
    if (v->busy)
        verdict_note(v, "the run is still training, at step %.0f%s: what is said holds so far",
                     last, total);
    else if (v->failure[0])
        verdict_note(v, "the run ended by a failure after step %.0f: %s", last, v->failure);
    else if (last < v->total_steps)
        verdict_note(
            v, "the run was cut short after step %.0f%s: what would have followed is not known",
            last, total);
}

/* --- Nothing is known yet --------------------------------------------------------------------- */

static void forget_output(struct verdict_output *o)
{
    struct verdict_head *h = &o->head;
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
                         &h->feature_variation};
    for (size_t i = 0; i < LEADSEQ_COUNT(unknown); i++) *unknown[i] = NAN;
    o->dead = (struct verdict_dead){.first_step = NAN, .logit_mean = NAN, .logit_mean_last = NAN};
}

static void forget(struct verdict *v)
{
    double *unknown[] = {
        &v->flow.step,    &v->flow.factor,      &v->flow.factor_se,  &v->flow.share,
        &v->flow.share_c, &v->flow.mean_factor, &v->flow.factor_c,   &v->gates.step,
        &v->gates.worst,  &v->gates.dead,       &v->gates.duplicate, &v->gates.channels,
        &v->gates.memory, &v->change.step,      &v->change.distance, &v->change.ratio};
    for (size_t i = 0; i < LEADSEQ_COUNT(unknown); i++) *unknown[i] = NAN;
    for (size_t k = 0; k < v->n_outputs; k++) forget_output(&v->output[k]);
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
                                    .singular_residual = NAN,
                                    .radius_residual = NAN,
                                    .radius_error = NAN,
                                    .lyapunov = NAN,
                                    .field = NAN,
                                    .beat = NAN,
                                    .order_shift = NAN};
}

/* --- All of it -------------------------------------------------------------------------------- */

int verdict_read(struct verdict *v, const char *run, const struct leadseq_experiment *e)
{
    *v = (struct verdict){.run = run, .e = e};
    if (!leadseq_path_is_folder(run))
        return leadseq_fail("%s: expected a run's folder, found none", run);
    if (read_outputs(v)) return -1;
    forget(v);
    read_counts(v);
    read_log(v);
    if (read_steps(v)) return -1;
    note_end(v);
    return 0;
}

static void clear_output(struct verdict_output *o)
{
    free(o->scored.logit);
    free(o->scored.probability);
    free(o->scored.label);
    free(o->scored.patient);
    free(o->head.at);
    free(o->head.moved);
    free(o->head.reach);
}

void verdict_clear(struct verdict *v)
{
    if (!v) return;
    verdict_table_clear(&v->steps.table);
    free(v->steps.size);
    verdict_table_clear(&v->history);
    for (size_t k = 0; k < v->n_outputs; k++) clear_output(&v->output[k]);
    free(v->output);
    for (size_t i = 0; i < v->n_notes; i++) free(v->note[i]);
    *v = (struct verdict){0};
}
