/* SPDX-License-Identifier: MIT
 *
 * Between memory.c and its test. */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <stdint.h>

/* Bytes that the control groups listed in `table` (/proc/self/cgroup) leave free, of both
 * generations of control groups and of every group around them, mounted below `root`.
 * UINT64_MAX: they set no limit. */
uint64_t base_cgroup_room(const char *table, const char *root);

#endif
