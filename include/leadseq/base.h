/* SPDX-License-Identifier: MIT
 *
 * What every part of the library shares: its version, errors, the log, and
 * requests that long work stops.
 *
 * Ownership: strings returned as `char *` are the caller's to free();
 * `const char *` remain the library's.
 *
 * Threads: every function here may be called from any thread. The message of an
 * error belongs to the thread that caused it; log level, bars and the request to
 * stop are one for the whole process. */
#ifndef LEADSEQ_BASE_PUBLIC_H
#define LEADSEQ_BASE_PUBLIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
#define LEADSEQ_BEGIN extern "C" {
#define LEADSEQ_END   }
#else
#define LEADSEQ_BEGIN
#define LEADSEQ_END
#endif

/* The compiler complains if a result marked with this is dropped. */
#define LEADSEQ_CHECKED __attribute__((warn_unused_result))

/* The version of these headers: `#if LEADSEQ_VERSION >= LEADSEQ_VERSION_OF(0, 2, 0)`. */
#define LEADSEQ_VERSION_OF(major, minor, patch) ((major)*10000 + (minor)*100 + (patch))
#define LEADSEQ_VERSION_MAJOR                   0
#define LEADSEQ_VERSION_MINOR                   2
#define LEADSEQ_VERSION_PATCH                   0
#define LEADSEQ_VERSION                                                                            \
    LEADSEQ_VERSION_OF(LEADSEQ_VERSION_MAJOR, LEADSEQ_VERSION_MINOR, LEADSEQ_VERSION_PATCH)

LEADSEQ_BEGIN

/* The version of the library that is linked: "0.2.0". */
const char *leadseq_version(void);

/* --- Errors -----------------------------------------------------------------------
 * A function that can fail returns 0 or -1 (constructors NULL) and leaves one
 * message for its thread. A message says which file, what was expected, what was
 * found, and what to do. */

/* The message of this thread's last failure, "" if nothing failed. Valid until the thread's
 * next call that fails. */
const char *leadseq_error(void);
void leadseq_error_clear(void);

/* --- Log and progress ------------------------------------------------------------
 * Lines go to stderr, and with a time stamp to one more file if one is set: a
 * run's log. Lines and bars of several threads appear whole, one after the other. Both
 * settings below are one for the process; each setter returns the previous value, so
 * that a caller can put it back. */

enum leadseq_log_level {
    LEADSEQ_LOG_NONE = -1,
    LEADSEQ_LOG_WARN,
    LEADSEQ_LOG_INFO,
    LEADSEQ_LOG_DEBUG
};

/* What reaches stderr: messages of this level and of more severe ones (default: INFO). */
enum leadseq_log_level leadseq_log_level(enum leadseq_log_level most);
/* Progress bars are drawn by default; false silences them. */
bool leadseq_progress_show(bool show);

/* --- Stopping --------------------------------------------------------------------- */

/* After this call, SIGINT, SIGTERM, SIGUSR1 and SIGXCPU (which batch systems send before they end a
 * job), SIGHUP (a terminal or an ssh that is gone) and SIGPIPE (nobody reads the output) request
 * that long work stops at the next safe place; a second SIGINT or SIGTERM, more than a second
 * later, ends the program at once. SIGXFSZ ends nothing: the write beyond `ulimit -f` fails.
 * SIGHUP and SIGPIPE stay ignored where they are (nohup). Without this call a program's own signal
 * handling is left alone. */
void leadseq_stop_install(void);
/* The signal that requested it, 0 if none did. */
int leadseq_stop_signal(void);
/* Requests it from within the program, as such a signal would. */
void leadseq_stop_request(int signal_number);

LEADSEQ_END

#endif
