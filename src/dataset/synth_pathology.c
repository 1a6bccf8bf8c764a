/* SPDX-License-Identifier: MIT
 *
 * What diseases do to the waves. An infarct is a direction: the dead wall takes its
 * share of the early vectors away (Q waves in leads that face it, taller R in those
 * opposite), injury draws ST towards it, recovery turns away from it. Reciprocal
 * changes need no rule; they are the same vector seen from behind. */
#include "synth_private.h"

#include <math.h>

/* Directions: x left, y down, z back. Shares follow PTB-XL's counts of the codes. */
const struct synth_infarct synth_infarct[SYNTH_INFARCTS] = {
    {"IMI", "inferior myocardial infarction", {0.05, 0.97, 0.22}, 0.36, false},
    {"ASMI", "anteroseptal myocardial infarction", {-0.05, 0.05, -0.99}, 0.32, false},
    {"ILMI", "inferolateral myocardial infarction", {0.60, 0.76, 0.25}, 0.07, false},
    {"AMI", "anterior myocardial infarction", {0.35, 0.08, -0.93}, 0.06, false},
    {"ALMI", "anterolateral myocardial infarction", {0.76, -0.08, -0.64}, 0.05, false},
    {"INJAS", "subendocardial injury, anteroseptal", {-0.05, 0.05, -0.99}, 0.03, true},
    {"LMI", "lateral myocardial infarction", {0.96, -0.25, 0.12}, 0.035, false},
    {"INJAL", "subendocardial injury, anterolateral", {0.76, -0.08, -0.64}, 0.02, true},
    {"IPLMI",
     "infarction of inferior, posterior and lateral walls",
     {0.45, 0.65, 0.61},
     0.012,
     false},
    {"IPMI", "inferoposterior myocardial infarction", {0.05, 0.75, 0.66}, 0.012, false},
    {"INJIN", "subendocardial injury, inferior", {0.05, 0.97, 0.22}, 0.008, true},
    {"INJLA", "subendocardial injury, lateral", {0.96, -0.25, 0.12}, 0.007, true},
    {"PMI", "posterior myocardial infarction", {0.15, 0.15, 0.98}, 0.01, false},
    {"INJIL", "subendocardial injury, inferolateral", {0.60, 0.76, 0.25}, 0.006, true},
};

static void add_wave(struct synth_heart *h, enum synth_wave_name name, double scale,
                     const double direction[3])
{
    synth_add(h->wave[name].v, scale, direction);
}

static void add_st(struct synth_heart *h, double mv, const double toward[3])
{
    add_wave(h, WAVE_ST, mv, toward);
    add_wave(h, WAVE_ST_LATE, mv, toward);
}

static void add_t(struct synth_heart *h, double mv, const double toward[3])
{
    add_wave(h, WAVE_T_RISE, 0.45 * mv, toward);
    add_wave(h, WAVE_T_PEAK, 0.75 * mv, toward);
}

static void scale_t(struct synth_heart *h, double scale)
{
    synth_scale(h->wave[WAVE_T_RISE].v, scale);
    synth_scale(h->wave[WAVE_T_PEAK].v, scale);
}

/* Q waves of the dead wall; ST and T by the age of the infarct. */
static void infarct(struct synth_heart *h, const struct synth_disease *d,
                    struct leadseq_random *own)
{
    const struct synth_infarct *kind = &synth_infarct[d->infarct];
    double toward[3], s = d->size, u = leadseq_random_uniform(own);
    for (int i = 0; i < 3; i++) toward[i] = kind->toward[i] + 0.15 * leadseq_random_normal(own);
    if (kind->injury) {
        add_st(h, -(0.06 + 0.12 * s), toward);
        add_t(h, -0.25 * s * u, toward);
        return;
    }
    double dead = d->stage == SYNTH_ACUTE ? 0.5 * s : s; // Q waves take hours to grow
    for (int k = WAVE_SEPTUM; k <= WAVE_TERMINAL; k++) synth_scale(h->wave[k].v, 1 - 0.15 * dead);
    add_wave(h, WAVE_SCAR_EARLY, -0.48 * dead, toward);
    add_wave(h, WAVE_SCAR_LATE, -0.30 * dead, toward);
    add_wave(h, WAVE_LATE, 0.12 * dead, toward); // what lives behind the scar comes late
    switch (d->stage) {
    case SYNTH_ACUTE:
        add_st(h, 0.22 * s, toward);
        add_t(h, 0.35 * s, toward);
        break;
    case SYNTH_SUBACUTE:
        add_st(h, 0.09 * s, toward);
        add_t(h, -0.55 * s, toward);
        break;
    case SYNTH_OLD:
        add_st(h, 0.02 * s * u, toward);
        add_t(h, -0.35 * s * u, toward);
        break;
    }
}

static void stretch_qrs(struct synth_heart *h, double scale)
{
    for (int k = WAVE_SEPTUM; k <= WAVE_SCAR_LATE; k++) {
        h->wave[k].at_s *= scale;
        h->wave[k].width_s *= scale;
    }
}

