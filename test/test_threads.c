/* SPDX-License-Identifier: MIT */
#include "base/cgroup.h"
#include "folder.h"

#include <omp.h>
#include <stdlib.h>
#include <sys/stat.h>

TestSuite(threads, .init = make_folder, .fini = remove_folder);

/* --- Quotas of control groups --------------------------------------------------------------- */

static void make_groups(void)
{
    static const char *const folders[] = {"cpu", "cpu/job", "cpu,cpuacct", "cpu,cpuacct/job",
                                          "job", "job/step"};
    for (size_t i = 0; i < LEADSEQ_COUNT(folders); i++)
        cr_assert_eq(mkdir(in_folder(folders[i]), 0777), 0);
}

static uint64_t processors(const char *table)
{
    return base_cgroup_processors(put("cgroup", table), folder);
}

Test(threads, without_control_groups_there_is_no_quota)
{
    make_groups();
    cr_expect_eq(base_cgroup_processors(in_folder("absent"), folder), UINT64_MAX);
    cr_expect_eq(processors("nonsense\n:\n::\n"), UINT64_MAX);
    cr_expect_eq(processors("0::/job/step\n3:cpu:/job\n"), UINT64_MAX); /* groups without files */
}

Test(threads, a_quota_of_the_second_generation_is_rounded_up)
{
    static const struct {
        const char *text;
        uint64_t processors;
    } row[] = {
        {"max 100000\n", UINT64_MAX}, {"200000 100000\n", 2}, {"150000 100000\n", 2},
        {"1000 100000\n", 1},         {"50000 25000\n", 2},   {"nonsense\n", UINT64_MAX},
        {"100000\n", UINT64_MAX},     {"", UINT64_MAX},       {"100000 0\n", UINT64_MAX},
    };
    make_groups();
    for (size_t i = 0; i < LEADSEQ_COUNT(row); i++) {
        put("job/step/cpu.max", row[i].text);
        uint64_t found = processors("0::/job/step\n");
        cr_expect_eq(found, row[i].processors, "row %zu: %llu", i, (unsigned long long)found);
    }
    put("job/step/cpu.max", "300000 100000\n");
    put("job/cpu.max",
        "250000 100000\n"); /* the group around it grants less, its root less still */
    cr_expect_eq(processors("0::/job/step\n"), 3);
    put("cpu.max", "100000 100000\n");
    cr_expect_eq(processors("0::/job/step\n"), 1);
    cr_expect_eq(processors("0::/docker/0123\n"), 1); /* named as outside of the container */
}

Test(threads, a_quota_of_the_first_generation_is_found_at_either_name)
{
    static const char *const folders[] = {"cpu", "cpu,cpuacct"};
    for (size_t i = 0; i < LEADSEQ_COUNT(folders); i++) {
        char name[96];
        if (i > 0) make_folder();
        make_groups();
        snprintf(name, sizeof name, "%s/job/cpu.cfs_period_us", folders[i]);
        put(name, "100000\n");
        snprintf(name, sizeof name, "%s/job/cpu.cfs_quota_us", folders[i]);
        put(name, "-1\n");
        cr_expect_eq(processors("4:cpu,cpuacct:/job\n"), UINT64_MAX);
        put(name, "310000\n");
        cr_expect_eq(processors("4:cpu,cpuacct:/job\n"), 4, "%s", folders[i]);
        cr_expect_eq(processors("7:cpuset:/job\n2:cpuacct:/job\n"), UINT64_MAX);
        if (!i) remove_folder();
    }
}

/* --- Numbers --------------------------------------------------------------------------------- */

Test(threads, OMP_NUM_THREADS_says_how_many_where_nobody_does)
{
    setenv("OMP_NUM_THREADS", "3", 1);
    cr_expect_eq(leadseq_threads_share(1), 3);
    cr_expect_eq(leadseq_threads_share(2), 3); /* it is said for each process */
    setenv("OMP_NUM_THREADS", " 5,2", 1);      /* of the outer regions, of the inner ones */
    cr_expect_eq(leadseq_threads_share(1), 5);
    cr_expect_eq(leadseq_threads_wanted(0), 5);
    cr_expect_eq(leadseq_threads_wanted(2), 2);
    static const char *const nothing[] = {"", "0", "-2", "many", "2x", "100000"};
    for (size_t i = 0; i < LEADSEQ_COUNT(nothing); i++) {
        setenv("OMP_NUM_THREADS", nothing[i], 1);
        cr_expect_eq(leadseq_threads_share(1), leadseq_processors(), "'%s'", nothing[i]);
    }
    unsetenv("OMP_NUM_THREADS");
    cr_expect_eq(leadseq_threads_share(1), leadseq_processors());
    cr_expect_eq(leadseq_threads_share(100000), 1);
}

static int region(void)
{
    int n = 0;
#pragma omp parallel
#pragma omp master
    n = omp_get_num_threads();
    return n;
}

Test(threads, the_number_granted_is_that_of_regions_that_follow)
{
    omp_set_dynamic(1);
    cr_expect_eq(leadseq_threads_granted(3), 3);
    cr_expect_eq(region(), 3);
    omp_set_max_active_levels(0);
    cr_expect_eq(leadseq_threads_share(1), 1);
    cr_expect_eq(leadseq_threads_granted(3), 1);
    cr_expect_eq(region(), 1);
    omp_set_max_active_levels(2);
    cr_expect_eq(leadseq_threads_granted(2), 2);
}

Test(threads, within_a_region_one_is_granted)
{
    omp_set_max_active_levels(1);
    int most = 0;
#pragma omp parallel num_threads(2) reduction(max : most)
    most = leadseq_threads_granted(2);
    cr_expect_eq(most, 1);
}
