/* SPDX-License-Identifier: MIT
 *
 * The records compared: which rows of each input they are, and that all inputs have exactly the
 * same records, patients and labels, or a refusal that says which differ. What a table does not
 * say is filled in from the stack given by --data, else from another input. */
#include "inputs.h"

#include <stdlib.h>
#include <string.h>

/* --- The stack -------------------------------------------------------------------------- */

struct place {
    int ecg_id;
    size_t position;
};

static int by_id(const void *a, const void *b)
{
    int x = ((const struct place *)a)->ecg_id, y = ((const struct place *)b)->ecg_id;
    return (x > y) - (x < y);
}

/* Rows and labels in ascending order of their keys: the stack's own order is that of its file. */
static int copy_sorted(struct report_stack *to, const struct leadseq_stack *stack,
                       struct report_names *names)
{
    const struct leadseq_stack_row *row = leadseq_stack_rows(stack);
    struct place *place = leadseq_calloc(to->n, sizeof *place);
    if (!place) return -1;
    int status = 0;
    for (size_t i = 0; !status && i < to->n; i++) {
        place[i].position = i;
        status = report_names_key(names, row[i].ecg_id, row[i].record, &place[i].ecg_id);
    }
    if (status) {
        free(place);
        return -1;
    }
    qsort(place, to->n, sizeof *place, by_id);
    for (size_t i = 0; i < to->n; i++) {
        to->row[i] = row[place[i].position];
        to->row[i].ecg_id = place[i].ecg_id;
    }
    for (size_t k = 0; k < to->n_labels; k++) {
        const char *name = leadseq_stack_label_name(stack, k);
        const uint8_t *label = leadseq_stack_label(stack, name);
        snprintf(to->label_name[k], sizeof *to->label_name, "%s", name);
        for (size_t i = 0; i < to->n; i++)
            to->label[k * to->n + i] = label ? label[place[i].position] : LEADSEQ_UNKNOWN;
    }
    free(place);
    return 0;
}

int report_stack_read(struct report *r)
{
    struct report_stack *to = &r->stack;
    if (!r->options->data) return 0;
    struct leadseq_stack *stack = leadseq_stack_open(r->options->data);
    if (!stack) return -1;
    to->n = leadseq_stack_count(stack);
    to->n_labels = leadseq_stack_labels(stack);
    to->row = leadseq_calloc(to->n, sizeof *to->row);
    to->source = leadseq_format("%s", leadseq_stack_source(stack));
    to->label_name = leadseq_calloc(to->n_labels, sizeof *to->label_name);
    to->label = leadseq_calloc(to->n_labels, to->n);
    int status = to->row && to->source && to->label_name && to->label ? 0 : -1;
    if (!status) status = copy_sorted(to, stack, r->names);
    if (!status) r->simulated = r->simulated || strstr(to->source, "simulat");
    leadseq_stack_close(stack);
    return status;
}

void report_stack_clear(struct report_stack *stack)
{
    free(stack->row);
    free(stack->source);
    free(stack->label_name);
    free(stack->label);
    *stack = (struct report_stack){0};
}

static int by_row(const void *key, const void *row)
{
    int x = *(const int *)key, y = ((const struct leadseq_stack_row *)row)->ecg_id;
    return (x > y) - (x < y);
}

const struct leadseq_stack_row *report_stack_find(const struct report *r, int ecg_id)
{
    if (!r->stack.n || ecg_id == -1) return NULL;
    return bsearch(&ecg_id, r->stack.row, r->stack.n, sizeof *r->stack.row, by_row);
}

uint8_t report_stack_label(const struct report *r, size_t i)
{
    return r->stack_label ? r->stack_label[i] : LEADSEQ_UNKNOWN;
}

const uint8_t *report_stack_column(const struct report_stack *stack, const char *name)
{
    for (size_t k = 0; name && k < stack->n_labels; k++)
        if (!strcmp(stack->label_name[k], name)) return stack->label + k * stack->n;
    return NULL;
}

/* --- Parts: which rows of a table without a column "split" are compared ----------------------- */

