/* SPDX-License-Identifier: MIT
 *
 * What a reviewer would ask and a reader must know, in sentences: choices made
 * on the records that are judged, overlaps, few records, simulated records. A model
 * that was trained on records it is judged on gets words in place of intervals and p. */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

/* Notes of an output are its comparison's, and name it. */
/* Adds the output to a note that says the same of other outputs: "NORM, MI: words". 1: there is
 * none. */
static int join_note(struct report *whole, const char *output, const char *words)
{
    for (size_t i = 0; i < whole->n_notes; i++) {
        char *text = whole->note[i];
        const size_t n = strlen(text), m = strlen(words);
        if (n < m + 2 || strcmp(text + n - m, words) || strncmp(text + n - m - 2, ": ", 2))
            continue;
        char *joined = leadseq_format("%.*s, %s: %s", (int)(n - m - 2), text, output, words);
        if (!joined) return -1;
        free(text);
        whole->note[i] = joined;
        return 0;
    }
    return 1;
}

static int add_note(struct report *whole, char *text)
{
    char **more = text ? leadseq_realloc(whole->note, whole->n_notes + 1, sizeof *more) : NULL;
    if (!more) {
        free(text);
        return -1;
    }
    whole->note = more;
    more[whole->n_notes++] = text;
    return 0;
}

int report_note(struct report *r, const char *format, ...)
{
    char *words = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&words, format, args);
    va_end(args);
    if (n < 0) return leadseq_fail_memory(0);
    if (!r->whole) return add_note(r, words);
    int status = join_note(r->whole, r->question, words);
    if (status == 1) status = add_note(r->whole, leadseq_format("%s: %s", r->question, words));
    free(words);
    return status;
}

static const char *are(size_t n)
{
    return n == 1 ? "is" : "are";
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
    size_t records, shared;
    if (report_count_common(&records, r->ecg_id, r->records, train->ecg_id, train->n)) return -1;
    if (report_count_common(&shared, r->patient_id, r->records, train->patient_id, train->n))
        return -1;
    if (records) {
        set_flaw(m, "no honest test: learnt from %zu of these records", records);
        return report_note(r,
                           "%s: %zu of the %zu records compared %s among its training records: "
                           "it was trained on them, and looks better than it is.",
                           m->name, records, r->records, are(records));
    }
    if (!shared) return 0;
    set_flaw(m, "no honest test: learnt from the patients of %zu of these records", shared);
    return report_note(r,
                       "%s: %zu of the %zu records compared %s of patients who are also among its "
                       "training records: it looks better than it is.",
                       m->name, shared, r->records, are(shared));
}

static int flag_validation(struct report *r, const struct report_model *m)
{
    const struct report_set *valid = &m->valid;
    size_t records, shared;
    if (report_count_common(&records, r->ecg_id, r->records, valid->ecg_id, valid->n)) return -1;
    if (report_count_common(&shared, r->patient_id, r->records, valid->patient_id, valid->n))
        return -1;
    if (records)
        return report_note(r,
                           "%s: %zu of the %zu records compared %s among its validation records: "
                           "what was chosen there is judged there too, so no decision is shown.",
                           m->name, records, r->records, are(records));
    if (shared)
        return report_note(r,
                           "%s: %zu of the %zu records compared %s of patients who are also among "
                           "its validation records: its threshold looks better than it is.",
                           m->name, shared, r->records, are(shared));
    return 0;
}

/* What the run itself says of its split: it may have no training predictions. */
static int flag_both_sides(struct report *r, struct report_model *m)
{
    double patients = leadseq_json_number(m->environment, "parts.patients_on_both_sides");
    double records = leadseq_json_number(m->environment, "parts.records_of_those");
    if (!(patients > 0)) return 0;
    set_flaw(m, "no honest test: %.0f patients on both sides of its split", patients);
    return report_note(r,
                       "%s: its split has %s both in training and in validation or test, with %s "
                       "there: it looks better than it is.",
                       m->name, leadseq_count((size_t)patients, "patient"),
                       leadseq_count(records > 0 ? (size_t)records : 0, "record"));
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
    if (!least)
        return report_note(r,
                           "No record is %s: there is no AUC, and nothing that compares the two "
                           "classes.",
                           r->positives ? "negative" : "positive");
    return report_note(r,
                       "Only %s %s %s: too few for most intervals, and tests find nothing but the "
                       "largest differences.",
                       leadseq_count(least, "record"), are(least),
                       r->positives < negatives ? "positive" : "negative");
}

static int flag_unknown(struct report *r)
{
    if (!r->unknown) return 0;
    return report_note(r, "%s of those compared %s no label and %s left out here.",
                       leadseq_count(r->unknown, "record"), r->unknown == 1 ? "has" : "have",
                       are(r->unknown));
}

/* Numbers of simulated records mean nothing in another source, those of PTB-XL in every part of it.
 */
