/* SPDX-License-Identifier: MIT
 *
 * Data sets of a store: made, grown by rows, described, read. Rows written one
 * by one carry a checksum; packed rows are zlib streams, which have their own. */
#include "io/store.h"

#include "io_private.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

enum { AXES = LEADSEQ_STORE_RANK + 1, CHUNK_BYTES = 65536 };

/* --- Types ----------------------------------------------------------------------- */

hid_t io_store_text_type(size_t bytes)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type < 0) return -1;
    H5Tset_size(type, bytes);
    H5Tset_cset(type, H5T_CSET_UTF8);
    H5Tset_strpad(type, H5T_STR_NULLTERM);
    return type;
}

/* In the file values are little endian; in memory as this machine has them. */
static hid_t make_type(enum leadseq_store_type type, size_t text_bytes, bool in_file)
{
    switch (type) {
    case LEADSEQ_STORE_UINT8:
        return H5Tcopy(in_file ? H5T_STD_U8LE : H5T_NATIVE_UINT8);
    case LEADSEQ_STORE_INT16:
        return H5Tcopy(in_file ? H5T_STD_I16LE : H5T_NATIVE_INT16);
    case LEADSEQ_STORE_UINT16:
        return H5Tcopy(in_file ? H5T_STD_U16LE : H5T_NATIVE_UINT16);
    case LEADSEQ_STORE_INT32:
        return H5Tcopy(in_file ? H5T_STD_I32LE : H5T_NATIVE_INT32);
    case LEADSEQ_STORE_INT64:
        return H5Tcopy(in_file ? H5T_STD_I64LE : H5T_NATIVE_INT64);
    case LEADSEQ_STORE_FLOAT32:
        return H5Tcopy(in_file ? H5T_IEEE_F32LE : H5T_NATIVE_FLOAT);
    case LEADSEQ_STORE_FLOAT64:
        return H5Tcopy(in_file ? H5T_IEEE_F64LE : H5T_NATIVE_DOUBLE);
    case LEADSEQ_STORE_TEXT:
        return io_store_text_type(text_bytes);
    }
    return -1;
}

/* Whether the bits of a number are within it, and no more than HDF5 1.10 has room for while it
 * converts them. */
static bool is_whole(hid_t type, bool real)
{
    enum { MOST_BITS = 64, MOST_REAL_BITS = 128, MOST_EXPONENT_BITS = 31 };
    const size_t bits = 8 * H5Tget_size(type), used = H5Tget_precision(type);
    const int first = H5Tget_offset(type);
    size_t sign, exponent, exponent_bits, mantissa, mantissa_bits;
    if (bits > (real ? MOST_REAL_BITS : MOST_BITS) || used < 1 || used > bits || first < 0 ||
        (size_t)first > bits - used)
        return false;
    if (!real) return true;
    if (H5Tget_fields(type, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) < 0)
        return false;
    return sign < bits && exponent_bits >= 1 && exponent_bits <= MOST_EXPONENT_BITS &&
           exponent + exponent_bits <= bits && mantissa_bits >= 1 &&
           mantissa + mantissa_bits <= bits;
}

enum leadseq_store_kind io_store_kind_of(hid_t type)
{
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
        return is_whole(type, false) ? LEADSEQ_KIND_INTEGER : LEADSEQ_KIND_OTHER;
    case H5T_FLOAT:
        return is_whole(type, true) ? LEADSEQ_KIND_REAL : LEADSEQ_KIND_OTHER;
    case H5T_STRING:
        return LEADSEQ_KIND_TEXT;
    default:
        return LEADSEQ_KIND_OTHER;
    }
}

static enum leadseq_store_kind kind_asked(enum leadseq_store_type type)
{
    if (type == LEADSEQ_STORE_TEXT) return LEADSEQ_KIND_TEXT;
    return type == LEADSEQ_STORE_FLOAT32 || type == LEADSEQ_STORE_FLOAT64 ? LEADSEQ_KIND_REAL
                                                                          : LEADSEQ_KIND_INTEGER;
}

/* --- Data sets ------------------------------------------------------------------- */

