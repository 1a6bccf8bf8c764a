#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares two folders that golden.sh recorded; see there.

usage: golden_compare.py [--deliberate FILE] OLD NEW

Every file of OLD must be in NEW and say the same: datasets and attributes of HDF5 and numbers of
JSON and TSV to the last bit or digit, pictures to the last byte. NEW may have more files, keys,
columns, datasets and attributes. What is left out is left out by name, in the tables below. Prints
a line a difference: FILE: OBJECT [INDEX]: OLD != NEW, and what is deliberate by the rows that
FILE has between its two marks. Exit status: 0 the same, 1 not, 2 nothing to compare.
"""
import fnmatch
import json
import os
import re
import sys

import h5py
import numpy

# --- What is not compared, by name ------------------------------------------------------------

# Files. What they say in prose is in JSON and TSV beside them, digit by digit.
SKIPPED_FILES = {
    "*.log": "the same of a sweep's jobs",
    "*/log.txt": "the same of a run, with dates",
    "*.html": "prose and figures; the figures are compared as SVG and TSV",
    "*.md": "the same as Markdown; its numbers are in JSON",
    "*/environment.tex": "machine, versions, date and command of a report",
    "*.lock": "empty",
    "made/stopped/*": "where a signal stops a training is left to chance",
    "*/went-on-*.resume.err": "begins where that was",
    "skipped.txt": "what was not recorded",
}

# Keys of JSON whose value is a text, or a list of texts, whose number alone is compared.
SKIPPED_TEXTS = {
    "started": "time", "created": "time", "planned": "time",
    "host": "machine", "system": "machine", "cpu": "machine", "engine": "machine",
    "leadseq": "version", "compiler": "version", "jansson": "version", "mpi": "version",
    "program": "version", "program_version": "version", "git_commit": "version",
    "path": "path", "stack": "path", "command": "path", "command_line": "path",
    "title": "prose", "mechanism": "prose", "advice": "prose", "not_concluded": "prose",
    "notes": "prose", "words": "prose", "topic": "prose",
}

# Keys of JSON whose value is a number.
SKIPPED_NUMBERS = {
    "seconds": "time", "waited_s": "time", "step_s": "time", "probe_s": "time",
    "processors": "machine", "file_bytes": "has the size of texts such as the command in it",
}
# But of a record, its length.
KEPT_NUMBERS = ["*record*.out seconds"]

SKIPPED_COLUMNS = {
    "seconds": "time", "waited_s": "time", "step_s": "time", "probe_s": "time",
}

SKIPPED_ATTRIBUTES = {
    "command_line": "path", "created": "time", "program_version": "version",
}

# Lines of messages (*.err) whose numbers are compared; others are progress, engine, prose.
KEPT_MESSAGES = re.compile(r"(warning|note|train|valid|test|all|epoch \d+): ")

# Lines of texts.
SKIPPED_LINES = {"available": "memory of the machine at that moment"}

# Times in texts: "0.3 s", "12.5/s", "0:01", "about 2 min left".
TIMES = re.compile(r"about .* left|\d+(\.\d+)?(e[-+]?\d+)? ?(ms|s|min)\b|\d[\d.e+]*/s|"
                   r"\d+:\d\d(:\d\d)?")
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|nan|inf)(?![\w])")


class Comparison:
    """Counts and prints; one line an object, however many of its values differ."""

    def __init__(self, deliberate):
        self.deliberate = [[row, reason, 0] for row, reason in deliberate]
        self.differences = 0
        self.objects = 0
        self.files = 0

    def object(self, same=True):
        self.objects += 1
        return same

    def differs(self, file, what, old, new, index="", count=1):
        line = f"{file}: {what}{index}: {short(old)} != {short(new)}"
        if count > 1:
            line += f" (first of {count})"
        for row in self.deliberate:
            if fnmatch.fnmatchcase(file, row[0][0]) and fnmatch.fnmatchcase(what, row[0][1]):
                row[2] += 1
                print(f"deliberate: {line}")
                return
        self.differences += 1
        print(f"different: {line}")


def short(value):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 90 else text[:60] + "..." + text[-27:]


def named(name, table):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in table)


# --- HDF5 -------------------------------------------------------------------------------------

def values(old):
    """An array's values as bytes that compare bit for bit, NaN with NaN too."""
    a = numpy.ascontiguousarray(old)
    if a.dtype.kind == "O":
        return numpy.array([repr(x) for x in a.ravel()], dtype=str)
    return a.reshape(-1).view(f"V{a.dtype.itemsize}") if a.size else a.reshape(-1)