/* Bundles that do not conduct: what they serve comes last, and recovers first. */
static void block_left(struct synth_heart *h, double u)
{
    static const double left_back[3] = {0.80, 0.15, 0.60}, left[3] = {0.20, 0.02, 0.10};
    stretch_qrs(h, 1.45 + 0.2 * u);
    synth_scale(h->wave[WAVE_SEPTUM].v, -0.2);
    add_wave(h, WAVE_SEPTUM, 1, left);
    synth_scale(h->wave[WAVE_TERMINAL].v, 0.3);
    h->wave[WAVE_LATE].at_s = 0.042;
    h->wave[WAVE_LATE].width_s = 0.024;
    add_wave(h, WAVE_LATE, 1.0 + 0.6 * u, left_back);
    scale_t(h, -0.3);
    add_t(h, -0.45 - 0.25 * u, left_back);
    add_st(h, -0.14 - 0.08 * u, left_back);
}

static void block_right(struct synth_heart *h, bool whole, double u)
{
    static const double right_front[3] = {-0.50, 0, -0.80};
    double part = whole ? 0.8 + 0.5 * u : 0.25 + 0.25 * u;
    h->wave[WAVE_LATE].at_s = whole ? 0.062 : 0.048;
    h->wave[WAVE_LATE].width_s = whole ? 0.017 : 0.011;
    add_wave(h, WAVE_LATE, part, right_front);
    add_t(h, -0.35 * part, right_front);
}

static void block_anterior_fascicle(struct synth_heart *h, double u)
{
    static const double up_left[3] = {0.25, -0.85, 0.05}, down[3] = {-0.12, 0.30, -0.02};
    add_wave(h, WAVE_SEPTUM, 0.8 + 0.5 * u, down);
    add_wave(h, WAVE_APEX, 0.9, up_left);
    add_wave(h, WAVE_BASE, 0.5 + 0.3 * u, up_left);
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
    if (kind == SYNTH_SLOW) stretch_qrs(h, 1.25 + 0.2 * u);
    if (kind == SYNTH_AV) delay_atria(h, 0.06 + 0.06 * u);
}

static void hypertrophy(struct synth_heart *h, const struct synth_disease *d)
{
    static const double left_back[3] = {0.75, 0.10, 0.65}, right_front[3] = {-0.75, 0.25, -0.60};
    double s = d->hypertrophy;
    if (d->left_hypertrophy) {
        synth_scale(h->wave[WAVE_APEX].v, 1.25 + 0.3 * s);
        add_wave(h, WAVE_BASE, 0.35 + 0.5 * s, left_back);
        scale_t(h, 1 - 0.7 * s);
        add_t(h, -0.30 * s, left_back);
        add_st(h, -0.08 * s, left_back);
    }
    if (d->right_hypertrophy) {
        synth_scale(h->wave[WAVE_APEX].v, 0.75);
        add_wave(h, WAVE_BASE, 0.6 + 0.5 * s, right_front);
        add_t(h, -0.25 * s, right_front);
    }
}

static void recovery(struct synth_heart *h, enum synth_repol kind, double s)
{
    static const double apex[3] = {0.80, 0.45, -0.40}, lateral[3] = {0.85, 0.05, -0.52};
    static const double inferior[3] = {0.10, 0.97, 0.10};
    switch (kind) {
    case SYNTH_T_FLAT:
        scale_t(h, 0.55 - 0.7 * s);
        break;
    case SYNTH_ST_LOW:
        add_st(h, -0.03 - 0.06 * s, apex);
        scale_t(h, 0.8);
        break;
    case SYNTH_ISCHAEMIA:
    case SYNTH_ISCHAEMIA_LATERAL:
    case SYNTH_ISCHAEMIA_INFERIOR: {
        const double *wall = kind == SYNTH_ISCHAEMIA           ? apex
                             : kind == SYNTH_ISCHAEMIA_LATERAL ? lateral
                                                               : inferior;
        add_st(h, -0.02 - 0.06 * s, wall);
        add_t(h, -0.30 - 0.40 * s, wall);
        break;
    }
    case SYNTH_DIGITALIS:
        add_st(h, -0.06 - 0.08 * s, apex);
        scale_t(h, 0.5);
        h->recovery *= 0.9;
        break;
    case SYNTH_LONG_QT:
        h->recovery *= 1.15 + 0.12 * s;
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
    if (d->infarct >= 0) infarct(heart, d, own);
    hypertrophy(heart, d);
    block(heart, d->block, own);
    recovery(heart, d->repol, d->repol_strength);
    if (d->rhythm == SYNTH_FIBRILLATION) {
        synth_scale(heart->wave[WAVE_P_RIGHT].v, 0);
        synth_scale(heart->wave[WAVE_P_LEFT].v, 0);
        heart->fibrillation_mv = 0.03 + 0.04 * leadseq_random_uniform(own);
    }
}
