/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/leadseq-file-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

/* Takes the place of the C library's: a file system without locks where `no_locks` is an error. */
static int no_locks;
int flock(int fd, int how);
int flock(int fd, int how)
{
    if (!no_locks) return (int)syscall(SYS_flock, fd, how);
    errno = no_locks;
    return -1;
}

TestSuite(file, .init = make_folder, .fini = remove_folder);

static char *in_folder(const char *name)
{
    char *path = leadseq_path_join(folder, name);
    cr_assert(path);
    return path;
}

Test(file, a_discarded_file_leaves_nothing)
{
    char *path = in_folder("a.tsv"), *partial = in_folder("a.tsv.partial");
    struct leadseq_file *f = leadseq_file_create(path);
    cr_assert(f);
    fputs("half", leadseq_file_stream(f));
    cr_assert(leadseq_path_exists(partial));
    leadseq_file_discard(f);
    cr_assert(!leadseq_path_exists(path) && !leadseq_path_exists(partial));
    free(path);
    free(partial);
}

static void expect_full_disk(int (*commit)(struct leadseq_file *))
{
    char *path = in_folder("b.tsv"), *partial = in_folder("b.tsv.partial");
    cr_assert_eq(symlink("/dev/full", partial), 0);
    struct leadseq_file *f = leadseq_file_create(path);
    cr_assert(f);
    fputs("lost", leadseq_file_stream(f));
    cr_assert_eq(commit(f), -1);
    cr_assert(strstr(leadseq_error(), "No space left"));
    cr_assert(!leadseq_path_exists(path));
    free(path);
    free(partial);
}

Test(file, a_full_disk_fails_the_commit_and_leaves_nothing_under_the_name)
{
    if (access("/dev/full", W_OK)) cr_skip_test("no /dev/full");
    expect_full_disk(leadseq_file_commit);
    expect_full_disk(leadseq_file_commit_unsynced);
}

Test(file, a_committed_file_reads_back)
{
    char *path = in_folder("c.tsv");
    struct leadseq_file *f = leadseq_file_create(path);
    cr_assert(f);
    fputs("whole", leadseq_file_stream(f));
    cr_assert_eq(leadseq_file_commit(f), 0);
    size_t size;
    char *text = leadseq_file_read(path, 100, &size);
    cr_assert_str_eq(text, "whole");
    cr_assert_eq(size, 5);
    cr_assert_null(leadseq_file_read(path, 4, &size));
    free(text);
    free(path);
}

Test(file, reading_what_is_not_there_names_it)
{
    cr_assert_null(leadseq_file_read("/nowhere/x.hea", 100, NULL));
    cr_assert(strstr(leadseq_error(), "/nowhere/x.hea"));
    cr_assert_null(leadseq_file_read(folder, 100, NULL));
    cr_assert(strstr(leadseq_error(), "regular file"));
}

Test(file, folders_are_made_with_their_parents)
{
    char *deep = in_folder("x/y/z"), *file = in_folder("x/y/f");
    cr_assert_eq(leadseq_folder_make(deep), 0);
    cr_assert_eq(leadseq_folder_make(deep), 0);
    cr_assert(leadseq_path_is_folder(deep));
    fclose(fopen(file, "w"));
    cr_assert_eq(leadseq_folder_make(file), -1);
    free(deep);
    free(file);
}

Test(file, a_new_folder_may_be_empty_but_not_used)
{
    char *used = in_folder("used"), *inside = in_folder("used/a");
    cr_assert_eq(leadseq_folder_make_new(used), 0);
    cr_assert_eq(leadseq_folder_make_new(used), 0);
    fclose(fopen(inside, "w"));
    cr_assert_eq(leadseq_folder_make_new(used), -1);
    cr_assert(strstr(leadseq_error(), "exists already"));
    free(used);
    free(inside);
}

/* --- Locks ---------------------------------------------------------------------------------- */

