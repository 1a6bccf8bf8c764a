/* SPDX-License-Identifier: MIT
 *
 * Between log.c and progress.c, which print to the same terminal from any thread. */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include "base/base.h"

/* Everything that is printed, and the settings of what is printed, is guarded by this one lock.
 * It is not recursive: nothing that logs may be called while it is held. */
void base_terminal_lock(void);
void base_terminal_unlock(void);

/* Prints to stderr in one piece, in place of a bar that is on the last line. A bar's text does
 * not end its line, so that it can be replaced. The lock is held by the caller. */
void base_terminal_write(const char *text, bool is_bar);

#endif
