/* SPDX-License-Identifier: MIT
 *
 * One sweep at a time in a folder. Jobs inherit the lock: where a sweep was
 * killed, the next one waits until its jobs have saved themselves. */
#include "sweep/sweep.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { WAIT_SECONDS = 120 };

/* The process that took the lock, 0 where that is unknown or it is gone. */
static long holder_of(int lock)
{
    char text[32] = "";
    if (pread(lock, text, sizeof text - 1, 0) <= 0) return 0;
    long process = strtol(text, NULL, 10);
    return process > 0 && (!kill((pid_t)process, 0) || errno == EPERM) ? process : 0;
}

static int wait_for(int lock, const struct leadseq_sweep *s)
{
    const double begun = leadseq_seconds();
    bool said = false;
    while (flock(lock, LOCK_EX | LOCK_NB)) {
        if (errno != EWOULDBLOCK) return leadseq_fail("%s: cannot be locked", s->folder);
        long process = holder_of(lock);
        if (process)
            return leadseq_fail("%s: another sweep (process %ld) is at work in this folder",
                                s->folder, process);
        if (leadseq_stop_signal()) return leadseq_fail("%s: stopped while waiting", s->folder);
        if (leadseq_seconds() - begun > WAIT_SECONDS)
            return leadseq_fail("%s: jobs of a sweep that was killed are still running", s->folder);
        if (!said) leadseq_info("%s: waiting for jobs of a sweep that was killed", s->folder);
        said = true;
        usleep(100000);
    }
    return 0;
}

int sweep_lock(const struct leadseq_sweep *s)
{
    char *path = leadseq_path_join(s->folder, "sweep.lock");
    int lock = path ? open(path, O_RDWR | O_CREAT, 0666) : -1;
    int status = lock < 0 ? leadseq_fail("%s: cannot be written", path ? path : s->folder) : 0;
    free(path);
    if (!status) status = wait_for(lock, s);
    if (!status && (ftruncate(lock, 0) || dprintf(lock, "%ld\n", (long)getpid()) < 0))
        status = leadseq_fail("%s: sweep.lock cannot be written", s->folder);
    if (!status) return lock;
    if (lock >= 0) close(lock);
    return -1;
}
