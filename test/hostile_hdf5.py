#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Stacks, checkpoints and diagnostics made to harm who opens them, out of good ones.

hostile_hdf5.py KIND FROM TO NAME   writes one, by changing the data set NAME
hostile_hdf5.py every FROM          writes KIND.h5 of each kind; lists what the message must match
hostile_hdf5.py old FROM TO          copies it in HDF5's old format, as h5py writes it
hostile_hdf5.py sets FILE           lists the data sets of a file
hostile_hdf5.py damage COUNT FILE COMMAND...   damages headers of FILE, made by `old`, again and again; the command
                                     may succeed or refuse it
hostile_hdf5.py run MB SECONDS COMMAND...   runs a command, and fails where it needs more memory or processor time"""
import random
import resource
import struct
import subprocess
import sys
import zlib

if sys.argv[1] != "run":
    import h5py
    import numpy as np


def replace(f, name, make):
    """The data set `name` made again by make(group, leaf, values)."""
    values = f[name][...]
    attributes = dict(f[name].attrs)
    del f[name]
    made = make(f, name, values)
    if made is not None:
        made.attrs.update(attributes)


def external_storage(f, name):
    replace(f, name, lambda g, n, v: g.create_dataset(
        n, v.shape, v.dtype, external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)]))


def external_link(f, name):
    replace(f, name, lambda g, n, v: g.__setitem__(n, h5py.ExternalLink("other.h5", "/" + name)))


def soft_link(f, name):
    f["elsewhere"] = h5py.ExternalLink("other.h5", "/")
    replace(f, name, lambda g, n, v: g.__setitem__(n, h5py.SoftLink("/elsewhere/" + name)))


def group_link(f, name):
    group = name.split("/")[0]
    del f[group]
    f[group] = h5py.ExternalLink("other.h5", "/" + group)


def virtual(f, name):
    def make(g, n, v):
        layout = h5py.VirtualLayout(v.shape, v.dtype)
        layout[...] = h5py.VirtualSource("other.h5", name, v.shape)
        return g.create_virtual_dataset(n, layout)
    replace(f, name, make)


def claim_rows(f, name):
    for key in list(f):
        if isinstance(f[key], h5py.Dataset):
            f[key].resize(10**7, 0)
    for key in f["label"]:
        f["label"][key].resize(10**7, 0)


def claim_contiguous(f, name):
    replace(f, name, lambda g, n, v: g.create_dataset(n, (10**9,) + v.shape[1:], v.dtype))


def claim_wide(f, name):
    """Rows of a gigabyte, of which one small chunk is written."""
    def make(g, n, v):
        made = g.create_dataset(n, v.shape[:-1] + (1 << 22,), v.dtype, chunks=(1,) * (v.ndim - 1) + (64,))
        made[(0,) * v.ndim] = 1
        return made
    replace(f, name, make)


def claim_chunks(f, name):
    """As many chunks as values."""
    replace(f, name, lambda g, n, v: g.create_dataset(n, (len(v), 1 << 20), v.dtype, chunks=(1,) * 2))


def chunk_of(f, name, rows, stored):
    """Chunks of some rows, the first of which is that stream."""
    def make(g, n, v):
        made = g.create_dataset(n, v.shape, v.dtype, chunks=(rows,) + v.shape[1:], maxshape=(None,) + v.shape[1:],
                                compression="gzip")
        made.id.write_direct_chunk((0,) * v.ndim, stored(v), 0)
        return made
    replace(f, name, make)


def zeros(count):
    """A stream of `count` zeros, but for its checksum: a megabyte over and over."""
    packer = zlib.compressobj(9)
    head = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * ((count >> 20) - 1) + packer.flush()


def bomb(f, name):
    """A chunk larger in the file than it should be unpacked."""
    chunk_of(f, name, 2, lambda v: zeros(1 << 30))


def bomb_within(f, name):
    """A chunk smaller in the file than unpacked, which unpacks to nearly a thousand times its size."""
    chunk_of(f, name, len(f[name]), lambda v: zeros(v.nbytes * 900 & -(1 << 20)))


def short_chunk(f, name):
    """A chunk that unpacks to less than its size: the rest would be memory of the program."""
    chunk_of(f, name, len(f[name]), lambda v: zlib.compress(bytes(100)))


def large_chunk(f, name):
    """One chunk of a gigabyte, honestly compressed."""
    def make(g, n, v):
        rows = (1 << 30) // v[0].nbytes
        made = g.create_dataset(n, v.shape, v.dtype, chunks=(rows,) + v.shape[1:], maxshape=(None,) + v.shape[1:],
                                compression="gzip")
        made.id.write_direct_chunk((0,) * v.ndim, zeros(1 << 30), 0)
        return made
    replace(f, name, make)


def other_filter(f, name):
    replace(f, name, lambda g, n, v: g.create_dataset(n, data=v, chunks=(1,) + v.shape[1:], compression="lzf"))


def reference_of(f, length):
    """Names as texts of variable length; each refers to one text of 20 MB, and says it has that length."""
    count = len(f["record"])
    texts = ["x" * 40] * (count - 1) + ["y" * (20 << 20)]
    replace(f, "record", lambda g, n, v: g.create_dataset(n, data=texts, dtype=h5py.string_dtype()))
    where = f["record"].id.get_offset()
    name = f.filename
    f.close()
    with open(name, "r+b") as raw:
        raw.seek(where + 16 * (count - 1))
        last = raw.read(16)
        raw.seek(where)
        raw.write((struct.pack("<I", length) + last[4:]) * count)


def overlong_object(f, name):
    reference_of(f, 8)


def shared_object(f, name):
    reference_of(f, 20 << 20)


def other_type(f, name):
    replace(f, name, lambda g, n, v: g.create_dataset(n, (len(v),), np.dtype([("a", "u1"), ("b", "f8")])))


def deep(f, name):
    replace(f, name, lambda g, n, v: g.create_dataset(n, (1,) * 20, "u1"))


def looping_header(f, name):
    """The header of a data set continues in a block of 256 kB, which continues with itself."""
    size = 256 << 10
    replace(f, name, lambda g, n, v: g.create_dataset(n, data=v))
    block = f.create_dataset("block", data=np.zeros(size, "u1")).id.get_offset()
    header, file = h5py.h5o.get_info(f[name].id).addr, f.filename
    f.close()
    with open(file, "r+b") as raw:
        there = struct.pack("<QQ", block, size)
        raw.seek(block)
        raw.write(struct.pack("<HHI", 0x10, 16, 0) + there)
        raw.seek(header + 16)
        raw.write(struct.pack("<H", 0x10))  # instead of its first message
        raw.seek(header + 24)
        raw.write(there)


def ordinary(f, name):
    """As h5py users write them: no harm in it."""
    names = [x.decode() for x in f["record"][...]]
    replace(f, "record", lambda g, n, v: g.create_dataset(n, data=names, dtype=h5py.string_dtype(), compression="gzip"))
    replace(f, name, lambda g, n, v: g.create_dataset(n, data=v, chunks=True, compression="gzip", shuffle=True,
                                                      fletcher32=True))
    for key, value in list(f.attrs.items()):
        if isinstance(value, np.bytes_):
            f.attrs[key] = value.decode()
    f["lead_scale"] = np.arange(12)
    f["lead_scale"].make_scale("lead")
    f["images"].dims[1].attach_scale(f["lead_scale"])
    f["images"].attrs["note"] = h5py.Empty("f")


def many_names(f, name):
    """Two hundred thousand rows, whose names lie in the file in another order than the references to them."""
    rows = 200000
    for key in [k for k in f if k != name and isinstance(f[k], h5py.Dataset)]:
        replace(f, key, lambda g, n, v: g.create_dataset(n, data=np.resize(v, (rows,) + v.shape[1:])))
    for key in f["label"]:
        replace(f["label"], key, lambda g, n, v: g.create_dataset(n, data=np.resize(v, (rows,) + v.shape[1:])))
    f["ecg_id"][...] = f["patient_id"][...] = np.arange(rows)
    replace(f, name, lambda g, n, v: g.create_dataset(n, data=np.zeros((rows, 12, 4, 4), v.dtype),
                                                      chunks=(1000, 12, 4, 4), compression="gzip"))
    f.attrs["height"] = f.attrs["width"] = np.int64(4)
    replace(f, "record", lambda g, n, v: g.create_dataset(
        n, data=[f"record{i:06}" for i in range(rows)], dtype=h5py.string_dtype()))
    where = f["record"].id.get_offset()
    path = f.filename
    f.close()
    references = np.memmap(path, "V16", "r+", where, (rows,))
    references[...] = references[np.random.default_rng(1).permutation(rows)]
    references.flush()


HARMLESS = {"many-names": many_names, "ordinary": ordinary, "shared-object": shared_object}
KINDS = {
    "external-storage": (external_storage, "external storage"),
    "external-link": (external_link, "soft or external link"),
    "soft-link": (soft_link, "soft or external link"),
    "group-link": (group_link, "soft or external link"),
    "virtual": (virtual, "virtual data set"),
    "other-filter": (other_filter, "filter 32000"),
    "other-type": (other_type, "expected|shape"),
    "deep": (deep, "axes|expected"),
    "claim-contiguous": (claim_contiguous, "claims 1000000000 rows"),
    "claim-rows": (claim_rows, "claims 10000000 rows"),
    "claim-wide": (claim_wide, "claims .* rows of"),
    "claim-chunks": (claim_chunks, "claims .* rows of"),
    "bomb": (bomb, "does not unpack"),
    "bomb-within": (bomb_within, "does not unpack"),
    "short-chunk": (short_chunk, "does not unpack"),
    "large-chunk": (large_chunk, "chunks of at most"),
    "overlong-object": (overlong_object, "variable length is damaged"),
    "looping-header": (looping_header, "header is damaged"),
}


# --- damaged headers ---------------------------------------------------------------------------

SPACE, TYPE, ATTRIBUTE, CONTINUED = 1, 3, 12, 16


def old(source, target):
    """All made again, since copies of objects keep their format; the texts of data sets as h5py's users write them."""
    with h5py.File(source) as before, h5py.File(target, "w", libver="earliest") as new:
        new.attrs.update(dict(before.attrs))

        def make_again(name, x):
            if isinstance(x, h5py.Dataset):
                variable = x.dtype.kind == "S"
                new.create_dataset(name, data=x.asstr()[...] if variable else x[...], chunks=x.chunks, maxshape=x.maxshape,
                                   dtype=h5py.string_dtype() if variable else x.dtype, compression=x.compression)
            else:
                new.create_group(name)
            new[name].attrs.update({k: v.decode() if isinstance(v, np.bytes_) else v for k, v in x.attrs.items()})

        before.visititems(make_again)


