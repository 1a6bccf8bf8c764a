/* SPDX-License-Identifier: MIT
 *
 * Who is in which part. Every draw is keyed by the seed and the record's or the
 * patient's number, so that a split depends on neither the order nor the storage
 * of the records. */
#include "dataset_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The set of records the paper's RNN saw: 5,486 MI and the first 7,547 others (PTB-XL
 * 1.0.1); the later release has 5,469 MI. */
enum { PAPER_MI = 5486, PAPER_OTHERS = 7547, FULL_MI = 5469 };
enum { NOWHERE = LEADSEQ_PARTS };

const char *const leadseq_part_name[LEADSEQ_PARTS] = {"train", "valid", "test"};

struct item {
    const struct leadseq_stack_row *row;
    const uint8_t *label; // (outputs)
    size_t position;
    uint64_t key;
    size_t siblings; // records of its patient in the set
    int part;
};

static int by_id(const void *a, const void *b)
{
    const struct leadseq_stack_row *x = ((const struct item *)a)->row;
    const struct leadseq_stack_row *y = ((const struct item *)b)->row;
    if (x->ecg_id != y->ecg_id) return x->ecg_id < y->ecg_id ? -1 : 1;
    return strcmp(x->record, y->record);
}

static int by_key(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    return by_id(a, b);
}

/* Patients of several records first, each patient's records together. */
static int by_patient(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    if ((x->siblings > 1) != (y->siblings > 1)) return x->siblings > 1 ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->row->patient_id != y->row->patient_id)
        return x->row->patient_id < y->row->patient_id ? -1 : 1;
    return by_id(a, b);
}

static int by_number(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x > y) - (x < y);
}

static void draw_keys(struct item *item, size_t n, uint64_t seed, enum leadseq_stream purpose,
                      bool of_patient)
{
    struct leadseq_random r;
    for (size_t i = 0; i < n; i++) {
        const struct leadseq_stack_row *row = item[i].row;
        bool patient = of_patient && row->patient_id >= 0; // else a patient of its own
        uint64_t number =
            patient ? (uint64_t)row->patient_id : leadseq_record_key(row->ecg_id, row->record);
        leadseq_random_init(&r, seed, purpose, number, 0);
        item[i].key = leadseq_random_bits(&r);
    }
}

/* --- Selection: which records take part at all -------------------------------------- */

/* Keeps the first `most` records of each class, in the present order. */
static size_t keep_first(struct item *item, size_t n, const size_t most[2])
{
    size_t kept = 0, taken[2] = {0};
    for (size_t i = 0; i < n; i++)
        if (taken[*item[i].label]++ < most[*item[i].label]) item[kept++] = item[i];
    return kept;
}

static size_t select_items(struct item *item, size_t n, const struct leadseq_split_options *options)
{
    size_t of[2] = {0};
    if (options->select == LEADSEQ_SELECT_ALL) return n;
    for (size_t i = 0; i < n; i++) of[*item[i].label]++; // of the one output, all known
    if (options->select == LEADSEQ_SELECT_HEARTNET_RNN) {
        double others = of[1] >= FULL_MI ? PAPER_OTHERS : (double)of[1] * PAPER_OTHERS / PAPER_MI;
        of[0] = (size_t)llround(others);
        return keep_first(item, n, of);
    }
    if (options->select == LEADSEQ_SELECT_BALANCED) {
        of[0] = of[1] = of[0] < of[1] ? of[0] : of[1];
        draw_keys(item, n, options->seed, LEADSEQ_STREAM_SELECT, false);
        qsort(item, n, sizeof *item, by_key);
        n = keep_first(item, n, of);
        qsort(item, n, sizeof *item, by_id);
    }
    return n;
}

/* --- Parts --------------------------------------------------------------------------- */

static int split_by_folds(struct item *item, size_t n, const uint16_t folds[LEADSEQ_PARTS])
{
    for (int a = 0; a < LEADSEQ_PARTS; a++)
        for (int b = a + 1; b < LEADSEQ_PARTS; b++)
            if (folds[a] & folds[b])
                return leadseq_fail("fold %d is in both %s and %s; a fold belongs to one part",
                                    __builtin_ctz(folds[a] & folds[b]), leadseq_part_name[a],
                                    leadseq_part_name[b]);
    for (size_t i = 0; i < n; i++) {
        int fold = item[i].row->strat_fold;
        if (fold < 0)
            return leadseq_fail("record %s has no fold; split by patient or by record (data.split)",
                                item[i].row->record);
        item[i].part = NOWHERE;
        for (int p = 0; p < LEADSEQ_PARTS; p++)
            if (folds[p] >> fold & 1) item[i].part = p;
    }
    return 0;
}

