/* SPDX-License-Identifier: MIT
 *
 * Compressed chunks before HDF5 unpacks them. HDF5 1.10 takes whatever a chunk unpacks to: it
 * enlarges its buffer until the stream ends, so that 3 MB may become 3 GB, and it reads past the
 * end of what is shorter than a chunk, so that bytes of this program appear as values. */
#include "io_private.h"

#include <hdf5.h>
#include <libdeflate.h>
#include <stdlib.h>

enum {
    AXES = LEADSEQ_STORE_RANK + 1,
    FILTERS = 3,        /* checked when the set was opened */
    SUM_BYTES = 4,      /* of Fletcher's checksum */
    EXTRA_BYTES = 1024, /* what compression may add to a chunk, */
    EXTRA_PART = 256,   /* besides a part of its size */
};

struct chunking {
    hid_t set;
    int rank, filters;
    H5Z_filter_t filter[FILTERS];
    hsize_t dims[AXES], size[AXES];
    uint64_t bytes; /* of a chunk unpacked */
};

/* Whether the set has chunks that went through filters. */
static bool get_chunking(struct chunking *c, hid_t set)
{
    unsigned flags, config;
    hid_t list = H5Dget_create_plist(set), space = H5Dget_space(set), type = H5Dget_type(set);
    bool chunked = list >= 0 && H5Pget_layout(list) == H5D_CHUNKED;
    c->set = set;
    c->filters = chunked ? H5Pget_nfilters(list) : 0;
    c->rank = chunked ? H5Pget_chunk(list, AXES, c->size) : 0;
    c->bytes = type < 0 ? 0 : io_store_value_bytes(type);
    for (int i = 0; i < c->rank; i++) c->bytes *= c->size[i]; // checked when the set was opened
    for (int i = 0; i < c->filters && i < FILTERS; i++) {
        size_t none = 0; // values of a filter that are wanted; HDF5 sets it to those there are
        c->filter[i] = H5Pget_filter2(list, (unsigned)i, &flags, &none, NULL, 0, NULL, &config);
    }
    bool known = chunked && H5Sget_simple_extent_dims(space, c->dims, NULL) == c->rank;
    io_store_drop(type);
    io_store_drop(space);
    io_store_drop(list);
    return known && c->filters > 0 && c->filters <= FILTERS;
}

/* Whether a stream unpacks to exactly that number of bytes. */
static bool unpacks_to(const void *stream, uint64_t stored, uint64_t bytes)
{
    size_t used, made = 0;
    void *unpacked = leadseq_calloc(bytes, 1);
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    bool ok = unpacked && inflater &&
              libdeflate_zlib_decompress_ex(inflater, stream, stored, unpacked, bytes, &used,
                                            &made) == LIBDEFLATE_SUCCESS &&
              made == bytes;
    libdeflate_free_decompressor(inflater);
    free(unpacked);
    return ok;
}

/* Filters in the order of writing: a checksum before deflate is in the stream, one after it is
 * after the stream. `skipped`: a bit for each filter this chunk did not go through. */
static bool is_right(const struct chunking *c, const void *chunk, uint64_t stored, unsigned skipped)
{
    uint64_t before = c->bytes, after = 0;
    int deflated = 0;
    for (int i = 0; i < c->filters; i++) {
        if (skipped >> i & 1) continue;
        if (c->filter[i] == H5Z_FILTER_DEFLATE) deflated++;
        if (c->filter[i] == H5Z_FILTER_FLETCHER32) *(deflated ? &after : &before) += SUM_BYTES;
    }
    if (!deflated) return stored == before;
    return deflated == 1 && stored > after && unpacks_to(chunk, stored - after, before);
}

static bool check_chunk(const struct chunking *c, const hsize_t *at)
{
    hsize_t stored = 0;
    uint32_t skipped = 0;
    if (H5Dget_chunk_storage_size(c->set, at, &stored) < 0 || stored == 0) return true; // not there
    if (stored > c->bytes + c->bytes / EXTRA_PART + EXTRA_BYTES) return false;
    void *chunk = leadseq_calloc(stored, 1);
    bool ok = chunk && H5Dread_chunk(c->set, H5P_DEFAULT, at, &skipped, chunk) >= 0 &&
              is_right(c, chunk, stored, skipped);
    free(chunk);
    return ok;
}

int io_store_check_chunks(struct leadseq_store *store, int64_t set, size_t first, size_t rows)
{
    struct chunking c;
    hsize_t at[AXES] = {0};
    int which = 0;
    while (which < store->n_sets && store->set[which].id != set) which++;
    if (!store->bytes || !rows || which == store->n_sets) return 0;
    struct io_store_rows *whole = &store->set[which].whole;
    if (first >= whole->first && first + rows <= whole->end) return 0;
    if (!get_chunking(&c, set)) return 0;
    const size_t begin = first - first % c.size[0];
    at[0] = begin;
    while (at[0] < first + rows) {
        if (!check_chunk(&c, at))
            return leadseq_fail("%s: %s: the chunk of row %llu does not unpack to the %llu bytes "
                                "of a chunk; the file is damaged or made to do harm",
                                store->path, store->set[which].name, (unsigned long long)at[0],
                                (unsigned long long)c.bytes);
        int i = c.rank - 1; // the next one: the last axis moves first
        while (i > 0 && (at[i] += c.size[i]) >= c.dims[i]) at[i--] = 0;
        if (i == 0) at[0] += c.size[0];
    }
    *whole = (struct io_store_rows){begin, at[0]};
    return 0;
}

size_t io_store_value_bytes(hid_t type)
{
    return H5Tis_variable_str(type) > 0 ? IO_STORE_REFERENCE : H5Tget_size(type);
}
