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
    ROW(export) \
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

const char *cli_command_nearest(const char *name, const char *other)
{
    const char *nearest = other;
    for (const struct cli_command *const *c = cli_commands; *c; c++)
        if (leadseq_edits(name, (*c)->name) < leadseq_edits(name, nearest)) nearest = (*c)->name;
    return leadseq_is_near(name, nearest) ? nearest : NULL;
}
