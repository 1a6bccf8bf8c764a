/* SPDX-License-Identifier: MIT
 *
 * diagnostics.h5 as it is read: a snapshot of rows by quantity. Concludes nothing. */
#include "file.h"

#include "io/store.h"

#include <stdlib.h>
#include <string.h>

enum { LABEL_BYTES = 64, LABELS_MOST = 4096, REASON_BYTES = 256, GROUPS_MOST = 16 };
/* Lists of names; the last is of files of models with several outputs only. */
static const char *const list_name[] = {"layers", "chain", "tensors", "leads", "outputs"};
enum { LISTS = LEADSEQ_COUNT(list_name) };

struct leadseq_diagnostics {
    struct leadseq_store *store;
    struct {
        char *text; /* (n, LABEL_BYTES) */
        size_t n;
    } list[LISTS];
    char reason[GROUPS_MOST][REASON_BYTES]; /* the last ones asked for, in turn */
    int n_reasons;
};

/* Names are read once: the file may be replaced by a longer one meanwhile, but what is open here
 * stays as it was when it was opened. */
static int read_lists(struct leadseq_diagnostics *d)
{
    for (size_t i = 0; i < LISTS; i++) {
        d->list[i].text = leadseq_calloc(LABELS_MOST, LABEL_BYTES);
        if (!d->list[i].text) return -1;
        if (leadseq_store_get_texts(d->store, "/", list_name[i], d->list[i].text, LABEL_BYTES,
                                    LABELS_MOST, &d->list[i].n)) {
            if (i + 1 < LISTS) return -1;
            leadseq_error_clear();
            d->list[i].n = 0;
        }
        if (d->list[i].n == 1 && !d->list[i].text[0]) d->list[i].n = 0;
    }
    return 0;
}

struct leadseq_diagnostics *leadseq_diagnostics_open(const char *path)
{
    struct leadseq_diagnostics *d = leadseq_calloc(1, sizeof *d);
    if (!d) return NULL;
    d->store = leadseq_store_open(path);
    if (d->store && !probe_check_kind(d->store) && !read_lists(d)) return d;
    leadseq_diagnostics_close(d);
    return NULL;
}

int leadseq_diagnostics_check(struct leadseq_diagnostics *d, const char *name)
{
    struct leadseq_store_info info;
    if (!leadseq_store_has(d->store, name)) return 0;
    return leadseq_store_describe(d->store, name, &info);
}

void leadseq_diagnostics_close(struct leadseq_diagnostics *d)
{
    if (!d) return;
    for (size_t i = 0; i < LISTS; i++) free(d->list[i].text);
    leadseq_store_close(d->store);
    free(d);
}

/* Reasons are kept in a ring, so that callers may use a few of them at once without freeing. */
const char *leadseq_diagnostics_absent(struct leadseq_diagnostics *d, const char *group)
{
    char status[32];
    if (!leadseq_store_has(d->store, group)) return "not in this file";
    if (leadseq_store_get_text(d->store, group, "status", status, sizeof status))
        return "not in this file";
    if (!strcmp(status, "measured")) return "";
    char *reason = d->reason[d->n_reasons++ % GROUPS_MOST];
    if (leadseq_store_get_text(d->store, group, "reason", reason, REASON_BYTES))
        snprintf(reason, REASON_BYTES, "no reason given");
    return reason;
}

size_t leadseq_diagnostics_rows(struct leadseq_diagnostics *d, const char *group)
{
    char name[96];
    struct leadseq_store_info info;
    snprintf(name, sizeof name, "%s/step", group);
    if (!leadseq_store_has(d->store, group) || !leadseq_store_has(d->store, name)) return 0;
    return leadseq_store_describe(d->store, name, &info) ? 0 : info.rows;
}

/* The steps of the quantity's group. */
static int read_steps(struct leadseq_diagnostics *d, const char *name, struct leadseq_measured *s)
{
    char steps[96];
    struct leadseq_store_info info;
    snprintf(steps, sizeof steps, "%.*s/step", (int)strcspn(name, "/"), name);
    if (leadseq_store_describe(d->store, steps, &info)) return -1;
    if (info.rows != s->rows)
        return leadseq_fail("%s: %s has %zu rows, %s %zu; the file is damaged",
                            leadseq_store_path(d->store), name, s->rows, steps, info.rows);
    return leadseq_store_read(d->store, steps, LEADSEQ_STORE_INT64, 0, 1, 0, s->rows, s->step);
}

static int read_series(struct leadseq_diagnostics *d, const char *name, struct leadseq_measured *s)
{
    struct leadseq_store_info info;
    if (leadseq_store_describe(d->store, name, &info)) return -1;
    s->rows = info.rows;
    s->rank = info.rank;
    s->items = 1;
    for (int i = 0; i < info.rank; i++) s->items *= s->shape[i] = info.shape[i];
    s->step = leadseq_calloc(s->rows + 1, sizeof *s->step);
    s->value = leadseq_calloc(s->rows * s->items + 1, sizeof *s->value);
    if (!s->step || !s->value || read_steps(d, name, s)) return -1;
    return leadseq_store_read(d->store, name, LEADSEQ_STORE_FLOAT64, 0, s->items, 0, s->rows,
                              s->value);
}

int leadseq_diagnostics_read(struct leadseq_diagnostics *d, const char *name,
                             struct leadseq_measured *series)
{
    char group[64];
    *series = (struct leadseq_measured){0};
    snprintf(group, sizeof group, "%.*s", (int)strcspn(name, "/"), name);
    const char *absent = leadseq_diagnostics_absent(d, group);
    if (*absent) return leadseq_fail("%s: %s: %s", leadseq_store_path(d->store), group, absent);
    if (!leadseq_store_has(d->store, name))
        return leadseq_fail("%s: %s: no such quantity", leadseq_store_path(d->store), name);
    if (!read_series(d, name, series)) return 0;
    leadseq_measured_clear(series);
    return -1;
}

void leadseq_measured_clear(struct leadseq_measured *series)
{
    free(series->step);
    free(series->value);
    *series = (struct leadseq_measured){0};
}

const char *leadseq_diagnostics_label(struct leadseq_diagnostics *d, const char *list, size_t i)
{
    for (size_t k = 0; k < LISTS; k++)
        if (!strcmp(list, list_name[k]))
            return i < d->list[k].n ? d->list[k].text + i * LABEL_BYTES : NULL;
    return NULL;
}

double leadseq_diagnostics_number(struct leadseq_diagnostics *d, const char *name)
{
    double value;
    if (!leadseq_store_get_real(d->store, "/", name, &value)) return value;
    leadseq_error_clear();
    return NAN;
}