static hid_t keep_set(struct leadseq_store *store, const char *name, hid_t id)
{
    if (store->n_sets == IO_STORE_OPEN_SETS) { // the oldest makes room
        io_store_drop(store->set[0].id);
        free(store->set[0].name);
        memmove(store->set, store->set + 1, (IO_STORE_OPEN_SETS - 1) * sizeof *store->set);
        store->n_sets--;
    }
    char *copy = leadseq_format("%s", name);
    if (!copy) {
        io_store_drop(id);
        return -1;
    }
    store->set[store->n_sets].name = copy;
    store->set[store->n_sets].whole = (struct io_store_rows){0};
    store->set[store->n_sets++].id = id;
    return id;
}

static hid_t find_set(struct leadseq_store *store, const char *name)
{
    for (int i = 0; i < store->n_sets; i++)
        if (!strcmp(store->set[i].name, name)) return store->set[i].id;
    hid_t id = io_store_open_set(store, name);
    return id < 0 ? -1 : keep_set(store, name, id);
}

static size_t row_items(const size_t *shape, int rank)
{
    size_t items = 1;
    for (int i = 0; i < rank; i++) items *= shape[i];
    return items;
}

static hid_t creation_list(const struct leadseq_store_spec *spec, const hsize_t *chunk)
{
    hid_t list = io_store_timeless(H5P_DATASET_CREATE);
    if (list < 0) return -1;
    bool ok = H5Pset_chunk(list, spec->rank + 1, chunk) >= 0;
    if (spec->packed) H5Pset_fill_time(list, H5D_FILL_TIME_NEVER);
    if (ok && spec->deflate) ok = H5Pset_deflate(list, (unsigned)spec->deflate) >= 0;
    if (ok && !spec->packed) ok = H5Pset_fletcher32(list) >= 0;
    if (ok) return list;
    io_store_drop(list);
    return -1;
}

