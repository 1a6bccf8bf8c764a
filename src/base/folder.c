/* SPDX-License-Identifier: MIT
 *
 * Folders: made with their parents, and such that appear under their name when all is in them. */
#include "lock.h"
#include "publish.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int leadseq_folder_make(const char *path)
{
    if (!*path) return leadseq_fail("expected the name of a folder, found an empty one");
    char *copy = leadseq_format("%s", path);
    if (!copy) return -1;
    int status = 0;
    for (char *p = copy + 1; !status; p++) {
        if (*p != '/' && *p != '\0') continue;
        char end = *p;
        *p = '\0';
        if (mkdir(copy, 0777)) {
            int why = errno; // of mkdir(), not of the look at what is there
            if (!leadseq_path_is_folder(copy))
                status = leadseq_fail("%s: the folder cannot be made: %s", copy,
                                      why == EEXIST ? "a file has its name" : strerror(why));
        }
        *p = end;
        if (end == '\0') break;
    }
    free(copy);
    return status;
}

bool leadseq_folder_is_empty(const char *path)
{
    DIR *d = opendir(path);
    if (!d) return false;
    bool empty = true;
    for (struct dirent *e; empty && (e = readdir(d));)
        empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
    closedir(d);
    return empty;
}

/* Whether it is `known`, or that as a file is called until it is complete. */
static bool is_known(const char *name, const char *known)
{
    size_t n = strlen(known);
    if (strncmp(name, known, n) != 0) return false;
    return !name[n] || (name[n] == '.' && leadseq_ends_with(name, ".partial"));
}

char *leadseq_folder_stranger(const char *path, const char *const *names)
{
    char *found = NULL;
    DIR *d = opendir(path);
    if (!d) return NULL;
    for (struct dirent *e; !found && (e = readdir(d));) {
        bool known = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
        for (size_t i = 0; names[i]; i++) known = known || is_known(e->d_name, names[i]);
        if (!known) found = leadseq_format("%s", e->d_name);
    }
    closedir(d);
    return found;
}

/* Fails where anything but an empty folder is there. */
static int check_new(const char *path)
{
    struct stat info;
    if (lstat(path, &info) || leadseq_folder_is_empty(path)) return 0;
    return leadseq_fail("%s: exists already; choose another name or remove it", path);
}

int leadseq_folder_make_new(const char *path)
{
    if (check_new(path) || leadseq_folder_make(path)) return -1;
    if (access(path, W_OK))
        return leadseq_fail("%s: cannot be written into: %s", path, strerror(errno));
    return 0;
}

int leadseq_folder_take_new(const char *path, int *lock)
{
    *lock = -1;
    if (leadseq_folder_make_new(path)) return -1;
    int status = leadseq_lock_claim(path, lock);
    // it was empty before the lock was taken; who held the lock before may have filled it
    if (!status) status = leadseq_folder_make_new(path);
    if (status) {
        leadseq_lock_release(*lock);
        *lock = -1;
    }
    return status;
}

/* --- Folders that appear whole -------------------------------------------------------------- */

/* In a folder that is not complete, and only there: the file that is locked, and the sign that
 * everything beside it may be removed. */
static const char mark_name[] = ".unfinished";

struct leadseq_folder {
    char *path, *partial, *mark;
    int lock;      // on the mark
    bool replaces; // what is under the final name
};

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info, (void)kind;
    bool stays = place->level == 0 || (place->level == 1 && !strcmp(path + place->base, mark_name));
    if (!stays) remove(path);
    return 0;
}

