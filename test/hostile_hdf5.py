#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Stacks, checkpoints and diagnostics made to harm who opens them, out of good ones.

hostile_hdf5.py KIND FROM TO NAME   writes one, by changing the data set NAME
hostile_hdf5.py every FROM          writes KIND.h5 of each kind; lists what the message must match
hostile_hdf5.py sets FILE           lists the data sets of a file
hostile_hdf5.py run MB SECONDS COMMAND...   runs a command, and fails where it needs more memory or processor time"""
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
    replace(f, "record", lambda g, n, v: g.create_dataset(n, data=names, dtype=h5py.string_dtype()))
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
    replace(f, name, lambda g, n, v: g.create_dataset(n, (rows, 12, 4, 4), v.dtype, chunks=(1, 12, 4, 4)))
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
    "bomb": (bomb, "does not unpack"),
    "bomb-within": (bomb_within, "does not unpack"),
    "short-chunk": (short_chunk, "does not unpack"),
    "large-chunk": (large_chunk, "chunks of at most"),
    "overlong-object": (overlong_object, "variable length is damaged"),
    "looping-header": (looping_header, "header is damaged"),
}


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
elif sys.argv[1] == "sets":
    with h5py.File(sys.argv[2]) as file:
        file.visititems(lambda n, x: print(n) if isinstance(x, h5py.Dataset) else None)
elif sys.argv[1] == "every":
    for key, (_, pattern) in KINDS.items():
        make(key, sys.argv[2], key + ".h5", "label/mi" if key == "group-link" else "images")
        print(f"{key}\t{pattern}")
else:
    make(*sys.argv[1:])