/* Records each part shall have, the last those of no part. */
static int targets(double target[NOWHERE + 1], size_t n, const double share[LEADSEQ_PARTS])
{
    double sum = 0;
    for (int p = 0; p < LEADSEQ_PARTS; p++) {
        if (!(share[p] >= 0 && share[p] <= 1))
            return leadseq_fail("the share of %s is %g; expected 0 to 1", leadseq_part_name[p],
                                share[p]);
        target[p] = share[p] * (double)n;
        sum += share[p];
    }
    if (sum > 1 + 1e-9) return leadseq_fail("the shares of the parts sum to %g; at most 1", sum);
    target[NOWHERE] = sum > 1 - 1e-9 ? 0 : (1 - sum) * (double)n;
    return 0;
}

/* The part that lacks the largest share of its target. */
static int neediest(const double target[NOWHERE + 1], const double have[NOWHERE + 1])
{
    int best = LEADSEQ_TRAIN;
    double most = -INFINITY;
    for (int p = 0; p <= NOWHERE; p++) {
        if (target[p] <= 0) continue;
        double lack = (target[p] - have[p]) / target[p];
        if (lack > most) most = lack, best = p;
    }
    return best;
}

static bool same_patient(const struct item *a, const struct item *b)
{
    return a->row->patient_id >= 0 && a->row->patient_id == b->row->patient_id;
}

/* Units (patients, or single records) in a drawn order go where most is lacking. Patients
 * of several records come first: the single ones after them even out the counts. */
static void deal(struct item *item, size_t n, const double target[NOWHERE + 1], bool patients)
{
    double have[NOWHERE + 1] = {0};
    int part = LEADSEQ_TRAIN;
    for (size_t i = 0; i < n; i++) {
        bool same = patients && i && same_patient(&item[i], &item[i - 1]);
        if (!same) part = neediest(target, have);
        item[i].part = part;
        have[part]++;
    }
}

static int count_siblings(struct item *item, size_t n)
{
    int *patient = leadseq_calloc(n, sizeof *patient);
    if (!patient) return -1;
    for (size_t i = 0; i < n; i++) patient[i] = item[i].row->patient_id;
    qsort(patient, n, sizeof *patient, by_number);
    for (size_t i = 0; i < n; i++) {
        int *one = bsearch(&item[i].row->patient_id, patient, n, sizeof *patient, by_number);
        bool more = (one > patient && one[-1] == *one) || (one + 1 < patient + n && one[1] == *one);
        item[i].siblings = more && *one >= 0 ? 2 : 1;
    }
    free(patient);
    return 0;
}

static int split_by_shares(struct item *item, size_t n, const struct leadseq_split_options *options)
{
    bool patients = options->by == LEADSEQ_SPLIT_PATIENT;
    double target[NOWHERE + 1];
    if (targets(target, n, options->share)) return -1;
    if (patients && count_siblings(item, n)) return -1;
    draw_keys(item, n, options->seed, LEADSEQ_STREAM_SPLIT, patients);
    qsort(item, n, sizeof *item, patients ? by_patient : by_key);
    deal(item, n, target, patients);
    qsort(item, n, sizeof *item, by_id);
    return 0;
}

/* --- What came of it -------------------------------------------------------------------- */

static int fill_parts(struct leadseq_split *split, const struct item *item, size_t n)
{
    for (int p = 0; p < LEADSEQ_PARTS; p++) {
        split->position[p] = leadseq_calloc(n, sizeof *split->position[p]);
        if (!split->position[p]) return -1;
        for (size_t i = 0; i < n; i++)
            if (item[i].part == p) split->position[p][split->n[p]++] = item[i].position;
    }
    return 0;
}

/* Training records of which an output is always 0 or always 1, or never known. */
static int check_output(const size_t of[2], const char *output, size_t records)
{
    if (of[0] && of[1]) return 0;
    if (of[0] + of[1] == 0)
        return leadseq_fail("label %s: expected training records of both classes, found none whose "
                            "label is known among %s",
                            output, leadseq_count(records, "record"));
    return leadseq_fail("label %s: expected training records of both classes, found %s, all with "
                        "label %d, from which nothing is learned; train on more or other records "
                        "(data.train, data.share), or leave %s out of data.task",
                        output, leadseq_count(of[0] + of[1], "labelled record"), of[1] != 0,
                        output);
}

