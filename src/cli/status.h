/* SPDX-License-Identifier: MIT
 *
 * How commands end, and the command line they were given. */
#ifndef CLI_STATUS_H
#define CLI_STATUS_H

/* Exit statuses; 128 + its number after a signal. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* Prints the message of the last failure to stderr; CLI_FAILED, or 128 + the signal that requested
 * to stop. */
int cli_failed(void);
/* CLI_DONE, or 128 + the signal that requested to stop. */
int cli_finished(void);

/* The command line as typed, for files that say how they were made; valid until the program ends.
 */
const char *cli_command_line(void);
void cli_command_line_keep(int argc, char **argv);

#endif
