/* SPDX-License-Identifier: MIT
 *
 * Simulated hearts, as a cardiologist would look at them: P, QRS, ST and T of each
 * lead, in health and with each disease, against the same people when well. */
#include "synth_beat.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>

/* --- The model's equations ------------------------------------------------------------- */

/* Sameni et al. 2007, equation 3, for a heart of one vector: dθ/dt = ω,
 * dx/dt = -Σ α_i ω Δθ_i / b_i² exp(-Δθ_i² / (2 b_i²)), for each axis. */
struct model {
    const struct synth_heart *heart;
    double omega, stretch;
};

static int slope(double t, const double *y, double *dy, void *of)
{
    const struct model *m = of;
    (void)t;
    dy[0] = m->omega;
    dy[1] = dy[2] = dy[3] = 0;
    for (int k = 0; k < SYNTH_WAVES; k++) {
        const struct synth_wave *w = &m->heart->wave[k];
        double s = k >= WAVE_ST ? m->stretch : 1, b = m->omega * s * w->width_s;
        double d = y[0] - m->omega * s * w->at_s,
               g = m->omega * d / (b * b) * exp(-d * d / (2 * b * b));
        for (int i = 0; i < 3; i++) dy[1 + i] -= w->v[i] * g;
    }
    return GSL_SUCCESS;
}

Test(synth_heart, its_dipole_solves_the_dynamical_model)
{
    static double dipole[SYNTH_DIPOLE];
    struct synth_patient patient = {.age_years = 50, .weight_kg = 75, .difficulty = 1};
    struct synth_beats beats = {.n = 1, .beat = {{.at_s = 5, .rr_s = 0.8}}};
    struct synth_heart heart;
    struct leadseq_random r;
    leadseq_random_init(&r, 3, LEADSEQ_STREAM_TEST, 0, 0);
    patient.disease = (struct synth_disease){.infarct = 1, .stage = SYNTH_ACUTE, .size = 1};
    synth_heart_make(&heart, &patient, &r);
    synth_heart_ail(&heart, &patient, &r);
    synth_dipole(&heart, &beats, &r, dipole);
    struct model m = {&heart, 2 * M_PI / 0.8, heart.recovery * sqrt(0.8)};
    gsl_odeiv2_system system = {slope, NULL, 4, &m};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, gsl_odeiv2_step_rk8pd, 1e-4, 1e-10, 1e-10);
    double t = -0.5, y[4] = {m.omega * -0.5, 0, 0, 0}, worst = 0;
    for (int k = R_AT - 250; k < R_AT + 350; k++) {
        cr_assert_eq(gsl_odeiv2_driver_apply(driver, &t, (k - R_AT) / 500.0 + 1e-12, y), 0);
        for (int i = 0; i < 3; i++) {
            double sum = 0;
            for (int part = 0; part < SYNTH_PARTS; part++)
                sum += dipole[(part * 3 + i) * SYNTH_SAMPLES + k];
            worst = fmax(worst, fabs(sum - y[1 + i]));
        }
    }
    gsl_odeiv2_driver_free(driver);
    cr_assert_lt(worst, 1e-3, "%g mV: waves end where less than 0.04 %% of them is left", worst);
}

/* --- Health ------------------------------------------------------------------------------ */

Test(synth_heart, in_health_has_the_usual_amplitudes)
{
    struct beat b = mean_beat(&healthy, 1);
    cr_assert(b.high[II] > 0.5 && b.high[II] < 1.2, "R in II %g", b.high[II]);
    cr_assert(b.high[I] > 0.4 && b.high[I] < 1.0, "R in I %g", b.high[I]);
    cr_assert(b.low[AVR] < -0.4 && b.high[AVR] < 0.25, "aVR points down");
    cr_assert(b.high[V1] < 0.5 && b.low[V1] < -0.5, "rS in V1");
    cr_assert(b.low[V2] < -0.8, "deep S in V2");
    for (int lead = V1; lead < V4; lead++)
        cr_assert_lt(b.r_mv[lead], b.r_mv[lead + 1], "R grows from V1 to V4");
    cr_assert(b.r_mv[V4] > 0.9 && b.r_mv[V5] > 0.9 && b.r_mv[V6] > 0.7);
    for (int lead = V2; lead < V6; lead++)
        cr_assert_lt(b.low[lead], b.low[lead + 1], "S shrinks to the left");
    static const int upright[] = {I, II, V2, V3, V4, V5, V6};
    for (size_t i = 0; i < LEADSEQ_COUNT(upright); i++) {
        double t = b.t[upright[i]];
        cr_assert(t > 0.1 && t < 0.9, "T in lead %d: %g", upright[i], t);
    }
    cr_assert(b.t[AVR] < -0.1);
    cr_assert(b.p[II] > 0.04 && b.p[II] < 0.2 && b.p[AVR] < -0.03, "P: %g, %g", b.p[II], b.p[AVR]);
    cr_assert(b.qrs_s > 0.070 && b.qrs_s < 0.110, "QRS %g s", b.qrs_s);
    for (int i = 0; i < LEADSEQ_LEADS; i++) {
        cr_assert(fabs(b.st[i]) < 0.15, "ST of lead %d: %g", i, b.st[i]);
        cr_assert_lt(b.q_s[i], i == AVR ? 0.08 : 0.03, "Q of lead %d", i);
    }
}

