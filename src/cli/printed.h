/* SPDX-License-Identifier: MIT
 *
 * Between main() and printed.c. */
#ifndef CLI_PRINTED_H
#define CLI_PRINTED_H

/* Replaces stdout by a stream that shows what a terminal would obey; at the start of main(). */
void cli_printed_plainly(void);

#endif
