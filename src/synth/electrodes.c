/* SPDX-License-Identifier: MIT
 *
 * From the heart's vector to twelve leads: potentials of nine electrodes, noise on
 * each of them, leads as differences. Because noise is put where it arises, on the
 * electrodes, Einthoven's and Goldberger's laws hold with the noise on. */
#include "synth_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ELECTRODES = 9, RA = 0, LA, LL, V1 };

/* --- The dipole over time -------------------------------------------------------------- */

static void add_gaussian(double *dipole, double at_s, double width_s, const double v[3])
{
    enum { REACH = 4 }; // widths; beyond, less than 0.04 % is left
    if (v[0] == 0 && v[1] == 0 && v[2] == 0) return;
    double centre = at_s * SYNTH_RATE_HZ, width = width_s * SYNTH_RATE_HZ;
    int from = (int)ceil(centre - REACH * width), until = (int)floor(centre + REACH * width);
    if (from < 0) from = 0;
    if (until >= SYNTH_SAMPLES) until = SYNTH_SAMPLES - 1;
    for (int k = from; k <= until; k++) {
        double u = (k - centre) / width, g = exp(-u * u / 2);
        for (int i = 0; i < 3; i++) dipole[i * SYNTH_SAMPLES + k] += g * v[i];
    }
}

/* Breathing tilts the heart and moves it under the electrodes. */
static void breathe(const struct synth_beat *beat, const double v[3], double out[3])
{
    double tilt = 0.05 * beat->breath, gain = 1 + 0.03 * beat->breath;
    out[0] = gain * (v[0] - tilt * v[1]);
    out[1] = gain * (v[1] + tilt * v[0]);
    out[2] = gain * v[2];
}

static const enum synth_part part_of[SYNTH_WAVES] = {
    [WAVE_P_RIGHT] = PART_REST, [WAVE_P_LEFT] = PART_REST,      [WAVE_SEPTUM] = PART_EARLY,
    [WAVE_APEX] = PART_EARLY,   [WAVE_BASE] = PART_LATE,        [WAVE_TERMINAL] = PART_LATE,
    [WAVE_LATE] = PART_LATE,    [WAVE_SCAR_EARLY] = PART_EARLY, [WAVE_SCAR_LATE] = PART_EARLY,
    [WAVE_ST] = PART_REST,      [WAVE_ST_LATE] = PART_REST,     [WAVE_T_RISE] = PART_REST,
    [WAVE_T_PEAK] = PART_REST,
};

static double *part(double *dipole, enum synth_part which)
{
    return dipole + (size_t)which * 3 * SYNTH_SAMPLES;
}

/* Recovery keeps time with the square root of the interval before it. */
static void add_beat(const struct synth_heart *heart, const struct synth_beat *beat, double *dipole)
{
    double late = heart->recovery * sqrt(beat->rr_s), v[3];
    if (beat->extra) {
        for (size_t k = 0; k < LEADSEQ_COUNT(heart->extra); k++)
            add_gaussian(part(dipole, PART_EARLY), beat->at_s + heart->extra[k].at_s,
                         heart->extra[k].width_s, heart->extra[k].v);
        return;
    }
    for (int k = 0; k < SYNTH_WAVES; k++) {
        const struct synth_wave *w = &heart->wave[k];
        double stretch = k >= WAVE_ST ? late : 1;
        breathe(beat, w->v, v);
        add_gaussian(part(dipole, part_of[k]), beat->at_s + stretch * w->at_s, stretch * w->width_s,
                     v);
    }
}

/* Fibrillating atria: waves of wandering rate and height, mostly towards V1 and down. */
static void add_fibrillation(double mv, struct leadseq_random *r, double *dipole)
{
    static const double toward[3] = {-0.3, 0.6, -0.9};
    double phase = 0, rate = 5.5 + 2 * leadseq_random_uniform(r), drift = 0, swell = 1;
    for (int k = 0; k < SYNTH_SAMPLES; k++) {
        drift += 0.04 * leadseq_random_normal(r) - 0.002 * drift;
        swell += 0.02 * leadseq_random_normal(r) - 0.004 * (swell - 1);
        phase += 2 * M_PI * (rate + drift) / SYNTH_RATE_HZ;
        double f = mv * swell * (sin(phase) + 0.35 * sin(2 * phase + 1));
        for (int i = 0; i < 3; i++) dipole[i * SYNTH_SAMPLES + k] += f * toward[i];
    }
}

void synth_dipole(const struct synth_heart *heart, const struct synth_beats *beats,
                  struct leadseq_random *visit, double *dipole)
{
    memset(dipole, 0, SYNTH_DIPOLE * sizeof *dipole);
    for (int i = 0; i < beats->n; i++) add_beat(heart, &beats->beat[i], dipole);
    if (heart->fibrillation_mv > 0)
        add_fibrillation(heart->fibrillation_mv, visit, part(dipole, PART_REST));
}

