/* SPDX-License-Identifier: MIT
 *
 * What is opened in a file that others may have made: only objects that are in the file itself,
 * reached by hard links, and only data sets whose claims the file can hold. HDF5 follows soft and
 * external links, virtual data sets and external storage to any file the user may read, so each of
 * these is refused before HDF5 is asked for the object; references are never followed. */
#include "io_private.h"

#include <hdf5.h>
#include <string.h>

enum {
    AXES = LEADSEQ_STORE_RANK + 1,
    NAME_BYTES = 512,
    SMALL_BYTES = 32 << 20,  /* claims up to this, read as reals, may be of values never written, */
    SMALL_CHUNKS = 1 << 16,  /* or in up to these chunks */
    CHUNK_BYTES = 256 << 20, /* of a chunk, where the file is smaller */
    INFLATION = 1032,        /* how many times larger deflated bytes can become */
};

/* --- Links -------------------------------------------------------------------------- */

enum way { WAY_ABSENT, WAY_INSIDE, WAY_LINK };

static enum way way_of_link(hid_t file, const char *path)
{
    H5L_info_t info;
    if (H5Lexists(file, path, H5P_DEFAULT) <= 0) return WAY_ABSENT;
    if (H5Lget_info(file, path, &info, H5P_DEFAULT) < 0) return WAY_ABSENT;
    return info.type == H5L_TYPE_HARD ? WAY_INSIDE : WAY_LINK;
}

/* Each link of "label/mi" by itself: "label", then "label/mi". */
static enum way way_of(hid_t file, const char *name)
{
    char path[NAME_BYTES];
    size_t n = strspn(name, "/");
    if (strlen(name) >= sizeof path) return WAY_ABSENT;
    while (name[n]) {
        n += strcspn(name + n, "/");
        snprintf(path, sizeof path, "%.*s", (int)n, name);
        enum way way = way_of_link(file, path);
        if (way != WAY_INSIDE) return way;
        n += strspn(name + n, "/");
    }
    return WAY_INSIDE;
}

bool io_store_exists(const struct leadseq_store *store, const char *name)
{
    return way_of(store->file, name) != WAY_ABSENT;
}

#if H5_VERSION_GE(1, 12, 0)
typedef H5O_info1_t object_info;
#else
typedef H5O_info_t object_info;
#endif

bool io_store_is_set(int64_t group, const char *name)
{
    object_info info;
    return H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
           info.type == H5O_TYPE_DATASET;
}

