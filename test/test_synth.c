/* SPDX-License-Identifier: MIT
 *
 * Simulated folders, read back as PTB-XL's would be. */
#include "folder.h"
#include "synth/synth_private.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>

static char ecg[80]; // the folder simulated into

static void begin(void)
{
    make_folder();
    snprintf(ecg, sizeof ecg, "%s/ecg", folder);
    leadseq_progress_show(false);
}

TestSuite(synth, .init = begin, .fini = remove_folder);

static struct leadseq_synth_options options(int patients)
{
    struct leadseq_synth_options o;
    leadseq_synth_default(&o);
    o.patients = patients;
    return o;
}

static void synth(const struct leadseq_synth_options *o)
{
    cr_assert_eq(leadseq_synth(ecg, o), 0, "%s", leadseq_error());
}

static struct leadseq_record *open_record(const char *of, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", of, name);
    struct leadseq_record *record = leadseq_record_open(path);
    cr_assert(record, "%s", leadseq_error());
    return record;
}

Test(synth, options_out_of_range_are_refused_and_nothing_is_made)
{
    struct leadseq_synth_options bad[10];
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) bad[i] = options(10);
    bad[0].patients = 0;
    bad[1].patients = -5;
    bad[2].patients = 1000000;
    bad[3].mi_share = 1.5;
    bad[4].mi_share = NAN;
    bad[5].noise = -1;
    bad[6].workers = -1;
    bad[7].difficulty = -0.1;
    bad[8].difficulty = NAN;
    bad[9].difficulty = 3.5;
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        cr_assert_eq(leadseq_synth(ecg, &bad[i]), -1, "row %zu", i);
        cr_assert(strstr(leadseq_error(), "expected"), "%s", leadseq_error());
        cr_assert(!leadseq_path_exists(ecg));
    }
}

Test(synth, a_folder_that_exists_is_left_alone)
{
    struct leadseq_synth_options o = options(3);
    char *mine = leadseq_path_join(folder, "mine");
    cr_assert_eq(leadseq_folder_make(mine), 0);
    cr_assert_eq(leadseq_synth(folder, &o), -1);
    cr_assert(strstr(leadseq_error(), "exists already"));
    cr_assert(leadseq_path_exists(mine));
    free(mine);
}

Test(synth, a_folder_that_cannot_be_made_is_named)
{
    struct leadseq_synth_options o = options(3);
    cr_assert_eq(leadseq_synth("/proc/nowhere/ecg", &o), -1);
    cr_assert(strstr(leadseq_error(), "/proc/nowhere"), "%s", leadseq_error());
}

Test(synth, stopped_by_a_signal_it_leaves_nothing)
{
    struct leadseq_synth_options o = options(30);
    char partial[96];
    snprintf(partial, sizeof partial, "%s.partial", ecg);
    leadseq_stop_request(SIGTERM);
    cr_assert_eq(leadseq_synth(ecg, &o), -1);
    cr_assert(strstr(leadseq_error(), "stopped"));
    cr_assert(!leadseq_path_exists(ecg) && !leadseq_path_exists(partial));
}

Test(synth, a_full_disk_leaves_nothing)
{
    struct leadseq_synth_options o = options(5);
    struct rlimit limit = {.rlim_cur = 50000,
                           .rlim_max = 50000}; // a 500 Hz record has 120000 bytes
    char partial[96];
    snprintf(partial, sizeof partial, "%s.partial", ecg);
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(leadseq_synth(ecg, &o), -1);
    cr_assert(strstr(leadseq_error(), "_hr.dat"), "%s", leadseq_error());
    cr_assert(!leadseq_path_exists(ecg) && !leadseq_path_exists(partial));
}

Test(synth, a_folder_reads_back_as_ptb_xl)
{
    struct leadseq_synth_options o = options(40);
    synth(&o);
    struct leadseq_ptbxl *ptbxl = leadseq_ptbxl_open(ecg);
    cr_assert(ptbxl, "%s", leadseq_error());
    cr_assert(ptbxl->n >= 40 && ptbxl->n < 60, "%zu records", ptbxl->n);
    for (size_t i = 0; i < ptbxl->n; i++) {
        const struct leadseq_ptbxl_row *row = &ptbxl->row[i];
        cr_assert_eq(row->ecg_id, (int)i + 1);
        cr_assert(row->strat_fold >= 1 && row->strat_fold <= 10);
        cr_assert(row->age_years >= 18 && row->age_years <= 95);
        struct leadseq_record *low = open_record(ecg, row->filename_lr);
        struct leadseq_record *high = open_record(ecg, row->filename_hr);
        cr_assert(low->rate_hz == 100 && low->n_samples == 1000);
        cr_assert(high->rate_hz == 500 && high->n_samples == 5000);
        leadseq_record_close(low);
        leadseq_record_close(high);
    }
    leadseq_ptbxl_close(ptbxl);
}

