/* SPDX-License-Identifier: MIT
 *
 * Compressed chunks before HDF5 unpacks them. HDF5 enlarges its buffer until the stream of a chunk
 * ends, whatever size the chunk should have: a chunk of 3 MB may become 3 GB. */
#include "io_private.h"

#include <hdf5.h>
#include <libdeflate.h>
#include <stdlib.h>

enum {
    AXES = LEADSEQ_STORE_RANK + 1,
    RATIO_MOST = 1032,      /* deflate makes nothing smaller */
    SMALL_BYTES = 64 << 20, /* what a chunk may become without proof, */
    RATIO_COMMON = 16,      /* or as many times its size */
    EXTRA_BYTES = 1024,     /* what filters may add to a chunk that cannot be compressed, */
    EXTRA_PART = 256,       /* besides a part of its size */
};

struct chunking {
    hid_t set;
    int rank;
    hsize_t dims[AXES], size[AXES];
    uint64_t bytes; /* of a chunk unpacked */
};

/* 1: the set has filtered chunks, 0: none. */
static int get_chunking(struct chunking *c, hid_t set)
{
    hid_t list = H5Dget_create_plist(set), space = H5Dget_space(set), type = H5Dget_type(set);
    bool filtered = list >= 0 && H5Pget_layout(list) == H5D_CHUNKED && H5Pget_nfilters(list) > 0;
    c->set = set;
    c->rank = filtered ? H5Pget_chunk(list, AXES, c->size) : 0;
    c->bytes = type < 0 ? 0 : H5Tget_size(type);
    for (int i = 0; i < c->rank; i++) c->bytes *= c->size[i]; // checked when the set was opened
    if (filtered && H5Sget_simple_extent_dims(space, c->dims, NULL) != c->rank) filtered = false;
    io_store_drop(type);
    io_store_drop(space);
    io_store_drop(list);
    return filtered;
}

/* Whether a chunk's stream ends within the chunk's size (and a checksum). */
static bool fits(const struct chunking *c, const hsize_t *at, uint64_t stored)
{
    const size_t room = c->bytes + EXTRA_BYTES;
    unsigned char *stream = leadseq_calloc(stored, 1), *unpacked = leadseq_calloc(room, 1);
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    uint32_t skipped;
    size_t used, made;
    bool ok = stream && unpacked && inflater &&
              H5Dread_chunk(c->set, H5P_DEFAULT, at, &skipped, stream) >= 0 &&
              libdeflate_zlib_decompress_ex(inflater, stream, stored, unpacked, room, &used,
                                            &made) != LIBDEFLATE_INSUFFICIENT_SPACE;
    libdeflate_free_decompressor(inflater);
    free(unpacked);
    free(stream);
    return ok;
}

static int check_chunk(const struct leadseq_store *store, const char *name,
                       const struct chunking *c, const hsize_t *at)
{
    hsize_t stored = 0;
    if (H5Dget_chunk_storage_size(c->set, at, &stored) < 0) return 0; // never written
    if (stored <= c->bytes + c->bytes / EXTRA_PART + EXTRA_BYTES &&
        (stored * RATIO_MOST <= SMALL_BYTES + RATIO_COMMON * c->bytes || fits(c, at, stored)))
        return 0;
    return leadseq_fail("%s: %s: the chunk of row %llu unpacks to more than the %llu bytes of a "
                        "chunk; the file is damaged or made to exhaust the memory",
                        store->path, name, (unsigned long long)at[0], (unsigned long long)c->bytes);
}

int io_store_check_chunks(const struct leadseq_store *store, const char *name, int64_t set,
                          size_t first, size_t rows)
{
    struct chunking c;
    hsize_t at[AXES] = {0};
    if (!store->bytes || !rows || !get_chunking(&c, set)) return 0;
    at[0] = first - first % c.size[0];
    while (at[0] < first + rows) {
        if (check_chunk(store, name, &c, at)) return -1;
        int i = c.rank - 1; // the next one: the last axis moves first
        while (i > 0 && (at[i] += c.size[i]) >= c.dims[i]) at[i--] = 0;
        if (i == 0) at[0] += c.size[0];
    }
    return 0;
}
