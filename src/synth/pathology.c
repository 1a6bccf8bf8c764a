/* SPDX-License-Identifier: MIT
 *
 * What diseases other than infarction do to the waves: bundles that do not conduct,
 * thick walls, recovery that is disturbed. Sizes were set by the mean vectors of such
 * records in PTB-XL. */
#include "synth_private.h"

#include <math.h>

/* Where bundles do not conduct, muscle does; of that people differ half as much. */
static double muscle_time(const struct synth_heart *h)
{
    return sqrt(h->conduction);
}

static void take_muscle_time(struct synth_heart *h, double scale)
{
    synth_stretch_qrs(h, scale / muscle_time(h));
}

static void come_late(struct synth_heart *h, double at_s, double width_s)
{
    h->wave[WAVE_LATE].at_s = at_s * muscle_time(h);
    h->wave[WAVE_LATE].width_s = width_s * muscle_time(h);
}

/* Bundles that do not conduct: what they serve comes last, and recovers first. The left
 * bundle's septum is crossed from the right, and the free wall behind is reached late. */
static void block_left(struct synth_heart *h, double u)
{
    static const double across[3] = {0.42, 0.12, 0.20}, back[3] = {0.05, -0.20, 1.00};
    static const double left_back[3] = {0.60, -0.25, 1.00}, opposite[3] = {0.28, 0, 1.00};
    take_muscle_time(h, 1.6 + 0.2 * u);
    synth_scale(h->wave[WAVE_SEPTUM].v, -0.2);
    synth_add_wave(h, WAVE_SEPTUM, 0.8 + 0.4 * u, across);
    synth_scale(h->wave[WAVE_APEX].v, 0.75);
    synth_add_wave(h, WAVE_APEX, 1.1 + 0.5 * u, back);
    synth_scale(h->wave[WAVE_TERMINAL].v, 0.3);
    come_late(h, 0.045, 0.022);
    synth_add_wave(h, WAVE_LATE, 0.85 + 0.5 * u, left_back);
    synth_scale_t(h, 0.1);
    synth_add_t(h, -0.45 - 0.35 * u, opposite);
    synth_add_st(h, -0.12 - 0.08 * u, opposite);
}

static void block_right(struct synth_heart *h, bool whole, double u)
{
    static const double right_front[3] = {-0.55, -0.05, -0.65};
    double part = whole ? 0.70 + 0.45 * u : 0.15 + 0.25 * u;
    synth_scale(h->wave[WAVE_BASE].v, whole ? 0.45 : 0.65);
    come_late(h, whole ? 0.058 : 0.039, whole ? 0.019 : 0.010);
    synth_add_wave(h, WAVE_LATE, part, right_front);
    synth_add_t(h, -0.40 * part, right_front);
}

static void block_anterior_fascicle(struct synth_heart *h, double u)
{
    static const double up[3] = {-0.58, -0.80, 0.02}, down[3] = {0.06, 0.14, 0};
    synth_add_wave(h, WAVE_SEPTUM, 0.8 + 0.5 * u, down);
    synth_add_wave(h, WAVE_APEX, 0.55 + 0.2 * u, up);
    synth_add_wave(h, WAVE_BASE, 0.45 + 0.35 * u, up);
}

static void slow(struct synth_heart *h, double u)
{
    static const double back[3] = {-0.10, 0.05, 0.35};
    take_muscle_time(h, 1.45 + 0.2 * u);
    synth_scale(h->wave[WAVE_APEX].v, 0.85);
    synth_add_wave(h, WAVE_APEX, 1, back);
    synth_flatten_t(h, 0.5);
}

static void delay_atria(struct synth_heart *h, double by_s)
{
    h->wave[WAVE_P_RIGHT].at_s -= by_s;
    h->wave[WAVE_P_LEFT].at_s -= by_s;
}

static void block(struct synth_heart *h, enum synth_block kind, struct leadseq_random *own)
{
    double u = leadseq_random_uniform(own);
    if (kind == SYNTH_LEFT) block_left(h, u);
    if (kind == SYNTH_RIGHT) block_right(h, true, u);
    if (kind == SYNTH_RIGHT_PART) block_right(h, false, u);
    if (kind == SYNTH_ANTERIOR_FASCICLE) block_anterior_fascicle(h, u);
    if (kind == SYNTH_SLOW) slow(h, u);
    if (kind == SYNTH_AV) delay_atria(h, 0.06 + 0.06 * u);
}

