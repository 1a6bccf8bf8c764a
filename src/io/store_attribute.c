/* SPDX-License-Identifier: MIT
 *
 * Attributes of a store's objects: texts, integers, reals and lists of them.
 * Texts are written with fixed length, because HDF5 guards those by checksums. */
#include "io/store.h"

#include "io_private.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

/* "/label/mi, attribute rule" */
static int attribute_fail(const struct leadseq_store *store, const char *object, const char *name,
                          const char *what)
{
    char place[256];
    snprintf(place, sizeof place, "%s, attribute %s", object, name);
    return io_store_hdf5_fail(store, place, what);
}

/* Takes `type` over. n: SIZE_MAX for a single value. */
static int set(struct leadseq_store *store, const char *object, const char *name, hid_t type,
               size_t n, const void *values)
{
    hsize_t count = n;
    io_store_enter();
    hid_t space = n == SIZE_MAX ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, NULL);
    hid_t owner = io_store_open_object(store, object);
    hid_t id = owner < 0 ? -1 : H5Acreate2(owner, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    int status = id < 0 || H5Awrite(id, type, values) < 0
                     ? attribute_fail(store, object, name, "cannot be written")
                     : 0;
    io_store_drop(id);
    io_store_drop(owner);
    io_store_drop(space);
    io_store_drop(type);
    io_store_leave();
    return status;
}

bool leadseq_store_has_attribute(struct leadseq_store *store, const char *object, const char *name)
{
    io_store_enter();
    hid_t owner = io_store_open_object(store, object);
    bool has = owner >= 0 && H5Aexists(owner, name) > 0;
    io_store_drop(owner);
    io_store_leave();
    return has;
}

int leadseq_store_set_text(struct leadseq_store *store, const char *object, const char *name,
                           const char *text)
{
    io_store_enter();
    hid_t type = io_store_text_type(strlen(text) + 1);
    io_store_leave();
    return set(store, object, name, type, SIZE_MAX, text);
}

int leadseq_store_set_texts(struct leadseq_store *store, const char *object, const char *name,
                            const char *const *texts, size_t n)
{
    size_t width = 1;
    for (size_t i = 0; i < n; i++)
        if (strlen(texts[i]) >= width) width = strlen(texts[i]) + 1;
    char *table = leadseq_calloc(n, width);
    if (!table) return -1;
    for (size_t i = 0; i < n; i++) snprintf(table + i * width, width, "%s", texts[i]);
    io_store_enter();
    hid_t type = io_store_text_type(width);
    io_store_leave();
    int status = set(store, object, name, type, n, table);
    free(table);
    return status;
}

int leadseq_store_set_int(struct leadseq_store *store, const char *object, const char *name,
                          int64_t value)
{
    io_store_enter();
    hid_t type = H5Tcopy(H5T_NATIVE_INT64);
    io_store_leave();
    return set(store, object, name, type, SIZE_MAX, &value);
}

int leadseq_store_set_ints(struct leadseq_store *store, const char *object, const char *name,
                           const int64_t *values, size_t n)
{
    io_store_enter();
    hid_t type = H5Tcopy(H5T_NATIVE_INT64);
    io_store_leave();
    return set(store, object, name, type, n, values);
}

int leadseq_store_set_real(struct leadseq_store *store, const char *object, const char *name,
                           double value)
{
    io_store_enter();
    hid_t type = H5Tcopy(H5T_NATIVE_DOUBLE);
    io_store_leave();
    return set(store, object, name, type, SIZE_MAX, &value);
}

int leadseq_store_set_reals(struct leadseq_store *store, const char *object, const char *name,
                            const double *values, size_t n)
{
    io_store_enter();
    hid_t type = H5Tcopy(H5T_NATIVE_DOUBLE);
    io_store_leave();
    return set(store, object, name, type, n, values);
}

/* --- Reading --------------------------------------------------------------------- */

/* An attribute of the requested kind, with its number of values; negative and a message if not. */
static hid_t get(struct leadseq_store *store, const char *object, const char *name,
                 enum leadseq_store_kind kind, size_t most, size_t *n)
{
    static const char *const word[] = {"an integer", "a real number", "a text", "something else"};
    hid_t owner = io_store_open_object(store, object);
    if (owner < 0) return -1;
    hid_t id = H5Aopen(owner, name, H5P_DEFAULT);
    io_store_drop(owner);
    if (id < 0) return attribute_fail(store, object, name, "is missing");
    hid_t type = H5Aget_type(id), space = H5Aget_space(id);
    enum leadseq_store_kind found = io_store_kind_of(type);
    hssize_t points = H5Sget_simple_extent_npoints(space);
    io_store_drop(type);
    io_store_drop(space);
    bool fits = found == kind || (kind == LEADSEQ_KIND_REAL && found == LEADSEQ_KIND_INTEGER);
    if (fits && points >= 0 && (size_t)points <= most && (n || points == 1)) {
        if (n) *n = (size_t)points;
        return id;
    }
    io_store_drop(id);
    if (!fits)
        return leadseq_fail("%s: %s, attribute %s: expected %s, found %s", store->path, object,
                            name, word[kind], word[found]);
    return leadseq_fail("%s: %s, attribute %s: expected %s%zu values, found %lld", store->path,
                        object, name, n ? "at most " : "", most, (long long)points);
}

