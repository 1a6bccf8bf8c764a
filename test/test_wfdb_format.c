/* SPDX-License-Identifier: MIT
 *
 * Every format's samples against files written here, from the formats'
 * definitions, byte by byte. */
#include "io/io.h"

#include "folder.h"

#include <math.h>

TestSuite(wfdb_format, .init = make_folder, .fini = remove_folder);

enum { SIGNALS = 13, SAMPLES = 31, BYTES_MAX = 1 << 20, PER_FRAME_MAX = 4 };

/* --- Formats as they are defined ---------------------------------------------------- */

struct bytes {
    unsigned char data[BYTES_MAX];
    size_t n;
};

static void put_byte(struct bytes *b, uint32_t byte)
{
    cr_assert_lt(b->n, sizeof b->data);
    b->data[b->n++] = (unsigned char)(byte & 0xff);
}

static void put_16(struct bytes *b, int32_t v)
{
    uint32_t u = (uint32_t)v;
    put_byte(b, u), put_byte(b, u >> 8);
}

static void put_24(struct bytes *b, int32_t v)
{
    put_16(b, v);
    put_byte(b, (uint32_t)v >> 16);
}

static void put_32(struct bytes *b, int32_t v)
{
    put_24(b, v);
    put_byte(b, (uint32_t)v >> 24);
}

static void put_61(struct bytes *b, int32_t v)
{
    put_byte(b, (uint32_t)v >> 8), put_byte(b, (uint32_t)v);
}

static void put_80(struct bytes *b, int32_t v)
{
    put_byte(b, (uint32_t)(v + 128));
}

/* The second of a pair fills up what the first left. */
static bool half_pair;
static void put_212(struct bytes *b, int32_t v)
{
    uint32_t u = (uint32_t)v & 0xfff;
    if (!half_pair) {
        put_byte(b, u), put_byte(b, u >> 8);
    } else {
        b->data[b->n - 1] |= (unsigned char)(u >> 8 << 4);
        put_byte(b, u);
    }
    half_pair = !half_pair;
}

static const struct format {
    int code;
    void (*put)(struct bytes *b, int32_t v);
    int32_t lowest, highest, missing;
} formats[] = {
    {16, put_16, -32767, 32767, -32768},
    {24, put_24, -8388607, 8388607, -8388608},
    {32, put_32, -2147483647, 2147483647, INT32_MIN},
    {61, put_61, -32767, 32767, -32768},
    {80, put_80, -127, 127, -128},
    {212, put_212, -2047, 2047, -2048},
};

static const struct format *format_of(int code)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++)
        if (formats[i].code == code) return &formats[i];
    cr_assert_fail("format %d", code);
    return NULL;
}

/* --- Records of them ------------------------------------------------------------------ */

struct layout {                             // of a record; signal 12 is no lead
    const struct format *format, *others;   // others: of signals from 7 on, in a second file
    int n_samples, offset, skew, per_frame; // per_frame: of all but signal 12, 0: 1
    const char *gain, *ending;              // ending: of the first file, NULL: dat
    int wrong_sum, wrong_initial;           // signals from 1; 0: none
    bool without_count;
};

static const struct format *format_in(const struct layout *l, int signal)
{
    return l->others && signal >= 7 ? l->others : l->format;
}

static int per_frame(const struct layout *l, int signal)
{
    return signal < 12 && l->per_frame ? l->per_frame : 1;
}

/* Sample k of a signal: its extremes, a missing one, and then anything. */
static int32_t sample(const struct layout *l, int signal, int k)
{
    const struct format *f = format_in(l, signal);
    if (k == 1) return f->highest;
    if (k == 2) return f->missing;
    if (k == 3) return f->lowest;
    struct leadseq_random r;
    leadseq_random_init(&r, 1, LEADSEQ_STREAM_TEST, (uint64_t)signal, (uint64_t)k);
    uint64_t span = (uint64_t)((int64_t)f->highest - f->lowest + 1);
    return (int32_t)(f->lowest + (int64_t)leadseq_random_below(&r, span));
}

