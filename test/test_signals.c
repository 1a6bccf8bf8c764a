/* SPDX-License-Identifier: MIT
 *
 * Signals of a stack: stored, read back, refused where they are absent or damaged, and cut into
 * windows for batches. */
#include "small_stack.h"

#include "io/store.h"

#include <math.h>

enum { RECORDS = 9, SAMPLES = 60, VALUES = LEADSEQ_LEADS * SAMPLES };

static size_t everyone[RECORDS];

/* Sample k of a lead of a record, a multiple of 1/1000 mV; NaN at a few places. */
static float small_mv(size_t record, size_t lead, size_t k)
{
    if (record == 2 && lead == 4) return NAN;
    if ((record + lead + k) % 23 == 0) return NAN;
    return (float)((int)((record * 7919 + lead * 104729 + k * 31) % 3997) - 1500) / 1000.0f;
}

static struct leadseq_drawing signal_drawing(void)
{
    struct leadseq_drawing drawing = small_drawing(LEADSEQ_PAPER_TEXT);
    drawing.preparation.window_s = .6;
    return drawing;
}

static void fill(size_t record, float *mv)
{
    for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++)
        for (size_t k = 0; k < SAMPLES; k++) mv[lead * SAMPLES + k] = small_mv(record, lead, k);
}

static void write_stack(bool images, bool signals, double gain)
{
    struct leadseq_drawing drawing = signal_drawing();
    const struct leadseq_stack_plan plan = {
        .drawing = &drawing, .images = images, .signals = signals, .gain = gain, .replace = true};
    const size_t lead = (size_t)SMALL_WIDTH * SMALL_HEIGHT;
    uint8_t *pixels = malloc(LEADSEQ_LEADS * lead);
    float mv[VALUES];
    cr_assert_eq(leadseq_drawing_samples(&drawing), SAMPLES);
    struct leadseq_stack_writer *w = leadseq_stack_begin(small_path, &plan, "formula", "test");
    cr_assert(w, "%s", leadseq_error());
    for (size_t i = 0; i < RECORDS; i++) {
        struct leadseq_stack_row row = small_row(i);
        small_images(i, lead, pixels);
        fill(i, mv);
        cr_assert_eq(
            leadseq_stack_append_record(w, &row, images ? pixels : NULL, signals ? mv : NULL), 0,
            "%s", leadseq_error());
    }
    cr_assert_eq(leadseq_stack_commit(w), 0, "%s", leadseq_error());
    free(pixels);
}

static void begin(void)
{
    small_begin();
    for (size_t i = 0; i < RECORDS; i++) everyone[i] = i;
}

TestSuite(signals, .init = begin, .fini = small_end);

#define cr_assert_error_says(text) cr_assert(strstr(leadseq_error(), text), "%s", leadseq_error())

static bool same(float a, float b)
{
    return isnan(a) ? isnan(b) : a == b;
}

static void expect_signals(struct leadseq_stack *stack)
{
    float mv[VALUES];
    cr_assert_eq(leadseq_stack_samples(stack), SAMPLES);
    for (size_t i = 0; i < RECORDS; i++) {
        cr_assert_eq(leadseq_stack_read_signals(stack, i, mv), 0, "%s", leadseq_error());
        for (size_t at = 0; at < VALUES; at++)
            cr_assert(same(mv[at], small_mv(i, at / SAMPLES, at % SAMPLES)), "%zu %zu: %g", i, at,
                      (double)mv[at]);
    }
}

/* --- Stacks ----------------------------------------------------------------------------------- */