/* One value of a number's type. */
static int get_number(struct leadseq_store *store, const char *object, const char *name, bool real,
                      void *value)
{
    io_store_enter();
    hid_t native = real ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
    hid_t id = get(store, object, name, real ? LEADSEQ_KIND_REAL : LEADSEQ_KIND_INTEGER, 1, NULL);
    int status = id < 0 ? -1 : 0;
    if (!status && H5Aread(id, native, value) < 0)
        status = attribute_fail(store, object, name, "cannot be read");
    io_store_drop(id);
    io_store_leave();
    return status;
}

int leadseq_store_get_int(struct leadseq_store *store, const char *object, const char *name,
                          int64_t *value)
{
    return get_number(store, object, name, false, value);
}

int leadseq_store_get_real(struct leadseq_store *store, const char *object, const char *name,
                           double *value)
{
    return get_number(store, object, name, true, value);
}

static int read_variable(const struct leadseq_store *store, const char *place, hid_t id, size_t n,
                         char *texts, size_t width, size_t *longest)
{
    unsigned char *reference = leadseq_calloc(n, IO_STORE_REFERENCE);
    if (!reference) return -1;
    int status = H5Aread(id, io_store_reference_type(), reference) < 0
                     ? io_store_hdf5_fail(store, place, "reading failed")
                     : io_store_read_references(store, place, reference, n, texts, width, longest);
    free(reference);
    return status;
}

static int read_fixed(const struct leadseq_store *store, const char *place, hid_t id, size_t n,
                      char *texts, size_t width, size_t *longest)
{
    hid_t type = H5Aget_type(id);
    const size_t stored = H5Tget_size(type);
    if (store->bytes && stored > store->bytes / (n ? n : 1)) {
        io_store_drop(type);
        return leadseq_fail("%s: %s: expected texts the file can hold, found %zu of %zu bytes",
                            store->path, place, n, stored);
    }
    char *table = leadseq_calloc(n, stored);
    int status = table ? 0 : -1;
    if (table && H5Aread(id, type, table) < 0)
        status = io_store_hdf5_fail(store, place, "reading failed");
    for (size_t i = 0; !status && i < n; i++) {
        size_t length = strnlen(table + i * stored, stored);
        if (length > *longest) *longest = length;
        snprintf(texts + i * width, width, "%.*s", (int)length, table + i * stored);
    }
    free(table);
    io_store_drop(type);
    return status;
}

static int read_texts(const struct leadseq_store *store, const char *object, const char *name,
                      hid_t id, size_t n, char *texts, size_t width, size_t *longest)
{
    char place[256];
    hid_t type = H5Aget_type(id);
    const bool variable = H5Tis_variable_str(type) > 0;
    io_store_drop(type);
    *longest = 0;
    snprintf(place, sizeof place, "%s, attribute %s", object, name);
    if (variable) return read_variable(store, place, id, n, texts, width, longest);
    return read_fixed(store, place, id, n, texts, width, longest);
}

int leadseq_store_get_texts(struct leadseq_store *store, const char *object, const char *name,
                            char *texts, size_t width, size_t max, size_t *n)
{
    size_t longest;
    io_store_enter();
    hid_t id = get(store, object, name, LEADSEQ_KIND_TEXT, max, n);
    int status = id < 0 ? -1 : 0;
    if (!status) status = read_texts(store, object, name, id, *n, texts, width, &longest);
    if (!status && longest >= width)
        status =
            leadseq_fail("%s: %s, attribute %s: expected a text of at most %zu bytes, found %zu",
                         store->path, object, name, width - 1, longest);
    io_store_drop(id);
    io_store_leave();
    return status;
}

int leadseq_store_get_text(struct leadseq_store *store, const char *object, const char *name,
                           char *text, size_t width)
{
    size_t n;
    if (leadseq_store_get_texts(store, object, name, text, width, 1, &n)) return -1;
    if (n == 1) return 0;
    return leadseq_fail("%s: %s, attribute %s: expected a text, found an empty list", store->path,
                        object, name);
}
