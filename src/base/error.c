/* SPDX-License-Identifier: MIT
 *
 * Error messages, one chain per thread, and allocation that reports into it. Nothing
 * here prints or exits. What messages quote from files cannot steer a terminal. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 4096 };

static _Thread_local char message[MESSAGE_MAX];

/* Sets the message to `text`, shown plainly. Of one that is too long, as with a path of thousands
 * of letters, the middle is left out: what is wrong is at the end. */
static void set_message(const char *text)
{
    enum { END_MAX = 900, MIDDLE = 5 };
    char whole[MESSAGE_MAX * 4];
    size_t n = leadseq_plain_copy(whole, sizeof whole, text);
    if (n > 2 * END_MAX + MIDDLE) {
        size_t from = END_MAX, to = n - END_MAX;
        while ((whole[from] & 0xc0) == 0x80) from--;
        while ((whole[to] & 0xc0) == 0x80) to++;
        memcpy(whole + from, " ... ", MIDDLE);
        memmove(whole + from + MIDDLE, whole + to, n - to + 1);
    }
    strcpy(message, whole);
}

int leadseq_fail(const char *format, ...)
{
    char text[MESSAGE_MAX * 4]; // arguments may point into the old message
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    set_message(text);
    return -1;
}

int leadseq_fail_in(const char *format, ...)
{
    char context[MESSAGE_MAX * 2];
    va_list args;
    va_start(args, format);
    vsnprintf(context, sizeof context, format, args);
    va_end(args);
    const size_t n = strlen(context);
    if (n && !strncmp(message, context, n) && message[n] == ':') return -1;

    char whole[sizeof context + MESSAGE_MAX + 2];
    snprintf(whole, sizeof whole, "%s: %s", context, message);
    set_message(whole);
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
