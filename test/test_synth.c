/* SPDX-License-Identifier: MIT
 *
 * Simulated folders, read back as PTB-XL's would be. */
#include "../src/dataset/synth_private.h"
#include "folder.h"

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
    struct leadseq_synth_options bad[] = {options(0),  options(-5), options(1000000), options(10),
                                          options(10), options(10), options(10)};
    bad[3].mi_share = 1.5;
    bad[4].mi_share = NAN;
    bad[5].noise = -1;
    bad[6].workers = -1;
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        cr_assert_eq(leadseq_synth(ecg, &bad[i]), -1, "row %zu", i);
        cr_assert(strstr(leadseq_error(), "expected"), "%s", leadseq_error());
        cr_assert(!leadseq_path_exists(ecg));
    }
}

Test(synth, a_folder_that_exists_is_left_alone)
{
    struct leadseq_synth_options o = options(3);
    cr_assert_eq(leadseq_synth(folder, &o), -1);
    cr_assert(strstr(leadseq_error(), "exists already"));
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

/* --- Hearts, as a cardiologist would look at them -------------------------------------- */

/* Extremes of each lead of one beat without noise: a person of fifty, otherwise as given. */
struct beat {
    double high[LEADSEQ_LEADS], low[LEADSEQ_LEADS];
    double st[LEADSEQ_LEADS], t[LEADSEQ_LEADS]; /* 120 ms and 280 ms after the R wave */
    double q[LEADSEQ_LEADS];                    /* lowest of the first 25 ms of QRS */
};

static struct beat one_beat(const struct synth_disease *disease, uint64_t key)
{
    struct synth_patient p = {.age_years = 50, .weight_kg = 75, .disease = *disease};
    struct synth_heart heart;
    static struct synth_beats beats;
    static double dipole[3 * SYNTH_SAMPLES];
    static float mv[LEADSEQ_LEADS * SYNTH_SAMPLES];
    struct synth_findings findings;
    struct leadseq_random r;
    struct beat b;
    leadseq_random_init(&r, key, LEADSEQ_STREAM_TEST, 0, 0);
    synth_heart_make(&heart, &p, &r);
    synth_heart_ail(&heart, &p, &r);
    beats = (struct synth_beats){.n = 1, .beat = {{.at_s = 5, .rr_s = 1}}};
    synth_dipole(&heart, &beats, &r, dipole);
    cr_assert_eq(synth_leads(&heart, &beats, 0, dipole, &r, mv, &findings), 0);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        const float *v = mv + lead * SYNTH_SAMPLES;
        double rest = (double)v[0];
        b.high[lead] = b.low[lead] = b.q[lead] = 0;
        for (int k = 2400; k < 2800; k++) {
            double d = (double)v[k] - rest;
            b.high[lead] = fmax(b.high[lead], d);
            b.low[lead] = fmin(b.low[lead], d);
            if (k > 2480 && k < 2497) b.q[lead] = fmin(b.q[lead], d);
        }
        b.st[lead] = (double)v[2560] - rest;
        b.t[lead] = (double)v[2640] - rest;
    }
    return b;
}

enum { I, II, III, AVR, AVL, AVF, V1, V2, V3, V4, V5, V6, HEARTS = 200 };

static struct beat mean_beat(const struct synth_disease *disease)
{
    struct beat sum = {{0}, {0}, {0}, {0}, {0}};
    for (uint64_t key = 0; key < HEARTS; key++) {
        struct beat b = one_beat(disease, key);
        for (int i = 0; i < LEADSEQ_LEADS; i++) {
            sum.high[i] += b.high[i] / HEARTS;
            sum.low[i] += b.low[i] / HEARTS;
            sum.st[i] += b.st[i] / HEARTS;
            sum.t[i] += b.t[i] / HEARTS;
            sum.q[i] += b.q[i] / HEARTS;
        }
    }
    return sum;
}

static const struct synth_disease healthy = {.infarct = -1};

Test(synth, a_healthy_heart_has_the_usual_amplitudes)
{
    struct beat b = mean_beat(&healthy);
    cr_assert(b.high[II] > 0.5 && b.high[II] < 1.2, "R in II %g", b.high[II]);
    cr_assert(b.high[I] > 0.4 && b.high[I] < 1.0, "R in I %g", b.high[I]);
    cr_assert(b.low[AVR] < -0.4 && b.high[AVR] < 0.25, "aVR points down");
    cr_assert(b.high[V1] < 0.5 && b.low[V1] < -0.5, "rS in V1");
    cr_assert(b.low[V2] < -0.8, "deep S in V2");
    cr_assert(b.high[V1] < b.high[V2] && b.high[V2] < b.high[V3] && b.high[V3] < b.high[V4]);
    cr_assert(b.high[V4] > 0.9 && b.high[V5] > 0.9 && b.high[V6] > 0.7);
    cr_assert(b.low[V2] < b.low[V4] && b.low[V4] < b.low[V6], "S shrinks to the left");
    static const int upright[] = {I, II, V3, V4, V5, V6};
    for (size_t i = 0; i < LEADSEQ_COUNT(upright); i++)
        cr_assert(b.t[upright[i]] > 0.1 && b.t[upright[i]] < 0.8, "T in lead %d", upright[i]);
    cr_assert(b.t[AVR] < -0.1);
    for (int i = 0; i < LEADSEQ_LEADS; i++) cr_assert(fabs(b.st[i]) < 0.15, "ST of lead %d", i);
}

