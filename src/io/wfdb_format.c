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

/* Two's complement of three bytes, least significant first. */
static size_t bytes_24(size_t n)
{
    return 3 * n;
}

static int32_t sample_24(const unsigned char *data, size_t i)
{
    const unsigned char *p = data + 3 * i;
    int32_t v = p[0] | p[1] << 8 | p[2] << 16;
    return v < 0x800000 ? v : v - 0x1000000;
}

static size_t bytes_32(size_t n)
{
    return 4 * n;
}

static int32_t sample_32(const unsigned char *data, size_t i)
{
    const unsigned char *p = data + 4 * i;
    uint32_t v = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return v < 0x80000000U ? (int32_t)v : (int32_t)(v - 0x80000000U) + INT32_MIN;
}

/* As 16 with the most significant byte first. */
static int32_t sample_61(const unsigned char *data, size_t i)
{
    int32_t v = data[2 * i] << 8 | data[2 * i + 1];
    return v < 0x8000 ? v : v - 0x10000;
}

/* Offset binary: 128 is 0. */
static size_t bytes_80(size_t n)
{
    return n;
}

static int32_t sample_80(const unsigned char *data, size_t i)
{
    return data[i] - 128;
}

/* Two samples a and b in three bytes, whatever signals they are of:
 *
 *   a7 … a0 | b11 … b8 a11 … a8 | b7 … b0
 *
 * A single last sample takes two bytes; some writers fill up its triple. */
static size_t bytes_212(size_t n)
{
    return n / 2 * 3 + n % 2 * 2;
}

static size_t padded_212(size_t n)
{
    return (n + 1) / 2 * 3;
}

static int32_t sample_212(const unsigned char *data, size_t i)
{
    const unsigned char *p = data + i / 2 * 3;
    int32_t v = i % 2 ? (p[1] & 0xf0) << 4 | p[2] : (p[1] & 0x0f) << 8 | p[0];
    return v < 0x800 ? v : v - 0x1000;
}

static const struct io_wfdb_format formats[] = {
    {16, bytes_16, bytes_16, sample_16, -32768},    {24, bytes_24, bytes_24, sample_24, -0x800000},
    {32, bytes_32, bytes_32, sample_32, INT32_MIN}, {61, bytes_16, bytes_16, sample_61, -32768},
    {80, bytes_80, bytes_80, sample_80, -128},      {212, bytes_212, padded_212, sample_212, -2048},
};

static const char *describe(int code)
{
    static const struct {
        int code;
        const char *name;
    } known[] = {
        {0, "no signal file"},
        {8, "8-bit differences"},
        {160, "16-bit offset binary"},
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

const struct io_wfdb_format *io_wfdb_format(int code)
{
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++)
        if (formats[i].code == code) return &formats[i];
    return NULL;
}

int io_wfdb_format_fail(int code, const char *path)
{
    char list[128] = "";
    for (size_t i = 0; i < LEADSEQ_COUNT(formats); i++) {
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%d", n ? ", " : "", formats[i].code);
    }
    return leadseq_fail("%s: signal format %d (%s) is not supported; expected one of: %s", path,
                        code, describe(code), list);
}
