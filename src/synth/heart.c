/* SPDX-License-Identifier: MIT
 *
 * A healthy heart and the body around it: Gaussian waves of a three-dimensional
 * dipole, the lead vectors that see it, and how both vary between people and
 * between two recordings of one person. */
#include "synth_private.h"

#include <math.h>
#include <string.h>

/* Of an adult: the septum to the right and forward, the apex left and down, the base
 * back, then what is left at the right; recovery goes the apex's way, but forward. */
static const struct synth_wave adult[SYNTH_WAVES] = {
    [WAVE_P_RIGHT] = {-0.170, 0.018, {0.03, 0.080, -0.030}},
    [WAVE_P_LEFT] = {-0.142, 0.020, {0.06, 0.050, 0.040}},
    [WAVE_SEPTUM] = {-0.0188, 0.0063, {-0.10, -0.02, -0.25}},
    [WAVE_APEX] = {0.0000, 0.0083, {1.16, 0.52, 0.22}},
    [WAVE_BASE] = {0.0132, 0.0086, {0.22, 0.10, 0.66}},
    [WAVE_TERMINAL] = {0.0265, 0.0090, {-0.13, -0.06, 0.11}},
    [WAVE_LATE] = {0.0414, 0.0085, {0, 0, 0}},
    [WAVE_SCAR_EARLY] = {-0.0108, 0.0096, {0, 0, 0}},
    [WAVE_SCAR_LATE] = {0.0033, 0.0117, {0, 0, 0}},
    [WAVE_ST] = {0.095, 0.030, {-0.01, -0.02, -0.03}},
    [WAVE_ST_LATE] = {0.165, 0.045, {0.02, 0.0, -0.05}},
    [WAVE_T_RISE] = {0.245, 0.048, {0.14, 0.075, -0.10}},
    [WAVE_T_PEAK] = {0.298, 0.034, {0.18, 0.09, -0.10}},
};

/* What PTB-XL's chest leads have of Dower's amplitudes, V1 … V6, by the medians of
 * its healthy records: V2 … V4 lie near the heart. */
static const double chest_gain[6] = {0.85, 1.20, 1.20, 1.20, 1.05, 1.00};

/* Dower, Machado & Osborne 1980: leads of Frank's x, y, z. */
static const double dower[8][3] = {
    {0.632, -0.235, 0.059},  {0.235, 1.066, -0.132}, /* I, II */
    {-0.515, 0.157, -0.917}, {0.044, 0.164, -1.387}, /* V1, V2 */
    {0.882, 0.098, -1.277},  {1.213, 0.127, -0.601}, /* V3, V4 */
    {1.125, 0.127, -0.086},  {0.831, 0.076, 0.230},  /* V5, V6 */
};

/* exp of a normal: a factor that varies by about `spread`. */
static double factor(struct leadseq_random *r, double spread)
{
    return exp(spread * leadseq_random_normal(r));
}

/* Turns all waves by angle in the plane of axes i and j. */
static void turn(struct synth_heart *heart, int i, int j, double angle)
{
    double c = cos(angle), s = sin(angle);
    for (int k = 0; k < SYNTH_WAVES; k++) {
        double *v = heart->wave[k].v, a = v[i], b = v[j];
        v[i] = c * a - s * b;
        v[j] = s * a + c * b;
    }
}

static double norm(const double v[3])
{
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* Each wave a little longer, stronger and elsewhere than the next person's. */
static void vary_waves(struct synth_heart *heart, double spread, struct leadseq_random *r)
{
    for (int k = 0; k < SYNTH_WAVES; k++) {
        struct synth_wave *w = &heart->wave[k];
        double size = norm(w->v);
        synth_scale(w->v, factor(r, spread));
        for (int i = 0; i < 3; i++) w->v[i] += 0.6 * spread * size * leadseq_random_normal(r);
        w->width_s *= factor(r, 0.3 * spread);
    }
}

/* Chest electrodes by hand: each a little left or right of its place, the row of
 * them higher or lower, each nearer to the heart or farther. */
static void place_electrodes(struct synth_heart *heart, double spread, struct leadseq_random *r)
{
    double row[8][3], aside = 0.5 * spread * leadseq_random_normal(r);
    double up = spread * leadseq_random_normal(r);
    memcpy(row, heart->lead, sizeof row);
    for (int k = 2; k < 8; k++) {
        double shift = aside + 0.4 * spread * leadseq_random_normal(r);
        int next = shift > 0 ? k + 1 : k - 1;
        next = next < 2 ? 3 : next > 7 ? 6 : next;
        double t = fmin(fabs(shift), 1), gain = factor(r, 0.3 * spread);
        for (int i = 0; i < 3; i++)
            heart->lead[k][i] = gain * ((1 - t) * row[k][i] + t * row[next][i]);
        heart->lead[k][1] -= 0.35 * up; // from higher up the heart looks lower
    }
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < 3; i++) heart->lead[k][i] += 0.15 * spread * leadseq_random_normal(r);
}

