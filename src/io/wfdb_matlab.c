/* SPDX-License-Identifier: MIT
 *
 * The head of a MATLAB v4 matrix, which the PhysioNet challenges keep signals in,
 * a row a signal, and which WFDB reads as a byte offset before format 16, 32 or 80:
 *
 *   type, rows, columns, imaginary, bytes of the name (int32 each) | name | data
 *
 * with type = 1000·order + 10·precision (order 0: least significant byte first).
 * It must agree with the .hea file; the data are read as any other's. */
#include "io_private.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum { HEAD_BYTES = 20, WORDS = 5 };

bool io_is_matlab(const char *file_name)
{
    size_t n = strlen(file_name);
    return n > 4 && !strcasecmp(file_name + n - 4, ".mat");
}

/* MATLAB's type of a WFDB format; -1 if it has none. */
static int type_of(int format)
{
    switch (format) {
    case 16:
        return 30; // int16
    case 32:
        return 20; // int32
    case 80:
        return 50; // uint8
    default:
        return -1;
    }
}

static int read_head(const char *path, unsigned char head[HEAD_BYTES])
{
    FILE *file = fopen(path, "rb");
    if (!file) return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    size_t n = fread(head, 1, HEAD_BYTES, file);
    fclose(file);
    if (n == HEAD_BYTES) return 0;
    return leadseq_fail("%s: expected a MATLAB v4 matrix, found a file of %zu bytes", path, n);
}

static uint32_t word(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int io_matlab_version_check(const char *path)
{
    unsigned char head[HEAD_BYTES] = {0};
    FILE *file = fopen(path, "rb");
    if (!file) return 0; // reading it fails too, with the reason
    size_t n = fread(head, 1, HEAD_BYTES, file);
    fclose(file);
    char version[8] = "";
    if (n >= 10 && !memcmp(head, "MATLAB ", 7))
        snprintf(version, sizeof version, "%.3s", (const char *)head + 7);
    else if (n >= 4 && !memcmp(head, "\x89HDF", 4))
        snprintf(version, sizeof version, "7.3");
    if (!*version) return 0;
    return leadseq_fail("%s: expected a MATLAB v4 matrix, found a file of MATLAB %s; save it again "
                        "with -v4",
                        path, version);
}

int io_matlab_check(const char *path, int format, size_t byte_offset, size_t n_rows,
                    size_t n_columns)
{
    unsigned char head[HEAD_BYTES];
    if (read_head(path, head)) return -1;
    int type = type_of(format);
    if (type < 0)
        return leadseq_fail("%s: expected format 16, 32 or 80 in a MATLAB v4 file, found %d", path,
                            format);
    static const char *const what[WORDS] = {"type", "rows", "columns", "imaginary part",
                                            "bytes before the data"};
    const uint64_t expected[WORDS] = {(uint64_t)type, n_rows, n_columns, 0, byte_offset};
    for (int i = 0; i < WORDS; i++) {
        uint64_t found = word(head + 4 * i);
        if (i == WORDS - 1) found += HEAD_BYTES; // the length of the name
        if (found != expected[i])
            return leadseq_fail("%s: %s: expected %llu of the MATLAB v4 matrix its header speaks "
                                "of, found %llu",
                                path, what[i], (unsigned long long)expected[i],
                                (unsigned long long)found);
    }
    return 0;
}