static struct bytes data_of(const struct layout *l, int first, int last)
{
    struct bytes b = {.n = (size_t)l->offset};
    half_pair = false;
    for (int k = 0; k < l->n_samples; k++)
        for (int i = first; i < last; i++)
            for (int j = 0; j < per_frame(l, i); j++)
                format_in(l, i)->put(&b, sample(l, i, k * per_frame(l, i) + j));
    return b;
}

static void print_signal(FILE *out, const struct layout *l, int i)
{
    uint32_t sum = 0;
    for (int k = 0; k < l->n_samples * per_frame(l, i); k++) sum += (uint32_t)sample(l, i, k);
    bool second = l->others && i >= 7;
    fprintf(out, "%s.%s %d", second ? "s" : "r", second || !l->ending ? "dat" : l->ending,
            format_in(l, i)->code);
    if (per_frame(l, i) > 1) fprintf(out, "x%d", per_frame(l, i));
    if (l->skew && i % 2) fprintf(out, ":%d", l->skew);
    fprintf(out, "+%d %s 16 0 %d %d 0 %s\n", l->offset, l->gain ? l->gain : "1000/mV",
            sample(l, i, 0) ^ (l->wrong_initial == i + 1), (int16_t)(sum ^ (l->wrong_sum == i + 1)),
            i < 12 ? leadseq_lead_name[i] : "resp");
}

static void put_record(const struct layout *l)
{
    FILE *out = fopen(in_folder("r.hea"), "w");
    cr_assert(out);
    fprintf(out, "r %d 250", SIGNALS);
    if (!l->without_count) fprintf(out, " %d", l->n_samples);
    fputc('\n', out);
    for (int i = 0; i < SIGNALS; i++) print_signal(out, l, i);
    cr_assert_eq(fclose(out), 0);
    struct bytes first = data_of(l, 0, l->others ? 7 : SIGNALS);
    put_bytes(l->ending ? "r.mat" : "r.dat", first.data, first.n);
    if (!l->others) return;
    struct bytes second = data_of(l, 7, SIGNALS);
    put_bytes("s.dat", second.data, second.n);
}

static struct leadseq_record *accept(void)
{
    struct leadseq_record *r = leadseq_record_open(in_folder("r"));
    cr_assert(r, "%s", leadseq_error());
    return r;
}

static void refuse(const char *says)
{
    leadseq_error_clear();
    cr_assert_null(leadseq_record_open(in_folder("r")), "accepted, expected: %s", says);
    cr_assert_error_has(folder);
    cr_assert_error_has(says);
}

/* Every sample of every lead is (adu - baseline)/gain of what was written. */
static void check(const struct layout *l, double gain, double baseline)
{
    struct leadseq_record *r = accept();
    int n = l->n_samples * per_frame(l, 0);
    cr_assert_eq(r->n_samples, (size_t)n);
    cr_assert_eq(r->rate_hz, 250 * per_frame(l, 0));
    for (int lead = 0; lead < LEADSEQ_LEADS; lead++) {
        int skew = lead % 2 ? l->skew : 0;
        for (int k = 0; k < n; k++) {
            double found = (double)r->mv[lead * n + k];
            int32_t adu = k + skew < n ? sample(l, lead, k + skew) : format_in(l, lead)->missing;
            if (adu == format_in(l, lead)->missing) {
                cr_assert(isnan(found), "lead %d sample %d", lead, k);
                continue;
            }
            double mv = (adu - baseline) / gain;
            cr_assert_float_eq(found, mv, 1e-6 * fabs(mv) + 1e-9, "lead %d sample %d: %g for %g",
                               lead, k, found, mv);
        }
    }
    leadseq_record_close(r);
}

/* --- Bad input ----------------------------------------------------------------------- */

Test(wfdb_format, a_wrong_checksum_or_initial_value_is_refused_in_every_format_and_signal)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++)
        for (int signal = 1; signal <= SIGNALS; signal++) {
            struct layout l = {&formats[i], .n_samples = SAMPLES, .wrong_sum = signal};
            put_record(&l);
            refuse("expected the checksum");
            l.wrong_sum = 0, l.wrong_initial = signal;
            put_record(&l);
            refuse("expected the initial value");
        }
}