/* The header is checked before HDF5 takes anything from it but its address. */
static int check_header(const struct leadseq_store *store, const char *name)
{
    object_info info;
    if (!store->bytes) return 0; // made here
    if (H5Oget_info_by_name2(store->file, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
        return io_store_hdf5_fail(store, name, "cannot be opened");
    return io_store_check_header(store, name, info.addr);
}

int64_t io_store_open_object(const struct leadseq_store *store, const char *name)
{
    enum way way = way_of(store->file, name);
    if (way == WAY_LINK)
        return leadseq_fail("%s: %s: expected data in the file itself, found a soft or external "
                            "link, which is not followed",
                            store->path, name);
    if (way == WAY_ABSENT) return io_store_hdf5_fail(store, name, "is not in the file");
    if (check_header(store, name)) return -1;
    hid_t id = H5Oopen(store->file, name, H5P_DEFAULT);
    return id < 0 ? io_store_hdf5_fail(store, name, "cannot be opened") : id;
}

/* --- Where the bytes are ------------------------------------------------------------ */

static int check_filter(const struct leadseq_store *store, const char *name, hid_t list, unsigned i)
{
    unsigned flags, config;
    size_t none = 0;
    char word[64] = "";
    H5Z_filter_t filter = H5Pget_filter2(list, i, &flags, &none, NULL, sizeof word, word, &config);
    if (filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
        filter == H5Z_FILTER_FLETCHER32)
        return 0;
    return leadseq_fail("%s: %s: expected the filters gzip, shuffle and fletcher32, found filter "
                        "%d (%s); 'h5repack -f GZIP=4 OLD NEW' rewrites it where HDF5 has that "
                        "filter",
                        store->path, name, (int)filter, word);
}

static int check_storage(const struct leadseq_store *store, const char *name, hid_t list)
{
    if (H5Pget_layout(list) == H5D_VIRTUAL)
        return leadseq_fail("%s: %s: expected data in the file itself, found a virtual data set, "
                            "which is made of other files",
                            store->path, name);
    if (H5Pget_external_count(list) != 0)
        return leadseq_fail("%s: %s: expected data in the file itself, found external storage, "
                            "which is another file",
                            store->path, name);
    int filters = H5Pget_nfilters(list);
    if (filters > 3)
        return leadseq_fail("%s: %s: expected at most 3 filters, found %d", store->path, name,
                            filters);
    for (int i = 0; i < filters; i++)
        if (check_filter(store, name, list, (unsigned)i)) return -1;
    return 0;
}

/* --- What the data set claims ------------------------------------------------------- */

/* a·b, UINT64_MAX where that is too much. */
static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* Readers take a number of one byte as a real of eight. */
static bool is_small(const hsize_t *dims, int rank, uint64_t row_bytes)
{
    uint64_t reals = sizeof(double);
    for (int i = 0; i < rank; i++) reals = times(reals, dims[i]);
    return reals <= SMALL_BYTES && times(row_bytes, dims[0]) <= SMALL_BYTES;
}

static uint64_t rows_in_chunks(hid_t set, hid_t list, const hsize_t *dims, int rank,
                               uint64_t row_bytes)
{
    hsize_t chunk[AXES], chunks = 0;
    uint64_t of_a_row = 1;
    if (H5Pget_chunk(list, AXES, chunk) != rank) return 0;
    for (int i = 1; i < rank; i++)
        of_a_row = times(of_a_row, dims[i] / chunk[i] + (dims[i] % chunk[i] != 0));
    if (is_small(dims, rank, row_bytes) && times(of_a_row, dims[0] / chunk[0] + 1) <= SMALL_CHUNKS)
        return dims[0];
    hid_t space = H5Dget_space(set);
    bool known = space >= 0 && H5Dget_num_chunks(set, space, &chunks) >= 0;
    io_store_drop(space);
    const uint64_t stored = H5Dget_storage_size(set),
                   in_chunks = times(chunks / of_a_row, chunk[0]);
    const uint64_t inflated = times(stored, H5Pget_nfilters(list) > 0 ? INFLATION : 1) / row_bytes;
    return !known ? 0 : in_chunks < inflated ? in_chunks : inflated;
}

/* The most rows that the file can hold. */
static uint64_t rows_held(hid_t set, hid_t list, const hsize_t *dims, int rank, uint64_t row_bytes,
                          uint64_t file_bytes)
{
    if (H5Pget_layout(list) == H5D_CHUNKED) return rows_in_chunks(set, list, dims, rank, row_bytes);
    const uint64_t allocated = H5Dget_storage_size(set); // none where none were written
    if (!allocated && is_small(dims, rank, row_bytes)) return dims[0];
    return (allocated < file_bytes ? allocated : file_bytes) / row_bytes;
}

static int check_chunk(const struct leadseq_store *store, const char *name, hid_t list, int rank,
                       uint64_t item)
{
    hsize_t chunk[AXES];
    if (H5Pget_layout(list) != H5D_CHUNKED) return 0;
    if (H5Pget_chunk(list, AXES, chunk) != rank)
        return io_store_hdf5_fail(store, name, "its chunks are unknown");
    uint64_t bytes = item;
    for (int i = 0; i < rank; i++) bytes = times(bytes, chunk[i]);
    if (bytes <= CHUNK_BYTES || bytes <= store->bytes)
        return leadseq_memory_check(name, bytes) ? leadseq_fail_in("%s", store->path) : 0;
    return leadseq_fail("%s: %s: expected chunks of at most %d MiB in a file of %llu bytes, found "
                        "%llu MiB",
                        store->path, name, CHUNK_BYTES >> 20, (unsigned long long)store->bytes,
                        (unsigned long long)(bytes >> 20));
}

static int check_claims(const struct leadseq_store *store, const char *name, hid_t set, hid_t list)
{
    hsize_t dims[AXES];
    hid_t space = H5Dget_space(set), type = H5Dget_type(set);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    bool known = rank >= 1 && rank <= AXES && H5Sget_simple_extent_dims(space, dims, NULL) >= 0;
    const uint64_t item = type < 0 ? 0 : io_store_value_bytes(type);
    io_store_drop(space);
    io_store_drop(type);
    if (!known)
        return leadseq_fail("%s: %s: expected rows of at most %d axes", store->path, name,
                            LEADSEQ_STORE_RANK);
    uint64_t row_bytes = item;
    for (int i = 1; i < rank; i++) row_bytes = times(row_bytes, dims[i]);
    if (check_chunk(store, name, list, rank, item)) return -1;
    uint64_t held = row_bytes ? rows_held(set, list, dims, rank, row_bytes, store->bytes)
                              : SMALL_BYTES / sizeof(double);
    if (dims[0] <= held) return 0;
    return leadseq_fail("%s: %s: claims %llu rows of %llu bytes, but the file of %llu bytes has "
                        "data of at most %llu",
                        store->path, name, (unsigned long long)dims[0],
                        (unsigned long long)row_bytes, (unsigned long long)store->bytes,
                        (unsigned long long)held);
}

int64_t io_store_open_set(const struct leadseq_store *store, const char *name)
{
    enum way way = way_of(store->file, name);
    if (way == WAY_ABSENT) return io_store_hdf5_fail(store, name, "no such data set");
    hid_t id = io_store_open_object(store, name);
    if (id < 0) return -1;
    if (H5Iget_type(id) != H5I_DATASET) {
        io_store_drop(id);
        return leadseq_fail("%s: %s: expected a data set, found another object", store->path, name);
    }
    hid_t list = H5Dget_create_plist(id);
    int status = list < 0 ? io_store_hdf5_fail(store, name, "cannot be opened")
                          : check_storage(store, name, list);
    if (!status) status = check_claims(store, name, id, list);
    io_store_drop(list);
    if (!status) return id;
    io_store_drop(id);
    return -1;
}