static void hypertrophy(struct synth_heart *h, const struct synth_disease *d)
{
    static const double left_back[3] = {0.40, 0.12, 0.90}, right_front[3] = {-0.75, 0.25, -0.60};
    static const double strain[3] = {0.80, 0.32, 0.35};
    double s = d->hypertrophy;
    if (d->left_hypertrophy) {
        synth_stretch_qrs(h, 1.04 + 0.08 * s);
        synth_scale(h->wave[WAVE_APEX].v, 1.10 + 0.25 * s);
        synth_add_wave(h, WAVE_BASE, 0.30 + 0.55 * s, left_back);
        synth_add_t(h, -0.05 - 0.28 * s, strain);
        synth_add_st(h, -0.01 - 0.06 * s, strain);
    }
    if (d->right_hypertrophy) {
        synth_scale(h->wave[WAVE_APEX].v, 0.75);
        synth_add_wave(h, WAVE_BASE, 0.6 + 0.5 * s, right_front);
        synth_add_t(h, -0.25 * s, right_front);
    }
}

/* A notch where QRS ends, ST that rises with it, tall T: harmless, and in young men common. */
static void repolarise_early(struct synth_heart *h, double s)
{
    static const double toward[3] = {0.55, 0.40, -0.70};
    synth_add_wave(h, WAVE_LATE, 0.05 + 0.12 * s, toward);
    synth_add_st(h, 0.05 + 0.10 * s, toward);
    synth_add_t(h, 0.15 + 0.25 * s, toward);
}

static void recovery(struct synth_heart *h, enum synth_repol kind, double s)
{
    static const double apex[3] = {0.85, 0.45, 0.05}, lateral[3] = {0.85, 0.10, -0.40};
    static const double inferior[3] = {0.10, 0.97, 0.10};
    switch (kind) {
    case SYNTH_T_FLAT:
        synth_flatten_t(h, 0.60 - 0.7 * s);
        break;
    case SYNTH_ST_LOW:
        synth_add_st(h, -0.03 - 0.06 * s, apex);
        synth_flatten_t(h, 0.5);
        break;
    case SYNTH_ISCHAEMIA:
    case SYNTH_ISCHAEMIA_LATERAL:
    case SYNTH_ISCHAEMIA_INFERIOR: {
        const double *wall = kind == SYNTH_ISCHAEMIA           ? apex
                             : kind == SYNTH_ISCHAEMIA_LATERAL ? lateral
                                                               : inferior;
        synth_add_st(h, -0.02 - 0.06 * s, wall);
        synth_add_t(h, -0.15 - 0.35 * s, wall);
        break;
    }
    case SYNTH_DIGITALIS:
        synth_add_st(h, -0.06 - 0.08 * s, apex);
        synth_scale_t(h, 0.5);
        h->recovery *= 0.9;
        break;
    case SYNTH_LONG_QT:
        h->recovery *= 1.15 + 0.12 * s;
        break;
    case SYNTH_EARLY:
        repolarise_early(h, s);
        break;
    case SYNTH_NO_REPOL:
    case SYNTH_REPOLS:
        break;
    }
}

void synth_heart_ail(struct synth_heart *heart, const struct synth_patient *patient,
                     struct leadseq_random *own)
{
    const struct synth_disease *d = &patient->disease;
    if (d->infarct >= 0) synth_infarct_ail(heart, d, d->infarct, own);
    if (d->infarct >= 0 && d->second) synth_infarct_ail(heart, d, d->second - 1, own);
    hypertrophy(heart, d);
    block(heart, d->block, own);
    recovery(heart, d->repol, d->repol_strength);
    if (d->rhythm == SYNTH_FIBRILLATION) {
        synth_scale(heart->wave[WAVE_P_RIGHT].v, 0);
        synth_scale(heart->wave[WAVE_P_LEFT].v, 0);
        heart->fibrillation_mv = 0.03 + 0.04 * leadseq_random_uniform(own);
    }
}