Test(wfdb_format, every_length_but_the_right_one_is_refused_in_every_format)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++) {
        struct layout l = {&formats[i], .n_samples = SAMPLES};
        put_record(&l);
        struct bytes whole = data_of(&l, 0, SIGNALS);
        for (int change = -6; change <= 6; change++) {
            // 13 x 31 samples are odd: one more byte fills up the last three of 212
            if (change == 0 || (change == 1 && formats[i].code == 212)) continue;
            cr_assert_eq(truncate(in_folder("r.dat"), (off_t)whole.n + change), 0);
            refuse(change < 0 ? "truncated" : "longer than its header says");
        }
    }
}

Test(wfdb_format, half_a_sample_at_the_end_is_refused_where_the_header_does_not_count)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++) {
        struct layout l = {&formats[i], .n_samples = 16, .without_count = true};
        put_record(&l);
        check(&l, 1000, 0);
        struct bytes whole = data_of(&l, 0, SIGNALS);
        cr_assert_eq(truncate(in_folder("r.dat"), (off_t)whole.n - 1), 0);
        refuse("whole frames of 13 samples");
        cr_assert_eq(truncate(in_folder("r.dat"), (off_t)whole.n - 2), 0);
        refuse("whole frames of 13 samples");
    }
}

Test(wfdb_format, a_damaged_matlab_head_is_refused_by_the_field_that_is_wrong)
{
    static const struct {
        int at, value;
        const char *says;
    } cases[] = {
        {0, 0, "type: expected 30"},
        {0, 31, "type: expected 30"},
        {4, 12, "rows: expected 13"},
        {8, 30, "columns: expected 31"},
        {12, 1, "imaginary"},
        {16, 5, "expected 24"},
        {0, 'M', "type"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct layout l = {format_of(16), .n_samples = SAMPLES, .offset = 24, .ending = "mat"};
        put_record(&l);
        struct bytes b = data_of(&l, 0, SIGNALS);
        memcpy(b.data, (int32_t[]){30, SIGNALS, SAMPLES, 0, 4}, 20);
        b.data[cases[i].at] = (unsigned char)cases[i].value;
        put_bytes("r.mat", b.data, b.n);
        refuse(cases[i].says);
    }
    struct layout l = {format_of(16), .n_samples = SAMPLES, .offset = 24, .ending = "mat"};
    struct bytes b = data_of(&l, 0, SIGNALS);
    memcpy(b.data, "MATLAB 5.0 MAT-file", 19);
    put_bytes("r.mat", b.data, b.n);
    refuse("MATLAB 5.0; save it again with -v4");
    b.n += 8; // as such files are, longer than their matrix
    put_bytes("r.mat", b.data, b.n);
    refuse("MATLAB 5.0; save it again with -v4");
    memcpy(b.data, "MATLAB 7.3 MAT-file", 19);
    put_bytes("r.mat", b.data, 120);
    refuse("MATLAB 7.3");
    memcpy(b.data, "\x89HDF\r\n\x1a\n", 8);
    put_bytes("r.mat", b.data, 120);
    refuse("MATLAB 7.3");
    l.format = format_of(212);
    put_record(&l);
    refuse("expected format 16, 32 or 80");
}

Test(wfdb_format, leads_of_unlike_rates_are_refused)
{
    struct layout l = {format_of(16), .n_samples = SAMPLES, .per_frame = 2};
    put_record(&l);
    char *text = leadseq_file_read(in_folder("r.hea"), 10000, NULL);
    char *last = strstr(text, "16x2");
    while (strstr(last + 1, "16x2")) last = strstr(last + 1, "16x2");
    last[3] = '4';
    put("r.hea", text);
    free(text);
    refuse("at one rate, found I at 500 Hz and V6 at 1000 Hz");
}

Test(wfdb_format, a_file_of_two_formats_is_refused)
{
    struct layout l = {format_of(16), .n_samples = SAMPLES};
    put_record(&l);
    char *text = leadseq_file_read(in_folder("r.hea"), 10000, NULL);
    memcpy(strstr(strstr(text, "AVR"), " 16+") + 1, "61", 2);
    put("r.hea", text);
    free(text);
    refuse("expected format 16+0 as of the other signals");
}

/* --- Every sample ---------------------------------------------------------------------- */

Test(wfdb_format, every_sample_of_every_format_is_as_written)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++)
        for (int n = 4; n <= SAMPLES; n++) {
            struct layout l = {&formats[i], .n_samples = n, .offset = n % 3};
            put_record(&l);
            check(&l, 1000, 0);
        }
}