static hid_t create_set(struct leadseq_store *store, const char *name,
                        const struct leadseq_store_spec *spec)
{
    hid_t type = make_type(spec->type, spec->text_bytes, true);
    size_t row_bytes = row_items(spec->shape, spec->rank) * (type < 0 ? 1 : H5Tget_size(type));
    hsize_t chunk_rows = row_bytes < CHUNK_BYTES ? CHUNK_BYTES / row_bytes : 1;
    hsize_t now[AXES] = {0}, most[AXES] = {H5S_UNLIMITED}, chunk[AXES];
    chunk[0] = spec->packed ? 1 : spec->chunk_rows ? spec->chunk_rows : chunk_rows;
    for (int i = 0; i < spec->rank; i++) now[i + 1] = most[i + 1] = chunk[i + 1] = spec->shape[i];
    hid_t list = creation_list(spec, chunk);
    hid_t space = H5Screate_simple(spec->rank + 1, now, most);
    hid_t id = type < 0 || list < 0 || space < 0
                   ? -1
                   : H5Dcreate2(store->file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    io_store_drop(type);
    io_store_drop(list);
    io_store_drop(space);
    return id;
}

int leadseq_store_add(struct leadseq_store *store, const char *name,
                      const struct leadseq_store_spec *spec)
{
    if (spec->rank < 0 || spec->rank > LEADSEQ_STORE_RANK || !row_items(spec->shape, spec->rank))
        return leadseq_fail("%s: %s: a row of %d axes or of no values cannot be stored",
                            store->path, name, spec->rank);
    io_store_enter();
    hid_t id = create_set(store, name, spec);
    int status = id < 0 ? io_store_hdf5_fail(store, name, "the data set cannot be made") : 0;
    if (!status && keep_set(store, name, id) < 0) status = -1;
    io_store_leave();
    return status;
}

int leadseq_store_add_group(struct leadseq_store *store, const char *name)
{
    io_store_enter();
    hid_t list = io_store_timeless(H5P_GROUP_CREATE);
    hid_t id = H5Gcreate2(store->file, name, H5P_DEFAULT, list, H5P_DEFAULT);
    int status = id < 0 ? io_store_hdf5_fail(store, name, "the group cannot be made") : 0;
    io_store_drop(list);
    io_store_drop(id);
    io_store_leave();
    return status;
}

bool leadseq_store_has(struct leadseq_store *store, const char *name)
{
    io_store_enter();
    bool has = io_store_exists(store, name);
    io_store_leave();
    return has;
}

static int extents(hid_t set, hsize_t dims[AXES])
{
    hid_t space = H5Dget_space(set);
    int rank = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    if (rank < 1 || rank > AXES || H5Sget_simple_extent_dims(space, dims, NULL) < 0) rank = -1;
    io_store_drop(space);
    return rank;
}

/* More values than can be counted in bytes: products of these would wrap around. */
static bool is_too_large(const hsize_t *dims, int rank)
{
    hsize_t room = PTRDIFF_MAX / sizeof(double);
    for (int i = 0; i < rank; i++) {
        if (dims[i] > room) return true;
        if (dims[i]) room /= dims[i];
    }
    return false;
}

static bool is_packed(hid_t set, const hsize_t *dims, int rank)
{
    hid_t list = H5Dget_create_plist(set);
    hsize_t chunk[AXES];
    unsigned flags, config;
    size_t none = 0;
    bool packed =
        list >= 0 && H5Pget_layout(list) == H5D_CHUNKED &&
        H5Pget_chunk(list, AXES, chunk) == rank && chunk[0] == 1 && H5Pget_nfilters(list) == 1 &&
        H5Pget_filter2(list, 0, &flags, &none, NULL, 0, NULL, &config) == H5Z_FILTER_DEFLATE;
    for (int i = 1; packed && i < rank; i++) packed = chunk[i] == dims[i];
    io_store_drop(list);
    return packed;
}

static int describe(struct leadseq_store *store, const char *name, struct leadseq_store_info *info)
{
    hsize_t dims[AXES];
    hid_t set = find_set(store, name);
    if (set < 0) return -1;
    int rank = extents(set, dims);
    if (rank < 0)
        return leadseq_fail("%s: %s: expected rows of at most %d axes", store->path, name,
                            LEADSEQ_STORE_RANK);
    if (is_too_large(dims, rank))
        return leadseq_fail("%s: %s: expected as many values as memory can hold, found a claim of "
                            "more; the file is damaged",
                            store->path, name);
    hid_t type = H5Dget_type(set);
    *info = (struct leadseq_store_info){
        .kind = io_store_kind_of(type), .rows = dims[0], .rank = rank - 1};
    info->item_bytes = H5Tget_size(type);
    for (int i = 1; i < rank; i++) info->shape[i - 1] = dims[i];
    info->packed = is_packed(set, dims, rank);
    io_store_drop(type);
    return 0;
}

/* Appends the name of a member that is a data set, or a link, which will be refused. */
static herr_t add_name(hid_t group, const char *name, const H5L_info_t *info, void *out)
{
    if (info->type != H5L_TYPE_HARD || io_store_is_set(group, name)) fprintf(out, "%s\n", name);
    return 0;
}

char *leadseq_store_names(struct leadseq_store *store, const char *group)
{
    char *names = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&names, &size);
    if (!out) {
        leadseq_fail_memory(0);
        return NULL;
    }
    io_store_enter();
    hid_t id = io_store_open_object(store, group);
    int status = id < 0 ? -1 : 0;
    if (!status && H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, NULL, add_name, out) < 0)
        status = io_store_hdf5_fail(store, group, "its members cannot be listed");
    io_store_drop(id);
    io_store_leave();
    if (fclose(out) && !status) status = leadseq_fail_memory(0);
    if (!status) return names;
    free(names);
    return NULL;
}

int leadseq_store_describe(struct leadseq_store *store, const char *name,
                           struct leadseq_store_info *info)
{
    io_store_enter();
    int status = describe(store, name, info);
    io_store_leave();
    return status;
}

/* Rows first … first+rows-1 of the file as one selection. */
static hid_t select_rows(hid_t set, const hsize_t *dims, int rank, size_t first, size_t rows,
                         hid_t *memory)
{
    hsize_t start[AXES] = {first}, count[AXES] = {rows};
    for (int i = 1; i < rank; i++) count[i] = dims[i];
    *memory = H5Screate_simple(rank, count, NULL);
    hid_t space = H5Dget_space(set);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    return space;
}

static int grow_and_write(hid_t set, size_t rows, const void *data)
{
    hsize_t dims[AXES];
    int rank = extents(set, dims);
    if (rank < 0) return -1;
    size_t first = dims[0];
    dims[0] += rows;
    if (H5Dset_extent(set, dims) < 0) return -1;
    hid_t type = H5Dget_type(set), memory;
    hid_t native = H5Tget_native_type(type, H5T_DIR_ASCEND);
    hid_t space = select_rows(set, dims, rank, first, rows, &memory);
    herr_t status = H5Dwrite(set, native, memory, space, H5P_DEFAULT, data);
    io_store_drop(space);
    io_store_drop(memory);
    io_store_drop(native);
    io_store_drop(type);
    return status < 0 ? -1 : 0;
}

