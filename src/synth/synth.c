/* SPDX-License-Identifier: MIT
 *
 * A folder of simulated records: workers take records one by one, each drawn from
 * its own random streams, and the folder gets its name when all of it is written. */
#include "synth_private.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STREAM_HEART = 16, STREAM_VISIT = 4096, PATIENTS_MAX = 90000, WORKERS_MAX = 256 };

struct work {
    pthread_mutex_t lock;
    const char *folder;
    const struct leadseq_synth_options *options;
    struct synth_plan plan;
    struct synth_findings *findings; /* (plan.records) */
    struct leadseq_progress *progress;
    size_t next;
    char *error; /* the first worker's that failed */
};

void leadseq_synth_default(struct leadseq_synth_options *options)
{
    *options = (struct leadseq_synth_options){
        .patients = 1000, .seed = 1, .mi_share = 0.25, .difficulty = 1, .noise = 1};
}

/* --- One record --------------------------------------------------------------------------- */

/* The same heart at every visit; the electrodes are placed again each time. */
static int simulate(const struct synth_case *c, const struct leadseq_synth_options *o, float *mv,
                    struct synth_findings *findings)
{
    struct leadseq_random own, visit;
    struct synth_heart heart;
    struct synth_beats beats;
    uint64_t id = (uint64_t)c->patient->id;
    leadseq_random_init(&own, o->seed, LEADSEQ_STREAM_SYNTH, STREAM_HEART, id);
    leadseq_random_init(&visit, o->seed, LEADSEQ_STREAM_SYNTH, STREAM_VISIT + (uint64_t)c->visit,
                        id);
    synth_heart_make(&heart, c->patient, &own);
    synth_heart_ail(&heart, c->patient, &own);
    synth_heart_revisit(&heart, &visit);
    if (synth_beats_make(&beats, &c->patient->disease, &visit)) return -1;
    double *dipole = leadseq_calloc(SYNTH_DIPOLE, sizeof *dipole);
    if (!dipole) return -1;
    synth_dipole(&heart, &beats, &visit, dipole);
    int status = synth_leads(&heart, &beats, o->noise, dipole, &visit, mv, findings);
    free(dipole);
    return status;
}

static int write_rate(const struct work *w, const struct synth_case *c, int rate_hz,
                      const float *mv, size_t n)
{
    char name[16];
    snprintf(name, sizeof name, "%05d_%s", c->ecg_id, rate_hz == 100 ? "lr" : "hr");
    char *folder = leadseq_format("%s/records%d/%05d", w->folder, rate_hz, c->ecg_id / 1000 * 1000);
    int status = folder ? leadseq_record_write(folder, name, rate_hz, mv, n) : -1;
    free(folder);
    return status;
}

/* The record at 100 Hz is made from that at 500 Hz; its limb leads are computed again from I
 * and II, so that they agree with each other to the microvolt at both rates. */
static int make_record(struct work *w, size_t i)
{
    const struct synth_case *c = &w->plan.record[i];
    struct leadseq_record record = {.rate_hz = SYNTH_RATE_HZ, .n_samples = SYNTH_SAMPLES};
    snprintf(record.name, sizeof record.name, "%05d_hr", c->ecg_id);
    record.mv = leadseq_calloc((size_t)LEADSEQ_LEADS * SYNTH_SAMPLES, sizeof *record.mv);
    if (!record.mv) return -1;
    size_t n = 0;
    float *low = NULL;
    int status = simulate(c, w->options, record.mv, &w->findings[i]);
    if (!status) low = leadseq_signal_resample(&record, 100, &n);
    if (low) synth_complete_leads(low, n);
    if (!low || write_rate(w, c, SYNTH_RATE_HZ, record.mv, SYNTH_SAMPLES) ||
        write_rate(w, c, 100, low, n))
        status = -1;
    free(low);
    free(record.mv);
    return status;
}

/* --- All of them --------------------------------------------------------------------------- */