Test(signals, a_stack_holds_them_next_to_images_or_alone_as_floats_or_integers)
{
    for (int images = 0; images < 2; images++)
        for (int integers = 0; integers < 2; integers++) {
            write_stack(images, true, integers ? 1000 : 0);
            struct leadseq_stack *stack = small_open();
            cr_assert_eq(leadseq_stack_count(stack), RECORDS);
            cr_assert_eq(leadseq_stack_images(stack), images ? LEADSEQ_LEADS : 0);
            cr_assert_eq(leadseq_stack_gain(stack), integers ? 1000 : 0);
            cr_assert_eq(leadseq_stack_drawing(stack)->rate_hz, 100);
            cr_assert_eq(leadseq_stack_drawing(stack)->preparation.window_s, .6);
            cr_assert_eq(leadseq_stack_rows(stack)[3].ecg_id, SMALL_FIRST_ID + 3);
            cr_assert_eq(leadseq_stack_label(stack, "mi")[3], 1);
            expect_signals(stack);
            if (images) {
                uint8_t *pixels = malloc(LEADSEQ_LEADS * SMALL_WIDTH * SMALL_HEIGHT);
                cr_assert_eq(leadseq_stack_read(stack, 1, pixels), 0);
                cr_assert_eq(pixels[77], small_pixel(1, 0, 77));
                free(pixels);
            }
            leadseq_stack_close(stack);
        }
}

Test(signals, who_needs_what_is_absent_hears_what_to_render)
{
    float mv[VALUES];
    uint8_t pixel;
    write_stack(false, true, 0);
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_stack_read(stack, 0, &pixel), -1);
    cr_assert_error_says(small_path);
    cr_assert_error_says("expected images, found signals only");
    cr_assert_error_says("without --signals-only");
    double mean, deviation;
    cr_assert_eq(leadseq_batches_moments(stack, everyone, 1, false, 1, &mean, &deviation), -1);
    struct leadseq_batch_options o = {
        .position = everyone, .n = RECORDS, .batch = 2, .scale = {1, 1, 1}};
    cr_assert_null(leadseq_batches_open(stack, &o));
    cr_assert_error_says("expected images");
    leadseq_stack_close(stack);
    write_stack(true, false, 0);
    stack = small_open();
    cr_assert_eq(leadseq_stack_samples(stack), 0);
    cr_assert_eq(leadseq_stack_read_signals(stack, 0, mv), -1);
    cr_assert_error_says("expected signals, found images only");
    cr_assert_error_says("--signals");
    o.signals.samples = SAMPLES;
    cr_assert_null(leadseq_batches_open(stack, &o));
    cr_assert_error_says("expected signals");
    leadseq_stack_close(stack);
}

Test(signals, what_a_stack_cannot_hold_is_refused_when_it_is_written)
{
    struct leadseq_drawing drawing = signal_drawing();
    struct leadseq_stack_plan plan = {.drawing = &drawing, .signals = true, .gain = 1000};
    struct leadseq_stack_row row = small_row(0);
    float mv[VALUES] = {0};
    uint8_t *pixels = malloc(LEADSEQ_LEADS * SMALL_WIDTH * SMALL_HEIGHT);
    struct leadseq_stack_writer *w = leadseq_stack_begin(small_path, &plan, "", "");
    cr_assert(w, "%s", leadseq_error());
    cr_assert_eq(leadseq_stack_append_record(w, &row, pixels, mv), -1);
    cr_assert_error_says("expected signals of each record, found images and signals");
    cr_assert_eq(leadseq_stack_append_record(w, &row, NULL, NULL), -1);
    mv[5] = 32.7674f;
    cr_assert_eq(leadseq_stack_append_record(w, &row, NULL, mv), 0, "%s", leadseq_error());
    mv[5] = -32.768f;
    cr_assert_eq(leadseq_stack_append_record(w, &row, NULL, mv), -1);
    cr_assert_error_says("-32.768 mV do not fit in 16 bits with 1000 steps per mV");
    leadseq_stack_discard(w);
    plan.gain = .5;
    cr_assert_null(leadseq_stack_begin(small_path, &plan, "", ""));
    cr_assert_error_says("1 to 1000000 steps");
    plan.gain = 0, drawing.rate_hz = 1e-9;
    cr_assert_null(leadseq_stack_begin(small_path, &plan, "", ""));
    cr_assert_error_says("gives 1 to");
    drawing.rate_hz = 100, plan.signals = false;
    cr_assert_null(leadseq_stack_begin(small_path, &plan, "", ""));
    cr_assert_error_says("found neither");
    free(pixels);
}

