/* SPDX-License-Identifier: MIT
 *
 * What is found in place of a record's file where archives, version control or a download put
 * something else there: told by its first bytes, so that the message can say what to do. */
#include "io_private.h"

#include <string.h>

const char *io_foreign(const void *first, size_t n)
{
    static const struct {
        const char *begin;
        size_t bytes;
        const char *what;
    } table[] = {
        {"\x1f\x8b", 2, "a gzip file; unpack it first"},
        {"BZh", 3, "a bzip2 file; unpack it first"},
        {"\xfd"
         "7zXZ",
         5, "an xz file; unpack it first"},
        {"\x28\xb5\x2f\xfd", 4, "a zstd file; unpack it first"},
        {"PK\x03\x04", 4, "a zip archive; unpack it first"},
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

const char *io_foreign_file(const char *path)
{
    char first[32];
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t n = fread(first, 1, sizeof first, file);
    fclose(file);
    return io_foreign(first, n);
}
