/* SPDX-License-Identifier: MIT
 *
 * Limits of control groups, read from their files. */
#include "cgroup.h"

#include "base/base.h"

#include <inttypes.h>
#include <string.h>

uint64_t base_read_number(const char *folder, const char *file, const char *name)
{
    char path[4400], line[256];
    uint64_t value = UINT64_MAX;
    const size_t length = name ? strlen(name) : 0;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    FILE *f = fopen(path, "r");
    if (!f) return UINT64_MAX;
    while (value == UINT64_MAX && fgets(line, sizeof line, f)) {
        if (name && (strncmp(line, name, length) || !strchr(" :\t", line[length]))) continue;
        if (sscanf(line + length, "%*[ :\t]%" SCNu64, &value) != 1 &&
            sscanf(line + length, "%" SCNu64, &value) != 1)
            value = UINT64_MAX;
    }
    fclose(f);
    return value;
}

/* --- One group ------------------------------------------------------------------------------ */

/* What both generations call the same numbers. Cached pages of files count as used, but the
 * inactive ones are dropped before an allocation is refused. */
static uint64_t room_of(const char *folder, const char *limit, const char *usage,
                        const char *inactive)
{
    uint64_t most = base_read_number(folder, limit, NULL);
    uint64_t used = base_read_number(folder, usage, NULL);
    uint64_t idle = base_read_number(folder, "memory.stat", inactive);
    if (most == UINT64_MAX || used == UINT64_MAX) return UINT64_MAX;
    if (idle != UINT64_MAX) used -= base_smaller(idle, used);
    return most > used ? most - used : 0;
}

static uint64_t second_room(const char *folder)
{
    return room_of(folder, "memory.max", "memory.current", "inactive_file");
}

static uint64_t first_room(const char *folder)
{
    return room_of(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
}

/* Microseconds of processor time in every period, over all processors. */
static uint64_t processors_of(uint64_t quota, uint64_t period)
{
    if (quota == UINT64_MAX || period == UINT64_MAX || !quota || !period) return UINT64_MAX;
    return quota / period + (quota % period > 0);
}

static uint64_t first_processors(const char *folder)
{
    return processors_of(base_read_number(folder, "cpu.cfs_quota_us", NULL),
                         base_read_number(folder, "cpu.cfs_period_us", NULL));
}

/* "150000 100000", or "max 100000". */
static uint64_t second_processors(const char *folder)
{
    char path[4400];
    uint64_t quota, period;
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    FILE *f = fopen(path, "r");
    if (!f) return UINT64_MAX;
    bool given = fscanf(f, "%" SCNu64 " %" SCNu64, &quota, &period) == 2;
    fclose(f);
    return given ? processors_of(quota, period) : UINT64_MAX;
}

/* --- All groups ------------------------------------------------------------------------------ */

/* A limit in each generation: the first one's controller, and its value in the folder of a group.
 */
struct limit {
    const char *controller;
    uint64_t (*first)(const char *folder), (*second)(const char *folder);
};

/* The least of the group and of all groups around it. A container may show its own group as the
 * root. */
static uint64_t least_around(uint64_t (*of)(const char *folder), const char *mount,
                             const char *path)
{
    char folder[4352];
    snprintf(folder, sizeof folder, "%s%s", mount, path);
    const size_t shortest = strlen(mount);
    uint64_t least = UINT64_MAX;
    for (;;) {
        least = base_smaller(least, of(folder));
        char *slash = strrchr(folder, '/');
        if (!slash || (size_t)(slash - folder) < shortest) return least;
        *slash = '\0';
    }
}

/* Whether `word` is one of a list separated by commas. */
static bool is_among(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; (p = strstr(p, word)); p += n)
        if ((p == list || p[-1] == ',') && (p[n] == ',' || !p[n])) return true;
    return false;
}

/* Controllers of the first generation are mounted under their own names, several at one place
 * ("cpu,cpuacct") under both. */
static uint64_t least_of_line(const struct limit *l, const char *root, const char *controllers,
                              const char *path)
{
    char mount[256];
    if (!*controllers) return least_around(l->second, root, path);
    if (!is_among(controllers, l->controller)) return UINT64_MAX;
    snprintf(mount, sizeof mount, "%s/%s", root, controllers);
    uint64_t together = least_around(l->first, mount, path);
    snprintf(mount, sizeof mount, "%s/%s", root, l->controller);
    return base_smaller(together, least_around(l->first, mount, path));
}

static uint64_t least_of(const struct limit *l, const char *table, const char *root)
{
    char line[4200];
    uint64_t least = UINT64_MAX;
    FILE *f = fopen(table, "r");
    if (!f) return least;
    while (fgets(line, sizeof line, f)) { /* number:controllers:path */
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        *path++ = '\0';
        least = base_smaller(least, least_of_line(l, root, controllers + 1, path));
    }
    fclose(f);
    return least;
}

uint64_t base_cgroup_room(const char *table, const char *root)
{
    static const struct limit memory = {"memory", first_room, second_room};
    return least_of(&memory, table, root);
}

uint64_t base_cgroup_processors(const char *table, const char *root)
{
    static const struct limit processors = {"cpu", first_processors, second_processors};
    return least_of(&processors, table, root);
}