Test(signals, rounding_gives_what_a_stack_of_integers_gives_back)
{
    float mv[] = {.12345f, -.98765f, NAN, 0}, kept[4];
    memcpy(kept, mv, sizeof mv);
    cr_assert_eq(leadseq_signals_round(0, mv, 4), 0);
    cr_assert(!memcmp(mv, kept, sizeof mv));
    cr_assert_eq(leadseq_signals_round(1000, mv, 4), 0);
    cr_assert_eq(mv[0], .123f);
    cr_assert_eq(mv[1], -.988f);
    cr_assert(isnan(mv[2]));
    mv[3] = 40;
    cr_assert_eq(leadseq_signals_round(1000, mv, 4), -1);
}

/* What a stack says of its signals, where it says anything. */
struct said {
    const char *unit, *axis; /* the second axis */
    double gain, rate_hz;
    int missing;
};

#define SAID(...)                                                                                  \
    (struct said)                                                                                  \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void say(struct leadseq_store *s, const struct said *said)
{
    if (said->unit) cr_assert_eq(leadseq_store_set_text(s, "signals", "unit", said->unit), 0);
    const char *const axes[] = {"record", said->axis, "sample"};
    if (said->axis) cr_assert_eq(leadseq_store_set_texts(s, "signals", "axes", axes, 3), 0);
    if (said->gain > 0) cr_assert_eq(leadseq_store_set_real(s, "signals", "gain", said->gain), 0);
    if (said->missing)
        cr_assert_eq(leadseq_store_set_int(s, "signals", "missing", said->missing), 0);
}

/* Replaces /signals of a stack without images by one of another shape or type. */
static void replace(int leads, size_t samples, enum leadseq_store_type type, size_t rows,
                    const void *data, const struct said *said)
{
    const struct leadseq_store_spec spec = {
        .type = type, .rank = 2, .shape = {(size_t)leads, samples}, .chunk_rows = 1};
    const struct leadseq_store_spec one = {.type = LEADSEQ_STORE_INT32};
    struct leadseq_store *s = leadseq_store_create(small_path);
    cr_assert(s, "%s", leadseq_error());
    cr_assert_eq(leadseq_store_set_int(s, "/", "schema_version", LEADSEQ_STACK_SCHEMA), 0);
    static const char *const text[] = {"source", "program_version", "command_line", "created"};
    for (size_t i = 0; i < LEADSEQ_COUNT(text); i++)
        cr_assert_eq(leadseq_store_set_text(s, "/", text[i], "x"), 0);
    cr_assert_eq(leadseq_store_set_real(s, "/", "rate_hz", said->rate_hz > 0 ? said->rate_hz : 100),
                 0);
    cr_assert_eq(leadseq_store_set_real(s, "/", "window_s", .6), 0);
    cr_assert_eq(leadseq_store_set_texts(s, "/", "lead_names", leadseq_lead_name, LEADSEQ_LEADS),
                 0);
    cr_assert_eq(leadseq_store_add(s, "signals", &spec), 0);
    if (samples)
        cr_assert_eq(leadseq_store_append(s, "signals", rows, data), 0, "%s", leadseq_error());
    say(s, said);
    cr_assert_eq(leadseq_store_add_group(s, "label"), 0);
    cr_assert_eq(leadseq_store_add(s, "ecg_id", &one), 0);
    cr_assert_eq(leadseq_store_commit(s), 0, "%s", leadseq_error());
}

