/* SPDX-License-Identifier: MIT */
#include "base/base.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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

/* Files of at most one byte are as good as a full disk. */
static void expect_full_disk(int (*commit)(struct leadseq_file *))
{
    char *path = in_folder("b.tsv"), *partial = in_folder("b.tsv.partial");
    struct leadseq_file *f = leadseq_file_create(path);
    cr_assert(f);
    fputs("lost", leadseq_file_stream(f));
    cr_assert_eq(commit(f), -1);
    cr_assert(strstr(leadseq_error(), "writing failed"), "%s", leadseq_error());
    cr_assert(!leadseq_path_exists(path) && !leadseq_path_exists(partial));
    free(path);
    free(partial);
}

Test(file, a_full_disk_fails_the_commit_and_leaves_nothing_under_the_name)
{
    struct rlimit whole, small;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &whole), 0);
    small = whole;
    small.rlim_cur = 1;
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    expect_full_disk(leadseq_file_commit);
    expect_full_disk(leadseq_file_commit_unsynced);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &whole), 0);
}

/* --- One writer at a time -------------------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert(file);
    fputs(text, file);
    fclose(file);
}

static void expect_text(const char *path, const char *text)
{
    char *found = leadseq_file_read(path, 1000, NULL);
    cr_assert(found, "%s", leadseq_error());
    cr_assert_str_eq(found, text);
    free(found);
}

Test(file, of_two_writers_of_one_file_the_second_is_told_who_the_first_is)
{
    char *path = in_folder("a.tsv"), process[32];
    struct leadseq_file *f = leadseq_file_create(path);
    cr_assert(f);
    fputs("first", leadseq_file_stream(f));
    cr_assert_null(leadseq_file_create(path));
    cr_assert(strstr(leadseq_error(), "is writing it"), "%s", leadseq_error());
    snprintf(process, sizeof process, "process %ld", (long)getpid());
    if (!access("/proc/locks", R_OK) && strstr(leadseq_error(), "(process"))
        cr_assert(strstr(leadseq_error(), process), "%s", leadseq_error());
    cr_assert_eq(leadseq_file_commit(f), 0);
    expect_text(path, "first");
    f = leadseq_file_create(path);
    cr_assert(f, "the lock ends with the file: %s", leadseq_error());
    leadseq_file_discard(f);
    free(path);
}

Test(file, what_a_killed_writer_left_is_written_over)
{
    char *path = in_folder("a.tsv"), *partial = in_folder("a.tsv.partial");
    write_text(partial, "longer than the new contents");
    struct leadseq_file *f = leadseq_file_create(path);
    cr_assert(f, "%s", leadseq_error());
    fputs("new", leadseq_file_stream(f));
    cr_assert_eq(leadseq_file_commit(f), 0);
    expect_text(path, "new");
    cr_assert_not(leadseq_path_exists(partial));
    free(path);
    free(partial);
}

Test(file, a_link_under_the_partial_name_is_never_followed)
{
    char *path = in_folder("a.tsv"), *partial = in_folder("a.tsv.partial");
    char *other = in_folder("other");
    write_text(other, "precious");
    cr_assert_eq(symlink(other, partial), 0);
    cr_assert_null(leadseq_file_create(path));
    cr_assert(strstr(leadseq_error(), "symbolic link"), "%s", leadseq_error());
    expect_text(other, "precious");
    cr_assert_eq(unlink(partial), 0);
    cr_assert_eq(link(other, partial), 0);
    struct leadseq_file *f = leadseq_file_create(path);
    cr_assert(f, "%s", leadseq_error());
    leadseq_file_discard(f);
    expect_text(other, "precious");
    free(path);
    free(partial);
    free(other);
}

Test(file, without_locks_each_writer_has_a_name_of_its_own)
{
    char *path = in_folder("a.tsv"), *partial = in_folder("a.tsv.partial");
    no_locks = ENOLCK;
    struct leadseq_file *one = leadseq_file_create(path), *two = leadseq_file_create(path);
    cr_assert(one && two, "%s", leadseq_error());
    cr_assert_not(leadseq_path_exists(partial));
    fputs("first", leadseq_file_stream(one));
    fputs("2nd", leadseq_file_stream(two));
    cr_assert_eq(leadseq_file_commit(one), 0);
    expect_text(path, "first");
    cr_assert_eq(leadseq_file_commit(two), 0);
    expect_text(path, "2nd");
    struct leadseq_folder *f = leadseq_folder_begin(folder, false);
    cr_assert_null(f);
    char *new = in_folder("new");
    f = leadseq_folder_begin(new, false);
    cr_assert(f, "%s", leadseq_error());
    cr_assert_null(leadseq_folder_begin(new, false));
    cr_assert(strstr(leadseq_error(), "no locks to tell"), "%s", leadseq_error());
    cr_assert_eq(leadseq_folder_commit(f), 0);
    no_locks = 0;
    free(path);
    free(partial);
    free(new);
}

/* --- Outputs that the user named -------------------------------------------------------------- */