/* --- Noise on one electrode ---------------------------------------------------------------- */

struct noise {
    double drift_mv, muscle_mv, mains_mv;
};

/* Adds height · sin(2π rate t + phase) by turning a vector: computing one sine per sample would
 * take longer than everything else here. */
static void add_tone(double height, double rate_hz, double phase, float *e)
{
    double turn = 2 * M_PI * rate_hz / SYNTH_RATE_HZ, c = cos(turn), s = sin(turn);
    double x = height * cos(phase), y = height * sin(phase);
    for (int k = 0; k < SYNTH_SAMPLES; k++) {
        e[k] += (float)y;
        double next = c * x - s * y;
        y = s * x + c * y;
        x = next;
    }
}

/* Skin and breathing: three slow tones and a wandering rest. */
static void add_drift(double mv, const struct synth_beats *beats, struct leadseq_random *r,
                      float *e)
{
    static const double weight[3] = {0.9, 0.6, 0.2};
    double rate[3] = {0.05 + 0.1 * leadseq_random_uniform(r), beats->breath_hz,
                      0.4 + 0.3 * leadseq_random_uniform(r)};
    double level = leadseq_random_normal(r);
    for (int i = 0; i < 3; i++) {
        double height = mv * weight[i] * leadseq_random_normal(r);
        double phase = i == 1 ? beats->breath_phase : 2 * M_PI * leadseq_random_uniform(r);
        add_tone(height, rate[i], phase, e);
    }
    for (int k = 0; k < SYNTH_SAMPLES; k++) {
        level += 0.035 * leadseq_random_normal(r) - 6e-4 * level;
        e[k] += (float)(0.4 * mv * level);
    }
}

/* Muscles between about 15 and 120 Hz, swelling and fading. */
static void add_muscle(double mv, struct leadseq_random *r, float *e)
{
    double low = 0, high = 0, swell = 0;
    for (int k = 0; k < SYNTH_SAMPLES; k++) {
        double white = leadseq_random_normal(r);
        low += 0.75 * (white - low);
        high += 0.17 * (low - high);
        if (k % 50 == 0) swell += 0.25 * leadseq_random_normal(r) - 0.1 * swell;
        e[k] += (float)(1.4 * mv * exp(0.5 * swell) * (low - high));
    }
}

/* A touched electrode jumps and creeps back. */
static void add_jump(double mv, struct leadseq_random *r, float *e)
{
    int from = (int)leadseq_random_below(r, SYNTH_SAMPLES);
    double decay = 1 / (SYNTH_RATE_HZ * (0.3 + leadseq_random_uniform(r)));
    mv *= leadseq_random_normal(r);
    for (int k = from; k < SYNTH_SAMPLES; k++) e[k] += (float)(mv * exp(-decay * (k - from)));
}

static struct noise choose_noise(double strength, struct leadseq_random *r)
{
    return (struct noise){
        .drift_mv = strength * 0.030 * exp(0.6 * leadseq_random_normal(r)),
        .muscle_mv = strength * 0.010 * exp(0.7 * leadseq_random_normal(r)),
        .mains_mv = strength * 0.002 * exp(0.8 * leadseq_random_normal(r)),
    };
}

/* Arms work more than legs, and the chest's skin moves most. */
static const struct noise share_of[ELECTRODES] = {{1, 1.2, 1},   {1, 1.1, 1},   {1, 0.7, 1},
                                                  {1.4, 0.5, 1}, {1.4, 0.5, 1}, {1.4, 0.5, 1},
                                                  {1.4, 0.5, 1}, {1.4, 0.5, 1}, {1.4, 0.5, 1}};

/* One electrode differs from the next; what a reader would note is counted. */
static void add_noise(double strength, const struct synth_beats *beats, struct leadseq_random *r,
                      float *electrode, struct synth_findings *findings)
{
    struct noise all = choose_noise(strength, r);
    double mains_hz = 50 + 0.05 * leadseq_random_normal(r);
    for (int i = 0; i < ELECTRODES; i++) {
        float *e = electrode + i * SYNTH_SAMPLES;
        double drift = all.drift_mv * share_of[i].drift_mv * exp(0.4 * leadseq_random_normal(r));
        double muscle = all.muscle_mv * share_of[i].muscle_mv * exp(0.4 * leadseq_random_normal(r));
        add_drift(drift, beats, r, e);
        add_muscle(muscle, r, e);
        double mains = all.mains_mv * share_of[i].mains_mv * fabs(leadseq_random_normal(r));
        add_tone(mains, mains_hz, 2 * M_PI * leadseq_random_uniform(r), e);
        if (leadseq_random_uniform(r) < 0.01) add_jump(10 * drift, r, e);
        findings->drift = (uint8_t)(findings->drift + (drift > 0.19));
        findings->muscle = (uint8_t)(findings->muscle + (muscle > 0.0375));
    }
}