def arrays(c, file, what, old, new):
    c.object()
    old, new = numpy.asarray(old), numpy.asarray(new)
    if old.dtype != new.dtype or old.shape != new.shape:
        c.differs(file, what, f"{old.dtype} {old.shape}", f"{new.dtype} {new.shape}", " type")
        return
    a, b = values(old), values(new)
    if a.tobytes() == b.tobytes():
        return
    bad = numpy.flatnonzero(a != b)
    first = int(bad[0])
    index = [int(i) for i in numpy.unravel_index(first, old.shape)] if old.shape else []
    both = [x.ravel()[first].item() for x in (old, new)]
    if repr(both[0]) == repr(both[1]):
        both = [x.ravel()[first].tobytes().hex() for x in (old, new)]  # NaN of other bits
    c.differs(file, what, *both, f" {index}", len(bad))


def attributes(c, file, what, old, new):
    for name in old.attrs:
        if name in SKIPPED_ATTRIBUTES:
            continue
        title = f"{what}@{name}"
        if name not in new.attrs:
            c.differs(file, title, "there", "absent")
        else:
            arrays(c, file, title, old.attrs[name], new.attrs[name])


def groups(c, file, old, new, path=""):
    attributes(c, file, path or "/", old, new)
    for name in old:
        what = f"{path}/{name}"
        if name not in new:
            c.differs(file, what, "there", "absent")
        elif isinstance(old[name], h5py.Group) != isinstance(new[name], h5py.Group):
            c.differs(file, what, type(old[name]).__name__, type(new[name]).__name__)
        elif isinstance(old[name], h5py.Group):
            groups(c, file, old[name], new[name], what)
        else:
            a, b = old[name], new[name]
            arrays(c, file, what, a[()], b[()])
            attributes(c, file, what, a, b)
            stored = [(x.chunks, x.compression, x.compression_opts, x.shuffle) for x in (a, b)]
            if stored[0] != stored[1]:
                c.differs(file, what, *stored, " storage")


def hdf5(c, file, old, new):
    with h5py.File(old, "r") as a, h5py.File(new, "r") as b:
        groups(c, file, a, b)


# --- Tables and texts -------------------------------------------------------------------------