Test(file, an_output_that_is_there_is_replaced_with_force_alone)
{
    char *path = in_folder("a.tsv");
    write_text(path, "old");
    cr_assert_null(leadseq_output_create(path, false));
    cr_assert(strstr(leadseq_error(), "--force"), "%s", leadseq_error());
    struct leadseq_file *f = leadseq_output_create(path, true);
    cr_assert(f, "%s", leadseq_error());
    fputs("new", leadseq_file_stream(f));
    expect_text(path, "old");
    cr_assert_eq(leadseq_file_commit(f), 0);
    expect_text(path, "new");
    free(path);
}

Test(file, an_output_that_appears_meanwhile_is_not_replaced)
{
    char *path = in_folder("a.tsv"), *partial = in_folder("a.tsv.partial");
    struct leadseq_file *f = leadseq_output_create(path, false);
    cr_assert(f, "%s", leadseq_error());
    fputs("mine", leadseq_file_stream(f));
    write_text(path, "another's");
    cr_assert_eq(leadseq_file_commit(f), -1);
    cr_assert(strstr(leadseq_error(), "appeared"), "%s", leadseq_error());
    expect_text(path, "another's");
    cr_assert_not(leadseq_path_exists(partial));
    free(path);
    free(partial);
}

Test(file, of_a_link_the_link_is_replaced_and_not_what_it_leads_to)
{
    char *path = in_folder("link"), *other = in_folder("other"), *nothing = in_folder("nothing");
    write_text(other, "precious");
    cr_assert_eq(symlink(other, path), 0);
    cr_assert_null(leadseq_output_create(path, false));
    struct leadseq_file *f = leadseq_output_create(path, true);
    cr_assert(f, "%s", leadseq_error());
    fputs("new", leadseq_file_stream(f));
    cr_assert_eq(leadseq_file_commit(f), 0);
    expect_text(path, "new");
    expect_text(other, "precious");
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink(nothing, path), 0);
    cr_assert_null(leadseq_output_create(path, false));
    cr_assert(strstr(leadseq_error(), "link to nothing"), "%s", leadseq_error());
    free(path);
    free(other);
    free(nothing);
}

Test(file, pipes_and_open_files_are_written_straight_through)
{
    char *path = in_folder("pipe"), text[8] = "", name[32];
    cr_assert_eq(mkfifo(path, 0600), 0);
    int end = open(path, O_RDONLY | O_NONBLOCK);
    struct leadseq_file *f = leadseq_output_create(path, false);
    cr_assert(f, "%s", leadseq_error());
    fputs("through", leadseq_file_stream(f));
    cr_assert_eq(leadseq_file_commit(f), 0);
    cr_assert_eq(read(end, text, sizeof text), 7);
    cr_assert(!strncmp(text, "through", 7));
    struct stat info;
    cr_assert(!stat(path, &info) && S_ISFIFO(info.st_mode));
    close(end);
    char *table = in_folder("table");
    int fd = open(table, O_WRONLY | O_CREAT, 0600);
    cr_assert_eq(write(fd, "a", 1), 1);
    snprintf(name, sizeof name, "/dev/fd/%d", fd);
    f = leadseq_output_create(name, false);
    cr_assert(f, "%s", leadseq_error());
    fputs("b", leadseq_file_stream(f));
    cr_assert_eq(leadseq_file_commit(f), 0);
    close(fd);
    expect_text(table, "ab");
    free(path);
    free(table);
}

Test(file, a_device_is_written_into_and_stays_a_device)
{
    struct stat info;
    char *full = geteuid() ? strdup("/dev/full") : in_folder("full"); // root's could be replaced
    if (!geteuid() && mknod(full, S_IFCHR | 0666, makedev(1, 7))) cr_skip_test("no device");
    int fd = open(full, O_WRONLY); // not where devices are not allowed
    if (fd < 0) cr_skip_test("no device");
    close(fd);
    struct leadseq_file *f = leadseq_output_create(full, true);
    cr_assert(f, "%s", leadseq_error());
    fputs("lost", leadseq_file_stream(f));
    cr_assert_eq(leadseq_file_commit(f), -1);
    cr_assert(strstr(leadseq_error(), "No space left"), "%s", leadseq_error());
    cr_assert(!stat(full, &info) && S_ISCHR(info.st_mode));
    free(full);
}

Test(file, a_missing_folder_is_named)
{
    char *path = in_folder("none/a.tsv");
    cr_assert_null(leadseq_output_create(path, true));
    cr_assert(strstr(leadseq_error(), "none; make it"), "%s", leadseq_error());
    cr_assert_eq(leadseq_output_check_folder(path), 0);
    cr_assert_eq(leadseq_output_check_folder("/dev/null/a/b"), -1);
    cr_assert(strstr(leadseq_error(), "expected a folder, found a file"), "%s", leadseq_error());
    free(path);
}

