/* SPDX-License-Identifier: MIT
 *
 * Files that appear whole or not at all, whole reads with a limit, folders. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct leadseq_file {
    FILE *stream;
    char *path, *partial;
};

struct leadseq_file *leadseq_file_create(const char *path)
{
    struct leadseq_file *f = leadseq_calloc(1, sizeof *f);
    if (!f) return NULL;
    f->path = leadseq_format("%s", path);
    f->partial = leadseq_format("%s.partial", path);
    if (!f->path || !f->partial) goto fail;
    f->stream = fopen(f->partial, "wb");
    if (!f->stream) {
        leadseq_fail("%s: cannot be written: %s", f->partial, strerror(errno));
        goto fail;
    }
    return f;
fail:
    leadseq_file_discard(f);
    return NULL;
}

FILE *leadseq_file_stream(struct leadseq_file *f)
{
    return f->stream;
}

/* Closes the stream; earlier writes that failed are noticed here. */
static int close_stream(struct leadseq_file *f, bool sync)
{
    int status = 0;
    if (ferror(f->stream) || fflush(f->stream) || (sync && fsync(fileno(f->stream))))
        status = leadseq_fail("%s: writing failed: %s", f->path, strerror(errno));
    if (fclose(f->stream) && !status)
        status = leadseq_fail("%s: writing failed: %s", f->path, strerror(errno));
    f->stream = NULL;
    return status;
}

int leadseq_file_commit(struct leadseq_file *f)
{
    int status = close_stream(f, true);
    if (!status) status = leadseq_file_rename(f->partial, f->path);
    leadseq_file_discard(f);
    return status;
}

int leadseq_file_commit_unsynced(struct leadseq_file *f)
{
    int status = close_stream(f, false);
    if (!status && rename(f->partial, f->path))
        status =
            leadseq_fail("%s: cannot be renamed to %s: %s", f->partial, f->path, strerror(errno));
    leadseq_file_discard(f);
    return status;
}

void leadseq_file_discard(struct leadseq_file *f)
{
    if (!f) return;
    if (f->stream) fclose(f->stream);
    if (f->partial) unlink(f->partial); // gone already after a commit
    free(f->path);
    free(f->partial);
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

bool leadseq_path_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool leadseq_folder_has(const char *folder, const char *name)
{
    char *path = leadseq_path_join(folder, name);
    bool has = path && leadseq_path_exists(path);
    free(path);
    return has;
}

bool leadseq_path_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

char *leadseq_path_join(const char *folder, const char *name)
{
    size_t n = strlen(folder);
    return leadseq_format("%s%s%s", folder, n && folder[n - 1] == '/' ? "" : "/", name);
}

int leadseq_folder_make(const char *path)
{
    char *copy = leadseq_format("%s", path);
    if (!copy) return -1;
    int status = 0;
    for (char *p = copy + 1; !status; p++) {
        if (*p != '/' && *p != '\0') continue;
        char end = *p;
        *p = '\0';
        if (mkdir(copy, 0777) && !leadseq_path_is_folder(copy))
            status = leadseq_fail("%s: the folder cannot be made: %s", copy, strerror(errno));
        *p = end;
        if (end == '\0') break;
    }
    free(copy);
    return status;
}

static bool folder_is_empty(const char *path)
{
    DIR *d = opendir(path);
    if (!d) return false;
    bool empty = true;
    for (struct dirent *e; empty && (e = readdir(d));)
        empty = !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..");
    closedir(d);
    return empty;
}

int leadseq_folder_make_new(const char *path)
{
    if (leadseq_path_exists(path) && !folder_is_empty(path))
        return leadseq_fail("%s: exists already; choose another name or remove it", path);
    if (leadseq_folder_make(path)) return -1;
    if (access(path, W_OK))
        return leadseq_fail("%s: cannot be written into: %s", path, strerror(errno));
    return 0;
}

static void sync_folder_of(const char *path)
{
    char *copy = leadseq_format("%s", path);
    if (!copy) return;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY);
    if (fd >= 0) {
        fsync(fd); // best effort: some file systems cannot
        close(fd);
    }
    free(copy);
}

int leadseq_file_rename(const char *from, const char *to)
{
    int fd = open(from, O_RDONLY);
    if (fd < 0) return leadseq_fail("%s: cannot be read: %s", from, strerror(errno));
    int status = fsync(fd) ? leadseq_fail("%s: cannot be synced: %s", from, strerror(errno)) : 0;
    close(fd);
    if (status) return -1;
    if (rename(from, to))
        return leadseq_fail("%s: cannot be renamed to %s: %s", from, to, strerror(errno));
    sync_folder_of(to);
    return 0;
}