/* As the first run among the inputs has them, else by PTB-XL's folds, else all are compared. */

enum { TEST_FOLD = 10, VALID_FOLD = 9 }; // as PTB-XL's authors recommend

static int fold_of(const struct report *r, const struct report_row *row)
{
    const struct leadseq_stack_row *known = report_stack_find(r, row->ecg_id);
    return row->fold >= 0 || !known ? row->fold : known->strat_fold;
}

static bool has_fold(const struct report_set *set, int fold)
{
    for (size_t i = 0; set->fold && i < set->n; i++)
        if (set->fold[i] == fold) return true;
    return false;
}

static bool has_record(const struct report_set *set, int ecg_id)
{
    return report_set_find(set, ecg_id) < set->n;
}

/* By its record; a record the run does not name, by the folds of the run's parts. What cannot be
 * placed is compared, and refused there as a record that the run lacks. */
static enum report_part part_by_run(const struct report *r, const struct report_model *run,
                                    const struct report_row *row, enum report_part compared)
{
    int fold = fold_of(r, row);
    if (has_record(&run->test, row->ecg_id)) return compared;
    if (has_record(&run->valid, row->ecg_id)) return REPORT_VALID;
    if (has_record(&run->train, row->ecg_id)) return REPORT_TRAIN;
    if (fold < 0 || !run->test.fold || has_fold(&run->test, fold)) return compared;
    return has_fold(&run->valid, fold) ? REPORT_VALID : REPORT_OTHER;
}

static enum report_part part_by_fold(int fold)
{
    return fold == TEST_FOLD ? REPORT_TEST : fold == VALID_FOLD ? REPORT_VALID : REPORT_TRAIN;
}

/* Whether every row has a fold, and some the one that is asked for. */
static bool folds_tell(const struct report *r, const struct report_rows *rows,
                       enum report_part compared)
{
    bool found = false;
    for (size_t i = 0; i < rows->n; i++) {
        int fold = fold_of(r, &rows->row[i]);
        if (fold < 1) return false;
        found = found || part_by_fold(fold) == compared;
    }
    return found;
}

static const struct report_model *first_run(const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++)
        if (r->model[i].is_run) return &r->model[i];
    return NULL;
}

static int take(struct report_model *m, enum report_part compared)
{
    if (report_set_take(&m->test, &m->rows, compared, m->path)) return -1;
    if (report_set_take(&m->valid, &m->rows, REPORT_VALID, m->path)) return -1;
    if (report_set_take(&m->train, &m->rows, REPORT_TRAIN, m->path)) return -1;
    m->train_records = m->train.label ? m->train.n : 0;
    m->train_positives = report_set_positives(&m->train);
    report_rows_clear(&m->rows);
    return 0;
}

static int note_parts(struct report *r, const struct report_model *m, size_t total, const char *by)
{
    if (m->test.n == total) return 0;
    return report_note(r,
                       "%s has no column split: of its %zu records %zu are compared, %zu of "
                       "validation chose its threshold, the others are not used (%s).",
                       m->name, total, m->test.n, m->valid.n, by);
}

/* `known`: whether something says which records chose, and which judge. */
static int assign(struct report *r, struct report_model *m, enum report_part compared, bool *known)
{
    const struct report_model *run = first_run(r);
    bool folds = !run && folds_tell(r, &m->rows, compared);
    size_t total = m->rows.n;
    *known = run || folds;
    for (size_t i = 0; i < total; i++) {
        struct report_row *row = &m->rows.row[i];
        row->part = run     ? part_by_run(r, run, row, compared)
                    : folds ? part_by_fold(fold_of(r, row))
                            : compared;
    }
    if (take(m, compared)) return -1;
    return note_parts(r, m, total,
                      run ? "as the first run has them" : "fold 10: test, fold 9: validation");
}

