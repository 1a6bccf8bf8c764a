/* SPDX-License-Identifier: MIT
 *
 * Why a stream could not be written. */
#include "base/base.h"

#include <errno.h>
#include <string.h>

const char *leadseq_write_reason(FILE *stream)
{
    clearerr(stream);
    errno = 0;
    bool well = putc('\n', stream) != EOF && !fflush(stream);
    if (well || !errno) return "an earlier write failed";
    if (errno == EFBIG) return "File too large (see ulimit -f, or the file system's limit)";
    return strerror(errno);
}
