/* SPDX-License-Identifier: MIT */
#include "signal/signal.h"

#include "folder.h"

#include <glob.h>
#include <math.h>

TestSuite(quality);

enum { I, II, III, AVR, AVL, AVF, V1, V6 = 11 };
enum { RATE = 100, N = 1000 };

/* Ten seconds in which the limb leads obey Einthoven's and Goldberger's laws. */
static struct leadseq_record *clean(void)
{
    struct leadseq_record *r = leadseq_calloc(1, sizeof *r);
    r->rate_hz = RATE;
    r->n_samples = N;
    r->mv = leadseq_calloc(LEADSEQ_LEADS * N, sizeof *r->mv);
    for (int k = 0; k < N; k++) {
        double t = (double)k / RATE, beat = exp(-200 * pow(fmod(t, 0.8) - 0.3, 2));
        double a = 0.8 * beat + 0.05 * sin(7 * t), b = 1.1 * beat - 0.04 * cos(9 * t);
        double v[LEADSEQ_LEADS] = {a, b, b - a, -(a + b) / 2, a - b / 2, b - a / 2};
        for (int lead = V1; lead <= V6; lead++) v[lead] = beat * (lead - 8) + 0.03 * sin(11 * t);
        for (int lead = 0; lead < LEADSEQ_LEADS; lead++) r->mv[lead * N + k] = (float)v[lead];
    }
    return r;
}

static struct leadseq_signal_quality quality_of(const struct leadseq_record *r)
{
    struct leadseq_signal_quality q;
    cr_assert_eq(leadseq_signal_quality(&q, r), 0, "%s", leadseq_error());
    return q;
}

static void set(struct leadseq_record *r, int lead, int from, int to, float value)
{
    for (int k = from; k < to; k++) r->mv[lead * N + k] = value;
}

Test(quality, a_clean_record_has_no_flag)
{
    struct leadseq_record *r = clean();
    struct leadseq_signal_quality q = quality_of(r);
    cr_assert_eq(q.bits, 0, "bits %d", q.bits);
    cr_assert_lt(q.einthoven_mv, 1e-6);
    cr_assert_lt(q.augmented_mv, 1e-6);
    leadseq_record_close(r);
}

/* One lead that is there is enough; a sample alone is no line. */
Test(quality, a_record_of_leads_missing_or_flat_is_empty)
{
    struct leadseq_record *r = clean();
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        cr_assert_eq(quality_of(r).bits & LEADSEQ_QUALITY_EMPTY, 0, "%d leads", lead);
        cr_assert_eq(leadseq_lead_state(r->mv + lead * N, N), LEADSEQ_LEAD_THERE);
        set(r, lead, 0, N, lead % 2 ? NAN : .3f * (float)lead);
        if (lead % 4 == 1) r->mv[lead * N + 17] = 1;
        cr_assert_eq(leadseq_lead_state(r->mv + lead * N, N),
                     lead % 2 ? LEADSEQ_LEAD_MISSING : LEADSEQ_LEAD_FLAT);
    }
    cr_assert(quality_of(r).bits & LEADSEQ_QUALITY_EMPTY);
    r->mv[5 * N + 16] = 1.001f; // two neighbours that differ
    cr_assert_eq(quality_of(r).bits & LEADSEQ_QUALITY_EMPTY, 0);
    r->n_samples = 0;
    cr_assert(quality_of(r).bits & LEADSEQ_QUALITY_EMPTY);
    r->n_samples = 1;
    cr_assert(quality_of(r).bits & LEADSEQ_QUALITY_EMPTY);
    leadseq_record_close(r);
}

Test(quality, amplitudes_no_heart_has_are_flagged)
{
    static const struct {
        double scale;
        int lead; /* -1: all */
        bool flagged;
    } cases[] = {{1, -1, false},   {1000, -1, true},  {1e-3, -1, true},
                 {1000, V6, true}, {1e-3, V6, false}, {0.05, -1, false},
                 {5, -1, false},   {0, V6, false},    {0, -1, false}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_record *r = clean();
        for (int k = 0; k < LEADSEQ_LEADS * N; k++)
            if (cases[i].lead < 0 || k / N == cases[i].lead)
                r->mv[k] = (float)((double)r->mv[k] * cases[i].scale);
        struct leadseq_signal_quality q = quality_of(r);
        cr_assert_eq(!!(q.bits & LEADSEQ_QUALITY_AMPLITUDE), cases[i].flagged, "case %zu", i);
        for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
            cr_assert_eq(q.implausible[lead],
                         cases[i].flagged && (cases[i].lead < 0 || lead == cases[i].lead),
                         "case %zu, lead %d", i, lead);
        leadseq_record_close(r);
    }
}