int report_parts_assign(struct report *r)
{
    enum report_part compared = report_part_of(r->split);
    bool any = false;
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i];
        bool known = true;
        if (m->rows.n && assign(r, m, compared, &known)) return -1;
        any = any || known;
    }
    if (!any && compared != REPORT_TEST && compared != REPORT_ALL)
        return leadseq_fail("--split %s: expected a column \"split\" or folds in %s, found none; "
                            "add one, give a stack by --data, or say --split all",
                            r->split, r->model[0].path);
    if (!any) r->split = "unknown";
    snprintf(r->split_text, sizeof r->split_text, any ? "split \"%s\"" : "split %s", r->split);
    if (any) return 0;
    return report_note(r, "No input has a column split: whether these records are a test, or the "
                          "models were trained on them, is not known.");
}

/* --- The question -------------------------------------------------------------------------- */

/* Output k of a set is its question: every record needs a label, or none has one. */
static int ask_of_set(struct report_set *set, size_t k, const char *path)
{
    const size_t outputs = set->outputs.n;
    char record[REPORT_RECORD_TEXT];
    set->outputs.only = false;
    if (!set->n) return 0;
    set->probability = leadseq_calloc(set->n, sizeof *set->probability);
    if (set->output_label) set->label = leadseq_calloc(set->n, sizeof *set->label);
    if (!set->probability || (set->output_label && !set->label)) return -1;
    for (size_t i = 0; i < set->n; i++) {
        set->probability[i] = set->output_probability[i * outputs + k];
        if (!set->label) continue;
        set->label[i] = set->output_label[i * outputs + k];
        if (set->label[i] > 1)
            return leadseq_fail(
                "%s: %s has no label of %s, but others have; expected one for every "
                "record compared",
                path, report_names_text(set->names, set->ecg_id[i], record), set->outputs.name[k]);
    }
    return 0;
}

static int ask_of_model(struct report_model *m, size_t k)
{
    if (ask_of_set(&m->test, k, m->path) || ask_of_set(&m->valid, k, m->path)) return -1;
    if (ask_of_set(&m->train, k, m->path)) return -1;
    m->train_records = m->train.label ? m->train.n : m->train_records;
    m->train_positives = m->train.label ? report_set_positives(&m->train) : m->train_positives;
    return 0;
}

static void list_outputs(char text[256], const struct report_model *m)
{
    const struct report_outputs *outputs = &m->test.outputs;
    size_t used = (size_t)snprintf(text, 256, "%s", outputs->only ? "" : "one output");
    for (size_t k = 0; outputs->only && k < outputs->n && used < 200; k++)
        used += (size_t)snprintf(text + used, 256 - used, "%s%s", k ? ", " : "", outputs->name[k]);
}

/* The place of the question among the outputs: of its own name, or MI where it is mi. */
static size_t find_output(const struct report_outputs *outputs, const char *question)
{
    for (size_t k = 0; k < outputs->n; k++)
        if (!strcasecmp(outputs->name[k], question)) return k;
    return outputs->n;
}

/* Some inputs have one output: those that have several are asked for the same one. */
static int ask_in_common(struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        struct report_model *m = &r->model[i], *first = &r->model[0];
        size_t k = find_output(&m->test.outputs, r->question);
        char of_first[256], here[256];
        if (!m->test.outputs.only) continue;
        if (k < m->test.outputs.n) {
            if (ask_of_model(m, k)) return -1;
            continue;
        }
        list_outputs(of_first, i ? first : &r->model[1]);
        list_outputs(here, m);
        return leadseq_fail("%s predicts %s, %s predicts %s: expected the same outputs, or that "
                            "one of several is \"%s\"",
                            m->path, here, i ? first->path : r->model[1].path, of_first,
                            r->question);
    }
    return 0;
}

static const char *question_of_runs(const struct report *r)
{
    for (size_t i = 0; i < r->n_inputs; i++) {
        const char *task = report_experiment_text(&r->model[i], "data.task");
        if (task && !r->model[i].test.outputs.only) return task;
    }
    return "mi";
}

