/* SPDX-License-Identifier: MIT
 *
 * What control groups, which batch systems and containers set, leave to this process: of both
 * generations, of the groups listed in `table` (/proc/self/cgroup) and of every group around them,
 * mounted below `root`. */
#ifndef BASE_CGROUP_H
#define BASE_CGROUP_H

#include <stdint.h>

static inline uint64_t base_smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Bytes they leave free; UINT64_MAX: they set no limit. */
uint64_t base_cgroup_room(const char *table, const char *root);
/* Processors whose time they grant, rounded up; UINT64_MAX: they set no quota. */
uint64_t base_cgroup_processors(const char *table, const char *root);

/* The number after `name` in a file of names and numbers or, without a name, its first number;
 * UINT64_MAX if it has none ("max", or -1). */
uint64_t base_read_number(const char *folder, const char *file, const char *name);

#endif