def text(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def columns(path):
    """Columns by title; a number is appended to a title that appears twice."""
    lines = [line.split("\t") for line in text(path).splitlines()]
    lines = [line for line in lines if line != [""]]
    table, seen = {}, {}
    for i, title in enumerate(lines[0] if lines else []):
        seen[title] = seen.get(title, 0) + 1
        key = title if seen[title] == 1 else f"{title}#{seen[title]}"
        table[key] = [row[i] if i < len(row) else None for row in lines[1:]]
    return table


def tsv(c, file, old, new):
    a, b = columns(old), columns(new)
    for name, cells in a.items():
        if name in SKIPPED_COLUMNS:
            continue
        c.object()
        if name not in b:
            c.differs(file, name, "there", "absent")
            continue
        lists(c, file, name, cells, b[name], "row")


def lists(c, file, what, old, new, unit):
    """One line for the first difference of two lists, the length included."""
    bad = [i for i in range(min(len(old), len(new))) if old[i] != new[i]]
    if bad:
        c.differs(file, what, old[bad[0]], new[bad[0]], f" [{unit} {bad[0] + 1}]", len(bad))
    if len(old) != len(new):
        c.differs(file, what, f"{len(old)} {unit}s", f"{len(new)} {unit}s")


def messages(c, file, old, new):
    numbers(c, file, old, new, KEPT_MESSAGES)


def numbers(c, file, old, new, only=re.compile("")):
    """The numbers of each line of a text that has any, in their order, but times."""
    lines = []
    for path in (old, new):
        kept = [x for x in text(path).splitlines()
                if only.match(x) and not any(s in x for s in SKIPPED_LINES)]
        found = [NUMBER.findall(TIMES.sub("", line)) for line in kept]
        lines.append([" ".join(f) for f in found if f])
    c.object()
    lists(c, file, "numbers", *lines, "line")


def experiment(path):
    """Values by section.key of an experiment, without origins; other lines by their number."""
    table, section, lines = {}, "", 0
    for line in text(path).splitlines():
        line = re.sub(r"(^|\s+)#.*", "", line)
        found = re.fullmatch(r"( *)([\w.]+):(?: +(.*))?", line)
        if found and not found[1] and found[3] is None:
            section = found[2] + "."
        elif found:
            table[(section if found[1] else "") + found[2]] = found[3]
        elif line:
            lines += 1
            table[f"line {lines}"] = line
    return table


def yaml(c, file, old, new):
    a, b = experiment(old), experiment(new)
    for key, value in a.items():
        c.object()
        if b.get(key) != value:
            c.differs(file, key, value, b.get(key, "absent"))


def octets(c, file, old, new):
    c.object()
    with open(old, "rb") as f, open(new, "rb") as g:
        a, b = f.read(), g.read()
    if a == b:
        return
    first = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    near = [repr(x[first:first + 16]) + f" of {len(x)} bytes" for x in (a, b)]
    c.differs(file, "bytes", *near, f" [{first}]")


# --- JSON -------------------------------------------------------------------------------------

class Digits(str):
    """A number as it is written."""

    def __repr__(self):
        return str(self)


def read_json(path):
    return json.loads(text(path), parse_float=Digits, parse_int=Digits, parse_constant=Digits)


def skipped(file, what, key, value):
    if isinstance(value, Digits):
        return key in SKIPPED_NUMBERS and not named(f"{file} {what}", KEPT_NUMBERS)
    return isinstance(value, str) and key in SKIPPED_TEXTS


def tree(c, file, what, key, old, new):
    """`key` is the nearest name above: a list's elements go by the list's."""
    if skipped(file, what, key, old):
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for k, v in old.items():
            below = f"{what}.{k}" if what else k
            if k in new:
                tree(c, file, below, k, v, new[k])
            else:
                c.differs(file, below, short(v), "absent")
    elif isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            c.differs(file, what, f"{len(old)} elements", f"{len(new)} elements")
        for i, (v, w) in enumerate(zip(old, new)):
            tree(c, file, f"{what}.{i}", key, v, w)
    else:
        c.object()
        if type(old) is not type(new) or old != new:
            c.differs(file, what, old, new)


def json_files(c, file, old, new):
    tree(c, file, "", "", read_json(old), read_json(new))


def output(c, file, old, new):
    """What a command printed: JSON, a table, an experiment or words with numbers in them."""
    first = text(old).lstrip()[:1]
    if first == "{":
        json_files(c, file, old, new)
    elif text(old).startswith("id\tlogit"):
        tsv(c, file, old, new)
    elif "/print/" in file or "-print" in file:
        yaml(c, file, old, new)
    else:
        numbers(c, file, old, new)


# --- Folders ----------------------------------------------------------------------------------

BY_NAME = [
    ("*.h5", hdf5), ("*.json", json_files), ("*.tsv", tsv), ("*.yaml", yaml),
    ("*.tex", numbers), ("*.out", output), ("*.err", messages), ("*", octets),
]


def files_of(folder):
    found = []
    for root, _, names in os.walk(folder):
        found += [os.path.relpath(os.path.join(root, name), folder) for name in names]
    return sorted(found)


def not_recorded(folder):
    """Rows 'PATTERN why' of what a recording left out, as golden.sh says."""
    path = os.path.join(folder, "skipped.txt")
    rows = text(path).splitlines() if os.path.exists(path) else []
    return [row.split(" ", 1) for row in rows if row.strip()]


def compare_file(c, name, old, new):
    c.files += 1
    compared = next(f for pattern, f in BY_NAME if fnmatch.fnmatchcase(name, pattern))
    try:
        compared(c, name, old, new)
    except (OSError, ValueError, KeyError, IndexError) as error:
        c.differs(name, "file", "readable", f"{type(error).__name__}: {error}")


def deliberate_rows(path):
    """Rows '#! FILE OBJECT | reason' between the marks."""
    rows, inside = [], False
    for line in text(path).splitlines() if path else []:
        if "DELIBERATE DIFFERENCES ---" in line:
            inside = "END OF" not in line
        elif inside and line.startswith("#! "):
            found = re.fullmatch(r"#! +(\S+) +(\S.*?) +\| *(\S.*)", line)
            if not found:
                sys.exit(f"{path}: expected '#! FILE OBJECT | reason', found '{line}'")
            rows.append(((found[1], found[2]), found[3]))
    return rows


def main(arguments):
    listed = None
    if arguments[:1] == ["--deliberate"] and len(arguments) > 1:
        listed, arguments = arguments[1], arguments[2:]
    if len(arguments) != 2 or not all(os.path.isdir(folder) for folder in arguments):
        print(__doc__, file=sys.stderr)
        return 2
    old, new = arguments
    c = Comparison(deliberate_rows(listed))
    left_out = not_recorded(new)
    names, there = files_of(old), set(files_of(new))
    for name in names:
        if named(name, SKIPPED_FILES) or named(name, [row[0] for row in left_out]):
            continue
        if name in there:
            compare_file(c, name, os.path.join(old, name), os.path.join(new, name))
        else:
            c.differs(name, "file", "there", "absent")
    added = sorted(there - set(names))
    for name in added[:20]:
        print(f"note: only in {new}: {name}")
    if len(added) > 20:
        print(f"note: and {len(added) - 20} files more")
    for pattern, why in not_recorded(old) + left_out:
        print(f"note: not compared: {pattern}: {why}")
    for (file, what), reason, count in c.deliberate:
        print(f"deliberate, {count} times: {file} {what}: {reason}")
    allowed = sum(row[2] for row in c.deliberate)
    print(f"{c.differences} differences, {allowed} deliberate ones; "
          f"{c.objects} objects of {c.files} files compared")
    return 2 if not c.objects else 1 if c.differences else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
