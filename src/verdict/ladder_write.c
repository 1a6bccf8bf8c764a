/* SPDX-License-Identifier: MIT
 *
 * What came of the ladder: a table, a figure of AUCs with their intervals, the
 * answer in a sentence. */
#include "ladder.h"

#include "page/page.h"

#include <stdlib.h>
#include <string.h>

static const char *learns_word(int learns)
{
    static const char *const word[] = {"not known", "no", "perhaps", "yes"};
    return word[learns + 1];
}

/* Significant digits; "–" where it is not known. */
static void number(struct leadseq_table *t, int digits, double value)
{
    if (isfinite(value))
        leadseq_table_cell(t, "%.*g", digits, value);
    else
        leadseq_table_cell(t, "–");
}

static void add_row(struct leadseq_table *t, const struct leadseq_remedies *l, const struct rung *r)
{
    const struct remedy_outcome *o = &r->outcome;
    leadseq_table_cell(t, "%s", r->name);
    leadseq_table_cell(t, "%s", !o->tried ? "–" : o->saturated ? "yes" : "no");
    number(t, 2, o->first_lead);
    number(t, 3, o->moved);
    number(t, 4, o->cost_first);
    number(t, 4, o->cost_last);
    if (isfinite(o->auc.value))
        leadseq_table_interval(t, 3, false, o->auc.value, o->auc.low, o->auc.high);
    else
        leadseq_table_cell(t, "–");
    number(t, 3, o->cost_unseen);
    leadseq_table_cell(t, "%s", o->failure[0] ? "not tried" : learns_word(rung_learns(l, r)));
}

static struct leadseq_table *table_of(const struct leadseq_remedies *l)
{
    static const char *const title[] = {
        "change",       "saturated", "gradient at first lead", "furthest step", "cost at first",
        "cost at last", "AUC",       "cross-entropy unseen",   "learns"};
    struct leadseq_table *t = leadseq_table_new("Remedies, tried");
    if (!t) return NULL;
    for (size_t i = 0; i < LEADSEQ_COUNT(title); i++) {
        bool words = i == 0 || i == LEADSEQ_COUNT(title) - 1;
        leadseq_table_column(t, words ? LEADSEQ_LEFT : LEADSEQ_RIGHT, title[i]);
    }
    for (int i = 0; i < l->n_rungs; i++) add_row(t, l, &l->rung[i]);
    return t;
}

/* --- Figure ----------------------------------------------------------------------------------- */

static int draw(const struct leadseq_remedies *l, const char *folder)
{
    const char *name[RUNGS_MOST];
    double x[RUNGS_MOST], y[RUNGS_MOST], low[RUNGS_MOST], high[RUNGS_MOST];
    double chance[] = {.5, .5}, ends[] = {-.5, 0};
    size_t n = 0;
    for (int i = 0; i < l->n_rungs; i++) {
        const struct rung *r = &l->rung[i];
        if (!isfinite(r->outcome.auc.value)) continue;
        name[n] = r->name;
        x[n] = r->outcome.auc.value;
        low[n] = r->outcome.auc.low;
        high[n] = r->outcome.auc.high;
        y[n] = (double)n;
        n++;
    }
    ends[1] = (double)n - .5;
    if (!n) return 1;
    struct leadseq_series series[] = {{.label = "AUC on unseen records",
                                       .n = n,
                                       .x = x,
                                       .y = y,
                                       .low = low,
                                       .high = high,
                                       .line = LEADSEQ_POINTS},
                                      {.label = "constant classifier",
                                       .n = 2,
                                       .x = chance,
                                       .y = ends,
                                       .line = LEADSEQ_REFERENCE}};
    struct leadseq_figure figure = {.name = "remedies",
                                    .x_label = "AUC",
                                    .y_label = "",
                                    .x_low = 0,
                                    .x_high = 1,
                                    .y_name = name,
                                    .n_y_names = n,
                                    .series = series,
                                    .n_series = LEADSEQ_COUNT(series)};
    bool drawn;
    return leadseq_figure_write(&figure, folder, &drawn);
}

int leadseq_remedies_write(const struct leadseq_remedies *l)
{
    struct leadseq_table *t = table_of(l);
    char *tsv = leadseq_format("%s.tsv", l->folder);
    char *folder = leadseq_format("%s/../figures", l->folder);
    int status = t && tsv && folder ? leadseq_table_save_tsv(t, tsv) : -1;
    if (!status) status = leadseq_folder_make(folder);
    // a ladder that was stopped keeps its table; its figure can wait
    if (!status && draw(l, folder) < 0 && !leadseq_stop_signal()) status = -1;
    leadseq_table_free(t);
    free(tsv);
    free(folder);
    return status;
}

/* --- In words --------------------------------------------------------------------------------- */

