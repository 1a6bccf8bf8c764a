/* SPDX-License-Identifier: MIT
 *
 * A file's bytes to another file. */
#include "io_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 20 };

/* 1 at the end, 0 after a piece, -1. */
static int copy_piece(int from, int to, char *piece)
{
    ssize_t n = read(from, piece, PIECE_BYTES);
    for (ssize_t done = 0, some; done < n; done += some)
        if ((some = write(to, piece + done, (size_t)(n - done))) <= 0) return -1;
    return n < 0 ? -1 : n == 0;
}

int io_copy_file(const char *from_path, const char *to_path)
{
    char *piece = leadseq_calloc(PIECE_BYTES, 1);
    if (!piece) return -1;
    int from = open(from_path, O_RDONLY | O_CLOEXEC), to = -1, status = -1;
    if (from >= 0) to = open(to_path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0666);
    if (to >= 0) do
            status = copy_piece(from, to, piece);
        while (status == 0);
    if (status < 0)
        leadseq_fail("%s: cannot be copied to %s: %s", from_path, to_path, strerror(errno));
    if (from >= 0) close(from);
    if (to >= 0 && close(to) && status > 0)
        status = leadseq_fail("%s: writing failed: %s", to_path, strerror(errno));
    if (status < 0 && to >= 0) unlink(to_path);
    free(piece);
    return status < 0 ? -1 : 0;
}