Test(wfdb_format, a_last_triple_of_212_may_be_filled_up)
{
    struct layout l = {format_of(212), .n_samples = SAMPLES};
    for (int without = 0; without < 2; without++) {
        l.without_count = without;
        put_record(&l);
        struct bytes b = data_of(&l, 0, SIGNALS);
        cr_assert_eq(b.n % 3, 2);
        put_byte(&b, 0);
        put_bytes("r.dat", b.data, b.n);
        check(&l, 1000, 0);
    }
}

Test(wfdb_format, two_files_may_have_two_formats)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++)
        for (size_t k = 0; k < LEADSEQ_COUNT(formats); k++) {
            struct layout l = {&formats[i], .others = &formats[k], .n_samples = SAMPLES};
            put_record(&l);
            check(&l, 1000, 0);
        }
}

Test(wfdb_format, units_gains_and_baselines_become_millivolts)
{
    static const struct {
        const char *gain;
        double adu_per_mv, baseline;
    } cases[] = {
        {"200", 200, 0},           {"4.88/uV", 4880, 0},     {"306(-12)/mV", 306, -12},
        {"2e5(7)/V", 200, 7},      {"0.5(1)/nV", 500000, 1}, {"-200/mV", -200, 0},
        {"1000.0(0)/mV", 1000, 0},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++)
        for (size_t k = 0; k < LEADSEQ_COUNT(formats); k++) {
            struct layout l = {&formats[k], .n_samples = SAMPLES, .gain = cases[i].gain};
            put_record(&l);
            check(&l, cases[i].adu_per_mv, cases[i].baseline);
        }
}

Test(wfdb_format, a_skewed_signal_is_advanced_and_its_end_is_missing)
{
    static const int skews[] = {1, 3, SAMPLES - 1, SAMPLES, 1000000};
    for (size_t i = 0; i < LEADSEQ_COUNT(skews); i++) {
        struct layout l = {format_of(212), .n_samples = SAMPLES, .skew = skews[i]};
        put_record(&l);
        check(&l, 1000, 0);
    }
}

/* Files are read in blocks; those of 212 begin with a pair of samples although a frame has 13. */
Test(wfdb_format, long_records_are_read_whole)
{
    struct layout l = {format_of(212), .n_samples = 40321, .skew = 20165};
    put_record(&l);
    check(&l, 1000, 0);
    l.wrong_sum = 13;
    put_record(&l);
    refuse("signal 13");
}

Test(wfdb_format, several_samples_in_a_frame_multiply_the_rate)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++)
        for (int each = 2; each <= PER_FRAME_MAX; each++) {
            struct layout l = {&formats[i], .n_samples = SAMPLES, .per_frame = each, .skew = 5};
            put_record(&l);
            check(&l, 1000, 0);
        }
}

Test(wfdb_format, matlab_matrices_of_the_three_types_are_read)
{
    static const struct {
        int code, type;
    } cases[] = {{16, 30}, {32, 20}, {80, 50}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct layout l = {format_of(cases[i].code), .n_samples = SAMPLES, .offset = 24};
        l.ending = "mat";
        put_record(&l);
        struct bytes b = data_of(&l, 0, SIGNALS);
        for (int k = 0; k < 20; k++) b.data[k] = 0;
        b.data[0] = (unsigned char)cases[i].type;
        b.data[4] = SIGNALS, b.data[8] = SAMPLES, b.data[16] = 4;
        memcpy(b.data + 20, "val", 4);
        put_bytes("r.mat", b.data, b.n);
        check(&l, 1000, 0);
    }
}
