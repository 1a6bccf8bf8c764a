/* SPDX-License-Identifier: MIT
 *
 * How many processors and threads there are. OpenMP may give a parallel region fewer threads than
 * asked for (OMP_THREAD_LIMIT, OMP_MAX_ACTIVE_LEVELS, nested regions), and code that was planned
 * for more waits for the missing ones forever; so the number is found by a trial.
 *
 * A thread that waits for others at the end of a parallel region spins first, 300,000 times in
 * GCC's OpenMP, which is some milliseconds. Where another process wants the processor, it takes
 * from it what the thread waited for would need. But a thread that sleeps at once wakes some 20 µs
 * later, at every region: it spins for about that long, then sleeps. OpenMP is told so by its
 * environment, which it reads before main() begins.
 *
 * Linux's scheduler lets a thread that runs have its slice, some milliseconds, before a thread that
 * wakes has the processor, and at a barrier all wait for that thread. From 6.12 on a thread that
 * asks for shorter slices than those of the others comes first when it wakes; its share stays the
 * same. */
#include "base/base.h"

#include "cgroup.h"

#include <errno.h>
#include <omp.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { THREADS_MOST = 4096 };

int leadseq_processors(void)
{
    cpu_set_t set;
    long n = sched_getaffinity(0, sizeof set, &set) ? sysconf(_SC_NPROCESSORS_ONLN)
                                                    : (long)CPU_COUNT(&set);
    uint64_t granted = base_cgroup_processors("/proc/self/cgroup", "/sys/fs/cgroup");
    if (n < 1) n = 1;
    return granted < (uint64_t)n ? (int)granted : (int)n;
}

/* OMP_NUM_THREADS: a number, or one for each level of nested regions; 0: none that can be read. */
static int environment_threads(void)
{
    const char *text = getenv("OMP_NUM_THREADS");
    double n;
    if (!text) return 0;
    text += strspn(text, " \t");
    return leadseq_scan_number(&text, ", \t", 1, THREADS_MOST, &n) ? (int)n : 0;
}

/* What OpenMP says of itself; no thread is started. */
static int openmp_most(void)
{
    if (omp_get_max_active_levels() <= omp_get_active_level()) return 1;
    return omp_get_thread_limit() > 0 ? omp_get_thread_limit() : 1;
}

int leadseq_threads_share(int processes)
{
    int n = environment_threads(), most = openmp_most();
    if (!n) n = leadseq_processors() / (processes > 0 ? processes : 1);
    if (n > most) n = most;
    return n > 0 ? n : 1;
}

static int try(int wanted)
{
    int granted = 1;
    omp_set_dynamic(0);
    omp_set_num_threads(wanted);
#pragma omp parallel
#pragma omp master
    granted = omp_get_num_threads();
    omp_set_num_threads(granted);
    return granted;
}

static void say_why(char *why, size_t size, int wanted)
{
    if (omp_get_level() > 0)
        snprintf(why, size, "within a parallel region");
    else if (omp_get_max_active_levels() < 1)
        snprintf(why, size, "OMP_MAX_ACTIVE_LEVELS=%d", omp_get_max_active_levels());
    else if (omp_get_thread_limit() < wanted)
        snprintf(why, size, "OMP_THREAD_LIMIT=%d", omp_get_thread_limit());
    else
        snprintf(why, size, "for a reason it does not say");
}

/* Once for a pair of numbers, however often the program opens an engine; `said` remembers it. */
static bool is_new(atomic_int *said, int wanted, int given)
{
    int pair = wanted * (THREADS_MOST + 1) + given;
    return atomic_exchange(said, pair) != pair;
}

/* `remedy` is followed by how many there should be. */
static void warn_of_many(int threads, const char *remedy)
{
    static atomic_int said;
    int processors = leadseq_processors();
    if (threads > processors && is_new(&said, threads, processors))
        leadseq_warn("%s on %s slow each other down; %s%d",
                     leadseq_count((size_t)threads, "thread"),
                     leadseq_count((size_t)processors, "processor"), remedy, processors);
}

/* Threads that wait for each other at every step take minutes for one where many share a
 * processor, and a signal would wait as long: then there are only as many as processors. */
static int capped(int wanted)
{
    enum { SHARING = 4 };
    int processors = leadseq_processors();
    if (wanted <= SHARING * processors) return wanted;
    warn_of_many(wanted, "computing with ");
    return processors;
}

int leadseq_threads_granted(int wanted)
{
    static atomic_int said;
    char why[64];
    if (wanted <= 0) wanted = leadseq_threads_share(1);
    wanted = capped(wanted);
    int granted = try(wanted);
    say_why(why, sizeof why, wanted);
    if (granted < wanted && is_new(&said, wanted, granted))
        leadseq_warn("OpenMP gives %d of the %d threads wanted by train.threads or --threads (%s); "
                     "computing with %d",
                     granted, wanted, why, granted);
    warn_of_many(granted, "limit them by train.threads, --threads or OMP_THREAD_LIMIT=");
    return granted;
}

int leadseq_threads_wanted(int wanted)
{
    if (wanted <= 0) wanted = leadseq_threads_share(1);
    warn_of_many(wanted, "limit them with --workers ");
    return wanted;
}

/* --- Waiting ---------------------------------------------------------------------------------- */

static const char policy[] = "OMP_WAIT_POLICY", spins[] = "GOMP_SPINCOUNT",
                  again[] = "LEADSEQ_STARTED_AGAIN";

/* Not for programs that this one starts. */
static void forget_policy(void)
{
    unsetenv(policy);
    unsetenv(spins);
    unsetenv(again);
}

/* The file of this program; NULL where it runs under another name, as under the dynamic linker. */
static const char *own_file(char *path, size_t size)
{
    const ssize_t n = readlink("/proc/self/exe", path, size - 1);
    if (n <= 0) return NULL;
    path[n] = '\0';
    const char *name = strrchr(path, '/');
    return name && !strcmp(name + 1, program_invocation_short_name) ? path : NULL;
}

/* Of this thread and those it will start; where that cannot be had, nothing changes. The C library
 * of Debian 12 has neither the call nor its structure (sched_setattr(2)). */
static void ask_for_short_slices(void)
{
#ifdef SYS_sched_setattr
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t slice_ns, deadline, period;
    } how;
    if (syscall(SYS_sched_getattr, 0, &how, sizeof how, 0) || how.policy != SCHED_OTHER) return;
    how.size = sizeof how;
    how.slice_ns = 100000; // the least there is
    (void)syscall(SYS_sched_setattr, 0, &how, 0);
#endif
}

void leadseq_threads_wait_asleep(char **argv)
{
    char path[4096];
    if (getenv(again)) {
        forget_policy();
        return;
    }
    ask_for_short_slices(); // the second start has them from the first
    if (getenv(policy) || getenv(spins) || !own_file(path, sizeof path)) return;
    if (!setenv(policy, "passive", 1) && !setenv(spins, "3000", 1) && !setenv(again, "1", 1))
        execv(path, argv);
    forget_policy(); // it did not start: threads spin as long as they do
}