static int infarct_of(const char *code)
{
    for (int i = 0; i < SYNTH_INFARCTS; i++)
        if (!strcmp(synth_infarct[i].code, code)) return i;
    cr_assert_fail("%s", code);
    return -1;
}

/* Leads that face the wall and leads that look at it from behind. */
static const struct {
    const char *code;
    int facing[3], opposite[2];
} walls[] = {
    {"IMI", {II, III, AVF}, {AVL, I}},
    {"ASMI", {V1, V2, V3}, {V6, V6}},
    {"LMI", {I, AVL, V6}, {III, AVR}},
    {"AMI", {V2, V3, V4}, {AVR, AVR}},
};

Test(synth, acute_infarcts_raise_st_over_the_wall_and_lower_it_opposite)
{
    struct beat well = mean_beat(&healthy);
    for (size_t i = 0; i < LEADSEQ_COUNT(walls); i++) {
        struct synth_disease d = {.class = SYNTH_INFARCT,
                                  .infarct = infarct_of(walls[i].code),
                                  .stage = SYNTH_ACUTE,
                                  .size = 1};
        struct beat b = mean_beat(&d);
        for (int k = 0; k < 3; k++) {
            int lead = walls[i].facing[k];
            cr_assert_gt(b.st[lead] - well.st[lead], 0.05, "%s lead %d", walls[i].code, lead);
        }
        for (int k = 0; k < 2; k++) {
            int lead = walls[i].opposite[k];
            cr_assert_lt(b.st[lead] - well.st[lead], 0, "%s lead %d", walls[i].code, lead);
        }
    }
}

Test(synth, old_infarcts_leave_q_waves_and_turn_t_over_the_wall)
{
    struct beat well = mean_beat(&healthy);
    for (size_t i = 0; i < LEADSEQ_COUNT(walls); i++) {
        struct synth_disease d = {.class = SYNTH_INFARCT,
                                  .infarct = infarct_of(walls[i].code),
                                  .stage = SYNTH_SUBACUTE,
                                  .size = 1};
        struct beat b = mean_beat(&d);
        for (int k = 0; k < 3; k++) {
            int lead = walls[i].facing[k];
            cr_assert_lt(b.q[lead], well.q[lead] - 0.05, "Q: %s lead %d", walls[i].code, lead);
            cr_assert_lt(b.t[lead], well.t[lead] - 0.1, "T: %s lead %d", walls[i].code, lead);
        }
    }
    struct synth_disease d = {.infarct = infarct_of("PMI"), .stage = SYNTH_OLD, .size = 1};
    cr_assert_gt(mean_beat(&d).high[V1], well.high[V1] + 0.1, "a dead back wall: tall R in V1");
}

Test(synth, blocks_and_hypertrophy_look_their_part)
{
    struct synth_disease left = {.infarct = -1, .block = SYNTH_LEFT};
    struct synth_disease right = {.infarct = -1, .block = SYNTH_RIGHT};
    struct synth_disease fascicle = {.infarct = -1, .block = SYNTH_ANTERIOR_FASCICLE};
    struct synth_disease thick = {.infarct = -1, .left_hypertrophy = true, .hypertrophy = 0.8};
    struct beat well = mean_beat(&healthy), b = mean_beat(&left);
    cr_assert(b.t[V6] < 0 && b.low[V1] < well.low[V1] && b.t[V1] > 0.1);
    b = mean_beat(&right);
    cr_assert(b.high[V1] > 0.5 && b.low[I] < well.low[I]);
    b = mean_beat(&fascicle);
    cr_assert(b.low[III] < -0.4 && b.high[AVL] > well.high[AVL], "the axis turns left");
    b = mean_beat(&thick);
    cr_assert(b.low[V1] + b.low[V2] < well.low[V1] + well.low[V2] - 0.5, "deep S on the right");
    cr_assert(b.high[V5] > well.high[V5] + 0.1 && b.t[V6] < well.t[V6]);
}

Test(synth, beats_keep_their_rate_and_fibrillation_does_not)
{
    for (int kind = 0; kind < SYNTH_RHYTHMS; kind++) {
        struct synth_disease d = {.infarct = -1, .rhythm = (enum synth_rhythm_kind)kind};
        double sum = 0, squares = 0, n = 0;
        for (uint64_t key = 0; key < 50; key++) {
            struct synth_beats b;
            struct leadseq_random r;
            leadseq_random_init(&r, key, LEADSEQ_STREAM_TEST, 1, 0);
            cr_assert_eq(synth_beats_make(&b, &d, &r), 0);
            cr_assert(b.n >= 5 && b.beat[0].at_s <= 0.5 && b.beat[b.n - 1].at_s > 9.5);
            for (int k = 2; k < b.n; k++) {
                double rr = b.beat[k].at_s - b.beat[k - 1].at_s;
                double before = b.beat[k - 1].at_s - b.beat[k - 2].at_s;
                cr_assert(rr > 0.3 && rr < 2.5, "kind %d: %g s", kind, rr);
                sum += rr;
                squares += pow((rr - before) / rr, 2);
                n++;
            }
        }
        double rate = 60 * n / sum, uneven = sqrt(squares / n);
        static const double rates[][2] = {{60, 90}, {42, 60}, {98, 130}, {55, 90}, {60, 120}};
        cr_assert(rate > rates[kind][0] && rate < rates[kind][1], "kind %d: %g", kind, rate);
        cr_assert(kind == SYNTH_FIBRILLATION ? uneven > 0.2 : uneven < 0.2, "%g", uneven);
    }
}