static int check_part(const struct item *item, size_t n, int part,
                      const struct leadseq_split_options *options)
{
    const struct leadseq_labels *labels = options->labels;
    size_t records = 0;
    for (size_t i = 0; i < n; i++) records += item[i].part == part;
    bool wanted =
        options->by == LEADSEQ_SPLIT_FOLDS ? options->folds[part] != 0 : options->share[part] > 0;
    if (!records)
        return wanted || part == LEADSEQ_TRAIN
                   ? leadseq_fail("the %s part is empty: none of the %zu records is in it",
                                  leadseq_part_name[part], n)
                   : 0;
    for (int k = 0; part == LEADSEQ_TRAIN && k < (labels ? labels->outputs : 1); k++) {
        size_t of[2] = {0};
        for (size_t i = 0; i < n; i++)
            if (item[i].part == part && item[i].label[k] <= 1) of[item[i].label[k]]++;
        if (check_output(of, labels ? labels->name[k] : "mi", records)) return -1;
    }
    return 0;
}

/* Patients in training who are also in validation or test, and their records there. */
static int count_shared(struct leadseq_split *split, const struct item *item, size_t n)
{
    int *train = leadseq_calloc(2 * n, sizeof *train), *shared = train + n;
    size_t n_train = 0, n_shared = 0;
    if (!train) return -1;
    for (size_t i = 0; i < n; i++)
        if (item[i].part == LEADSEQ_TRAIN) train[n_train++] = item[i].row->patient_id;
    qsort(train, n_train, sizeof *train, by_number);
    for (size_t i = 0; i < n; i++) {
        int part = item[i].part, patient = item[i].row->patient_id;
        if ((part != LEADSEQ_VALID && part != LEADSEQ_TEST) || patient < 0) continue;
        if (bsearch(&patient, train, n_train, sizeof *train, by_number))
            shared[n_shared++] = patient;
    }
    qsort(shared, n_shared, sizeof *shared, by_number);
    split->records_of_those = n_shared;
    for (size_t i = 0; i < n_shared; i++)
        split->patients_on_both_sides += i == 0 || shared[i] != shared[i - 1];
    free(train);
    return 0;
}

static int make(struct leadseq_split *split, struct item *item, size_t n,
                const struct leadseq_split_options *options)
{
    qsort(item, n, sizeof *item, by_id);
    n = select_items(item, n, options);
    int status = options->by == LEADSEQ_SPLIT_FOLDS ? split_by_folds(item, n, options->folds)
                                                    : split_by_shares(item, n, options);
    for (int p = 0; !status && p < LEADSEQ_PARTS; p++) status = check_part(item, n, p, options);
    if (!status) status = fill_parts(split, item, n);
    if (!status) status = count_shared(split, item, n);
    return status;
}

bool leadseq_labels_known(const struct leadseq_labels *labels, size_t position)
{
    const uint8_t *value = labels->value + position * (size_t)labels->outputs;
    for (int k = 0; k < labels->outputs; k++)
        if (value[k] <= 1) return true;
    return false;
}

int leadseq_split_rows(struct leadseq_split *split, const struct leadseq_stack_row *row, size_t n,
                       const struct leadseq_split_options *options)
{
    const struct leadseq_labels *labels = options->labels;
    memset(split, 0, sizeof *split);
    if (labels && labels->outputs > 1 && options->select != LEADSEQ_SELECT_ALL)
        return leadseq_fail("data.select: expected all, because the task has %d outputs; the "
                            "others choose by the classes of one",
                            labels->outputs);
    struct item *item = leadseq_calloc(n, sizeof *item);
    if (!item) return -1;
    size_t labelled = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *label = labels ? labels->value + i * (size_t)labels->outputs : &row[i].mi;
        if (labels ? leadseq_labels_known(labels, i) : row[i].mi <= 1)
            item[labelled++] = (struct item){.row = &row[i], .label = label, .position = i};
    }
    int status = labelled ? make(split, item, labelled, options)
                          : leadseq_fail("none of the %zu records has a label", n);
    free(item);
    if (status) leadseq_split_clear(split);
    return status;
}

int leadseq_split_make(struct leadseq_split *split, const struct leadseq_stack *stack,
                       const struct leadseq_split_options *options)
{
    if (!leadseq_split_rows(split, leadseq_stack_rows(stack), leadseq_stack_count(stack), options))
        return 0;
    return leadseq_fail_in("%s", leadseq_stack_path(stack));
}

void leadseq_split_clear(struct leadseq_split *split)
{
    if (!split) return;
    for (int p = 0; p < LEADSEQ_PARTS; p++) free(split->position[p]);
    memset(split, 0, sizeof *split);
}
