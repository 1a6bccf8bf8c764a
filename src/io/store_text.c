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
#include <unistd.h>

enum { REFERENCE_BYTES = IO_STORE_REFERENCE, OBJECT_BYTES = 16, MOST_OBJECTS = 65535 };

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

/* The place of an object's bytes in the file, 0 where there is none of that number and length. The
 * collection: "GCOL", version, three zeros, its size; then objects: number, use, four zeros, bytes,
 * and the bytes up to a multiple of eight. */
static uint64_t find_object(struct reader *r, uint64_t collection, uint64_t wanted, uint64_t length)
{
    unsigned char head[OBJECT_BYTES];
    if (!read_at(r, head, sizeof head, collection) || memcmp(head, "GCOL", 4)) return 0;
    const uint64_t size = number(head + 8, 8);
    uint64_t at = sizeof head;
    for (int i = 0; i < MOST_OBJECTS && at < size; i++) {
        if (!read_at(r, head, sizeof head, collection + at)) return 0;
        const uint64_t bytes = number(head + 8, 8);
        if (bytes > size - at || number(head, 2) == 0) return 0;
        at += sizeof head;
        if (number(head, 2) == wanted) return bytes == length ? collection + at : 0;
        at += (bytes + 7) / 8 * 8;
    }
    return 0;
}

/* The text of a reference, cut to width - 1 bytes; its length is at least counted. */
static int read_text(struct reader *r, uint64_t base, const unsigned char *reference, char *text,
                     size_t width, size_t *length)
{
    const uint64_t bytes = number(reference, 4), place = number(reference + 4, 8);
    *length = 0;
    text[0] = '\0';
    if (bytes == 0) return 0;
    const uint64_t at =
        place < INT64_MAX ? find_object(r, base + place, number(reference + 12, 4), bytes) : 0;
    const size_t kept = bytes < width ? bytes : width - 1;
    if (!at || !read_at(r, text, kept, at)) return -1;
    text[kept] = '\0';
    *length = kept < bytes ? bytes : strlen(text);
    return 0;
}

static int read_all(struct reader *r, uint64_t base, const unsigned char *reference, size_t n,
                    char *texts, size_t width, size_t *longest)
{
    *longest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t length;
        if (read_text(r, base, reference + i * REFERENCE_BYTES, texts + i * width, width, &length))
            return -1;
        if (length > *longest) *longest = length;
    }
    return 0;
}

int io_store_read_references(const struct leadseq_store *store, const unsigned char *reference,
                             size_t n, char *texts, size_t width, size_t *longest)
{
    const char *path = store->partial.name ? store->partial.name : store->path;
    struct reader *r = leadseq_calloc(1, sizeof *r);
    if (!r) return -1;
    r->fd = open(path, O_RDONLY | O_CLOEXEC);
    int status = r->fd < 0 ? leadseq_fail("%s: cannot be read: %s", path, strerror(errno))
                           : read_all(r, store->base, reference, n, texts, width, longest);
    if (r->fd >= 0 && status)
        status = leadseq_fail("%s: a text of variable length is damaged", path);
    if (r->fd >= 0) close(r->fd);
    free(r);
    return status;
}
