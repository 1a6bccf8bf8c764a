/* SPDX-License-Identifier: MIT
 *
 * Headers of objects before HDF5 reads them. HDF5 before 1.14.1 trusts the lengths it finds in
 * messages of attributes and data types, and reads past their ends where they are damaged; files
 * of the older format, which h5py writes, have no checksums that would tell. Here the messages
 * are walked, and those two, and the data spaces, must lie within themselves. Nothing is decoded
 * for use: what passes is read by HDF5. */
#include "io_private.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SPACE = 0x01,
    TYPE = 0x03,
    ATTRIBUTE = 0x0C,
    CONTINUED = 0x10,
    MOST_BYTES = 16 << 20, /* of a header, which may continue with itself, */
    CHUNK_COST = 4096,     /* besides these of each of its chunks: it may have as many as fit */
    MOST_DEPTH = 8,        /* of types in types */
    PREFIX_BYTES = 16,
    HEAD_BYTES = 8, /* of a message */
};

/* Bytes not yet looked at; `bad` once more was wanted than there is. */
struct span {
    const uint8_t *at, *end;
    bool bad;
};

static const uint8_t *take(struct span *s, uint64_t bytes)
{
    static const uint8_t nothing[32];
    if (s->bad || bytes > (uint64_t)(s->end - s->at)) {
        s->bad = true;
        return nothing;
    }
    s->at += bytes;
    return s->at - bytes;
}

static uint64_t number(struct span *s, unsigned bytes)
{
    const uint8_t *p = take(s, bytes);
    uint64_t value = 0;
    while (bytes-- > 0) value = value << 8 | p[bytes];
    return value;
}

static struct span part(struct span *s, uint64_t bytes)
{
    const uint8_t *p = take(s, bytes);
    return (struct span){p, s->bad ? p : p + bytes, s->bad};
}

/* A name with its closing zero, in older versions filled up to a multiple of eight. */
static void take_name(struct span *s, bool padded)
{
    const uint8_t *zero = s->bad ? NULL : memchr(s->at, 0, (size_t)(s->end - s->at));
    if (!zero) s->bad = true;
    const uint64_t bytes = zero ? (uint64_t)(zero - s->at) + 1 : 0;
    take(s, padded ? (bytes + 7) / 8 * 8 : bytes);
}

/* --- Data types ------------------------------------------------------------------------ */

static uint64_t take_type(struct span *s, int depth);

static void take_members(struct span *s, unsigned version, uint64_t members, uint64_t size,
                         int depth)
{
    unsigned bytes = 1;
    while (version >= 3 && bytes < 4 && size >> (8 * bytes)) bytes++;
    for (uint64_t i = 0; !s->bad && i < members; i++) {
        take_name(s, version < 3);
        const uint64_t offset = number(s, version < 3 ? 4 : bytes);
        if (version == 1) take(s, 28);
        if (take_type(s, depth + 1) > size - (offset < size ? offset : size)) s->bad = true;
    }
}

/* Returns the bytes of a value. */
static uint64_t take_type(struct span *s, int depth)
{
    enum { OPAQUE = 5, COMPOUND, REFERENCE, ENUMERATION, VARIABLE, ARRAY };
    static const uint8_t of_a_number[ARRAY + 1] = {4, 12, 2, 0, 4}; // integers, reals, times, bits
    const uint64_t head = number(s, 1), flags = number(s, 3), size = number(s, 4), kind = head & 15;
    const unsigned version = (unsigned)head >> 4;
    if (version < 1 || version > 5 || depth > MOST_DEPTH || !size || kind > ARRAY) s->bad = true;
    if (s->bad) return 0;
    take(s, kind == OPAQUE ? flags & 255 : of_a_number[kind]);
    if (kind == COMPOUND) take_members(s, version, flags & 65535, size, depth);
    if (kind == ARRAY) {
        const uint64_t axes = number(s, 1);
        if (axes > H5S_MAX_RANK) s->bad = true;
        take(s, (version < 3 ? 3 : 0) + axes * (version < 3 ? 8 : 4));
    }
    const uint64_t inner = kind >= ENUMERATION ? take_type(s, depth + 1) : 0;
    for (uint64_t i = 0; kind == ENUMERATION && !s->bad && i < (flags & 65535); i++)
        take_name(s, version < 3);
    if (kind == ENUMERATION) take(s, (flags & 65535) * inner);
    return size;
}