int report_question_find(struct report *r)
{
    const struct report_outputs *first = &r->model[0].test.outputs;
    size_t same = 0, multi_class = 0;
    for (size_t i = 0; i < r->n_inputs; i++) {
        const struct report_outputs *outputs = &r->model[i].test.outputs;
        same += outputs->only && report_outputs_same(outputs, first);
        multi_class += outputs->multi_class;
    }
    r->question = question_of_runs(r);
    r->several = same == r->n_inputs;
    r->multi_class = r->several && multi_class == r->n_inputs;
    if (r->several) return 0;
    r->stack_label = report_stack_column(&r->stack, r->question);
    return ask_in_common(r);
}

/* --- What tables do not say, from the stack --------------------------------------------------- */

static int take_label(struct report_set *set, size_t i, const struct report *r, bool theirs,
                      const char *file)
{
    const struct leadseq_stack_row *row = report_stack_find(r, set->ecg_id[i]);
    const char *stack = r->options->data;
    char record[REPORT_RECORD_TEXT];
    report_names_text(set->names, set->ecg_id[i], record);
    if (!row)
        return leadseq_fail("%s: %s is not in %s; expected every record there", file, record,
                            stack);
    if (r->several || (theirs && !r->stack_label)) return 0;
    uint8_t label = report_stack_label(r, (size_t)(row - r->stack.row));
    if (label > 1)
        return leadseq_fail("%s: %s has no label; expected one of every record compared", stack,
                            record);
    if (theirs && set->label[i] != label)
        return leadseq_fail("%s: %s has label %d, but %d in %s; expected the same labels", file,
                            record, set->label[i], label, stack);
    set->label[i] = label;
    return 0;
}

/* Where the table has no patients, and the stack has some of them. */
static int take_patients(struct report_set *set, const struct report *r)
{
    bool known = false;
    for (size_t i = 0; i < set->n; i++)
        known = known || report_stack_find(r, set->ecg_id[i])->patient_id >= 0;
    if (!known || set->patient_id) return 0;
    set->patient_id = leadseq_calloc(set->n, sizeof *set->patient_id);
    if (!set->patient_id) return -1;
    for (size_t i = 0; i < set->n; i++) {
        int patient = report_stack_find(r, set->ecg_id[i])->patient_id;
        set->patient_id[i] = patient >= 0 ? patient : report_own_patient(set->ecg_id[i]);
    }
    return 0;
}

/* Where the table has outputs without labels, and the stack has labels of all of them. */
static int take_output_labels(struct report_set *set, const struct report *r)
{
    const size_t outputs = set->outputs.n;
    if (set->output_label || !outputs) return 0;
    for (size_t k = 0; k < outputs; k++)
        if (!report_stack_column(&r->stack, set->outputs.name[k])) return 0;
    set->output_label = leadseq_calloc(set->n, outputs);
    if (!set->output_label) return -1;
    for (size_t k = 0; k < outputs; k++) {
        const uint8_t *label = report_stack_column(&r->stack, set->outputs.name[k]);
        for (size_t i = 0; i < set->n; i++)
            set->output_label[i * outputs + k] =
                label[report_stack_find(r, set->ecg_id[i]) - r->stack.row];
    }
    return 0;
}

static int fill_set(struct report_set *set, const struct report *r, const char *file)
{
    bool theirs = set->label;
    if (!set->n) return 0;
    if (!theirs && !r->several) {
        set->label = leadseq_calloc(set->n, sizeof *set->label);
        if (!set->label) return -1;
    }
    for (size_t i = 0; i < set->n; i++)
        if (take_label(set, i, r, theirs, file)) return -1;
    return take_patients(set, r) ? -1 : take_output_labels(set, r);
}

/* Of a table's training records, what the stack knows of their labels. */
static void count_training(struct report_model *m, const struct report *r)
{
    for (size_t i = 0; i < m->train.n; i++) {
        const struct leadseq_stack_row *row = report_stack_find(r, m->train.ecg_id[i]);
        uint8_t label = row ? report_stack_label(r, (size_t)(row - r->stack.row)) : LEADSEQ_UNKNOWN;
        if (label > 1) continue;
        m->train_records++;
        m->train_positives += label;
    }
}

