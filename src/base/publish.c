/* SPDX-License-Identifier: MIT
 *
 * How something that is complete gets its final name. */
#include "publish.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void base_sync_folder_of(const char *path)
{
    char *copy = leadseq_format("%s", path);
    if (!copy) return;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); // best effort: some file systems cannot
        close(fd);
    }
    free(copy);
}

int leadseq_file_rename(const char *from, const char *to)
{
    int fd = open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return leadseq_fail("%s: cannot be read: %s", from, strerror(errno));
    int status = fsync(fd) ? leadseq_fail("%s: cannot be synced: %s", from, strerror(errno)) : 0;
    close(fd);
    if (status) return -1;
    if (rename(from, to))
        return leadseq_fail("%s: cannot be renamed to %s: %s", from, to, strerror(errno));
    base_sync_folder_of(to);
    return 0;
}

static bool lacks_it(int error)
{
    return error == EINVAL || error == ENOSYS || error == ENOTSUP || error == EPERM;
}

/* Three ways, the best that the file system has: the last one leaves a moment in which a file of
 * that name could appear and be replaced. */
int base_rename_new(const char *from, const char *to)
{
    struct stat info;
    if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE)) return 0;
    if (!lacks_it(errno)) return -1;
    if (!link(from, to)) {
        unlink(from);
        return 0;
    }
    if (!lacks_it(errno)) return -1;
    if (lstat(to, &info)) return rename(from, to);
    errno = EEXIST;
    return -1;
}

int base_exchange(const char *a, const char *b)
{
    if (!renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE)) return 0;
    if (!lacks_it(errno)) return -1;
    char *aside = leadseq_format("%s.aside", a);
    int status = aside && !rename(b, aside) ? rename(a, b) : -1;
    if (!status)
        status = rename(aside, a);
    else if (aside)
        (void)!rename(aside, b); // as it was
    free(aside);
    return status;
}
