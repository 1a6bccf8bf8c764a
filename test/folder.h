/* SPDX-License-Identifier: MIT
 *
 * A folder of its own for each case, files in it, and what an error must say. */
#ifndef TEST_FOLDER_H
#define TEST_FOLDER_H

#include "base/base.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[64];

static inline void make_folder(void)
{
    strcpy(folder, "/tmp/leadseq-test-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static inline void remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

/* As on a full disk: in this test, writing beyond that size of a file fails. */
static inline void limit_files(size_t bytes)
{
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){bytes, RLIM_INFINITY}), 0);
}

/* The path of a name in the folder; eight stay valid at a time. */
static inline const char *in_folder(const char *name)
{
    static char paths[8][512];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline const char *put_bytes(const char *name, const void *data, size_t n)
{
    const char *path = in_folder(name);
    FILE *f = fopen(path, "wb");
    cr_assert(f && fwrite(data, 1, n, f) == n && fclose(f) == 0);
    return path;
}

static inline const char *put(const char *name, const char *text)
{
    return put_bytes(name, text, strlen(text));
}

#define cr_assert_error_has(text)                                                                  \
    cr_assert(strstr(leadseq_error(), (text)), "expected \"%s\" in: %s", (text), leadseq_error())

/* A folder of real records beside the source tree, NULL where it is absent:
 * `variable` of the environment, or ../shared/NAME. */
static inline const char *real_folder(const char *variable, const char *name)
{
    static char path[512];
    const char *said = variable ? getenv(variable) : NULL, *top = getenv("srcdir");
    if (said)
        snprintf(path, sizeof path, "%s", said);
    else
        snprintf(path, sizeof path, "%s/../shared/%s", top ? top : ".", name);
    return leadseq_path_is_folder(path) ? path : NULL;
}

#endif