def messages(raw, at, size):
    """(first byte, end) of each message about a space, a type or an attribute, head included."""
    end = at + size
    while at + 8 <= end:
        kind, count = struct.unpack_from("<HH", raw, at)
        if kind == CONTINUED:
            yield from messages(raw, *struct.unpack_from("<QQ", raw, at + 8))
        elif kind in (SPACE, TYPE, ATTRIBUTE):
            yield at, at + 8 + count
        at += 8 + count


def damaged(raw, places, random_of):
    """`places`: lists of messages. The file with one or two numbers of a header changed, to what a length may not be."""
    raw = bytearray(raw)
    for _ in range(random_of.choice((1, 1, 2))):
        begin, end = random_of.choice(random_of.choice(places))
        width = random_of.choice((1, 1, 2, 4))
        at = random_of.randrange(begin, end - width + 1)
        value = int.from_bytes(raw[at:at + width], "little")
        value = random_of.choice((0, value + 1, value - 1, value + 8, value * 2, -1, value ^ 1 << random_of.randrange(8),
                                  random_of.getrandbits(8 * width)))
        raw[at:at + width] = (value % (1 << 8 * width)).to_bytes(width, "little")
    return raw


def damage(count, name, command):
    """Whether the command ended well each time; some of the files have to be refused."""
    with open(name, "rb") as file:
        raw = file.read()
    places = [], []  # of the file itself, whose attributes are read first, and of what is in it
    with h5py.File(name) as file:
        objects = [file]
        file.visititems(lambda n, x: objects.append(x))
        for x in objects:
            at = h5py.h5o.get_info(x.id).addr
            places[x is not file].extend(messages(raw, at + 16, struct.unpack_from("<I", raw, at + 8)[0]))
    random_of, noticed, ended_well = random.Random(count), 0, True
    for i in range(count):
        made = damaged(raw, places, random_of)
        with open(name, "wb") as file:
            file.write(made)
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        noticed += done.returncode == 1 or b"damaged" in done.stdout
        if done.returncode not in (0, 1) or (done.returncode == 1) != done.stderr.startswith(b"leadseq: "):
            changes = [(j, raw[j], made[j]) for j in range(len(raw)) if raw[j] != made[j]]
            print(f"file {i}, exit status {done.returncode}, bytes (place, old, new) {changes}:\n"
                  f"{done.stderr.decode(errors='replace')}", file=sys.stderr)
            ended_well = False
    with open(name, "wb") as file:
        file.write(raw)
    if not count // 10 < noticed < count:
        print(f"{noticed} of {count} damaged files noticed", file=sys.stderr)
    return ended_well and count // 10 < noticed < count


