/* SPDX-License-Identifier: MIT
 *
 * The table of commands. Only main.c uses it; commands do not know each other. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "options.h"

extern const struct cli_command *const cli_commands[]; /* ends with NULL */
const struct cli_command *cli_command_find(const char *name);
/* The name of a command, or `other`, that is near and takes the fewest edits; NULL: none is. */
const char *cli_command_nearest(const char *name, const char *other);

#endif
