/* SPDX-License-Identifier: MIT
 *
 * What a dead wall does to the waves. An infarct is a direction: the wall takes its
 * share of the early vectors away (Q waves in leads that face it, taller R in those
 * opposite), injury draws ST towards it, recovery turns away from it. Reciprocal
 * changes need no rule; they are the same vector seen from behind. */
#include "synth_private.h"

#include <math.h>

#define ANTEROSEPTAL                                                                               \
    {                                                                                              \
        -0.05, 0.05, -0.99                                                                         \
    }
#define ANTEROLATERAL                                                                              \
    {                                                                                              \
        0.76, -0.08, -0.64                                                                         \
    }
#define INFERIOR                                                                                   \
    {                                                                                              \
        0.05, 0.97, 0.22                                                                           \
    }
#define INFEROLATERAL                                                                              \
    {                                                                                              \
        0.60, 0.76, 0.25                                                                           \
    }
#define LATERAL                                                                                    \
    {                                                                                              \
        0.96, -0.25, 0.12                                                                          \
    }

/* Directions: x left, y down, z back. Shares follow PTB-XL's counts of the codes, the
 * rarest ones raised so that a thousand patients have them. */
const struct synth_infarct synth_infarct[SYNTH_INFARCTS] = {
    {"IMI", "inferior myocardial infarction", INFERIOR, 0.38, false},
    {"ASMI", "anteroseptal myocardial infarction", ANTEROSEPTAL, 0.34, false},
    {"ILMI", "inferolateral myocardial infarction", INFEROLATERAL, 0.07, false},
    {"AMI", "anterior myocardial infarction", {0.35, 0.08, -0.93}, 0.055, false},
    {"ALMI", "anterolateral myocardial infarction", ANTEROLATERAL, 0.045, false},
    {"INJAS", "subendocardial injury, anteroseptal", ANTEROSEPTAL, 0.03, true},
    {"LMI", "lateral myocardial infarction", LATERAL, 0.03, false},
    {"INJAL", "subendocardial injury, anterolateral", ANTEROLATERAL, 0.02, true},
    {"IPLMI",
     "infarction of inferior, posterior and lateral walls",
     {0.45, 0.65, 0.61},
     0.012,
     false},
    {"IPMI", "inferoposterior myocardial infarction", {0.05, 0.75, 0.66}, 0.012, false},
    {"INJIN", "subendocardial injury, inferior", INFERIOR, 0.006, true},
    {"INJLA", "subendocardial injury, lateral", LATERAL, 0.006, true},
    {"PMI", "posterior myocardial infarction", {0.15, 0.15, 0.98}, 0.01, false},
    {"INJIL", "subendocardial injury, inferolateral", INFEROLATERAL, 0.006, true},
};

/* What an infarct of size 1 does along its direction, by its age, in mV: of dead
 * muscle the share that is silent already, of ST and T what is seen over the wall. */
static const struct {
    double silent, st, t, t_varying;
} at_age[SYNTH_STAGES] = {
    [SYNTH_HYPERACUTE] = {0.10, 0.16, 0.60, 0},
    [SYNTH_ACUTE] = {0.55, 0.24, 0.30, 0},
    [SYNTH_EVOLVING] = {1.00, 0.07, -0.32, -0.20},
    [SYNTH_OLD] = {1.00, 0.01, 0.03, -0.28},
};

static void injure(struct synth_heart *h, double s, double u, const double toward[3])
{
    synth_add_st(h, -(0.06 + 0.12 * s), toward);
    synth_add_t(h, -0.25 * s * u, toward);
}

/* The wall itself is silent, and what is left of the ventricles is weaker. */
static void silence(struct synth_heart *h, double dead, const double toward[3])
{
    static const double kept[] = {0.10, 0.40, 0.15, 0.05}; // of septum, apex, base, terminal
    for (int k = 0; k < 4; k++)
        synth_scale(h->wave[WAVE_SEPTUM + k].v, 1 - kept[k] * fmin(dead, 1.5));
    synth_add(h->wave[WAVE_SCAR_EARLY].v, -0.50 * dead, toward);
    synth_add(h->wave[WAVE_SCAR_LATE].v, -0.26 * dead, toward);
    synth_add(h->wave[WAVE_LATE].v, 0.10 * dead, toward); // what lives behind the scar comes late
}

void synth_infarct_ail(struct synth_heart *h, const struct synth_disease *d, int which,
                       struct leadseq_random *own)
{
    const struct synth_infarct *kind = &synth_infarct[which];
    double toward[3], s = d->size, u = leadseq_random_uniform(own);
    for (int i = 0; i < 3; i++) toward[i] = kind->toward[i] + 0.15 * leadseq_random_normal(own);
    if (kind->injury) {
        injure(h, s, u, toward);
        return;
    }
    silence(h, s * at_age[d->stage].silent, toward);
    if (d->stage >= SYNTH_EVOLVING) synth_flatten_t(h, 1 - (0.3 + 0.5 * u) * fmin(s, 1));
    synth_add_st(h, s * at_age[d->stage].st, toward);
    synth_add_t(h, s * (at_age[d->stage].t + u * at_age[d->stage].t_varying), toward);
}
