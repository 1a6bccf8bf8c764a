/* SPDX-License-Identifier: MIT
 *
 * What a comparison says, in which order: the result first, then how far it can
 * be trusted, then how it was made. Every table that is read is written for LaTeX
 * too. */
#include "document.h"

#include "config.h"

#include <stdlib.h>

enum { PAIRS_IN_FULL = 3, MODELS_IN_COLUMNS = 4 };

void document_table(struct document *d, const char *name, struct leadseq_table *table)
{
    char *path = table ? leadseq_format("%s/%s.tex", d->place->tables, name) : NULL;
    char *copy = leadseq_format("%s", name);
    if (!path || !copy || leadseq_table_save_latex(table, path)) d->status = -1;
    free(path);
    if (copy && d->n_tables < DOCUMENT_TABLES_MAX)
        d->table[d->n_tables++] = copy;
    else
        free(copy);
    leadseq_page_table(d->page, table);
}

void document_models(struct document *d, const char *name, struct leadseq_table *table)
{
    bool many = d->r->n_inputs > MODELS_IN_COLUMNS;
    document_table(d, name, many ? leadseq_table_turn(table, "Model") : table);
}

void document_table_of(struct document *d, const char *name, size_t i, struct leadseq_table *table)
{
    char full[96];
    snprintf(full, sizeof full, "%s_%zu", name, i + 1);
    document_table(d, full, table);
}

void document_figure(struct document *d, const char *name, const char *caption)
{
    leadseq_page_figure(d->page, d->place->figures, "figures", name, caption);
}

void document_p(char text[48], double p)
{
    char number[32];
    report_format_p(number, p);
    snprintf(text, 48, "p %s%s", *number == '<' ? "" : "= ", number);
}

static void say_records(struct document *d)
{
    const struct report *r = d->r;
    char patients[64] = "";
    if (r->patients) snprintf(patients, sizeof patients, " of %zu patients", r->patients);
    leadseq_page_text(d->page,
                      "%zu models on the same %zu records%s, split \"%s\"; %zu records are "
                      "positive (%.1f %%).",
                      r->n_inputs, r->records, patients, r->split, r->positives,
                      100 * (double)r->positives / (double)r->records);
}

/* "A has the higher AUC by …: more than chance explains" */
static void say_pair(struct document *doc, const struct report_pair *pair)
{
    const struct leadseq_difference *d = &pair->metric[LEADSEQ_AUC];
    bool swap = d->difference < 0;
    const char *better = (swap ? pair->b : pair->a)->name;
    const char *other = (swap ? pair->a : pair->b)->name;
    char p[48], holm[48] = "", interval[96] = "";
    if (d->difference == 0) {
        leadseq_page_text(doc->page, "%s and %s have the same AUC.", better, other);
        return;
    }
    if (isnan(d->low)) {
        leadseq_page_text(doc->page, "%s has the higher AUC, by %.3f over %s (%s).", better,
                          fabs(d->difference), other, d->method);
        return;
    }
    document_p(p, d->p);
    if (doc->r->n_pairs > 1) document_p(holm, pair->holm[LEADSEQ_AUC]);
    snprintf(interval, sizeof interval, "%.3f to %.3f", swap ? -d->high : d->low,
             swap ? -d->low : d->high);
    leadseq_page_text(
        doc->page,
        "%s has the higher AUC, by %.3f over %s (95 %% interval %s; DeLong, paired, %s%s%s): %s.",
        better, fabs(d->difference), other, interval, p, *holm ? ", after Holm " : "", holm,
        pair->holm[LEADSEQ_AUC] < 1 - LEADSEQ_CONFIDENCE
            ? "more than chance alone explains at the 5 % level"
            : "these records do not tell the two apart at the 5 % level");
}

static void say_summary(struct document *d)
{
    const struct report *r = d->r;
    say_records(d);
    for (size_t i = 0; i < r->n_pairs && r->n_pairs <= PAIRS_IN_FULL; i++) say_pair(d, &r->pair[i]);
    if (r->n_groups) document_group_sentences(d);
    leadseq_page_note(d->page, "Not for clinical use.");
    for (size_t i = 0; i < r->n_notes; i++) leadseq_page_note(d->page, "%s", r->note[i]);
}

static void say_report(struct document *d)
{
    struct leadseq_bootstrap_options o = report_bootstrap_options(d->r);
    char when[32];
    leadseq_timestamp(when);
    leadseq_page_heading(d->page, "This report");
    leadseq_page_text(d->page,
                      "Written %s by %s; %zu resamples of %s, seed %llu. The same figures with "
                      "every digit: tables/ (TSV) and report.json; the tables for LaTeX: tables/ "
                      "(all of them in tables/tables.tex); data and scripts of the drawings: "
                      "figures/. Definitions: doc/statistics.md of the program.",
                      when, PACKAGE_STRING, o.resamples ? o.resamples : LEADSEQ_RESAMPLES,
                      d->r->patient_id ? "patients" : "records", (unsigned long long)o.seed);
    if (d->r->options->command_line)
        leadseq_page_text(d->page, "Command: %s", d->r->options->command_line);
    leadseq_page_note(d->page, "Not for clinical use.");
}

static const char latex_head[] = "\\documentclass[a4paper,10pt]{article}\n"
                                 "\\usepackage[utf8]{inputenc}\n"
                                 "\\usepackage[T1]{fontenc}\n"
                                 "\\usepackage[a4paper,landscape,margin=15mm]{geometry}\n"
                                 "\\usepackage{longtable}\n"
                                 "\\setlength{\\tabcolsep}{4pt}\n"
                                 "\\setlength{\\parindent}{0pt}\n"
                                 "\\begin{document}\n\\footnotesize\n";

/* A document of all tables, which shows that they compile and how they look. */
static int write_latex(const struct document *d)
{
    char *path = leadseq_path_join(d->place->tables, "tables.tex");
    struct leadseq_file *file = path ? leadseq_file_create(path) : NULL;
    free(path);
    if (!file) return -1;
    FILE *out = leadseq_file_stream(file);
    fprintf(out, "%% Every table of the comparison; pdflatex tables.tex in this folder.\n%s",
            latex_head);
    for (size_t i = 0; i < d->n_tables; i++)
        fprintf(out, "\\input{%s.tex}\\par\\bigskip\n", d->table[i]);
    fputs("\\end{document}\n", out);
    return leadseq_file_commit(file);
}

static void say_all(struct document *d)
{
    say_summary(d);
    document_seeds(d);
    document_discrimination(d);
    document_decisions(d);
    document_calibration(d);
    document_differences(d);
    document_subgroups(d);
    document_benefit(d);
    document_classes(d);
    document_flow(d);
    document_origin(d);
    document_checklists(d);
    say_report(d);
}

struct leadseq_page *report_document(const struct report *r, const struct report_place *place)
{
    char title[512];
    if (r->n_inputs == 2)
        snprintf(title, sizeof title, "%.200s and %.200s compared", r->model[0].name,
                 r->model[1].name);
    else
        snprintf(title, sizeof title, "%zu models compared", r->n_inputs);
    struct document d = {.r = r, .place = place, .page = leadseq_page_new(title)};
    if (!d.page) return NULL;
    say_all(&d);
    if (!d.status) d.status = write_latex(&d);
    for (size_t i = 0; i < d.n_tables; i++) free(d.table[i]);
    if (!d.status) return d.page;
    leadseq_page_free(d.page);
    return NULL;
}
