/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <hdf5.h>
#include <unistd.h>

enum {
    KINDS = 12,
    CHANGES_MOST = 3,
    TYPES = 10,
    VALUES = 512,
    ATTRIBUTE = 16 << 20,
    ROWS = 1 << 16
};

/* --- What there is --------------------------------------------------------------------- */

static void add(struct fuzz_store *s, const char *object, const char *attribute)
{
    if (s->n == FUZZ_TARGETS) return;
    snprintf(s->target[s->n].object, sizeof s->target[0].object, "%s", object);
    snprintf(s->target[s->n++].attribute, sizeof s->target[0].attribute, "%s", attribute);
}

static void add_attributes(struct fuzz_store *s, hid_t file, const char *object)
{
    hid_t id = H5Oopen(file, object, H5P_DEFAULT);
    H5O_info_t info;
    char name[64];
    H5Oget_info2(id, &info, H5O_INFO_NUM_ATTRS);
    for (hsize_t i = 0; i < info.num_attrs; i++)
        if (H5Aget_name_by_idx(id, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name,
                               H5P_DEFAULT) > 0)
            add(s, object, name);
    H5Oclose(id);
}

static herr_t visit(hid_t file, const char *name, const H5O_info_t *info, void *store)
{
    (void)info;
    if (strcmp(name, ".")) add(store, name, "");
    add_attributes(store, file, strcmp(name, ".") ? name : "/");
    return 0;
}

static void learn(struct fuzz_store *s, const char *path)
{
    s->data = leadseq_file_read(path, 1 << 24, &s->size);
    fuzz_require(s->data, "%s", path);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, visit, s, H5O_INFO_BASIC);
    H5Fclose(file);
    fuzz_require(s->n > 0, "nothing in %s", path);
    uint8_t secret[4096];
    memset(secret, FUZZ_SECRET, sizeof secret);
    fuzz_put("secret", secret, sizeof secret);
    fuzz_put("valid.h5", s->data, s->size);
}

const struct fuzz_store *fuzz_store_made(struct fuzz_store *s, void (*make)(const char *path))
{
    if (s->n) return s;
    make(fuzz_path("seed.h5"));
    learn(s, fuzz_path("seed.h5"));
    return s;
}

/* --- Changes ----------------------------------------------------------------------------- */

/* A type of many kinds; to be closed. */
static hid_t make_type(struct fuzz_bytes *in)
{
    const hid_t plain[] = {H5T_STD_U8LE,   H5T_STD_I32LE, H5T_STD_I64LE, H5T_IEEE_F32LE,
                           H5T_IEEE_F64LE, H5T_STD_I16BE, H5T_STD_U64BE};
    unsigned which = fuzz_below(in, TYPES);
    if (which < LEADSEQ_COUNT(plain)) return H5Tcopy(plain[which]);
    if (which == 7) {
        hid_t text = H5Tcopy(H5T_C_S1);
        H5Tset_size(text, 1 + fuzz_byte(in));
        H5Tset_cset(text, fuzz_below(in, 2) ? H5T_CSET_UTF8 : H5T_CSET_ASCII);
        H5Tset_strpad(text, fuzz_below(in, 3));
        return text;
    }
    if (which == 8) {
        hid_t text = H5Tcopy(H5T_C_S1);
        H5Tset_size(text, H5T_VARIABLE);
        return text;
    }
    hid_t pair = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(pair, "a", 0, H5T_STD_I64LE);
    H5Tinsert(pair, "b", 8, H5T_IEEE_F64LE);
    return pair;
}

/* Up to five axes, small; one of them huge where that is allowed. */
static hid_t make_space(struct fuzz_bytes *in, bool huge, int *rank, hsize_t *dims)
{
    unsigned kind = fuzz_byte(in);
    *rank = (int)(kind % 6);
    if (kind == 255) return H5Screate(H5S_NULL);
    for (int i = 0; i < *rank; i++) dims[i] = fuzz_below(in, 14);
    if (huge && *rank && kind >= 128)
        dims[fuzz_below(in, (unsigned)*rank)] = 1ULL << (20 + kind % 20);
    return *rank ? H5Screate_simple(*rank, dims, NULL) : H5Screate(H5S_SCALAR);
}