/* All but the folder itself and its mark; links are removed, not followed. */
static void empty_folder(const char *path)
{
    enum { OPEN_FOLDERS = 16 };
    nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

static void remove_all(const struct leadseq_folder *f)
{
    empty_folder(f->partial);
    unlink(f->mark);
    rmdir(f->partial);
}

/* A folder of that name without the mark is somebody's, unless it is empty. */
static int check_partial(const struct leadseq_folder *f)
{
    struct stat info;
    if (lstat(f->partial, &info) || !S_ISDIR(info.st_mode))
        return leadseq_fail("%s: expected to make a folder there, found something else; remove it",
                            f->partial);
    if (!lstat(f->mark, &info) || leadseq_folder_is_empty(f->partial)) return 0;
    return leadseq_fail("%s: exists already, and is not what an interrupted run left; remove it",
                        f->partial);
}

static int fail_lockless(const struct leadseq_folder *f)
{
    return leadseq_fail("%s: is being written by another program, or was left by one that was "
                        "killed (its file system has no locks to tell); in the second case remove "
                        "it",
                        f->partial);
}

/* 0: ours, and empty; 1: again, since its holder has just ended; -1. */
static int claim(struct leadseq_folder *f)
{
    struct stat info;
    bool made = !mkdir(f->partial, 0777);
    if (!made && errno != EEXIST)
        return leadseq_fail("%s: the folder cannot be made: %s", f->partial, strerror(errno));
    if (!made && check_partial(f)) return lstat(f->partial, &info) ? 1 : -1;
    f->lock = open(f->mark, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    if (f->lock < 0 && errno == ENOENT) return 1;
    if (f->lock < 0) return leadseq_fail("%s: cannot be written: %s", f->mark, strerror(errno));
    enum base_lock lock = base_lock_file(f->lock);
    if (lock == BASE_LOCK_HELD) return base_lock_fail(f->path, f->mark);
    if (lock == BASE_LOCK_UNKNOWN && !made) return fail_lockless(f);
    if (!base_lock_is_named(f->lock, f->mark)) return 1;
    if (!made) empty_folder(f->partial);
    return 0;
}

static int take(struct leadseq_folder *f)
{
    enum { TRIES = 100 };
    int status = 1;
    for (int i = 0; status == 1 && i < TRIES; i++) {
        status = claim(f);
        if (!status) return 0;
        leadseq_lock_release(f->lock);
        f->lock = -1;
    }
    return status == 1 ? base_lock_fail(f->path, f->mark) : -1;
}

/* Without slashes at its end; where a link leads to a folder, that folder. */
static char *plain_path(const char *path)
{
    char whole[PATH_MAX];
    if (leadseq_path_is_folder(path) && realpath(path, whole)) return leadseq_format("%s", whole);
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/') n--;
    return leadseq_format("%.*s", (int)n, path);
}

static int make_parents(const char *path)
{
    char *copy = leadseq_format("%s", path);
    int status = copy ? leadseq_folder_make(dirname(copy)) : -1;
    free(copy);
    return status;
}

struct leadseq_folder *leadseq_folder_begin(const char *path, bool replaces)
{
    struct leadseq_folder *f = leadseq_calloc(1, sizeof *f);
    if (!f) return NULL;
    f->lock = -1;
    f->replaces = replaces;
    f->path = plain_path(path);
    f->partial = f->path ? leadseq_format("%s.partial", f->path) : NULL;
    f->mark = f->partial ? leadseq_path_join(f->partial, mark_name) : NULL;
    if (f->mark && (replaces || !check_new(f->path)) && !make_parents(f->path) && !take(f)) {
        // its previous holder may have filled it
        if (replaces || !check_new(f->path)) return f;
    }
    leadseq_folder_discard(f);
    return NULL;
}

const char *leadseq_folder_partial(const struct leadseq_folder *f)
{
    return f->partial;
}

static void folder_free(struct leadseq_folder *f)
{
    leadseq_lock_release(f->lock);
    free(f->path);
    free(f->partial);
    free(f->mark);
    free(f);
}

/* The mark moves with the folder: it is taken out of what is complete last, so that a killed
 * program leaves nothing that cannot be told from somebody's folder. */
static int remove_mark(const struct leadseq_folder *f, bool exchanged)
{
    char *mark = leadseq_path_join(f->path, mark_name);
    if (!mark) return -1;
    if (exchanged && !rename(mark, f->mark))
        remove_all(f); // what was replaced
    else
        unlink(mark);
    free(mark);
    return 0;
}

/* rename() replaces an empty folder and no other. */
static int publish(const struct leadseq_folder *f)
{
    bool exchange =
        f->replaces && leadseq_path_exists(f->path) && !leadseq_folder_is_empty(f->path);
    int failed = exchange ? base_exchange(f->partial, f->path) : rename(f->partial, f->path);
    if (!failed) return remove_mark(f, exchange);
    bool appeared = errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR;
    return leadseq_fail("%s: cannot be renamed to %s: %s", f->partial, f->path,
                        appeared ? "something of that name appeared meanwhile" : strerror(errno));
}

int leadseq_folder_commit(struct leadseq_folder *f)
{
    if (!f) return 0;
    int fd = open(f->partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); // best effort: some file systems cannot
        close(fd);
    }
    if (publish(f)) {
        leadseq_folder_discard(f);
        return -1;
    }
    base_sync_folder_of(f->path);
    folder_free(f);
    return 0;
}

void leadseq_folder_discard(struct leadseq_folder *f)
{
    if (!f) return;
    if (f->lock >= 0) remove_all(f);
    folder_free(f);
}
