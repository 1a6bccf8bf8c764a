/* SPDX-License-Identifier: MIT */
#include "io/io.h"

#include "folder.h"

#include <math.h>

TestSuite(wfdb_header, .init = make_folder, .fini = remove_folder);

static int read_text(struct leadseq_wfdb_header *h, const char *text)
{
    return leadseq_wfdb_header_read(h, put("r.hea", text));
}

static const struct {
    const char *text, *says;
} refused[] = {
    {"", "no record line"},
    {"# only a comment\n\n", "no record line"},
    {"r\n", "r.hea:1: number of signals: expected 1 to 1024, found \"nothing\""},
    {"r 0 100 10\n", "number of signals"},
    {"r -3 100 10\n", "number of signals"},
    {"r 99999999999999999999 100\n", "number of signals"},
    {"r 1025 100 10\n", "number of signals"},
    {"r twelve 100 10\n", "found \"twelve\""},
    {"r/8 12 100 1000\n", "a record of 8 segments"},
    {"../r 1 100 10\n", "record name"},
    {"r/x 1 100 10\n", "record name"},
    {"r 1 0 10\nr.dat 16\n", "sampling frequency"},
    {"r 1 -100 10\nr.dat 16\n", "sampling frequency"},
    {"r 1 nan 10\nr.dat 16\n", "found \"nan\""},
    {"r 1 inf 10\nr.dat 16\n", "found \"inf\""},
    {"r 1 1e300 10\nr.dat 16\n", "sampling frequency"},
    {"r 1 0x64 10\nr.dat 16\n", "sampling frequency"},
    {"r 1 100/x(3) 10\nr.dat 16\n", "counter frequency"},
    {"r 1 100 -1\nr.dat 16\n", "number of samples"},
    {"r 1 100 1e3\nr.dat 16\n", "number of samples"},
    {"r 1 100 99999999999999999999\nr.dat 16\n", "number of samples"},
    {"r 1 100 2147483648\nr.dat 16\n", "number of samples"},
    {"r 2 100 10\nr.dat 16\n", "expected 2 signal lines as its record line says, found 1"},
    {"r 1 100 10\nr.dat 16\nr.dat 16\n", "r.hea:3: expected 1 signal lines"},
    {"r 1 100 10\n../r.dat 16\n", "r.hea:2: signal file"},
    {"r 1 100 10\n/etc/passwd 16\n", "signal file"},
    {"r 1 100 10\n.. 16\n", "signal file"},
    {"r 1 100 10\n- 16\n", "signal file"},
    {"r 1 100 10\nr.dat\n", "format"},
    {"r 1 100 10\nr.dat sixteen\n", "format"},
    {"r 1 100 10\nr.dat 16+\n", "byte offset"},
    {"r 1 100 10\nr.dat 16+-4\n", "byte offset"},
    {"r 1 100 10\nr.dat 16+99999999999\n", "byte offset"},
    {"r 1 100 10\nr.dat 16:z\n", "skew"},
    {"r 1 100 10\nr.dat 16x0\n", "samples per frame"},
    {"r 1 100 10\nr.dat 16 200 -1\n", "ADC resolution"},
    {"r 1 100 10\nr.dat 16 200 16 x\n", "ADC zero"},
    {"r 1 100 10\nr.dat 16 200 16 0 4294967296\n", "initial value"},
    {"r 1 100 10\nr.dat 16 200 16 0 0 99999999999999999999\n", "checksum"},
    {"r 1 100 10\nr.dat 16 200 16 0 0 1.5\n", "checksum"},
    {"r 1 100 10\nr.dat 16 200 16 0 0 0 I\n", "block size"},
};

Test(wfdb_header, what_cannot_be_is_refused_by_line_and_reason)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(refused); i++) {
        struct leadseq_wfdb_header h;
        leadseq_error_clear();
        cr_assert_eq(read_text(&h, refused[i].text), -1, "accepted: %s", refused[i].text);
        cr_assert_error_has("r.hea");
        cr_assert_error_has(refused[i].says);
        cr_assert_null(h.signals);
        leadseq_wfdb_header_clear(&h);
    }
}