/* Values for a type and space, where they are few: (bytes) in fresh memory or NULL. */
static void *make_values(struct fuzz_bytes *in, hid_t type, hid_t space)
{
    hssize_t n = H5Sget_simple_extent_npoints(space);
    size_t size = H5Tget_size(type);
    if (n <= 0 || n > VALUES || size > VALUES) return NULL;
    if (H5Tis_variable_str(type) > 0) {
        char **text = calloc((size_t)n, sizeof *text);
        for (hssize_t i = 0; i < n; i++) {
            text[i] = calloc(1, 64);
            fuzz_line(in, text[i], 64);
        }
        return text;
    }
    void *value = calloc((size_t)n, size);
    fuzz_fill(in, value, (size_t)n * size);
    return value;
}

static void free_values(void *values, hid_t type, hid_t space)
{
    char **text = values;
    hssize_t n = values && H5Tis_variable_str(type) > 0 ? H5Sget_simple_extent_npoints(space) : 0;
    for (hssize_t i = 0; i < n; i++) free(text[i]);
    free(values);
}

static void change_attribute(hid_t file, const char *object, const char *name, unsigned kind,
                             struct fuzz_bytes *in)
{
    int rank;
    hsize_t dims[6];
    hid_t id = H5Oopen(file, object, H5P_DEFAULT);
    H5Adelete(id, name);
    if (kind) {
        hid_t type = make_type(in), space = make_space(in, false, &rank, dims);
        // HDF5 holds an attribute in memory where it makes it, unlike a data set
        bool fits = (size_t)H5Sget_simple_extent_npoints(space) <= ATTRIBUTE / H5Tget_size(type);
        hid_t attribute =
            fits ? H5Acreate2(id, name, type, space, H5P_DEFAULT, H5P_DEFAULT) : H5I_INVALID_HID;
        void *values = make_values(in, type, space);
        if (values && attribute >= 0) H5Awrite(attribute, type, values);
        free_values(values, type, space);
        if (attribute >= 0) H5Aclose(attribute);
        H5Sclose(space);
        H5Tclose(type);
    }
    H5Oclose(id);
}

/* Chunks, filters, or contents in another file. */
static hid_t make_layout(struct fuzz_bytes *in, int rank, const hsize_t *dims, unsigned kind)
{
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t chunk[6];
    unsigned filters = fuzz_byte(in);
    if (kind == 5) {
        H5Pset_external(layout, fuzz_path("secret"), 0, H5F_UNLIMITED);
    } else if (rank && kind != 6) {
        for (int i = 0; i < rank; i++)
            chunk[i] = !dims[i]           ? 1
                       : i || dims[i] < 4 ? (dims[i] < 64 ? dims[i] : 64)
                                          : 1 + filters % 4;
        H5Pset_chunk(layout, rank, chunk);
        if (filters & 8) H5Pset_shuffle(layout);
        if (filters & 16) H5Pset_deflate(layout, 1);
        if (filters & 32) H5Pset_fletcher32(layout);
    }
    return layout;
}

static void new_set(hid_t file, const char *name, unsigned kind, struct fuzz_bytes *in)
{
    int rank;
    hsize_t dims[6];
    hid_t type = make_type(in), space = make_space(in, true, &rank, dims);
    hid_t layout = make_layout(in, rank, dims, kind);
    hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    void *values = set >= 0 && kind != 5 ? make_values(in, type, space) : NULL;
    if (values) H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    free_values(values, type, space);
    if (set >= 0) H5Dclose(set);
    H5Pclose(layout);
    H5Sclose(space);
    H5Tclose(type);
}

/* Rows of bytes, each one deflated chunk, which this program inflates itself. What libhdf5 is to
 * decode gets no other bytes: version 1.10.8 reads beyond chunks that are too short. */
