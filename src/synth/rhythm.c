/* SPDX-License-Identifier: MIT
 *
 * When the heart beats: the phase of McSharry, Clifford, Tarassenko & Smith 2003,
 *   dθ/dt = 2π / RR(t),  RR(t) = RR₀ (1 + a sin(2π·0.1 t + φ) + b sin(2π f t + ψ)),
 * blood pressure's slow wave and breathing at f; an R wave wherever θ passes a whole
 * turn. Fibrillating atria make every interval an independent one. */
#include "synth_private.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>

struct pace {
    double rr_s, slow, breath; /* mean; relative amplitudes */
    double slow_phase, breath_phase, breath_hz;
};

static double interval(const struct pace *p, double t)
{
    return p->rr_s * (1 + p->slow * sin(2 * M_PI * 0.1 * t + p->slow_phase) +
                      p->breath * sin(2 * M_PI * p->breath_hz * t + p->breath_phase));
}

static int phase_speed(double t, const double *theta, double *speed, void *pace)
{
    (void)theta;
    speed[0] = 2 * M_PI / interval(pace, t);
    return GSL_SUCCESS;
}

static const struct {
    double rate, spread, least, most; /* beats a minute */
    double slow, breath;
} pace_of[SYNTH_RHYTHMS] = {
    [SYNTH_SINUS] = {70, 0.13, 60, 99, 0.025, 0.02},
    [SYNTH_SLOW_SINUS] = {53, 0.06, 42, 59, 0.03, 0.03},
    [SYNTH_FAST_SINUS] = {110, 0.06, 101, 150, 0.008, 0.006},
    [SYNTH_UNEVEN_SINUS] = {68, 0.12, 55, 95, 0.05, 0.13},
    [SYNTH_FIBRILLATION] = {85, 0.22, 55, 150, 0, 0},
};

static void choose_pace(struct pace *p, enum synth_rhythm_kind kind, struct leadseq_random *r)
{
    double rate = pace_of[kind].rate * exp(pace_of[kind].spread * leadseq_random_normal(r));
    rate = fmin(fmax(rate, pace_of[kind].least), pace_of[kind].most);
    double lively = exp(0.4 * leadseq_random_normal(r));
    *p = (struct pace){
        .rr_s = 60 / rate,
        .slow = fmin(pace_of[kind].slow * lively, 0.15),
        .breath = fmin(pace_of[kind].breath * lively, 0.30),
        .slow_phase = 2 * M_PI * leadseq_random_uniform(r),
        .breath_phase = 2 * M_PI * leadseq_random_uniform(r),
        .breath_hz = 0.18 + 0.14 * leadseq_random_uniform(r),
    };
}

static const double BEFORE_S = -1.5, AFTER_S = 11.0;

static void add_beat(struct synth_beats *b, double at, double rr)
{
    if (b->n == SYNTH_BEATS_MAX) return;
    double breath = sin(2 * M_PI * b->breath_hz * at + b->breath_phase);
    b->beat[b->n++] = (struct synth_beat){.at_s = at, .rr_s = rr, .breath = breath};
}

/* Integrates the phase from a random start and notes where it passes whole turns. */
static int follow_phase(struct synth_beats *b, struct pace *p, struct leadseq_random *r)
{
    const double step = 0.02;
    gsl_odeiv2_system system = {phase_speed, NULL, 1, p};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk4, step, 1e-6, 1e-6);
    if (!driver) return leadseq_fail_memory(0);
    double t = BEFORE_S, theta = -2 * M_PI * leadseq_random_uniform(r), turn = 0;
    int status = GSL_SUCCESS;
    while (t < AFTER_S && status == GSL_SUCCESS) {
        double before = theta, from = t;
        status = gsl_odeiv2_driver_apply_fixed_step(driver, &t, step, 1, &theta);
        if (theta < turn) continue;
        double at = from + step * (turn - before) / (theta - before);
        add_beat(b, at, interval(p, at));
        turn += 2 * M_PI;
    }
    gsl_odeiv2_driver_free(driver);
    return status ? leadseq_fail("simulator: the heart's phase cannot be integrated: %s",
                                 gsl_strerror(status))
                  : 0;
}

/* Shortest intervals are bounded by the node's rest. */
static void fibrillate(struct synth_beats *b, const struct pace *p, struct leadseq_random *r)
{
    double t = BEFORE_S + p->rr_s * leadseq_random_uniform(r);
    while (t < AFTER_S) {
        double rr = p->rr_s * exp(0.22 * leadseq_random_normal(r));
        rr = fmax(rr, 0.32);
        t += rr;
        add_beat(b, t, rr);
    }
}

/* One to three ventricular beats come early; the pause after each keeps the rhythm. */
static void put_extra_beats(struct synth_beats *b, struct leadseq_random *r)
{
    int wanted = 1 + (int)leadseq_random_below(r, 3);
    for (int i = 0; i < wanted && b->n > 5; i++) {
        int k = 2 + (int)leadseq_random_below(r, (uint64_t)b->n - 4);
        struct synth_beat *beat = &b->beat[k];
        if (beat->extra || b->beat[k - 1].extra || b->beat[k + 1].extra) continue;
        beat->at_s -= (0.30 + 0.1 * leadseq_random_uniform(r)) * beat->rr_s;
        beat->extra = true;
        b->extra += beat->at_s > 0 && beat->at_s < 10;
    }
}

int synth_beats_make(struct synth_beats *beats, const struct synth_disease *disease,
                     struct leadseq_random *visit)
{
    struct pace pace;
    choose_pace(&pace, disease->rhythm, visit);
    *beats = (struct synth_beats){.breath_hz = pace.breath_hz, .breath_phase = pace.breath_phase};
    if (disease->rhythm == SYNTH_FIBRILLATION)
        fibrillate(beats, &pace, visit);
    else if (follow_phase(beats, &pace, visit))
        return -1;
    if (disease->extra_beats) put_extra_beats(beats, visit);
    return 0;
}