/* --- Leads ------------------------------------------------------------------------------------ */

/* Potentials against the mean of the limbs: RA + LA + LL = 0, so that I = LA - RA
 * and II = LL - RA give all three, and Vi is the chest electrode itself. */
static void lead_vector(const struct synth_heart *heart, int electrode, int part, double v[3])
{
    const double(*lead)[3] = heart->lead;
    for (int i = 0; i < 3; i++) {
        double one = lead[0][i], two = lead[1][i];
        double limb[3] = {-(one + two) / 3, (2 * one - two) / 3, (2 * two - one) / 3};
        v[i] = electrode < V1 ? limb[electrode]
                              : lead[electrode - V1 + 2][i] + heart->near[part][electrode - V1][i];
    }
}

static void project(const struct synth_heart *heart, const double *dipole, float *electrode)
{
    for (int e = 0; e < ELECTRODES; e++)
        for (int part = 0; part < SYNTH_PARTS; part++) {
            const double *x = dipole + (size_t)part * 3 * SYNTH_SAMPLES, *y = x + SYNTH_SAMPLES;
            const double *z = y + SYNTH_SAMPLES;
            double v[3];
            lead_vector(heart, e, part, v);
            for (int k = 0; k < SYNTH_SAMPLES; k++)
                electrode[e * SYNTH_SAMPLES + k] +=
                    (float)(v[0] * x[k] + v[1] * y[k] + v[2] * z[k]);
        }
}

/* Amplifiers pass no constant, and not more than they can. */
static void couple(float *electrode)
{
    const float MOST_MV = 10;
    for (int i = 0; i < ELECTRODES; i++) {
        float *e = electrode + i * SYNTH_SAMPLES;
        double sum = 0;
        for (int k = 0; k < SYNTH_SAMPLES; k++) sum += (double)e[k];
        for (int k = 0; k < SYNTH_SAMPLES; k++)
            e[k] = fminf(fmaxf(e[k] - (float)(sum / SYNTH_SAMPLES), -MOST_MV), MOST_MV);
    }
}

static double microvolts(float mv)
{
    return rint(1000 * (double)mv);
}

void synth_complete_leads(float *mv, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        double one = microvolts(mv[k]), two = microvolts(mv[n + k]);
        double lead[6] = {
            one, two, two - one, rint(-(one + two) / 2), rint(one - two / 2), rint(two - one / 2)};
        for (size_t i = 0; i < 6; i++) mv[i * n + k] = (float)(lead[i] / 1000);
        for (size_t i = 6; i < LEADSEQ_LEADS; i++)
            mv[i * n + k] = (float)(microvolts(mv[i * n + k]) / 1000);
    }
}

static void subtract(const float *electrode, float *mv)
{
    const float *ra = electrode, *la = ra + SYNTH_SAMPLES, *ll = la + SYNTH_SAMPLES;
    for (int k = 0; k < SYNTH_SAMPLES; k++) {
        float wilson = (ra[k] + la[k] + ll[k]) / 3;
        mv[k] = la[k] - ra[k];
        mv[SYNTH_SAMPLES + k] = ll[k] - ra[k];
        for (int i = 0; i < 6; i++)
            mv[(6 + i) * SYNTH_SAMPLES + k] = electrode[(V1 + i) * SYNTH_SAMPLES + k] - wilson;
    }
}

/* The frontal direction of the loop: the sum of I and aVF over the record's peaks. */
static double frontal_axis(const struct synth_heart *heart)
{
    double v[3] = {0};
    for (int k = WAVE_SEPTUM; k <= WAVE_SCAR_LATE; k++)
        synth_add(v, heart->wave[k].width_s / 0.01, heart->wave[k].v);
    double one = 0, two = 0;
    for (int i = 0; i < 3; i++) {
        one += heart->lead[0][i] * v[i];
        two += heart->lead[1][i] * v[i];
    }
    // aVF is a unipolar lead: 2/sqrt(3) brings it to the scale of I.
    return atan2((two - one / 2) * 2 / sqrt(3), one) * 180 / M_PI;
}

int synth_leads(const struct synth_heart *heart, const struct synth_beats *beats, double noise,
                const double *dipole, struct leadseq_random *visit, float *mv,
                struct synth_findings *findings)
{
    float *electrode = leadseq_calloc((size_t)ELECTRODES * SYNTH_SAMPLES, sizeof *electrode);
    if (!electrode) return -1;
    project(heart, dipole, electrode);
    if (noise > 0) add_noise(noise, beats, visit, electrode, findings);
    couple(electrode);
    subtract(electrode, mv);
    synth_complete_leads(mv, SYNTH_SAMPLES);
    findings->axis_deg = frontal_axis(heart);
    findings->extra_beats = beats->extra;
    free(electrode);
    return 0;
}