Test(synth_heart, repolarising_early_raises_st_and_t_without_q_waves)
{
    struct synth_disease early = {.infarct = -1, .repol = SYNTH_EARLY, .repol_strength = 0.8};
    struct beat well = mean_beat(&healthy, 1), b = mean_beat(&early, 1);
    static const int lead[] = {II, V3, V4, V5};
    for (size_t i = 0; i < LEADSEQ_COUNT(lead); i++) {
        cr_assert_gt(b.st[lead[i]], well.st[lead[i]] + 0.04);
        cr_assert_gt(b.t[lead[i]], well.t[lead[i]] + 0.08);
        cr_assert_lt(b.q_s[lead[i]], well.q_s[lead[i]] + 0.002);
    }
    cr_assert_lt(b.st[AVR], well.st[AVR]);
}

/* --- Infarcts --------------------------------------------------------------------------- */

/* Leads that face the wall and leads that look at it from behind. */
static const struct wall {
    const char *code;
    int facing[3], opposite[2];
} walls[] = {
    {"IMI", {II, III, AVF}, {AVL, I}},   {"ASMI", {V1, V2, V3}, {V6, V6}},
    {"LMI", {I, AVL, V6}, {III, AVR}},   {"AMI", {V2, V3, V4}, {AVR, AVR}},
    {"ALMI", {AVL, V4, V5}, {III, AVR}}, {"PMI", {V6, V6, V6}, {V1, V2}},
};

/* sign · (ill - well) of ST or T in the facing leads, and of -sign in those opposite. */
static void assert_moved(const struct wall *w, const double *ill, const double *well, double sign,
                         double least, const char *what)
{
    for (int k = 0; k < 3; k++) {
        int lead = w->facing[k];
        cr_assert_gt(sign * (ill[lead] - well[lead]), least, "%s %s, lead %d: %g and %g", w->code,
                     what, lead, ill[lead], well[lead]);
    }
    for (int k = 0; k < 2; k++) {
        int lead = w->opposite[k];
        cr_assert_lt(sign * (ill[lead] - well[lead]), 0, "%s %s, lead %d: %g and %g", w->code, what,
                     lead, ill[lead], well[lead]);
    }
}

static struct beat infarct_beat(const struct wall *w, enum synth_stage stage)
{
    struct synth_disease d = {
        .class = SYNTH_INFARCT, .infarct = infarct_of(w->code), .stage = stage, .size = 1};
    return mean_beat(&d, 1);
}

Test(synth_heart, fresh_infarcts_raise_st_over_the_wall_and_lower_it_opposite)
{
    struct beat well = mean_beat(&healthy, 1);
    for (size_t i = 0; i < LEADSEQ_COUNT(walls); i++)
        for (int stage = SYNTH_HYPERACUTE; stage <= SYNTH_ACUTE; stage++) {
            struct beat b = infarct_beat(&walls[i], (enum synth_stage)stage);
            assert_moved(&walls[i], b.st, well.st, 1, 0.03, "ST");
        }
}

/* Not the mean alone: each patient's own record before and after. */
Test(synth_heart, st_moves_so_in_nearly_every_patient)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(walls); i++) {
        struct synth_disease d = {.class = SYNTH_INFARCT,
                                  .infarct = infarct_of(walls[i].code),
                                  .stage = SYNTH_ACUTE,
                                  .size = 0.7};
        int facing = 0, opposite = 0;
        for (uint64_t key = 0; key < HEARTS; key++) {
            struct beat well = one_beat(&healthy, 1, key), ill = one_beat(&d, 1, key);
            for (int k = 0; k < 3; k++)
                facing += ill.st[walls[i].facing[k]] > well.st[walls[i].facing[k]];
            for (int k = 0; k < 2; k++)
                opposite += ill.st[walls[i].opposite[k]] < well.st[walls[i].opposite[k]];
        }
        cr_assert_gt(facing, 0.93 * 3 * HEARTS, "%s: %d", walls[i].code, facing);
        cr_assert_gt(opposite, 0.70 * 2 * HEARTS, "%s: %d", walls[i].code, opposite);
    }
}

