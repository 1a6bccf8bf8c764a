/* SPDX-License-Identifier: MIT
 *
 * Sample formats of WFDB signal files: how many bytes samples take and how one is
 * found. A format is one row of the table. */
#include "io_private.h"

#include <string.h>

static size_t bytes_16(size_t n)
{
    return 2 * n;
}

/* Two's complement, least significant byte first, whatever the host's order. */
static int32_t sample_16(const unsigned char *data, size_t i)
{
    int32_t v = data[2 * i] | data[2 * i + 1] << 8;
    return v < 0x8000 ? v : v - 0x10000;
}

static const struct io_wfdb_format formats[] = {
    {16, bytes_16, sample_16, -32768},
};

static const char *describe(int code)
{
    static const struct {
        int code;
        const char *name;
    } known[] = {
        {0, "no signal file"},
        {8, "8-bit differences"},
        {24, "24-bit two's complement"},
        {32, "32-bit two's complement"},
        {61, "16-bit two's complement, most significant byte first"},
        {80, "8-bit offset binary"},
        {160, "16-bit offset binary"},
        {212, "pairs of 12-bit two's complement"},
        {310, "threes of 10-bit two's complement"},
        {311, "threes of 10-bit two's complement"},
        {508, "FLAC, 8-bit"},
        {516, "FLAC, 16-bit"},
        {524, "FLAC, 24-bit"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(known); i++)
        if (known[i].code == code) return known[i].name;
    return "unknown to WFDB";
}

const struct io_wfdb_format *io_wfdb_format(int code, const char *path)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++)
        if (formats[i].code == code) return &formats[i];

    char list[128] = "";
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++) {
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%d", n ? ", " : "", formats[i].code);
    }
    leadseq_fail("%s: signal format %d (%s) is not supported; expected one of: %s", path, code,
                 describe(code), list);
    return NULL;
}
