/* SPDX-License-Identifier: MIT
 *
 * What a reviewer would ask and a reader must be told, in sentences: choices made
 * on the records that are judged, overlaps, few records, simulated records. A model
 * that learnt from those it is judged on gets words in place of intervals and p. */
#include "report_private.h"

#include <stdlib.h>
#include <string.h>

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

/* The first that is found stays. */
static LEADSEQ_PRINTF(2, 3) void set_flaw(struct report_model *m, const char *format, ...)
{
    if (m->flaw) return;
    va_list args;
    va_start(args, format);
    vsnprintf(m->flaw_text, sizeof m->flaw_text, format, args);
    va_end(args);
    m->flaw = m->flaw_text;
}

static int flag_training(struct report *r, struct report_model *m)
{
    const struct report_set *train = &m->train;
    size_t records = report_count_common(r->ecg_id, r->records, train->ecg_id, train->n);
    size_t shared = report_count_common(r->patient_id, r->records, train->patient_id, train->n);
    if (records) {
        set_flaw(m, "no honest test: learnt from %zu of these records", records);
        return report_note(r,
                           "%s: %zu of the %zu records compared are among its training records: "
                           "it knows them, and looks better than it is.",
                           m->name, records, r->records);
    }
    if (!shared) return 0;
    set_flaw(m, "no honest test: learnt from the patients of %zu of these records", shared);
    return report_note(r,
                       "%s: %zu of the %zu records compared are of patients who are also among its "
                       "training records: it looks better than it is.",
                       m->name, shared, r->records);
}

static int flag_validation(struct report *r, const struct report_model *m)
{
    const struct report_set *valid = &m->valid;
    size_t records = report_count_common(r->ecg_id, r->records, valid->ecg_id, valid->n);
    size_t shared = report_count_common(r->patient_id, r->records, valid->patient_id, valid->n);
    if (records)
        return report_note(r,
                           "%s: %zu of the %zu records compared are among its validation records: "
                           "what was chosen there is judged there too, so no decision is shown.",
                           m->name, records, r->records);
    if (shared)
        return report_note(r,
                           "%s: %zu of the %zu records compared are of patients who are also among "
                           "its validation records: its threshold looks better than it is.",
                           m->name, shared, r->records);
    return 0;
}

/* What the run itself says of its split: its training predictions may not be there. */
static int flag_both_sides(struct report *r, struct report_model *m)
{
    double patients = leadseq_json_number(m->environment, "parts.patients_on_both_sides");
    double records = leadseq_json_number(m->environment, "parts.records_of_those");
    if (!(patients > 0)) return 0;
    set_flaw(m, "no honest test: %.0f patients on both sides of its split", patients);
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
    if (least >= LEADSEQ_FEWEST) return 0;
    return report_note(r,
                       "Only %zu records are %s: too few for most intervals, and tests find "
                       "nothing but the largest differences.",
                       least, r->positives < negatives ? "positive" : "negative");
}

/* Numbers of simulated records mean nothing in another source, those of PTB-XL in every part of it.
 */
static bool of_another_source(const struct report *r, const struct report_model *m)
{
    const char *theirs = m->environment ? leadseq_json_text(m->environment, "stack.source") : NULL;
    if (!theirs || !*theirs || !r->stack_source || !strcmp(theirs, r->stack_source)) return false;
    return strstr(theirs, "simulat") || strstr(r->stack_source, "simulat");
}

static int flag_model(struct report *r, struct report_model *m)
{
    if (!of_another_source(r, m) && (flag_validation(r, m) || flag_training(r, m))) return -1;
    if (!m->environment) return 0;
    leadseq_json_leaves(m->environment, find_simulated, &r->simulated);
    return flag_both_sides(r, m);
}

int report_flags_raise(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (flag_model(r, &r->model[i])) return -1;
    if (r->simulated &&
        report_note(r, "Simulated records: what is shown here says nothing about patients."))
        return -1;
    if (!r->patient_id &&
        report_note(r, "Patients are not known: records are treated as independent, and intervals "
                       "are too narrow where a patient has several."))
        return -1;
    return flag_few(r);
}
