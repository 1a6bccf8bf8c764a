/* SPDX-License-Identifier: MIT
 *
 * Locks between processes: flock() on a file or a folder. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_it(const char *path, int flags)
{
    if (leadseq_path_is_folder(path)) return open(path, O_RDONLY | O_DIRECTORY | flags);
    return open(path, O_RDWR | O_CREAT | flags, 0666);
}

/* The previous holder may have renamed or removed the file between our open() and flock(): then we
 * hold a lock that nobody else will ever request. */
static bool is_still_there(int lock, const char *path)
{
    struct stat held, named;
    return !fstat(lock, &held) && !stat(path, &named) && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

/* The file system has no locks, and there is nothing to wait for. */
static void warn_once(const char *path, int why)
{
    static atomic_flag said = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&said)) return;
    leadseq_warn("%s: cannot be locked: %s (errno %d); do not start two programs that write into "
                 "one folder here, since nothing keeps them apart",
                 path, strerror(why), why);
}

static int take(const char *path, int flags, int *lock)
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        *lock = open_it(path, flags);
        if (*lock < 0) return leadseq_fail("%s: cannot be opened: %s", path, strerror(errno));
        int why = flock(*lock, LOCK_EX | LOCK_NB) ? errno : 0;
        if (why == EWOULDBLOCK) break;
        if (why) warn_once(path, why);
        if (is_still_there(*lock, path)) return 0;
        close(*lock);
        *lock = -1;
    }
    if (*lock >= 0) close(*lock);
    *lock = -1;
    return 1;
}

int leadseq_lock_take(const char *path, int *lock)
{
    return take(path, O_CLOEXEC, lock);
}

int leadseq_lock_take_inherited(const char *path, int *lock)
{
    return take(path, 0, lock);
}

void leadseq_lock_release(int lock)
{
    if (lock >= 0) close(lock);
}

bool leadseq_lock_is_held(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool held = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
    close(fd);
    return held;
}

int leadseq_folder_take_new(const char *path, int *lock)
{
    *lock = -1;
    if (leadseq_folder_make_new(path)) return -1;
    int status = leadseq_lock_take(path, lock);
    if (status == 1)
        status = leadseq_fail("%s: another program is writing into it; choose another name", path);
    // It was empty before the lock was taken; a program that held the lock before may have filled
    // it.
    if (!status) status = leadseq_folder_make_new(path);
    if (status) {
        leadseq_lock_release(*lock);
        *lock = -1;
    }
    return status;
}