static int fill_model(struct report_model *m, const struct report *r)
{
    if (fill_set(&m->test, r, m->path)) return -1;
    if (!m->is_run && fill_set(&m->valid, r, m->path))
        return -1; // a run's tables have labels and patients
    if (!m->is_run && !m->train_records) count_training(m, r);
    return 0;
}

/* --- … else from another input ---------------------------------------------------------------- */

/* A copy of what `from` knows and the other does not. */
static int borrow_array(void **to, const void *from, size_t bytes)
{
    if (*to || !from) return 0;
    *to = leadseq_calloc(bytes, 1);
    if (!*to) return -1;
    memcpy(*to, from, bytes);
    return 0;
}

/* The records are the same already, in the same order. */
static int borrow(struct report_set *set, const struct report_set *from)
{
    if (borrow_array((void **)&set->label, from->label, set->n)) return -1;
    if (borrow_array((void **)&set->patient_id, from->patient_id, set->n * sizeof *set->patient_id))
        return -1;
    if (!set->outputs.n || !report_outputs_same(&set->outputs, &from->outputs)) return 0;
    return borrow_array((void **)&set->output_label, from->output_label, set->n * set->outputs.n);
}

static int fill_labels(struct report *r)
{
    for (size_t i = 0; r->stack.row && i < r->n_inputs; i++)
        if (fill_model(&r->model[i], r)) return -1;
    for (size_t i = 0; i < r->n_inputs; i++)
        for (size_t k = 0; k < r->n_inputs; k++)
            if (borrow(&r->model[i].test, &r->model[k].test)) return -1;
    const struct report_set *first = &r->model[0].test;
    if (r->several ? first->output_label != NULL : first->label != NULL) return 0;
    return leadseq_fail("%s: expected %s, found none in any input; take the labels from a stack by "
                        "--data FILE.h5",
                        r->model[0].path,
                        r->several ? "columns \"label_NAME\" of its outputs"
                                   : "a column \"label\"");
}

/* --- The same in every input ------------------------------------------------------------------ */

enum { NAMED_MAX = 5, MISSING_TEXT = 512 };

/* Ids in `a` that are not in `b`, both ascending: how many, and the first few as text. */
static size_t list_missing(char text[MISSING_TEXT], const struct report_set *a,
                           const struct report_set *b)
{
    size_t missing = 0, j = 0;
    int used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < a->n; i++) {
        while (j < b->n && b->ecg_id[j] < a->ecg_id[i]) j++;
        if (j < b->n && b->ecg_id[j] == a->ecg_id[i]) continue;
        const char *name = report_names_name(a->names, a->ecg_id[i]);
        if (missing++ >= NAMED_MAX) continue;
        used += name ? snprintf(text + used, MISSING_TEXT - (size_t)used, "%s%.70s",
                                used ? ", " : "record ", name)
                     : snprintf(text + used, MISSING_TEXT - (size_t)used, "%s%d",
                                used ? ", " : "ecg_id ", a->ecg_id[i]);
    }
    if (missing > NAMED_MAX) snprintf(text + used, MISSING_TEXT - (size_t)used, ", …");
    return missing;
}

static int check_records(const struct report_model *a, const struct report_model *b)
{
    char only_a[MISSING_TEXT], only_b[MISSING_TEXT];
    char of_a[MISSING_TEXT + 8] = "", of_b[MISSING_TEXT + 8] = "";
    size_t na = list_missing(only_a, &a->test, &b->test);
    size_t nb = list_missing(only_b, &b->test, &a->test);
    if (!na && !nb) return 0;
    const char *why = a->test.outputs.multi_class == b->test.outputs.multi_class
                          ? ""
                          : " (one of the two predicts which output is true, and only records of "
                            "which exactly one is)";
    if (na) snprintf(of_a, sizeof of_a, " (%s)", only_a);
    if (nb) snprintf(of_b, sizeof of_b, " (%s)", only_b);
    return leadseq_fail(
        "the inputs are on different records: %zu only in %s%s, %zu only in %s%s%s; "
        "expected exactly the same records: predict the same split of the same "
        "data with both",
        na, a->path, of_a, nb, b->path, of_b, why);
}