static void draw_near(struct synth_heart *heart, double spread, struct leadseq_random *r)
{
    for (int part = 0; part < SYNTH_PARTS; part++)
        for (int k = 0; k < 6; k++)
            for (int i = 0; i < 3; i++)
                heart->near[part][k][i] =
                    spread * norm(heart->lead[2 + k]) * leadseq_random_normal(r);
}

/* Men's T waves and ST are higher before old age; voltages fall with years and weight. */
static void fit_person(struct synth_heart *heart, const struct synth_patient *p)
{
    double years = p->age_years - 50, voltage = 1 - 0.0025 * years - 0.004 * (p->weight_kg - 75);
    double recovery = 1 - 0.005 * years + (p->sex ? -0.1 : 0.1);
    voltage = fmax(voltage, 0.5);
    recovery = fmax(recovery, 0.4);
    for (int k = 0; k < SYNTH_WAVES; k++)
        synth_scale(heart->wave[k].v, k >= WAVE_ST ? recovery * voltage : voltage);
    if (!p->sex && p->age_years < 60) heart->wave[WAVE_ST_LATE].v[2] -= 0.02;
    turn(heart, 0, 1, -0.006 * years); // the axis rises from 55° towards level with age
}

static void make_extra_beat(struct synth_heart *heart, struct leadseq_random *own)
{
    double v[3];
    for (int i = 0; i < 3; i++) v[i] = leadseq_random_normal(own);
    synth_scale(v, (1.2 + 0.5 * leadseq_random_uniform(own)) / (norm(v) + 1e-9));
    heart->extra[0] = (struct synth_wave){-0.015, 0.026, {v[0], v[1], v[2]}};
    heart->extra[1] = (struct synth_wave){0.055, 0.028, {-.25 * v[1], .25 * v[0], .3 * v[2]}};
    heart->extra[2] = (struct synth_wave){0.260, 0.065, {-.35 * v[0], -.35 * v[1], -.35 * v[2]}};
}

void synth_heart_make(struct synth_heart *heart, const struct synth_patient *patient,
                      struct leadseq_random *own)
{
    *heart = (struct synth_heart){.recovery = factor(own, 0.05)};
    memcpy(heart->wave, adult, sizeof adult);
    memcpy(heart->lead, dower, sizeof dower);
    for (int k = 0; k < 6; k++) synth_scale(heart->lead[k + 2], chest_gain[k]);
    double unlike = 0.5 + 0.5 * patient->difficulty; // people, the harder, the more so
    double delay = 0.018 * leadseq_random_normal(own);
    heart->wave[WAVE_P_RIGHT].at_s -= delay;
    heart->wave[WAVE_P_LEFT].at_s -= delay;
    vary_waves(heart, 0.20 * unlike, own);
    double voltage = factor(own, 0.20 * unlike), recovery = factor(own, 0.28 * unlike);
    for (int k = WAVE_P_RIGHT; k < WAVE_ST; k++) synth_scale(heart->wave[k].v, voltage);
    for (int k = WAVE_ST; k < SYNTH_WAVES; k++) synth_scale(heart->wave[k].v, recovery);
    turn(heart, 0, 1, 0.24 * unlike * leadseq_random_normal(own));
    turn(heart, 0, 2, 0.20 * unlike * leadseq_random_normal(own));
    turn(heart, 1, 2, 0.18 * unlike * leadseq_random_normal(own));
    for (int i = 0; i < 3; i++) heart->wave[WAVE_T_PEAK].v[i] += 0.05 * leadseq_random_normal(own);
    fit_person(heart, patient);
    make_extra_beat(heart, own);
    place_electrodes(heart, 0.30 * unlike, own);
    draw_near(heart, 0.15 * unlike, own);
    heart->conduction = factor(own, 0.10 * unlike);
    synth_stretch_qrs(heart, heart->conduction);
    synth_scale(heart->wave[WAVE_TERMINAL].v, factor(own, 0.40 * unlike)); // S differs most
}

void synth_heart_revisit(struct synth_heart *heart, struct leadseq_random *visit)
{
    vary_waves(heart, 0.05, visit);
    turn(heart, 0, 1, 0.06 * leadseq_random_normal(visit));
    place_electrodes(heart, 0.12, visit);
}