Test(synth_heart, st_falls_back_with_the_age_of_the_infarct)
{
    struct beat well = mean_beat(&healthy, 1);
    for (size_t i = 0; i < LEADSEQ_COUNT(walls); i++) {
        double before = 1e9;
        int lead = walls[i].facing[1];
        for (int stage = SYNTH_ACUTE; stage <= SYNTH_OLD; stage++) {
            double now = infarct_beat(&walls[i], (enum synth_stage)stage).st[lead] - well.st[lead];
            cr_assert_lt(now, before - 0.01, "%s, stage %d: %g", walls[i].code, stage, now);
            before = now;
        }
        cr_assert_lt(fabs(before), 0.05, "%s: old, ST is back", walls[i].code);
    }
}

Test(synth_heart, t_is_tall_in_the_first_hours_and_turns_as_the_infarct_evolves)
{
    struct beat well = mean_beat(&healthy, 1);
    for (size_t i = 0; i < LEADSEQ_COUNT(walls) - 1; i++) { // all but the back wall
        struct beat first = infarct_beat(&walls[i], SYNTH_HYPERACUTE);
        struct beat later = infarct_beat(&walls[i], SYNTH_EVOLVING);
        for (int k = 0; k < 3; k++) {
            int lead = walls[i].facing[k];
            cr_assert_gt(first.t[lead], well.t[lead] + 0.1, "%s lead %d", walls[i].code, lead);
            cr_assert_lt(later.t[lead], well.t[lead] - 0.1, "%s lead %d", walls[i].code, lead);
        }
    }
    struct beat back = infarct_beat(&walls[LEADSEQ_COUNT(walls) - 1], SYNTH_EVOLVING);
    cr_assert_gt(back.t[V2], well.t[V2], "a back wall's T turns towards the chest");
}

Test(synth_heart, old_infarcts_have_long_and_deep_q_waves_that_fresh_ones_lack)
{
    struct beat well = mean_beat(&healthy, 1);
    for (size_t i = 0; i < LEADSEQ_COUNT(walls) - 1; i++) {
        struct beat old = infarct_beat(&walls[i], SYNTH_OLD);
        struct beat first = infarct_beat(&walls[i], SYNTH_HYPERACUTE);
        for (int k = 0; k < 3; k++) {
            int lead = walls[i].facing[k];
            cr_assert_gt(old.q_s[lead], well.q_s[lead] + 0.008, "%s lead %d: %g and %g s",
                         walls[i].code, lead, old.q_s[lead], well.q_s[lead]);
            cr_assert_gt(old.q_mv[lead], well.q_mv[lead] + 0.05, "%s lead %d: %g and %g mV",
                         walls[i].code, lead, old.q_mv[lead], well.q_mv[lead]);
            cr_assert_lt(first.q_s[lead], old.q_s[lead], "%s lead %d", walls[i].code, lead);
            cr_assert_lt(old.r_mv[lead], well.r_mv[lead], "%s lead %d: R is lost", walls[i].code,
                         lead);
        }
    }
    struct beat back = infarct_beat(&walls[LEADSEQ_COUNT(walls) - 1], SYNTH_OLD);
    cr_assert_gt(back.r_mv[V1], well.r_mv[V1] + 0.1, "a dead back wall: tall R in V1");
}

Test(synth_heart, injury_under_the_lining_lowers_st_over_the_wall_and_kills_nothing)
{
    struct beat well = mean_beat(&healthy, 1);
    struct synth_disease d = {.infarct = infarct_of("INJAL"), .size = 1};
    struct beat b = mean_beat(&d, 1);
    static const int facing[] = {AVL, V4, V5};
    for (size_t i = 0; i < LEADSEQ_COUNT(facing); i++) {
        cr_assert_lt(b.st[facing[i]], well.st[facing[i]] - 0.05);
        cr_assert_float_eq(b.r_mv[facing[i]], well.r_mv[facing[i]], 0.02);
    }
    cr_assert_gt(b.st[AVR], well.st[AVR] + 0.03);
}

/* --- What is not infarction ---------------------------------------------------------------- */