Test(signals, a_damaged_stack_is_refused_by_what_is_wrong)
{
    static float values[13 * SAMPLES];
    static int32_t whole[VALUES];
    static int16_t steps[VALUES];
    const struct {
        int leads;
        size_t samples;
        enum leadseq_store_type type;
        const void *data;
        const char *expected;
        struct said said;
    } bad[] = {
        {12, 59, LEADSEQ_STORE_FLOAT32, values, "expected 12 leads of 60 samples", SAID(0)},
        {13, 60, LEADSEQ_STORE_FLOAT32, values, "expected 12 leads of 60 samples", SAID(0)},
        {12, 60, LEADSEQ_STORE_INT32, whole, "expected float32, or 16-bit integers", SAID(0)},
        {12, 60, LEADSEQ_STORE_INT16, steps, "gain", SAID(0)},
        {12, 60, LEADSEQ_STORE_FLOAT32, values, "unit: expected mV, found uV", SAID(.unit = "uV")},
        {12, 60, LEADSEQ_STORE_FLOAT32, values, "axes: expected lead as number 2, found sample",
         SAID(.axis = "sample")},
        {12, 60, LEADSEQ_STORE_INT16, steps,
         "missing: expected -32768 in place of missing samples, found 32767",
         SAID(.gain = 1000, .missing = 32767)},
        {12, 60, LEADSEQ_STORE_FLOAT32, values, "gives 1 to", SAID(.rate_hz = 1e-9)},
        {12, 60, LEADSEQ_STORE_FLOAT32, values, "gives 1 to", SAID(.rate_hz = 1e300)},
        {12, 60, LEADSEQ_STORE_INT16, steps, "record", /* no such column */
         SAID("mV", "lead", .gain = 1000, .missing = INT16_MIN)},
        {12, 60, LEADSEQ_STORE_FLOAT32, values, "record", SAID(0)},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(bad); i++) {
        replace(bad[i].leads, bad[i].samples, bad[i].type, 1, bad[i].data, &bad[i].said);
        cr_assert_null(leadseq_stack_open(small_path), "%zu", i);
        cr_assert_error_says(bad[i].expected);
        cr_assert_error_says(small_path);
        unlink(small_path);
    }
}

Test(signals, an_infinite_value_is_damage)
{
    struct leadseq_drawing drawing = signal_drawing();
    const struct leadseq_stack_plan plan = {.drawing = &drawing, .signals = true};
    struct leadseq_stack_row row = small_row(0);
    float mv[VALUES] = {0};
    mv[17] = INFINITY;
    struct leadseq_stack_writer *w = leadseq_stack_begin(small_path, &plan, "", "");
    cr_assert_eq(leadseq_stack_append_record(w, &row, NULL, mv), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_stack_commit(w), 0);
    struct leadseq_stack *stack = small_open();
    cr_assert_eq(leadseq_stack_read_signals(stack, 0, mv), -1);
    cr_assert_error_says("record 00100_lr are damaged");
    leadseq_stack_close(stack);
}

/* --- Batches ---------------------------------------------------------------------------------- */

static struct leadseq_batch_options plain(size_t crop, enum leadseq_windows windows)
{
    struct leadseq_batch_options o = {.position = everyone, .n = RECORDS, .batch = 4, .seed = 5};
    o.signals.samples = SAMPLES, o.signals.crop = crop, o.signals.windows = windows;
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) o.signals.scale[lead] = 1;
    return o;
}

static struct leadseq_batches *open_batches(struct leadseq_stack *stack,
                                            const struct leadseq_batch_options *o)
{
    struct leadseq_batches *b = leadseq_batches_open(stack, o);
    cr_assert(b, "%s", leadseq_error());
    return b;
}

static const struct leadseq_batch *next(struct leadseq_batches *b)
{
    const struct leadseq_batch *batch;
    cr_assert_eq(leadseq_batches_next(b, &batch), 1, "%s", leadseq_error());
    return batch;
}

/* As a network without scaling gets it. */
static float given(size_t record, size_t lead, size_t k)
{
    const float mv = small_mv(record, lead, k);
    return isnan(mv) ? 0 : mv;
}

