/* SPDX-License-Identifier: MIT
 *
 * Healthy simulated records beside healthy ones of PTB-XL: quantiles of amplitudes,
 * rates and widths, measured on both by the same code from the files. */
#include "folder.h"

#include "dataset/dataset.h"
#include "synth/synth.h"

#include <math.h>

enum { MOST = 250, RATE = LEADSEQ_LEADS * 2, WIDTH, MEASURES };

struct sample {
    double value[MEASURES][MOST];
    size_t n;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double q)
{
    return sorted[(size_t)(q * (double)(n - 1))];
}

/* Highest and lowest half percent of each lead, against its median. */
static void measure_amplitudes(const struct leadseq_record *record, struct sample *s)
{
    static double v[100000];
    size_t n = record->n_samples;
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
        for (size_t k = 0; k < n; k++) v[k] = (double)record->mv[lead * n + k];
        qsort(v, n, sizeof *v, ascending);
        double rest = quantile(v, n, 0.5);
        s->value[2 * lead][s->n] = quantile(v, n, 0.995) - rest;
        s->value[2 * lead + 1][s->n] = quantile(v, n, 0.005) - rest;
    }
}

/* Beats a minute, and how long a beat has steep slopes: over a fifth of the steepest. */
static void measure_beats(const struct leadseq_record *record, struct sample *s)
{
    static double speed[100000];
    size_t n = record->n_samples, beats = 0, last = 0, steep = 0;
    double most = 0;
    for (size_t k = 1; k + 1 < n; k++) {
        speed[k] = 0;
        for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
            speed[k] += fabs((double)(record->mv[lead * n + k + 1] - record->mv[lead * n + k - 1]));
        most = fmax(most, speed[k]);
    }
    for (size_t k = 1; k + 1 < n; k++) {
        steep += speed[k] > 0.2 * most;
        if (speed[k] < 0.4 * most) continue;
        if (!last || (double)(k - last) > 0.25 * record->rate_hz) beats++;
        last = k;
    }
    s->value[RATE][s->n] = 60.0 * (double)beats * record->rate_hz / (double)n;
    s->value[WIDTH][s->n] = (double)steep / (double)beats / record->rate_hz;
}

/* Records whose only superclass is NORM. */
static void measure_healthy(const char *root, struct sample *s)
{
    struct leadseq_ptbxl *ptbxl = leadseq_ptbxl_open(root);
    cr_assert(ptbxl, "%s", leadseq_error());
    for (size_t i = 0; i < ptbxl->n && s->n < MOST; i++) {
        const struct leadseq_ptbxl_row *row = &ptbxl->row[i];
        int classes = 0;
        char path[1024];
        for (int c = 0; c < LEADSEQ_SUPERCLASSES; c++) classes += row->superclass[c];
        if (!row->superclass[LEADSEQ_NORM] || classes > 1) continue;
        snprintf(path, sizeof path, "%s/%s", root, row->filename_lr);
        struct leadseq_record *record = leadseq_record_open(path);
        if (!record) continue; // a folder may hold some of its records only
        measure_amplitudes(record, s);
        measure_beats(record, s);
        s->n++;
        leadseq_record_close(record);
    }
    leadseq_ptbxl_close(ptbxl);
    for (size_t m = 0; m < MEASURES; m++) qsort(s->value[m], s->n, sizeof(double), ascending);
}

static const char *measure_name(size_t m)
{
    static char name[32];
    if (m == RATE) return "beats a minute";
    if (m == WIDTH) return "steep seconds a beat";
    snprintf(name, sizeof name, "%s of %s", m % 2 ? "lowest" : "highest", leadseq_lead_name[m / 2]);
    return name;
}

/* The simulated median is among the middle 60 % of real records (80 % of few), and the middle
 * half of simulated ones is not half as wide as that of real ones, nor twice (but of few). */
Test(synth_real, healthy_records_have_the_amplitudes_rates_and_widths_of_real_ones,
     .init = make_folder, .fini = remove_folder)
{
    static struct sample real, simulated;
    const char *root = real_folder("LEADSEQ_PTBXL", "ptbxl");
    if (!root) cr_skip_test("no folder of PTB-XL records (LEADSEQ_PTBXL)");
    struct leadseq_synth_options o;
    leadseq_synth_default(&o);
    o.patients = 180;
    o.mi_share = 0;
    leadseq_progress_show(false);
    cr_assert_eq(leadseq_synth(in_folder("ecg"), &o), 0, "%s", leadseq_error());
    measure_healthy(in_folder("ecg"), &simulated);
    measure_healthy(root, &real);
    if (real.n < 20) cr_skip_test("%s: too few healthy records", root);
    cr_assert_gt(simulated.n, 80);
    const double tail = real.n < 100 ? 0.1 : 0.2; // a few records have wide quantiles
    for (size_t m = 0; m < MEASURES; m++) {
        const double *a = simulated.value[m], *b = real.value[m];
        double median = quantile(a, simulated.n, 0.5);
        double width = quantile(a, simulated.n, 0.75) - quantile(a, simulated.n, 0.25);
        double real_width = quantile(b, real.n, 0.75) - quantile(b, real.n, 0.25);
        double low = quantile(b, real.n, tail), high = quantile(b, real.n, 1 - tail);
        cr_expect(median >= low && median <= high, "%s: median %.3f, of real ones %.3f to %.3f",
                  measure_name(m), median, low, high);
        if (real.n >= 100) // few records say little of a range
            cr_expect(width > 0.45 * real_width && width < 2.2 * real_width,
                      "%s: middle half %.3f wide, of real ones %.3f", measure_name(m), width,
                      real_width);
    }
}
