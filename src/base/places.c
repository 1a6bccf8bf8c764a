/* SPDX-License-Identifier: MIT
 *
 * Paths that hold in other folders too, and where temporary files go. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool can_be_filled(const char *folder)
{
    return leadseq_path_is_folder(folder) && !access(folder, W_OK | X_OK);
}

/* Symbolic links stay: "current -> v3" and automounted homes are meant by their own names. */
char *leadseq_path_absolute(const char *path)
{
    char *here = *path == '/' ? NULL : get_current_dir_name();
    if (!here) return leadseq_format("%s", path);
    char *absolute = leadseq_path_join(here, path);
    free(here);
    return absolute;
}

/* Batch systems set TMPDIR to a folder that only the job's own machine has, and remove it when the
 * job ends. */
const char *leadseq_temporary_folder(void)
{
    const char *named = getenv("TMPDIR");
    if (!named || !*named) return "/tmp";
    if (can_be_filled(named)) return named;
    leadseq_info("TMPDIR: %s is no folder that can be written into; /tmp is used", named);
    return "/tmp";
}
