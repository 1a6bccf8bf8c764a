/* SPDX-License-Identifier: MIT
 *
 * What someone who mistyped a name may have meant. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include <stddef.h>

/* Letters to insert, remove or replace between two words, of their first 32. */
size_t cli_edits(const char *a, const char *b);

#endif
