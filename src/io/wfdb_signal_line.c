/* SPDX-License-Identifier: MIT
 *
 * One signal line of a WFDB header,
 *   file format[xN][:skew][+offset]
 *        [gain[(baseline)][/units] [adcres [adczero [initval [checksum [blksize [description]]]]]]]
 * with WFDB's defaults for what is left out. */
#include "io_private.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { OFFSET_MAX = INT32_MAX, PER_FRAME_MAX = 1024 };

struct place {
    const char *path;
    int line;
};

static int bad(const struct place *at, const char *field, const char *expected, const char *found)
{
    return leadseq_fail("%s:%d: %s: expected %s, found \"%.100s\"", at->path, at->line, field,
                        expected, found);
}

/* Millivolts of one unit; NaN where it is no voltage. */
static double millivolts_of(const char *units)
{
    static const struct {
        const char *name;
        double mv;
    } table[] = {
        {"mV", 1},           {"uV", 1e-3}, {"\xc2\xb5V", 1e-3}, // micro sign, UTF-8
        {"\xce\xbcV", 1e-3},                                    // Greek mu, UTF-8
        {"\xb5V", 1e-3},                                        // micro sign, Latin-1
        {"nV", 1e-6},        {"V", 1e3},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(table); i++)
        if (!strcasecmp(units, table[i].name)) return table[i].mv;
    return NAN;
}

static int parse_file(struct leadseq_wfdb_signal *s, const struct place *at, const char *word)
{
    if (!io_is_plain_name(word) || !strcmp(word, "-"))
        return bad(at, "signal file", "the name of a file beside the header, without a folder",
                   word);
    if (!io_copy(s->file_name, sizeof s->file_name, word))
        return bad(at, "signal file", "at most 255 characters", word);
    return 0;
}

/* The number that `mark` starts in *text, which is cut before it; *value stays
 * where there is none. */
static bool cut_number(char *text, char mark, long lo, long hi, int *value)
{
    char *p = strchr(text, mark);
    if (!p) return true;
    int64_t v;
    if (!leadseq_parse_integer(p + 1, lo, hi, &v)) return false;
    *p = '\0';
    *value = (int)v;
    return true;
}

static int parse_format(struct leadseq_wfdb_signal *s, const struct place *at, char *word)
{
    if (!word || !isdigit((unsigned char)*word))
        return bad(at, "format", "a number such as 16", word ? word : "nothing");
    int64_t code = 0;
    int offset = 0;
    s->samples_per_frame = 1;
    // from the right, so that each leaves the grammar before it
    if (!cut_number(word, '+', 0, OFFSET_MAX, &offset))
        return bad(at, "byte offset", "a number from 0 after the +", word);
    if (!cut_number(word, ':', 0, INT_MAX, &s->skew))
        return bad(at, "skew", "a number from 0 after the :", word);
    if (!cut_number(word, 'x', 1, PER_FRAME_MAX, &s->samples_per_frame))
        return bad(at, "samples per frame", "a number from 1 to 1024 after the x", word);
    if (!leadseq_parse_integer(word, 0, 100000, &code))
        return bad(at, "format", "a number such as 16", word);
    s->format = (int)code;
    s->byte_offset = offset;
    return 0;
}

/* Says why a signal's samples cannot become millivolts. Whether that matters is the reader's: a
 * signal that is not drawn may have any gain. */
static void uncalibrated(struct leadseq_wfdb_signal *s, const char *field, const char *expected,
                         const char *found)
{
    if (*s->uncalibrated) return; // the first reason stays
    snprintf(s->uncalibrated, sizeof s->uncalibrated, "%s: expected %s, found \"%.60s\"", field,
             expected, found);
    s->gain_adu_per_mv = NAN;
}

static void parse_units(struct leadseq_wfdb_signal *s, const char *text)
{
    if (!*text) uncalibrated(s, "units", "a unit after the /", "nothing");
    if (!io_copy(s->units, sizeof s->units, text))
        uncalibrated(s, "units", "mV, uV, nV or V", text);
}

static void parse_baseline(struct leadseq_wfdb_signal *s, char *open, bool *has_baseline)
{
    size_t n = strlen(open);
    int64_t baseline;
    if (open[n - 1] != ')') {
        uncalibrated(s, "baseline", "a number between ( and )", open);
        return;
    }
    open[n - 1] = '\0';
    if (leadseq_parse_integer(open + 1, INT32_MIN, INT32_MAX, &baseline)) {
        s->baseline_adu = (double)baseline;
        *has_baseline = true;
    } else {
        uncalibrated(s, "baseline", "a whole number from -2147483648 to 2147483647 (ADC units)",
                     open + 1);
    }
}

