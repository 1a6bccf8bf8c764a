/* SPDX-License-Identifier: MIT
 *
 * Inside the simulator: people and what ails them (synth_plan.c, synth_codes.c),
 * a heart for each (synth_heart.c, synth_infarct.c, synth_pathology.c), its beats (synth_rhythm.c),
 * what electrodes on the body see of it (synth_electrodes.c), and the files
 * (synth_tables.c, synth.c). doc/simulator.md has the equations and their sources.
 *
 * Axes are Frank's: x to the left, y down to the feet, z to the back. Electric
 * vectors are in mV, as lead vectors of Dower's matrix make leads of them. */
#ifndef SYNTH_PRIVATE_H
#define SYNTH_PRIVATE_H

#include "io/io.h"
#include "signal/signal.h"
#include "synth/synth.h"

enum { SYNTH_RATE_HZ = 500, SYNTH_SAMPLES = 5000, SYNTH_BEATS_MAX = 64, SYNTH_CODES_MAX = 16 };

/* --- Diseases ---------------------------------------------------------------------- */

enum synth_class {
    SYNTH_HEALTHY,
    SYNTH_INFARCT,
    SYNTH_REPOL,
    SYNTH_BLOCK,
    SYNTH_HYPER,
    SYNTH_CLASSES
};
enum synth_stage { SYNTH_HYPERACUTE, SYNTH_ACUTE, SYNTH_EVOLVING, SYNTH_OLD, SYNTH_STAGES };
enum synth_block {
    SYNTH_NO_BLOCK,
    SYNTH_LEFT,
    SYNTH_RIGHT,
    SYNTH_RIGHT_PART,
    SYNTH_ANTERIOR_FASCICLE,
    SYNTH_SLOW,
    SYNTH_AV,
    SYNTH_BLOCKS
};
enum synth_repol {
    SYNTH_NO_REPOL,
    SYNTH_T_FLAT,
    SYNTH_ST_LOW,
    SYNTH_ISCHAEMIA,
    SYNTH_ISCHAEMIA_LATERAL,
    SYNTH_ISCHAEMIA_INFERIOR,
    SYNTH_DIGITALIS,
    SYNTH_LONG_QT,
    SYNTH_EARLY, /* early repolarisation, in the healthy */
    SYNTH_REPOLS
};
enum synth_rhythm_kind {
    SYNTH_SINUS,
    SYNTH_SLOW_SINUS,
    SYNTH_FAST_SINUS,
    SYNTH_UNEVEN_SINUS,
    SYNTH_FIBRILLATION,
    SYNTH_RHYTHMS
};

struct synth_infarct { /* one of PTB-XL's fourteen codes */
    const char *code, *text;
    double toward[3]; /* the wall that is dead, seen from the heart's middle */
    double share;     /* among infarctions */
    bool injury;      /* subendocardial injury: ST depression there, no dead wall */
};
enum { SYNTH_INFARCTS = 14 };
extern const struct synth_infarct synth_infarct[SYNTH_INFARCTS];

struct synth_disease {
    enum synth_class class;
    int infarct; /* index of synth_infarct, -1: none */
    int second;  /* 1 + the index of a second infarct, 0: none */
    enum synth_stage stage;
    double size; /* of the infarct; 1 kills most of a wall */
    enum synth_block block;
    enum synth_repol repol;
    double repol_strength;
    bool left_hypertrophy, right_hypertrophy;
    double hypertrophy; /* 0 … 1 */
    enum synth_rhythm_kind rhythm;
    bool extra_beats; /* ventricular */
};

/* --- People and records ---------------------------------------------------------------- */

struct synth_patient {
    int id, age_years, sex, fold, records, weight_kg, height_cm;
    double difficulty; /* of the options */
    struct synth_disease disease;
};
struct synth_case {    /* one record */
    int ecg_id, visit; /* the patient's first record is visit 0 */
    const struct synth_patient *patient;
};
struct synth_plan {
    struct synth_patient *patient; /* (patients) */
    struct synth_case *record;     /* (records), ecg_id 1 … records */
    size_t patients, records;
};
int synth_plan_make(struct synth_plan *plan,
                    const struct leadseq_synth_options *options) LEADSEQ_CHECKED;
void synth_plan_clear(struct synth_plan *plan);

/* What the files say of a record beyond its signals; filled while it is simulated. */
struct synth_findings {
    double axis_deg;       /* of QRS in the frontal plane */
    uint8_t drift, muscle; /* electrodes with enough of it that a reader would note it */
    int extra_beats;
};

struct synth_code {
    const char *code;
    double likelihood; /* percent */
};
/* The codes of a patient's disease, the main one first; returns how many. */
int synth_codes(const struct synth_patient *patient, const struct synth_findings *findings,
                struct synth_code codes[SYNTH_CODES_MAX]);
