/* SPDX-License-Identifier: MIT
 *
 * stdout as a stream that shows all text plainly, so that no command can forget to: whatever a run,
 * a record or a stack brings along, a terminal sees no control character but line ends and tabs.
 * JSON stays the same JSON. The replacement is one for the whole program and is made before
 * anything is printed or any thread exists. */
#include "printed.h"

#include "base/base.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The bytes of a character whose rest has not been written yet. */
struct held {
    char byte[4];
    size_t n;
};

static int write_all(const char *text, size_t n)
{
    while (n) {
        ssize_t written = write(STDOUT_FILENO, text, n);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return -1;
        text += written;
        n -= (size_t)written;
    }
    return 0;
}

/* How many bytes a character has by its first; 1 for what begins none. */
static size_t length_of(unsigned char first)
{
    return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
}

/* Shows `text` in `to`, which has room; stops before a character that may continue. */
static size_t show(const char *text, size_t n, bool last, char *to, size_t *used)
{
    size_t at = 0;
    while (at < n) {
        char shown[LEADSEQ_PLAIN_NEXT];
        if (!last && n - at < length_of((unsigned char)text[at])) break;
        if (text[at] == '\n' || text[at] == '\t') {
            to[(*used)++] = text[at++];
            continue;
        }
        at += leadseq_plain_next(text + at, n - at, shown);
        size_t length = strlen(shown);
        memcpy(to + *used, shown, length);
        *used += length;
    }
    return at;
}

static ssize_t write_plainly(void *cookie, const char *text, size_t n)
{
    enum { PIECE = 4096 };
    struct held *held = cookie;
    char in[PIECE + sizeof held->byte], out[6 * sizeof in];
    for (size_t from = 0; from < n;) {
        size_t taken = n - from < PIECE ? n - from : PIECE, used = 0;
        memcpy(in, held->byte, held->n);
        memcpy(in + held->n, text + from, taken);
        size_t all = held->n + taken, done = show(in, all, false, out, &used);
        if (write_all(out, used)) return 0; // what stdio takes for an error
        held->n = all - done;
        memcpy(held->byte, in + done, held->n);
        from += taken;
    }
    return (ssize_t)n;
}

static int end(void *cookie)
{
    struct held *held = cookie;
    char out[6 * sizeof held->byte];
    size_t used = 0;
    show(held->byte, held->n, true, out, &used);
    held->n = 0;
    int status = write_all(out, used);
    return close(STDOUT_FILENO) || status ? -1 : 0;
}

void cli_printed_plainly(void)
{
    static struct held held;
    const cookie_io_functions_t how = {.write = write_plainly, .close = end};
    FILE *plain = fopencookie(&held, "w", how);
    if (!plain) return; // out of memory: the next request says so
    setvbuf(plain, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
    stdout = plain;
}