/* Such a signal may be any but one of the leads, which test_record tries. */
Test(wfdb_header, what_cannot_become_millivolts_is_told_by_its_signal)
{
    static const struct {
        const char *gain, *says;
    } cases[] = {
        {"0", "gain: expected ADC units per physical unit (0 means not calibrated"},
        {"0.0(0)/mV", "not calibrated"},
        {"nan", "gain: expected a number"},
        {"1e999", "gain: expected a number"},
        {"1e-200", "gain: expected from 1e-6 to 1e12"},
        {"-1e-200", "gain: expected from 1e-6 to 1e12"},
        {"abc/mV", "gain: expected a number"},
        {"200(5/mV", "baseline: expected a number between ( and )"},
        {"200()/mV", "baseline: expected a whole number from -2147483648 to 2147483647"},
        {"200(99999999999)/mV", "found \"99999999999\""},
        {"200/", "units: expected a unit after the /"},
        {"200/aVeryLongUnitIndeed", "units: expected mV, uV, nV or V, found \"aVeryLong"},
        {"200/mmHg", "units: expected mV, uV, nV or V, found \"mmHg\""},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_wfdb_header h;
        char text[128];
        snprintf(text, sizeof text, "r 1 100 10\nr.dat 16 %s 16 0 0 0 0 NIBP\n", cases[i].gain);
        cr_assert_eq(read_text(&h, text), 0, "%s", leadseq_error());
        cr_assert(strstr(h.signals->uncalibrated, cases[i].says), "%s: %s", cases[i].gain,
                  h.signals->uncalibrated);
        cr_assert(isnan(h.signals->gain_adu_per_mv));
        cr_assert_eq(h.signals->line, 2);
        cr_assert_str_eq(h.signals->description, "NIBP");
        leadseq_wfdb_header_clear(&h);
    }
}

Test(wfdb_header, a_negative_gain_is_a_signal_upside_down)
{
    struct leadseq_wfdb_header h;
    cr_assert_eq(read_text(&h, "r 1 100 10\nr.dat 16 -200(3)/uV\n"), 0, "%s", leadseq_error());
    cr_assert_float_eq(h.signals->gain_adu_per_mv, -200e3, 1e-6);
    cr_assert_str_eq(h.signals->uncalibrated, "");
    leadseq_wfdb_header_clear(&h);
}

Test(wfdb_header, of_a_checksum_the_low_16_bits_count)
{
    static const struct {
        const char *text;
        uint16_t low;
    } cases[] = {{"70683", 5147},   {"65536", 0},          {"-32769", 32767},
                 {"-70683", 60389}, {"4294967295", 65535}, {"-1", 65535}};
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        struct leadseq_wfdb_header h;
        char text[128];
        snprintf(text, sizeof text, "r 1 100 10\nr.dat 16 200 16 0 0 %s 0 I\n", cases[i].text);
        cr_assert_eq(read_text(&h, text), 0, "%s", leadseq_error());
        cr_assert_eq((uint16_t)h.signals->checksum, cases[i].low, "%s", cases[i].text);
        leadseq_wfdb_header_clear(&h);
    }
}

/* With a byte order mark before a comment or the record line, and every line end there is. */
Test(wfdb_header, marks_and_line_ends_of_other_systems_are_read)
{
    static const char *const marks[] = {"", "\xef\xbb\xbf"}, *const ends[] = {"\n", "\r\n", "\r"},
                             *const comments[] = {"", "# exported%s"};
    for (int i = 0; i < 12; i++) {
        const char *mark = marks[i % 2], *e = ends[i / 2 % 3], *comment = comments[i / 6];
        char first[32], text[256];
        struct leadseq_wfdb_header h;
        snprintf(first, sizeof first, *comment ? "# exported%s" : "%s", *comment ? e : "");
        snprintf(text, sizeof text, "%s%sr 2 100 10%s%s# between%sr.dat 16%sr.dat 16%s# Age: 4%s",
                 mark, first, e, e, e, e, e, e);
        cr_assert_eq(read_text(&h, text), 0, "%d: %s", i, leadseq_error());
        cr_assert_str_eq(h.record_name, "r");
        cr_assert_eq(h.n_signals, 2);
        cr_assert_str_eq(h.comments, *comment ? "exported\nbetween\nAge: 4" : "between\nAge: 4");
        cr_assert_eq(h.signals[1].line, 5 + (*comment != '\0'), "lines are counted alike");
        leadseq_wfdb_header_clear(&h);
    }
}

Test(wfdb_header, a_message_cannot_steer_a_terminal)
{
    struct leadseq_wfdb_header h;
    cr_assert_eq(read_text(&h, "r 1 100\x1b[2J 10\nr.dat 16\n"), -1);
    cr_assert_error_has("found \"100\\u001b[2J\"");
    cr_assert_null(strchr(leadseq_error(), '\x1b'));
}

Test(wfdb_header, a_binary_file_a_huge_file_and_a_missing_one_are_refused)
{
    struct leadseq_wfdb_header h;
    cr_assert_eq(leadseq_wfdb_header_read(&h, put_bytes("r.hea", "r 1\0\n", 5)), -1);
    cr_assert_error_has("no text");
    cr_assert_eq(truncate(in_folder("r.hea"), 5 << 20), 0);
    cr_assert_eq(leadseq_wfdb_header_read(&h, in_folder("r.hea")), -1);
    cr_assert_error_has("found 5242880");
    cr_assert_eq(leadseq_wfdb_header_read(&h, in_folder("none.hea")), -1);
    cr_assert_error_has("none.hea");
}