/* Every code the simulator may use, as scp_statements.csv has them. */
struct synth_statement {
    const char *code, *text, *class, *subclass; /* class NULL: not diagnostic */
    bool form, rhythm;
};
extern const struct synth_statement synth_statement[];
extern const size_t synth_statements;
const char *synth_code_text(const char *code);

/* --- The heart ------------------------------------------------------------------------------ */

enum synth_wave_name {
    WAVE_P_RIGHT,
    WAVE_P_LEFT, /* atria */
    WAVE_SEPTUM,
    WAVE_APEX,
    WAVE_BASE,
    WAVE_TERMINAL,
    WAVE_LATE, /* ventricles, in their order */
    WAVE_SCAR_EARLY,
    WAVE_SCAR_LATE, /* what a dead wall takes away */
    WAVE_ST,
    WAVE_ST_LATE,
    WAVE_T_RISE,
    WAVE_T_PEAK, /* recovery */
    SYNTH_WAVES
};
struct synth_wave {       /* d(t) = v exp(-(t - at)² / (2 width²)) */
    double at_s, width_s; /* from the R wave, at 60 beats a minute */
    double v[3];
};
/* Parts of the heart lie in different places, so an electrode near by sees each otherwise. */
enum synth_part { PART_EARLY, PART_LATE, PART_REST, SYNTH_PARTS };

struct synth_heart {
    struct synth_wave wave[SYNTH_WAVES];
    struct synth_wave extra[3];     /* a ventricular extra beat */
    double lead[8][3];              /* lead vectors of I, II, V1 … V6 */
    double near[SYNTH_PARTS][6][3]; /* by which V1 … V6 see each part of the heart otherwise */
    double recovery;                /* factor of times after QRS */
    double conduction;              /* factor of times in QRS */
    double fibrillation_mv;         /* of the atria, 0: none */
};
/* A healthy heart in its body: what is the patient's own, and what changes from visit to visit. */
void synth_heart_make(struct synth_heart *heart, const struct synth_patient *patient,
                      struct leadseq_random *own);
void synth_heart_revisit(struct synth_heart *heart, struct leadseq_random *visit);
/* Moves the waves as the disease does. */
void synth_heart_ail(struct synth_heart *heart, const struct synth_patient *patient,
                     struct leadseq_random *own);
/* The infarct of index `which`. */
void synth_infarct_ail(struct synth_heart *heart, const struct synth_disease *disease, int which,
                       struct leadseq_random *own);
/* A wave, ST or T along a direction; QRS and T as a whole. */
void synth_add_wave(struct synth_heart *h, enum synth_wave_name name, double scale,
                    const double direction[3]);
void synth_stretch_qrs(struct synth_heart *h, double scale);
void synth_add_st(struct synth_heart *heart, double mv, const double toward[3]);
void synth_add_t(struct synth_heart *heart, double mv, const double toward[3]);
void synth_scale_t(struct synth_heart *heart, double scale);
void synth_flatten_t(struct synth_heart *heart, double scale);
/* v += scale · direction */
void synth_add(double v[3], double scale, const double direction[3]);
void synth_scale(double v[3], double scale);

/* --- Beats ------------------------------------------------------------------------------------ */

struct synth_beat {
    double at_s, rr_s; /* of the R wave; the distance to the beat before */
    double breath;     /* sine of the breathing phase */
    bool extra;
};
struct synth_beats {
    struct synth_beat beat[SYNTH_BEATS_MAX];
    int n, extra;
    double breath_hz, breath_phase;
};
int synth_beats_make(struct synth_beats *beats, const struct synth_disease *disease,
                     struct leadseq_random *visit) LEADSEQ_CHECKED;

/* --- Electrodes ------------------------------------------------------------------------------- */

enum { SYNTH_DIPOLE = SYNTH_PARTS * 3 * SYNTH_SAMPLES };
/* The heart's vector over the beats, by parts: (SYNTH_PARTS, 3, SYNTH_SAMPLES). */
void synth_dipole(const struct synth_heart *heart, const struct synth_beats *beats,
                  struct leadseq_random *visit, double *dipole);
/* Leads (12, SYNTH_SAMPLES) in whole microvolts, noise of that strength included. */
int synth_leads(const struct synth_heart *heart, const struct synth_beats *beats, double noise,
                const double *dipole, struct leadseq_random *visit, float *mv,
                struct synth_findings *findings) LEADSEQ_CHECKED;
/* Makes III, AVR, AVL and AVF of I and II, all rounded to microvolts. mv: (12, n). */
void synth_complete_leads(float *mv, size_t n);

/* --- Tables ----------------------------------------------------------------------------------- */

int synth_write_tables(const char *folder, const struct synth_plan *plan,
                       const struct synth_findings *findings,
                       const struct leadseq_synth_options *options) LEADSEQ_CHECKED;

#endif