static int check_labels(const struct report_model *a, const struct report_model *b)
{
    size_t differ = 0, first = 0;
    char record[REPORT_RECORD_TEXT];
    if (!a->test.label || !b->test.label) return 0;
    for (size_t i = 0; i < a->test.n; i++)
        if (a->test.label[i] != b->test.label[i] && !differ++) first = i;
    if (!differ) return 0;
    return leadseq_fail("%s and %s: labels of %zu of %zu records differ, first of %s: %d and "
                        "%d; expected the same labels: were both made from the same data?",
                        a->path, b->path, differ, a->test.n,
                        report_names_text(a->names, a->test.ecg_id[first], record),
                        a->test.label[first], b->test.label[first]);
}

static int check_patients(const struct report_model *a, const struct report_model *b)
{
    char record[REPORT_RECORD_TEXT];
    if (!a->test.patient_id || !b->test.patient_id) return 0;
    for (size_t i = 0; i < a->test.n; i++)
        if (a->test.patient_id[i] != b->test.patient_id[i] && a->test.patient_id[i] >= 0 &&
            b->test.patient_id[i] >= 0)
            return leadseq_fail("%s and %s: %s is of patient %d and of patient %d; expected the "
                                "same patients: were both made from the same data?",
                                a->path, b->path,
                                report_names_text(a->names, a->test.ecg_id[i], record),
                                a->test.patient_id[i], b->test.patient_id[i]);
    return 0;
}

static int check_output_labels(const struct report_model *a, const struct report_model *b)
{
    const uint8_t *of_a = a->test.output_label, *of_b = b->test.output_label;
    const size_t outputs = a->test.outputs.n;
    char record[REPORT_RECORD_TEXT];
    if (!report_outputs_same(&a->test.outputs, &b->test.outputs)) return 0;
    for (size_t i = 0; of_a && of_b && i < a->test.n * outputs; i++)
        if (of_a[i] != of_b[i])
            return leadseq_fail(
                "%s and %s: %s has label %d and %d for %s; expected the same "
                "labels (%d: not known)",
                a->path, b->path, report_names_text(a->names, a->test.ecg_id[i / outputs], record),
                of_a[i], of_b[i], a->test.outputs.name[i % outputs], LEADSEQ_UNKNOWN);
    return 0;
}

/* The stack's row of each record compared: labels were found there, so all have one. */
static int find_rows(struct report *r)
{
    if (!r->stack.row) return 0;
    r->row = leadseq_calloc(r->records, sizeof *r->row);
    if (!r->row) return -1;
    for (size_t i = 0; i < r->records; i++) r->row[i] = report_stack_find(r, r->ecg_id[i]);
    return 0;
}

static int check_classes(const struct report *r)
{
    if (r->several || (r->positives && r->positives < r->records)) return 0;
    return leadseq_fail("%s: all %zu records compared (%s) have label %d; expected both classes: "
                        "nothing can be distinguished",
                        r->model[0].path, r->records, r->split_text, r->positives ? 1 : 0);
}

int report_align(struct report *r)
{
    const struct report_model *first = &r->model[0];
    if (report_tasks_match(r)) return -1;
    for (size_t i = 1; i < r->n_inputs; i++)
        if (check_records(first, &r->model[i])) return -1;
    if (fill_labels(r)) return -1;
    for (size_t i = 1; i < r->n_inputs; i++)
        if (check_labels(first, &r->model[i]) || check_patients(first, &r->model[i]) ||
            check_output_labels(first, &r->model[i]))
            return -1;
    r->records = first->test.n;
    r->ecg_id = first->test.ecg_id;
    r->label = first->test.label;
    r->patient_id = first->test.patient_id;
    r->positives = report_set_positives(&first->test);
    if (report_set_patients(&r->patients, &first->test)) return -1;
    return check_classes(r) ? -1 : find_rows(r);
}