def make(kind, source, target, name):
    with h5py.File(source) as old, h5py.File(target, "w") as new:
        for key in old:
            old.copy(key, new)
        new.attrs.update(dict(old.attrs))
        (HARMLESS.get(kind) or KINDS[kind][0])(new, name)


def run(most_mb, most_seconds, command):
    """The command's exit status, 99 where it needed more memory or time than that."""
    status = subprocess.run(command).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    if used.ru_maxrss > int(most_mb) << 10 or seconds > float(most_seconds):
        print(f"{used.ru_maxrss >> 10} MB of memory and {seconds:.1f} s, expected at most "
              f"{most_mb} MB and {most_seconds} s", file=sys.stderr)
        return 99
    return status if status >= 0 else 128 - status


if sys.argv[1] == "run":
    sys.exit(run(sys.argv[2], sys.argv[3], sys.argv[4:]))
elif sys.argv[1] == "old":
    old(*sys.argv[2:])
elif sys.argv[1] == "damage":
    sys.exit(0 if damage(int(sys.argv[2]), sys.argv[3], sys.argv[4:]) else 1)
elif sys.argv[1] == "sets":
    with h5py.File(sys.argv[2]) as file:
        file.visititems(lambda n, x: print(n) if isinstance(x, h5py.Dataset) else None)
elif sys.argv[1] == "every":
    for key, (_, pattern) in KINDS.items():
        make(key, sys.argv[2], key + ".h5", "label/mi" if key == "group-link" else "images")
        print(f"{key}\t{pattern}")
else:
    make(*sys.argv[1:])
