#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# needs: numpy h5py
"""Reads our stacks with h5py alone, writes stacks to the same plan with h5py for us to read,
and changes single things in them that we must notice."""
import os
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy as np

LEADS = ["I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6"]
N, HEIGHT, WIDTH = 23, 24, 40
folder = tempfile.mkdtemp()
count = failed = 0


def check(name, ok, detail=""):
    global count, failed
    count += 1
    failed += not ok
    print(f"{'ok' if ok else 'not ok'} {count} - {name}" + ("" if ok else f"\n# {detail}"))


def driver(*arguments):
    return subprocess.run(["test/stack_driver", *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def expected_images(channels):
    size = 12 * HEIGHT * WIDTH * channels
    at = np.arange(size)
    images = np.array([np.where(at % 7, 255, (at // 7 + i) % 251) for i in range(N)], np.uint8)
    return images.reshape((N, 12, HEIGHT, WIDTH) + ((3,) if channels == 3 else ()))


def expected_columns():
    i = np.arange(N)
    likelihood = np.where(i % 5 == 4, np.nan, 12.5 * (i % 9)).astype(np.float32)
    return {
        "ecg_id": (10 + 3 * i).astype(np.int32),
        "patient_id": (500 + i // 2).astype(np.int32),
        "strat_fold": (1 + i % 10).astype(np.int32),
        "age": np.where(i % 4, 30 + i, -1).astype(np.int32),
        "sex": (i % 3 - 1).astype(np.int32),
        "quality": (17 * i % 256).astype(np.uint16),
        "label/mi": np.where(i % 5 == 4, 255, i % 2).astype(np.uint8),
        "label/mi_site": (i % 16).astype(np.uint8),
        "label/mi_likelihood": likelihood,
        "label/superclass": np.eye(5, dtype=np.uint8)[i % 5],
    }


def read_with_h5py(profile, channels):
    path = os.path.join(folder, profile + ".h5")
    written = driver("write", path, N, profile)
    check(f"{profile}: a stack is written", written.returncode == 0, written.stderr)
    with h5py.File(path, "r") as f:
        images = f["images"]
        row = (1, 12, HEIGHT, WIDTH) + ((3,) if channels == 3 else ())
        check(f"{profile}: /images is uint8, a record a chunk, deflate alone",
              images.dtype == np.uint8 and images.chunks == row and images.compression == "gzip"
              and not images.fletcher32 and not images.shuffle, f"{images.dtype} {images.chunks}")
        check(f"{profile}: every pixel is as written",
              np.array_equal(images[:], expected_images(channels)))
        for name, values in expected_columns().items():
            found = f[name][:]
            check(f"{profile}: /{name} is {values.dtype} and as written",
                  found.dtype == values.dtype and np.array_equal(found, values, equal_nan=values.dtype.kind == "f"),
                  f"{found.dtype} {found}")
        names = [text(r) for r in f["record"][:]]
        check(f"{profile}: /record names the records",
              names == [f"record-{i:03d}" for i in range(N)], names)
        a = f.attrs
        check(f"{profile}: the attributes say what was drawn",
              a["schema_version"] == 1 and text(a["style"]) == "dataset4"
              and text(a["profile"]) == profile and (a["width"], a["height"]) == (WIDTH, HEIGHT)
              and a["rate_hz"] == 100 and [text(t) for t in a["lead_names"]] == LEADS, dict(a))
        check(f"{profile}: the attributes say where it came from",
              text(a["source"]) == "formulas" and text(a["command_line"]) == "stack_driver write"
              and text(a["program_version"]).startswith("leadseq ") and len(text(a["created"])) == 20,
              dict(a))
        check(f"{profile}: the labels carry their rules",
              all("rule" in f["label"][k].attrs for k in ("mi", "mi_site", "mi_likelihood", "superclass"))
              and [text(t) for t in f["label/superclass"].attrs["class_names"]]
              == ["NORM", "MI", "STTC", "CD", "HYP"])
    return path


def rewrite(path, name, **options):
    """The same contents as h5py stores them by itself: old format, texts of variable length."""
    other = os.path.join(folder, name)
    with h5py.File(path, "r") as f, h5py.File(other, "w") as g:
        for key, value in f.attrs.items():
            g.attrs[key] = [text(v) for v in value] if key == "lead_names" else \
                text(value) if isinstance(value, bytes) else value
        g.create_dataset("images", data=f["images"][:], **options)
        g["record"] = [text(r) for r in f["record"][:]]
        for key in expected_columns():
            values = f[key][:]
            g[key] = values.astype(np.int64) if values.dtype == np.int32 else values
    return other


def write_with_h5py(path):
    ours = driver("show", path)
    check("a stack of ours is shown", ours.returncode == 0 and ours.stdout.count("\n") == N, ours.stderr)
    at = np.arange(1, 12 * HEIGHT * WIDTH + 1, dtype=np.uint64)
    sums = [str(int((at * image.ravel()).sum()) % 2**32) for image in expected_images(1)]
    check("its sums are those of the formula",
          [line.split("\t")[-1] for line in ours.stdout.splitlines()] == sums)
    ways = {"contiguous": {}, "gzip": {"chunks": (1, 12, HEIGHT, WIDTH), "compression": "gzip"},
            "shuffled": {"chunks": (2, 12, 8, 8), "compression": "gzip", "shuffle": True}}
    for name, options in ways.items():
        shown = driver("show", rewrite(path, name + ".h5", **options))
        check(f"a stack by h5py, {name}, reads the same", shown.stdout == ours.stdout, shown.stderr)


def change(path, name, action, words):
    other = os.path.join(folder, "changed.h5")
    shutil.copyfile(path, other)
    with h5py.File(other, "r+") as f:
        action(f)
    shown = driver("show", other)
    check(f"{name} is refused in words",
          shown.returncode == 1 and words in shown.stderr and other in shown.stderr, shown.stderr)


def replace(f, name, values):
    del f[name]
    f[name] = values


def changes(path):
    change(path, "a newer schema", lambda f: f.attrs.modify("schema_version", 2), "schema version")
    change(path, "a column cut short", lambda f: replace(f, "age", f["age"][:-1]), "/age: expected 23 rows")
    change(path, "an id twice", lambda f: f["ecg_id"].__setitem__(1, 10), "ecg_id 10 appears twice")
    change(path, "a missing key", lambda f: f.__delitem__("patient_id"), "patient_id")
    change(path, "another width", lambda f: f.attrs.modify("width", 41), "its attributes say")
    change(path, "reals for ids", lambda f: replace(f, "ecg_id", f["ecg_id"][:] + .5), "expected integers")
    change(path, "ids beyond 32 bits", lambda f: replace(f, "ecg_id", f["ecg_id"][:].astype(np.int64) + 2**31), "2147483647")
    change(path, "patients beyond 32 bits",
           lambda f: replace(f, "patient_id", f["patient_id"][:].astype(np.uint64) + 2**40), "2147483647")
    change(path, "labels of -1", lambda f: replace(f, "label/mi", f["label/mi"][:].astype(np.int64) - 1),
           "0 to 255")
    change(path, "16-bit images", lambda f: replace(f, "images", f["images"][:].astype(np.uint16)), "8-bit")


try:
    stack = read_with_h5py("paper-text", 1)
    read_with_h5py("paper-code", 3)
    write_with_h5py(stack)
    changes(stack)
finally:
    shutil.rmtree(folder)
print(f"1..{count}")
sys.exit(failed > 0)