Test(synth_heart, blocked_bundles_widen_qrs_and_turn_recovery_against_it)
{
    struct synth_disease left = {.infarct = -1, .block = SYNTH_LEFT};
    struct synth_disease right = {.infarct = -1, .block = SYNTH_RIGHT};
    struct synth_disease part = {.infarct = -1, .block = SYNTH_RIGHT_PART};
    struct beat well = mean_beat(&healthy, 1), b = mean_beat(&left, 1);
    cr_assert(b.qrs_s > 0.120 && b.qrs_s < 0.180, "left: %g s", b.qrs_s);
    cr_assert(b.t[V6] < 0 && b.low[V1] < well.low[V1] - 0.3 && b.t[V1] > 0.2 && b.st[V2] > 0.1);
    cr_assert_lt(b.q_mv[V6], well.q_mv[V6] + 0.001, "no septal q");
    b = mean_beat(&right, 1);
    cr_assert(b.qrs_s > 0.110 && b.qrs_s < 0.160, "right: %g s", b.qrs_s);
    cr_assert(b.high[V1] > 0.4 && b.low[I] < well.low[I] - 0.1 && b.t[V1] < well.t[V1]);
    double whole = b.qrs_s;
    b = mean_beat(&part, 1);
    cr_assert(b.qrs_s > well.qrs_s && b.qrs_s < whole, "part: %g s", b.qrs_s);
}

/* Each of them, not the mean alone: 120 ms is what makes a block complete. */
Test(synth_heart, every_complete_block_is_wide_and_people_differ_in_width)
{
    static const enum synth_block whole[] = {SYNTH_LEFT, SYNTH_RIGHT};
    for (size_t i = 0; i < LEADSEQ_COUNT(whole); i++) {
        struct synth_disease d = {.infarct = -1, .block = whole[i]};
        for (uint64_t key = 0; key < 3 * HEARTS; key++) {
            double qrs_s = one_beat(&d, 1, key).qrs_s;
            cr_expect_geq(qrs_s, 0.120 - 1e-9, "block %d, heart %d: %g s", (int)whole[i], (int)key,
                          qrs_s);
        }
    }
    double sum = 0, squares = 0;
    for (uint64_t key = 0; key < HEARTS; key++) {
        double ms = 1000 * one_beat(&healthy, 1, key).qrs_s;
        sum += ms / HEARTS, squares += ms * ms / HEARTS;
    }
    double spread = sqrt(squares - sum * sum);
    cr_assert(spread > 6 && spread < 14, "QRS %g ms, of which people differ by %g", sum, spread);
}

Test(synth_heart, fascicles_walls_and_drugs_look_their_part)
{
    struct synth_disease fascicle = {.infarct = -1, .block = SYNTH_ANTERIOR_FASCICLE};
    struct synth_disease thick = {.infarct = -1, .left_hypertrophy = true, .hypertrophy = 0.8};
    struct synth_disease drug = {.infarct = -1, .repol = SYNTH_DIGITALIS, .repol_strength = 0.8};
    struct beat well = mean_beat(&healthy, 1), b = mean_beat(&fascicle, 1);
    cr_assert(b.low[III] < -0.4 && b.high[AVL] > b.high[I] - 0.2, "the axis turns left");
    b = mean_beat(&thick, 1);
    cr_assert(b.low[V1] + b.low[V2] < well.low[V1] + well.low[V2] - 0.5, "deep S on the right");
    cr_assert(b.high[V5] > well.high[V5] + 0.1 && b.t[V6] < well.t[V6] && b.st[V6] < well.st[V6]);
    b = mean_beat(&drug, 1);
    cr_assert(b.st[V5] < well.st[V5] - 0.06 && b.t[V5] < well.t[V5] && b.q_s[V5] < 0.03);
    struct synth_disease slow = {.infarct = -1, .block = SYNTH_AV};
    cr_assert_gt(mean_beat(&slow, 1).p[II], 0.03);
}

Test(synth_heart, difficulty_makes_infarcts_fainter_and_people_less_alike)
{
    double size[3] = {0}, spread[3] = {0};
    for (int d = 0; d < 3; d++) {
        struct leadseq_synth_options o;
        struct synth_plan plan;
        leadseq_synth_default(&o);
        o.patients = 1000;
        o.mi_share = 1;
        o.difficulty = d;
        cr_assert_eq(synth_plan_make(&plan, &o), 0);
        for (size_t i = 0; i < plan.patients; i++)
            size[d] += plan.patient[i].disease.size / (double)plan.patients;
        synth_plan_clear(&plan);
        double sum = 0, squares = 0;
        for (uint64_t key = 0; key < HEARTS; key++) {
            double r = one_beat(&healthy, d, key).r_mv[V4];
            sum += r / HEARTS, squares += r * r / HEARTS;
        }
        spread[d] = sqrt(squares - sum * sum);
    }
    cr_assert_float_eq(size[0], 1, 1e-12);
    cr_assert(size[1] < 0.8 && size[2] < size[1], "%g %g", size[1], size[2]);
    cr_assert(spread[0] < spread[1] && spread[1] < spread[2], "%g %g %g", spread[0], spread[1],
              spread[2]);
}