Test(wfdb_header, every_field_of_the_grammar_is_read)
{
    struct leadseq_wfdb_header h;
    cr_assert_eq(read_text(&h,
                           "# before\r\n"
                           "\r\n"
                           "r_1-a 3 360.5/720(17) 650000 12:30:05.5 25/12/1989\r\n"
                           "r.dat 16x2:5+24 200.5(-7)/uV 11 1024 995 -22131 512 lead  V1 left \r\n"
                           "# between\r\n"
                           "r.dat 212 1000/mV 12 3\r\n"
                           "s.dat 80\r\n"
                           "# after: it\r\n"
                           "#\r\n"
                           "  # last"),
                 0, "%s", leadseq_error());
    cr_assert_str_eq(h.record_name, "r_1-a");
    cr_assert_eq(h.n_signals, 3);
    cr_assert_eq(h.rate_hz, 360.5);
    cr_assert_eq(h.n_samples, 650000);
    cr_assert_str_eq(h.start, "12:30:05.5 25/12/1989");
    cr_assert_str_eq(h.comments, "before\nbetween\nafter: it\n\nlast");

    const struct leadseq_wfdb_signal *s = h.signals;
    cr_assert_str_eq(s->file_name, "r.dat");
    cr_assert_eq(s->format, 16);
    cr_assert_eq(s->samples_per_frame, 2);
    cr_assert_eq(s->skew, 5);
    cr_assert_eq(s->byte_offset, 24);
    cr_assert_float_eq(s->gain_adu_per_mv, 200500, 1e-6);
    cr_assert_eq(s->baseline_adu, -7);
    cr_assert_str_eq(s->units, "uV");
    cr_assert_eq(s->adc_resolution_bits, 11);
    cr_assert_eq(s->adc_zero, 1024);
    cr_assert(s->has_initial_value && s->initial_value == 995);
    cr_assert(s->has_checksum && s->checksum == -22131);
    cr_assert_eq(s->block_size, 512);
    cr_assert_str_eq(s->description, "lead  V1 left");
    leadseq_wfdb_header_clear(&h);
}

Test(wfdb_header, what_is_left_out_has_the_defaults_of_wfdb)
{
    struct leadseq_wfdb_header h;
    cr_assert_eq(read_text(&h, "r 2\na.dat 16\na.dat 16 1000 12 3"), 0, "%s", leadseq_error());
    cr_assert_eq(h.rate_hz, 250);
    cr_assert_eq(h.n_samples, 0);
    cr_assert_str_eq(h.start, "");
    cr_assert_str_eq(h.comments, "");
    cr_assert_eq(h.signals[0].gain_adu_per_mv, 200);
    cr_assert_str_eq(h.signals[0].units, "mV");
    cr_assert_eq(h.signals[0].baseline_adu, 0);
    cr_assert_eq(h.signals[0].samples_per_frame, 1);
    cr_assert(!h.signals[0].has_initial_value && !h.signals[0].has_checksum);
    cr_assert_str_eq(h.signals[0].description, "");
    cr_assert_eq(h.signals[1].baseline_adu, 3, "the baseline is the ADC's zero where not said");
    cr_assert(!h.signals[1].has_initial_value);
    leadseq_wfdb_header_clear(&h);
}

Test(wfdb_header, units_become_adc_units_per_millivolt)
{
    static const struct {
        const char *units;
        double gain;
    } cases[] = {
        {"mV", 10},          {"mv", 10},      {"uV", 10e3}, {"\xc2\xb5V", 10e3},
        {"\xce\xbcV", 10e3}, {"\xb5V", 10e3}, {"nV", 10e6}, {"V", 0.01},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(cases); i++) {
        char text[64];
        struct leadseq_wfdb_header h;
        snprintf(text, sizeof text, "r 1 100 10\nr.dat 16 10/%s\n", cases[i].units);
        cr_assert_eq(read_text(&h, text), 0, "%s", leadseq_error());
        cr_assert_float_eq(h.signals->gain_adu_per_mv / cases[i].gain, 1, 1e-12, "%s",
                           cases[i].units);
        cr_assert_str_eq(h.signals->units, cases[i].units);
        leadseq_wfdb_header_clear(&h);
    }
    struct leadseq_wfdb_header h;
    cr_assert_eq(read_text(&h, "r 1 100 10\nr.dat 16 10/mmHg\n"), 0,
                 "signals of other kinds are allowed");
    cr_assert(isnan(h.signals->gain_adu_per_mv));
    leadseq_wfdb_header_clear(&h);
}
