/* SPDX-License-Identifier: MIT
 *
 * The signals of a stack: /signals (record, lead, sample), millivolts as float32, NaN where a
 * sample is missing; or 16-bit integers with the attributes `gain`, steps per mV, and `missing`,
 * the integer in place of a missing sample. They are what is drawn: filtered, resampled and cut to
 * the window, whose attributes are those of the root. */
#include "dataset_private.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MISSING = INT16_MIN, STEPS_MOST = INT16_MAX };

static const char name[] = "signals";
static const char *const axis[] = {"record", "lead", "sample"};

int leadseq_signals_gain_check(double gain)
{
    if (gain >= 1 && gain <= 1e6) return 0;
    return leadseq_fail("gain: expected 1 to 1000000 steps per mV, found %g", gain);
}

/* One value as it is stored; false where it does not fit. */
static bool to_steps(double gain, float mv, int16_t *steps)
{
    const double exact = (double)mv * gain;
    *steps = MISSING;
    if (isnan(exact)) return true;
    if (!(fabs(exact) < STEPS_MOST + 0.5)) return false;
    *steps = (int16_t)lrint(exact);
    return true;
}

static float from_steps(double gain, int16_t steps)
{
    return steps == MISSING ? NAN : (float)(steps / gain);
}

static int fail_range(double gain, float mv)
{
    return leadseq_fail("%g mV do not fit in 16 bits with %g steps per mV", (double)mv, gain);
}

int leadseq_signals_round(double gain, float *mv, size_t n)
{
    int16_t steps;
    for (size_t i = 0; gain > 0 && i < n; i++) {
        if (!to_steps(gain, mv[i], &steps)) return fail_range(gain, mv[i]);
        mv[i] = from_steps(gain, steps);
    }
    return 0;
}

/* A record is a chunk, not compressed: training reads records one by one in another order in every
 * epoch, and noise hardly shrinks. */
int dataset_signals_add(struct leadseq_store *store, const struct dataset_signals *s)
{
    struct leadseq_store_spec spec = {
        .type = s->gain > 0 ? LEADSEQ_STORE_INT16 : LEADSEQ_STORE_FLOAT32,
        .rank = 2,
        .shape = {LEADSEQ_LEADS, s->samples},
        .chunk_rows = 1,
    };
    if (leadseq_store_add(store, name, &spec)) return -1;
    if (leadseq_store_set_texts(store, name, "axes", axis, LEADSEQ_COUNT(axis))) return -1;
    if (leadseq_store_set_text(store, name, "unit", "mV")) return -1;
    if (!(s->gain > 0)) return 0;
    if (leadseq_store_set_real(store, name, "gain", s->gain)) return -1;
    return leadseq_store_set_int(store, name, "missing", MISSING);
}

int dataset_signals_append(struct leadseq_store *store, const struct dataset_signals *s,
                           const float *mv)
{
    if (!(s->gain > 0)) return leadseq_store_append(store, name, 1, mv);
    const size_t n = LEADSEQ_LEADS * s->samples;
    int16_t *steps = leadseq_calloc(n, sizeof *steps);
    int status = steps ? 0 : -1;
    for (size_t i = 0; !status && i < n; i++)
        if (!to_steps(s->gain, mv[i], &steps[i])) status = fail_range(s->gain, mv[i]);
    if (!status) status = leadseq_store_append(store, name, 1, steps);
    free(steps);
    return status;
}

/* One record is one chunk, of which HDF5 keeps less than 4 GiB. */
int dataset_samples_check(const struct leadseq_drawing *drawing)
{
    const double seconds = leadseq_preparation_seconds(&drawing->preparation),
                 samples = seconds * drawing->rate_hz,
                 most = (double)(UINT32_MAX / (LEADSEQ_LEADS * sizeof(float)));
    if (samples >= 0.5 && samples <= most) return 0;
    return leadseq_fail("rate_hz: expected a rate that gives 1 to %.0f samples in %g s, found %g "
                        "Hz",
                        most, seconds, drawing->rate_hz);
}

