/* SPDX-License-Identifier: MIT
 *
 * The page: the result first, then how far it can be trusted, then how it was made. Every table
 * that is read is written for LaTeX too. */
#include "document.h"

#include "checklist.h"
#include "config.h"
#include "measure.h"
#include "results.h"

#include <stdlib.h>

static void say_records(struct document *d)
{
    const struct report *r = d->r;
    char patients[128] = "";
    if (r->patients)
        snprintf(patients, sizeof patients, " of %s", leadseq_count(r->patients, "patient"));
    if (r->several)
        leadseq_page_text(d->page, "%s of %s on the same %s%s, %s.",
                          leadseq_count(r->n_inputs, "model"),
                          leadseq_count(r->n_outputs, "output"),
                          leadseq_count(r->records, "record"), patients, r->split_text);
    else
        leadseq_page_text(d->page, "%s on the same %s%s, %s; %s %s positive (%.1f %%).",
                          leadseq_count(r->n_inputs, "model"), leadseq_count(r->records, "record"),
                          patients, r->split_text, leadseq_count(r->positives, "record"),
                          r->positives == 1 ? "is" : "are",
                          100 * (double)r->positives / (double)r->records);
}

/* "A has the higher AUC by …: more than chance explains"; of several outputs their mean. */
static void say_pair(struct document *doc, const struct report_pair *pair)
{
    const struct leadseq_difference *d = &pair->metric[LEADSEQ_AUC];
    const char *what = doc->r->several ? "mean AUC" : "AUC";
    bool swap = d->difference < 0;
    const char *better = (swap ? pair->b : pair->a)->name;
    const char *other = (swap ? pair->a : pair->b)->name;
    char p[48], holm[48] = "", interval[96] = "";
    if (isnan(d->difference)) {
        leadseq_page_text(doc->page, "The %s of %s and %s cannot be compared (%s).", what, better,
                          other, d->method);
        return;
    }
    if (d->difference == 0) {
        leadseq_page_text(doc->page, "%s and %s have the same %s.", better, other, what);
        return;
    }
    if (isnan(d->low) || isnan(d->p)) {
        leadseq_page_text(doc->page, "%s has the higher %s, by %.3f over %s (%s).", better, what,
                          fabs(d->difference), other, d->method);
        return;
    }
    document_p(p, d->p);
    if (doc->r->n_pairs > 1) document_p(holm, pair->holm[LEADSEQ_AUC]);
    snprintf(interval, sizeof interval, "%.3f to %.3f", swap ? -d->high : d->low,
             swap ? -d->low : d->high);
    leadseq_page_text(doc->page,
                      "%s has the higher %s, by %.3f over %s (95 %% interval %s; %s, %s%s%s): %s.",
                      better, what, fabs(d->difference), other, interval, d->method, p,
                      *holm ? ", after Holm " : "", holm,
                      pair->holm[LEADSEQ_AUC] < 1 - LEADSEQ_CONFIDENCE
                          ? "more than chance alone explains at the 5 % level"
                          : "these records do not distinguish the two at the 5 % level");
}

static void say_summary(struct document *d)
{
    const struct report *r = d->r;
    say_records(d);
    for (size_t i = 0; i < r->n_pairs && r->n_pairs <= DOCUMENT_PAIRS_IN_FULL; i++)
        say_pair(d, &r->pair[i]);
    if (r->n_groups) document_group_sentences(d);
    leadseq_page_note(d->page, "Not for clinical use.");
    for (size_t i = 0; i < r->n_notes; i++) leadseq_page_note(d->page, "%s", r->note[i]);
}

static void say_checklist(struct document *d, const struct report_checklist *list, const char *name)
{
    size_t count[3] = {0};
    char text[REPORT_WORDS];
    for (size_t i = 0; i < list->n; i++) count[report_item_fill(text, &list->item[i], d->r)]++;
    leadseq_page_subheading(d->page, "%s", list->name);
    leadseq_page_text(d->page, "%s. Answered here: %s; in part: %zu; by the authors: %zu.",
                      list->source, leadseq_count(count[REPORT_SAID], "item"), count[REPORT_PARTLY],
                      count[REPORT_AUTHORS]);
    document_table(d, name, report_table_checklist(d->r, list));
}

static void say_checklists(struct document *d)
{
    leadseq_page_heading(d->page, "Checklists");
    leadseq_page_text(d->page, "Items that this program cannot know say so; the numbers are the "
                               "guidelines', the words ours.");
    say_checklist(d, &report_tripod, "checklist_tripod_ai");
    say_checklist(d, &report_stard, "checklist_stard_ai");
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
                      when, PACKAGE_STRING, report_resamples(d->r), document_unit(d),
                      (unsigned long long)o.seed);
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

static void say_question(struct document *d)
{
    document_discrimination(d);
    document_decisions(d);
    document_calibration(d);
    document_differences(d);
    document_subgroups(d);
    document_benefit(d);
}

/* The same sections of each output. */
static void say_questions(struct document *whole)
{
    for (size_t k = 0; k < whole->r->n_outputs; k++) {
        struct document d = *whole;
        d.r = &whole->r->output[k];
        d.output = d.r->question;
        report_output_prefix(d.prefix, whole->r, k);
        say_question(&d);
        whole->table = d.table;
        whole->n_tables = d.n_tables;
        whole->status = d.status;
    }
}

static void say_all(struct document *d)
{
    say_summary(d);
    document_seeds(d);
    if (d->r->several) {
        document_outputs(d);
        say_questions(d);
    } else {
        say_question(d);
        document_outputs(d);
    }
    document_published(d);
    document_flow(d);
    document_origin(d);
    say_checklists(d);
    say_report(d);
}

struct leadseq_page *report_document(const struct report *r, const struct report_place *place)
{
    char title[512];
    if (r->n_inputs == 2)
        snprintf(title, sizeof title, "%.200s and %.200s compared", r->model[0].name,
                 r->model[1].name);
    else
        snprintf(title, sizeof title, "%s compared", leadseq_count(r->n_inputs, "model"));
    struct document d = {.r = r, .place = place, .page = leadseq_page_new(title)};
    if (!d.page) return NULL;
    say_all(&d);
    if (!d.status) d.status = write_latex(&d);
    for (size_t i = 0; i < d.n_tables; i++) free(d.table[i]);
    free(d.table);
    if (!d.status) return d.page;
    leadseq_page_free(d.page);
    return NULL;
}