int leadseq_store_append(struct leadseq_store *store, const char *name, size_t rows,
                         const void *data)
{
    if (rows == 0) return 0;
    io_store_enter();
    hid_t set = find_set(store, name);
    int status = set < 0 ? -1 : 0;
    if (!status && grow_and_write(set, rows, data))
        status = io_store_hdf5_fail(store, name, "writing failed");
    io_store_leave();
    return status;
}

static int grow_and_write_packed(hid_t set, const void *stream, size_t bytes)
{
    hsize_t dims[AXES], at[AXES] = {0};
    if (extents(set, dims) < 0) return -1;
    at[0] = dims[0]++;
    if (H5Dset_extent(set, dims) < 0) return -1;
    return H5Dwrite_chunk(set, H5P_DEFAULT, 0, at, bytes, stream) < 0 ? -1 : 0;
}

int leadseq_store_append_packed(struct leadseq_store *store, const char *name, const void *stream,
                                size_t bytes)
{
    io_store_enter();
    hid_t set = find_set(store, name);
    int status = set < 0 ? -1 : 0;
    if (!status && grow_and_write_packed(set, stream, bytes))
        status = io_store_hdf5_fail(store, name, "writing failed");
    io_store_leave();
    return status;
}

/* --- Reading --------------------------------------------------------------------- */

static int check_rows(const struct leadseq_store *store, const char *name, size_t first,
                      size_t rows, size_t count)
{
    if (first <= count && rows <= count - first) return 0;
    return leadseq_fail("%s: %s: expected rows %zu to %zu, found %zu rows", store->path, name,
                        first, first + rows, count);
}

struct slice {
    enum leadseq_store_type type;
    size_t text_bytes, first, rows, items;
};

static int read_variable(const struct leadseq_store *store, const char *name, hid_t set,
                         const hid_t space[2], const struct slice *slice, char *texts)
{
    const size_t n = slice->rows * slice->items;
    size_t longest;
    unsigned char *reference = leadseq_calloc(n, IO_STORE_REFERENCE);
    if (!reference) return -1;
    int status =
        H5Dread(set, io_store_reference_type(), space[0], space[1], H5P_DEFAULT, reference) < 0
            ? io_store_hdf5_fail(store, name, "reading failed")
            : io_store_read_references(store, name, reference, n, texts, slice->text_bytes,
                                       &longest);
    free(reference);
    return status;
}

static hid_t memory_type(const struct slice *slice, hid_t stored)
{
    hid_t native = make_type(slice->type, slice->text_bytes, false);
    if (slice->type == LEADSEQ_STORE_TEXT) { // HDF5 converts no character sets
        H5Tset_cset(native, H5Tget_cset(stored));
        H5Tset_strpad(native, H5T_STR_NULLTERM);
    }
    return native;
}

/* HDF5 would put the nearest value there is in place of a number that does not fit: an id would
 * become another's. */
static H5T_conv_ret_t on_overflow(H5T_conv_except_t what, hid_t from, hid_t to, void *source,
                                  void *result, void *found)
{
    (void)from, (void)source, (void)result;
    if (what != H5T_CONV_EXCEPT_RANGE_HI && what != H5T_CONV_EXCEPT_RANGE_LOW)
        return H5T_CONV_UNHANDLED;
    if (H5Tget_class(to) != H5T_INTEGER) return H5T_CONV_UNHANDLED;
    *(bool *)found = true;
    return H5T_CONV_ABORT;
}

static int fail_overflow(const struct leadseq_store *store, const char *name,
                         enum leadseq_store_type type)
{
    static const struct {
        enum leadseq_store_type type;
        const char *range;
    } known[] = {{LEADSEQ_STORE_UINT8, "0 to 255"},
                 {LEADSEQ_STORE_INT16, "-32768 to 32767"},
                 {LEADSEQ_STORE_UINT16, "0 to 65535"},
                 {LEADSEQ_STORE_INT32, "-2147483648 to 2147483647"}};
    const char *range = "-9223372036854775808 to 9223372036854775807";
    for (size_t i = 0; i < LEADSEQ_COUNT(known); i++)
        if (known[i].type == type) range = known[i].range;
    return leadseq_fail("%s: %s: expected numbers from %s, found one outside; give the records "
                        "smaller numbers",
                        store->path, name, range);
}

