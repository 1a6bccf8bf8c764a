/* SPDX-License-Identifier: MIT */
#include "dataset/dataset.h"

#include "folder.h"

#include <math.h>

enum { N = 1000 };

static struct leadseq_stack_row rows[N];

/* A quarter MI, folds by patient, patients of one to four records. */
static void make_rows(void)
{
    int patient = 0, of_patient = 1;
    for (int i = 0; i < N; i++) {
        if (--of_patient == 0) patient++, of_patient = 1 + patient * 7 % 11 / 3;
        rows[i] = (struct leadseq_stack_row){.ecg_id = 10 + i * 2,
                                             .patient_id = patient,
                                             .strat_fold = 1 + patient % 10,
                                             .mi = i * 13 % 16 < 4};
        snprintf(rows[i].record, sizeof rows[i].record, "%05d", rows[i].ecg_id);
    }
}

TestSuite(split, .init = make_rows);

static const struct leadseq_split_options official = {.folds = {0x1fe, 1 << 9, 1 << 10}};

static struct leadseq_split_options shares(enum leadseq_split_by by, uint64_t seed)
{
    return (struct leadseq_split_options){.by = by, .share = {.8, .1, .1}, .seed = seed};
}

static struct leadseq_split make(const struct leadseq_split_options *options)
{
    struct leadseq_split split;
    cr_assert_eq(leadseq_split_rows(&split, rows, N, options), 0, "%s", leadseq_error());
    return split;
}

static void refused(struct leadseq_split_options options, const char *words)
{
    struct leadseq_split split;
    cr_assert_eq(leadseq_split_rows(&split, rows, N, &options), -1, "accepted: %s", words);
    cr_assert(strstr(leadseq_error(), words), "expected '%s' in: %s", words, leadseq_error());
}

/* Every position at most once; ascending ids; returns how many. */
static size_t check_parts(const struct leadseq_split *split)
{
    int seen[N] = {0};
    size_t n = 0;
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < split->n[p]; i++, n++) {
            cr_assert_eq(seen[split->position[p][i]]++, 0);
            if (i)
                cr_assert_lt(rows[split->position[p][i - 1]].ecg_id,
                             rows[split->position[p][i]].ecg_id);
        }
    return n;
}

Test(split, what_cannot_be_split_is_refused_in_words)
{
    struct leadseq_split_options o = official;
    o.folds[LEADSEQ_TEST] = 1 << 3;
    refused(o, "fold 3 is in both train and test");
    o = official;
    o.folds[LEADSEQ_VALID] = 1 << 12;
    refused(o, "the valid part is empty");
    o.folds[LEADSEQ_TRAIN] = 0;
    refused(o, "the train part is empty");
    o = shares(LEADSEQ_SPLIT_RECORD, 1);
    o.share[LEADSEQ_TEST] = .2;
    refused(o, "sum to 1.1");
    o.share[LEADSEQ_TEST] = -.2;
    refused(o, "share of test is -0.2");
    o.share[LEADSEQ_TEST] = NAN;
    refused(o, "share of test is");
    rows[7].strat_fold = rows[7].patient_id = -1;
    refused(official, "record 00024 has no fold");
    for (int i = 0; i < N; i++) rows[i].mi = 1;
    refused(shares(LEADSEQ_SPLIT_RECORD, 1), "label mi: expected training records of both classes, "
                                             "found 800 labelled records, all with label 1");
    for (int i = 0; i < N; i++) rows[i].mi = 255;
    refused(shares(LEADSEQ_SPLIT_RECORD, 1), "none of the 1000 records has a label");
}

/* Labels of two outputs: the first is mi, the second `second`, both unknown in every tenth. */
static struct leadseq_labels two_outputs(uint8_t value[2 * N], uint8_t second)
{
    static char name[2][LEADSEQ_LABEL_NAME] = {"A", "B"};
    for (int i = 0; i < N; i++) {
        value[2 * i] = i % 10 == 3 ? LEADSEQ_UNKNOWN : rows[i].mi;
        value[2 * i + 1] = i % 10 == 3 || i % 7 == 0 ? LEADSEQ_UNKNOWN : second ? second : i % 2;
    }
    return (struct leadseq_labels){.outputs = 2, .name = name, .value = value};
}

