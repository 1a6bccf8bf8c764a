/* SPDX-License-Identifier: MIT
 *
 * What is not the heart's shape: rhythm and its variability, breathing, and the noise
 * of electrodes, each where it belongs in the spectrum. */
#include "synth_beat.h"

/* --- Rhythm ------------------------------------------------------------------------------- */

static void draw_beats(struct synth_beats *b, enum synth_rhythm_kind kind, uint64_t key)
{
    struct synth_disease d = {.infarct = -1, .rhythm = kind};
    struct leadseq_random r;
    leadseq_random_init(&r, key, LEADSEQ_STREAM_TEST, 1, 0);
    cr_assert_eq(synth_beats_make(b, &d, &r), 0);
}

Test(synth_noise, beats_keep_their_rate_and_fibrillation_does_not)
{
    for (int kind = 0; kind < SYNTH_RHYTHMS; kind++) {
        double sum = 0, squares = 0, n = 0;
        for (uint64_t key = 0; key < 50; key++) {
            struct synth_beats b;
            draw_beats(&b, (enum synth_rhythm_kind)kind, key);
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

/* Standard deviation of one record's intervals, and their correlation with breathing. */
static void vary(const struct synth_beats *b, double *sdnn, double *follows)
{
    double n = b->n - 1, rr = 0, br = 0, rr2 = 0, br2 = 0, both = 0;
    for (int k = 1; k < b->n; k++) {
        double x = b->beat[k].at_s - b->beat[k - 1].at_s;
        double mid = (b->beat[k].at_s + b->beat[k - 1].at_s) / 2;
        double y = sin(2 * M_PI * b->breath_hz * mid + b->breath_phase);
        rr += x / n, br += y / n, rr2 += x * x / n, br2 += y * y / n, both += x * y / n;
    }
    *sdnn = sqrt(fmax(rr2 - rr * rr, 0));
    *follows = (both - rr * br) / (*sdnn * sqrt(br2 - br * br) + 1e-12);
}

Test(synth_noise, intervals_vary_as_in_people_and_follow_breathing_where_that_is_marked)
{
    double even = 0, uneven = 0, follows = 0;
    enum { N = 60 };
    for (uint64_t key = 0; key < N; key++) {
        struct synth_beats b;
        double sdnn, f;
        draw_beats(&b, SYNTH_SINUS, key);
        vary(&b, &sdnn, &f);
        even += sdnn / N;
        draw_beats(&b, SYNTH_UNEVEN_SINUS, key);
        vary(&b, &sdnn, &f);
        uneven += sdnn / N;
        follows += f / N;
    }
    cr_assert(even > 0.010 && even < 0.050, "SDNN over ten seconds: %g s", even);
    cr_assert(uneven > 0.060 && uneven < 0.200, "SDNN of uneven rhythm: %g s", uneven);
    cr_assert_gt(follows, 0.7, "correlation with breathing: %g", follows);
}

/* --- Spectra of the noise alone -------------------------------------------------------------- */

/* Leads of a heart that does not beat: nothing but noise. */
static const float *noise_only(double strength, uint64_t key)
{
    static float mv[LEADSEQ_LEADS * SYNTH_SAMPLES];
    static double dipole[SYNTH_DIPOLE];
    struct synth_patient p = {.age_years = 50, .weight_kg = 75};
    struct synth_findings findings = {0};
    struct synth_heart heart;
    struct synth_beats beats;
    struct leadseq_random r;
    leadseq_random_init(&r, key, LEADSEQ_STREAM_TEST, 2, 0);
    synth_heart_make(&heart, &p, &r);
    draw_beats(&beats, SYNTH_SINUS, key);
    memset(dipole, 0, sizeof dipole);
    cr_assert_eq(synth_leads(&heart, &beats, strength, dipole, &r, mv, &findings), 0);
    return mv;
}

/* Mean square of v between two frequencies (bins of 0.1 Hz; Goertzel's sums). */
static double band(const float *v, double from_hz, double until_hz)
{
    double power = 0;
    for (int bin = (int)lrint(from_hz * 10); bin < (int)lrint(until_hz * 10); bin++) {
        double c = 2 * cos(2 * M_PI * bin / SYNTH_SAMPLES), s1 = 0, s2 = 0;
        for (int k = 0; k < SYNTH_SAMPLES; k++) {
            double s0 = (double)v[k] + c * s1 - s2;
            s2 = s1, s1 = s0;
        }
        power += 2 * (s1 * s1 + s2 * s2 - c * s1 * s2) / SYNTH_SAMPLES / SYNTH_SAMPLES;
    }
    return power;
}

Test(synth_noise, drift_mains_and_muscle_stand_where_they_belong)
{
    enum { N = 40 };
    double drift = 0, between = 0, mains = 0, beside = 0, muscle = 0, fast = 0;
    for (uint64_t key = 0; key < N; key++) {
        const float *v = noise_only(1, key) + SYNTH_SAMPLES; // lead II
        drift += band(v, 0.1, 1) / N;
        between += band(v, 2, 8) / N;
        mains += band(v, 49.5, 50.5) / N;
        beside += band(v, 46, 47) / N;
        muscle += band(v, 20, 30) / N;
        fast += band(v, 190, 200) / N;
    }
    cr_assert(sqrt(drift) > 0.01 && sqrt(drift) < 0.2, "drift %g mV", sqrt(drift));
    cr_assert_gt(drift, 10 * between, "%g against %g", drift, between);
    cr_assert(sqrt(mains) > 0.0005 && sqrt(mains) < 0.02, "mains %g mV", sqrt(mains));
    cr_assert_gt(mains, 4 * beside, "a line at 50 Hz: %g against %g", mains, beside);
    cr_assert_gt(muscle, 1.5 * fast, "%g against %g", muscle, fast);
}

Test(synth_noise, none_is_none_and_twice_the_strength_is_twice_the_noise)
{
    static float one[LEADSEQ_LEADS * SYNTH_SAMPLES];
    const float *v = noise_only(0, 1);
    for (int k = 0; k < LEADSEQ_LEADS * SYNTH_SAMPLES; k++) cr_assert_eq(v[k], 0);
    memcpy(one, noise_only(1, 1), sizeof one);
    v = noise_only(2, 1);
    double a = 0, b = 0;
    for (int k = 0; k < SYNTH_SAMPLES; k++) a += fabs((double)one[k]), b += fabs((double)v[k]);
    cr_assert_float_eq(b / a, 2, 0.05);
}

/* An electrode's noise is in every lead that uses it: limb leads share theirs, and the
 * chest leads share the mean of the limbs'. */
Test(synth_noise, leads_share_the_noise_of_the_electrodes_they_share)
{
    double augmented = 0, limb = 0;
    for (uint64_t key = 0; key < 10; key++) {
        const float *v = noise_only(5, key);
        for (int k = 0; k < SYNTH_SAMPLES; k++) {
            double one = (double)v[k], two = (double)v[SYNTH_SAMPLES + k];
            double three = (double)v[2 * SYNTH_SAMPLES + k];
            limb = fmax(limb, fabs(two - one - three));
            augmented = fmax(augmented, fabs((double)v[AVR * SYNTH_SAMPLES + k] + (one + two) / 2));
        }
    }
    cr_assert_lt(limb, 1e-6, "Einthoven");
    cr_assert_lt(augmented, 0.5e-3 + 1e-6, "Goldberger, to half a microvolt");
}
