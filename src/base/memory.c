/* SPDX-License-Identifier: MIT
 *
 * How much memory this process used and how much is still available: that of the
 * machine, within the limits of control groups (which batch systems and containers
 * set) and of the shell's ulimit. */
#include "cgroup.h"

#include "base/base.h"

#include <sys/resource.h>
#include <unistd.h>

size_t leadseq_peak_bytes(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (size_t)use.ru_maxrss * 1024;
}

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
        room = base_smaller(room, left - left / 8);
    }
    return room;
}

size_t leadseq_available_bytes(void)
{
    uint64_t kib = base_read_number("/proc", "meminfo", "MemAvailable");
    uint64_t room = kib == UINT64_MAX ? UINT64_MAX : kib * 1024;
    room = base_smaller(room, base_cgroup_room("/proc/self/cgroup", "/sys/fs/cgroup"));
    room = base_smaller(room, room_of_limits());
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
