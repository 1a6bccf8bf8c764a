/* SPDX-License-Identifier: MIT
 *
 * The table of commands, in the order in which a study uses them. */
#include "commands.h"

#include <string.h>

/* clang-format off */
#define COMMANDS(ROW) \
    ROW(synth) \
    ROW(render) \
    ROW(info) \
    ROW(train) \
    ROW(sweep) \
    ROW(evaluate) \
    ROW(predict) \
    ROW(diagnose) \
    ROW(watch) \
    ROW(compare) \
    ROW(bench)
/* clang-format on */

#define DECLARE(name) extern const struct cli_command cli_##name;
#define LIST(name)    &cli_##name,
COMMANDS(DECLARE)
const struct cli_command *const cli_commands[] = {COMMANDS(LIST) NULL};

const struct cli_command *cli_command_find(const char *name)
{
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        if (!strcmp((*c)->name, name)) return *c;
    return NULL;
}

/* Levenshtein's distance: letters inserted, removed or replaced. */
static size_t edits(const char *a, const char *b)
{
    enum { LONGEST = 32 };
    size_t n = strnlen(a, LONGEST), m = strnlen(b, LONGEST), row[LONGEST + 1];
    for (size_t j = 0; j <= m; j++) row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t least = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < least) least = row[j] + 1;
            if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
            row[j] = least;
        }
    }
    return row[m];
}

const char *cli_command_nearest(const char *name, const char *other)
{
    const char *nearest = other;
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        if (edits(name, (*c)->name) < edits(name, nearest)) nearest = (*c)->name;
    return nearest;
}