static bool of_another_source(const struct report *r, const struct report_model *m)
{
    const char *theirs = m->environment ? leadseq_json_text(m->environment, "stack.source") : NULL;
    if (!theirs || !*theirs || !r->stack.source || !strcmp(theirs, r->stack.source)) return false;
    return strstr(theirs, "simulat") || strstr(r->stack.source, "simulat");
}

static int flag_model(struct report *r, struct report_model *m)
{
    if (!of_another_source(r, m) && (flag_validation(r, m) || flag_training(r, m))) return -1;
    if (!m->environment) return 0;
    leadseq_json_leaves(m->environment, find_simulated, &r->simulated);
    return flag_both_sides(r, m);
}

/* Nobody's model is right about every record: more likely its answers are taken for the truth. */
static int flag_labels(struct report *r, const struct report_model *m)
{
    if (!*m->decided) return 0;
    leadseq_warn("%s: every label is what its probability is called at one threshold (column %s): "
                 "are these decisions, and not the truth?",
                 m->path, m->decided);
    return report_note(r,
                       "%s: every label is what its probability is called at one threshold (column "
                       "%s). If the labels are decisions and not the truth, nothing here is right.",
                       m->name, m->decided);
}

/* Records about which a model says nothing are no part of the comparison. */
static int flag_unanswered(struct report *r, const struct report_model *m)
{
    if (!m->unanswered) return 0;
    return report_note(r, "%s: %s no probability and %s left out.", m->name,
                       leadseq_count_of(m->unanswered, "record has", "records have"),
                       m->unanswered == 1 ? "is" : "are");
}

/* Records of which nobody says whose they are, among others of which it is known. */
static int flag_patients(struct report *r)
{
    size_t unknown = 0;
    for (size_t i = 0; i < r->records; i++) unknown += r->patient_id[i] < 0;
    if (!unknown) return 0;
    leadseq_warn("%s of those compared %s no patient_id: each counts as a patient of its own",
                 leadseq_count(unknown, "record"), unknown == 1 ? "has" : "have");
    return report_note(r,
                       "The patient of %s of those compared is not known: each counts as a patient "
                       "of its own, and intervals are too narrow where that is wrong.",
                       leadseq_count(unknown, "record"));
}

int report_flags_raise(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        if (flag_unanswered(r, m) || flag_labels(r, m) || flag_model(r, m)) return -1;
    }
    if (r->simulated &&
        report_note(r, "Simulated records: what is shown here says nothing about patients."))
        return -1;
    if (r->patient_id && flag_patients(r)) return -1;
    if (!r->patient_id &&
        report_note(r, "Patients are not known: records are treated as independent, and intervals "
                       "are too narrow where a patient has several."))
        return -1;
    if (r->patient_id && r->patients < r->records &&
        report_note(r,
                    "%s are of %s. Intervals of the AUC and of the bootstrap, and "
                    "tests by exchange, go by patients; those after Wilson, Newcombe, McNemar and "
                    "Wald and of likelihood ratios treat records as independent and are a little "
                    "too narrow.",
                    leadseq_count(r->records, "record"), leadseq_count(r->patients, "patient")))
        return -1;
    return 0;
}

/* Of which records, and what their logits are used for. */
static int note_clamped(struct report *r, const struct report_model *m, size_t n, const char *of,
                        const char *use)
{
    if (!n) return 0;
    if (r->whole) // without numbers the same sentence serves several outputs
        return report_note(r,
                           "%s: some probabilities of %s are 0 or 1 to seven digits, which have no "
                           "logit: they were clamped to 1e-7 and 1 - 1e-7 for %s.",
                           m->name, of, use);
    return report_note(r,
                       "%s: %s of %s %s 0 or 1 to seven digits, which has no logit: %s "
                       "clamped to 1e-7 and 1 - 1e-7 for %s.",
                       m->name, leadseq_count_of(n, "probability", "probabilities"), of, are(n),
                       n == 1 ? "it was" : "they were", use);
}

static int flag_clamped(struct report *r, const struct report_model *m)
{
    const bool tempered = !isnan(m->temperature.value);
    size_t compared = 0;
    if (!m->path) return 0;
    for (size_t i = 0; i < r->records; i++) compared += leadseq_is_clamped(m->test.probability[i]);
    if (tempered && note_clamped(r, m, m->clamped, "validation", "the temperature")) return -1;
    return note_clamped(r, m, compared, "the records compared",
                        tempered ? "slope and intercept of the calibration, and the figures after "
                                   "temperature scaling"
                                 : "slope and intercept of the calibration");
}

static int flag_question(struct report *q)
{
    for (size_t i = 0; i < q->n_models; i++)
        if (flag_clamped(q, &q->model[i])) return -1;
    return flag_few(q);
}

int report_few_flag(struct report *r)
{
    if (!r->several) return flag_question(r);
    for (size_t k = 0; k < r->n_outputs; k++)
        if (flag_unknown(&r->output[k]) || flag_question(&r->output[k])) return -1;
    return 0;
}