/* Where the window of place i of a batch begins; fails where it is no window of the record. */
static size_t begin_of(const struct leadseq_batch *batch, int i, size_t width)
{
    for (size_t from = 0; from + width <= SAMPLES; from++) {
        bool all = true;
        for (size_t lead = 0; all && lead < LEADSEQ_LEADS; lead++)
            for (size_t k = 0; all && k < width; k++)
                all = batch->images[((size_t)i * LEADSEQ_LEADS + lead) * width + k] ==
                      given(batch->position[i], lead, from + k);
        if (all) return from;
    }
    cr_assert(false, "place %d holds no window of record %zu", i, batch->position[i]);
    return 0;
}

Test(signals, without_windows_a_batch_has_every_sample_in_its_place)
{
    write_stack(true, true, 0);
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain(0, LEADSEQ_WINDOWS_RANDOM);
    struct leadseq_batches *b = open_batches(stack, &o);
    cr_assert_eq(leadseq_batches_count(b), 3);
    cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
    for (size_t k = 0; k < 3; k++) {
        const struct leadseq_batch *batch = next(b);
        cr_assert_eq(batch->n, k < 2 ? 4 : 1);
        for (int i = 0; i < batch->n; i++) {
            cr_assert_eq(batch->position[i], 4 * k + (size_t)i);
            cr_assert_eq(batch->target[i], (4 * k + (size_t)i) % 3 == 0);
            cr_assert_eq(begin_of(batch, i, SAMPLES), 0);
        }
    }
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
}

Test(signals, samples_are_scaled_by_their_own_lead_and_missing_ones_are_0)
{
    write_stack(false, true, 0);
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain(0, LEADSEQ_WINDOWS_MIDDLE);
    o.order = LEADSEQ_LEADS_LIST, o.n_leads = 2, o.leads[0] = 7, o.leads[1] = 4;
    o.signals.mean[7] = .25f, o.signals.scale[7] = 2;
    o.signals.mean[4] = -1, o.signals.scale[4] = 3;
    struct leadseq_batches *b = open_batches(stack, &o);
    cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
    const struct leadseq_batch *batch = next(b);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < SAMPLES; k++) {
            const float seven = small_mv(i, 7, k), four = small_mv(i, 4, k);
            const float *at = batch->images + i * 2 * SAMPLES;
            cr_assert_eq(at[k], isnan(seven) ? 0 : (seven - .25f) * 2);
            cr_assert_eq(at[SAMPLES + k], isnan(four) ? 0 : (four + 1) * 3);
        }
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
}

/* Begins of all windows of an epoch, in the order of its batches from number `first` on. */
static size_t collect(struct leadseq_stack *stack, const struct leadseq_batch_options *o,
                      uint64_t epoch, size_t first, size_t position[64], size_t from[64])
{
    struct leadseq_batches *b = open_batches(stack, o);
    const struct leadseq_batch *batch;
    size_t n = 0;
    cr_assert_eq(leadseq_batches_start(b, epoch, first), 0);
    while (leadseq_batches_next(b, &batch) == 1)
        for (int i = 0; i < batch->n; i++) {
            position[n] = batch->position[i];
            from[n++] = begin_of(batch, i, leadseq_windows_samples(&o->signals));
        }
    leadseq_batches_close(b);
    return n;
}