/* Attributes may be absent, but none may say that the numbers mean something else. */
static int check_meaning(struct leadseq_store *store, const char *path)
{
    char unit[16], found[LEADSEQ_COUNT(axis)][16];
    size_t n = 0;
    if (leadseq_store_has_attribute(store, name, "unit")) {
        if (leadseq_store_get_text(store, name, "unit", unit, sizeof unit)) return -1;
        if (strcmp(unit, "mV"))
            return leadseq_fail("%s: /signals: unit: expected mV, found %s; convert the samples",
                                path, unit);
    }
    if (!leadseq_store_has_attribute(store, name, "axes")) return 0;
    if (leadseq_store_get_texts(store, name, "axes", found[0], sizeof found[0], LEADSEQ_COUNT(axis),
                                &n))
        return -1;
    for (size_t i = 0; i < LEADSEQ_COUNT(axis); i++)
        if (i >= n || strcmp(found[i], axis[i]))
            return leadseq_fail("%s: /signals: axes: expected %s as number %zu, found %s", path,
                                axis[i], i + 1, i < n ? found[i] : "none");
    return 0;
}

/* Of integers: steps per millivolt, and the value of a missing sample. */
static int read_steps(struct leadseq_store *store, const char *path, struct dataset_signals *s)
{
    int64_t missing = MISSING;
    if (leadseq_store_get_real(store, name, "gain", &s->gain)) return -1;
    if (leadseq_signals_gain_check(s->gain)) return leadseq_fail_in("%s: /signals", path);
    if (leadseq_store_has_attribute(store, name, "missing") &&
        leadseq_store_get_int(store, name, "missing", &missing))
        return -1;
    if (missing == MISSING) return 0;
    return leadseq_fail("%s: /signals: missing: expected %d in place of missing samples, found "
                        "%" PRId64,
                        path, MISSING, missing);
}

static int check_shape(const char *path, const struct leadseq_store_info *info, size_t samples)
{
    if (info->rank == 2 && info->shape[0] == LEADSEQ_LEADS && info->shape[1] == samples) return 0;
    return leadseq_fail("%s: /signals: expected %d leads of %zu samples, as rate_hz and the window "
                        "say, found %d axes of %zu and %zu",
                        path, LEADSEQ_LEADS, samples, info->rank,
                        info->rank > 0 ? info->shape[0] : 0, info->rank > 1 ? info->shape[1] : 0);
}

int dataset_signals_find(struct leadseq_store *store, const struct leadseq_drawing *drawing,
                         struct dataset_signals *s, size_t *rows)
{
    struct leadseq_store_info info;
    const char *path = leadseq_store_path(store);
    if (dataset_samples_check(drawing)) return leadseq_fail_in("%s", path);
    *s = (struct dataset_signals){.samples = leadseq_drawing_samples(drawing)};
    if (leadseq_store_describe(store, name, &info) || check_shape(path, &info, s->samples) ||
        check_meaning(store, path))
        return -1;
    *rows = info.rows;
    if (info.kind == LEADSEQ_KIND_REAL) return 0;
    if (info.kind != LEADSEQ_KIND_INTEGER || info.item_bytes != 2)
        return leadseq_fail("%s: /signals: expected float32, or 16-bit integers with a gain", path);
    return read_steps(store, path, s);
}

int dataset_signals_read(struct leadseq_store *store, const struct dataset_signals *s,
                         size_t position, float *mv)
{
    const size_t n = LEADSEQ_LEADS * s->samples;
    if (!(s->gain > 0))
        return leadseq_store_read(store, name, LEADSEQ_STORE_FLOAT32, 0, n, position, 1, mv);
    int16_t *steps = leadseq_calloc(n, sizeof *steps);
    int status =
        steps ? leadseq_store_read(store, name, LEADSEQ_STORE_INT16, 0, n, position, 1, steps) : -1;
    for (size_t i = 0; !status && i < n; i++) mv[i] = from_steps(s->gain, steps[i]);
    free(steps);
    return status;
}
