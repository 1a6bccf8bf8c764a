/* SPDX-License-Identifier: MIT
 *
 * How much memory this process used and how much is still available: that of the
 * machine, within the limits of control groups (which batch systems and containers
 * set) and of the shell's ulimit. */
#include "cgroup.h"

#include "base/base.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

size_t leadseq_peak_bytes(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (size_t)use.ru_maxrss * 1024;
}

/* The number after `name` in a file of names and numbers or, without a name, its only number;
 * UINT64_MAX if it has none ("max"). */
static uint64_t read_number(const char *folder, const char *file, const char *name)
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

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* --- Control groups ---------------------------------------------------------------------- */

/* What both generations call the same numbers. Cached pages of files count as used, but the
 * inactive ones are dropped before an allocation is refused. */
static const struct cgroup {
    const char *controller, *mount, *limit, *usage, *inactive;
} generations[] = {
    {"", "", "memory.max", "memory.current", "inactive_file"},
    {"memory", "/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"},
};

static uint64_t room_of_group(const struct cgroup *g, const char *folder)
{
    uint64_t limit = read_number(folder, g->limit, NULL);
    uint64_t used = read_number(folder, g->usage, NULL);
    uint64_t idle = read_number(folder, "memory.stat", g->inactive);
    if (limit == UINT64_MAX || used == UINT64_MAX) return UINT64_MAX;
    if (idle != UINT64_MAX) used -= smaller(idle, used);
    return limit > used ? limit - used : 0;
}

/* The least of the group and of all groups around it. A container may show its own group as the
 * root. */
static uint64_t room_of_path(const struct cgroup *g, const char *root, const char *path)
{
    char folder[4352];
    snprintf(folder, sizeof folder, "%s%s%s", root, g->mount, path);
    const size_t shortest = strlen(root) + strlen(g->mount);
    uint64_t room = UINT64_MAX;
    for (;;) {
        room = smaller(room, room_of_group(g, folder));
        char *slash = strrchr(folder, '/');
        if (!slash || (size_t)(slash - folder) < shortest) return room;
        *slash = '\0';
    }
}

uint64_t base_cgroup_room(const char *table, const char *root)
{
    char line[4200];
    uint64_t room = UINT64_MAX;
    FILE *f = fopen(table, "r");
    if (!f) return room;
    while (fgets(line, sizeof line, f)) { /* number:controllers:path */
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        *path++ = '\0';
        for (size_t i = 0; i < LEADSEQ_COUNT(generations); i++)
            if (!strcmp(controllers + 1, generations[i].controller))
                room = smaller(room, room_of_path(&generations[i], root, path));
    }
    fclose(f);
    return room;
}

/* --- Everything ---------------------------------------------------------------------------- */

/* What ulimit -v and -d leave, less an eighth: heaps and stacks of threads reserve more than they
 * use. */
static uint64_t room_of_limits(void)
{
    unsigned long long whole = 0, data = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%llu %*u %*u %*u %*u %llu", &whole, &data) != 2) whole = data = 0;
    if (f) fclose(f);
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    const uint64_t used[] = {whole * page, data * page};
    static const int limits[] = {RLIMIT_AS, RLIMIT_DATA};
    uint64_t room = UINT64_MAX;
    for (size_t i = 0; i < LEADSEQ_COUNT(limits); i++) {
        struct rlimit limit;
        if (getrlimit((__rlimit_resource_t)limits[i], &limit) || limit.rlim_cur == RLIM_INFINITY)
            continue;
        const uint64_t left = limit.rlim_cur > used[i] ? limit.rlim_cur - used[i] : 0;
        room = smaller(room, left - left / 8);
    }
    return room;
}

size_t leadseq_available_bytes(void)
{
    uint64_t kib = read_number("/proc", "meminfo", "MemAvailable");
    uint64_t room = kib == UINT64_MAX ? UINT64_MAX : kib * 1024;
    room = smaller(room, base_cgroup_room("/proc/self/cgroup", "/sys/fs/cgroup"));
    room = smaller(room, room_of_limits());
    if (room == UINT64_MAX) return 0;
    return room > 0 ? (size_t)room : 1; /* 0 says: unknown */
}

int leadseq_memory_check(const char *what, uint64_t bytes)
{
    enum { ALWAYS_THERE = 16 << 20 };
    if (bytes <= ALWAYS_THERE) return 0;
    const size_t room = leadseq_available_bytes();
    if (!room || bytes <= room) return 0;
    return leadseq_fail("%s: needs %.1f GB of memory, %.1f GB are available", what,
                        (double)bytes / 1e9, (double)room / 1e9);
}