Test(signals, random_windows_depend_on_seed_epoch_and_record_alone)
{
    write_stack(false, true, 0);
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain(20, LEADSEQ_WINDOWS_RANDOM);
    size_t position[64], from[64], again[64], moved = 0, farthest = 0;
    size_t first[RECORDS];
    o.shuffle = true;
    for (uint64_t epoch = 0; epoch < 40; epoch++) {
        cr_assert_eq(collect(stack, &o, epoch, 0, position, from), RECORDS);
        for (size_t i = 0; i < RECORDS; i++) {
            if (epoch == 0) first[position[i]] = from[i];
            moved += from[i] != first[position[i]];
            farthest = from[i] > farthest ? from[i] : farthest;
        }
    }
    cr_assert_gt(moved, 39 * RECORDS * 9 / 10); // one of 41 places is drawn again by chance
    cr_assert_eq(farthest, SAMPLES - 20);       // of 360 draws none at the end: (40/41)^360 = 1e-4
    /* The second batch alone, batches of another size, one part of two: the same windows. */
    cr_assert_eq(collect(stack, &o, 7, 0, position, from), RECORDS);
    cr_assert_eq(collect(stack, &o, 7, 1, position, again), RECORDS - 4);
    for (size_t i = 4; i < RECORDS; i++) cr_assert_eq(again[i - 4], from[i]);
    o.batch = RECORDS;
    collect(stack, &o, 7, 0, position, again);
    for (size_t i = 0; i < RECORDS; i++) cr_assert_eq(again[i], from[i]);
    o.part = 1, o.parts = 2;
    cr_assert_eq(collect(stack, &o, 7, 0, position, again), RECORDS / 2);
    for (size_t i = 0; i < RECORDS / 2; i++) cr_assert_eq(again[i], from[i + (RECORDS + 1) / 2]);
    o.part = o.parts = 0, o.seed = 6;
    collect(stack, &o, 7, 0, position, again);
    cr_assert(memcmp(again, from, RECORDS * sizeof *from));
    leadseq_stack_close(stack);
}

Test(signals, a_record_drawn_twice_in_an_epoch_has_other_windows)
{
    write_stack(false, true, 0);
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain(20, LEADSEQ_WINDOWS_RANDOM);
    size_t position[64], from[64], twice = 0, other = 0;
    o.balance = true; // 3 of 9 records are positive: each is drawn more than once
    for (uint64_t epoch = 0; epoch < 20; epoch++) {
        cr_assert_eq(collect(stack, &o, epoch, 0, position, from), RECORDS);
        for (size_t i = 0; i < RECORDS; i++)
            for (size_t k = 0; k < i; k++) {
                if (position[k] != position[i]) continue;
                twice++;
                other += from[k] != from[i];
            }
    }
    cr_assert_gt(twice, 10);
    cr_assert_gt(other, twice * 8 / 10);
    leadseq_stack_close(stack);
}

Test(signals, in_evaluation_each_record_has_all_its_windows_in_turn)
{
    static const struct {
        size_t crop, stride, windows;
    } shape[] = {
        {20, 10, 5}, // 0, 10, 20, 30, 40
        {20, 0, 5},  // half of the window
        {20, 25, 2}, // 0, 25; 50 would reach beyond the end
        {7, 9, 6},   // 0, 9 … 45
        {60, 1, 1},  {59, 1, 2}, {1, 0, 60},
    };
    write_stack(false, true, 1000);
    struct leadseq_stack *stack = small_open();
    for (size_t s = 0; s < LEADSEQ_COUNT(shape); s++) {
        struct leadseq_batch_options o = plain(shape[s].crop, LEADSEQ_WINDOWS_ALL);
        const size_t step = shape[s].stride     ? shape[s].stride
                            : shape[s].crop > 1 ? shape[s].crop / 2
                                                : 1;
        const struct leadseq_batch *batch;
        size_t items = 0;
        o.signals.stride = shape[s].stride;
        cr_assert_eq(leadseq_windows_count(&o.signals), shape[s].windows, "%zu", s);
        struct leadseq_batches *b = open_batches(stack, &o);
        cr_assert_eq(leadseq_batches_count(b), (RECORDS * shape[s].windows + 3) / 4);
        cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
        while (leadseq_batches_next(b, &batch) == 1)
            for (int i = 0; i < batch->n; i++, items++) {
                const size_t record = items / shape[s].windows, w = items % shape[s].windows;
                cr_assert_eq(batch->position[i], record);
                for (size_t at = 0; at < LEADSEQ_LEADS * shape[s].crop; at++)
                    cr_assert_eq(batch->images[(size_t)i * LEADSEQ_LEADS * shape[s].crop + at],
                                 given(record, at / shape[s].crop, w * step + at % shape[s].crop));
            }
        cr_assert_eq(items, RECORDS * shape[s].windows);
        leadseq_batches_close(b);
    }
    leadseq_stack_close(stack);
}

