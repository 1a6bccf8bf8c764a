/* SPDX-License-Identifier: MIT
 *
 * What changing a store takes beside making one: the copy that is changed in its
 * place, and rows taken off data sets. */
#include "io_private.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 1 << 20, AXES = LEADSEQ_STORE_RANK + 1 };

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

static int cut_rows(hid_t set, size_t rows)
{
    hsize_t dims[AXES];
    hid_t space = H5Dget_space(set);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    bool known = rank >= 1 && rank <= AXES && H5Sget_simple_extent_dims(space, dims, NULL) >= 0;
    io_store_drop(space);
    if (!known) return -1;
    if (dims[0] <= rows) return 0;
    dims[0] = rows;
    return H5Dset_extent(set, dims) < 0 ? -1 : 0;
}

int leadseq_store_cut(struct leadseq_store *store, const char *name, size_t rows)
{
    io_store_enter();
    hid_t set = H5Dopen2(store->file, name, H5P_DEFAULT);
    int status = set < 0 ? io_store_hdf5_fail(store, name, "no such data set") : 0;
    if (!status && cut_rows(set, rows)) status = io_store_hdf5_fail(store, name, "cutting failed");
    io_store_drop(set);
    io_store_leave();
    return status;
}
