/* SPDX-License-Identifier: MIT
 *
 * Between the files of base. */
#ifndef BASE_PRIVATE_H
#define BASE_PRIVATE_H

/* Clears a bar that is drawn on the terminal, so that a line can be printed there. */
void base_progress_hide(void);

#endif
