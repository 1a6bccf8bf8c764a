/* SPDX-License-Identifier: MIT
 *
 * One sweep at a time in a folder. Jobs inherit the lock: where a sweep was
 * killed, the next one waits until its jobs have saved themselves. */
#include "sweep/sweep.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { WAIT_SECONDS = 120 };

/* The process that took the lock, 0 where that is unknown or it is gone. */
static long holder_of(const char *path)
{
    char *text = leadseq_file_read(path, 64, NULL);
    long process = text ? strtol(text, NULL, 10) : 0;
    free(text);
    return process > 0 && (!kill((pid_t)process, 0) || errno == EPERM) ? process : 0;
}

/* Takes the lock, which has three possible holders. A sweep that is running: refused at once, with
 * its process number, which is in sweep.lock. Jobs of a sweep that was killed: they inherited the
 * lock and are writing their checkpoints, so it waits, since a job started now would find its
 * folder locked. Nobody: taken. The process number distinguishes the first two: that of a killed
 * sweep no longer exists. */
static int wait_for(const char *path, const struct leadseq_sweep *s, int *lock)
{
    const double begun = leadseq_seconds();
    bool said = false;
    for (;;) {
        int status = leadseq_lock_take_inherited(path, lock);
        if (status <= 0) return status;
        long process = holder_of(path);
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
}

int sweep_lock(const struct leadseq_sweep *s)
{
    int lock = -1;
    char *path = leadseq_path_join(s->folder, "sweep.lock");
    int status = path ? wait_for(path, s, &lock) : -1;
    free(path);
    if (!status && (ftruncate(lock, 0) || dprintf(lock, "%ld\n", (long)getpid()) < 0))
        status = leadseq_fail("%s: sweep.lock cannot be written", s->folder);
    if (!status) return lock;
    leadseq_lock_release(lock);
    return -1;
}
