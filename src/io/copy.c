/* SPDX-License-Identifier: MIT
 *
 * A file's bytes into another file. */
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

int io_copy_file(const char *from_path, int to)
{
    char *piece = leadseq_calloc(PIECE_BYTES, 1);
    if (!piece) return -1;
    int from = open(from_path, O_RDONLY | O_CLOEXEC), status = from < 0 ? -1 : 0;
    while (status == 0) status = copy_piece(from, to, piece);
    if (status < 0) leadseq_fail("%s: cannot be copied: %s", from_path, strerror(errno));
    if (from >= 0) close(from);
    free(piece);
    return status < 0 ? -1 : 0;
}