/* As the memory's type; a whole number that does not fit is refused. */
static int read_numbers(const struct leadseq_store *store, const char *name, hid_t set,
                        const struct slice *slice, const hid_t space[2], hid_t native, void *data)
{
    bool overflow = false;
    hid_t plist = H5Pcreate(H5P_DATASET_XFER);
    H5Pset_type_conv_cb(plist, on_overflow, &overflow);
    herr_t failed = H5Dread(set, native, space[0], space[1], plist, data);
    io_store_drop(plist);
    if (overflow) return fail_overflow(store, name, slice->type);
    return failed < 0 ? io_store_hdf5_fail(store, name, "reading failed") : 0;
}

static int read_slice(struct leadseq_store *store, const char *name, hid_t set,
                      const struct slice *slice, void *data)
{
    hsize_t dims[AXES];
    int status = 0, rank = extents(set, dims);
    if (io_store_check_chunks(store, set, slice->first, slice->rows)) return -1;
    hid_t stored = H5Dget_type(set), memory;
    hid_t space = select_rows(set, dims, rank, slice->first, slice->rows, &memory);
    if (H5Tis_variable_str(stored) > 0) {
        status = read_variable(store, name, set, (hid_t[]){memory, space}, slice, data);
    } else {
        hid_t native = memory_type(slice, stored);
        status = read_numbers(store, name, set, slice, (hid_t[]){memory, space}, native, data);
        io_store_drop(native);
    }
    io_store_drop(space);
    io_store_drop(memory);
    io_store_drop(stored);
    return status;
}

int leadseq_store_read(struct leadseq_store *store, const char *name, enum leadseq_store_type type,
                       size_t text_bytes, size_t items, size_t first, size_t rows, void *data)
{
    static const char *const word[] = {"integers", "reals", "texts", "something else"};
    struct leadseq_store_info info;
    if (leadseq_store_describe(store, name, &info)) return -1;
    if (info.kind != kind_asked(type))
        return leadseq_fail("%s: %s: expected %s, found %s", store->path, name,
                            word[kind_asked(type)], word[info.kind]);
    if (check_rows(store, name, first, rows, info.rows)) return -1;
    if (row_items(info.shape, info.rank) != items)
        return leadseq_fail("%s: %s: expected %zu values in a row, found %zu", store->path, name,
                            items, row_items(info.shape, info.rank));
    if (rows == 0) return 0;
    struct slice slice = {type, text_bytes, first, rows, items};
    io_store_enter();
    int status = read_slice(store, name, find_set(store, name), &slice, data);
    io_store_leave();
    return status;
}

static void *read_chunk(struct leadseq_store *store, const char *name, size_t row, size_t *bytes)
{
    hsize_t at[AXES] = {row}, size = 0;
    hid_t set = find_set(store, name);
    if (set < 0) return NULL;
    if (H5Dget_chunk_storage_size(set, at, &size) < 0 || size == 0 || size > UINT32_MAX) {
        leadseq_fail("%s: %s: row %zu is not in the file", store->path, name, row);
        return NULL;
    }
    void *stream = leadseq_calloc(size, 1);
    uint32_t skipped_filters = 0;
    if (!stream) return NULL;
    if (H5Dread_chunk(set, H5P_DEFAULT, at, &skipped_filters, stream) < 0 || skipped_filters) {
        io_store_hdf5_fail(store, name, "reading failed");
        free(stream);
        return NULL;
    }
    *bytes = size;
    return stream;
}

void *leadseq_store_read_packed(struct leadseq_store *store, const char *name, size_t row,
                                size_t *bytes)
{
    struct leadseq_store_info info;
    if (leadseq_store_describe(store, name, &info)) return NULL;
    if (!info.packed) {
        leadseq_fail("%s: %s: expected one chunk per row", store->path, name);
        return NULL;
    }
    if (check_rows(store, name, row, 1, info.rows)) return NULL;
    io_store_enter();
    void *stream = read_chunk(store, name, row, bytes);
    io_store_leave();
    return stream;
}