Test(synth, shares_and_folds_are_what_was_asked_for)
{
    static const double shares[] = {0, 0.25, 0.5, 1};
    for (size_t s = 0; s < LEADSEQ_COUNT(shares); s++) {
        struct leadseq_synth_options o = options(2000);
        struct synth_plan plan;
        o.mi_share = shares[s];
        cr_assert_eq(synth_plan_make(&plan, &o), 0);
        double mi = 0, fold[11] = {0}, several = 0;
        for (size_t i = 0; i < plan.records; i++) {
            cr_assert_eq(plan.record[i].ecg_id, (int)i + 1);
            mi += plan.record[i].patient->disease.infarct >= 0;
            fold[plan.record[i].patient->fold]++;
        }
        for (size_t i = 0; i < plan.patients; i++) several += plan.patient[i].records > 1;
        double n = (double)plan.records;
        cr_assert_float_eq(mi / n, shares[s], 0.02);
        cr_assert(several > 120 && several < 400);
        for (int k = 1; k <= 10; k++) cr_assert_float_eq(fold[k] / n, 0.1, 0.012);
        synth_plan_clear(&plan);
    }
}

Test(synth, every_infarct_code_appears_and_every_code_is_listed)
{
    struct leadseq_synth_options o = options(8000);
    struct synth_plan plan;
    int seen[SYNTH_INFARCTS] = {0};
    cr_assert_eq(synth_plan_make(&plan, &o), 0);
    for (size_t i = 0; i < plan.patients; i++) {
        struct synth_code code[SYNTH_CODES_MAX];
        struct synth_findings findings = {.extra_beats = 1};
        int n = synth_codes(&plan.patient[i], &findings, code);
        cr_assert(n >= 2 && n <= SYNTH_CODES_MAX);
        for (int k = 0; k < n; k++) {
            bool listed = false;
            for (size_t j = 0; j < synth_statements; j++)
                listed |= !strcmp(code[k].code, synth_statement[j].code);
            cr_assert(listed, "%s", code[k].code);
        }
        if (plan.patient[i].disease.infarct >= 0) seen[plan.patient[i].disease.infarct]++;
    }
    for (int k = 0; k < SYNTH_INFARCTS; k++) cr_assert(seen[k] > 0, "%s", synth_infarct[k].code);
    synth_plan_clear(&plan);
}

Test(synth, limb_leads_obey_einthoven_and_goldberger_to_the_microvolt)
{
    struct leadseq_synth_options o = options(30);
    static const char *const names[] = {"records100/00000/00003_lr", "records500/00000/00003_hr"};
    o.noise = 20;
    synth(&o);
    for (size_t i = 0; i < LEADSEQ_COUNT(names); i++) {
        struct leadseq_record *record = open_record(ecg, names[i]);
        size_t n = record->n_samples;
        for (size_t k = 0; k < n; k++) {
            long v[6];
            for (size_t lead = 0; lead < 6; lead++)
                v[lead] = lrint(1000 * (double)record->mv[lead * n + k]);
            cr_assert_eq(v[2], v[1] - v[0]);
            cr_assert_leq(labs(2 * v[3] + v[0] + v[1]), 1);
            cr_assert_leq(labs(2 * v[4] - 2 * v[0] + v[1]), 1);
            cr_assert_leq(labs(2 * v[5] - 2 * v[1] + v[0]), 1);
        }
        leadseq_record_close(record);
    }
}

static bool same_files(const char *a, const char *b)
{
    char command[256];
    snprintf(command, sizeof command, "diff -r '%s' '%s' >/dev/null", a, b);
    return system(command) == 0;
}

Test(synth, bytes_depend_on_the_seed_and_not_on_the_workers)
{
    struct leadseq_synth_options o = options(12);
    char other[96], third[96];
    snprintf(other, sizeof other, "%s-other", ecg);
    snprintf(third, sizeof third, "%s-third", ecg);
    o.workers = 1;
    synth(&o);
    o.workers = 5;
    cr_assert_eq(leadseq_synth(other, &o), 0);
    cr_assert(same_files(ecg, other));
    o.seed = 2;
    cr_assert_eq(leadseq_synth(third, &o), 0);
    cr_assert(!same_files(ecg, third));
}

/* Ten thousand records in two minutes on two processors are 24 ms of one for each. */
Test(synth, a_record_takes_few_milliseconds_of_a_processor)
{
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("sanitizers take their own time");
#endif
    struct leadseq_synth_options o = options(40);
    o.workers = 1;
    double begin = leadseq_cpu_seconds();
    synth(&o);
    cr_assert_lt((leadseq_cpu_seconds() - begin) / 40, 0.024);
}
