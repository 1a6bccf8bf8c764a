/* SPDX-License-Identifier: MIT
 *
 * Names of files and folders, and what is there. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