Test(signals, a_record_from_elsewhere_is_packed_like_one_of_the_stack)
{
    write_stack(false, true, 0);
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain(20, LEADSEQ_WINDOWS_ALL);
    float mv[VALUES], *batch = calloc(4 * LEADSEQ_LEADS * 20, sizeof *batch);
    o.order = LEADSEQ_LEADS_SHUFFLED;
    struct leadseq_batches *b = open_batches(stack, &o);
    cr_assert_eq(leadseq_batches_start(b, 0, 0), 0);
    const struct leadseq_batch *expected = next(b); // windows 0 to 3 of record 0
    fill(0, mv);
    const struct leadseq_stack_row row = small_row(0);
    for (int i = 0; i < 4; i++)
        leadseq_batch_pack_signals(&o, mv, (size_t)i, leadseq_record_key(row.ecg_id, row.record), i,
                                   4, batch);
    cr_assert(!memcmp(batch, expected->images, 4 * LEADSEQ_LEADS * 20 * sizeof *batch));
    free(batch);
    leadseq_batches_close(b);
    leadseq_stack_close(stack);
}

Test(signals, windows_longer_than_the_record_are_refused)
{
    write_stack(false, true, 0);
    struct leadseq_stack *stack = small_open();
    struct leadseq_batch_options o = plain(SAMPLES + 1, LEADSEQ_WINDOWS_RANDOM);
    cr_assert_null(leadseq_batches_open(stack, &o));
    cr_assert_error_says("expected windows of at most 60 samples, as its signals have, found 61");
    o = plain(0, LEADSEQ_WINDOWS_ALL), o.signals.samples = SAMPLES - 1;
    cr_assert_null(leadseq_batches_open(stack, &o));
    cr_assert_error_says("expected signals of 59 samples, found 60");
    o = plain(0, LEADSEQ_WINDOWS_ALL), o.signals.scale[3] = 0;
    cr_assert_null(leadseq_batches_open(stack, &o));
    cr_assert_error_says("AVR");
    leadseq_stack_close(stack);
}

Test(signals, moments_are_those_of_all_samples_that_are_there)
{
    write_stack(false, true, 0);
    struct leadseq_stack *stack = small_open();
    double mean[LEADSEQ_LEADS], deviation[LEADSEQ_LEADS];
    const size_t some[] = {1, 2, 5};
    for (int by_lead = 0; by_lead < 2; by_lead++) {
        cr_assert_eq(leadseq_signals_moments(stack, some, 3, by_lead, mean, deviation), 0);
        for (size_t lead = 0; lead < LEADSEQ_LEADS; lead++) {
            long double sum = 0, squares = 0, n = 0;
            for (int pass = 0; pass < 2; pass++)
                for (size_t i = 0; i < 3; i++)
                    for (size_t l = by_lead ? lead : 0; l < (by_lead ? lead + 1 : LEADSEQ_LEADS);
                         l++)
                        for (size_t k = 0; k < SAMPLES; k++) {
                            const float mv = small_mv(some[i], l, k);
                            if (isnan(mv)) continue;
                            if (pass == 0)
                                n++, sum += mv;
                            else
                                squares += (mv - sum / n) * (mv - sum / n);
                        }
            cr_assert_float_eq(mean[lead], (double)(sum / n), 1e-12);
            cr_assert_float_eq(deviation[lead], (double)sqrtl(squares / n), 1e-12);
        }
    }
    const size_t without = 2; // of lead 4 it has nothing
    cr_assert_eq(leadseq_signals_moments(stack, &without, 1, true, mean, deviation), 0);
    cr_assert(isnan(mean[4]) && isnan(deviation[4]) && isfinite(mean[3]));
    cr_assert_eq(leadseq_signals_moments(stack, some, 0, true, mean, deviation), -1);
    leadseq_stack_close(stack);
}
