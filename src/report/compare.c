/* SPDX-License-Identifier: MIT
 *
 * A comparison from its inputs to its folder, which appears whole or not at all. */
#include "cells.h"
#include "inputs.h"
#include "measure.h"
#include "place.h"
#include "published.h"
#include "results.h"

#include <stdlib.h>

enum { TERMINAL_WIDTH = 100 };

static void report_clear(struct report *r)
{
    report_outputs_clear(r); // borrows from the models
    for (size_t i = 0; i < r->n_inputs + 1 && r->model; i++) {
        report_measured_clear(&r->model[i]);
        report_set_clear(&r->model[i].test);
        report_set_clear(&r->model[i].valid);
        report_set_clear(&r->model[i].train);
        report_input_clear(&r->model[i]);
    }
    for (size_t i = 0; i < r->n_notes; i++) free(r->note[i]);
    report_groups_clear(r);
    report_subgroups_clear(r);
    report_published_clear(r);
    report_stack_clear(&r->stack);
    report_names_free(r->names);
    free(r->model);
    free(r->pair);
    free(r->note);
    free(r->row);
}

static int read_inputs(struct report *r, char *const *inputs, size_t n)
{
    const bool published = r->options->published;
    if (n < 1 || (n < 2 && !published))
        return leadseq_fail("compare: expected two or more runs or tables, found %zu", n);
    r->model = leadseq_calloc(n + 1, sizeof *r->model);
    r->names = report_names_new();
    if (!r->model || !r->names) return -1;
    r->n_inputs = r->n_models = n;
    if (report_stack_read(r)) return -1;
    for (size_t i = 0; i < n; i++)
        if (leadseq_stop_check() || report_input_read(&r->model[i], inputs[i], r)) return -1;
    if (report_names_distinguish(r)) return -1;
    return report_parts_assign(r) ? -1 : report_question_find(r);
}

/* Every draw of the bootstrap, and every exchange of a pair; of several outputs once more, of what
 * they say together. */
static size_t count_steps(const struct report *r)
{
    struct leadseq_bootstrap_options o = report_bootstrap_options(r);
    size_t pairs = r->n_inputs * (r->n_inputs - 1) / 2;
    size_t steps = leadseq_bootstrap_steps(&o, r->patients ? r->patients : r->records) +
                   pairs * (report_resamples(r) + 1);
    return r->n_outputs ? 2 * steps : steps;
}

static int measure_subgroups(struct report *r)
{
    if (report_subgroups_measure(r)) return -1;
    for (size_t k = 0; r->several && k < r->n_outputs; k++)
        if (report_subgroups_measure(&r->output[k])) return -1;
    return 0;
}

static int measure(struct report *r)
{
    r->bar = leadseq_progress_new("compare", "draws", count_steps(r));
    int status = report_measure(r);
    if (!status) status = r->several ? report_pairs_measure_outputs(r) : report_pairs_measure(r);
    if (!status) status = report_joint_measure(r);
    leadseq_progress_free(r->bar);
    r->bar = NULL;
    if (status || report_outputs_measure(r) || report_groups_measure(r)) return -1;
    return measure_subgroups(r);
}

static int gather(struct report *r, char *const *inputs, size_t n)
{
    if (read_inputs(r, inputs, n) || report_align(r)) return -1;
    if (report_constant_add(r) || report_names_distinguish(r)) return -1;
    if (!r->several && report_thresholds_choose(r)) return -1;
    if (report_flags_raise(r) || report_outputs_split(r) || report_few_flag(r)) return -1;
    return report_published_read(r) ? -1 : measure(r);
}

static int write_parts(struct report *r, const char *folder, const char *tables,
                       const char *figures)
{
    if (leadseq_folder_make(tables) || leadseq_folder_make(figures)) return -1;
    if (report_tables_save(r, tables) || report_figures_write(r, figures)) return -1;
    struct report_place place = {tables, figures};
    struct leadseq_page *page = report_document(r, &place);
    int status = page ? leadseq_page_save(page, folder, "report") : -1;
    leadseq_page_free(page);
    char *json = status ? NULL : leadseq_path_join(folder, "report.json");
    status = json ? report_results_save(r, json) : -1;
    free(json);
    return status;
}

static int write_folder(struct report *r, const char *folder)
{
    char *tables = leadseq_path_join(folder, "tables");
    char *figures = leadseq_path_join(folder, "figures");
    int status = tables && figures ? write_parts(r, folder, tables, figures) : -1;
    free(tables);
    free(figures);
    return status;
}

static void print_pair(const struct report *r, const struct report_pair *pair, FILE *out)
{
    char text[LEADSEQ_ESTIMATE_TEXT];
    leadseq_difference_text(text, &pair->metric[LEADSEQ_AUC], 3);
    fprintf(out, "%s of %s minus %s: %s\n", r->several ? "mean AUC" : "AUC",
            leadseq_plain(pair->a->name), leadseq_plain(pair->b->name), text);
}

/* "120 records of 60 patients, 40 positive, split "test"" */
static void print_records(const struct report *r, FILE *out)
{
    fputs(leadseq_count(r->records, "record"), out);
    if (r->patients) fprintf(out, " of %s", leadseq_count(r->patients, "patient"));
    if (r->several)
        fprintf(out, ", means over %s", leadseq_count(r->n_outputs, "output"));
    else
        fprintf(out, ", %zu positive", r->positives);
    fprintf(out, ", %s%s; not for clinical use\n\n", r->split_text,
            r->simulated ? ", simulated" : "");
}

static int print_result(const struct report *r, FILE *out)
{
    enum leadseq_metric shown[LEADSEQ_METRICS];
    size_t n = report_metrics_in(shown, LEADSEQ_IN_SUMMARY);
    struct leadseq_table *t = report_table_metrics(r, NULL, shown, n);
    if (!t) return -1;
    print_records(r, out);
    int status = leadseq_table_write_text(t, TERMINAL_WIDTH, out);
    leadseq_table_free(t);
    for (size_t i = 0; i < r->n_pairs && !status; i++) {
        if (!i) putc('\n', out);
        print_pair(r, &r->pair[i], out);
    }
    if (!status) report_published_print(r, out);
    for (size_t i = 0; i < r->n_notes && !status; i++)
        fprintf(out, "%snote: %s\n", i ? "" : "\n", leadseq_plain(r->note[i]));
    return status;
}

int leadseq_compare(char *const *inputs, size_t n, const char *out,
                    const struct leadseq_compare_options *options, FILE *table)
{
    struct leadseq_resampled resampled = {0};
    struct report r = {.options = options,
                       .split = options->split ? options->split : "test",
                       .resampled = &resampled};
    struct leadseq_folder *folder = report_place_begin(out, inputs, n);
    int status = folder ? gather(&r, inputs, n) : -1;
    if (!status) status = write_folder(&r, leadseq_folder_partial(folder));
    if (!status) status = leadseq_stop_check();
    if (!status)
        status = leadseq_folder_commit(folder);
    else
        leadseq_folder_discard(folder);
    if (!status && table) status = print_result(&r, table);
    report_clear(&r);
    leadseq_resampled_clear(&resampled);
    return status;
}
