/* SPDX-License-Identifier: MIT
 *
 * How often the flags are wrong on real records, and how often they are missed on
 * the same with electrodes exchanged, leads flattened and amplifiers blocked. The
 * counts are printed (CRITERION_VERBOSITY_LEVEL=1): doc/quality.md has them. */
#include "electrodes.h"
#include "folder.h"

#include <glob.h>
#include <math.h>

TestSuite(quality_rates);

static const struct set {
    const char *variable, *folder, *pattern;
    bool odd; // records of even ecg_id were those that the expectation was fitted on
} sets[] = {
    {"LEADSEQ_PTBXL", "ptbxl", "records100/*/*.hea", true},
    {NULL, "ptbxl-original", "records500/*/*.hea", false},
    {NULL, "other-ecg", "*.hea", false},
};

static struct leadseq_signal_quality quality_of(const struct leadseq_record *r)
{
    struct leadseq_signal_quality q;
    cr_assert_eq(leadseq_signal_quality(&q, r), 0, "%s", leadseq_error());
    return q;
}

struct rate { // of something over records
    size_t found, named, of;
};

typedef void damage(struct leadseq_record *record, size_t which);

static void count(const struct set *set, const char *path, damage *harm, size_t which, uint16_t bit,
                  struct rate *rate)
{
    const char *name = strrchr(path, '/') + 1;
    if (set->odd && atoi(name) % 2 == 0) return;
    struct leadseq_record *r = leadseq_record_open(path);
    cr_assert(r, "%s", leadseq_error());
    if (harm) harm(r, which);
    struct leadseq_signal_quality q = quality_of(r);
    rate->of++;
    rate->found += (q.bits & bit) != 0;
    rate->named += bit == LEADSEQ_QUALITY_REVERSED && harm && q.reversal == places[which].reversal;
    if (!harm && (q.bits & bit))
        cr_log_info("%s: %s, agreement %.2f and %.2f", r->name, leadseq_reversal_text(q.reversal),
                    q.agreement, q.agreement_exchanged);
    leadseq_record_close(r);
}

/* Every `each`-th record of a set, which is none where its folder is absent. */
static struct rate rate_of(const struct set *set, damage *harm, size_t which, uint16_t bit,
                           size_t each)
{
    struct rate rate = {0};
    const char *root = real_folder(set->variable, set->folder);
    if (!root) return rate;
    char pattern[600];
    snprintf(pattern, sizeof pattern, "%s/%s", root, set->pattern);
    glob_t found = {0};
    if (!glob(pattern, 0, NULL, &found))
        for (size_t i = 0; i < found.gl_pathc; i += each)
            count(set, found.gl_pathv[i], harm, which, bit, &rate);
    globfree(&found);
    return rate;
}

static double share(const struct rate *rate)
{
    return rate->of ? 100 * (double)rate->found / (double)rate->of : 0;
}

Test(quality_rates, electrodes_in_their_places_are_hardly_ever_suspected)
{
    size_t records = 0, wrong = 0;
    for (size_t i = 0; i < LEADSEQ_COUNT(sets); i++) {
        struct rate r = rate_of(&sets[i], NULL, 0, LEADSEQ_QUALITY_REVERSED, 1);
        cr_log_info("%s: %zu of %zu suspected", sets[i].folder, r.found, r.of);
        records += r.of;
        wrong += r.found;
    }
    if (!records) cr_skip_test("no folder of real records (LEADSEQ_PTBXL)");
    cr_assert_leq(wrong, 1 + records / 200);
}

static void exchange(struct leadseq_record *record, size_t which)
{
    put_electrodes(record, &places[which]);
}

Test(quality_rates, electrodes_put_elsewhere_are_mostly_found)
{
    size_t records = 0;
    for (size_t i = 0; i < LEADSEQ_COUNT(sets); i++)
        for (size_t which = 0; which < LEADSEQ_COUNT(places); which++) {
            struct rate r = rate_of(&sets[i], exchange, which, LEADSEQ_QUALITY_REVERSED, 3);
            if (!r.of) continue;
            cr_log_info("%s: %s: %zu of %zu found, %.1f %%, %zu named", sets[i].folder,
                        places[which].name, r.found, r.of, share(&r), r.named);
            records += r.of;
            cr_assert_gt(share(&r), r.of < 20 ? 50 : 80, "%s: %s", sets[i].folder,
                         places[which].name);
        }
    if (!records) cr_skip_test("no folder of real records (LEADSEQ_PTBXL)");
}

/* 1.5 s of a lead are constant except for the converter's last bit. */
static void flatten(struct leadseq_record *record, size_t which)
{
    size_t n = record->n_samples, length = (size_t)(1.5 * record->rate_hz);
    size_t lead = (which + n) % LEADSEQ_LEADS, begin = (n - length) / 3;
    float *x = record->mv + lead * n, level = x[begin];
    for (size_t k = begin; k < begin + length; k++) x[k] = level + 0.005F * (float)(k % 3 == 0);
}

/* For 0.2 s the amplifier of a chest lead is at its rail. */
static void block(struct leadseq_record *record, size_t which)
{
    size_t n = record->n_samples, begin = n / 2, length = (size_t)(0.2 * record->rate_hz);
    float *x = record->mv + (6 + which) * n, rail = which % 2 ? 5 : -5;
    for (size_t k = begin; k < begin + length; k++) x[k] = rail;
}

/* A tenth of the samples of a lead are gone. */
static void lose(struct leadseq_record *record, size_t which)
{
    size_t n = record->n_samples;
    for (size_t k = n / 10; k < n / 5; k++) record->mv[which * n + k] = NAN;
}

Test(quality_rates, leads_that_were_flattened_blocked_and_lost_are_found)
{
    static const struct {
        const char *name;
        damage *harm;
        uint16_t bit;
    } cases[] = {
        {"flattened", flatten, LEADSEQ_QUALITY_FLAT_LEAD},
        {"blocked", block, LEADSEQ_QUALITY_SATURATED},
        {"lost", lose, LEADSEQ_QUALITY_MISSING},
    };
    size_t records = 0;
    for (size_t i = 0; i < LEADSEQ_COUNT(sets); i++)
        for (size_t k = 0; k < LEADSEQ_COUNT(cases); k++)
            for (size_t which = 0; which < 6; which += 5) {
                struct rate r = rate_of(&sets[i], cases[k].harm, which, cases[k].bit, 3);
                if (!r.of) continue;
                cr_log_info("%s: %s (%zu): %zu of %zu", sets[i].folder, cases[k].name, which,
                            r.found, r.of);
                records += r.of;
                cr_assert_eq(r.found, r.of, "%s: %s", sets[i].folder, cases[k].name);
            }
    if (!records) cr_skip_test("no folder of real records (LEADSEQ_PTBXL)");
}