Test(file, a_lock_is_held_by_one_at_a_time)
{
    char *path = in_folder("lock");
    int first = -1, second = -1;
    cr_assert_not(leadseq_lock_is_held(path));
    cr_assert_eq(leadseq_lock_take(path, &first), 0, "%s", leadseq_error());
    cr_assert(leadseq_lock_is_held(path));
    cr_assert_eq(leadseq_lock_take(path, &second), 1);
    leadseq_lock_release(second);
    leadseq_lock_release(first);
    cr_assert_not(leadseq_lock_is_held(path));
    cr_assert_eq(leadseq_lock_take(path, &second), 0);
    leadseq_lock_release(second);
    free(path);
}

Test(file, a_lock_ends_with_its_process_and_is_inherited_only_where_asked_for)
{
    for (int inherited = 0; inherited < 2; inherited++) {
        char *path = in_folder(inherited ? "b" : "a");
        int lock;
        pid_t child = fork();
        if (child == 0) {
            int status = inherited ? leadseq_lock_take_inherited(path, &lock)
                                   : leadseq_lock_take(path, &lock);
            if (status) _exit(1);
            if (system("sleep 1 >/dev/null 2>&1 &")) _exit(1);
            _exit(0);
        }
        int status;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0);
        cr_assert_eq(leadseq_lock_is_held(path), (bool)inherited);
        free(path);
    }
}

Test(file, a_lock_whose_file_was_replaced_is_not_taken_for_the_new_one)
{
    char *path = in_folder("a"), *moved = in_folder("b");
    int first, second;
    cr_assert_eq(leadseq_lock_take(path, &first), 0);
    cr_assert_eq(rename(path, moved), 0);
    cr_assert_eq(leadseq_lock_take(path, &second), 0);
    cr_assert(leadseq_lock_is_held(moved) && leadseq_lock_is_held(path));
    leadseq_lock_release(first);
    leadseq_lock_release(second);
    free(path);
    free(moved);
}

Test(file, of_two_who_ask_for_a_new_folder_one_gets_it)
{
    char *path = in_folder("new"), *inside = in_folder("new/a");
    int first, second;
    cr_assert_eq(leadseq_folder_take_new(path, &first), 0, "%s", leadseq_error());
    cr_assert_eq(leadseq_folder_take_new(path, &second), -1);
    cr_assert(strstr(leadseq_error(), "another program is writing into it"), "%s", leadseq_error());
    cr_assert_eq(second, -1);
    fclose(fopen(inside, "w"));
    leadseq_lock_release(first);
    cr_assert_eq(leadseq_folder_take_new(path, &second), -1);
    cr_assert(strstr(leadseq_error(), "exists already"), "%s", leadseq_error());
    free(path);
    free(inside);
}

/* What the program said on standard error during two takings. */
static void take_two(const char *path, char *said, size_t size)
{
    int first, second, pipes[2], before = dup(2);
    cr_assert_eq(pipe(pipes), 0);
    dup2(pipes[1], 2);
    close(pipes[1]);
    cr_expect_eq(leadseq_lock_take(path, &first), 0);
    cr_expect_eq(leadseq_lock_take_inherited(path, &second), 0);
    dup2(before, 2);
    ssize_t n = read(pipes[0], said, size - 1);
    said[n < 0 ? 0 : n] = '\0';
    cr_expect_not(leadseq_lock_is_held(path));
    leadseq_lock_release(first);
    leadseq_lock_release(second);
    close(pipes[0]);
    close(before);
}

Test(file, a_file_system_without_locks_is_told_once_with_its_reason)
{
    char *path = in_folder("lock"), said[1024];
    no_locks = ENOLCK;
    take_two(path, said, sizeof said);
    const char *reason = strstr(said, "cannot be locked: No locks available");
    cr_expect(reason && !strstr(reason + 1, "cannot be locked"), "%s", said);
    no_locks = 0;
    free(path);
}
