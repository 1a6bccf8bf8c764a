/* SPDX-License-Identifier: MIT
 *
 * Where the stack is now that a run or a sweep was made with: it may have been moved together with
 * the folder, or named relative to a working folder that is another one now. */
#include "train/train.h"

#include <stdlib.h>
#include <string.h>

/* Whether there is a stack with these contents; "": any. */
static bool is_it(const char *path, const char *checksum)
{
    char found[32];
    if (!leadseq_path_exists(path)) return false;
    if (!*checksum) return true;
    struct leadseq_stack *stack = leadseq_stack_open(path);
    bool same = stack && !leadseq_train_checksum(stack, found) && !strcmp(found, checksum);
    leadseq_stack_close(stack);
    leadseq_error_clear();
    return same;
}

/* The same relative path from each folder around `folder`, the nearest first. */
static char *find_around(const char *folder, const char *path, const char *checksum)
{
    char *around = realpath(folder, NULL), *found = NULL;
    for (char *slash; around && !found && (slash = strrchr(around, '/'));) {
        *slash = '\0';
        found = leadseq_format("%s/%s", around, path);
        if (found && is_it(found, checksum)) break;
        free(found);
        found = NULL;
    }
    free(around);
    return found;
}

char *leadseq_train_find_stack(const char *folder, const struct leadseq_stack_place *place)
{
    const char *typed = *place->given ? place->given : place->path; // as earlier versions stored it
    if (is_it(place->path, place->checksum)) return leadseq_format("%s", place->path);
    if (is_it(typed, place->checksum)) return leadseq_format("%s", typed);
    char *found = *typed && *typed != '/' ? find_around(folder, typed, place->checksum) : NULL;
    if (found) return found;
    // another stack under that name: a program that opens it says what differs
    return leadseq_path_exists(place->path) ? leadseq_format("%s", place->path) : NULL;
}
