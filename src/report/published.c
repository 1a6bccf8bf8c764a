/* SPDX-License-Identifier: MIT
 *
 * A table of published results, a confusion matrix in each row, and which of its rows fit which
 * run: those of its depth, batch size, dataset and selection of records, of
 *
 *   figure dataset selection depth batch epoch tp fp fn tn
 *   8      2       all       50    16    18    762 118 323 3164
 *
 * What was published was decided by the larger of two probabilities, so our decisions are those
 * at probability .5, not at the threshold that validation chose. */
#include "published.h"

#include "inputs.h"

#include <stdlib.h>
#include <string.h>

/* The published records: all of PTB-XL, or a selection of it, split at random by record; what was
 * reported is the fifth that chose the epoch. */
static const char published_source[] = "PTB-XL ", published_split[] = "record";
enum { TRAINED_PER_TESTED = 4 };
/* Releases differ by .2 % of their records. */
static const double alike = .05;

/* --- The table ------------------------------------------------------------------------- */

static const struct selection {
    const char *published, *select; /* the table's word, and data.select */
} selections[] = {{"mini", "balanced"}, {"all", "all"}};

enum column { FIGURE, DATASET, SELECTION, DEPTH, BATCH, EPOCH, TP, FP, FN, TN, COLUMNS };
static const char *const column_title[COLUMNS] = {
    "figure", "dataset", "selection", "depth", "batch", "epoch", "tp", "fp", "fn", "tn"};

static int read_count(const struct leadseq_sheet *sheet, size_t row, int column, size_t *count)
{
    int value;
    if (leadseq_sheet_whole(sheet, row, column, 0, 100000000, false, &value)) return -1;
    *count = (size_t)value;
    return 0;
}

static int read_selection(struct report_published *p, const struct leadseq_sheet *sheet, size_t row,
                          int column)
{
    const char *word = leadseq_sheet_cell(sheet, row, column);
    for (size_t i = 0; i < LEADSEQ_COUNT(selections); i++)
        if (!strcmp(word, selections[i].published)) {
            snprintf(p->selection, sizeof p->selection, "%s", word);
            return 0;
        }
    return leadseq_sheet_fail(sheet, row, column, "mini or all");
}

static int read_row(struct report_published *p, const struct leadseq_sheet *sheet, size_t row,
                    const int column[COLUMNS])
{
    struct leadseq_confusion *c = &p->theirs.count;
    *p = (struct report_published){0};
    const char *figure = leadseq_sheet_cell(sheet, row, column[FIGURE]);
    if (!*figure || strlen(figure) >= sizeof p->figure)
        return leadseq_sheet_fail(sheet, row, column[FIGURE], "a name of 1 to 31 bytes");
    snprintf(p->figure, sizeof p->figure, "%s", figure);
    if (leadseq_sheet_whole(sheet, row, column[DATASET], 1, 1000, false, &p->dataset) ||
        read_selection(p, sheet, row, column[SELECTION]) ||
        leadseq_sheet_whole(sheet, row, column[DEPTH], 1, 100000, false, &p->depth) ||
        leadseq_sheet_whole(sheet, row, column[BATCH], 1, 1000000, false, &p->batch) ||
        leadseq_sheet_whole(sheet, row, column[EPOCH], 0, 1000000, true, &p->epoch) ||
        read_count(sheet, row, column[TP], &c->tp) || read_count(sheet, row, column[FP], &c->fp) ||
        read_count(sheet, row, column[FN], &c->fn) || read_count(sheet, row, column[TN], &c->tn))
        return -1;
    if (c->tp + c->fp + c->fn + c->tn) return 0;
    return leadseq_sheet_fail(sheet, row, column[TP], "a record in one of the four counts");
}

static int read_table(struct report_published **row, size_t *n, const char *path)
{
    struct leadseq_sheet sheet;
    int column[COLUMNS], status = 0;
    *row = NULL;
    *n = 0;
    if (leadseq_sheet_read(&sheet, path)) return -1;
    for (size_t k = 0; k < COLUMNS && !status; k++)
        status = leadseq_sheet_need(&sheet, column_title[k], &column[k]);
    if (!status && !sheet.rows)
        status = leadseq_fail("%s: expected a row for each published result, found none", path);
    if (!status && !(*row = leadseq_calloc(sheet.rows, sizeof **row))) status = -1;
    for (; !status && *n < sheet.rows; ++*n) status = read_row(&(*row)[*n], &sheet, *n, column);
    leadseq_sheet_clear(&sheet);
    return status;
}

/* --- Which rows fit ---------------------------------------------------------------------- */

void report_published_row(char text[160], const struct report_published *p)
{
    char epoch[32] = "";
    if (p->epoch >= 0) snprintf(epoch, sizeof epoch, ", epoch %d", p->epoch);
    snprintf(text, 160, "figure %s: dataset %d, selection %s, depth %d, batch %d%s", p->figure,
             p->dataset, p->selection, p->depth, p->batch, epoch);
}

/* The number in an entry of a run's experiment, after `prefix`; -1 where it has none. */
static int entry_number(const struct report_model *m, const char *key, const char *prefix)
{
    const char *text = report_experiment_text(m, key);
    size_t skip = strlen(prefix);
    int value;
    if (!text || strncmp(text, prefix, skip)) return -1;
    return leadseq_parse_int(text + skip, 0, 1000000, &value) ? value : -1;
}

