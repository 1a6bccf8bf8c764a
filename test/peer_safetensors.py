# SPDX-License-Identifier: MIT
# needs: numpy h5py safetensors
"""safetensors files against the format's own package: it reads what `leadseq export` writes, to the
same bits as the checkpoint, and leadseq reads what it writes, in every type of number that numpy
has."""
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

LEADSEQ = os.path.abspath(os.environ.get("LEADSEQ", "./leadseq"))
PARTS = ["data.train=[1,2,3,4,5,6,7,8,9,10]", "data.valid=[]", "data.test=[]",
         "diagnose.probes=none", "train.threads=1", "train.batch=4", "train.max_steps=1"]
NET = ["model.type=cnn", "model.hidden=[4,6]"]
number, failed = 0, False


def run(*words, expect=0):
    done = subprocess.run([LEADSEQ, *words], capture_output=True, text=True)
    assert done.returncode == expect, (words, done.stderr)
    return done.stderr


def verdict(good, title, why=""):
    global number, failed
    number += 1
    failed |= not good
    print(f"{'ok' if good else 'not ok'} {number} - {title}", flush=True)
    if not good:
        print("#", why)


def stored(path):
    """Parameters and statistics of a checkpoint by name."""
    found = {}
    with h5py.File(path) as file:
        for group in ("weights", "state"):
            for name in file.get(group, {}):
                found[name] = file[group][name][:]
    return found


def same(a, b):
    return a.keys() == b.keys() and all(
        a[k].shape == b[k].shape and np.array_equal(a[k], b[k]) for k in a)


def exported(name, weights, *more):
    """What a training that begins from a file has after a step that moves nothing."""
    run("train", "net.yaml", *NET, *PARTS, "train.lr=1e-30", f"model.weights={weights}",
        "model.weights_strict=true", *more, "--data", "stack.h5", "--out", name)
    run("export", name, "--format", "safetensors", "--checkpoint", "last", "--out", f"{name}.out")
    return load_file(f"{name}.out")


def statistics(name):
    return "running" in name  # the step's own batch moves these


def main():
    os.chdir(tempfile.mkdtemp())
    with open("net.yaml", "w") as file:
        file.write("seed: 3\n")
    run("synth", "--out", "sim", "--patients", "8", "--seed", "4")
    run("render", "--ptbxl", "sim", "--out", "stack.h5", "--size", "24x20")
    run("train", "net.yaml", *NET, *PARTS, "train.lr=1e-2", "--data", "stack.h5", "--out", "run")
    run("export", "run", "--format", "safetensors", "--checkpoint", "last", "--out", "ours")
    ours, truth = load_file("ours"), stored("run/checkpoints/last.h5")
    verdict(same(ours, truth), "the package reads an export, to the bits of the checkpoint",
            (sorted(ours), sorted(truth)))
    with safe_open("ours", "numpy") as file:
        verdict(file.metadata() == {"format": "pt"}, "... and its metadata", file.metadata())
    with open("ours", "rb") as file:
        length = int.from_bytes(file.read(8), "little")
    save_file(ours, "theirs", {"format": "pt"})
    with open("theirs", "rb") as file:
        theirs = file.read()
    with open("ours", "rb") as file:
        verdict(file.read() == theirs and length % 8 == 0,
                "... and writes the same bytes for it", "another order, or header")
    for kind in ("float64", "float32", "float16"):
        rounded = {k: v.astype(kind) for k, v in ours.items()}
        save_file(rounded, kind)
        found = exported(f"from-{kind}", kind)
        wanted = {k: v.astype(np.float32) for k, v in rounded.items() if not statistics(k)}
        verdict(same({k: v for k, v in found.items() if not statistics(k)}, wanted),
                f"leadseq reads {kind} of the package", sorted(found))
    whole = {k: np.rint(40 * v).astype("int32") for k, v in ours.items()}
    for kind in ("int64", "int32", "int16", "int8"):
        save_file({k: v.astype(kind) for k, v in whole.items()}, kind)
        found = exported(f"from-{kind}", kind)
        verdict(same({k: v for k, v in found.items() if not statistics(k)},
                     {k: v.astype(np.float32) for k, v in whole.items() if not statistics(k)}),
                f"leadseq reads {kind} of the package", sorted(found))
    print(f"1..{number}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
