/* SPDX-License-Identifier: MIT
 *
 * Log lines: to stderr for a person, with a time stamp to the run's own log. */
#include "base/base.h"

#include "terminal.h"

/* Both are guarded by the terminal's lock. */
static enum leadseq_log_level shown = LEADSEQ_LOG_INFO;
static FILE *log_file;

enum leadseq_log_level leadseq_log_level(enum leadseq_log_level most)
{
    base_terminal_lock();
    enum leadseq_log_level before = shown;
    shown = most;
    base_terminal_unlock();
    return before;
}

void leadseq_log_file(FILE *file)
{
    base_terminal_lock();
    log_file = file;
    base_terminal_unlock();
}

static LEADSEQ_PRINTF(2, 0) void log_line(enum leadseq_log_level level, const char *format,
                                          va_list args)
{
    static const char *const prefix[] = {"warning: ", "", ""};
    char text[4096], plain[4096], line[4200], when[32];
    vsnprintf(text, sizeof text, format, args);
    leadseq_plain_copy(plain, sizeof plain, text);
    snprintf(line, sizeof line, "%s%s\n", prefix[level], plain);
    base_terminal_lock();
    if (level <= shown) base_terminal_write(line, false);
    if (log_file) {
        leadseq_timestamp(when);
        fprintf(log_file, "%s %s", when, line);
        fflush(log_file);
    }
    base_terminal_unlock();
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
