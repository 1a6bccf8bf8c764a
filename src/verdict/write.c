/* SPDX-License-Identifier: MIT
 *
 * The findings as diagnosis.json, diagnosis.html and .md, and as text. */
#include "config.h"
#include "finding.h"
#include "ladder.h"

#include "page/page.h"

#include <stdlib.h>
#include <string.h>

/* --- JSON ------------------------------------------------------------------------------------- */

static struct leadseq_json *finding_json(const struct finding *f)
{
    struct leadseq_json *json = leadseq_json_object(), *evidence = leadseq_json_object();
    leadseq_json_set_text(json, "id", f->id);
    leadseq_json_set_text(json, "title", f->title);
    if (*f->outputs) leadseq_json_set_text(json, "output", f->outputs);
    leadseq_json_set_text(json, "severity", verdict_severity_name[f->severity]);
    leadseq_json_set_number(json, "first_step", f->first_step);
    leadseq_json_set_number(json, "confidence", f->confidence);
    leadseq_json_set_text(json, "follows_from", f->follows);
    leadseq_json_set_text(json, "mechanism", f->mechanism);
    for (size_t i = 0; i < f->n_numbers; i++)
        if (isfinite(f->number[i].value))
            leadseq_json_set_number(evidence, f->number[i].name, f->number[i].value);
    leadseq_json_set(json, "evidence", evidence);
    leadseq_json_set_text(json, "advice", f->advice);
    leadseq_json_set_text(json, "figure", f->figure[0] ? f->figure : NULL);
    return json;
}

static struct leadseq_json *run_json(const struct verdict *v)
{
    struct leadseq_json *run = leadseq_json_object();
    leadseq_json_set_text(run, "name", v->e->name);
    leadseq_json_set_text(run, "path", v->run);
    leadseq_json_set_count(run, "steps", v->steps.n);
    leadseq_json_set_number(run, "total_steps", v->total_steps);
    leadseq_json_set_count(run, "epochs", v->history.rows);
    leadseq_json_set_bool(run, "finished", v->finished);
    leadseq_json_set_bool(run, "going_on", v->busy);
    leadseq_json_set_text(run, "failure", v->failure[0] ? v->failure : NULL);
    int learned = verdict_learned(v);
    if (learned >= 0)
        leadseq_json_set_bool(run, "learns", learned == 1);
    else
        leadseq_json_set_number(run, "learns", NAN); // not known
    return run;
}

int verdict_write_json(const struct verdict *v, const struct findings *all,
                       const struct leadseq_remedies *tried, const char *out)
{
    struct leadseq_json *json = leadseq_json_object(), *findings = leadseq_json_array(),
                        *notes = leadseq_json_array();
    for (size_t i = 0; i < all->n; i++)
        leadseq_json_append(findings, finding_json(&all->finding[i]));
    for (size_t i = 0; i < v->n_notes; i++)
        leadseq_json_append(notes, leadseq_json_string(v->note[i]));
    leadseq_json_set_count(json, "schema", 1);
    leadseq_json_set_text(json, "program", PACKAGE_STRING);
    leadseq_json_set(json, "run", run_json(v));
    leadseq_json_set(json, "findings", findings);
    leadseq_json_set(json, "not_concluded", notes);
    if (tried) leadseq_json_set(json, "remedies", ladder_json(tried));
    char *path = leadseq_path_join(out, "diagnosis.json");
    int status = path ? leadseq_json_save(json, path) : -1;
    free(path);
    leadseq_json_free(json);
    return status;
}

/* --- Page ------------------------------------------------------------------------------------- */

static void say_summary(struct leadseq_page *page, const struct verdict *v,
                        const struct findings *all)
{
    const struct verdict_steps *s = &v->steps;
    char total[48] = "";
    if (isfinite(v->total_steps)) snprintf(total, sizeof total, " of %.0f", v->total_steps);
    leadseq_page_text(page, "Run %s: %s%s, %s%s.", v->run, leadseq_count(s->n, "step"), total,
                      leadseq_count(v->history.rows, "epoch"),
                      v->busy         ? ", still running"
                      : v->failure[0] ? ", ended by a failure"
                      : v->finished   ? ", finished"
                                      : "");
    if (!all->n) {
        leadseq_page_note(page, "No rule found a fault, but the run does not show either that the "
                                "model learns. What could not be concluded is listed below.");
        return;
    }
    struct leadseq_table *table = leadseq_table_new(NULL);
    if (!table) return;
    leadseq_table_column(table, LEADSEQ_LEFT, "finding");
    leadseq_table_column(table, LEADSEQ_LEFT, "severity");
    leadseq_table_column(table, LEADSEQ_RIGHT, "first step");
    leadseq_table_column(table, LEADSEQ_RIGHT, "confidence");
    for (size_t i = 0; i < all->n; i++) {
        const struct finding *f = &all->finding[i];
        leadseq_table_cell(table, "%s (%s)%s%s", f->title, f->id, *f->outputs ? ": " : "",
                           f->outputs);
        leadseq_table_cell(table, "%s", verdict_severity_name[f->severity]);
        if (isfinite(f->first_step))
            leadseq_table_cell(table, "%.0f", f->first_step);
        else
            leadseq_table_cell(table, "–");
        leadseq_table_cell(table, "%.2f", f->confidence);
    }
    leadseq_page_table(page, table);
}

