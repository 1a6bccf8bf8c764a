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

static int parse_units(struct leadseq_wfdb_signal *s, const struct place *at, const char *text)
{
    if (!*text) return bad(at, "units", "a unit after the /", "nothing");
    if (!io_copy(s->units, sizeof s->units, text))
        return bad(at, "units", "at most 15 characters", text);
    return 0;
}

/* gain[(baseline)][/units] */
static int parse_gain(struct leadseq_wfdb_signal *s, const struct place *at, char *word,
                      bool *has_baseline)
{
    char *slash = strchr(word, '/');
    if (slash) {
        *slash = '\0';
        if (parse_units(s, at, slash + 1)) return -1;
    }
    char *open = strchr(word, '(');
    if (open) {
        size_t n = strlen(open);
        int64_t baseline;
        if (open[n - 1] != ')') return bad(at, "baseline", "a number between ( and )", open);
        open[n - 1] = '\0';
        if (!leadseq_parse_integer(open + 1, INT32_MIN, INT32_MAX, &baseline))
            return bad(at, "baseline", "a whole number of ADC units", open + 1);
        s->baseline_adu = (double)baseline;
        *has_baseline = true;
        *open = '\0';
    }
    if (!leadseq_parse_number(word, -1e300, 1e300, &s->gain_adu_per_mv))
        return bad(at, "gain", "a number of ADC units per physical unit", word);
    return 0;
}

/* Turns ADC units per physical unit into ADC units per millivolt. */
static int resolve_gain(struct leadseq_wfdb_signal *s, const struct place *at)
{
    if (s->gain_adu_per_mv == 0)
        return leadseq_fail("%s:%d: gain: expected ADC units per physical unit, found 0 (not "
                            "calibrated), so millivolts are unknown; write the gain into the "
                            "header, or leave it out for WFDB's default of 200 per mV",
                            at->path, at->line);
    double gain = s->gain_adu_per_mv / millivolts_of(s->units);
    if (gain < 1e-6 || gain > 1e12)
        return leadseq_fail("%s:%d: gain: expected from 1e-6 to 1e12 ADC units per mV, found %g",
                            at->path, at->line, gain);
    s->gain_adu_per_mv = gain;
    return 0;
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

int io_wfdb_signal_parse(struct leadseq_wfdb_signal *s, char *line, const char *path,
                         int line_number)
{
    const struct place at = {path, line_number};
    *s = (struct leadseq_wfdb_signal){.gain_adu_per_mv = 200, .units = "mV"};
    bool has_baseline = false;
    if (parse_file(s, &at, io_next_word(&line))) return -1;
    if (parse_format(s, &at, io_next_word(&line))) return -1;
    char *word = io_next_word(&line);
    if (word && parse_gain(s, &at, word, &has_baseline)) return -1;
    if (resolve_gain(s, &at)) return -1;

    s->adc_resolution_bits = 12; // WFDB's default
    if (parse_integer(&at, &line, "ADC resolution", 0, 64, &s->adc_resolution_bits, NULL) ||
        parse_integer(&at, &line, "ADC zero", INT32_MIN, INT32_MAX, &s->adc_zero, NULL) ||
        parse_integer(&at, &line, "initial value", INT32_MIN, INT32_MAX, &s->initial_value,
                      &s->has_initial_value) ||
        parse_integer(&at, &line, "checksum", INT16_MIN, UINT16_MAX, &s->checksum,
                      &s->has_checksum) ||
        parse_integer(&at, &line, "block size", 0, INT32_MAX, &s->block_size, NULL))
        return -1;
    if (!has_baseline) s->baseline_adu = s->adc_zero;
    io_copy(s->description, sizeof s->description, io_trim(line));
    return 0;
}