Test(quality, a_second_without_movement_is_flat_and_less_is_not)
{
    static const struct {
        int from, to;
        bool flat;
    } cases[] = {{0, 100, true},  {900, 1000, true}, {415, 515, true},
                 {0, 1000, true}, {415, 500, false}, {0, 80, false}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_record *r = clean();
        set(r, V6, cases[i].from, cases[i].to, 0.4f);
        for (int k = cases[i].from; k < cases[i].to; k += 2) r->mv[V6 * N + k] += 0.009f;
        struct leadseq_signal_quality q = quality_of(r);
        cr_assert_eq(q.flat[V6], cases[i].flat, "case %zu", i);
        cr_assert_eq(q.bits, cases[i].flat ? LEADSEQ_QUALITY_FLAT_LEAD : 0);
        for (int lead = 0; lead < V6; lead++) cr_assert(!q.flat[lead]);
        leadseq_record_close(r);
    }
}

/* The stretch sought by brute force, as the definition has it. */
static bool flat_by_definition(const float *x, int n, int length)
{
    for (int from = 0; from + length <= n; from++) {
        float low = INFINITY, high = -INFINITY;
        for (int k = from; k < from + length; k++) low = fminf(low, x[k]), high = fmaxf(high, x[k]);
        if ((double)high - (double)low <= 0.01 + 1e-6) return true;
    }
    return false;
}

Test(quality, flatness_is_what_its_definition_says_on_slow_random_walks)
{
    struct leadseq_record *r = clean();
    int flat = 0;
    for (uint64_t i = 0; i < 200; i++) {
        struct leadseq_random random;
        leadseq_random_init(&random, 3, LEADSEQ_STREAM_TEST, i, 0);
        double v = 0;
        for (int k = 0; k < N; k++) {
            v = 0.97 * v + (0.0008 + 5e-6 * (double)i) * leadseq_random_normal(&random);
            r->mv[V1 * N + k] = (float)v;
        }
        bool is = flat_by_definition(r->mv + V1 * N, N, RATE);
        cr_assert_eq(quality_of(r).flat[V1], is, "walk %d", (int)i);
        flat += is;
    }
    cr_assert(flat > 20 && flat < 180, "%d of 200: the walks try both", flat);
    leadseq_record_close(r);
}

Test(quality, a_lead_pinned_to_its_extreme_is_saturated)
{
    struct leadseq_record *r = clean();
    set(r, V1, 300, 306, 5.f);
    set(r, V1 + 1, 300, 306, -5.f);
    set(r, V1 + 2, 300, 303, 5.f); // a peak of three samples is none
    for (int k = 310; k < 320; k++) r->mv[(V1 + 3) * N + k] = 5.f + 0.001f * (float)k; // it moves
    struct leadseq_signal_quality q = quality_of(r);
    cr_assert_eq(q.bits, LEADSEQ_QUALITY_SATURATED);
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++)
        cr_assert_eq(q.saturated[lead], lead == V1 || lead == V1 + 1, "lead %d", lead);
    leadseq_record_close(r);
}

Test(quality, missing_samples_are_counted_and_spoil_nothing_else)
{
    struct leadseq_record *r = clean();
    set(r, II, 200, 260, NAN);
    set(r, V6, 0, N, NAN);
    struct leadseq_signal_quality q = quality_of(r);
    cr_assert_eq(q.bits, LEADSEQ_QUALITY_MISSING);
    cr_assert(q.missing[II] == 60 && q.missing[V6] == N && q.missing[I] == 0);
    cr_assert_lt(q.einthoven_mv, 1e-6);
    set(r, I, 0, N, NAN);
    cr_assert(isnan(quality_of(r).einthoven_mv));
    leadseq_record_close(r);
}

Test(quality, limb_leads_that_are_mixed_up_break_einthovens_law)
{
    static const int swaps[][2] = {{I, II}, {I, III}, {II, III}, {I, AVR}, {AVR, AVL}, {AVL, AVF}};
    for (size_t i = 0; i < LEADSEQ_COUNT(swaps); i++) {
        struct leadseq_record *r = clean();
        for (int k = 0; k < N; k++) {
            float *a = &r->mv[swaps[i][0] * N + k], *b = &r->mv[swaps[i][1] * N + k], keep = *a;
            *a = *b, *b = keep;
        }
        struct leadseq_signal_quality q = quality_of(r);
        cr_assert_eq(q.bits, LEADSEQ_QUALITY_EINTHOVEN, "%d and %d", swaps[i][0], swaps[i][1]);
        leadseq_record_close(r);
    }
    struct leadseq_record *r = clean();
    for (int k = 0; k < N; k++) r->mv[II * N + k] += 0.1f;
    cr_assert_float_eq(quality_of(r).einthoven_mv, 0.1, 1e-6);
    leadseq_record_close(r);
}

