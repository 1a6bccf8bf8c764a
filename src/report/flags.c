/* SPDX-License-Identifier: MIT
 *
 * What a reviewer would ask and a reader must be told, in sentences: choices made
 * on the split that is judged, overlaps, few records, simulated records. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

enum { FEW = 10 };

int report_note(struct report *r, const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    char **more = n < 0 ? NULL : leadseq_realloc(r->note, r->n_notes + 1, sizeof *more);
    if (!more) {
        if (n >= 0) free(text);
        return leadseq_fail_memory(0);
    }
    r->note = more;
    more[r->n_notes++] = text;
    return 0;
}

static int ascending(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

/* How many of key (n) are among other (m). */
static size_t count_common(const int *key, size_t n, const int *other, size_t m)
{
    if (!key || !other || !n || !m) return 0;
    int *sorted = leadseq_calloc(m, sizeof *sorted);
    if (!sorted) return 0;
    memcpy(sorted, other, m * sizeof *sorted);
    qsort(sorted, m, sizeof *sorted, ascending);
    size_t common = 0;
    for (size_t i = 0; i < n; i++)
        common += !!bsearch(&key[i], sorted, m, sizeof *sorted, ascending);
    free(sorted);
    return common;
}

static int flag_overlap(struct report *r, const struct report_model *m,
                        const struct report_set *other, const char *what)
{
    size_t records = count_common(r->ecg_id, r->records, other->ecg_id, other->n);
    size_t shared = count_common(r->patient_id, r->records, other->patient_id, other->n);
    if (records)
        return report_note(r,
                           "%s: %zu of the %zu records compared are among its %s records: what "
                           "was chosen there is judged there too, and looks better than it is.",
                           m->name, records, r->records, what);
    if (shared)
        return report_note(r,
                           "%s: %zu of the %zu records compared are of patients who are also "
                           "among its %s records: it looks better than it is.",
                           m->name, shared, r->records, what);
    return 0;
}

/* What the run itself says of its split: its training predictions may not be there. */
static int flag_both_sides(struct report *r, const struct report_model *m)
{
    double patients = leadseq_json_number(m->environment, "parts.patients_on_both_sides");
    double records = leadseq_json_number(m->environment, "parts.records_of_those");
    if (!(patients > 0)) return 0;
    return report_note(r,
                       "%s: its split has %.0f patients both in training and in validation or "
                       "test, with %.0f records there: it looks better than it is.",
                       m->name, patients, records);
}

static void find_simulated(const char *path, const char *value, void *state)
{
    if (!strstr(path, "source")) return;
    if (strstr(value, "simulat") || strstr(value, "synth")) *(bool *)state = true;
}

static int flag_few(struct report *r)
{
    size_t negatives = r->records - r->positives;
    size_t least = r->positives < negatives ? r->positives : negatives;
    if (least >= FEW) return 0;
    return report_note(r,
                       "Only %zu records are %s: intervals that rest on so few are rough, and "
                       "tests find nothing but the largest differences.",
                       least, r->positives < negatives ? "positive" : "negative");
}

int report_flags_raise(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct report_model *m = &r->model[i];
        if (flag_overlap(r, m, &m->valid, "validation")) return -1;
        if (flag_overlap(r, m, &m->train, "training")) return -1;
        if (!m->environment) continue;
        if (flag_both_sides(r, m)) return -1;
        leadseq_json_leaves(m->environment, find_simulated, &r->simulated);
    }
    if (r->simulated &&
        report_note(r, "Simulated records: what is shown here says nothing about patients."))
        return -1;
    if (!r->patient_id &&
        report_note(r, "Patients are not known: records are treated as independent, and intervals "
                       "are too narrow where a patient has several."))
        return -1;
    return flag_few(r);
}
