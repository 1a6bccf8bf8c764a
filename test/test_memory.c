/* SPDX-License-Identifier: MIT */
#include "base/cgroup.h"
#include "folder.h"

#include <sys/resource.h>
#include <sys/stat.h>

TestSuite(memory, .init = make_folder, .fini = remove_folder);

/* A tree of control groups, two deep, of either generation. */
static void put_group(const char *group, const char *limit, const char *used, const char *stat,
                      bool second)
{
    char name[96];
    snprintf(name, sizeof name, "%s%s", group, second ? "/memory.max" : "/memory.limit_in_bytes");
    if (limit) put(name, limit);
    snprintf(name, sizeof name, "%s%s", group,
             second ? "/memory.current" : "/memory.usage_in_bytes");
    if (used) put(name, used);
    snprintf(name, sizeof name, "%s/memory.stat", group);
    if (stat) put(name, stat);
}

static void make_groups(void)
{
    static const char *const folders[] = {"memory", "memory/job", "memory/job/step", "job",
                                          "job/step"};
    for (size_t i = 0; i < LEADSEQ_COUNT(folders); i++)
        cr_assert_eq(mkdir(in_folder(folders[i]), 0777), 0);
}

static uint64_t room(const char *table)
{
    return base_cgroup_room(put("cgroup", table), folder);
}

#define SECOND "0::/job/step\n"
#define FIRST  "5:cpu:/job/step\n4:memory:/job/step\n0::/\n"

Test(memory, without_control_groups_there_is_no_limit)
{
    make_groups();
    cr_expect_eq(base_cgroup_room(in_folder("absent"), folder), UINT64_MAX);
    cr_expect_eq(room(""), UINT64_MAX);
    cr_expect_eq(room("nonsense\n:\n::\n"), UINT64_MAX);
    cr_expect_eq(room(SECOND FIRST), UINT64_MAX); /* groups without files */
}

Test(memory, the_tightest_group_around_the_process_counts)
{
    static const struct {
        const char *outer, *inner, *used;
        uint64_t room;
    } row[] = {
        {"max\n", "max\n", "100\n", UINT64_MAX}, {"max\n", "1000\n", "100\n", 900},
        {"1000\n", "max\n", "100\n", 900},       {"500\n", "1000\n", "100\n", 400},
        {"1000\n", "500\n", "100\n", 400},       {"1000\n", "50\n", "100\n", 0},
        {NULL, "1000\n", "100\n", 900},          {"1000\n", NULL, "100\n", 900},
        {"nonsense\n", "7\n", "100\n", 0},
    };
    for (size_t i = 0; i < 2 * LEADSEQ_COUNT(row); i++) {
        bool second = i % 2;
        if (i > 0) make_folder();
        make_groups();
        put_group(second ? "job" : "memory/job", row[i / 2].outer, row[i / 2].used, NULL, second);
        put_group(second ? "job/step" : "memory/job/step", row[i / 2].inner, row[i / 2].used, NULL,
                  second);
        uint64_t found = room(second ? SECOND : FIRST);
        cr_expect_eq(found, row[i / 2].room, "row %zu, generation %d: %llu", i / 2, second + 1,
                     (unsigned long long)found);
        if (i + 1 < 2 * LEADSEQ_COUNT(row)) remove_folder();
    }
}

Test(memory, what_files_hold_for_later_can_be_had)
{
    make_groups();
    put_group("job/step", "1000\n", "900\n", "anon 300\ninactive_file 500\nactive_file 9\n", true);
    cr_expect_eq(room(SECOND), 600);
    put_group("memory/job/step", "1000\n", "900\n", "inactive_file 1\ntotal_inactive_file 500\n",
              false);
    cr_expect_eq(room(FIRST), 600);
    put_group("job/step", "1000\n", "100\n", "inactive_file 500\n", true);
    cr_expect_eq(room(SECOND), 1000);
}

/* A container sees its own group as the mount's root, whatever its path is called outside. */
Test(memory, the_mounts_root_counts_where_the_path_is_of_the_outside)
{
    make_groups();
    put_group(".", "1000\n", "100\n", NULL, true);
    cr_expect_eq(room("0::/docker/0123\n"), 900);
    put_group("memory", "700\n", "100\n", NULL, false);
    cr_expect_eq(room("4:memory:/docker/0123\n"), 600);
}

Test(memory, there_is_some_and_no_more_than_the_machine_has)
{
    size_t there = leadseq_available_bytes();
    cr_assert(there > 1 << 20);
    cr_assert_leq(there, (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE));
}

Test(memory, ulimit_is_heeded)
{
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("the sanitizer needs a larger address space");
#endif
    const size_t there = leadseq_available_bytes();
    FILE *f = fopen("/proc/self/statm", "r");
    size_t pages = 0;
    cr_assert(f && fscanf(f, "%zu", &pages) == 1);
    fclose(f);
    const size_t more = (size_t)64 << 20;
    struct rlimit limit = {.rlim_cur = pages * (size_t)sysconf(_SC_PAGESIZE) + more};
    limit.rlim_max = limit.rlim_cur;
    if (there < more) cr_skip_test("this machine has no 64 MB left");
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    cr_assert_leq(leadseq_available_bytes(), more);
    cr_assert_geq(leadseq_available_bytes(), more / 2);
}

Test(memory, what_is_more_than_there_is_is_refused_before_it_is_allocated)
{
    cr_expect_eq(leadseq_memory_check("x.h5", 1 << 20), 0);
    cr_expect_eq(leadseq_memory_check("x.h5", (uint64_t)1 << 60), -1);
    cr_expect(strstr(leadseq_error(), "x.h5: needs "), "%s", leadseq_error());
#ifndef __SANITIZE_ADDRESS__
    struct rlimit limit = {(rlim_t)512 << 20, (rlim_t)512 << 20};
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    cr_expect_eq(leadseq_memory_check("x.h5", (uint64_t)600 << 20), -1);
#endif
}