Test(quality, a_record_of_one_sample_is_empty_and_no_more)
{
    float mv[LEADSEQ_LEADS] = {0};
    struct leadseq_record r = {.rate_hz = 100, .n_samples = 1, .mv = mv};
    cr_assert_eq(quality_of(&r).bits, LEADSEQ_QUALITY_EMPTY);
}

/* --- Real records: how often each flag is raised -------------------------------------- */

static void count_flags(const char *root, const char *pattern, size_t counts[9])
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", root, pattern);
    glob_t found = {0};
    if (glob(path, 0, NULL, &found)) return;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct leadseq_record *r = leadseq_record_open(found.gl_pathv[i]);
        cr_assert(r, "%s", leadseq_error());
        struct leadseq_signal_quality q = quality_of(r);
        counts[8]++;
        for (int bit = 0; bit < 8; bit++) counts[bit] += q.bits >> bit & 1;
        if (q.bits) cr_log_info("%s: bits %d", r->name, q.bits);
        leadseq_record_close(r);
    }
    globfree(&found);
}

Test(quality, flags_are_rare_on_real_records)
{
    const char *root = real_folder("LEADSEQ_PTBXL", "ptbxl");
    if (!root) cr_skip_test("no folder of PTB-XL records (LEADSEQ_PTBXL)");
    size_t n[9] = {0};
    count_flags(root, "records100/*/*.hea", n);
    cr_log_info("%zu records: flat %zu, saturated %zu, missing %zu, Einthoven %zu", n[8], n[4],
                n[5], n[6], n[7]);
    cr_assert_gt(n[8], 0);
    cr_assert_leq(n[4] + n[5] + n[6], 1 + n[8] / 200);
    cr_assert_leq(n[7], n[8] / 1000);
}

static const int exchanges[][2] = {{I, II},   {I, III},   {II, III},  {I, AVR},
                                   {II, AVF}, {AVR, AVL}, {AVL, AVF}, {AVR, AVF}};

static void exchange(struct leadseq_record *r, int a, int b)
{
    size_t n = r->n_samples;
    for (size_t k = 0; k < n; k++) {
        float *x = &r->mv[(size_t)a * n + k], *y = &r->mv[(size_t)b * n + k], keep = *x;
        *x = *y, *y = keep;
    }
}

static void count_found(const char *path, size_t found[LEADSEQ_COUNT(exchanges)])
{
    struct leadseq_record *r = leadseq_record_open(path);
    cr_assert(r, "%s", leadseq_error());
    for (size_t i = 0; i < LEADSEQ_COUNT(exchanges); i++) {
        exchange(r, exchanges[i][0], exchanges[i][1]);
        found[i] += (quality_of(r).bits & LEADSEQ_QUALITY_EINTHOVEN) != 0;
        exchange(r, exchanges[i][0], exchanges[i][1]);
    }
    leadseq_record_close(r);
}

Test(quality, most_exchanges_of_limb_leads_of_real_records_are_found)
{
    const char *root = real_folder("LEADSEQ_PTBXL", "ptbxl");
    if (!root) cr_skip_test("no folder of PTB-XL records (LEADSEQ_PTBXL)");
    char pattern[600];
    snprintf(pattern, sizeof pattern, "%s/records100/*/*.hea", root);
    glob_t paths;
    cr_assert_eq(glob(pattern, 0, NULL, &paths), 0);
    size_t found[LEADSEQ_COUNT(exchanges)] = {0}, n = 0;
    for (size_t i = 0; i < paths.gl_pathc; i += 8, n++) count_found(paths.gl_pathv[i], found);
    for (size_t i = 0; i < LEADSEQ_COUNT(exchanges); i++) {
        double share = (double)found[i] / (double)n;
        cr_log_info("%s and %s: %.1f %% of %zu", leadseq_lead_name[exchanges[i][0]],
                    leadseq_lead_name[exchanges[i][1]], 100 * share, n);
        cr_assert_gt(share, 0.85);
    }
    globfree(&paths);
}

Test(quality, flags_are_rare_on_original_records_at_500_hz)
{
    const char *root = real_folder(NULL, "ptbxl-original");
    if (!root) cr_skip_test("no folder ptbxl-original");
    size_t n[9] = {0};
    count_flags(root, "records500/*/*.hea", n);
    cr_log_info("%zu records: flat %zu, saturated %zu, missing %zu, Einthoven %zu", n[8], n[4],
                n[5], n[6], n[7]);
    cr_assert(n[8] == 77 && n[4] + n[5] + n[6] <= 1 && n[7] == 0);
}