static bool is_packed(hid_t set)
{
    hsize_t chunk[6] = {0};
    unsigned flags;
    hid_t layout = H5Dget_create_plist(set);
    bool packed =
        H5Pget_layout(layout) == H5D_CHUNKED && H5Pget_chunk(layout, 6, chunk) > 0 &&
        chunk[0] == 1 && H5Pget_nfilters(layout) == 1 &&
        H5Pget_filter2(layout, 0, &flags, NULL, NULL, 0, NULL, NULL) == H5Z_FILTER_DEFLATE;
    H5Pclose(layout);
    return packed;
}

/* A set that stays as it is, but for its rows or what is in them. */
static void change_rows(hid_t file, const char *name, unsigned kind, struct fuzz_bytes *in)
{
    hsize_t dims[6] = {0}, offset[6] = {0};
    uint8_t bytes[VALUES];
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    if (set < 0) return;
    hid_t space = H5Dget_space(set);
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    size_t n = 1 + fuzz_byte(in);
    fuzz_fill(in, bytes, n);
    if (kind == 7) {
        const hsize_t before = dims[0]; // chunk by chunk HDF5 forgets rows that a set loses
        dims[0] = bytes[0] < 200 ? bytes[0] : 1ULL << (bytes[0] - 200);
        if (rank > 0 && (before <= ROWS || dims[0] >= before)) H5Dset_extent(set, dims);
    } else if (kind == 8) {
        offset[0] = dims[0] ? bytes[0] % dims[0] : 0;
        if (is_packed(set) && !strcmp(name, "images"))
            H5Dwrite_chunk(set, H5P_DEFAULT, bytes[1] & 1, offset, n, bytes);
    } else if (H5Sget_simple_extent_npoints(space) <= VALUES) {
        hid_t type = H5Dget_type(set);
        void *values = make_values(in, type, space);
        if (values) H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
        free_values(values, type, space);
        H5Tclose(type);
    }
    H5Sclose(space);
    H5Dclose(set);
}

static void change_object(hid_t file, const char *name, unsigned kind, struct fuzz_bytes *in)
{
    if (kind >= 7 && kind < 10) {
        change_rows(file, name, kind, in);
        return;
    }
    H5Ldelete(file, name, H5P_DEFAULT);
    if (kind == 1) {
        hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        if (group >= 0) H5Gclose(group);
    } else if (kind == 2) {
        H5Lcreate_soft(fuzz_below(in, 2) ? name : "images", file, name, H5P_DEFAULT, H5P_DEFAULT);
    } else if (kind == 3) {
        H5Lcreate_external(fuzz_path("valid.h5"), name, file, name, H5P_DEFAULT, H5P_DEFAULT);
    } else if (kind) {
        new_set(file, name, kind, in);
    }
}

const char *fuzz_store_change(const struct fuzz_store *s, struct fuzz_bytes *in)
{
    const char *path = fuzz_put("changed.h5", s->data, s->size);
    unsigned n = fuzz_below(in, CHANGES_MOST + 1);
    if (!n) return path;
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    fuzz_require(file >= 0, "opened");
    for (; n; n--) {
        unsigned at = fuzz_below(in, s->n), kind = fuzz_below(in, KINDS);
        if (*s->target[at].attribute)
            change_attribute(file, s->target[at].object, s->target[at].attribute, kind, in);
        else
            change_object(file, s->target[at].object, kind, in);
    }
    H5Fclose(file);
    return path;
}

void fuzz_store_seeds(const struct fuzz_store *s)
{
    fuzz_seed("", 1);
    for (unsigned at = 0; at < s->n; at++)
        for (uint8_t kind = 0; kind < (*s->target[at].attribute ? 2 : KINDS); kind++) {
            uint8_t data[64] = {1, (uint8_t)at, kind, 2, 1, 3};
            for (uint8_t i = 6; i < sizeof data; i++) data[i] = (uint8_t)(i * kind);
            fuzz_seed(data, sizeof data);
            data[4] = 2, data[6] = 5; // an axis more
            fuzz_seed(data, sizeof data);
        }
}