/* --- Folders that appear whole ---------------------------------------------------------------- */

static void write_in(const char *inside, const char *name, const char *text)
{
    char *path = leadseq_path_join(inside, name);
    write_text(path, text);
    free(path);
}

Test(file, a_folder_appears_when_it_is_complete)
{
    char *path = in_folder("x/new"), *partial = in_folder("x/new.partial");
    struct leadseq_folder *f = leadseq_folder_begin(path, false);
    cr_assert(f, "%s", leadseq_error());
    cr_assert_str_eq(leadseq_folder_partial(f), partial);
    write_in(partial, "a", "1");
    cr_assert_null(leadseq_folder_begin(path, false));
    cr_assert(strstr(leadseq_error(), "is writing it"), "%s", leadseq_error());
    cr_assert_not(leadseq_path_exists(path));
    cr_assert_eq(leadseq_folder_commit(f), 0);
    cr_assert(leadseq_folder_has(path, "a") && !leadseq_folder_has(path, ".unfinished"));
    cr_assert_not(leadseq_path_exists(partial));
    cr_assert_null(leadseq_folder_begin(path, false));
    cr_assert(strstr(leadseq_error(), "exists already"), "%s", leadseq_error());
    free(path);
    free(partial);
}

Test(file, a_folder_that_is_given_up_leaves_nothing)
{
    char *path = in_folder("new"), *partial = in_folder("new.partial");
    char *below = in_folder("new.partial/below");
    struct leadseq_folder *f = leadseq_folder_begin(path, false);
    cr_assert(f, "%s", leadseq_error());
    cr_assert_eq(leadseq_folder_make(below), 0);
    write_in(below, "a", "1");
    leadseq_folder_discard(f);
    cr_assert(!leadseq_path_exists(path) && !leadseq_path_exists(partial));
    free(path);
    free(partial);
    free(below);
}

Test(file, what_a_killed_program_left_of_a_folder_is_emptied_and_nothing_else)
{
    char *path = in_folder("new"), *partial = in_folder("new.partial");
    cr_assert_eq(leadseq_folder_make(partial), 0);
    write_in(partial, "somebody's", "1");
    cr_assert_null(leadseq_folder_begin(path, false));
    cr_assert(strstr(leadseq_error(), "not what an interrupted run left"), "%s", leadseq_error());
    cr_assert(leadseq_folder_has(partial, "somebody's"));
    write_in(partial, ".unfinished", "");
    struct leadseq_folder *f = leadseq_folder_begin(path, false);
    cr_assert(f, "%s", leadseq_error());
    cr_assert_not(leadseq_folder_has(partial, "somebody's"));
    cr_assert_eq(leadseq_folder_commit(f), 0);
    free(path);
    free(partial);
}

Test(file, a_link_in_place_of_an_unfinished_folder_is_refused_and_named)
{
    char *path = in_folder("new"), *partial = in_folder("new.partial"), *away = in_folder("away");
    cr_assert_eq(symlink(away, partial), 0); // to nothing
    cr_assert_null(leadseq_folder_begin(path, false));
    cr_assert(strstr(leadseq_error(), "found something else"), "%s", leadseq_error());
    cr_assert_eq(leadseq_folder_make(away), 0);
    cr_assert_null(leadseq_folder_begin(path, false));
    cr_assert(strstr(leadseq_error(), "found something else"), "%s", leadseq_error());
    cr_assert(leadseq_folder_is_empty(away));
    free(path);
    free(partial);
    free(away);
}

Test(file, a_folder_is_replaced_as_a_whole)
{
    char *path = in_folder("old"), *partial = in_folder("old.partial");
    cr_assert_eq(leadseq_folder_make(path), 0);
    write_in(path, "old", "1");
    struct leadseq_folder *f = leadseq_folder_begin(path, true);
    cr_assert(f, "%s", leadseq_error());
    write_in(partial, "new", "1");
    cr_assert(leadseq_folder_has(path, "old"));
    cr_assert_eq(leadseq_folder_commit(f), 0);
    cr_assert(leadseq_folder_has(path, "new") && !leadseq_folder_has(path, "old"));
    cr_assert(!leadseq_folder_has(path, ".unfinished") && !leadseq_path_exists(partial));
    free(path);
    free(partial);
}

Test(file, a_folder_that_cannot_be_made_says_why)
{
    char *file = in_folder("file"), *inside = in_folder("file/a");
    write_text(file, "");
    cr_assert_eq(leadseq_folder_make("/proc/leadseq"), -1);
    cr_assert_eq(leadseq_folder_make(inside), -1);
    cr_assert(strstr(leadseq_error(), "a file has its name"), "%s", leadseq_error());
    cr_assert_eq(leadseq_folder_make(""), -1);
    free(file);
    free(inside);
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
    cr_assert(strstr(leadseq_error(), "is writing it"), "%s", leadseq_error());
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
