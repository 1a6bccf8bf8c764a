/* SPDX-License-Identifier: MIT
 *
 * Published results beside ours: the page's section, and the lines on the terminal. */
#include "document.h"

#include "published.h"
#include "results.h"

/* ".104 [.086, .126]" */
static void estimate_text(char text[64], const struct leadseq_estimate *e)
{
    if (isnan(e->value))
        snprintf(text, 64, "–");
    else
        snprintf(text, 64, "%.3f [%.3f, %.3f]", e->value, e->low, e->high);
}

static const char *verdict(const struct report_published *p)
{
    return p->compatible ? "compatible" : "not compatible";
}

/* --- The terminal ------------------------------------------------------------------------- */

static void print_line(const struct report_published *p, FILE *out)
{
    char row[160], ours[64], theirs[64], text[LEADSEQ_ESTIMATE_TEXT];
    if (*p->why) {
        fprintf(out, "%s: nothing published fits: %s\n", leadseq_plain(p->model->name),
                leadseq_plain(p->why));
        return;
    }
    report_published_row(row, p);
    estimate_text(ours, &p->ours.error);
    estimate_text(theirs, &p->theirs.error);
    leadseq_difference_text(text, &p->difference, 3);
    if (*p->other) fprintf(out, "other records: not comparable (%s): ", leadseq_plain(p->other));
    fprintf(out, "%s beside %s: error %s, published %s, difference %s",
            leadseq_plain(p->model->name), leadseq_plain(row), ours, theirs, text);
    fprintf(out, "%s%s\n", *p->other ? "" : ": ", *p->other ? "" : verdict(p));
}

void report_published_print(const struct report *r, FILE *out)
{
    if (r->n_published) fputs("\npublished results, decided at probability 0.5:\n", out);
    for (size_t i = 0; i < r->n_published; i++) print_line(&r->published[i], out);
}

/* --- The page ------------------------------------------------------------------------------ */

static void add_decided(struct leadseq_table *t, const struct report_decided *d)
{
    const struct leadseq_estimate *of[] = {&d->error, &d->sensitivity, &d->precision};
    for (size_t i = 0; i < LEADSEQ_COUNT(of); i++)
        leadseq_table_interval(t, 3, false, of[i]->value, of[i]->low, of[i]->high);
    leadseq_table_cell(t, "%zu %zu %zu %zu", d->count.tp, d->count.fp, d->count.fn, d->count.tn);
}

static void add_rows(struct leadseq_table *t, const struct report_published *p)
{
    char row[160];
    report_published_row(row, p);
    leadseq_table_cell(t, "%s", p->model->name);
    add_decided(t, &p->ours);
    leadseq_table_interval(t, 3, true, p->difference.difference, p->difference.low,
                           p->difference.high);
    if (*p->other)
        leadseq_table_cell(t, "other records: not comparable (%s)", p->other);
    else
        leadseq_table_cell(t, "%s", verdict(p));
    leadseq_table_cell(t, "%s", row);
    add_decided(t, &p->theirs);
    leadseq_table_cell(t, "–");
    leadseq_table_cell(t, "–");
}

static struct leadseq_table *table_published(const struct report *r)
{
    struct leadseq_table *t = leadseq_table_new("Ours, and below it what was published");
    if (!t) return NULL;
    leadseq_table_column(t, LEADSEQ_LEFT, "Model");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Error");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Sensitivity");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Precision");
    leadseq_table_column(t, LEADSEQ_RIGHT, "TP FP FN TN");
    leadseq_table_column(t, LEADSEQ_RIGHT, "Error, ours less published");
    leadseq_table_column(t, LEADSEQ_LEFT, "Verdict");
    for (size_t i = 0; i < r->n_published; i++)
        if (!*r->published[i].why) add_rows(t, &r->published[i]);
    return t;
}

void document_published(struct document *d)
{
    const struct report *r = d->r;
    size_t fitting = 0;
    if (!r->n_published) return;
    document_heading(d, "Published results");
    for (size_t i = 0; i < r->n_published; i++) fitting += !*r->published[i].why;
    if (fitting) document_table(d, "published", table_published(r));
    for (size_t i = 0; i < r->n_published; i++)
        if (*r->published[i].why)
            leadseq_page_text(d->page, "%s: nothing published fits: %s.",
                              r->published[i].model->name, r->published[i].why);
    leadseq_page_text(d->page,
                      "From %s: rows of the run's depth, batch size, dataset and selection of "
                      "records. Decisions are those at probability .5, as published ones are, not "
                      "at the threshold chosen on validation. Intervals after Wilson; that of the "
                      "difference after Newcombe, for independent samples: it is compatible where "
                      "it contains 0. With a split by record, patients may be on both sides, in "
                      "ours as in the published results.",
                      r->options->published);
}