Test(split, records_without_any_known_label_are_left_out)
{
    static uint8_t value[2 * N];
    struct leadseq_labels labels = two_outputs(value, 0);
    struct leadseq_split_options o = shares(LEADSEQ_SPLIT_PATIENT, 1);
    o.labels = &labels;
    struct leadseq_split split = make(&o);
    cr_assert_eq(check_parts(&split), N - N / 10);
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < split.n[p]; i++)
            cr_assert(leadseq_labels_known(&labels, split.position[p][i]));
    leadseq_split_clear(&split);
}

Test(split, an_output_of_one_class_in_training_is_named)
{
    static uint8_t value[2 * N];
    struct leadseq_labels labels = two_outputs(value, 1);
    struct leadseq_split_options o = official;
    o.labels = &labels;
    refused(
        o,
        "label B: expected training records of both classes, found 620 labelled records, all with "
        "label 1");
    labels = two_outputs(value, LEADSEQ_UNKNOWN);
    refused(o, "label B: expected training records of both classes, found none whose label is "
               "known among ");
    o.select = LEADSEQ_SELECT_BALANCED;
    refused(o, "data.select: expected all, because the task has 2 outputs");
}

Test(split, records_of_unknown_patients_are_patients_of_their_own)
{
    for (int i = 0; i < N; i++) {
        rows[i].patient_id = rows[i].ecg_id = -1;
        snprintf(rows[i].record, sizeof rows[i].record, "r%04d", i);
    }
    const struct leadseq_split_options o = shares(LEADSEQ_SPLIT_PATIENT, 1);
    struct leadseq_split split = make(&o);
    cr_assert_eq(split.n[LEADSEQ_TRAIN], 800);
    cr_assert_eq(split.n[LEADSEQ_VALID], 100);
    cr_assert_eq(split.patients_on_both_sides, 0);
    size_t in_order = 0; // the draw is not the order of the names
    for (size_t i = 1; i < 100; i++)
        in_order += split.position[LEADSEQ_VALID][i] == split.position[LEADSEQ_VALID][i - 1] + 10;
    cr_assert_lt(in_order, 50);
    leadseq_split_clear(&split);
}

Test(split, folds_go_where_they_were_sent)
{
    struct leadseq_split split = make(&official);
    cr_assert_eq(check_parts(&split), N);
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < split.n[p]; i++) {
            int fold = rows[split.position[p][i]].strat_fold;
            cr_assert_eq(p, fold <= 8 ? LEADSEQ_TRAIN : fold == 9 ? LEADSEQ_VALID : LEADSEQ_TEST);
        }
    cr_assert_eq(split.patients_on_both_sides, 0);
    leadseq_split_clear(&split);
}

Test(split, a_part_not_asked_for_may_be_empty)
{
    struct leadseq_split_options o = official;
    o.folds[LEADSEQ_TEST] = 0;
    struct leadseq_split split = make(&o);
    cr_assert_eq(split.n[LEADSEQ_TEST], 0);
    leadseq_split_clear(&split);
}

Test(split, unlabelled_records_are_in_no_part)
{
    for (int i = 0; i < N; i += 10) rows[i].mi = 255;
    struct leadseq_split split = make(&official);
    cr_assert_eq(check_parts(&split), N - N / 10);
    leadseq_split_clear(&split);
}

Test(split, by_patient_keeps_patients_whole_and_shares_exact)
{
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct leadseq_split_options o = shares(LEADSEQ_SPLIT_PATIENT, seed);
        struct leadseq_split split = make(&o);
        cr_assert_eq(check_parts(&split), N);
        int part_of[N + 1];
        memset(part_of, -1, sizeof part_of);
        for (int p = 0; p < LEADSEQ_PARTS; p++) {
            cr_assert_lt(fabs((double)split.n[p] - o.share[p] * N), 1.5);
            for (size_t i = 0; i < split.n[p]; i++) {
                int *known = &part_of[rows[split.position[p][i]].patient_id];
                cr_assert(*known < 0 || *known == p);
                *known = p;
            }
        }
        cr_assert_eq(split.patients_on_both_sides, 0);
        leadseq_split_clear(&split);
    }
}

