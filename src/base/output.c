/* SPDX-License-Identifier: MIT
 *
 * Outputs that a person named: what may be there, and whether it can be written. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The number of an open file that `path` is a name of: /dev/stdout, /dev/fd/3; -1: none. */
static int descriptor_of(const char *path)
{
    static const char *const before[] = {"/dev/fd/", "/proc/self/fd/"};
    int number = -1;
    if (!strcmp(path, "/dev/stdout")) return STDOUT_FILENO;
    if (!strcmp(path, "/dev/stderr")) return STDERR_FILENO;
    for (size_t i = 0; i < LEADSEQ_COUNT(before); i++)
        if (!strncmp(path, before[i], strlen(before[i])) &&
            leadseq_parse_int(path + strlen(before[i]), 0, 1 << 20, &number))
            return number;
    return -1;
}

bool leadseq_output_is_stream(const char *path)
{
    struct stat info;
    if (descriptor_of(path) >= 0) return true;
    return !stat(path, &info) &&
           (S_ISCHR(info.st_mode) || S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

/* An open file by its number is written on where it is, also a regular one: `> table.tsv`. */
int base_output_open(const char *path)
{
    int number = descriptor_of(path);
    fflush(stdout); // what was printed before comes first
    int fd = number < 0 ? open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC)
                        : fcntl(number, F_DUPFD_CLOEXEC, 0);
    if (fd >= 0) return fd;
    return leadseq_fail("%s: cannot be written: %s", path, strerror(errno));
}

/* --- Before any work ------------------------------------------------------------------------ */

/* Of a file: its folder must be there and be writable. */
static int check_parent(const char *path)
{
    char *copy = leadseq_format("%s", path);
    if (!copy) return -1;
    const char *parent = dirname(copy);
    int status = 0;
    if (!leadseq_path_is_folder(parent))
        status = leadseq_fail("%s: cannot be written: expected the folder %s, found %s", path,
                              parent, leadseq_path_exists(parent) ? "a file" : "none; make it");
    else if (access(parent, W_OK | X_OK))
        status =
            leadseq_fail("%s: cannot be written: the folder %s: %s", path, parent, strerror(errno));
    free(copy);
    return status;
}

int leadseq_output_check(const char *path, bool force)
{
    struct stat info, itself;
    size_t n = strlen(path);
    if (!n) return leadseq_fail("expected the name of a file, found an empty one");
    bool there = !stat(path, &info);
    if (path[n - 1] == '/' || (there && S_ISDIR(info.st_mode)))
        return leadseq_fail("%s: expected the name of a file, found a folder", path);
    if (leadseq_output_is_stream(path)) {
        if (descriptor_of(path) >= 0 || !access(path, W_OK)) return 0;
        return leadseq_fail("%s: cannot be written: %s", path, strerror(errno));
    }
    if (there && !S_ISREG(info.st_mode))
        return leadseq_fail("%s: expected a file, a pipe or a character device, found something "
                            "else",
                            path);
    if (!force && !lstat(path, &itself))
        return leadseq_fail("%s: exists already%s; choose another name, or replace it with --force",
                            path, there ? "" : " (a symbolic link to nothing)");
    return check_parent(path);
}

/* Of a folder: what is there already must be writable, what is missing is made. */
int leadseq_output_check_folder(const char *path)
{
    struct stat info;
    char *at = leadseq_format("%s", path);
    if (!at) return -1;
    char *parent = at; // the first of the folder and its parents that is there
    while (*parent && lstat(parent, &info) && (errno == ENOENT || errno == ENOTDIR))
        parent = dirname(parent);
    int status = 0;
    if (!*path)
        status = leadseq_fail("expected the name of a folder, found an empty one");
    else if (leadseq_path_exists(parent) && !leadseq_path_is_folder(parent))
        status = leadseq_fail("%s: expected a folder, found a file", parent);
    else if (access(parent, W_OK | X_OK) && !strcmp(parent, path))
        status = leadseq_fail("%s: cannot be written into: %s", path, strerror(errno));
    else if (access(parent, W_OK | X_OK))
        status =
            leadseq_fail("%s: the folder cannot be made: %s: %s", path, parent, strerror(errno));
    free(at);
    return status;
}
