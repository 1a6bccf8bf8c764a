/* SPDX-License-Identifier: MIT
 *
 * What the sections of the page use: headings, tables that are written for LaTeX too,
 * figures. */
#include "document.h"

#include "cells.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MODELS_IN_COLUMNS = 4 };

void document_heading(struct document *d, const char *title)
{
    if (d->output)
        leadseq_page_heading(d->page, "%s: %s", d->output, title);
    else
        leadseq_page_heading(d->page, "%s", title);
}

/* Takes the name over. */
static int add_name(struct document *d, char *name)
{
    char **more = name ? leadseq_realloc(d->table, d->n_tables + 1, sizeof *more) : NULL;
    if (!more) {
        free(name);
        return -1;
    }
    d->table = more;
    more[d->n_tables++] = name;
    return 0;
}

void document_table(struct document *d, const char *name, struct leadseq_table *table)
{
    char *path = table ? leadseq_format("%s/%s%s.tex", d->place->tables, d->prefix, name) : NULL;
    if (!path || leadseq_table_save_latex(table, path)) d->status = -1;
    if (add_name(d, leadseq_format("%s%s", d->prefix, name))) d->status = -1;
    free(path);
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
    char full[128];
    snprintf(full, sizeof full, "%s%s", d->prefix, name);
    leadseq_page_figure(d->page, d->place->figures, "figures", full, caption);
}

void document_values(struct document *d, const char *what, enum leadseq_metric metric)
{
    char words[512];
    size_t used = 0;
    words[0] = '\0';
    for (size_t i = 0; i < d->r->n_inputs && used < 400; i++) {
        char value[32];
        leadseq_number_text(value, d->r->model[i].metric[metric].value, report_decimals(metric));
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%.80s %s", i ? ", " : "",
                                 d->r->model[i].name, value);
    }
    leadseq_page_alternative(d->page, "%s: %s.", what, words);
}

void document_p(char text[48], double p)
{
    char number[32];
    leadseq_p_text(number, p);
    snprintf(text, 48, "p %s%s", *number == '<' ? "" : "= ", number);
}

const char *document_unit(const struct document *d)
{
    return d->r->patient_id ? "patients" : "records";
}

static void safe_name(char safe[48], const char *name)
{
    size_t n = 0;
    for (; name[n] && n < 40; n++)
        safe[n] = isalnum((unsigned char)name[n]) || name[n] == '-' ? name[n] : '_';
    safe[n] = '\0';
}

void report_output_prefix(char prefix[64], const struct report *whole, size_t output)
{
    char here[48], other[48];
    safe_name(here, whole->output[output].question);
    snprintf(prefix, 64, "%s_", here);
    for (size_t k = 0; k < whole->n_outputs; k++) {
        safe_name(other, whole->output[k].question);
        if (k != output && !strcasecmp(here, other)) snprintf(prefix, 64, "%s_%zu_", here, output);
    }
}