/* The next record to make; false if none is left, or no reason to continue. */
static bool take(struct work *w, size_t *i)
{
    pthread_mutex_lock(&w->lock);
    bool go = !w->error && !leadseq_stop_signal() && w->next < w->plan.records;
    if (go) *i = w->next++;
    pthread_mutex_unlock(&w->lock);
    return go;
}

static void *labour(void *arg)
{
    struct work *w = arg;
    size_t i;
    while (take(w, &i)) {
        if (make_record(w, i)) {
            pthread_mutex_lock(&w->lock);
            if (!w->error) w->error = leadseq_format("%s", leadseq_error());
            pthread_mutex_unlock(&w->lock);
            break;
        }
        leadseq_progress_step(w->progress, 1, NULL);
    }
    return NULL;
}

static int run_workers(struct work *w)
{
    pthread_t thread[WORKERS_MAX];
    int n = leadseq_threads_wanted(w->options->workers), started = 0;
    if (n > WORKERS_MAX) n = WORKERS_MAX;
    while (started < n && !pthread_create(&thread[started], NULL, labour, w)) started++;
    if (!started) labour(w); // no thread could be started: this one does all the work
    for (int i = 0; i < started; i++) pthread_join(thread[i], NULL);
    if (w->error) return leadseq_fail("%s", w->error);
    if (leadseq_stop_check()) return -1;
    return w->next == w->plan.records ? 0 : leadseq_fail("a worker could not allocate memory");
}

/* --- The folder ------------------------------------------------------------------------------ */

static int make_folders(const char *folder, size_t records)
{
    for (size_t thousand = 0; thousand <= records / 1000; thousand++)
        for (int rate = 100; rate <= 500; rate += 400) {
            char *path = leadseq_format("%s/records%d/%05zu", folder, rate, thousand * 1000);
            int status = path ? leadseq_folder_make(path) : -1;
            free(path);
            if (status) return -1;
        }
    return 0;
}

static int fill_folder(const char *folder, const struct leadseq_synth_options *options)
{
    struct work w = {.lock = PTHREAD_MUTEX_INITIALIZER, .folder = folder, .options = options};
    int status = synth_plan_make(&w.plan, options);
    if (!status) w.findings = leadseq_calloc(w.plan.records, sizeof *w.findings);
    if (!w.findings || make_folders(folder, w.plan.records)) status = -1;
    if (!status) {
        w.progress = leadseq_progress_new("simulate", "records", w.plan.records);
        status = run_workers(&w);
        leadseq_progress_free(w.progress);
    }
    if (!status) status = synth_write_tables(folder, &w.plan, w.findings, options);
    free(w.error);
    free(w.findings);
    synth_plan_clear(&w.plan);
    return status;
}

static int check_options(const struct leadseq_synth_options *o)
{
    if (o->patients < 1 || o->patients > PATIENTS_MAX)
        return leadseq_fail("simulator: expected 1 to %d patients, found %d", PATIENTS_MAX,
                            o->patients);
    if (!(o->mi_share >= 0 && o->mi_share <= 1))
        return leadseq_fail("simulator: expected a share of infarctions from 0 to 1, found %g",
                            o->mi_share);
    if (!(o->difficulty >= 0 && o->difficulty <= 3))
        return leadseq_fail("simulator: expected a difficulty from 0 to 3, found %g",
                            o->difficulty);
    if (!(o->noise >= 0 && o->noise <= 20))
        return leadseq_fail("simulator: expected a noise strength from 0 to 20, found %g",
                            o->noise);
    if (o->workers < 0)
        return leadseq_fail("simulator: expected 0 or more workers, found %d", o->workers);
    return 0;
}

int leadseq_synth(const char *folder, const struct leadseq_synth_options *options)
{
    if (check_options(options)) return -1;
    struct leadseq_folder *f = leadseq_folder_begin(folder, false);
    if (!f) return -1;
    if (!fill_folder(leadseq_folder_partial(f), options)) return leadseq_folder_commit(f);
    leadseq_folder_discard(f);
    return -1;
}