Test(split, by_patient_spreads_patients_of_many_records)
{
    struct leadseq_split_options o = shares(LEADSEQ_SPLIT_PATIENT, 4);
    struct leadseq_split split = make(&o);
    size_t several[LEADSEQ_PARTS] = {0};
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < split.n[p]; i++) {
            size_t at = split.position[p][i];
            several[p] += (at && rows[at - 1].patient_id == rows[at].patient_id) ||
                          (at + 1 < N && rows[at + 1].patient_id == rows[at].patient_id);
        }
    double all = (double)(several[0] + several[1] + several[2]);
    cr_assert_gt(all, 400);
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        cr_assert_lt(fabs((double)several[p] / all - o.share[p]), .02);
    leadseq_split_clear(&split);
}

Test(split, a_seed_decides_and_storage_order_does_not)
{
    for (enum leadseq_split_by by = LEADSEQ_SPLIT_PATIENT; by <= LEADSEQ_SPLIT_RECORD; by++) {
        make_rows();
        struct leadseq_split_options o = shares(by, 7), other = shares(by, 8);
        struct leadseq_split a = make(&o), c = make(&other);
        static int valid[N];
        for (size_t i = 0; i < a.n[1]; i++) valid[i] = rows[a.position[1][i]].ecg_id;
        cr_assert(a.n[1] != c.n[1] ||
                  memcmp(a.position[1], c.position[1], a.n[1] * sizeof(size_t)));
        for (int i = 0; i < N / 2; i++) {
            struct leadseq_stack_row t = rows[i];
            rows[i] = rows[N - 1 - i];
            rows[N - 1 - i] = t;
        }
        struct leadseq_split b = make(&o);
        cr_assert_eq(a.n[1], b.n[1]);
        for (size_t i = 0; i < b.n[1]; i++) cr_assert_eq(valid[i], rows[b.position[1][i]].ecg_id);
        leadseq_split_clear(&a);
        leadseq_split_clear(&b);
        leadseq_split_clear(&c);
    }
}

Test(split, by_record_counts_patients_on_both_sides)
{
    struct leadseq_split_options o = shares(LEADSEQ_SPLIT_RECORD, 3);
    struct leadseq_split split = make(&o);
    cr_assert_eq(check_parts(&split), N);
    size_t records = 0, patients = 0;
    bool in_train[N + 1] = {false}, counted[N + 1] = {false};
    for (size_t i = 0; i < split.n[0]; i++) in_train[rows[split.position[0][i]].patient_id] = true;
    for (int p = 1; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < split.n[p]; i++) {
            int patient = rows[split.position[p][i]].patient_id;
            records += in_train[patient];
            patients += in_train[patient] && !counted[patient];
            counted[patient] = true;
        }
    cr_assert_gt(records, 50);
    cr_assert_eq(split.records_of_those, records);
    cr_assert_eq(split.patients_on_both_sides, patients);
    leadseq_split_clear(&split);
}

Test(split, heartnet_rnn_takes_every_mi_and_the_first_others)
{
    struct leadseq_split_options o = official;
    o.select = LEADSEQ_SELECT_HEARTNET_RNN;
    struct leadseq_split split = make(&o);
    size_t others = 0, mi = 0;
    int last = 0, beyond = 0;
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < split.n[p]; i++) {
            const struct leadseq_stack_row *row = &rows[split.position[p][i]];
            mi += row->mi, others += !row->mi;
            if (!row->mi && row->ecg_id > last) last = row->ecg_id;
        }
    for (int i = 0; i < N; i++) beyond += !rows[i].mi && rows[i].ecg_id <= last;
    cr_assert_eq(mi, N / 4);
    cr_assert_eq(others, 344); // round(250 · 7547 / 5486)
    cr_assert_eq(beyond, 344);
    leadseq_split_clear(&split);
}

Test(split, balanced_takes_as_many_of_each_by_seed)
{
    struct leadseq_split_options o = official, other = official;
    o.select = other.select = LEADSEQ_SELECT_BALANCED;
    other.seed = 1;
    struct leadseq_split a = make(&o), b = make(&other);
    size_t of[2] = {0};
    for (int p = 0; p < LEADSEQ_PARTS; p++)
        for (size_t i = 0; i < a.n[p]; i++) of[rows[a.position[p][i]].mi]++;
    cr_assert(of[0] == N / 4 && of[1] == N / 4);
    cr_assert(a.n[0] != b.n[0] || memcmp(a.position[0], b.position[0], a.n[0] * sizeof(size_t)));
    leadseq_split_clear(&a);
    leadseq_split_clear(&b);
}