static void say_answer(const struct leadseq_remedies *l, char *text, size_t room)
{
    if (l->answer < 0) {
        snprintf(text, room,
                 "None of %s ranks unseen records better than chance, once the number of trainings "
                 "is taken into account%s.",
                 leadseq_count((size_t)l->n_rungs, "training"),
                 l->stopped ? "; the ladder was stopped, and continues when it is asked for again"
                            : "");
        return;
    }
    const struct rung *r = &l->rung[l->answer];
    const struct remedy_outcome *o = &r->outcome;
    size_t n =
        (size_t)snprintf(text, room, "The least change that learns: %s (%s): AUC %s on %s", r->name,
                         r->n_changes ? r->keys : "nothing changed", verdict_estimate(&o->auc).text,
                         leadseq_count(o->records, "unseen record"));
    if (n < room && isfinite(o->cost_unseen) && isfinite(o->cost_constant))
        n += (size_t)snprintf(text + n, room - n,
                              ", cross-entropy %.3f against %.3f of the constant classifier",
                              o->cost_unseen, o->cost_constant);
    if (n < room)
        snprintf(text + n, room - n, "%s.",
                 l->stopped ? "; the ladder was stopped before its end" : "");
}

void ladder_page(struct leadseq_page *page, const struct leadseq_remedies *l, const char *figures)
{
    char answer[900], *path = leadseq_format("%s/remedies.svg", figures);
    leadseq_page_heading(page, "Remedies, tried");
    say_answer(l, answer, sizeof answer);
    leadseq_page_note(page, "%s", answer);
    leadseq_page_table(page, table_of(l));
    double constant = l->n_rungs ? l->rung[0].outcome.cost_constant : NAN;
    char known[64] = "";
    if (isfinite(constant)) snprintf(known, sizeof known, " (constant answer: %.3f)", constant);
    leadseq_page_text(
        page,
        "Each training has the run's seed: the same order of records, and the same initial weights "
        "wherever a change leaves their shapes. Saturated: no gradient is left in nine of ten of "
        "the "
        "steps in the last quarter. Costs are means over the first and the last steps, in units of "
        "the loss that was trained; cross-entropy is unweighted, on validation and test records%s. "
        "AUC with its 95 %% interval (DeLong). Learns, yes: above chance also after correction for "
        "the number of trainings (Bonferroni); perhaps: above chance at 5 %% for this training by "
        "itself. Furthest step: the largest movement of a logit by one step, of those measured.",
        known);
    for (int i = 0; i < l->n_rungs; i++)
        if (l->rung[i].outcome.failure[0])
            leadseq_page_text(page, "%s: %s", l->rung[i].name, l->rung[i].outcome.failure);
    if (path && leadseq_path_exists(path))
        leadseq_page_figure(page, figures, "figures", "remedies",
                            "AUC on unseen records with 95 % intervals.");
    free(path);
}

static struct leadseq_json *rung_json(const struct leadseq_remedies *l, const struct rung *r)
{
    const struct remedy_outcome *o = &r->outcome;
    struct leadseq_json *json = leadseq_json_object();
    leadseq_json_set_text(json, "name", r->name);
    leadseq_json_set_text(json, "changes", r->keys);
    leadseq_json_set_bool(json, "tried", o->tried);
    leadseq_json_set_text(json, "failure", o->failure[0] ? o->failure : NULL);
    if (!o->tried) return json;
    leadseq_json_set_bool(json, "saturated", o->saturated);
    leadseq_json_set_number(json, "saturated_from", o->saturated_from);
    leadseq_json_set_number(json, "gradient_first_lead", o->first_lead);
    leadseq_json_set_number(json, "share_first_lead", o->first_share);
    leadseq_json_set_number(json, "furthest_step", o->moved);
    leadseq_json_set_number(json, "steps", o->steps);
    leadseq_json_set_number(json, "cost_first", o->cost_first);
    leadseq_json_set_number(json, "cost_last", o->cost_last);
    leadseq_json_set_count(json, "records", o->records);
    leadseq_json_set_number(json, "auc", o->auc.value);
    leadseq_json_set_number(json, "auc_low", o->auc.low);
    leadseq_json_set_number(json, "auc_high", o->auc.high);
    leadseq_json_set_number(json, "cross_entropy_unseen", o->cost_unseen);
    leadseq_json_set_number(json, "cross_entropy_constant", o->cost_constant);
    leadseq_json_set_text(json, "learns", learns_word(rung_learns(l, r)));
    return json;
}

struct leadseq_json *ladder_json(const struct leadseq_remedies *l)
{
    struct leadseq_json *json = leadseq_json_object(), *rungs = leadseq_json_array();
    char answer[900];
    say_answer(l, answer, sizeof answer);
    for (int i = 0; i < l->n_rungs; i++) leadseq_json_append(rungs, rung_json(l, &l->rung[i]));
    leadseq_json_set_text(json, "answer", answer);
    leadseq_json_set_text(json, "least_change", l->answer < 0 ? NULL : l->rung[l->answer].name);
    leadseq_json_set_bool(json, "complete", !l->stopped);
    leadseq_json_set(json, "trainings", rungs);
    return json;
}

int leadseq_remedies_print(const struct leadseq_remedies *l, FILE *out)
{
    char answer[900];
    struct leadseq_table *t = table_of(l);
    int status = t ? leadseq_table_write_text(t, 120, out) : -1;
    leadseq_table_free(t);
    say_answer(l, answer, sizeof answer);
    fprintf(out, "%s\n", answer);
    return status;
}
