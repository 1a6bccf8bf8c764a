/* SPDX-License-Identifier: MIT
 *
 * Files that appear whole or not at all, and whole reads with a limit. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct leadseq_file {
    FILE *stream;
    char *through; // the name of a device or pipe, written without a partial file
    struct leadseq_partial partial;
};

static struct leadseq_file *file_new(void)
{
    struct leadseq_file *f = leadseq_calloc(1, sizeof *f);
    if (f) f->partial.file = -1;
    return f;
}

/* NULL and *held where another program writes it. */
static struct leadseq_file *open_partial(const char *path, bool replaces, bool *held)
{
    struct leadseq_file *f = file_new();
    if (!f) return NULL;
    if (!leadseq_partial_open(&f->partial, path, replaces)) {
        int copy = fcntl(f->partial.file, F_DUPFD_CLOEXEC, 0); // the lock outlives the stream
        f->stream = copy < 0 ? NULL : fdopen(copy, "wb");
        if (f->stream) return f;
        leadseq_fail("%s: cannot be written: %s", path, strerror(errno));
        if (copy >= 0) close(copy);
    }
    *held = f->partial.held;
    leadseq_file_discard(f);
    return NULL;
}

static struct leadseq_file *open_through(const char *path)
{
    struct leadseq_file *f = file_new();
    if (!f) return NULL;
    int fd = base_output_open(path);
    f->through = fd < 0 ? NULL : leadseq_format("%s", path);
    f->stream = f->through ? fdopen(fd, "wb") : NULL;
    if (f->stream) return f;
    if (fd >= 0) close(fd);
    leadseq_file_discard(f);
    return NULL;
}

struct leadseq_file *leadseq_file_create(const char *path)
{
    bool held;
    return open_partial(path, true, &held);
}

struct leadseq_file *leadseq_file_await(const char *path)
{
    enum { SECONDS = 60, PAUSE_US = 20000 };
    const double begun = leadseq_seconds();
    for (;;) {
        bool held = false;
        struct leadseq_file *f = open_partial(path, true, &held);
        if (f || !held || leadseq_seconds() - begun > SECONDS || leadseq_stop_signal()) return f;
        usleep(PAUSE_US);
    }
}

struct leadseq_file *leadseq_output_create(const char *path, bool force)
{
    bool held;
    if (leadseq_output_check(path, force)) return NULL;
    return leadseq_output_is_stream(path) ? open_through(path) : open_partial(path, force, &held);
}

FILE *leadseq_file_stream(struct leadseq_file *f)
{
    return f->stream;
}

/* Closes the stream; earlier writes that failed are noticed here. */
static int close_stream(struct leadseq_file *f)
{
    const char *path = f->through ? f->through : f->partial.path;
    int status = 0;
    if (ferror(f->stream) || fflush(f->stream))
        status = leadseq_fail("%s: writing failed: %s", path, leadseq_write_reason(f->stream));
    if (fclose(f->stream) && !status)
        status = leadseq_fail("%s: writing failed: %s", path, strerror(errno));
    f->stream = NULL;
    return status;
}

static int commit(struct leadseq_file *f, bool synced)
{
    int status = close_stream(f);
    if (!status && !f->through) status = leadseq_partial_publish(&f->partial, synced);
    leadseq_file_discard(f);
    return status;
}

int leadseq_file_commit(struct leadseq_file *f)
{
    return commit(f, true);
}

int leadseq_file_commit_unsynced(struct leadseq_file *f)
{
    return commit(f, false);
}

void leadseq_file_discard(struct leadseq_file *f)
{
    if (!f) return;
    if (f->stream) fclose(f->stream);
    leadseq_partial_close(&f->partial);
    free(f->through);
    free(f);
}

static char *read_stream(FILE *stream, const char *path, size_t limit, size_t *size)
{
    struct stat info;
    if (fstat(fileno(stream), &info) || !S_ISREG(info.st_mode)) {
        leadseq_fail("%s: expected a regular file", path);
        return NULL;
    }
    if ((size_t)info.st_size > limit) {
        leadseq_fail("%s: expected at most %zu bytes, found %lld", path, limit,
                     (long long)info.st_size);
        return NULL;
    }
    char *text = leadseq_calloc((size_t)info.st_size + 1, 1);
    if (!text) return NULL;
    size_t n = fread(text, 1, (size_t)info.st_size, stream);
    if (n != (size_t)info.st_size) {
        leadseq_fail("%s: read %zu of %lld bytes: %s", path, n, (long long)info.st_size,
                     ferror(stream) ? strerror(errno) : "it is getting shorter");
        free(text);
        return NULL;
    }
    if (size) *size = n;
    return text;
}

char *leadseq_file_read(const char *path, size_t limit, size_t *size)
{
    FILE *stream = fopen(path, "rb");
    if (!stream) {
        leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
        return NULL;
    }
    char *text = read_stream(stream, path, limit, size);
    fclose(stream);
    return text;
}
