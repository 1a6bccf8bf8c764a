/* SPDX-License-Identifier: MIT
 *
 * Text files of other programs: how lines end, marks before the first, and what is no text at
 * all. All readers of text begin here, so that a file one command reads is read by the others. */
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

#define AND_SAVE "; save it as UTF-8 (spreadsheets: \"CSV UTF-8\")"

const char *leadseq_foreign(const void *first, size_t n)
{
    static const struct {
        const char *begin;
        size_t bytes;
        const char *what;
    } table[] = {
        {"\x1f\x8b", 2, "a gzip file; unpack it first"},
        {"BZh91AY", 7, "a bzip2 file; unpack it first"},
        {"\xfd"
         "7zXZ",
         5, "an xz file; unpack it first"},
        {"\x28\xb5\x2f\xfd", 4, "a zstd file; unpack it first"},
        {"PK\x03\x04", 4, "a zip archive; unpack it first (.xlsx: save it as CSV)"},
        {"\x89HDF", 4, "an HDF5 file"},
        {"\x89PNG", 4, "a PNG file"},
        {"version https://git-lfs", 23, "a pointer of Git LFS; run git lfs pull"},
        {"/annex/objects/", 15, "a pointer of git-annex; run git annex get"},
        {"<!DOCTYPE", 9, "a web page; download it again"},
        {"<html", 5, "a web page; download it again"},
    };
    for (size_t i = 0; i < LEADSEQ_COUNT(table); i++)
        if (n >= table[i].bytes && !memcmp(first, table[i].begin, table[i].bytes))
            return table[i].what;
    return NULL;
}

/* Marks of byte orders that are not UTF-8's, which data other than text may begin with too. */
static const char *wide_text(const char *text, size_t n)
{
    if (n >= 4 && (!memcmp(text, "\xff\xfe\0\0", 4) || !memcmp(text, "\0\0\xfe\xff", 4)))
        return "UTF-32" AND_SAVE;
    bool wide = n >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2));
    return wide ? "UTF-16" AND_SAVE : NULL;
}

/* Marks of UTF-8's byte order at the beginning of lines are left out: files that have one may have
 * been put together, and a program may add one to a file that has one. */
static size_t drop_marks(char *text, size_t size)
{
    static const char mark[] = "\xef\xbb\xbf";
    char *to = strstr(text, mark);
    if (!to) return size;
    for (const char *from = to, *end = text + size; from < end;)
        if (!strncmp(from, mark, 3) && (to == text || to[-1] == '\n'))
            from += 3;
        else
            *to++ = *from++;
    *to = '\0';
    return (size_t)(to - text);
}

/* \r\n and \r become \n. */
static size_t end_lines(char *text, size_t size)
{
    char *to = memchr(text, '\r', size);
    if (!to) return size;
    for (const char *from = to, *end = text + size; from < end; from++) {
        if (*from == '\r' && from[1] == '\n') continue; // the byte after the last is a zero
        *to++ = *from == '\r' ? '\n' : *from;
    }
    *to = '\0';
    return (size_t)(to - text);
}

int leadseq_text_clean(char *text, size_t *size, const char *path)
{
    const char *foreign = leadseq_foreign(text, *size);
    if (!foreign) foreign = wide_text(text, *size);
    if (foreign) return leadseq_fail("%s: expected text, found %s", path, foreign);
    if (memchr(text, '\0', *size))
        return leadseq_fail("%s: expected text, found a zero byte: a binary file, or text in "
                            "UTF-16" AND_SAVE,
                            path);
    *size = drop_marks(text, end_lines(text, *size));
    return 0;
}

/* How many of the n bytes are ASCII before the first that is not, eight at a time. */
static size_t plain_bytes(const char *text, size_t n)
{
    size_t i = 0;
    for (uint64_t eight; i + 8 <= n; i += 8) {
        memcpy(&eight, text + i, 8);
        if (eight & UINT64_C(0x8080808080808080)) break;
    }
    while (i < n && !(text[i] & 0x80)) i++;
    return i;
}

int leadseq_text_check(const char *text, size_t size, const char *path)
{
    for (size_t i = 0; (i += plain_bytes(text + i, size - i)) < size;) {
        uint32_t code;
        size_t bytes = base_utf8_character((const unsigned char *)text + i, size - i, &code);
        if (!bytes) {
            size_t line = 1;
            for (size_t k = 0; k < i; k++) line += text[k] == '\n';
            return leadseq_fail("%s:%zu: expected UTF-8, found the byte 0x%02x: text in Latin-1 or "
                                "Windows-1252?" AND_SAVE,
                                path, line, (unsigned char)text[i]);
        }
        i += bytes;
    }
    return 0;
}

char *leadseq_text_read(const char *path, size_t limit, size_t *size)
{
    size_t n;
    char *text = leadseq_file_read(path, limit, &n);
    if (!text) return NULL;
    if (leadseq_text_clean(text, &n, path) || leadseq_text_check(text, n, path)) {
        free(text);
        return NULL;
    }
    if (size) *size = n;
    return text;
}
