/* SPDX-License-Identifier: MIT
 *
 * Log lines: to stderr for a person, with a time stamp to the run's own log. */
#include "base/base.h"

#include "base_private.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum leadseq_log_level shown = LEADSEQ_LOG_INFO;
static FILE *log_file;

void leadseq_log_level(enum leadseq_log_level most)
{
    shown = most;
}

void leadseq_log_file(FILE *file)
{
    pthread_mutex_lock(&lock);
    log_file = file;
    pthread_mutex_unlock(&lock);
}

static LEADSEQ_PRINTF(2, 0) void log_line(enum leadseq_log_level level, const char *format,
                                          va_list args)
{
    static const char *const prefix[] = {"warning: ", "", ""};
    char text[4096];
    vsnprintf(text, sizeof text, format, args);
    pthread_mutex_lock(&lock);
    if (level <= shown) {
        base_progress_hide();
        fprintf(stderr, "%s%s\n", prefix[level], text);
    }
    if (log_file) {
        char when[32];
        leadseq_timestamp(when);
        fprintf(log_file, "%s %s%s\n", when, prefix[level], text);
        fflush(log_file);
    }
    pthread_mutex_unlock(&lock);
}

void leadseq_info(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LEADSEQ_LOG_INFO, format, args);
    va_end(args);
}

void leadseq_warn(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    log_line(LEADSEQ_LOG_WARN, format, args);
    va_end(args);
}
