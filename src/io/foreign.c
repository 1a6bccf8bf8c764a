/* SPDX-License-Identifier: MIT
 *
 * What is found in place of a record's file where archives, version control or a download put
 * something else there: told by its first bytes, so that the message can say what to do. */
#include "io_private.h"

const char *io_foreign_file(const char *path)
{
    char first[32];
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t n = fread(first, 1, sizeof first, file);
    fclose(file);
    return leadseq_foreign(first, n);
}
