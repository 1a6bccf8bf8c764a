/* SPDX-License-Identifier: MIT
 *
 * One lock around HDF5, and its reasons for failing. HDF5 clears its stack of errors at the next
 * call, also at one that only tidies up; so the reason is taken down when the failing call ends. */
#include "io_private.h"

#include <hdf5.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char reason[512]; // of the first failure since enter(); "": none

/* "unable to lock file: No locks available (errno 37)" of a sentence that names a system's error
 * among times, names and addresses. */
static bool say_system(const char *text)
{
    const char *message = strstr(text, "error message = '"), *number = strstr(text, "errno = ");
    if (!message || !number) return false;
    message += strlen("error message = '");
    snprintf(reason, sizeof reason, "%.*s: %.*s (errno %ld)", (int)strcspn(text, ",:"), text,
             (int)strcspn(message, "'"), message, strtol(number + strlen("errno = "), NULL, 10));
    return true;
}

static bool say_short(const char *text)
{
    unsigned long long found, base, expected;
    if (sscanf(text, "truncated file: eof = %llu, sblock->base_addr = %llu, stored_eof = %llu",
               &found, &base, &expected) != 3)
        return false;
    snprintf(reason, sizeof reason,
             "truncated file: expected %llu bytes, found %llu; copy or make it again",
             base + expected, found);
    return true;
}

static void add_advice(void)
{
    const size_t n = strlen(reason);
    const char *advice = "";
    if (strstr(reason, "unable to lock"))
        advice = strstr(reason, "(errno 11)")
                     ? "; another program has it open: wait for it, or do without locks by "
                       "HDF5_USE_FILE_LOCKING=FALSE in the environment"
                     : "; where the file system has no locks, set HDF5_USE_FILE_LOCKING=FALSE in "
                       "the environment";
    else if (strstr(reason, "already open for write"))
        advice = "; if its writer was killed, 'h5clear -s FILE' clears the mark";
    snprintf(reason + n, sizeof reason - n, "%s", advice);
}

static herr_t innermost(unsigned n, const H5E_error2_t *error, void *unused)
{
    (void)unused;
    if (n > 0 || !error->desc) return 0;
    if (!say_system(error->desc) && !say_short(error->desc))
        snprintf(reason, sizeof reason, "%s", error->desc);
    reason[strcspn(reason, "\n")] = '\0';
    add_advice();
    return 0;
}

/* HDF5 calls it at the end of every call that failed. */
static herr_t keep_reason(hid_t stack, void *unused)
{
    (void)unused;
    if (!reason[0]) H5Ewalk2(stack, H5E_WALK_UPWARD, innermost, NULL);
    return 0;
}

void io_store_enter(void)
{
    static bool entered;
    pthread_mutex_lock(&lock);
    if (!entered) H5dont_atexit();          // it would try failed writes again at exit
    if (!entered) H5PLset_loading_state(0); // no file makes this program load other code
    entered = true;
    H5Eset_auto2(H5E_DEFAULT, keep_reason, NULL); // each thread may have a stack of its own
    reason[0] = '\0';
}

void io_store_leave(void)
{
    pthread_mutex_unlock(&lock);
}

void io_store_drop(hid_t id)
{
    if (id >= 0) H5Idec_ref(id);
}

int io_store_hdf5_fail(const struct leadseq_store *store, const char *name, const char *what)
{
    const char *path = store->partial.name ? store->partial.name : store->path;
    return leadseq_fail("%s%s%s: %s%s%s", path, *name ? ": " : "", name, what,
                        reason[0] ? ": " : "", reason);
}