/* --- Known answers on PTB-XL's own table -------------------------------------------- */

static struct leadseq_stack_row *official_rows(size_t *n)
{
    const char *path = real_folder("LEADSEQ_PTBXL_METADATA", "ptbxl-metadata");
    if (!path) cr_skip_test("no table of PTB-XL");
    struct leadseq_ptbxl *table = leadseq_ptbxl_open(path);
    cr_assert(table, "%s", leadseq_error());
    struct leadseq_stack_row *all = calloc(table->n, sizeof *all);
    for (size_t i = 0; i < table->n; i++) {
        all[i].ecg_id = table->row[i].ecg_id;
        all[i].patient_id = table->row[i].patient_id;
        all[i].strat_fold = table->row[i].strat_fold;
        all[i].mi = table->row[i].mi;
    }
    *n = table->n;
    leadseq_ptbxl_close(table);
    cr_assert_eq(*n, 21799);
    return all;
}

static size_t count_mi(const struct leadseq_stack_row *all, const struct leadseq_split *split,
                       int part)
{
    size_t mi = 0;
    for (size_t i = 0; i < split->n[part]; i++) mi += all[split->position[part][i]].mi;
    return mi;
}

Test(split, the_official_folds_have_their_known_counts)
{
    size_t n;
    struct leadseq_stack_row *all = official_rows(&n);
    struct leadseq_split split;
    cr_assert_eq(leadseq_split_rows(&split, all, n, &official), 0, "%s", leadseq_error());
    static const size_t records[] = {17418, 2183, 2198}, mi[] = {4379, 540, 550};
    for (int p = 0; p < LEADSEQ_PARTS; p++) {
        cr_assert_eq(split.n[p], records[p]);
        cr_assert_eq(count_mi(all, &split, p), mi[p]);
    }
    cr_assert_eq(split.patients_on_both_sides, 0);
    leadseq_split_clear(&split);
    free(all);
}

/* A record of a patient with k shares the patient unless the k-1 others are all on its
 * side: 1 - share^(k-1), .2000 over PTB-XL; single draws scatter by .005 about it. */
static double expected_shared(const struct leadseq_stack_row *all, size_t n, double share)
{
    enum { PATIENTS = 30000 };
    int *records = calloc(PATIENTS, sizeof *records);
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        cr_assert_lt(all[i].patient_id, PATIENTS);
        records[all[i].patient_id]++;
    }
    for (size_t i = 0; i < n; i++) sum += 1 - pow(share, records[all[i].patient_id] - 1);
    free(records);
    return sum / (double)n;
}

Test(split, a_fifth_of_a_record_split_shares_its_patients_with_training)
{
    size_t n;
    struct leadseq_stack_row *all = official_rows(&n);
    double mean = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct leadseq_split split;
        struct leadseq_split_options o = {
            .by = LEADSEQ_SPLIT_RECORD, .share = {.8, .2, 0}, .seed = seed};
        cr_assert_eq(leadseq_split_rows(&split, all, n, &o), 0, "%s", leadseq_error());
        cr_assert(split.n[LEADSEQ_VALID] == 4360 || split.n[LEADSEQ_VALID] == 4359);
        mean += (double)split.records_of_those / (double)split.n[LEADSEQ_VALID] / 10;
        leadseq_split_clear(&split);
    }
    cr_assert_float_eq(mean, expected_shared(all, n, .2), .005, "%g", mean);
    free(all);
}

Test(split, heartnet_rnn_of_the_full_set_is_the_papers)
{
    size_t n;
    struct leadseq_stack_row *all = official_rows(&n);
    struct leadseq_split split;
    struct leadseq_split_options o = {
        .by = LEADSEQ_SPLIT_RECORD, .share = {1, 0, 0}, .select = LEADSEQ_SELECT_HEARTNET_RNN};
    cr_assert_eq(leadseq_split_rows(&split, all, n, &o), 0, "%s", leadseq_error());
    cr_assert_eq(split.n[LEADSEQ_TRAIN], 5469 + 7547);
    cr_assert_eq(count_mi(all, &split, LEADSEQ_TRAIN), 5469);
    leadseq_split_clear(&split);
    free(all);
}
