/* SPDX-License-Identifier: MIT */
#include "tiny_run.h"
#include "train/memory.h"

#include <sys/resource.h>

TestSuite(train_memory, .init = tiny_begin, .fini = remove_folder);

static struct train_session session(const char *key, const char *value)
{
    static int stacks;
    char name[32];
    snprintf(name, sizeof name, "stack%d.h5", stacks++);
    const char *data = tiny_write(name, (struct tiny_stack){TINY_RECORDS, 0, 0, false, false});
    struct leadseq_experiment e = TINY(key, value); /* key NULL: as it is */
    struct train_session s;
    cr_assert_eq(train_session_open(&s, &e, data, 1), 0, "%s", leadseq_error());
    return s;
}

static struct train_memory need(const char *key, const char *value)
{
    struct train_session s = session(key, value);
    struct train_memory found = train_memory_need(&s);
    train_session_close(&s);
    return found;
}

/* Two batches of 8 records of 12 images of float32, for training and once more for validation;
 * a record as stored for each; positions. */
Test(train_memory, batches_of_training_and_validation_are_counted)
{
    const size_t image = TINY_SIDE * TINY_SIDE, batch = 2 * 8 * 12 * image * sizeof(float);
    size_t found = need(NULL, NULL).batches;
    cr_assert_geq(found, 2 * batch + 2 * 12 * image);
    cr_assert_leq(found, 2 * batch + 2 * 12 * image + 4 * TINY_RECORDS * sizeof(size_t));
}

Test(train_memory, the_optimisers_moments_are_counted)
{
    struct train_session s = session("train.optimizer", "adam");
    size_t block = leadseq_model_params(s.net.model)->count * sizeof(float);
    cr_expect_eq(train_memory_need(&s).moments, 2 * block);
    train_session_close(&s);
    cr_expect_eq(need("train.optimizer", "sgd").moments, block);
}

Test(train_memory, evaluation_and_probes_are_counted_where_there_are_any)
{
    cr_expect_gt(need(NULL, NULL).evaluation, 0);
    cr_expect_gt(need("diagnose.probes", "standard").probes, 0);
    cr_expect_eq(need("diagnose.probes", "none").probes, 0);
}

/* A batch whose passes would fit, but not beside all else. */
Test(train_memory, what_does_not_fit_is_refused_with_all_of_its_parts_and_leaves_no_folder)
{
#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("the sanitizer needs a larger address space");
#endif
    struct train_session s = session(NULL, NULL);
    cr_assert_eq(train_memory_check(&s), 0, "%s", leadseq_error());
    FILE *f = fopen("/proc/self/statm", "r");
    size_t pages = 0;
    cr_assert(f && fscanf(f, "%zu", &pages) == 1);
    fclose(f);
    struct train_memory n = train_memory_need(&s);
    struct rlimit limit = {.rlim_cur = pages * (size_t)sysconf(_SC_PAGESIZE) + n.training};
    limit.rlim_max = limit.rlim_cur;
    cr_assert_eq(setrlimit(RLIMIT_AS, &limit), 0);
    cr_assert_eq(train_memory_check(&s), -1);
    cr_assert_error_has("for evaluation");
    cr_assert_error_has("for batches read ahead");
    cr_assert_error_has("are available; use a smaller train.batch");
    char training[40];
    snprintf(training, sizeof training, "(%zu forward and backward", n.training);
    cr_assert_error_has(training);
}