static struct leadseq_table *numbers(const struct finding *f)
{
    struct leadseq_table *table = leadseq_table_new("Evidence");
    if (!table) return NULL;
    leadseq_table_column(table, LEADSEQ_LEFT, "number");
    leadseq_table_column(table, LEADSEQ_RIGHT, "value");
    for (size_t i = 0; i < f->n_numbers; i++) {
        if (!isfinite(f->number[i].value)) continue;
        leadseq_table_cell(table, "%s", f->number[i].name);
        leadseq_table_cell(table, "%.6g", f->number[i].value);
    }
    return table;
}

static void say_finding(struct leadseq_page *page, const struct finding *f, const char *figures)
{
    leadseq_page_heading(page, "%s%s%s", f->title, *f->outputs ? ": " : "", f->outputs);
    leadseq_page_text(page, "%s · severity %s · confidence %.0f %%%s%s", f->id,
                      verdict_severity_name[f->severity], 100 * f->confidence,
                      f->follows ? " · follows from " : "", f->follows ? f->follows : "");
    leadseq_page_text(page, "%s", f->mechanism);
    leadseq_page_note(page, "What to change: %s", f->advice);
    leadseq_page_row_begin(page);
    if (f->figure[0]) leadseq_page_figure(page, figures, "figures", f->figure, f->caption);
    leadseq_page_table(page, numbers(f));
    leadseq_page_row_end(page);
}

static void say_origin(struct leadseq_page *page, const struct verdict *v,
                       const struct leadseq_verdict_options *options)
{
    char when[32];
    if (v->n_notes) leadseq_page_heading(page, "What could not be concluded, and why");
    for (size_t i = 0; i < v->n_notes; i++) leadseq_page_text(page, "%s", v->note[i]);
    leadseq_timestamp(when);
    leadseq_page_heading(page, "This diagnosis");
    leadseq_page_text(page,
                      "Written %s by %s. All digits are in diagnosis.json, data and scripts of "
                      "the figures in figures/. Not for clinical use.",
                      when, PACKAGE_STRING);
    if (options->command_line) leadseq_page_text(page, "Command: %s", options->command_line);
}

static int write_page(const struct verdict *v, const struct findings *all,
                      const struct leadseq_remedies *tried,
                      const struct leadseq_verdict_options *options)
{
    char title[160];
    snprintf(title, sizeof title, "Diagnosis of %.100s", v->e->name);
    char *figures = leadseq_path_join(options->out, "figures");
    struct leadseq_page *page = figures ? leadseq_page_new(title) : NULL;
    int status = page ? 0 : -1;
    if (page) {
        say_summary(page, v, all);
        for (size_t i = 0; i < all->n; i++) say_finding(page, &all->finding[i], figures);
        if (tried) ladder_page(page, tried, figures);
        say_origin(page, v, options);
        status = leadseq_page_save(page, options->out, "diagnosis");
    }
    leadseq_page_free(page);
    free(figures);
    return status;
}

int verdict_write(const struct verdict *v, const struct findings *all,
                  const struct leadseq_remedies *tried,
                  const struct leadseq_verdict_options *options)
{
    if (verdict_write_json(v, all, tried, options->out)) return -1;
    return write_page(v, all, tried, options);
}

/* --- Text ------------------------------------------------------------------------------------- */

/* A paragraph in lines of at most 96 bytes. */
static void print_wrapped(const char *said, FILE *out)
{
    const struct leadseq_plained plain = leadseq_plained(said);
    const char *text = plain.text;
    while (*text) {
        size_t n = strlen(text);
        if (n > 92)
            for (n = 92; n > 1 && text[n] != ' ';) n--;
        if (n <= 1) n = strlen(text) < 92 ? strlen(text) : 92;
        fprintf(out, "    %.*s\n", (int)n, text);
        text += n + strspn(text + n, " ");
    }
}

int verdict_print(const struct verdict *v, const struct findings *all, FILE *out)
{
    if (!all->n)
        fprintf(out, "No rule found a fault, but the run does not show either that the model "
                     "learns.\n");
    for (size_t i = 0; i < all->n; i++) {
        const struct finding *f = &all->finding[i];
        fprintf(out, "%zu. %s%s%s [%s, %s, confidence %.0f %%", i + 1, f->title,
                *f->outputs ? ": " : "", leadseq_plain(f->outputs), f->id,
                verdict_severity_name[f->severity], 100 * f->confidence);
        if (isfinite(f->first_step)) fprintf(out, ", from step %.0f", f->first_step);
        fputs("]\n", out);
        print_wrapped(f->mechanism, out);
        fputs("  What to change\n", out);
        print_wrapped(f->advice, out);
    }
    if (v->n_notes) fputs("What could not be concluded\n", out);
    for (size_t i = 0; i < v->n_notes; i++) print_wrapped(v->note[i], out);
    return ferror(out)
               ? leadseq_fail("the diagnosis cannot be printed: %s", leadseq_write_reason(out))
               : 0;
}