/* gain[(baseline)][/units] */
static void parse_gain(struct leadseq_wfdb_signal *s, char *word, bool *has_baseline)
{
    char *slash = strchr(word, '/');
    if (slash) {
        *slash = '\0';
        parse_units(s, slash + 1);
    }
    char *open = strchr(word, '(');
    if (open) {
        parse_baseline(s, open, has_baseline);
        *open = '\0';
    }
    double gain;
    if (!leadseq_parse_number(word, -1e300, 1e300, &gain))
        uncalibrated(s, "gain", "a number of ADC units per physical unit", word);
    else if (!*s->uncalibrated)
        s->gain_adu_per_mv = gain;
}

/* Turns ADC units per physical unit into ADC units per millivolt. A negative gain is a signal
 * recorded upside down, as WFDB reads it. */
static void resolve_gain(struct leadseq_wfdb_signal *s)
{
    if (*s->uncalibrated) return;
    char found[32];
    double written = s->gain_adu_per_mv, gain = written / millivolts_of(s->units);
    snprintf(found, sizeof found, "%.9g", isnan(gain) ? written : gain);
    if (written == 0)
        uncalibrated(s, "gain",
                     "ADC units per physical unit (0 means not calibrated, so millivolts are "
                     "unknown: write the gain into the header, or leave it out for WFDB's default "
                     "of 200 per mV)",
                     "0");
    else if (isnan(gain))
        uncalibrated(s, "units", "mV, uV, nV or V", s->units);
    else if (fabs(gain) < 1e-6 || fabs(gain) > 1e12)
        uncalibrated(s, "gain", "from 1e-6 to 1e12 ADC units per mV, or the negative of that",
                     found);
    else
        s->gain_adu_per_mv = gain;
}

/* The fields from adcres on; false in *said where the line ended before. */
static int parse_integer(const struct place *at, char **line, const char *field, long lo, long hi,
                         int *value, bool *said)
{
    char *word = io_next_word(line);
    if (said) *said = word != NULL;
    if (!word) return 0;
    int64_t v;
    if (!leadseq_parse_integer(word, lo, hi, &v)) {
        char expected[64];
        snprintf(expected, sizeof expected, "a whole number from %ld to %ld", lo, hi);
        return bad(at, field, expected, word);
    }
    *value = (int)v;
    return 0;
}

/* Some writers store the whole sum; WFDB compares the low 16 bits of any. */
static int parse_checksum(const struct place *at, char **line, struct leadseq_wfdb_signal *s)
{
    char *word = io_next_word(line);
    s->has_checksum = word != NULL;
    int64_t sum = 0;
    if (word && !leadseq_parse_integer(word, INT64_MIN, INT64_MAX, &sum))
        return bad(at, "checksum", "a whole number of at most 64 bits", word);
    s->checksum = sum < INT16_MIN || sum > UINT16_MAX ? (int)(sum & 0xffff) : (int)sum;
    return 0;
}

int io_wfdb_signal_parse(struct leadseq_wfdb_signal *s, char *line, const char *path,
                         int line_number)
{
    const struct place at = {path, line_number};
    *s = (struct leadseq_wfdb_signal){.gain_adu_per_mv = 200, .units = "mV", .line = line_number};
    bool has_baseline = false;
    if (parse_file(s, &at, io_next_word(&line))) return -1;
    if (parse_format(s, &at, io_next_word(&line))) return -1;
    char *word = io_next_word(&line);
    if (word) parse_gain(s, word, &has_baseline);
    resolve_gain(s);

    s->adc_resolution_bits = 12; // WFDB's default
    if (parse_integer(&at, &line, "ADC resolution", 0, 64, &s->adc_resolution_bits, NULL) ||
        parse_integer(&at, &line, "ADC zero", INT32_MIN, INT32_MAX, &s->adc_zero, NULL) ||
        parse_integer(&at, &line, "initial value", INT32_MIN, INT32_MAX, &s->initial_value,
                      &s->has_initial_value) ||
        parse_checksum(&at, &line, s) ||
        parse_integer(&at, &line, "block size", 0, INT32_MAX, &s->block_size, NULL))
        return -1;
    if (!has_baseline) s->baseline_adu = s->adc_zero;
    io_copy(s->description, sizeof s->description, io_trim(line));
    return 0;
}