/* What a row must say to fit a run; `why` says what keeps every row from it. */
static void wanted(struct report_published *p, const struct report *r, const struct report_model *m)
{
    const char *type = report_experiment_text(m, "model.type");
    const char *style = report_experiment_text(m, "data.style");
    const char *select = report_experiment_text(m, "data.select");
    p->model = m;
    p->dataset = entry_number(m, "data.style", "dataset");
    p->depth = entry_number(m, "model.depth", "");
    p->batch = entry_number(m, "train.batch", "");
    for (size_t i = 0; select && i < LEADSEQ_COUNT(selections); i++)
        if (!strcmp(select, selections[i].select))
            snprintf(p->selection, sizeof p->selection, "%s", selections[i].published);
    if (!type)
        snprintf(p->why, sizeof p->why, "no experiment.yaml says how it was trained");
    else if (strcmp(type, "resnet"))
        snprintf(p->why, sizeof p->why, "model.type is %.40s, not resnet", type);
    else if (r->several || strcasecmp(r->question, "mi"))
        snprintf(p->why, sizeof p->why, "infarction is not the one output");
    else if (p->dataset < 0)
        snprintf(p->why, sizeof p->why, "data.style is %.40s", style ? style : "not recorded");
    else if (!*p->selection)
        snprintf(p->why, sizeof p->why, "data.select is %.40s", select ? select : "not recorded");
    else if (p->depth < 0 || p->batch < 0)
        snprintf(p->why, sizeof p->why, "model.depth or train.batch is not recorded");
}

static bool fits(const struct report_published *row, const struct report_published *wanted)
{
    return row->dataset == wanted->dataset && !strcmp(row->selection, wanted->selection) &&
           row->depth == wanted->depth && row->batch == wanted->batch;
}

/* --- Whether the records are alike ------------------------------------------------------- */

static void add_reason(struct report_published *p, const char *format, ...) LEADSEQ_PRINTF(2, 3);
static void add_reason(struct report_published *p, const char *format, ...)
{
    size_t at = strlen(p->other);
    va_list arguments;
    if (at) snprintf(p->other + at, sizeof p->other - at, "; ");
    at = strlen(p->other);
    va_start(arguments, format);
    vsnprintf(p->other + at, sizeof p->other - at, format, arguments);
    va_end(arguments);
}

static void compare_records(struct report_published *p, const struct report *r)
{
    const struct report_model *m = p->model;
    const struct leadseq_confusion *c = &p->theirs.count;
    const char *source = NULL, *split = report_experiment_text(m, "data.split");
    double published = TRAINED_PER_TESTED * (double)(c->tp + c->fp + c->fn + c->tn);
    if (m->environment) source = leadseq_json_text(m->environment, "stack.source");
    if (!source)
        add_reason(p, "source not recorded");
    else if (strncmp(source, published_source, strlen(published_source)))
        add_reason(p, "source %.*s", (int)strcspn(source, ",;"), source);
    if (!m->train_records)
        add_reason(p, "training records not recorded");
    else if (fabs((double)m->train_records - published) > alike * published)
        add_reason(p, "%zu training records, published about %.0f", m->train_records, published);
    if (!split || strcmp(split, published_split))
        add_reason(p, "split by %s, published by record", split ? split : "what is not recorded");
    if (strcmp(r->split, "valid"))
        add_reason(p, "part %s, published the one that chose the epoch", r->split);
}

/* --- Beside each other --------------------------------------------------------------------- */

static size_t wrong(const struct leadseq_confusion *c)
{
    return c->fp + c->fn;
}

static size_t counted(const struct leadseq_confusion *c)
{
    return c->tp + c->fp + c->fn + c->tn;
}

static void decided(struct report_decided *d)
{
    const struct leadseq_confusion *c = &d->count;
    d->error = leadseq_wilson(wrong(c), counted(c));
    d->sensitivity = leadseq_wilson(c->tp, c->tp + c->fn);
    d->precision = leadseq_wilson(c->tp, c->tp + c->fp);
}

static void measure(struct report_published *p, const struct report *r)
{
    const struct leadseq_confusion *ours = &p->ours.count, *theirs = &p->theirs.count;
    p->ours.count = leadseq_confusion_at(p->model->test.probability, r->label, r->records, .5);
    decided(&p->ours);
    decided(&p->theirs);
    p->difference =
        leadseq_newcombe_independent(wrong(ours), counted(ours), wrong(theirs), counted(theirs));
    p->compatible = p->difference.low <= 0 && p->difference.high >= 0;
}

/* A model's rows, or one that says why there is none. */
static void add_model(struct report *r, const struct report_model *m,
                      const struct report_published *row, size_t n)
{
    struct report_published want = {.epoch = -1};
    size_t first = r->n_published;
    wanted(&want, r, m);
    for (size_t i = 0; !*want.why && i < n; i++) {
        if (!fits(&row[i], &want)) continue;
        struct report_published *p = &r->published[r->n_published++];
        *p = row[i];
        p->model = m;
        measure(p, r);
        compare_records(p, r);
    }
    if (r->n_published > first) return;
    if (!*want.why)
        snprintf(want.why, sizeof want.why,
                 "no row has dataset %d, selection %s, depth %d, batch %d", want.dataset,
                 want.selection, want.depth, want.batch);
    r->published[r->n_published++] = want;
}

int report_published_read(struct report *r)
{
    struct report_published *row;
    size_t n;
    if (!r->options->published) return 0;
    int status = read_table(&row, &n, r->options->published);
    if (!status) r->published = leadseq_calloc(r->n_inputs * (n + 1), sizeof *r->published);
    if (!status && !r->published) status = -1;
    for (size_t i = 0; !status && i < r->n_inputs; i++) add_model(r, &r->model[i], row, n);
    free(row);
    return status;
}

void report_published_clear(struct report *r)
{
    free(r->published);
}
