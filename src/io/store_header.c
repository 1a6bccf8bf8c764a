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
    MOST_CHUNKS = 4096,
    MOST_BYTES = 16 << 20, /* of all chunks of a header: one may continue with itself */
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

static void take_enumeration(struct span *s, unsigned version, uint64_t members, int depth)
{
    const uint64_t size = take_type(s, depth + 1);
    for (uint64_t i = 0; !s->bad && i < members; i++) take_name(s, version < 3);
    take(s, members * size);
}

static void take_array(struct span *s, unsigned version, int depth)
{
    const uint64_t axes = number(s, 1);
    if (axes > H5S_MAX_RANK) s->bad = true;
    take(s, (version < 3 ? 3 : 0) + axes * (version < 3 ? 8 : 4));
    take_type(s, depth + 1);
}

/* Returns the bytes of a value. */
static uint64_t take_type(struct span *s, int depth)
{
    const uint64_t head = number(s, 1), flags = number(s, 3), size = number(s, 4);
    const unsigned version = (unsigned)head >> 4;
    if (version < 1 || version > 5 || depth > MOST_DEPTH || !size) s->bad = true;
    if (s->bad) return 0;
    switch (head & 15) {
    case 0: // integers
    case 4: // bits
        take(s, 4);
        break;
    case 1: // reals
        take(s, 12);
        break;
    case 2: // times
        take(s, 2);
        break;
    case 3: // texts
    case 7: // references
        break;
    case 5: // opaque: a tag
        take(s, flags & 255);
        break;
    case 6:
        take_members(s, version, flags & 65535, size, depth);
        break;
    case 8:
        take_enumeration(s, version, flags & 65535, depth);
        break;
    case 9: // of variable length
        take_type(s, depth + 1);
        break;
    case 10:
        take_array(s, version, depth);
        break;
    default:
        s->bad = true;
    }
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
    uint64_t bytes;
    int chunks;
};

static bool check_chunk(struct header *h, uint64_t at, uint64_t bytes);

static bool check_message(struct header *h, unsigned type, bool shared, struct span body)
{
    if (type == CONTINUED) {
        const uint64_t at = number(&body, 8), bytes = number(&body, 8);
        return !body.bad && check_chunk(h, at, bytes);
    }
    if (type != ATTRIBUTE && type != TYPE && type != SPACE) return true;
    if (shared) return false;
    if (type == ATTRIBUTE) check_attribute(&body);
    if (type == TYPE) take_type(&body, 0);
    if (type == SPACE) take_space(&body);
    return !body.bad;
}

/* A message: its type, bytes, flags, three zeros, and that many bytes. */
static bool check_messages(struct header *h, struct span s)
{
    while (s.end - s.at >= HEAD_BYTES) {
        const unsigned type = (unsigned)number(&s, 2);
        const uint64_t bytes = number(&s, 2), flags = number(&s, 4) & 255;
        struct span body = part(&s, bytes);
        if (s.bad || !check_message(h, type, flags & 2, body)) return false;
    }
    return true;
}

static bool check_chunk(struct header *h, uint64_t at, uint64_t bytes)
{
    if (bytes > MOST_BYTES - h->bytes || at > INT64_MAX - h->base || h->chunks++ > MOST_CHUNKS)
        return false;
    h->bytes += bytes;
    uint8_t *block = leadseq_calloc(bytes, 1);
    bool ok = block && pread(h->fd, block, bytes, (off_t)(h->base + at)) == (ssize_t)bytes &&
              check_messages(h, (struct span){block, block + bytes, false});
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
    struct header h = {.fd = open(path, O_RDONLY | O_CLOEXEC), .base = store->base};
    if (h.fd < 0) return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    bool ok = check_header(&h, place);
    close(h.fd);
    if (ok) return 0;
    return leadseq_fail("%s: %s: its header is damaged: an attribute, a type or a size reaches "
                        "beyond its end; copy or make the file again",
                        store->path, name);
}
