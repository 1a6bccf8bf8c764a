/* SPDX-License-Identifier: MIT
 *
 * NAME.partial: the file that a result is until it is complete, written by one program at a time.
 */
#include "lock.h"
#include "publish.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 100, FLAGS = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

static int fail_open(const struct leadseq_partial *p)
{
    if (errno == ELOOP || errno == ENXIO || errno == EISDIR)
        return leadseq_fail("%s: expected to write a file there, found %s; remove it", p->name,
                            errno == ELOOP    ? "a symbolic link"
                            : errno == EISDIR ? "a folder"
                                              : "a pipe");
    return leadseq_fail("%s: cannot be written: %s", p->name, strerror(errno));
}

/* Where the file system has no locks nobody can tell a file that is being written from one that a
 * killed program left: a name of its own, which stays if this program is killed. */
static int open_own(struct leadseq_partial *p)
{
    for (int i = 0; i < TRIES; i++) {
        free(p->name);
        p->name = leadseq_format("%s.%ld-%d.partial", p->path, (long)getpid(), i);
        if (!p->name) return -1;
        p->file = open(p->name, FLAGS | O_EXCL, 0666);
        if (p->file >= 0) return 0;
        if (errno != EEXIST) break;
    }
    return fail_open(p);
}

static void give_back(struct leadseq_partial *p)
{
    if (p->file >= 0) close(p->file);
    p->file = -1;
}

/* 0: it is ours; 1: again; -1. The order matters: only a file that is locked, has this name and
 * no other may be emptied. */
static int claim(struct leadseq_partial *p)
{
    struct stat info;
    enum base_lock lock = base_lock_file(p->file);
    p->held = lock == BASE_LOCK_HELD;
    if (p->held) return base_lock_fail(p->path, p->name);
    if (!base_lock_is_named(p->file, p->name) || fstat(p->file, &info)) return 1;
    if (!S_ISREG(info.st_mode))
        return leadseq_fail("%s: expected to write a file there, found something else; remove it",
                            p->name);
    if (lock == BASE_LOCK_UNKNOWN) {
        if (!info.st_size) unlink(p->name);
        give_back(p);
        return open_own(p);
    }
    if (info.st_nlink > 1) { // another file's contents are not ours to empty
        unlink(p->name);
        return 1;
    }
    if (!ftruncate(p->file, 0)) return 0;
    return leadseq_fail("%s: cannot be written: %s", p->name, strerror(errno));
}

int leadseq_partial_open(struct leadseq_partial *p, const char *path, bool replaces)
{
    *p = (struct leadseq_partial){.file = -1, .replaces = replaces};
    p->path = leadseq_format("%s", path);
    p->name = leadseq_format("%s.partial", path);
    int status = p->path && p->name ? 1 : -1;
    for (int i = 0; status == 1 && i < TRIES; i++) {
        p->file = open(p->name, FLAGS, 0666);
        status = p->file < 0 ? fail_open(p) : claim(p);
        if (status) give_back(p);
    }
    if (status == 1) status = base_lock_fail(path, p->name);
    const bool held = p->held;
    if (status) leadseq_partial_close(p);
    p->held = held;
    return status;
}

/* Unlocked under NAME.partial, it could be emptied by the next program that begins to write. */
int leadseq_partial_unlock(struct leadseq_partial *p)
{
    char *own = leadseq_format("%s.%ld-complete.partial", p->path, (long)getpid());
    if (!own) return -1;
    if (rename(p->name, own)) {
        int status = leadseq_fail("%s: cannot be renamed to %s: %s", p->name, own, strerror(errno));
        free(own);
        return status;
    }
    free(p->name);
    p->name = own;
    flock(p->file, LOCK_UN); // without locks there is none to end
    return 0;
}

/* What is there may have changed since it was looked at; a device is never replaced. */
static int take_name(const struct leadseq_partial *p)
{
    struct stat info;
    if (!lstat(p->path, &info) && !S_ISREG(info.st_mode) && !S_ISLNK(info.st_mode))
        return leadseq_fail("%s: expected a file to replace, found %s", p->path,
                            S_ISDIR(info.st_mode) ? "a folder" : "a device or a pipe");
    if (!(p->replaces ? rename(p->name, p->path) : base_rename_new(p->name, p->path))) return 0;
    if (errno == EEXIST)
        return leadseq_fail("%s: appeared while it was being written; nothing is replaced without "
                            "--force",
                            p->path);
    return leadseq_fail("%s: cannot be renamed to %s: %s", p->name, p->path, strerror(errno));
}

int leadseq_partial_publish(struct leadseq_partial *p, bool synced)
{
    if (synced && fsync(p->file))
        return leadseq_fail("%s: writing failed: %s", p->path, strerror(errno));
    if (take_name(p)) return -1;
    p->published = true;
    if (synced) base_sync_folder_of(p->path);
    return 0;
}

void leadseq_partial_close(struct leadseq_partial *p)
{
    if (p->file >= 0 && !p->published) unlink(p->name);
    give_back(p); // only now may others have it
    free(p->path);
    free(p->name);
    *p = (struct leadseq_partial){.file = -1};
}