/* --- Data spaces and attributes ------------------------------------------------------ */

/* Returns the number of values. */
static uint64_t take_space(struct span *s)
{
    const uint64_t version = number(s, 1), axes = number(s, 1), flags = number(s, 1);
    const bool none = number(s, version == 1 ? 5 : 1) == 2 && version == 2;
    uint64_t values = 1;
    if (version < 1 || version > 2 || axes > H5S_MAX_RANK) s->bad = true;
    for (uint64_t i = 0; !s->bad && i < axes; i++)
        if (__builtin_mul_overflow(values, number(s, 8), &values)) s->bad = true;
    if (flags & 1) take(s, 8 * axes);
    return none ? 0 : values;
}

static void check_attribute(struct span *s)
{
    const uint64_t version = number(s, 1), flags = number(s, 1), names = number(s, 2),
                   types = number(s, 2), spaces = number(s, 2);
    const uint64_t fill = version == 1 ? 7 : 0;
    uint64_t bytes;
    if (version < 1 || version > 3 || (version > 1 && flags)) s->bad = true; // flags: shared parts
    if (version == 3) take(s, 1);
    struct span name = part(s, (names + fill) & ~fill), type = part(s, (types + fill) & ~fill),
                space = part(s, (spaces + fill) & ~fill);
    take_name(&name, false);
    const uint64_t size = take_type(&type, 0), values = take_space(&space);
    if (name.bad || type.bad || space.bad || __builtin_mul_overflow(size, values, &bytes))
        s->bad = true;
    else
        take(s, bytes);
}

/* --- Headers ----------------------------------------------------------------------------- */

struct header {
    int fd;
    uint64_t base; /* of the file: its user block */
    uint64_t left; /* bytes that may still be looked at */
};

static bool check_chunk(struct header *h, uint64_t at, uint64_t bytes);

/* A message: its type, bytes, flags, three zeros, and that many bytes. */
static bool check_message(struct header *h, struct span *s)
{
    const uint64_t type = number(s, 2), bytes = number(s, 2), shared = number(s, 4) & 2;
    struct span body = part(s, bytes);
    if (type == CONTINUED) {
        const uint64_t at = number(&body, 8), more = number(&body, 8);
        return !body.bad && check_chunk(h, at, more);
    }
    if (type == ATTRIBUTE) check_attribute(&body);
    if (type == TYPE) take_type(&body, 0);
    if (type == SPACE) take_space(&body);
    return !body.bad && !(shared && (type == ATTRIBUTE || type == TYPE || type == SPACE));
}

static bool check_chunk(struct header *h, uint64_t at, uint64_t bytes)
{
    if (bytes > h->left || h->left < CHUNK_COST + bytes || at > INT64_MAX - h->base) return false;
    h->left -= CHUNK_COST + bytes;
    uint8_t *block = leadseq_calloc(bytes, 1);
    struct span s = {block, block + bytes, false};
    bool ok = block && pread(h->fd, block, bytes, (off_t)(h->base + at)) == (ssize_t)bytes;
    while (ok && s.end - s.at >= HEAD_BYTES) ok = check_message(h, &s);
    free(block);
    return ok;
}

/* Version 1 begins with its version and, after seven bytes, the bytes of its first chunk. Version 2
 * has checksums, which HDF5 compares. */
static bool check_header(struct header *h, uint64_t place)
{
    uint8_t prefix[PREFIX_BYTES];
    if (place > INT64_MAX - h->base ||
        pread(h->fd, prefix, sizeof prefix, (off_t)(h->base + place)) != PREFIX_BYTES)
        return false;
    if (!memcmp(prefix, "OHDR", 4)) return true;
    struct span s = {prefix + 8, prefix + PREFIX_BYTES, false};
    return prefix[0] == 1 && check_chunk(h, place + PREFIX_BYTES, number(&s, 4));
}

int io_store_check_header(const struct leadseq_store *store, const char *name, uint64_t place)
{
    const char *path = store->partial.name ? store->partial.name : store->path;
    struct header h = {
        .fd = open(path, O_RDONLY | O_CLOEXEC), .base = store->base, .left = MOST_BYTES};
    if (h.fd < 0) return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    bool ok = check_header(&h, place);
    close(h.fd);
    if (ok) return 0;
    return leadseq_fail("%s: %s: its header is damaged: an attribute, a type or a size reaches "
                        "beyond its end; copy or make the file again",
                        store->path, name);
}
