/* SPDX-License-Identifier: MIT
 *
 * Between the files of base. */
#ifndef BASE_PRIVATE_H
#define BASE_PRIVATE_H

#include <stdint.h>

/* Bytes that the control groups of `table` (/proc/self/cgroup) leave, of both generations and
 * every group around them, mounted below `root`; UINT64_MAX: they set no limit. */
uint64_t base_cgroup_room(const char *table, const char *root);

/* Clears a bar that is drawn on the terminal, so that a line can be printed there. */
void base_progress_hide(void);

#endif
