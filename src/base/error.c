/* SPDX-License-Identifier: MIT
 *
 * Error messages, one chain per thread, and allocation that reports into it. Nothing
 * here prints or exits. What messages quote from files cannot steer a terminal. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 4096 };

static _Thread_local char message[MESSAGE_MAX];

int leadseq_fail(const char *format, ...)
{
    char text[MESSAGE_MAX]; // arguments may point into the old message
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    leadseq_escape_controls(message, sizeof message, text);
    return -1;
}

int leadseq_fail_in(const char *format, ...)
{
    char context[MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);

    char whole[2 * MESSAGE_MAX + 2];
    snprintf(whole, sizeof whole, "%s: %s", context, message);
    leadseq_escape_controls(message, sizeof message, whole);
    return -1;
}

int leadseq_fail_memory(size_t bytes)
{
    return leadseq_fail("out of memory: %zu bytes were requested", bytes);
}

const char *leadseq_error(void)
{
    return message;
}

void leadseq_error_clear(void)
{
    message[0] = '\0';
}

void *leadseq_calloc(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        leadseq_fail_memory(SIZE_MAX);
        return NULL;
    }
    void *p = calloc(count ? count : 1, size ? size : 1);
    if (!p) leadseq_fail_memory(count * size);
    return p;
}

void *leadseq_realloc(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        leadseq_fail_memory(SIZE_MAX);
        return NULL;
    }
    size_t bytes = count * size;
    void *p = realloc(old, bytes ? bytes : 1);
    if (!p) leadseq_fail_memory(bytes);
    return p;
}

char *leadseq_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) {
        leadseq_fail_memory(0);
        return NULL;
    }
    return text;
}
