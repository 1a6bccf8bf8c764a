/* SPDX-License-Identifier: MIT
 *
 * Locks between processes: flock() on a file or a folder. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
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

enum base_lock base_lock_file(int file)
{
    while (flock(file, LOCK_EX | LOCK_NB)) {
        if (errno == EWOULDBLOCK) return BASE_LOCK_HELD;
        if (errno != EINTR) return BASE_LOCK_UNKNOWN;
    }
    return BASE_LOCK_TAKEN;
}

bool base_lock_is_named(int file, const char *path)
{
    struct stat held, named;
    return !fstat(file, &held) && !lstat(path, &named) && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

static int take(const char *path, int flags, int *lock)
{
    enum { TRIES = 100 };
    for (int i = 0; i < TRIES; i++) {
        *lock = open_it(path, flags);
        if (*lock < 0) return leadseq_fail("%s: cannot be opened: %s", path, strerror(errno));
        enum base_lock found = base_lock_file(*lock);
        if (found == BASE_LOCK_HELD) break;
        if (found == BASE_LOCK_UNKNOWN) warn_once(path, errno);
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

/* --- Who holds it --------------------------------------------------------------------------- */

/* "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF"; the process, 0 where there is none. */
static long holder_in(FILE *locks, ino_t file)
{
    char line[256], kind[16];
    long process;
    unsigned long long inode;
    while (fgets(line, sizeof line, locks))
        if (sscanf(line, "%*s %15s %*s %*s %ld %*x:%*x:%llu", kind, &process, &inode) == 3 &&
            inode == file && (!strcmp(kind, "FLOCK") || !strcmp(kind, "POSIX")) && process > 0)
            return process;
    return 0;
}

static long process_of(const char *path)
{
    struct stat info;
    FILE *locks = stat(path, &info) ? NULL : fopen("/proc/locks", "re");
    long process = locks ? holder_in(locks, info.st_ino) : 0;
    if (locks) fclose(locks);
    return process;
}

const char *leadseq_lock_holder(const char *path, char text[LEADSEQ_HOLDER_TEXT])
{
    char name[32], word[40] = "";
    long process = process_of(path);
    snprintf(text, LEADSEQ_HOLDER_TEXT, "another program");
    if (!process) return text;
    snprintf(name, sizeof name, "/proc/%ld/comm", process);
    FILE *comm = fopen(name, "re");
    if (comm && fgets(word, sizeof word, comm)) word[strcspn(word, "\n")] = '\0';
    if (comm) fclose(comm);
    snprintf(text, LEADSEQ_HOLDER_TEXT, "another program (process %ld%s%s)", process,
             *word ? ", " : "", word);
    return text;
}

int base_lock_fail(const char *path, const char *held)
{
    char text[LEADSEQ_HOLDER_TEXT];
    return leadseq_fail("%s: %s is writing it; wait for it or choose another name", path,
                        leadseq_lock_holder(held, text));
}

int leadseq_lock_claim(const char *path, int *lock)
{
    int status = leadseq_lock_take(path, lock);
    return status == 1 ? base_lock_fail(path, path) : status;
}

int leadseq_lock_await(const char *path, double seconds, int *lock)
{
    const double begun = leadseq_seconds();
    int status;
    while ((status = leadseq_lock_take(path, lock)) == 1 && leadseq_seconds() - begun < seconds &&
           !leadseq_stop_signal())
        usleep(20000);
    return status == 1 ? base_lock_fail(path, path) : status;
}
