/* SPDX-License-Identifier: MIT
 *
 * Texts of variable length, as h5py writes them. In the file each is a reference: its length, the
 * place of a collection of objects and its number there. HDF5 1.10 copies as many bytes as the
 * object has into room for as many as the reference says, and allocates what references of one
 * object add up to; so HDF5 is asked for the references alone, by a conversion that keeps them as
 * they are, and the bytes are read from the collection here. */
#include "io_private.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REFERENCE_BYTES = IO_STORE_REFERENCE, OBJECT_BYTES = 16 };

static uint64_t number(const unsigned char *p, int bytes)
{
    uint64_t value = 0;
    while (bytes-- > 0) value = value << 8 | p[bytes];
    return value;
}

/* --- References -------------------------------------------------------------------------- */

static herr_t keep_references(hid_t from, hid_t to, H5T_cdata_t *state, size_t n, size_t stride,
                              size_t background, void *values, void *old, hid_t list)
{
    (void)n, (void)stride, (void)background, (void)values, (void)old, (void)list;
    if (state->command != H5T_CONV_INIT) return 0;
    state->need_bkg = H5T_BKG_NO;
    return H5Tget_size(from) == REFERENCE_BYTES && H5Tget_size(to) == REFERENCE_BYTES ? 0 : -1;
}

int64_t io_store_reference_type(void)
{
    static hid_t type = -1;
    if (type >= 0) return type;
    hid_t text = H5Tcopy(H5T_C_S1);
    type = H5Tcreate(H5T_OPAQUE, REFERENCE_BYTES);
    if (text < 0 || type < 0 || H5Tset_size(text, H5T_VARIABLE) < 0 ||
        H5Tregister(H5T_PERS_SOFT, "references", text, type, keep_references) < 0) {
        io_store_drop(type);
        type = -1;
    }
    io_store_drop(text);
    return type;
}

/* --- Collections --------------------------------------------------------------------------- */

/* Bytes of a file, of which the last block read is kept: texts lie one after the other. */
struct reader {
    int fd;
    uint64_t objects; /* that may still be looked at */
    uint64_t place;
    size_t have;
    unsigned char block[65536];
};

/* Exactly that many bytes; bytes beyond the end of the file are refused. */
static bool read_at(struct reader *r, void *to, size_t bytes, uint64_t at)
{
    if (at > INT64_MAX) return false;
    if (bytes > sizeof r->block) return pread(r->fd, to, bytes, (off_t)at) == (ssize_t)bytes;
    if (at < r->place || at - r->place > r->have || bytes > r->have - (at - r->place)) {
        ssize_t n = pread(r->fd, r->block, sizeof r->block, (off_t)at);
        r->place = at;
        r->have = n < 0 ? 0 : (size_t)n;
    }
    if (bytes > r->have - (at - r->place)) return false;
    memcpy(to, r->block + (at - r->place), bytes);
    return true;
}

/* --- Texts ------------------------------------------------------------------------------- */

/* A reference, and the row of its text. */
struct wanted {
    uint64_t collection;
    uint32_t object, length;
    size_t row;
    bool found;
};

struct texts {
    char *text; /* (n, width) */
    size_t width, longest;
};

static int compare_wanted(const void *a, const void *b)
{
    const struct wanted *x = a, *y = b;
    if (x->collection != y->collection) return x->collection < y->collection ? -1 : 1;
    return (x->object > y->object) - (x->object < y->object);
}

/* The first of n in one collection, in order, that want an object of at least that number. */
static size_t first_of(const struct wanted *wanted, size_t n, uint64_t object)
{
    size_t low = 0;
    while (low < n) {
        const size_t middle = low + (n - low) / 2;
        if (wanted[middle].object < object)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

/* The text at a place of the file, cut to width - 1 bytes; its length is at least counted. */
static bool read_text(struct reader *r, struct wanted *wanted, uint64_t at, struct texts *to)
{
    char *text = to->text + wanted->row * to->width;
    const size_t kept = wanted->length < to->width ? wanted->length : to->width - 1;
    if (!read_at(r, text, kept, at)) return false;
    text[kept] = '\0';
    const size_t length = kept < wanted->length ? wanted->length : strlen(text);
    if (length > to->longest) to->longest = length;
    return wanted->found = true;
}

/* Every text of n references into one collection, in order; how many of them were found. The
 * collection: "GCOL", version, three zeros, its size; then objects: number, use, four zeros, bytes,
 * and the bytes up to a multiple of eight. No more objects are looked at than the file can hold. */
static size_t read_collection(struct reader *r, struct wanted *wanted, size_t n, struct texts *to)
{
    unsigned char head[OBJECT_BYTES];
    const uint64_t start = wanted->collection;
    size_t found = 0;
    if (!read_at(r, head, sizeof head, start) || memcmp(head, "GCOL", 4)) return 0;
    const uint64_t size = number(head + 8, 8);
    for (uint64_t at = sizeof head; found < n && at < size && r->objects > 0; r->objects--) {
        if (!read_at(r, head, sizeof head, start + at)) break;
        const uint64_t object = number(head, 2), bytes = number(head + 8, 8);
        if (bytes > size - at || object == 0) break;
        at += sizeof head;
        for (size_t i = first_of(wanted, n, object); i < n && wanted[i].object == object; i++) {
            if (wanted[i].found) break; // a second object of that number
            if (wanted[i].length != bytes || !read_text(r, wanted + i, start + at, to)) return 0;
            found++;
        }
        at += (bytes + 7) / 8 * 8;
    }
    return found;
}

/* Collection by collection, so that none is searched twice. `wanted` has room for n. */
static int read_all(struct reader *r, uint64_t base, const unsigned char *reference, size_t n,
                    struct wanted *wanted, struct texts *to)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++, reference += REFERENCE_BYTES) {
        const uint64_t length = number(reference, 4), place = number(reference + 4, 8);
        to->text[i * to->width] = '\0';
        if (length == 0) continue;
        if (place > INT64_MAX - base) return -1;
        wanted[m++] = (struct wanted){base + place, (uint32_t)number(reference + 12, 4),
                                      (uint32_t)length, i, false};
    }
    qsort(wanted, m, sizeof *wanted, compare_wanted);
    for (size_t i = 0, count; i < m; i += count) {
        for (count = 1; i + count < m; count++)
            if (wanted[i + count].collection != wanted[i].collection) break;
        if (read_collection(r, wanted + i, count, to) != count) return -1;
    }
    return 0;
}

/* 1: a text is damaged. */
static int read_file(struct reader *r, const char *path, uint64_t base,
                     const unsigned char *reference, size_t n, struct texts *to)
{
    struct stat info;
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r->fd < 0 || fstat(r->fd, &info))
        return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    r->objects = (uint64_t)info.st_size / OBJECT_BYTES;
    struct wanted *wanted = leadseq_calloc(n, sizeof *wanted);
    if (!wanted) return -1;
    int status = read_all(r, base, reference, n, wanted, to);
    free(wanted);
    return status ? 1 : 0;
}

int io_store_read_references(const struct leadseq_store *store, const char *name,
                             const unsigned char *reference, size_t n, char *texts, size_t width,
                             size_t *longest)
{
    const char *path = store->partial.name ? store->partial.name : store->path;
    struct texts to = {texts, width, 0};
    struct reader *r = leadseq_calloc(1, sizeof *r);
    if (!r) return -1;
    int status = read_file(r, path, store->base, reference, n, &to);
    if (status == 1)
        status = leadseq_fail("%s: %s: a text of variable length is damaged", path, name);
    *longest = to.longest;
    if (r->fd >= 0) close(r->fd);
    free(r);
    return status;
}
