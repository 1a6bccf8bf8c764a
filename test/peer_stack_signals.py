# SPDX-License-Identifier: MIT
# needs: numpy h5py
"""Signals that `leadseq render` stores, read by h5py, against the samples in the WFDB files read by
numpy; and a stack whose signals h5py wrote, as leadseq reads it."""
import json
import os
import re
import subprocess
import tempfile

import h5py
import numpy as np

LEADSEQ = os.path.abspath(os.environ.get("LEADSEQ", "./leadseq"))
CASES = 0
os.chdir(tempfile.mkdtemp())


def check(name, ok, detail=""):
    global CASES
    CASES += 1
    print(f"{'ok' if ok else 'not ok'} {CASES} - {name}" + ("" if ok else f"\n# {detail}"))


def leadseq(*arguments):
    return subprocess.run([LEADSEQ, *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True)


def render(out, *arguments):
    done = leadseq("render", "--ptbxl", "sim", "--out", out, *arguments)
    if done.returncode:
        print(f"Bail out! {done.stderr}")
        raise SystemExit(1)
    return h5py.File(out, "r")


def wfdb(record, rate):
    """(lead, sample) float32 mV of a record whose samples are 16-bit integers, 1000 per mV."""
    number, folder = record.split("_")[0], f"sim/records{rate}"
    path = f"{folder}/{int(number) // 1000 * 1000:05d}/{number}_{'lr' if rate == 100 else 'hr'}"
    header = open(path + ".hea").read()
    gains = {float(g) for g in re.findall(r"\.dat 16 ([0-9.]+)", header)}
    assert gains == {1000.0}, gains
    steps = np.fromfile(path + ".dat", "<i2").reshape(-1, 12).T
    return np.where(steps == -32768, np.nan, steps / 1000).astype(np.float32)


def same(a, b):
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=True)


leadseq("synth", "--out", "sim", "--patients", 12, "--seed", 5)
both, only = render("both.h5", "--size", "24x24", "--signals"), render("only.h5", "--signals-only")
names = [r.decode() for r in only["record"][:]]
expected = np.array([wfdb(name, 100) for name in names])
check("/signals is float32, one record per chunk", only["signals"].dtype == np.float32
      and only["signals"].chunks == (1, 12, 1000), only["signals"])
check("every sample is the WFDB file's", same(only["signals"][:], expected))
check("unit and axes are attributes", only["signals"].attrs["unit"] == b"mV"
      and list(only["signals"].attrs["axes"]) == [b"record", b"lead", b"sample"],
      dict(only["signals"].attrs))
check("with pictures they are the same", same(both["signals"][:], expected)
      and both["images"].shape == (len(names), 12, 24, 24))
check("a stack without pictures says nothing of drawings", "images" not in only
      and not {"style", "profile", "width", "height"} & set(only.attrs), dict(only.attrs))
for name in ("ecg_id", "patient_id", "strat_fold", "age", "sex", "quality", "label/mi",
             "label/superclass"):
    check(f"/{name} is the same in both", np.array_equal(both[name][:], only[name][:]))
plain = render("plain.h5", "--size", "24x24")
check("pictures do not depend on signals", np.array_equal(plain["images"][:], both["images"][:])
      and "signals" not in plain)

steps = render("steps.h5", "--signals-only", "--signal-gain", 1000)
check("integers of 1000 per mV are exact", steps["signals"].dtype == np.int16
      and steps["signals"].attrs["gain"] == 1000
      and same((steps["signals"][:] / 1000).astype(np.float32), expected))
coarse = render("coarse.h5", "--signals-only", "--signal-gain", 20)
check("coarser ones are the nearest", np.array_equal(coarse["signals"][:],
                                                     np.rint(expected.astype(float) * 20)))
part = render("part.h5", "--signals-only", "--window", "7.5:5")
check("a window is cut, and what is after the end is missing",
      part["signals"].shape == (len(names), 12, 500)
      and same(part["signals"][:, :, :250], expected[:, :, 750:])
      and np.isnan(part["signals"][:, :, 250:]).all() and part.attrs["window_s"] == 5)
part = render("parts.h5", "--signals-only", "--window", "7.5:5", "--signal-gain", 1000)
check("... also of integers", (part["signals"][:, :, 250:] == part["signals"].attrs["missing"]).all()
      and part["signals"].attrs["missing"] == -32768)
fast = render("fast.h5", "--signals-only", "--rate", 500)
check("at 500 Hz they are the other files'",
      same(fast["signals"][:], np.array([wfdb(n.replace("_lr", "_hr"), 500) for n in names])))

# As another program may store them: real numbers of 64 bits, big-endian, compressed.
with h5py.File("only.h5", "r") as f, h5py.File("other.h5", "w") as g:
    for key, value in f.attrs.items():
        g.attrs[key] = value
    for key in f:
        if key != "signals":
            f.copy(key, g)
    g.create_dataset("signals", data=f["signals"][:].astype(">f8"), compression="gzip", chunks=True)
said = leadseq("info", "other.h5", "--json")
check("info reads what h5py wrote", said.returncode == 0
      and json.loads(said.stdout)["signals"]["samples"] == 1000, said.stderr)
with h5py.File("other.h5", "r+") as g:
    del g["signals"]
    g.create_dataset("signals", data=np.zeros((len(names), 12, 999), np.float32))
said = leadseq("info", "other.h5")
check("another number of samples than the window's is refused", said.returncode == 1
      and "expected 12 leads of 1000 samples" in said.stderr, said.stderr)
with h5py.File("other.h5", "r+") as g:
    del g["signals"]
    g.create_dataset("signals", data=np.zeros((len(names) + 1, 12, 1000), np.float32))
said = leadseq("info", "other.h5")
check("another number of records than the columns' is refused", said.returncode == 1
      and "as /signals has" in said.stderr, said.stderr)
print(f"1..{CASES}")
