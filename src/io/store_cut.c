/* SPDX-License-Identifier: MIT
 *
 * Rows removed from the end of data sets. */
#include "io_private.h"

#include <hdf5.h>

enum { AXES = LEADSEQ_STORE_RANK + 1 };

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
    hid_t set = io_store_open_set(store, name);
    int status = set < 0 ? -1 : 0;
    if (!status && cut_rows(set, rows)) status = io_store_hdf5_fail(store, name, "cutting failed");
    io_store_drop(set);
    io_store_leave();
    return status;
}
